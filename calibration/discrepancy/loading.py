"""The instrument of a file of draws: sizes as they are kept for it, or measured anew from a run of the baseline."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from innovation.calibration.kept_results import RESULTS, KeptResult, number, path_of, read
from innovation.calibration.posterior.draws import PosteriorDraws
from innovation.calibration.posterior.fingerprint import LENGTH, marks_of
from innovation.calibration.posterior.own_record import record_of
from innovation.calibration.record.observations import Record
from innovation.calibration.reference_class.rule import YEARS
from innovation.calibration.reference_class.tables import CORRELATIONS, REFERENCE
from innovation.model import FOLDER, RECORD_ENDS, City
from innovation.model.files import Fault, fault, near, original, phrase, shown
from innovation.scenarios import load_scenario
from innovation.scenarios.simulation import LINE_VIEW, parameters, sound_figures

from .entries import DISCREPANCY, Assumed, DiscrepancyError, read_assumed
from .instrument import DiscrepancyInstrument
from .sizes import LINES, CountSize, Size, Sizes, measured

PART = "discrepancy"
MEMBERS = 400  # of the draws, spread, where sizes are measured for one command: quartiles err by a twentieth
BASELINE = "baseline"
SIZES = ("reference", "own", "added")
ROUNDED, LARGEST = 1e-4, 1e3  # part of squares that six digits may leave open; no size, growth or x is larger


def instrument_of(city: City, draws: PosteriorDraws, record: Record | None = None) -> DiscrepancyInstrument | None:
    """How figures of the city with these draws are published; None for a city of other files than the project's.

    Of draws that belong to a record of one's own, sizes are measured anew and errors go on from that record.

    Raises DiscrepancyError where what is assumed of it, or what is kept of its sizes, cannot be read; TooManyFailed
    where they are measured anew and too many draws fail.
    """
    if city.folder != FOLDER:
        return None
    record = record or record_of(city, draws)
    assumed = of_record(read_assumed(city), record)
    if not record.name and (faults := list(_group_faults(assumed, record))):
        raise DiscrepancyError(faults)
    kept = None if record.name else read(PART)
    found = sizes_of(kept, assumed, city.years[-1]) if kept and kept.belongs_to(marks(city, draws, record)) else None
    sizes = found or measure(city, draws, record, assumed, MEMBERS)
    return DiscrepancyInstrument(city, record, assumed, sizes, draws.errors, draws.distinct, draws.record.seed)


def _group_faults(assumed: Assumed, record: Record) -> Iterator[Fault]:
    """A group that no figure of the record has: its errors would be drawn from their prior, and nobody told."""
    groups = {figure.group for figure in record.observations}
    for name, one in assumed.readings.items():
        if one.group is not None and one.group not in groups:
            yield fault(
                "calibration.no_error_group",
                shown(DISCREPANCY),
                None,
                f"readings, {name}, group",
                group=one.group,
                near=near(one.group, groups),
            )


def of_record(assumed: Assumed, record: Record) -> Assumed:
    """What is assumed, without what it has from the city's record where that is not the record of the draws.

    Growth to 2010 is then that of the draws themselves, and numbers of events are those of the record where it has
    them; of what it says nothing they stay as assumed for the city.
    """
    if not record.name:
        return assumed
    classes = {
        name: None if row is None else row.model_copy(update={"city_growth": None})
        for name, row in assumed.classes.items()
    }
    events = {
        figure.of: figure.value
        for figure in record.observations
        if figure.operator == "increment" and figure.reading == "exact"
        if (figure.first, figure.last) == (RECORD_ENDS - YEARS, RECORD_ENDS)
    }
    counts = {
        name: one.model_copy(update={"events": events[name]}) if name in events else one
        for name, one in assumed.counts.items()
    }
    return dataclasses.replace(assumed, classes=classes, counts=counts)


def measure(city: City, draws: PosteriorDraws, record: Record, assumed: Assumed, members: int | None = None) -> Sizes:
    """Sizes from a run of the baseline with the draws, or so many of them, spread.

    Raises TooManyFailed where too many of them fail.
    """
    count = draws.distinct
    places = np.unique(np.linspace(0, count - 1, min(members or count, count)).round().astype(int))
    some = {name: values[places] for name, values in draws.draws.items()}
    given = parameters(city, load_scenario(city, BASELINE), some, nominal=False)
    found, failures = sound_figures(city, {BASELINE: [given]})
    line = np.zeros(len(places))
    if LINE_VIEW in city.variants:
        line = some[city.spelling(*city.locate(city.variants[LINE_VIEW].constant))]
    sizes = measured(city, record, assumed, found[BASELINE][0], line[failures.kept])
    return dataclasses.replace(sizes, left_out=failures.as_design)


def marks(city: City, draws: PosteriorDraws, record: Record) -> dict[str, str]:
    """What kept sizes belong to: model, record, draws, priors, and what is assumed of discrepancies."""
    return {**marks_of(city, record.observations, draws.z), "assumptions": assumptions_mark()}


def assumptions_mark() -> str:
    """A short mark of what is assumed of discrepancies."""
    digest = hashlib.sha256()
    for path in (DISCREPANCY, REFERENCE, CORRELATIONS):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:LENGTH]


def sizes_of(kept: KeptResult, assumed: Assumed, last: int, folder: Path = RESULTS) -> Sizes:
    """The sizes in a kept result, of the years to `last`.

    Raises DiscrepancyError where a number is none, where numbers of a row do not fit each other, or where a row is
    missing, stands twice or has another year than its place.
    """
    quantities: dict[str, list[Mapping[str, str]]] = {}
    counts = {}
    try:
        for row in kept.rows:
            place = assumed.quantities.get(row["name"])
            _checked(row, in_full=row["kind"] == "quantity" and place is not None and place.part == "place")
            if row["kind"] == "count":
                if row["name"] in counts:
                    raise ValueError(phrase("calibration.size_twice", name=row["name"]))
                counts[row["name"]] = CountSize(*(number(row, name) for name in SIZES))
            else:
                quantities.setdefault(row["name"], []).append(row)
        if (quantities.keys(), counts.keys()) != (assumed.quantities.keys(), assumed.counts.keys()):
            raise ValueError(phrase("calibration.size_lacking"))
        years = [str(year) for year in range(RECORD_ENDS + 1, last + 1)]
        for name, rows in quantities.items():
            if [row["year"] for row in rows] != years:
                raise ValueError(phrase("calibration.year_of_size", name=name))
        return Sizes({name: _size(rows) for name, rows in quantities.items()}, counts)
    except (KeyError, ValueError, TypeError) as error:
        raise DiscrepancyError(
            [fault("calibration.sizes_damaged", shown(path_of(PART, folder)), why=original(error))]
        ) from None


def _checked(row: Mapping[str, str], in_full: bool) -> None:
    """Raises ValueError where a row's numbers are none, or do not follow from each other as they were made."""
    if row["kind"] not in ("quantity", "count"):
        raise ValueError(phrase("calibration.no_kind", kind=row["kind"]))
    numbers = {name: number(row, name) for name in (*SIZES, "total")}
    if row["kind"] == "quantity":
        numbers |= {name: number(row, name) for name in (*LINES, "x")}
    said = f"{row['name']} {row['year']}"
    for name, value in numbers.items():
        if not abs(value) <= LARGEST:
            raise ValueError(phrase("calibration.no_size", name=name, of=said))
        if value < 0 and name in (*SIZES, "total"):
            raise ValueError(phrase("calibration.size_below", name=name, of=said, value=value))
    reference, own, added, total = (numbers[name] for name in (*SIZES, "total"))
    expected = reference**2 if in_full else max(0.0, reference**2 - own**2)
    pairs = ((added**2, expected), (total**2, own**2 + added**2))
    if any(abs(one - other) > ROUNDED * (reference**2 + own**2) for one, other in pairs):
        raise ValueError(phrase("calibration.sizes_apart", of=said))


def _size(rows: list[Mapping[str, str]]) -> Size:
    columns = {name: np.array([number(row, name) for row in rows]) for name in SIZES}
    first = rows[0]
    if any(row[name] != first[name] for row in rows for name in (*LINES, "x")):
        raise ValueError(phrase("calibration.line_moves", of=first["name"]))
    pairs = {name: (number(first, f"{name}_0"), number(first, f"{name}_1")) for name in ("growth", "shift")}
    return Size(
        first["of"], columns["reference"], columns["own"], columns["added"], pairs["growth"], pairs["shift"],
        number(first, "x"),
    )  # fmt: skip

"""A record of one's own beside the city's: read by the city's rules, carried by the draws of its fit, never mixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from innovation.calibration.record.observations import (
    OBSERVATIONS,
    Observation,
    ObservationError,
    Record,
    disagreements,
    read_record,
)
from innovation.model import City
from innovation.model.files import Document, Phrase, Value, chained, fault, phrase, read_table, shown, tamed

from .draws import SHORT, DrawsRecord, PosteriorDraws, refused
from .fingerprint import TOLD, record_hash
from .likelihood import Posterior

Rows = dict[str, Mapping[str, Any]]

NAMED = 3  # figures of a kind that a sentence names
TRIED = 64  # draws of the priors in which a figure is looked for


def read_own_record(city: City, path: Path) -> Record:
    """A researcher's record: a file with the columns and the rules of observations.csv, but for sources.

    What a figure's `source` says is the researcher's affair, no key of sources.bib. Conflicts, figures left aside and
    reasons are the city's, and there are none here.

    Raises ObservationError with every fault of the file, where it is the city's own, or where no figure in it counts.
    """
    if _same(path, OBSERVATIONS):
        raise _faulty(path, "calibration.citys_record")
    observations, document, faults = read_table(path, Observation)
    faults += disagreements(city, observations, document, any_source=True)
    if faults:
        raise ObservationError(faults)
    found = Record(tuple(observations), (), (), (), tamed(path.name))
    if not found.counted:
        raise _faulty(path, "calibration.nothing_counts")
    return found


def rows_of(record: Record) -> tuple[dict[str, Any], ...]:
    """The observations as plain data, which draws carry."""
    return tuple(figure.model_dump() for figure in record.observations)


def record_of(city: City, draws: PosteriorDraws) -> Record:
    """The record that draws belong to: the city's as its files stand, or the one that they carry.

    Raises ObservationError where it names what the city does not have.
    """
    return carried(city, draws.record) or read_record(city)


def carried(city: City, found: DrawsRecord) -> Record | None:
    """The record of one's own that a file of draws carries; None where its draws are of the city's record."""
    if not found.record_name:
        return None
    try:
        observations = [Observation.model_validate(row) for row in found.observations]
    except ValueError as error:
        raise _faulty(
            Path(found.record_name), "calibration.carried_unreadable", problem=" ".join(str(error).split())[:200]
        ) from None
    faults = disagreements(city, observations, Document(found.record_name), any_source=True)
    if faults:
        raise ObservationError(faults)
    return Record(tuple(observations), (), (), (), found.record_name)


def asked_record(city: City, path: Path, found: DrawsRecord, record: Record | None, of_any: bool) -> Record | None:
    """The record by which draws are judged, None being the city's own.

    Parameters
    ----------
    path
        Of the draws.
    record
        The record of one's own whose draws are asked for.
    of_any
        The file was named for its own sake: where no record is asked for, the one that it carries is meant.

    Raises PosteriorError where the draws belong to another.
    """
    if record is None and not of_any and found.record_name:
        raise refused(path, "calibration.other_record", whose=_told(found), name=found.record_name)
    if record is None:
        return carried(city, found)
    if not found.record_name:
        raise refused(path, "calibration.draws_of_city", record=record.name)
    if found.record_name != record.name and found.record_hash != record_hash(city, record.counted):
        raise refused(path, "calibration.draws_of_other", whose=_told(found), record=record.name)
    return record


def with_record(draws: PosteriorDraws, record: Record | None) -> PosteriorDraws:
    """Draws that carry a record of their own as its file stands now: figures that do not count may have changed."""
    if record is None:
        return draws
    return replace(draws, record=replace(draws.record, observations=rows_of(record)))


def spare_others(path: Path, citys: Path, record: Record | None) -> None:
    """Raises PosteriorError where draws of a record of one's own would go to the place of the city's."""
    if record is not None and record.name and (_same(path, citys) or path.resolve() == citys.resolve()):
        raise refused(path, "calibration.citys_place", record=record.name)


def without_a_chance(posterior: Posterior) -> list[Phrase]:
    """What is wrong where a record cannot be fitted: figures that no draw of the priors allows, or that teach nothing.

    A sentence each.
    """
    if not posterior.space.d:
        return [phrase("calibration.teaches_nothing")]
    terms = posterior.terms(posterior.draw_prior(TRIED, [0]))
    pairs = zip(posterior.observations, terms, strict=True)
    none = [figure.id for figure, row in pairs if not (row > float("-inf")).any()]
    return [phrase("calibration.figure_without_chance", name=name, draws=TRIED) for name in none]


def changes(found: DrawsRecord, counted: Sequence[Observation]) -> Value:
    """Which counted figures were added, removed or changed since draws were fitted, in words; '' where none is known.

    Of draws that do not carry their record, which figures came and went is told by their ids alone.
    """
    before: Rows = {row["id"]: row for row in found.observations if row["counts"] == "yes"}
    now: Rows = {figure.id: figure.model_dump() for figure in counted}
    if before:
        alike = Counter(map(_numbers, before.values())) & Counter(map(_numbers, now.values()))
        before, now = _without(before, alike), _without(now, alike)
    else:
        before, now = {name: {} for name in found.figures}, {name: {} for name in now}
    kinds: dict[str, list[Value]] = {
        "calibration.changed": [_change(name, before[name], now[name]) for name in now if before.get(name)],
        "calibration.added": [name for name in now if name not in before],
        "calibration.gone": [name for name in before if name not in now],
    }
    told = [phrase(code, names=_listed(names)) for code, names in kinds.items() if names]
    return chained("model.or_else", told) if told else ""


def _without(rows: Rows, alike: Counter[Any]) -> Rows:
    """Rows but for those whose numbers are among so many alike."""
    left = Counter(alike)
    kept: Rows = {}
    for name, row in rows.items():
        if left[_numbers(row)]:
            left[_numbers(row)] -= 1
        else:
            kept[name] = row
    return kept


def _numbers(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in row.items() if name not in TOLD)


def _change(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> Value:
    moved = tuple(
        phrase("calibration.was", key=key, then=_short(before[key]), now=_short(now[key]))
        for key in now
        if key not in TOLD and before[key] != now[key]
    )
    return phrase("calibration.change", name=name, moved=moved) if moved else name


def _short(value: object) -> Value:
    if value is None:
        return phrase("model.nothing")
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _listed(names: Sequence[Value]) -> Value:
    first, more = tuple(names[:NAMED]), len(names) - NAMED
    return phrase("calibration.and_more", names=first, more=more) if more > 0 else first


def _told(found: DrawsRecord) -> Phrase:
    return phrase("calibration.the_record_of", name=found.record_name, hash=found.record_hash[:SHORT])


def _faulty(path: Path, code: str, /, **values: Value) -> ObservationError:
    return ObservationError([fault(code, shown(path), **values)])


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False

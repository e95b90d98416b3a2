"""The published record to 2010, observation by observation: data/observations.csv and what is wrong with it.

A figure counts in the fit once. Figures that say again what others say, drive the model or set one of its constants
stand in the same table with `counts` no, and are only looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from innovation.model import RECORD_ENDS, City, Text
from innovation.model.files import (
    Document,
    DocumentError,
    Entry,
    Fault,
    Phrase,
    Place,
    original,
    phrase,
    read_table,
    shortened,
)

DATA = Path(__file__).parents[1] / "data"
BOUNDS = ("at_least", "at_most")  # readings that are no figure
OBSERVATIONS, CONFLICTS, LEFT_ASIDE = DATA / "observations.csv", DATA / "conflicts.csv", DATA / "left_aside.csv"
REASONS = DATA / "reasons.csv"

SPANS = ("growth", "compound_growth", "sum", "increment")
GROWTHS = ("growth", "compound_growth")
COUNTABLE = ("level", "sum", "increment")  # what can be a number of events
ESTIMATED = {"accounts": 0.05, "surveys": 0.10, "finance": 0.15}  # scales of half-normal priors of an error size
FIXED = {"sum": 0.005, "province": 0.27, "events": 1.0}  # sum of years; scope not stated (judgement); count, of 2√
_READINGS = {
    "exact": "calibration.exact",
    "at_least": "calibration.at_least",
    "at_most": "calibration.at_most",
    "rounded": "calibration.rounded",
    "nearly": "calibration.nearly",
}


class ObservationError(DocumentError):
    """The published record cannot be used as it stands."""


class Observation(Entry):
    """A published figure and how it is to be held against a run.

    `of` names an indicator, or a variable of the model file; a product 'a * b' of variables for a sum of their flow,
    'a / b' of indicators for a share. `reading` says what the figure means: the value itself; a bound; a value
    rounded to within `rounding` on either side; or a value that lies at most `rounding` below ('nearly').
    `error` is the scale on which figure and run are compared, `size` the class of error of ESTIMATED or FIXED. One with
    the error `count` is a number of events, Poisson around what the run expects; it has no size but that.
    """

    id: Text
    operator: Literal["level", "growth", "compound_growth", "sum", "share", "increment"]
    of: Text
    first: int | None
    last: int
    value: float
    reading: Literal["exact", "at_least", "at_most", "rounded", "nearly"]
    rounding: float | None
    unit: Text
    error: Literal["log", "logit", "growth", "normal", "count"]
    size: Literal["accounts", "surveys", "finance", "sum", "province", "events"]
    group: Text
    counts: Literal["yes", "no"]
    source: Text
    section_or_address: str
    note: str

    @model_validator(mode="after")
    def _consistent(self) -> Observation:
        if (self.operator in SPANS) != (self.first is not None):
            raise ValueError(phrase("calibration.first_of_spans", names=tuple(SPANS)))
        if self.first is not None and self.first > self.last - (self.operator != "sum"):
            raise ValueError(phrase("calibration.first_before_last", first=self.first, last=self.last))
        if (self.reading in ("rounded", "nearly")) != (self.rounding is not None):
            raise ValueError(phrase("calibration.rounding_of"))
        if self.rounding is not None and self.rounding <= 0:
            raise ValueError(phrase("calibration.rounding_above"))
        if ("/" in self.of) != (self.operator == "share"):
            raise ValueError(phrase("calibration.ratio_of_share"))
        if "*" in self.of and self.operator != "sum":
            raise ValueError(phrase("calibration.product_of_sum"))
        if wrong := _scale_fault(self):
            raise ValueError(wrong)
        if self.counts == "no" and not self.note:
            raise ValueError(phrase("calibration.note_says_why"))
        return self

    @property
    def is_counted(self) -> bool:
        """Whether the figure is a term of the likelihood."""
        return self.counts == "yes"

    @property
    def is_bound(self) -> bool:
        """Whether the figure says only what the measured one is at least or at most."""
        return self.reading in BOUNDS

    @property
    def is_count(self) -> bool:
        """Whether it is a number of events, which are Poisson around what a run expects."""
        return self.error == "count"

    @property
    def is_level(self) -> bool:
        """Whether it is a level of the city in one year, which a chart can show: no bound, nothing of another place."""
        return self.operator == "level" and self.size != "province" and not self.is_bound

    @property
    def terms(self) -> tuple[str, ...]:
        """Names in `of`."""
        return tuple(part.strip() for part in self.of.replace("/", "*").split("*"))

    @property
    def interval(self) -> tuple[float, float]:
        """Between which figures the measured one lies; an exact figure is both ends."""
        width = self.rounding or 0.0
        low = {"at_most": float("-inf"), "rounded": self.value - width, "nearly": self.value - width}
        high = {"at_least": float("inf"), "rounded": self.value + width}
        return low.get(self.reading, self.value), high.get(self.reading, self.value)


def _scale_fault(figure: Observation) -> Phrase | None:
    """Why the figure cannot stand on the scale of its error, or None."""
    if figure.operator in GROWTHS and figure.error != "growth":
        return phrase("calibration.growth_has")
    if figure.error == "growth" and (figure.unit != "percent" or figure.value <= -100):
        return phrase("calibration.growth_needs")
    if figure.error == "logit" and not (figure.unit.startswith("percent") and 0 < figure.value < 100):
        return phrase("calibration.logit_needs")
    if figure.error in ("log", "normal") and figure.value <= 0:
        return phrase("calibration.above_needed", error=figure.error)
    for error, size in (("normal", "sum"), ("count", "events")):
        if (figure.error == error) != (figure.size == size) or (figure.error == error and figure.reading != "exact"):
            return phrase("calibration.error_of_size", error=error, size=size)
    return _count_fault(figure) if figure.is_count else None


def _count_fault(figure: Observation) -> Phrase | None:
    """Why the figure cannot be a number of events, or None."""
    if figure.operator not in COUNTABLE or figure.unit.startswith("percent"):
        return phrase("calibration.count_of", names=tuple(COUNTABLE))
    if figure.value < 0 or figure.value != int(figure.value):
        return phrase("calibration.count_needs")
    return None


class Conflict(Entry):
    """Where sources disagree: what they say, which is used, and why, in both languages."""

    id: Text
    found: Text
    found_zh: Text
    chosen: Text
    chosen_zh: Text
    en: Text
    zh: Text


class LeftAside(Entry):
    """Figures published to 2010 that no observation uses (their ids in the source tables), and why."""

    id: Text
    figures: Text
    en: Text
    zh: Text


class Reason(Entry):
    """Why the nominal run differs from a figure, by the figure's id or by what it observes."""

    about: Text
    en: Text
    zh: Text


@dataclass(frozen=True)
class Record:
    """Observations in the order of their file, conflicts of sources, figures left aside, and reasons of differences.

    `name` is that of the file of a record of one's own (own_record.py), without folders; '' of the city's.
    """

    observations: tuple[Observation, ...]
    conflicts: tuple[Conflict, ...]
    left_aside: tuple[LeftAside, ...]
    reasons: tuple[Reason, ...]
    name: str = ""

    @property
    def counted(self) -> tuple[Observation, ...]:
        """The observations that make the likelihood, bounds among them."""
        return tuple(figure for figure in self.observations if figure.is_counted)

    @property
    def exact(self) -> tuple[Observation, ...]:
        """Those of them that are no bounds: what is said of how many lie in a band is said of these."""
        return tuple(figure for figure in self.counted if not figure.is_bound)

    def levels(self, indicator: str) -> dict[int, float]:
        """Published levels of an indicator by rising year: no bounds, and nothing of another place.

        Of two of a year, which sources that disagree may have left, it is the one that counts.
        """
        found = [figure for figure in self.observations if figure.of == indicator and figure.is_level]
        return {one.last: one.value for one in sorted(found, key=lambda figure: (figure.last, figure.is_counted))}


def read_record(city: City) -> Record:
    """The project's record of the city, whole; ObservationError lists every fault of its files."""
    observations, document, faults = read_table(OBSERVATIONS, Observation)
    conflicts, _, wrong = read_table(CONFLICTS, Conflict)
    left_aside, _, wrong_too = read_table(LEFT_ASIDE, LeftAside)
    reasons, explained, wrong_as_well = read_table(REASONS, Reason)
    faults += [*wrong, *wrong_too, *wrong_as_well, *disagreements(city, observations, document)]
    known = {name for figure in observations for name in (figure.id, figure.of)}
    for number, reason in enumerate(reasons):
        if reason.about not in known and not faults:
            faults.append(
                explained.fault((number,), "calibration.reason_about_nothing", **explained.unknown(reason.about, known))
            )
    if faults:
        raise ObservationError(faults)
    return Record(tuple(observations), tuple(conflicts), tuple(left_aside), tuple(reasons))


def read_observations(city: City, path: Path) -> tuple[Observation, ...]:
    """Observations of a file; ObservationError lists every row that cannot be used, with its line."""
    observations, document, faults = read_table(path, Observation)
    faults += disagreements(city, observations, document)
    if faults:
        raise ObservationError(faults)
    return tuple(observations)


def disagreements(
    city: City, observations: Sequence[Observation], document: Document, *, any_source: bool = False
) -> list[Fault]:
    """What observations name and the city does not have, units that differ from the city's, facts given twice.

    Also counted figures that contradict each other. `document` has the line of each observation, its place being its
    number. With `any_source` a source need be no work of sources.bib.
    """
    faults: list[Fault] = []
    first: dict[object, tuple[int, str]] = {}
    for number, figure in enumerate(observations):
        place = (number,)
        faults += () if any_source else _source(city, figure, document, place)
        faults += [*_names(city, figure, document, place), *_years(city, figure, document, place)]
        fact = (figure.operator, figure.of, figure.first, figure.last, figure.reading)
        same_id = phrase("calibration.id_called", id=figure.id)
        for key, said in ((figure.id, same_id), (fact, phrase("calibration.fact"))):
            line, name = first.setdefault(key, (number, figure.id))
            if line != number:
                before = document.line((line,))
                faults.append(document.fault(place, "calibration.fact_again", what=said, first=before, name=name))
                break
    return [*faults, *_contradictions(city, observations, document)]


def _source(city: City, figure: Observation, document: Document, place: Place) -> Iterator[Fault]:
    if figure.source not in city.sources:
        close = document.nearest(figure.source, city.sources)
        yield document.fault(place, "calibration.no_source", key=shortened(figure.source), near=close)


def _names(city: City, figure: Observation, document: Document, place: Place) -> Iterator[Fault]:
    """Faults of a figure's names and unit."""
    units = []
    for name in figure.terms:
        if name in city.indicators:
            units.append(city.indicators[name].unit)
            continue
        try:
            variable, _ = city.locate(name)
        except LookupError as error:
            close = document.nearest(name, [*city.indicators, *city.model.variables])
            if "[" in name or name in city.model.variables:
                yield document.fault(place, "calibration.observed", said=original(error))
            else:
                yield document.fault(place, "calibration.nothing_observed", name=shortened(name), near=close)
            return
        units.append(city.model.variables[variable].unit.replace("CNY100M", "1e8 CNY"))
    expected = "percent" if figure.operator in (*GROWTHS, "share") else units[0]
    if figure.operator == "sum":
        expected = expected.removesuffix("/year")
    if figure.unit != expected:
        yield document.fault(place, "calibration.other_unit", unit=shortened(figure.unit), expected=expected)


def _years(city: City, figure: Observation, document: Document, place: Place) -> Iterator[Fault]:
    begins = max(
        (city.indicators[name].first_year for name in figure.terms if name in city.indicators), default=city.years[0]
    )
    for year in (figure.first, figure.last):
        if year is not None and not begins <= year <= RECORD_ENDS:
            yield document.fault(place, "calibration.year_outside", year=year, first=begins, last=RECORD_ENDS)


def _contradictions(city: City, observations: Sequence[Observation], document: Document) -> list[Fault]:
    """A fault for each counted figure that an earlier counted one of the same quantity and years rules out or repeats.

    A quantity is the model's own number, however it is named. Bounds may stand beside a figure that keeps them; rows
    alike but for the value are told elsewhere.
    """
    found: dict[object, list[int]] = {}
    for number, figure in enumerate(observations):
        quantity = _quantity(city, figure)
        if figure.is_counted and quantity is not None:
            found.setdefault((figure.operator, quantity, figure.first, figure.last), []).append(number)
    pairs = [pair for rows in found.values() for pair in combinations(rows, 2)]
    return [fault for pair in pairs for fault in _contradiction(observations, document, *pair)]


def _contradiction(observations: Sequence[Observation], document: Document, one: int, other: int) -> Iterator[Fault]:
    before, figure = observations[one], observations[other]
    if (before.of, before.reading) == (figure.of, figure.reading):
        return
    there = {"first": document.line((one,)), "name": before.id}
    if max(before.interval[0], figure.interval[0]) > min(before.interval[1], figure.interval[1]):
        yield document.fault((other,), "calibration.disagree", here=_said(figure), before=_said(before), **there)
    elif not (before.is_bound or figure.is_bound):
        yield document.fault((other,), "calibration.counts_again", **there)


def _said(figure: Observation) -> Phrase:
    return phrase(_READINGS[figure.reading], value=figure.value)


def _quantity(city: City, figure: Observation) -> object | None:
    """The numbers of the model file that a figure is of; None where it names none."""
    try:
        indicators = {name: city.indicators[name].variable for name in figure.terms if name in city.indicators}
        return tuple(city.locate(indicators.get(name, name)) for name in figure.terms)
    except LookupError:
        return None

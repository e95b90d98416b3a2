"""What the class of other places says of each indicator, in numbers: data/reference_class.csv and the correlations."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import model_validator

from innovation.calibration.record.observations import DATA
from innovation.model import Text
from innovation.model.files import Document, DocumentError, Entry, Fault, phrase, read_table, shortened

from .classes import NATIONS, PROVINCES
from .rule import fast_growth_factor

REFERENCE, CORRELATIONS = DATA / "reference_class.csv", DATA / "reference_correlations.csv"
LARGEST = 1.0  # of growth and scales a year, in logs or logits (larger: written in per cent), and of what is kept of it
LARGEST_FACTOR = 10.0
SIZES = (
    "a_world", "b_world", "a_china", "b_china", "scale_common", "scale_place", "median_growth", "city_growth",
)  # fmt: skip


class ReferenceClassError(DocumentError):
    """The tables of the reference class cannot be used as they stand."""


class IndicatorReference(Entry):
    """What other places say of an indicator: growth after on growth before, and how far a place strays from that.

    Growth is a year, in logs, of shares in logits (`rd_gdp_share`). A line is a + b · growth of the record; `world` is
    that of nations, `china` that of Chinese places. Scales are of mean growth over five years, of the Student of
    ``rule.FREEDOM`` degrees: what places of a nation have in common, and what each has of its own. `widened` is a
    factor of both where the class's own bands held too little (judgement). `city_growth` is that of the city's record.
    """

    indicator: Text
    name: Text
    a_world: float | None
    b_world: float | None
    a_china: float | None
    b_china: float | None
    scale_common: float
    scale_place: float
    widened: float
    median_growth: float
    city_growth: float | None
    cases: int
    quality: Text

    @model_validator(mode="after")
    def _consistent(self) -> IndicatorReference:
        for name in ("scale_common", "scale_place"):
            if getattr(self, name) < 0:
                raise ValueError(phrase("calibration.scale_below", name=name, value=getattr(self, name)))
        for name in SIZES:
            value = getattr(self, name)
            if value is not None and abs(value) > LARGEST:
                raise ValueError(phrase("calibration.growth_in_logs", name=name, value=value))
        if self.scale <= 0:
            raise ValueError(phrase("calibration.no_scale"))
        if not 1 <= self.widened <= LARGEST_FACTOR:
            raise ValueError(phrase("calibration.widened", value=self.widened, most=LARGEST_FACTOR))
        if self.cases < 0:
            raise ValueError(phrase("calibration.cases_below", value=self.cases))
        for one, other in ((self.a_world, self.b_world), (self.a_china, self.b_china)):
            if (one is None) != (other is None):
                raise ValueError(phrase("calibration.half_a_line"))
        if not self.lines:
            raise ValueError(phrase("calibration.no_line"))
        return self

    @property
    def lines(self) -> Mapping[str, tuple[float, float]]:
        """The lines (a, b) that there are, by whose they are: world, china."""
        both = {"world": (self.a_world, self.b_world), "china": (self.a_china, self.b_china)}
        return {name: (a, b) for name, (a, b) in both.items() if a is not None and b is not None}

    @property
    def a(self) -> float:
        """What the middle of the lines begins at."""
        return sum(a for a, _ in self.lines.values()) / len(self.lines)

    @property
    def b(self) -> float:
        """How much of growth before the middle of the lines keeps."""
        return sum(b for _, b in self.lines.values()) / len(self.lines)

    @property
    def scale(self) -> float:
        """The scale of both parts together, before it is widened."""
        return math.hypot(self.scale_common, self.scale_place)

    @property
    def common_share(self) -> float:
        """The part of the variance that places of a nation have in common."""
        return self.scale_common**2 / self.scale**2

    def x(self, growth: float) -> float:
        """How far growth lies above the middle of the class, in scales."""
        return (growth - self.median_growth) / self.scale

    @property
    def city_x(self) -> float | None:
        """How far the city's growth lies above the middle of the class, in scales; None where it has no record."""
        return None if self.city_growth is None else self.x(self.city_growth)

    @property
    def city_factor(self) -> float:
        """How much wider than usual its growth makes the city's spread; that of usual growth without a record."""
        return float(fast_growth_factor(self.city_x or 0.0))


class Correlation(Entry):
    """How far two indicators stray together over five years: the correlation of what strays, and of which places."""

    one: Text
    other: Text
    correlation: float
    source: Text

    @model_validator(mode="after")
    def _consistent(self) -> Correlation:
        if not -1 < self.correlation < 1:
            raise ValueError(phrase("calibration.correlation", value=self.correlation))
        if self.one == self.other:
            raise ValueError(phrase("calibration.named_twice", name=self.one))
        return self


@dataclass(frozen=True)
class ReferenceClass:
    """Indicators by name, in the order of their file, and correlations by pair; a pair without one has none."""

    indicators: Mapping[str, IndicatorReference]
    correlations: Mapping[frozenset[str], float]

    def correlation(self, one: str, other: str) -> float:
        """Of two indicators; 1 of one with itself, 0 where none is known."""
        return 1.0 if one == other else self.correlations.get(frozenset((one, other)), 0.0)


def read_reference_class(reference: Path = REFERENCE, correlations: Path = CORRELATIONS) -> ReferenceClass:
    """Both tables; ReferenceClassError lists every fault of both files."""
    rows, document, faults = read_table(reference, IndicatorReference)
    pairs, paired, wrong = read_table(correlations, Correlation)
    faults += [*wrong, *_twice([row.indicator for row in rows], document)]
    faults += _twice([" ~ ".join(sorted((pair.one, pair.other))) for pair in pairs], paired)
    if rows and not faults:
        faults += _unknown(pairs, paired, {*NATIONS, *PROVINCES, *(row.indicator for row in rows)})
    if faults:
        raise ReferenceClassError(faults)
    return ReferenceClass(
        {row.indicator: row for row in rows}, {frozenset((pair.one, pair.other)): pair.correlation for pair in pairs}
    )


def _unknown(pairs: Sequence[Correlation], document: Document, known: Collection[str]) -> Iterator[Fault]:
    """Names that no place has a figure of: such a pair would be taken to stray apart, and nobody told."""
    for number, pair in enumerate(pairs):
        for name in (pair.one, pair.other):
            if name not in known:
                near = document.nearest(name, known)
                yield document.fault((number,), "calibration.class_indicator", name=shortened(name), near=near)


def _twice(names: Sequence[str], document: Document) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for number, name in enumerate(names):
        if first.setdefault(name, number) != number:
            yield document.fault((number,), "calibration.named_again", name=name, first=document.line((first[name],)))

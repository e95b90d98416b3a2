"""How large discrepancies are: what the class shows elsewhere, less what the city's own draws already spread.

Sizes are by quartiles, of the baseline. With S of the class at a horizon and q the half width of the middle half of the
draws there, a quantity strays by the root of (.741 S)² − q² over .741, so that the whole never falls below S: a model
that spreads enough by itself gets nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from innovation.calibration.record.observations import Record
from innovation.calibration.reference_class.rule import CITY_FACTOR, FREEDOM, YEARS, rough_scale, spread
from innovation.calibration.reference_class.tables import IndicatorReference, read_reference_class
from innovation.model import RECORD_ENDS, City
from innovation.scenarios.simulation import NONE_FAILED, DesignFailures

from .entries import Assumed, Counted, Quantity
from .scales import scale_of, scaled

Floats = NDArray[np.float64]

QUARTILE = float(stats.t.ppf(0.75, FREEDOM))  # .741, of a Student of scale one
NORMAL_QUARTILE = float(stats.norm.ppf(0.75))

NO_CLASS = "no_evidence"  # the pooled class, where a record is too short to be rough
ENOUGH = 3  # figures of a record that has a roughness
CHANGE_OF_PACE = 0.5  # log standard deviation of the rate of events from five years to the next; judgement
OWN = "own roughness"
LINES = ("growth_0", "growth_1", "shift_0", "shift_1")


@dataclass(frozen=True)
class Size:
    """How far one quantity strays, horizons being years after the record's last.

    Attributes
    ----------
    of
        What the size rests on: a class, or OWN.
    reference, own, added, total
        Shape (horizons,): scale of the class; of the city's draws alone; of the discrepancy; of both together.
    growth, shift
        By view (0, 1): the draws' median growth a year to 2015, and by how much a year the middle moves until then.
    x
        How far the record's growth lies above the middle of its class, in scales.
    """

    of: str
    reference: Floats
    own: Floats
    added: Floats
    growth: tuple[float, float]
    shift: tuple[float, float]
    x: float

    @property
    def total(self) -> Floats:
        """Scale of the published figure without error of measurement, shape (horizons,)."""
        return np.hypot(self.own, self.added)


@dataclass(frozen=True)
class CountSize:
    """Log spread of what is added in five years: of its class (events and change of pace), of the draws, and added."""

    reference: float
    own: float
    added: float


@dataclass(frozen=True)
class Sizes:
    """Sizes of every quantity and of everything counted, and who was left out where they were measured just now."""

    quantities: Mapping[str, Size]
    counts: Mapping[str, CountSize]
    left_out: DesignFailures = NONE_FAILED


def measured(
    city: City, record: Record, assumed: Assumed, figures: Mapping[str, Floats], line: NDArray[np.float64]
) -> Sizes:
    """Sizes from figures of the baseline, (members, years) by indicator, and views of the line, (members,)."""
    quantities = {
        name: _size(city, record, assumed, name, figures[one.of], line) for name, one in assumed.quantities.items()
    }
    counts = {name: _count_size(city, one, figures[name]) for name, one in assumed.counts.items()}
    return Sizes(quantities, counts)


def _size(city: City, record: Record, assumed: Assumed, name: str, figures: Floats, line: Floats) -> Size:
    one = assumed.quantities[name]
    row = assumed.classes[name]
    told = _told(city, one, figures)
    base = city.years.index(RECORD_ENDS)
    added = told[:, base + 1 :] - (told[:, [base]] if np.isfinite(told[:, base]).any() else 0.0)
    h = np.arange(1, added.shape[1] + 1)
    before = _growth_before(row, told[:, : base + 1])
    scale, x, of = _class_scale(city, record, one, row, before)
    reference = spread(h, CITY_FACTOR * one.widen * scale, x)
    own = _half_width(added) / QUARTILE
    extra = reference if one.part == "place" else np.sqrt(np.maximum(0.0, reference**2 - own**2))
    growth = tuple(_growth(added, line == view) for view in (0, 1))
    lines = _lines(row, before) if one.weight is not None else growth
    left = 1 - (one.weight or 0.0)
    shift = tuple(left * (line_of_view - grown) for line_of_view, grown in zip(lines, growth, strict=True))
    return Size(of, reference, own, extra, (growth[0], growth[1]), (shift[0], shift[1]), x)


def _told(city: City, one: Quantity, figures: Floats) -> Floats:
    """Figures on the scale of a quantity: a growth is summed up from the record's last year, a sum taken apart."""
    if one.sum:
        figures = np.diff(np.nan_to_num(figures), axis=1, prepend=0.0)
    told = scaled(scale_of(city, one.of, one.growth), figures)
    if one.growth:
        told = np.cumsum(np.nan_to_num(told), axis=1)
    return told


def _lines(row: IndicatorReference | None, before: float) -> tuple[float, ...]:
    """What growth comes to by view: on the line of Chinese places, then on the world's; the one where one is known."""
    if row is None:
        return (before, before)
    both = [row.lines.get(name, next(iter(row.lines.values()))) for name in ("china", "world")]
    return tuple(a + b * before for a, b in both)


def _growth_before(row: IndicatorReference | None, told: Floats) -> float:
    """Growth a year of the record: published, else the draws' own median; not a number where there is none."""
    if row is not None and row.city_growth is not None:
        return row.city_growth
    first = told[:, -1 - YEARS]
    sound = np.isfinite(first) & np.isfinite(told[:, -1])
    return float(np.median((told[:, -1] - first)[sound]) / YEARS) if sound.any() else float("nan")


def _class_scale(
    city: City, record: Record, one: Quantity, row: IndicatorReference | None, before: float
) -> tuple[float, float, str]:
    """Scale a year, x, and what they rest on."""
    if row is None:
        levels = record.levels(one.of)
        if len(levels) >= ENOUGH:
            values = scaled(scale_of(city, one.of, one.growth), np.array(list(levels.values())))
            return rough_scale(values, np.array(list(levels), float)), 0.0, OWN
        row = read_reference_class().indicators[NO_CLASS]
    x = 0.0 if np.isnan(before) else row.x(before)
    return row.widened * (row.scale_place if one.part == "place" else row.scale), x, row.name


def _half_width(added: Floats) -> Floats:
    """Half the width of the middle half of members, shape (horizons,)."""
    low, high = np.nanpercentile(added, (25, 75), axis=0)
    return np.asarray((high - low) / 2)


def _growth(added: Floats, chosen: NDArray[np.bool_]) -> float:
    """Median growth a year over five years of some of the members; of all where none is chosen."""
    some = added[chosen] if chosen.any() else added
    return float(np.nanmedian(some[:, YEARS - 1]) / YEARS)


def _count_size(city: City, one: Counted, figures: Floats) -> CountSize:
    base = city.years.index(RECORD_ENDS)
    rate = figures[:, base + YEARS] - (0.0 if one.level else np.nan_to_num(figures[:, base]))
    rate = rate[rate > 0]
    reference = float(np.sqrt(special.polygamma(1, one.events + 0.5) + CHANGE_OF_PACE**2))
    own = float(_half_width(np.log(rate)[:, None])[0] / NORMAL_QUARTILE) if len(rate) else 0.0
    return CountSize(reference, own, float(np.sqrt(max(0.0, reference**2 - own**2))))


def size_rows(sizes: Sizes) -> Iterator[dict[str, object]]:
    """A row a quantity and horizon, then one for everything counted, to be kept and shown."""
    for name, one in sizes.quantities.items():
        for h, values in enumerate(zip(one.reference, one.own, one.added, one.total, strict=True), 1):
            said = dict(zip(("reference", "own", "added", "total"), map(float, values), strict=True))
            lines = dict(zip(LINES, (*one.growth, *one.shift), strict=True))
            yield {"kind": "quantity", "name": name, "of": one.of, "year": RECORD_ENDS + h, **said, **lines, "x": one.x}
    for name, count in sizes.counts.items():
        yield {
            "kind": "count", "name": name, "of": "events", "year": RECORD_ENDS + YEARS, "reference": count.reference,
            "own": count.own, "added": count.added, "total": float(np.hypot(count.own, count.added)),
            **dict.fromkeys((*LINES, "x"), ""),
        }  # fmt: skip

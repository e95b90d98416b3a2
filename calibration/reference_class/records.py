"""Records of other places and what followed them: the cases on which rules of forecasting are tried.

A case is one indicator of one place: the record of some years up to its origin, and what was added from there to a
horizon of one to five years. Everything is in logs, of shares in logits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .rule import YEARS

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

HORIZONS = np.arange(1, YEARS + 1)
LONG_RECORD = 4  # years from which a record may begin a year late
ENOUGH = 4  # figures of a record; those shorter than that by design need all


@dataclass(frozen=True)
class Kind:
    """How the records of an indicator are taken.

    Attributes
    ----------
    record
        Years of a record before its origin.
    least
        Least figure at the origin, in its own unit: below it a count or an amount is mostly chance.
    family
        What else knows much of it.
    sparse
        Whether figures are years apart, so that two make a record.
    """

    record: int = YEARS
    least: float = 0.0
    family: str = ""
    sparse: bool = False


@dataclass(frozen=True)
class Cases:
    """Cases of any indicators; every array has the shape (cases,).

    Attributes
    ----------
    horizon
        Years from the origin.
    figures, whole
        How many figures the record has, and whether none of its years is missing.
    growth
        Mean growth of the record, a year.
    added
        What was added from the origin to the horizon.
    trend_middle, trend_spread, walk_spread
        What a log-linear trend through the record expects to be added, and its scale; that of a random walk with
        drift, which expects the growth of the record. Both are Students with `figures` − 2 degrees.
    roughness
        As in ``rule.roughness``; 0 for records of two figures.
    gdp_before, gdp_after
        Mean growth of real product, a year: over the five years before the origin, and from it to the horizon.
    """

    indicator: NDArray[np.str_]
    place: NDArray[np.str_]
    origin: Whole
    horizon: Whole
    figures: Whole
    whole: Flags
    growth: Floats
    added: Floats
    trend_middle: Floats
    trend_spread: Floats
    walk_spread: Floats
    roughness: Floats
    gdp_before: Floats
    gdp_after: Floats

    def __len__(self) -> int:
        return len(self.growth)

    def pick(self, which: Flags | Whole) -> Cases:
        """Some of the cases."""
        return Cases(**{field.name: getattr(self, field.name)[which] for field in fields(self)})

    @property
    def added_a_year(self) -> Floats:
        """Mean growth from the origin to the horizon."""
        return self.added / self.horizon

    @property
    def known_growth(self) -> Floats:
        """How much faster product grows to the horizon than before: what who knows the nation's growth knows."""
        return self.gdp_after - self.gdp_before

    @property
    def is_scored(self) -> Flags:
        """Whether the record is long and uneven enough for a trend to have a spread, so that it can be beaten."""
        return (self.figures >= ENOUGH) & (self.trend_spread > 1e-9)


def joined(parts: Sequence[Cases]) -> Cases:
    """All cases of several parts, in their order."""
    return Cases(**{field.name: np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(Cases)})


def cases_of(
    indicator: str, kind: Kind, levels: Floats, readings: Floats, names: Sequence[str], years: Whole, gdp: Floats
) -> Cases:
    """Every record of an indicator and what followed.

    Parameters
    ----------
    levels, readings
        The figures in their own unit and as logs or logits, shape (places, years), not a number where there is none.
    gdp
        Log of real product, same shape.
    """
    record = _Records(readings, kind.record)
    good = record.is_good(kind.sparse) & (levels >= kind.least)
    added = _ahead(readings) - readings[..., None]
    place, at, ahead = np.nonzero(good[..., None] & np.isfinite(added))
    h = HORIZONS[ahead].astype(float)
    origin = (place, at)
    return Cases(
        indicator=np.full(len(h), indicator),
        place=np.asarray(names)[place],
        origin=years[at],
        horizon=HORIZONS[ahead],
        figures=record.count[origin],
        whole=record.count[origin] == record.span[origin] + 1,
        growth=record.growth[origin],
        added=added[place, at, ahead],
        trend_middle=record.trend_middle(origin, h),
        trend_spread=record.trend_spread(origin, h),
        walk_spread=record.walk_spread(origin, h),
        roughness=record.roughness[origin],
        gdp_before=growth_before(gdp)[origin],
        gdp_after=((_ahead(gdp) - gdp[..., None]) / HORIZONS)[place, at, ahead],
    )


def growth_before(readings: Floats) -> Floats:
    """Mean growth over the five years before each year, a year, shape (places, years)."""
    before = np.full_like(readings, np.nan)
    before[:, YEARS:] = (readings[:, YEARS:] - readings[:, :-YEARS]) / YEARS
    return before


def _ahead(readings: Floats) -> Floats:
    """Readings of the next one to five years, shape (places, years, horizons)."""
    empty = np.full((len(readings), YEARS), np.nan)
    return sliding_window_view(np.hstack([readings, empty])[:, 1:], YEARS, axis=1)


class _Records:
    """The record that ends in each year of each place, arrays of the shape (places, years)."""

    def __init__(self, readings: Floats, length: int) -> None:
        self._length = length
        empty = np.full((len(readings), length), np.nan)
        window = sliding_window_view(np.hstack([empty, readings]), length + 1, axis=1)
        here = np.isfinite(window)
        offsets = np.arange(-length, 1.0)
        values = np.where(here, window, 0.0)
        with np.errstate(all="ignore"):
            self.count = here.sum(axis=2)
            self._last = readings
            self._middle_year = np.where(here, offsets, 0.0).sum(axis=2) / self.count
            gaps = np.where(here, offsets - self._middle_year[..., None], 0.0)
            self._squares = (gaps**2).sum(axis=2)
            self.centre = values.sum(axis=2) / self.count
            self.slope = (gaps * values).sum(axis=2) / self._squares
            strays = np.where(here, values - self.centre[..., None] - self.slope[..., None] * gaps, 0.0)
            self._strays = (strays**2).sum(axis=2)
            self.span = length - here.argmax(axis=2)
            first = np.take_along_axis(window, (length - self.span)[..., None], axis=2)[..., 0]
            self.growth = (readings - first) / self.span
            self.roughness = np.sqrt(self._changes(window, here) / np.maximum(self.count - 2, 1))

    def _changes(self, window: Floats, here: Flags) -> Floats:
        """Squares of changes around mean growth, each over its years, summed."""
        total = np.zeros(self.count.shape)
        before, since = window[..., 0], np.ones(self.count.shape)
        for step in range(1, self._length + 1):
            change = window[..., step] - before - self.growth * since
            total += np.where(np.isfinite(change), change**2 / since, 0.0)
            before = np.where(here[..., step], window[..., step], before)
            since = np.where(here[..., step], 1.0, since + 1)
        return total

    def is_good(self, sparse: bool) -> Flags:
        """Whether a record has figures enough, its last among them, and begins in time."""
        late = int(self._length >= LONG_RECORD)
        enough = 2 if sparse else min(ENOUGH, self._length + 1)
        return np.isfinite(self._last) & (self.count >= max(enough, 2)) & (self.span >= self._length - late)

    def trend_middle(self, origin: tuple[Whole, Whole], h: Floats) -> Floats:
        return np.asarray(
            (self.centre - self._last)[origin] + self.slope[origin] * (h - self._middle_year[origin]), float
        )

    def trend_spread(self, origin: tuple[Whole, Whole], h: Floats) -> Floats:
        count, away = self.count[origin], (h - self._middle_year[origin]) ** 2 / self._squares[origin]
        with np.errstate(all="ignore"):
            return np.asarray(np.sqrt(_some(self._strays[origin] / (count - 2), count) * (1 + 1 / count + away)))

    def walk_spread(self, origin: tuple[Whole, Whole], h: Floats) -> Floats:
        rough = _some(self.roughness[origin], self.count[origin])
        return np.asarray(rough * np.sqrt(h + h**2 / self.span[origin]), float)


def _some(values: Floats, count: Whole) -> Floats:
    """Values of records of more than two figures; nothing strays from a line through two."""
    return np.where(count > 2, values, np.nan)


def same(*columns: NDArray[np.generic]) -> tuple[Whole, Whole]:
    """Which group, of those with the same values in all columns, each case belongs to, and how many each has."""
    number = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        _, each = np.unique(column, return_inverse=True)
        number = number * (int(each.max(initial=0)) + 1) + each
    _, group, count = np.unique(number, return_inverse=True, return_counts=True)
    return group, count

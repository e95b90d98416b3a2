"""Forecasts of the cases by every rule, each from other windows and other places than those it is tried on.

A fold is a third of the places. What a rule learns for the cases of an origin and a fold comes from records of the
other folds whose outcome lies in no year of theirs; where those are few, from the other folds in all years.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .classes import ReferenceCases
from .places import SHARE
from .records import HORIZONS, Cases, Flags, Floats, Whole, same
from .rule import (
    FREEDOM,
    ROUGH_POWER,
    SMOOTHEST,
    YEARS,
    fit_line,
    middle,
    scale_a_year,
    scale_of_roughness,
    spread,
    widening,
)

FOLDS = 3
FIRST = 1990  # origin that is tried
FEWEST = 15  # cases of a horizon, for it to be the one that is learned from
ENOUGH, FEWEST_LEARNED, ENOUGH_KNOWN = 25, 12, 20
ENOUGH_POOLED = 800
PERIODS = (1990, 1995, 2000, 2005)  # of origins, in which the pooled rule learns from no outcome
USUAL_GROWTH = 0.09  # of product, where it is not known
AS_NORMAL = 1000.0  # degrees of freedom
QUARTILES = 1.0982  # what a normal's scale is of a Student's of four degrees with the same quartiles
POOLED = 3  # rules for all indicators together, the last of RULES
MONEY = ("gdp_nominal", "industry_nominal", "rd_expenditure", "public_spending")
DOLLARS = ("hightech_exports", "exports")

RULES: Mapping[str, str] = {
    "trend": "log-linear trend",
    "walk": "random walk with drift",
    "line": "line of growth after on growth before, Student",
    "rule": "the same, wider after fast growth: the rule",
    "normal": "the rule with a normal of the same quartiles",
    "known": "the rule where the growth of product to come is known",
    "pooled": "one line for all indicators, one spread",
    "own": "the same, spread from the record's own roughness",
    "rough": "the same, as it is used where no class exists",
}


@dataclass(frozen=True)
class Forecasts:
    """What each rule says of each case: Students, shape (rules, cases), rules as in RULES; none where not a number."""

    cases: Cases
    middle: Floats
    spread: Floats
    freedom: Floats
    apart: Flags  # shape (cases,): whether the rule learned from other windows too, and not only from other places

    def of(self, rule: str) -> tuple[Floats, Floats, Floats]:
        """Middles, spreads and degrees of freedom of a rule, each (cases,)."""
        at = list(RULES).index(rule)
        return self.middle[at], self.spread[at], self.freedom[at]

    def pick(self, which: Flags) -> Forecasts:
        """Those of some cases."""
        return Forecasts(
            self.cases.pick(which),
            self.middle[:, which],
            self.spread[:, which],
            self.freedom[:, which],
            self.apart[which],
        )


def forecasts(of: ReferenceCases) -> Forecasts:
    """Forecasts of the cases of a class, those left out that cannot be tried."""
    cases = of.cases
    made = np.full((len(RULES), 3, len(cases)), np.nan)
    apart = np.zeros(len(cases), bool)
    for indicator in np.unique(cases.indicator):
        mine = np.flatnonzero(cases.indicator == indicator)
        for tried, learned, is_apart in _tries(cases.pick(mine), of):
            made[:, :, mine[tried]] = _said(cases.pick(mine[tried]), learned)
            apart[mine[tried]] = is_apart
    tested = np.isfinite(_of(made, "rule")[0])
    if of.families:
        _pool(cases, np.array([of.families[name] for name in cases.indicator]), tested, made)
    centre, scale, freedom = made.transpose(1, 0, 2)
    return Forecasts(cases, centre, scale, freedom, apart).pick(tested)


def fold_of(place: str) -> int:
    """The third that a place belongs to, by its name."""
    return zlib.crc32(place.encode()) % FOLDS


def _tries(cases: Cases, of: ReferenceCases) -> Iterator[tuple[Whole, Cases, bool]]:
    """Which cases of an indicator are tried, what is learned from for them, and whether from other windows too."""
    counts = [int((cases.horizon == h).sum()) for h in HORIZONS]
    last = max((int(h) for h, count in zip(HORIZONS, counts, strict=True) if count >= FEWEST), default=YEARS)
    source = cases.pick(cases.horizon == last)
    if len(source) < of.fewest:
        return
    names, place = np.unique(cases.place, return_inverse=True)
    fold = np.array([fold_of(str(name)) for name in names])[place]
    elsewhere = fold[cases.horizon == last]
    for origin in np.unique(cases.origin[cases.origin >= FIRST]):
        beyond = np.abs(source.origin - origin) >= last
        for number in range(FOLDS):
            tried = np.flatnonzero((cases.origin == origin) & (fold == number))
            learned = source.pick(beyond & (of.few | (elsewhere != number)))
            is_apart = len(learned) >= ENOUGH
            if not is_apart:
                learned = source.pick(elsewhere != number)
            if len(tried) and len(learned) >= FEWEST_LEARNED:
                yield tried, learned, is_apart


def _said(tried: Cases, learned: Cases) -> Floats:
    """What each rule says that is learned from one indicator, shape (rules, 3, cases): middle, spread, freedom."""
    made = np.full((len(RULES), 3, len(tried)), np.nan)
    h, last = tried.horizon, learned.horizon[0]
    free = np.maximum(tried.figures - 2.0, 1.0)
    _of(made, "trend")[:] = tried.trend_middle, tried.trend_spread, free
    _of(made, "walk")[:] = tried.growth * h, tried.walk_spread, free
    (a, b), scale = fit_line(learned.added_a_year, _line(learned))
    scale = float(scale_a_year(scale, last))
    centre = middle(h, tried.growth, a, b)
    wide = spread(h, scale, (tried.growth - np.median(learned.growth)) / scale)
    _of(made, "line")[:] = centre, YEARS * scale * widening(h), np.full(len(tried), FREEDOM)
    _of(made, "rule")[:] = centre, wide, np.full(len(tried), FREEDOM)
    _of(made, "normal")[:] = centre, QUARTILES * wide, np.full(len(tried), AS_NORMAL)
    knowing = learned.pick(np.isfinite(learned.known_growth))
    if len(knowing) >= ENOUGH_KNOWN and tried.indicator[0] != "gdp_real":
        numbers, scale = fit_line(knowing.added_a_year, _knowing_line(knowing))
        scale = float(scale_a_year(scale, last))
        wide = spread(h, scale, (tried.growth - np.median(knowing.growth)) / scale)
        _of(made, "known")[:] = _knowing_line(tried) @ numbers * h, wide, np.full(len(tried), FREEDOM)
    return made


def _pool(cases: Cases, family: NDArray[np.str_], tested: Flags, made: Floats) -> None:
    """Fill in the rules for indicators without a class: learned from other families' outcomes in other years."""
    whole = cases.horizon == YEARS
    for name in np.unique(family):
        for first in PERIODS:
            end = first + YEARS
            tried = np.flatnonzero(tested & (family == name) & (cases.origin >= first) & (cases.origin < end))
            others = whole & (family != name)
            apart = others & ((cases.origin + YEARS <= first) | (cases.origin >= end + YEARS - 1))
            learned = cases.pick(apart if apart.sum() > ENOUGH_POOLED else others)
            if len(tried):
                made[-POOLED:, :, tried] = _pooled(cases.pick(tried), learned)


def _pooled(tried: Cases, learned: Cases) -> Floats:
    """What the rules for all indicators say, shape (POOLED, 3, cases)."""
    group, count = same(learned.indicator)
    often = 1.0 / count[group]
    often /= often.mean()
    h, design, goal = tried.horizon, _pooled_line(learned), learned.added_a_year
    freedom = np.full(len(tried), FREEDOM)
    numbers, scale = fit_line(goal, design, weights=often)
    centre = _pooled_line(tried) @ numbers * h
    plain = (centre, YEARS * scale * widening(h), freedom)
    rough, here = _power(learned), _power(tried)
    numbers, scale = fit_line(goal / rough, design / rough[:, None], weights=often)
    centre = _pooled_line(tried) @ numbers * h
    own = (centre, YEARS * scale * here * widening(h), freedom)
    return np.array([plain, own, (centre, spread(h, scale_of_roughness(tried.roughness), 0.0), freedom)])


def _power(cases: Cases) -> Floats:
    return np.asarray(np.maximum(cases.roughness, SMOOTHEST) ** ROUGH_POWER, float)


def _of(made: Floats, rule: str) -> Floats:
    return made[list(RULES).index(rule)]


def _line(cases: Cases) -> Floats:
    return np.column_stack([np.ones(len(cases)), cases.growth])


def _knowing_line(cases: Cases) -> Floats:
    return np.column_stack([_line(cases), cases.known_growth])


def _pooled_line(cases: Cases) -> Floats:
    """A constant of money, shares and dollars each; growth of shares apart; growth of product where it is no share."""
    share = np.array([str(name).endswith(SHARE) for name in cases.indicator], float)
    money, dollars = (np.isin(cases.indicator, names).astype(float) for names in (MONEY, DOLLARS))
    product = np.where(np.isfinite(cases.gdp_before), cases.gdp_before, USUAL_GROWTH)
    growth = cases.growth
    return np.column_stack(
        [np.ones(len(cases)), money, share, dollars, growth * (1 - share), growth * share, product * (1 - share)]
    )

"""What is said of a target in words: what is wanted, met or by how far missed, since when."""

from __future__ import annotations

import math

from model import City, Target
from scenarios import TargetRow

from .catalogue import Catalogue

SIGNS = {"at_least": "≥ ", "at_most": "≤ ", "range": ""}


def wanted(target: Target, words: Catalogue) -> str:
    """What the plan wants, such as '≥ 7,500' or '6–10'."""
    low = _short(target.value, words)
    return f"{low}–{_short(target.high, words)}" if target.high is not None else f"{SIGNS[target.sense]}{low}"


def value(city: City, row: TargetRow, words: Catalogue) -> str:
    """The figure that the target is held against."""
    return words("target.none") if math.isnan(row.value) else words.number(row.value, city.indicators[row.id].decimals)


def verdict(city: City, row: TargetRow, words: Catalogue) -> str:
    """Met, or by how far and in which direction missed."""
    if math.isnan(row.value):
        return words("target.none")
    if row.met:
        return words("target.met")
    decimals = city.indicators[row.id].decimals
    rounded = words.number(row.distance, decimals)
    distance = rounded if float(f"{row.distance:.{decimals}f}") else f"{row.distance:.1g}"
    above = row.sense == "at_most" or (row.high is not None and row.value > row.high)
    percent = f"{row.percent:.0f}" if row.percent >= 1 else f"{row.percent:.1g}"
    if above:
        return words("target.above", distance=distance, percent=percent)
    return words("target.below", distance=distance, percent=percent)


def since(row: TargetRow, last_year: int, words: Catalogue) -> str:
    """The first year in which the target is met."""
    return str(row.first_year_met) if row.first_year_met else words("target.never", year=last_year)


def _short(number: float, words: Catalogue) -> str:
    return words.number(number, 0 if float(number).is_integer() else 1)

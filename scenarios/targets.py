"""The plan's targets against a simulated future: met or not, by how far, and since when."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import xarray as xr

from model import City, Target
from model.entries import Sense, TargetKind

from .schema import FIRST_YEAR


@dataclass(frozen=True)
class TargetRow:
    """One target under one scenario, in the indicator's unit.

    `value` is the figure of the target's year (for aggregate 'sum …' the sum so far: the model's scoreboard does the
    summing), `distance` how far it lies on the wrong side (0 where met), `percent` the same in percent of the nearest
    value that would do. `first_year_met` is the first year from 2011 on with a figure that would do, None without one.
    Of a target that cannot be judged `met` and `first_year_met` are None, `distance` and `percent` NaN.
    """

    scenario: str
    id: str
    kind: TargetKind
    value: float
    target: float
    high: float | None
    sense: Sense
    unit: str
    met: bool | None
    distance: float
    percent: float
    first_year_met: int | None


def target_table(city: City, dataset: xr.Dataset, member: int = 0) -> list[TargetRow]:
    """Every target of the city under every scenario of a result of `simulate`, for one member (0: the nominal run)."""
    of_member = dataset[list(city.targets)].sel(member=member, year=slice(FIRST_YEAR, None))
    years = of_member.year.values.tolist()
    series = {name: of_member[name].transpose("scenario", "year").values.tolist() for name in city.targets}
    return [
        _row(city, scenario, name, dict(zip(years, series[name][place], strict=True)))
        for place, scenario in enumerate(dataset.scenario.values.tolist())
        for name in city.targets
    ]


def _row(city: City, scenario: str, name: str, figures: Mapping[int, float]) -> TargetRow:
    target = city.targets[name]
    value = figures[target.year]
    distance = shortfall(target, value) if target.has_base else math.nan
    years = figures if target.has_base else {}
    bound = target.high if target.high is not None and value > target.high else target.value
    return TargetRow(
        scenario=scenario,
        id=name,
        kind=target.kind,
        value=value,
        target=target.value,
        high=target.high,
        sense=target.sense,
        unit=city.indicators[name].unit,
        met=distance == 0 if target.has_base else None,
        distance=distance,
        percent=100 * distance / abs(bound) if bound else math.nan,
        first_year_met=next((year for year in years if shortfall(target, figures[year]) == 0), None),
    )


def limits(target: Target) -> tuple[float, float]:
    """The least and the greatest value that meet a target."""
    if target.sense == "at_most":
        return -math.inf, target.value
    return target.value, math.inf if target.high is None else target.high


def shortfall(target: Target, value: float) -> float:
    """How far `value` lies on the wrong side of a target; 0 where it does, NaN where there is no value."""
    low, high = limits(target)
    return math.nan if math.isnan(value) else max(low - value, value - high, 0.0)

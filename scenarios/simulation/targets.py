"""The plan's targets against a simulated future: met or not, by how far, since when, and how many of which kind."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import xarray as xr

from innovation.model import PLAN_BEGINS, City, Sense, Target, TargetKind
from innovation.model.files import Language
from innovation.scenarios.words import section

KINDS: tuple[TargetKind, ...] = ("result", "count", "input")
WORDS = section("target_counts")


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
    """Every target that a result of `simulate` has, under every scenario, for one member (0: the nominal run)."""
    names = [name for name in city.targets if name in dataset]
    of_member = dataset[names].sel(member=member, year=slice(PLAN_BEGINS, None))
    years = of_member.year.values.tolist()
    series = {name: of_member[name].transpose("scenario", "year").values.tolist() for name in names}
    return [
        _row(city, scenario, name, dict(zip(years, series[name][place], strict=True)))
        for place, scenario in enumerate(dataset.scenario.values.tolist())
        for name in names
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


@dataclass(frozen=True)
class Count:
    """How many targets of how many are met, or are expected to be."""

    met: float
    of: int


@dataclass(frozen=True)
class Counts:
    """The targets that are met by kind (those that there are, results first), and how many cannot be judged."""

    kinds: Mapping[TargetKind, Count]
    unjudged: int

    @property
    def all(self) -> Count:
        """Of all kinds together."""
        return Count(sum(count.met for count in self.kinds.values()), sum(count.of for count in self.kinds.values()))


def count_targets(city: City, met: Mapping[str, float]) -> Counts:
    """Counts of the targets that can be judged, from which are met, or from the chance of each, by id."""
    by_kind = {
        kind: [met[name] for name, target in city.judgeable.items() if target.kind == kind and name in met]
        for kind in KINDS
    }
    kinds = {kind: Count(float(sum(values)), len(values)) for kind, values in by_kind.items() if values}
    return Counts(kinds, len(city.targets) - len(city.judgeable))


def nominal_counts(city: City, rows: Iterable[TargetRow]) -> Counts:
    """Counts of the targets that one member meets under one scenario, from its rows of `target_table`."""
    return count_targets(city, {row.id: float(row.met) for row in rows if row.met is not None})


def all_met(counts: Counts, decimals: int, language: Language) -> str:
    """'9.4 of 34'; decimals are 1 for what is expected and 0 for a run's own count."""
    return WORDS[language]("all", **_written(counts.all, decimals))


def kinds_met(counts: Counts, decimals: int, language: Language) -> str:
    """'results 5.2 of 21 · counts 2.1 of 9 · inputs 2.1 of 4'."""
    return " · ".join(
        WORDS[language]("part", kind=kind_name(kind, language), **_written(count, decimals))
        for kind, count in counts.kinds.items()
    )


def kind_name(kind: TargetKind, language: Language) -> str:
    """What targets of a kind are called together: 'results'."""
    return WORDS[language](f"kind.{kind}")


def kinds_told(counts: Counts, decimals: int, language: Language) -> str:
    """The same with '; two cannot be judged' where some cannot."""
    return kinds_met(counts, decimals, language) + unjudged_text(counts, language)


def unjudged_text(counts: Counts, language: Language) -> str:
    """What follows a count of targets where some cannot be judged: '; two cannot be judged', else ''."""
    words, count = WORDS[language], counts.unjudged
    numbers = words("numbers").split()
    number = numbers[count] if count < len(numbers) else str(count)
    return words("one" if count == 1 else "many", unjudged=number) if count else ""


def why_unjudged(city: City, name: str, language: Language) -> str:
    """Why nobody can say whether a target is met, as a sentence; '' where it can be judged."""
    target, indicator = city.targets[name], city.indicators[name]
    label, why = (indicator.zh, target.no_base_zh) if language == "zh" else (indicator.en, target.no_base_en)
    return WORDS[language]("why", name=label, why=why) if why else ""


def all_unjudged(city: City, language: Language) -> list[str]:
    """Such a sentence for each target that cannot be judged."""
    return [told for name in city.targets if (told := why_unjudged(city, name, language))]


def counts_json(counts: Counts) -> dict[str, Any]:
    """The counts as plain data: of all and of each kind met and of, and how many cannot be judged."""
    each = {kind: {"met": count.met, "of": count.of} for kind, count in counts.kinds.items()}
    return {"met": counts.all.met, "of": counts.all.of, "kinds": each, "unjudged": counts.unjudged}


def _written(count: Count, decimals: int) -> dict[str, str]:
    return {"met": f"{count.met:.{decimals}f}", "of": str(count.of)}

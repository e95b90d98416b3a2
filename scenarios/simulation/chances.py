"""What many members say of a scenario: bands of indicators, chances of targets and of all, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from innovation.model import PLAN_BEGINS, City, Target
from innovation.model.files import Language
from innovation.scenarios.words import section

from .targets import limits

Held = Mapping[str, NDArray[np.float64]]  # the value of each variant that members have, shape (members,)
VIEW = "view_{}"  # the coordinate of a result of `simulate` that has them, by variant
PERCENTS = (5, 25, 50, 75, 95)
SURE = 3.0  # standard errors: of some 200 differences that are none, noise makes hardly one larger
Kind = Literal["none", "all", "only_missed", "only_met", "under", "over", "some"]
WORDS = section("chances")


@dataclass(frozen=True)
class Viewed:
    """The chance among the members that have one view of how the city works: `value`, 0 or 1, of a variant.

    `share` is the part of all members that have it, `share_error` its standard error; `draws` of so many different
    draws they are. Over the views of a variant the sum of share times chance is the chance of all members together.
    """

    variant: str
    value: int
    share: float
    share_error: float
    chance: float
    error: float
    draws: int


@dataclass(frozen=True)
class Chance:
    """How often a target is met among the members of one scenario.

    `chance` is the share of members that meet it, `error` its Monte-Carlo standard error from `draws` different draws.
    `distance` is the median of how far members lie on the wrong side, in the indicator's unit (0 where met);
    `first_year_met` the first year by which half of the members have met it once, None where they never have. `views`
    has the chance under each view of how the city works that members have.
    """

    scenario: str
    id: str
    chance: float
    error: float
    draws: int
    distance: float
    first_year_met: int | None
    views: tuple[Viewed, ...] = ()


@dataclass(frozen=True)
class Chances:
    """The chances of one scenario: of each target that can be judged, of all together, and which is least likely.

    `ties` is how many other targets are as unlikely as `weakest`, which lies farthest from what is wanted. `views` has
    the chance of all together under each view.
    """

    scenario: str
    targets: dict[str, Chance]
    all: float
    all_error: float
    weakest: str
    ties: int
    views: tuple[Viewed, ...] = ()

    @property
    def draws(self) -> int:
        """How many different draws stand behind the chances."""
        return next(iter(self.targets.values())).draws


def percentiles(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a band is: PERCENTS of figures over their members, the first axis; shape (percents, …)."""
    return np.asarray(np.percentile(figures, PERCENTS, axis=0))


def different_draws(members: int, draws: int | None) -> int:
    """Of how many different draws so many members are, of `draws` at most; None or 0: no member repeats another."""
    return min(members, draws or members)


def independent_draws(draws: int, worth: int | None) -> int | None:
    """How many independent draws of a posterior such different ones are worth; None: they tell nothing of the record.

    `worth` is that of the members: of other draws than a posterior's there is none.
    """
    return None if worth is None else min(draws, worth)


def bands(dataset: xr.Dataset) -> xr.Dataset:
    """Percentiles of every indicator over the members of a result of `simulate`, the nominal run left out.

    Dims scenario, percent (5, 25, 50, 75, 95), year; attrs as in the result.
    """
    members = dataset.isel(member=slice(1, None))
    return xr.Dataset(
        {
            name: (
                ("scenario", "percent", "year"),
                percentiles(figures.transpose("member", "scenario", "year").values).swapaxes(0, 1),
                figures.attrs,
            )
            for name, figures in members.data_vars.items()
        },
        coords={"scenario": dataset.scenario, "percent": list(PERCENTS), "year": dataset.year},
        attrs=dataset.attrs,
    )


def chances(
    city: City, dataset: xr.Dataset, targets: Iterable[str] | None = None, draws: int | None = None
) -> list[Chances]:
    """The chances of every scenario of a result of `simulate`, from its members, the nominal run left out.

    Parameters
    ----------
    targets
        Ids of the targets asked for together; None for all that can be judged and that the result has.
    draws
        How many of the members are different, where draws repeat; None: as many as the result's attrs say, else all.

    Raises ValueError where the result has no members beside the nominal run, or a target cannot be judged.
    """
    wanted = [name for name in city.judgeable if name in dataset] if targets is None else list(targets)
    unjudged = [f"{name} ({city.targets[name].no_base_en})" for name in wanted if not city.targets[name].has_base]
    if unjudged:
        raise ValueError(f"Nobody can judge {', '.join(unjudged)}. Leave it out.")
    if not wanted:
        raise ValueError("No indicator of the result is a target that can be judged.")
    members = dataset.isel(member=slice(1, None))
    count = members.sizes["member"]
    if not count:
        raise ValueError("The result holds the nominal run alone; simulate it with members.")
    different = different_draws(count, draws or dataset.attrs.get("draws"))
    return [
        _of(city, members, place, str(name), wanted, different) for place, name in enumerate(dataset.scenario.values)
    ]


def _of(city: City, members: xr.Dataset, place: int, scenario: str, wanted: list[str], draws: int) -> Chances:
    found, hits, years = {}, [], members.year.values.tolist()
    held = views_held(city, members, place)
    for name in wanted:
        figures = members.variables[name].isel(scenario=place).transpose("member", "year").values
        found[name], hit = chance(scenario, city.targets[name], name, years, figures, draws, held)
        hits.append(hit)
    return together(city, scenario, found, np.all(hits, axis=0), held)


def views_held(city: City, dataset: xr.Dataset, place: int) -> dict[str, NDArray[np.float64]]:
    """The value of each variant that the members of a result have under its scenario at a place, shape (members,)."""
    names = {variant: VIEW.format(variant) for variant in city.variants}
    return {variant: dataset.coords[name].values[place] for variant, name in names.items() if name in dataset.coords}


def chance(
    scenario: str,
    target: Target,
    name: str,
    years: Sequence[int],
    values: NDArray[np.float64],
    draws: int,
    held: Held,
) -> tuple[Chance, NDArray[np.bool_]]:
    """The chance of one target from its indicator's figures, shape (members, years), and which members meet it.

    `draws` is how many of the members are different, `held` which views they have, by variant.
    """
    short = shortfalls(target, values[:, years.index(target.year)])
    hit = short == 0
    part, error = share(hit, draws)
    first = _first_year(target, years, values)
    of = by_view(hit, draws, held)
    return Chance(scenario, name, part, error, draws, float(np.median(short)), first, of), hit


def together(city: City, scenario: str, found: Mapping[str, Chance], met: NDArray[np.bool_], held: Held) -> Chances:
    """The chances of a scenario from those of its targets and the members that meet them all, shape (members,)."""
    draws = next(iter(found.values())).draws
    everything, error = share(met, draws)
    name, ties = weakest(city, found)
    return Chances(scenario, dict(found), everything, error, name, ties, by_view(met, draws, held))


def by_view(hits: NDArray[np.bool_], draws: int, held: Held) -> tuple[Viewed, ...]:
    """The chance under each view that members have, from the members that hit, shape (members,)."""
    found = []
    for variant, values in held.items():
        for value in (0, 1):
            own = values == value
            if own.any():
                part, part_error = share(own, draws)
                count = max(1, round(part * draws))
                chance_of, error = share(hits[own], count)
                found.append(Viewed(variant, value, part, part_error, chance_of, error, count))
    return tuple(found)


def weakest(city: City, found: Mapping[str, Chance], chosen: Iterable[str] = ()) -> tuple[str, int]:
    """The least likely of the chosen targets, or of all where none is chosen, and how many others are as unlikely.

    Of equally unlikely ones it is that which is missed by most: the median distance over the target's own size, then
    the plan's order. A target without a figure in its year cannot be judged and has no part, unless none has one.
    """
    names = [name for name in chosen if name in found] or list(found)
    judged = [name for name in names if not math.isnan(found[name].distance)] or names
    least = min(found[name].chance for name in judged)
    equal = [name for name in judged if found[name].chance == least]
    first = max(equal, key=lambda name: found[name].distance / _scale(city.targets[name]))
    return first, len(equal) - 1


def _scale(target: Target) -> float:
    return abs(target.value) or 1.0


def shortfalls(target: Target, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far values lie on the wrong side of a target; 0 where they do, NaN where there is no value."""
    low, high = limits(target)
    return np.maximum(np.maximum(low - values, values - high), 0.0)


def meets(target: Target, values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values meet a target; none that is missing does."""
    return np.asarray(shortfalls(target, values) == 0)


def share(hits: NDArray[np.bool_], draws: int) -> tuple[float, float]:
    """The share of hits and its standard error from so many different draws."""
    part = float(hits.mean())
    return part, standard_error(part, draws)


def standard_error(part: float, draws: int) -> float:
    """The error of a share: two hits and two misses are added, so that it is not 0 where all draws agree."""
    middle = (part * draws + 2) / (draws + 4)
    return math.sqrt(middle * (1 - middle) / (draws + 4))


def _first_year(target: Target, years: Sequence[int], values: NDArray[np.float64]) -> int | None:
    """Of figures (member, year): the first year from the plan's start by which half of the members met the target."""
    met = np.zeros(len(values), bool)
    for place, year in enumerate(years):
        if year >= PLAN_BEGINS:
            met |= meets(target, values[:, place])
            if met.mean() >= 0.5:
                return year
    return None


def chance_text(chance: float, draws: int, language: Language) -> str:
    """A chance with its error, as a cell or after a colon: '76 % ± 1.3', '<1 % ± 0.2', 'none of 1,000 runs'.

    `draws` is how many different draws it comes from.
    """
    return _told("cell", chance, draws, language)


def met_text(chance: float, draws: int, language: Language) -> str:
    """How often a target is met, as a clause: 'met in 76 % ± 1.3 of runs'."""
    return _told("met", chance, draws, language)


def missed_text(share: float, draws: int, language: Language) -> str:
    """How often a target is missed, as a sentence; `share` is that of the runs that miss it."""
    return _told("missed", share, draws, language)


def percent_text(part: float, language: Language) -> str:
    """A share without an error of its own: '76 %', '<1 %', '>99 %'."""
    return WORDS[language]("percent", percent=hundredths(part))


def points_text(change: float, error: float, language: Language) -> str:
    """The change of a chance in percentage points, signed, with its error."""
    written = f"{100 * change:+.1f}"
    percent = written if float(written) else "0.0"
    return WORDS[language]("points", percent=percent, error=_error(error))


def hundredths(part: float) -> str:
    """A share in whole per cent; what is nearly none or nearly all does not look as if it were."""
    written = f"{100 * part:.0f}".replace("-0", "0") if abs(part) < 0.005 else f"{100 * part:.0f}"
    if written == "0" and part > 0:
        return "<1"
    return ">99" if written == "100" and part < 1 else written


def _told(form: str, part: float, draws: int, language: Language) -> str:
    count = f"{draws:,}" if language == "en" else str(draws)
    error = _error(standard_error(part, draws))
    return WORDS[language](f"{form}.{_kind(part, draws)}", percent=hundredths(part), draws=count, error=error)


def _kind(part: float, draws: int) -> Kind:
    if part in (0, 1):
        if draws == 1:
            return "only_met" if part else "only_missed"
        return "all" if part else "none"
    written = hundredths(part)
    return "under" if written == "<1" else "over" if written == ">99" else "some"


def _error(error: float) -> str:
    """In percentage points, to one decimal; below that to one digit, and never 0."""
    return f"{100 * error:.1f}" if 100 * error >= 0.095 else f"{100 * error:.1g}"

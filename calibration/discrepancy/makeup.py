"""What a published band is made of: shares of variance, each part added to those before it in a stated order.

Variances are of logs, of percentages of logits, as figures stray, without the farthest members, for tails are long.
What two parts do together falls to the later one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.model import City
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import (
    LINE_VIEW,
    NONE_FAILED,
    DesignFailures,
    drawn_views,
    held_views,
    parameters,
    sound_figures,
)

from .instrument import COUNTS, DISCREPANCY, MEASUREMENT, DiscrepancyInstrument
from .scales import scale_of, scaled

Floats = NDArray[np.float64]

PARAMETERS, ASSUMPTIONS, VARIANTS = "parameters", "assumptions", "variants"
PARTS = (PARAMETERS, ASSUMPTIONS, VARIANTS, DISCREPANCY, COUNTS, MEASUREMENT)
HALF = 0.5  # added to what is counted, which may be none
EDGES = (5, 95)
CUT = (1, 99)


@dataclass(frozen=True)
class Makeup:
    """Shares of the variance of a published figure by PARTS, in their order, summing to one; and two 90 % bands.

    `city` is the band of the city alone, `published` that of the published figure, in the indicator's unit. Without any
    variance every share is not a number. `left_out` says how many members failed.
    """

    indicator: str
    year: int
    shares: Mapping[str, float]
    city: tuple[float, float]
    published: tuple[float, float]
    left_out: DesignFailures = NONE_FAILED


def makeup(
    city: City,
    scenario: Scenario,
    members: Mapping[str, Any],
    instrument: DiscrepancyInstrument,
    indicator: str,
    year: int,
) -> Makeup:
    """What the band of one indicator's figure of a year is made of; see `makeups`."""
    return next(makeups(city, scenario, members, instrument, {indicator: year}))


def makeups(
    city: City,
    scenario: Scenario,
    members: Mapping[str, Any],
    instrument: DiscrepancyInstrument,
    wanted: Mapping[str, int],
) -> Iterator[Makeup]:
    """What the bands of some indicators are made of, each in a year, from three runs of the same members.

    Parameters
    ----------
    members
        The first so many draws of the instrument's posterior, every constant (members,), as ``members`` gives them.
    wanted
        The year of each indicator.

    Raises TooManyFailed where too many members fail in one of the runs.
    """
    groups = _groups(city, members)
    varied = [
        {name: members[name] for group in groups[:count] for name in group} for count in range(1, len(groups) + 1)
    ]
    given = [parameters(city, scenario, _alike(one, members), nominal=False) for one in varied]
    found, failures = sound_figures(city, {scenario.id: given})
    numbers, left_out = np.flatnonzero(failures.kept) + 1, failures.as_design
    held = held_views(city, scenario, drawn_views(city, members, nominal=False))
    line = held[LINE_VIEW][failures.kept] if LINE_VIEW in held else None
    for name, year in wanted.items():
        own = [run[name] for run in found[scenario.id]]
        strayed = [
            instrument.published(name, own[-1], numbers, line, parts)
            for parts in ((DISCREPANCY,), (DISCREPANCY, COUNTS), (DISCREPANCY, COUNTS, MEASUREMENT))
        ]
        yield _makeup(city, instrument, name, year, [*own, *strayed], left_out)


def _groups(city: City, members: Mapping[str, Any]) -> Sequence[list[str]]:
    """Names of constants that are parameters, assumptions, variants."""
    variants = {city.spelling(*city.locate(one.constant)) for one in city.variants.values()}
    found: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in members:
        parameter = city.parameter(name)
        kind = 2 if name in variants else 1 if parameter is not None and parameter.role == "assumption" else 0
        found[kind].append(name)
    return found


def _alike(varied: Mapping[str, Any], members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Constants that vary; where none does, one that is given anew as often as there are members."""
    return varied or {name: np.full(len(values), values[0]) for name, values in list(members.items())[:1]}


def _cut(values: Floats) -> Floats:
    """Values, the farthest hundredth on either side drawn in: one member among thousands decides no share."""
    return np.clip(values, *np.nanpercentile(values, CUT))


def _makeup(
    city: City, instrument: DiscrepancyInstrument, name: str, year: int, series: Sequence[Floats],
    left_out: DesignFailures,
) -> Makeup:  # fmt: skip
    place = city.years.index(year)
    counted = name in instrument.assumed.counts
    reading = instrument.assumed.readings.get(name)
    scale = "log" if counted else scale_of(city, name, bool(reading and reading.growth))
    told = [scaled(scale, values[:, place] + (HALF if counted else 0.0)) for values in series]
    variances = np.array([float(np.nanvar(_cut(values))) for values in told])
    steps = np.maximum(np.diff(variances, prepend=0.0), 0.0)
    with np.errstate(invalid="ignore"):
        shares = steps / steps.sum()
    low_city, high_city = np.percentile(series[len(PARTS) // 2 - 1][:, place], EDGES)
    low, high = np.percentile(series[-1][:, place], EDGES)
    return Makeup(
        name, year, dict(zip(PARTS, map(float, shares), strict=True)),
        (float(low_city), float(high_city)), (float(low), float(high)), left_out,
    )  # fmt: skip

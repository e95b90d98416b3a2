"""What a batch says of a scenario: percentiles, mean and chances, from one indicator's figures at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from model import City

from .chances import PERCENTS, Chance, Held, chance, together
from .outlooks import BANDS, Outlook

Floats = NDArray[np.float64]

SUMMARY_COLUMNS = (
    "scenario", "indicator", "year", "unit", *BANDS, "mean", "sense", "target", "high", "chance", "error",
    "kind",
)  # fmt: skip
LEAST = 2  # members without which there are no percentiles


@dataclass(frozen=True)
class Summary:
    """The outlook of one scenario, and the mean over its members of every indicator, by year."""

    scenario: str
    outlook: Outlook
    means: Mapping[str, Floats]


def summarise(
    city: City,
    scenario: str,
    values: Callable[[str], Floats],
    failed: NDArray[np.bool_],
    attrs: Mapping[str, Any],
    judged: Collection[str],
    held: Held,
    told: Callable[[int, int], None] | None = None,
) -> Summary | None:
    """The summary of a scenario; None where fewer than two members did not fail.

    Parameters
    ----------
    values
        An indicator's figures of all members, shape (years, members), the nominal run first.
    failed
        Members to leave out, shape (members,).
    attrs
        Of the result: model_hash, draws and the like.
    held
        Which views all members have, by variant, the nominal run first.
    told
        Called with 1 and 0 after each indicator.
    """
    good = np.flatnonzero(~failed[1:]) + 1
    if len(good) < LEAST:
        return None
    draws = min(len(good), attrs.get("draws") or len(good))
    years = np.asarray(city.years)
    nominal, bands, means = {}, {}, {}
    chances: dict[str, Chance] = {}
    met = np.ones(len(good), bool)
    own = {variant: values[good] for variant, values in held.items()}
    for name, indicator in city.indicators.items():
        every = values(name)
        figures = every[:, 1:] if len(good) == len(failed) - 1 else every[:, good]
        said = {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"}
        nominal[name] = ("scenario", "member", "year"), every[:, 0][None, None].copy(), said
        percentiles = np.stack([np.percentile(of_year, PERCENTS) for of_year in figures], axis=1)
        bands[name] = ("scenario", "percent", "year"), percentiles[None], said
        means[name] = figures.mean(axis=1)
        if name in city.judgeable:
            chances[name], hits = chance(scenario, city.targets[name], name, city.years, figures.T, draws, own)
            met &= hits
        if told:
            told(1, 0)
    coords = {"scenario": [scenario], "year": years}
    outlook = Outlook(
        city,
        xr.Dataset(nominal, {**coords, "member": [0]}, dict(attrs)),
        len(good),
        xr.Dataset(bands, {**coords, "percent": list(PERCENTS)}, dict(attrs)),
        {scenario: together(city, scenario, {name: chances[name] for name in city.judgeable}, met, own)},
        judged,
    )
    return Summary(scenario, outlook, means)


def summary_rows(city: City, summaries: Iterable[Summary]) -> Iterator[tuple[object, ...]]:
    """Percentiles and mean of every indicator and year in the order of SUMMARY_COLUMNS; a target's in its year."""
    for seen in summaries:
        for name, figures in seen.outlook.bands.data_vars.items():
            target, unit = city.targets.get(str(name)), city.indicators[str(name)].unit
            percentiles = figures.isel(scenario=0).transpose("year", "percent").values
            for year, row, mean in zip(city.years, percentiles, seen.means[str(name)], strict=True):
                if not np.isfinite(row).all():
                    continue
                wanted: tuple[object, ...] = ("",) * 6
                if target is not None and target.year == year:
                    of = seen.outlook.chances[seen.scenario].targets.get(str(name))
                    chance = ("", "") if of is None else (of.chance, of.error)
                    wanted = (target.sense, target.value, target.high, *chance, target.kind)
                yield seen.scenario, str(name), year, unit, *row.tolist(), float(mean), *wanted

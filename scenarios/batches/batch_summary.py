"""What a batch says of a scenario: percentiles, mean and chances, from one indicator's figures at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from innovation.engine import StepCounter
from innovation.model import City
from innovation.scenarios.simulation.bands import (
    BAND,
    BANDS_OF,
    CITY,
    INSTRUMENT,
    LINE_VIEW,
    PUBLISHED,
    Band,
    Instrument,
)
from innovation.scenarios.simulation.chances import (
    PERCENTS,
    Chance,
    Held,
    chance,
    different_draws,
    percentiles,
    together,
)
from innovation.scenarios.simulation.outlooks import BANDS, Outlook

Floats = NDArray[np.float64]

SUMMARY_COLUMNS = (
    "scenario", "indicator", "year", "unit", *BANDS, "mean", "sense", "target", "high", "chance", "error",
    "kind", "band",
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
    counter: StepCounter | None = None,
    instrument: Instrument | None = None,
) -> dict[Band, Summary]:
    """Summaries of a scenario by band, that of published figures first; none where fewer than two members are left.

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
    counter
        Counts each indicator.
    instrument
        How figures are published; without one there is the city alone.
    """
    good = np.flatnonzero(~failed[1:]) + 1
    if len(good) < LEAST:
        return {}
    draws = different_draws(len(good), attrs.get("draws"))
    own = {variant: values[good] for variant, values in held.items()}
    kinds: tuple[Band, ...] = BANDS_OF if instrument else (CITY,)
    found = {kind: _Gathered(city, scenario, draws, own, len(good)) for kind in kinds}
    for name in city.indicators:
        every = values(name)
        figures = every[:, 1:] if len(good) == len(failed) - 1 else every[:, good]
        for kind, gathered in found.items():
            if instrument and kind == PUBLISHED:
                gathered.add(name, every[:, 0], instrument.published(name, figures.T, good, own.get(LINE_VIEW)).T)
            else:
                gathered.add(name, every[:, 0], figures)
        if counter:
            counter.add(1)
    said = dict(attrs) if instrument is None else {**attrs, INSTRUMENT: instrument.hash}
    return {kind: one.summary({**said, BAND: kind}, judged) for kind, one in found.items()}


class _Gathered:
    """What is gathered of a scenario's members, an indicator after the other."""

    def __init__(self, city: City, scenario: str, draws: int, held: Held, members: int) -> None:
        self._city, self._scenario, self._draws, self._held = city, scenario, draws, held
        self._nominal: dict[str, Any] = {}
        self._bands: dict[str, Any] = {}
        self._means: dict[str, Floats] = {}
        self._chances: dict[str, Chance] = {}
        self._met = np.ones(members, bool)

    def add(self, name: str, nominal: Floats, figures: Floats) -> None:
        """Add an indicator: the nominal run's figures (years,) and the members' (years, members)."""
        city, indicator = self._city, self._city.indicators[name]
        said = {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"}
        self._nominal[name] = ("scenario", "member", "year"), nominal[None, None].copy(), said
        band = np.stack([percentiles(of_year) for of_year in figures], axis=1)  # one year of so many members at a time
        self._bands[name] = ("scenario", "percent", "year"), band[None], said
        self._means[name] = figures.mean(axis=1)
        if name in city.judgeable:
            self._chances[name], hits = chance(
                self._scenario, city.targets[name], name, city.years, figures.T, self._draws, self._held
            )
            self._met &= hits

    def summary(self, attrs: Mapping[str, Any], judged: Collection[str]) -> Summary:
        """All of it; `attrs` are those of the result."""
        city, scenario = self._city, self._scenario
        coords = {"scenario": [scenario], "year": np.asarray(city.years)}
        found = {name: self._chances[name] for name in city.judgeable}
        outlook = Outlook(
            city,
            xr.Dataset(self._nominal, {**coords, "member": [0]}, dict(attrs)),
            len(self._met),
            xr.Dataset(self._bands, {**coords, "percent": list(PERCENTS)}, dict(attrs)),
            {scenario: together(city, scenario, found, self._met, self._held)},
            judged,
        )
        return Summary(scenario, outlook, self._means)


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
                yield seen.scenario, str(name), year, unit, *row.tolist(), float(mean), *wanted, seen.outlook.band

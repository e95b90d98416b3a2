"""How far published figures stray from the city's own, and what the bands of the plan's targets are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from innovation.calibration.discrepancy.entries import read_assumed
from innovation.calibration.discrepancy.instrument import DiscrepancyInstrument
from innovation.calibration.discrepancy.loading import instrument_of, measure
from innovation.calibration.discrepancy.makeup import makeups
from innovation.calibration.discrepancy.sizes import size_rows
from innovation.calibration.evidence.basis import Basis, Floats
from innovation.calibration.record.observations import read_record
from innovation.engine import OnProgress, Progress
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import (
    CITY,
    LINE_VIEW,
    PUBLISHED,
    drawn_views,
    figures,
    held_views,
    meets,
    parameters,
    yearly_run,
)


def discrepancy_rows(basis: Basis, on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each quantity and year, and for everything counted: sizes from all draws."""
    assert basis.draws is not None
    on_progress(Progress("the baseline"))
    record = read_record(basis.city)
    yield from size_rows(measure(basis.city, basis.draws, record, read_assumed(basis.city)))


def makeup_rows(basis: Basis, scenarios: Sequence[Scenario], on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each scenario and target: shares of variance, both bands, and the chance in each."""
    assert basis.draws is not None
    city, draws = basis.city, basis.draws
    instrument = instrument_of(city, draws)
    if instrument is None:
        return
    for scenario in scenarios:
        on_progress(Progress(scenario.id))
        chances = _chances(basis, scenario, instrument)
        wanted = {name: target.year for name, target in city.targets.items()}
        for one in makeups(city, scenario, draws.draws, instrument, wanted):
            yield {
                "scenario": scenario.id,
                "indicator": one.indicator,
                "year": one.year,
                **one.shares,
                "city_low": one.city[0],
                "city_high": one.city[1],
                "published_low": one.published[0],
                "published_high": one.published[1],
                **chances[one.indicator],
            }


def _chances(basis: Basis, scenario: Scenario, instrument: DiscrepancyInstrument) -> dict[str, dict[str, object]]:
    """The chance of each target in both bands; empty where it cannot be judged."""
    city, draws = basis.city, basis.draws
    assert draws is not None
    run = yearly_run(city, parameters(city, scenario, draws.draws, nominal=False), on_failure="mask")
    sound = np.flatnonzero(~np.asarray(run["failed"].values))
    line = held_views(city, scenario, drawn_views(city, draws.draws, nominal=False)).get(LINE_VIEW)
    own = figures(city, run)
    found: dict[str, dict[str, object]] = {}
    for name, target in city.targets.items():
        place = city.years.index(target.year)
        values: dict[str, Floats] = {CITY: own[name][sound]}
        values[PUBLISHED] = instrument.published(name, values[CITY], sound + 1, None if line is None else line[sound])
        found[name] = {
            f"{band}_chance": float(meets(target, of[:, place]).mean()) if target.has_base else ""
            for band, of in values.items()
        }
    return found

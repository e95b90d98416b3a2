"""How far published figures stray from the city's own, and what the bands of the plan's targets are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

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
    held_views,
    meets,
    parameters,
    sound_figures,
)

from .futures import FAILED


def discrepancy_rows(basis: Basis, on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each quantity and year, and for everything counted: sizes from all draws.

    Raises TooManyFailed where too many of them fail.
    """
    assert basis.draws is not None
    on_progress(Progress("the baseline"))
    record = read_record(basis.city)
    sizes = measure(basis.city, basis.draws, record, read_assumed(basis.city))
    yield from ({**row, FAILED: sizes.left_out.failed} for row in size_rows(sizes))


def makeup_rows(basis: Basis, scenarios: Sequence[Scenario], on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each scenario and target: shares of variance, both bands, and the chance in each.

    Raises TooManyFailed where too many draws fail.
    """
    assert basis.draws is not None
    city, draws = basis.city, basis.draws
    instrument = instrument_of(city, draws)
    if instrument is None:
        return
    on_progress(Progress("chances"))
    given = {one.id: [parameters(city, one, draws.draws, nominal=False)] for one in scenarios}
    found, failures = sound_figures(city, given)
    for scenario in scenarios:
        on_progress(Progress(scenario.id))
        chances = _chances(basis, scenario, instrument, found[scenario.id][0], failures.kept)
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
                FAILED: max(one.left_out.failed, len(failures.lost)),
            }


def _chances(
    basis: Basis,
    scenario: Scenario,
    instrument: DiscrepancyInstrument,
    own: Mapping[str, Floats],
    kept: NDArray[np.bool_],
) -> dict[str, dict[str, object]]:
    """The chance of each target in both bands, from the city's own figures of the draws kept; empty where unjudged."""
    city, draws = basis.city, basis.draws
    assert draws is not None
    numbers = np.flatnonzero(kept) + 1
    line = held_views(city, scenario, drawn_views(city, draws.draws, nominal=False)).get(LINE_VIEW)
    found: dict[str, dict[str, object]] = {}
    for name, target in city.targets.items():
        place = city.years.index(target.year)
        values: dict[str, Floats] = {CITY: own[name]}
        values[PUBLISHED] = instrument.published(name, own[name], numbers, None if line is None else line[kept])
        found[name] = {
            f"{band}_chance": float(meets(target, of[:, place]).mean()) if target.has_base else ""
            for band, of in values.items()
        }
    return found

"""The last year held out: a fit to what was published up to the year before, scored on what the last year published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.record.measurement import scaled
from innovation.calibration.record.observations import Observation
from innovation.engine import OnProgress
from innovation.model import RECORD_ENDS

from .groups import PRIOR_DRAWS, fitted
from .refits import refit
from .scores import NAIVE, CountForecast, Forecast, StudentForecast, forecasts, scores_of

ENOUGH = 3  # exact figures of a series before the year held out, for a naive forecast of it


def holdout_rows(
    basis: Basis, seed: int, on_progress: OnProgress, year: int = RECORD_ENDS
) -> Iterator[dict[str, object]]:
    """A row for each figure that speaks of `year`, sums and compound growth up to it included.

    Each is scored by the posterior given earlier figures, by the prior and, where its series has ENOUGH exact figures
    before, by a log-linear trend and a random walk with drift: log score, CRPS on the scale of the error (not of
    bounds), and place. In a series the forecast follows from the errors of the years before.
    """
    posterior = basis.posterior
    held = np.array([figure.last == year for figure in basis.counted])
    found = refit(basis, ~held, seed, on_progress=on_progress)
    own = forecasts(posterior.measurement, posterior.figures(found.z), posterior.errors(found.z), given=True)
    prior = posterior.draw_prior(PRIOR_DRAWS, [seed, 1])[: len(found.z)]
    before = forecasts(posterior.measurement, posterior.figures(prior), posterior.errors(prior))
    for figure, forecast, blind, is_held in zip(basis.counted, own, before, held, strict=True):
        if not is_held:
            continue
        said: dict[str, Forecast | CountForecast | StudentForecast] = {
            "model": forecast,
            "prior": blind,
            **naive(basis, figure),
        }
        row: dict[str, object] = {
            "figure": figure.id,
            "group": figure.group,
            "is_bound": int(figure.is_bound),
            "earlier": len(earlier(basis, figure)),
        }
        for name in ("model", "prior", *NAIVE):
            row |= {f"{name}_{what}": score for what, score in scores_of(figure, said.get(name)).items()}
        yield {**row, **fitted(found)}


def earlier(basis: Basis, figure: Observation) -> dict[int, float]:
    """Exact figures of the same thing before this one, year -> value on its scale, counted or not."""
    if figure.first is not None or figure.reading != "exact" or figure.is_count:
        return {}
    same = (figure.operator, figure.of, figure.error, "exact")
    return {
        other.last: float(scaled(other, np.array(other.value)))
        for other in sorted(basis.observations, key=lambda other: other.last)
        if (other.operator, other.of, other.error, other.reading) == same and other.last < figure.last
    }


def naive(basis: Basis, figure: Observation) -> Mapping[str, StudentForecast]:
    """Forecasts of a figure from its own series alone; none where the series is too short."""
    series = earlier(basis, figure)
    if len(series) < ENOUGH:
        return {}
    years, values = np.array(list(series), float), np.array(list(series.values()))
    return {name: forecast(years, values, figure.last) for name, forecast in NAIVE.items()}

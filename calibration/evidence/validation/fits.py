"""Every figure of the record against what the fitted city says of it, with and without errors of measurement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.record.observations import Observation

from .scores import forecasts, place

Floats = NDArray[np.float64]

PERCENTS = (5, 25, 50, 75, 95)
FIXED = 0.002  # of its middle: a band narrower than this has no uncertainty behind it


@dataclass(frozen=True)
class PredictedFigure:
    """A figure beside the posterior: percentiles (PERCENTS) of parameters alone, and with errors of measurement.

    `place` is how far up the wider distribution the published figure lies; of a bound, the chance that it holds.
    """

    figure: Observation
    said: Floats
    measured: Floats
    place: float

    @property
    def is_bound(self) -> bool:
        """Whether the figure is only a bound."""
        return self.figure.is_bound

    @property
    def is_fixed(self) -> bool:
        """Whether the model says this figure without any uncertainty: it is set from it, or driven by it."""
        return bool(self.said[-1] - self.said[0] < FIXED * abs(self.said[2]))


def fits(basis: Basis, seed: int) -> list[PredictedFigure]:
    """Every figure of the record, counted or not, in its order."""
    measurement, figures, errors = basis.posterior.predict(basis.observations, basis.z, [seed, 1])
    drawn = measurement.draw(figures, errors, np.random.default_rng(seed))
    found = []
    for figure, said, measured, forecast in zip(
        measurement.observations, figures, drawn, forecasts(measurement, figures, errors), strict=True
    ):
        narrow, wide = (np.percentile(values, PERCENTS) for values in (said, measured))
        found.append(PredictedFigure(figure, narrow, wide, place(figure, forecast)))
    return found


def fit_rows(basis: Basis, seed: int) -> Iterator[dict[str, object]]:
    """A row for each figure of the record: whether it counts, is a bound or has no uncertainty, and its place."""
    for fit in fits(basis, seed):
        yield {
            "figure": fit.figure.id,
            "is_counted": int(fit.figure.is_counted),
            "is_bound": int(fit.is_bound),
            "is_fixed": int(fit.is_fixed),
            "place": fit.place,
        }


def counted(found: Sequence[PredictedFigure]) -> list[PredictedFigure]:
    """Those that make the likelihood and are no bounds."""
    return [fit for fit in found if fit.figure.is_counted and not fit.is_bound]

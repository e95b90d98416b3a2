"""A normal approximation of the posterior given some of the figures: where short chains begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calibration.likelihood import Posterior
from calibration.measurement import Errors, scaled
from calibration.observations import Observation

Floats = NDArray[np.float64]

STEP = 0.1  # of the central differences, in standard deviations of the prior
ROUNDS = 3  # of Gauss and Newton


def approximate(posterior: Posterior, kept: NDArray[np.bool_], middle: Floats) -> tuple[Floats, Floats]:
    """Mean (constants,) and covariance (constants, constants) of the constants given the figures that `kept` marks.

    Figures are taken as linear around the mean, which Gauss and Newton's method finds from `middle`, shape (d,); error
    sizes stay as they are there. Bounds are left out: few of them are near enough to matter.
    """
    count = posterior.space.d
    errors = posterior.errors(middle[None])
    mean = middle[:count].copy()
    for _ in range(ROUNDS):
        residuals, slopes = _linear(posterior, kept, mean, middle[count:], errors)
        precision = np.eye(count) + slopes.T @ slopes
        mean = mean - np.linalg.solve(precision, mean + slopes.T @ residuals)
    return mean, np.asarray(np.linalg.inv(precision), float)


def _linear(
    posterior: Posterior, kept: NDArray[np.bool_], mean: Floats, rest: Floats, errors: Errors
) -> tuple[Floats, Floats]:
    """Residuals of kept figures in units of their errors, shape (kept,), and their slopes (kept, constants)."""
    count = len(mean)
    moves = STEP * np.eye(count)
    z = np.concatenate([mean[None], mean + moves, mean - moves])
    figures = posterior.figures(np.concatenate([z, np.tile(rest, (len(z), 1))], axis=1))
    middles, spreads = posterior.measurement.expected(figures, errors)
    values = np.array([_value(figure) for figure in posterior.observations])[:, None]
    used = kept & np.array([not figure.is_bound for figure in posterior.observations])
    gaps = ((values - middles) / spreads)[used]
    gaps[~np.isfinite(gaps).all(axis=1)] = 0.0
    slopes = (gaps[:, 1 : count + 1] - gaps[:, count + 1 :]) / (2 * STEP)
    slopes[:, posterior.space.switches] = 0.0  # they step, and have none
    return gaps[:, 0], slopes


def _value(figure: Observation) -> float:
    return float(scaled(figure, np.array(figure.value)))

"""A normal approximation of the posterior given some of the figures, and walkers near it: where short chains begin.

Walkers that begin too narrow agree with each other long before they are right. So those of half the ensembles begin
wider than the normal: R-hat compares both kinds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.mcmc.chain import Guess, LogDensity
from innovation.calibration.mcmc.saved_state import SamplerError
from innovation.calibration.record.measurement import Errors, scaled
from innovation.calibration.record.observations import Observation

from .likelihood import Posterior

Floats = NDArray[np.float64]

WIDTHS = (1.0, 1.0, 1.25, 1.25)  # of the beginnings of the ensembles, times the approximation
TRIES = 100  # of drawing a walker anew where the density is nothing
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


def walkers_near(density: LogDensity, guess: Guess, walkers: int, random: np.random.Generator) -> Floats:
    """Walkers of the guess's normals made wider by WIDTHS, shape (ensembles, walkers, d), all where there is a density.

    Raises SamplerError where some find none.
    """
    start = np.stack([guess.draw(walkers, width, random)[place] for place, width in enumerate(WIDTHS)])
    for _ in range(TRIES):
        void = ~np.isfinite(density(start.reshape(-1, start.shape[-1])).reshape(start.shape[:2]))
        if not void.any():
            return start
        start[void] = guess.draw(walkers, 1.0, random)[void]
    raise SamplerError(
        f"{int(void.sum())} of {void.size} walkers found no start with a density in {TRIES} tries around the normal.\n"
        "It lies where runs fail: begin it elsewhere, or mend the model."
    )


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

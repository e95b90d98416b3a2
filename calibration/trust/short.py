"""A fit of a few minutes that converges: many walkers for few steps, begun near normals, block by block until enough.

Nothing is known of where the posterior lies. Gauss and Newton's method begins at the middle of the prior and at the
best of some draws from it, never at a truth, and each ensemble begins at another end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.mcmc.chain import Guess
from innovation.calibration.mcmc.diagnostics import Quality, quality, refusal
from innovation.calibration.mcmc.sampler import EnsembleDraws, sample
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.normal_approximation import WIDTHS, approximate, walkers_near
from innovation.engine import OnProgress

Floats = NDArray[np.float64]

SOUGHT = 512  # draws from the prior, the best of which begin Gauss and Newton's method too
FAR = 20.0  # of log density below the best end: such an end is no beginning


@dataclass(frozen=True)
class SamplerEffort:
    """Walkers of each ensemble, steps of the warm-up and of each block, blocks at most, populations kept of a block."""

    walkers: int
    warm_up: int
    steps: int
    blocks: int
    keep: int

    def __str__(self) -> str:
        return f"{len(WIDTHS)} x {self.walkers} walkers {self.warm_up} + {self.blocks} x {self.steps} keep {self.keep}"


SHORT = SamplerEffort(walkers=512, warm_up=600, steps=160, blocks=12, keep=8)  # docs/decisions/0006 says why


@dataclass(frozen=True)
class Short:
    """Draws of a short fit.

    Attributes
    ----------
    converged
        Whether they pass what a fit for use must pass (``diagnostics.refusal``).
    steps
        Of each walker, warm-up included.
    """

    draws: EnsembleDraws
    quality: Quality
    converged: bool
    steps: int
    seconds: float


def short_fit(
    posterior: Posterior, seed: int, effort: SamplerEffort = SHORT, on_progress: OnProgress | None = None
) -> Short:
    """Fit a posterior block by block until the draws are inside the limits, or its blocks are spent.

    Raises SamplerError where no walker finds a density.
    """
    begin = time.monotonic()
    guess = beginning_of(posterior, seed)
    draws = sample(
        posterior,
        posterior.d,
        guess=guess,
        start=walkers_near(posterior, guess, effort.walkers, np.random.default_rng([seed, 2])),
        walkers=effort.walkers,
        warm_up=effort.warm_up,
        steps=effort.steps,
        blocks=effort.blocks,
        enough=lambda z: refusal(quality(z, posterior.names)) is None,
        keep=effort.keep,
        seed=seed,
        on_progress=on_progress,
    )
    found = quality(draws.z, posterior.names)
    steps = draws.evaluations // (len(WIDTHS) * effort.walkers) - 1
    return Short(draws, found, refusal(found) is None, steps, time.monotonic() - begin)


def beginning_of(posterior: Posterior, seed: int) -> Guess:
    """A normal for each ensemble around where Gauss and Newton's method ends; error sizes and the like as in the prior.

    The covariance is that at the best end. An end FAR below it, or without a density, is replaced by it.
    """
    count, every = posterior.space.d, np.ones(len(posterior.observations), bool)
    starts = _starts(posterior, seed)
    normals = [approximate(posterior, every, start) for start in starts]
    ends = np.zeros_like(starts)
    ends[:, :count] = [mean for mean, _ in normals]
    heights = posterior(ends)
    best = int(np.argmax(heights))
    ends[heights < heights[best] - FAR] = ends[best]
    covariance = np.eye(posterior.d)
    covariance[:count, :count] = normals[best][1]
    return Guess(ends, covariance)


def _starts(posterior: Posterior, seed: int) -> Floats:
    """The middle of the prior, then the best of draws from it with errors at their middle, shape (ensembles, d)."""
    drawn = posterior.draw_prior(SOUGHT, [seed, 3])
    drawn[:, posterior.space.d :] = 0.0
    best = np.argsort(-posterior(drawn), kind="stable")[: len(WIDTHS) - 1]
    return np.concatenate([np.zeros((1, posterior.d)), drawn[best]])

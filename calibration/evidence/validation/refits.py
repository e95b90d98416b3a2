"""The posterior given only some of the figures, by short chains that begin near where they must go.

The coordinates stay the same: what nothing informs any longer has its prior. Chains that begin at the draws of the
whole posterior would be too narrow for long, and agree with each other all the while. So many walkers begin near a
normal approximation of the posterior wanted (calibration/posterior/normal_approximation.py).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.mcmc.chain import Guess
from innovation.calibration.mcmc.diagnostics import quality
from innovation.calibration.mcmc.sampler import sample
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.normal_approximation import WIDTHS, approximate, walkers_near
from innovation.calibration.priors.space import log_normal
from innovation.calibration.record.measurement import Measurement
from innovation.engine import OnProgress, renamed

Floats = NDArray[np.float64]

WALKERS, WARM_UP, STEPS, KEPT = 256, 120, 120, 30
DRAWS = 2000  # picked of a refit, as many as the posterior has


class Part:
    """Log posterior density of the same coordinates given some of a posterior's figures.

    Parameters
    ----------
    kept
        Which figures stay, shape (figures that count,). Of a series the last ones may go, or all: the density of a
        figure is that given those before it.
    """

    def __init__(self, posterior: Posterior, kept: NDArray[np.bool_]) -> None:
        self._posterior = posterior
        self._kept = kept

    def __call__(self, z: Floats) -> Floats:
        """Log density, shape (members,), of z of shape (members, d); minus infinity where a run fails."""
        density = log_normal(z) + self._posterior.terms(z)[self._kept].sum(axis=0)
        return np.where(np.isnan(density), -np.inf, density)


@dataclass(frozen=True)
class Refit:
    """Draws given some of the figures.

    Attributes
    ----------
    z
        Shape (draws, d), picked at random from all that was kept.
    rhat, size
        Largest R-hat and smallest effective number of draws over the coordinates.
    evaluations, seconds
        What it cost.
    """

    z: Floats
    rhat: float
    size: float
    evaluations: int
    seconds: float


def refit(
    basis: Basis,
    kept: Sequence[bool] | NDArray[np.bool_],
    seed: int,
    *,
    walkers: int = WALKERS,
    warm_up: int = WARM_UP,
    steps: int = STEPS,
    on_progress: OnProgress | None = None,
) -> Refit:
    """Draws of the posterior given only the figures that `kept` marks, shape (figures that count,)."""
    kept, d = np.asarray(kept, bool), basis.posterior.d
    begin = time.monotonic()
    density, guess = Part(basis.posterior, kept), _guess(basis, kept)
    start = walkers_near(density, guess, walkers, np.random.default_rng(seed))
    draws = sample(
        density,
        d,
        guess=guess,
        start=start,
        walkers=walkers,
        warm_up=warm_up,
        steps=steps,
        keep=KEPT,
        seed=seed,
        on_progress=renamed(on_progress, "step"),
    )
    found = quality(draws.z, basis.posterior.names)
    return Refit(
        draws.pick(min(DRAWS, len(draws.pooled)), seed),
        float(np.nanmax(found.rhat)),
        float(np.nanmin(found.bulk)),
        draws.evaluations,
        time.monotonic() - begin,
    )


def _guess(basis: Basis, kept: NDArray[np.bool_]) -> Guess:
    """The normal of constants given the kept figures; of errors the posterior's, or the prior's where loose."""
    posterior, count = basis.posterior, basis.learnable
    middle = np.median(basis.z, axis=0)
    variances = basis.z.var(axis=0)
    loose = uninformed(posterior, kept)
    middle[loose], variances[loose] = 0.0, 1.0
    covariance = np.diag(variances)
    middle[:count], covariance[:count, :count] = approximate(posterior, kept, middle)
    return Guess(np.tile(middle, (len(WIDTHS), 1)), covariance)


def uninformed(posterior: Posterior, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Coordinates of errors that no kept figure has, shape (d,): their posterior is their prior."""
    left = Measurement([figure for figure, stays in zip(posterior.observations, kept, strict=True) if stays])
    lost = set(posterior.measurement.names) - set(left.names)
    return np.array([name in lost for name in posterior.names])

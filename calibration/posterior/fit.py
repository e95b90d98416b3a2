"""The whole fit of a posterior: climbs from spread starts, draws of several ensembles, and whether they may be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.mcmc.chain import Guess, LogDensity
from innovation.calibration.mcmc.diagnostics import Quality, quality, refusal
from innovation.calibration.mcmc.optima import LEAST_STARTS, Optima, laplace, spread_optima
from innovation.calibration.mcmc.sampler import ENSEMBLES, WALKERS, EnsembleDraws, sample
from innovation.engine import OnProgress

from .likelihood import Posterior

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Effort:
    """How much a fit does: climbs and their iterations; walkers, steps and blocks of the sampler."""

    starts: int
    iterations: int
    walkers: int
    warm_up: int
    steps: int
    blocks: int
    keep: int


FULL = Effort(LEAST_STARTS, 300, WALKERS, warm_up=3000, steps=3000, blocks=8, keep=50)
QUICK = Effort(ENSEMBLES, 40, WALKERS // 2, warm_up=400, steps=1200, blocks=1, keep=100)


@dataclass(frozen=True)
class Fit:
    """What a fit found.

    Attributes
    ----------
    optima
        Of the density with errors at the middle of their priors: without that it has no highest point.
    refusal
        Why the draws must not be used, with what to do; None where they may be.
    seconds
        Of this call; of a fit that went on, of its last part.
    """

    draws: EnsembleDraws
    optima: Optima
    quality: Quality
    refusal: str | None
    seconds: float


def fit(
    posterior: Posterior,
    *,
    quick: bool = False,
    seed: int,
    state: Path | None = None,
    on_progress: OnProgress | None = None,
) -> Fit:
    """Fit a posterior: up to half an hour on two cores, or a minute or two with `quick`, which rarely is good enough.

    Parameters
    ----------
    state
        A folder in which the fit writes how far it is. Killed at any moment, a fit of the same posterior, seed and
        effort goes on from there to the same draws; one of another is refused. Delete the folder to begin anew.
    on_progress
        Told now and then of the climbing, then of the drawing.

    Raises
    ------
    SamplerError
        Where the state belongs to another fit, or nothing can be found that has a density.
    """
    held = np.arange(posterior.d) >= posterior.space.d
    effort = QUICK if quick else FULL
    return fit_density(posterior, held, posterior.names, effort, seed, state, on_progress, switches=posterior.switches)


def fit_density(
    log_density: LogDensity,
    held: NDArray[np.bool_],
    names: Sequence[str],
    effort: Effort,
    seed: int,
    state: Path | None = None,
    on_progress: OnProgress | None = None,
    *,
    switches: NDArray[np.bool_] | None = None,
    enough: Callable[[Floats], bool] | None = None,
) -> Fit:
    """Fit any density in coordinates of the order of 1; those `held`, shape (d,), stay at 0 in the climbs.

    `switches`, shape (d,), are coordinates in which the density steps: a climb keeps the sides on which it starts, and
    the sampler's walkers start on either. `enough` says whether all z kept so far will do, as in ``sampler.sample``;
    None asks that they be well inside the limits.
    """
    begin = time.monotonic()
    optima = spread_optima(
        log_density,
        len(held),
        starts=effort.starts,
        seed=seed,
        held=held,
        switches=switches,
        iterations=effort.iterations,
        on_progress=on_progress,
        state_file=None if state is None else state / "optima.npz",
    )
    better = np.linspace(0, max(len(optima.z) // 2, ENSEMBLES) - 1, ENSEMBLES).astype(int)
    draws = sample(
        log_density,
        len(held),
        guess=Guess(optima.z[better], laplace(log_density, optima.z[0], switches)),
        walkers=effort.walkers,
        warm_up=effort.warm_up,
        steps=effort.steps,
        blocks=effort.blocks,
        enough=enough or (lambda z: quality(z, names).good_enough),
        keep=effort.keep,
        seed=seed,
        on_progress=on_progress,
        state_file=None if state is None else state / "draws.npz",
    )
    found = quality(draws.z, names)
    return Fit(draws, optima, found, refusal(found), time.monotonic() - begin)

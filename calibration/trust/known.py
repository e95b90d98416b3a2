"""The sampler on known densities in the real number of dimensions: are its standard deviations right?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.mcmc.chain import LogDensity
from innovation.calibration.mcmc.diagnostics import deviation_errors, quality
from innovation.calibration.mcmc.sampler import MOVES
from innovation.calibration.posterior.fit import FULL, Effort, fit_density

Floats = NDArray[np.float64]

EFFORT = replace(FULL, starts=4, steps=6000, blocks=24, keep=50)
SURE = 0.013  # standard error at most of a standard deviation found, as a share: the worst of many is some 3.5 of these
ROTATED, LEARNED = 40, 25  # coordinates that figures turn upon, and directions that they inform
NARROWEST, WIDEST = 0.02, 0.8  # standard deviations along these
PAIRS, MANY = 3, 10  # bananas
BEND, ERROR = 0.6, 0.25  # of a banana: y lies at BEND (x² − 1), give or take ERROR


@dataclass(frozen=True)
class Known:
    """A log density with the mean and standard deviation of each coordinate, shape (d,)."""

    log_density: LogDensity
    mean: Floats
    deviation: Floats


@dataclass(frozen=True)
class Found:
    """How a fit of a known density went.

    Attributes
    ----------
    moves
        Of the sampler, by number: what other moves found says nothing of these.
    mean_off
        Largest error of a mean, in standard deviations.
    narrowest, widest
        Smallest and largest standard deviation found, as a share of the true one.
    error
        Largest standard error of such a share.
    """

    density: str
    d: int
    seed: int
    moves: int
    evaluations: int
    seconds: float
    rhat: float
    bulk: float
    tail: float
    mean_off: float
    narrowest: float
    widest: float
    error: float


def gaussian(d: int, seed: int) -> Known:
    """A normal: 25 directions among 40 coordinates, turned at random, are known to 0.02 … 0.8; the rest N(0, 1)."""
    random = np.random.default_rng(seed)
    size = min(ROTATED, d)
    turned = np.linalg.qr(random.standard_normal((size, size)))[0]
    widths = np.ones(size)
    learned = min(LEARNED, size)
    widths[:learned] = np.geomspace(NARROWEST, WIDEST, learned)
    mean = np.zeros(d)
    mean[:size] = turned @ random.standard_normal(size)
    variance = np.ones(d)
    variance[:size] = (turned**2 * widths**2).sum(axis=1)

    def log_density(z: Floats) -> Floats:
        along = (z - mean)[:, :size] @ turned / widths
        return np.asarray(-0.5 * (along**2).sum(axis=1) - 0.5 * (z[:, size:] ** 2).sum(axis=1))

    return Known(log_density, mean, np.sqrt(variance))


def banana(d: int, seed: int, pairs: int = PAIRS) -> Known:
    """Bent pairs among coordinates that have their prior N(0, 1); moments by sums over a fine grid."""
    del seed
    grid = np.linspace(-7, 7, 2801)
    x, y = np.meshgrid(grid, grid, indexing="ij")
    weights = np.exp(_bent(x, y) - 0.5 * (x**2 + y**2))
    weights /= weights.sum()
    mean, deviation = np.zeros(d), np.ones(d)
    bent = 2 * min(pairs, d // 2)
    for first, axis in enumerate((x, y)):
        middle = (weights * axis).sum()
        mean[first:bent:2] = middle
        deviation[first:bent:2] = np.sqrt((weights * (axis - middle) ** 2).sum())

    def log_density(z: Floats) -> Floats:
        heights = _bent(z[:, 0:bent:2], z[:, 1:bent:2]).sum(axis=1)
        return np.asarray(heights - 0.5 * (z**2).sum(axis=1))

    return Known(log_density, mean, deviation)


DENSITIES: dict[str, Callable[[int, int], Known]] = {
    "gaussian": gaussian,
    "banana": banana,
    "ten bananas": partial(banana, pairs=MANY),
}


def try_known(name: str, d: int, seed: int, effort: Effort = EFFORT) -> Found:
    """Fit one of the known densities in d coordinates, until its standard deviations are SURE, and compare.

    A fit for use may stop sooner, when its own errors, which it tells, would hide what is sought here: a fault of the
    sampler.
    """
    known = DENSITIES[name](d, seed)
    names = [str(place) for place in range(d)]

    def enough(z: Floats) -> bool:
        return bool(deviation_errors(z).max() < SURE) and quality(z, names).good_enough

    found = fit_density(known.log_density, np.zeros(d, bool), names, effort, seed, enough=enough)
    z = found.draws.pooled
    shares = z.std(axis=0) / known.deviation
    return Found(
        name,
        d,
        seed,
        MOVES,
        found.draws.evaluations + found.optima.evaluations,
        round(found.seconds, 1),
        round(float(found.quality.rhat.max()), 4),
        round(float(found.quality.bulk.min())),
        round(float(found.quality.tail.min())),
        round(float((np.abs(z.mean(axis=0) - known.mean) / known.deviation).max()), 4),
        round(float(shares.min()), 4),
        round(float(shares.max()), 4),
        round(float(deviation_errors(found.draws.z).max()), 4),
    )


def _bent(x: Floats, y: Floats) -> Floats:
    return np.asarray(-0.5 * ((y - BEND * (x**2 - 1)) / ERROR) ** 2)

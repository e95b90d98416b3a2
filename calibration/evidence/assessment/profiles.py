"""Profile likelihoods: how well the record fits at best when one constant is held, and all others give way.

The profiled constant's own prior is left out; those of the others stay, as a penalty. Without them nothing would have a
best value: there are three times as many constants as figures (Raue and others 2009 have the plain case). Error sizes
are held at their posterior medians, for where figures can be met exactly the best error would be none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.posterior.likelihood import Posterior
from innovation.engine import OnProgress, Progress

from .learning import learning

Floats = NDArray[np.float64]

DOZEN = 12
REACH, BETWEEN = 3.0, 0.5  # of the grid, in standard deviations of the prior
STEP = 1e-3  # of the central differences, in standard deviations of the posterior
ITERATIONS = 25
DROP = 1.92  # of log likelihood, half the 95 % point of a chi-square with one degree of freedom
NOWHERE = 1e10


def profile_rows(
    basis: Basis, on_progress: OnProgress, dozen: int = DOZEN, between: float = BETWEEN
) -> Iterator[dict[str, object]]:
    """A row for each point of each profile: the constant, its z and value, and the log likelihood below the best."""
    names = basis.posterior.space.names
    chosen = [one.name for one in learning(basis)[:dozen]]
    for number, name in enumerate(chosen):
        on_progress(Progress(name, number, len(chosen)))
        place = names.index(name)
        grid, heights = profile(basis, place, between)
        spots = np.zeros((len(grid), basis.learnable))
        spots[:, place] = grid
        values = basis.posterior.space.values(spots)[place]
        for z, value, height in zip(grid, values, heights, strict=True):
            yield {"constant": name, "z": float(z), "value": float(value), "height": float(height - heights.max())}


def profile(basis: Basis, place: int, between: float = BETWEEN) -> tuple[Floats, Floats]:
    """Grid of one constant in standard coordinates, and the highest penalised log likelihood at each of its points."""
    grid = np.arange(-REACH, REACH + between / 2, between)
    middle = np.median(basis.z, axis=0)
    steps = basis.posterior.switches  # which stay on their side
    free = np.array([n for n in range(basis.learnable) if n != place and not steps[n]])
    covariance = np.cov(basis.z[:, : basis.learnable].T)
    along = covariance[free, place] / covariance[place, place]
    given = covariance[np.ix_(free, free)] - np.outer(along, covariance[place, free])
    stretch = np.linalg.cholesky(given + 1e-3 * np.eye(len(free)))
    nearest = int(np.argmin(np.abs(grid - middle[place])))
    heights = np.full(len(grid), -np.inf)
    centre = middle
    for order in (range(nearest, len(grid)), range(nearest - 1, -1, -1)):
        z = centre.copy()
        for point in order:
            z[free] += along * (grid[point] - z[place])
            z[place] = grid[point]
            z, heights[point] = _climb(basis.posterior, z, place, free, stretch)
            if point == nearest:
                centre = z.copy()
    return grid, heights


def interval(grid: Floats, heights: Floats) -> tuple[float, float]:
    """Where a profile falls DROP below its highest point, on either side; infinite where it does not on the grid."""
    fine = np.linspace(grid[0], grid[-1], 50 * len(grid))
    smooth = np.interp(fine, grid, np.sqrt(np.maximum(heights.max() - heights, 0))) ** 2
    inside = fine[smooth <= DROP]
    low = -np.inf if inside[0] == fine[0] else float(inside[0])
    return low, np.inf if inside[-1] == fine[-1] else float(inside[-1])


def _climb(
    posterior: Posterior, z: Floats, place: int, free: NDArray[np.intp], stretch: Floats
) -> tuple[Floats, float]:
    """The highest point near z with one coordinate held, by L-BFGS in coordinates that the posterior's shape rounds."""
    moves = np.zeros((len(free), len(z)))
    moves[:, free] = stretch.T

    def downhill(u: Floats) -> tuple[float, Floats]:
        here = z + u @ moves
        around = np.concatenate([here[None], here + STEP * moves, here - STEP * moves])
        height, *others = posterior.log_likelihood(around) - 0.5 * (around[:, free] ** 2).sum(axis=1)
        above, below = np.array(others).reshape(2, -1)
        with np.errstate(invalid="ignore"):
            slope = (above - below) / (2 * STEP)
        return (-height, -np.where(np.isfinite(slope), slope, 0.0)) if np.isfinite(height) else (NOWHERE, 0 * u)

    found = optimize.minimize(
        downhill, np.zeros(len(free)), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS, "ftol": 1e-6}
    )
    return z + found.x @ moves, -float(found.fun)

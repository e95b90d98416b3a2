"""The highest points of a density from spread starts: how far the optima lie apart is itself a finding."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from innovation.engine import OnProgress, Progress

from .chain import LogDensity
from .saved_state import SamplerError, digest, read_arrays, write_arrays

Floats = NDArray[np.float64]

LEAST_STARTS = 20
ROUNDS = 100  # of drawing a start anew where the density is nothing
STEP = 1e-4  # of the central differences, in coordinates of the order of 1
BEND = 0.02  # of the second differences
BATCH = 1024  # evaluations at a time
REACH = 6.0  # beyond, a standard normal prior has nothing
NOWHERE = 1e10  # minus the log density where there is none: the line search turns back
CLOSE = 0.5  # of log density: optima that near the best one


@dataclass(frozen=True)
class Optima:
    """Where climbs from spread starts ended, the highest first.

    Attributes
    ----------
    z
        Shape (starts, d).
    log_density
        Shape (starts,).
    converged
        Whether the climb ended at a point where it found no way up, rather than out of iterations; shape (starts,).
    evaluations
        Of the density, in all.
    """

    z: Floats
    log_density: Floats
    converged: NDArray[np.bool_]
    evaluations: int

    @property
    def close(self) -> int:
        """How many ended within half a unit of log density below the highest."""
        return int(np.count_nonzero(self.log_density >= self.log_density[0] - CLOSE))

    @property
    def spread(self) -> Floats:
        """Standard deviation of each coordinate over the close ones, shape (d,): wide on a ridge or a plain."""
        return np.asarray(self.z[: self.close].std(axis=0))


def spread_optima(
    log_density: LogDensity,
    d: int,
    *,
    starts: int = LEAST_STARTS,
    seed: int,
    held: NDArray[np.bool_] | None = None,
    switches: NDArray[np.bool_] | None = None,
    iterations: int = 300,
    on_progress: OnProgress | None = None,
    state_file: Path | None = None,
) -> Optima:
    """Climb from spread starts by L-BFGS (SciPy), each gradient one call of the density for 2 d + 1 members.

    Parameters
    ----------
    starts
        At least 20 to speak of a spread.
    held
        Coordinates that stay at 0, the middle of their prior, shape (d,). Error sizes belong here: where a group of
        figures can be met exactly, the density has no highest point but grows as their error goes to nothing.
    switches
        Coordinates that stay where a climb starts, shape (d,): those in which the density steps, where no slope is.
    iterations
        At most, of each climb.
    on_progress
        Told after each climb of climbs done, climbs in all, and seconds left.
    state_file
        Where finished climbs are kept, so that a killed search goes on; one of another search is refused.
    """
    free = np.ones(d, bool) if held is None else ~held
    begin, heights = _starts(log_density, free, starts, seed)
    free = free if switches is None else free & ~switches
    settings = {"d": d, "seed": seed, "iterations": iterations, "start": digest(begin), "heights": digest(heights)}
    rows = _finished(state_file, json.dumps(settings), d)
    first, since = len(rows), time.monotonic()
    for place in range(first, starts):
        rows = np.concatenate([rows, _climb(log_density, begin[place], free, iterations)[None]])
        if state_file is not None:
            write_arrays(state_file, {"settings": np.array(json.dumps(settings)), "rows": rows})
        if on_progress is not None:
            done = place + 1
            left = (starts - done) * (time.monotonic() - since) / (done - first)
            on_progress(Progress("climbing from spread starts", done, starts, seconds_left=left))
    rows = rows[np.argsort(-rows[:, d])]
    return Optima(rows[:, :d], rows[:, d], rows[:, d + 1] > 0, evaluations=int(rows[:, d + 2].sum()))


def laplace(log_density: LogDensity, z: Floats, switches: NDArray[np.bool_] | None = None) -> Floats:
    """Covariance, shape (d, d), of the normal that curves as the density does at z (d,); never wider than the prior.

    From differences of about d²/2 evaluations. Directions in which the density curves less than its prior N(0, 1), or
    the other way, have the prior's width, and so have `switches`, shape (d,), in which it steps.
    """
    d = len(z)
    rows, columns = np.triu_indices(d)
    steps = BEND * np.eye(d)
    singles = log_density(z + np.concatenate([np.zeros((1, d)), steps]))
    pairs = [log_density(z + steps[a] + steps[b]) for a, b in _batches(rows, columns)]
    base, along = singles[0], singles[1:]
    with np.errstate(invalid="ignore"):
        bends = (np.concatenate(pairs) - along[rows] - along[columns] + base) / BEND**2
    precision = np.zeros((d, d))
    precision[rows, columns] = precision[columns, rows] = -np.where(np.isfinite(bends), bends, 0.0)
    if switches is not None:
        precision[switches] = precision[:, switches] = 0.0
    curvatures, directions = np.linalg.eigh(precision)
    return np.asarray((directions / np.maximum(curvatures, 1.0)) @ directions.T)


def _batches(rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    for begin in range(0, len(rows), BATCH):
        yield rows[begin : begin + BATCH], columns[begin : begin + BATCH]


def _starts(log_density: LogDensity, free: NDArray[np.bool_], starts: int, seed: int) -> tuple[Floats, Floats]:
    """Draws from the prior with a density, held coordinates at 0, (starts, d); and their log densities (starts,)."""
    random = np.random.default_rng(seed)
    z, heights = np.zeros((starts, len(free))), np.full(starts, -np.inf)
    for _ in range(ROUNDS):
        void = ~np.isfinite(heights)
        z[void] = random.standard_normal((int(void.sum()), len(free))) * free
        heights[void] = log_density(z[void])
        if np.isfinite(heights).all():
            return z, heights
    raise SamplerError(f"No start with a density was found in {ROUNDS} draws from the prior: mend the model.")


def _climb(log_density: LogDensity, begin: Floats, free: NDArray[np.bool_], iterations: int) -> Floats:
    """The end of one climb: coordinates, log density, whether it converged, evaluations; shape (d + 3,)."""
    moves = STEP * np.eye(len(begin))[free]

    def downhill(part: Floats) -> tuple[float, Floats]:
        z = begin.copy()
        z[free] = part
        height, *around = log_density(np.concatenate([z[None], z + moves, z - moves]))
        above, below = np.array(around).reshape(2, -1)
        with np.errstate(invalid="ignore"):
            slope = (above - below) / (2 * STEP)
        return (-height, -np.where(np.isfinite(slope), slope, 0.0)) if np.isfinite(height) else (NOWHERE, 0 * part)

    found = optimize.minimize(
        downhill,
        begin[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(-REACH, REACH)] * int(free.sum()),
        options={"maxiter": iterations, "maxfun": 2 * iterations, "maxcor": 20},
    )
    z = begin.copy()
    z[free] = found.x
    return np.concatenate([z, [-found.fun, found.success, found.nfev * (2 * len(moves) + 1)]])


def _finished(path: Path | None, settings: str, d: int) -> Floats:
    if path is None or not path.exists():
        return np.empty((0, d + 3))
    return np.asarray(read_arrays(path, settings, "Delete it to begin anew.")["rows"])

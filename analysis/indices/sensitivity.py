"""Morris' effects and Sobol' indices of many outputs at once, with intervals that were tested for what they promise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from innovation.analysis.design.points import rows_a_base_point
from innovation.model.files import phrase

Floats = NDArray[np.float64]

# Below these sizes intervals hold the truth too rarely, or the figure itself is luck (docs/decisions/0014).
LEAST_TRAJECTORIES, LEAST_BASE, INTERVAL_BASE = 20, 64, 128
INTERVAL = 0.975  # both sides of 95 %
WIDER = 1.2  # of Sobol' intervals: points of a sequence are not independent, and the jackknife takes them to be
PIECE = 5_000_000  # numbers of effects held at a time


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval, three arrays of one shape; NaN where no interval is given."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class TrajectoryMoves:
    """Which factor each step of each trajectory moves, and up (1) or down (-1); both of shape (trajectories, steps).

    `switches` are the factors that are 0 or 1, shape (factors,): each of their steps goes all the way.
    """

    factor: NDArray[np.int16]
    sign: NDArray[np.int8]
    switches: NDArray[np.bool_]


@dataclass(frozen=True)
class MorrisEffects:
    """Elementary effects, each array (factors, outputs): change of the output over a factor's whole range.

    `mu` is the mean, `mu_star` the mean size, `sigma` the spread, `used` the number of trajectories.
    """

    mu: Floats
    mu_star: Estimate
    sigma: Floats
    used: int

    @property
    def reach(self) -> Floats:
        """Half of the 95 % interval of the mean."""
        return np.asarray(_student(self.used) * self.sigma / np.sqrt(self.used))


@dataclass(frozen=True)
class SobolIndices:
    """Shares of an output's variance: `first` and `total` (factors, outputs), `second` (factors, factors, outputs).

    `second` has figures above the diagonal, NaN elsewhere; None where the design has none. An output that does not
    vary has NaN. `used` is the number of base points; below 128 there are no intervals.
    """

    first: Estimate
    total: Estimate
    second: Estimate | None
    used: int


def moves_of(parameters: Floats) -> TrajectoryMoves:
    """The steps of whole trajectories, shape (trajectories * (factors + 1), factors)."""
    moved = np.diff(parameters.reshape(-1, parameters.shape[1] + 1, parameters.shape[1]), axis=1)
    factor = np.abs(moved).argmax(axis=2)
    sign = np.sign(np.take_along_axis(moved, factor[:, :, None], axis=2))[:, :, 0]
    switches = np.asarray(np.isin(parameters, (0, 1)).all(axis=0))
    return TrajectoryMoves(factor.astype(np.int16), sign.astype(np.int8), switches)


def morris(moves: TrajectoryMoves, figures: Floats, levels: int) -> MorrisEffects:
    """Elementary effects of a design of `plans` (Morris, 1991): mean and spread, and the mean size.

    Intervals are Student's. Effects are made some trajectories at a time.

    Parameters
    ----------
    moves
        Of trajectories that are different.
    figures
        Shape (trajectories * (factors + 1), outputs), without NaN.
    levels
        Of the design's grid.

    Raises ValueError where there are fewer than 20 trajectories.
    """
    count, factors = moves.factor.shape
    if count < LEAST_TRAJECTORIES:
        raise ValueError(phrase("analysis.few_trajectories", number=count, least=LEAST_TRAJECTORIES))
    y = figures.reshape(count, factors + 1, -1)
    at_once = max(1, PIECE // (factors * y.shape[2]))
    signed, sizes = _Spread(), _Spread()
    for first in range(0, count, at_once):
        piece = slice(first, first + at_once)
        steps = np.diff(y[piece], axis=1) * moves.sign[piece, :, None]
        effects = np.empty_like(steps)
        np.put_along_axis(effects, moves.factor[piece, :, None].astype(np.int64), steps, axis=1)
        effects *= np.where(moves.switches, 1.0, 2 * (levels - 1) / levels)[:, None]
        signed.add(effects)
        sizes.add(np.abs(effects))
    reach = _student(count) * sizes.deviation / np.sqrt(count)
    size = Estimate(sizes.mean, np.maximum(sizes.mean - reach, 0.0), sizes.mean + reach)
    return MorrisEffects(signed.mean, size, signed.deviation, count)


class _Spread:
    """Mean and standard deviation over the first axis of what is added."""

    def __init__(self) -> None:
        self.count, self.mean, self._squares = 0, np.zeros(1), np.zeros(1)

    def add(self, values: Floats) -> None:
        mean, all_ = values.mean(axis=0), self.count + len(values)
        away = mean - self.mean
        self._squares = self._squares + ((values - mean) ** 2).sum(axis=0) + away**2 * self.count * len(values) / all_
        self.mean, self.count = self.mean + away * len(values) / all_, all_

    @property
    def deviation(self) -> Floats:
        return np.asarray(np.sqrt(self._squares / (self.count - 1)))


def sobol(figures: Floats, factors: int, second_order: bool) -> SobolIndices:
    """Sobol' indices of a design of `plans` (Saltelli and others, 2010: table 2, b for first order, f for total).

    Second order as SALib has it: the closed index of a pair less both first orders. Intervals are Student's, with 1.2
    times the error of the jackknife over base points.

    Parameters
    ----------
    figures
        Shape (base * (factors + 2) or base * (2 factors + 2), outputs), without NaN; base points are different.

    Raises ValueError where there are fewer than 64 base points.
    """
    y = figures.reshape(-1, rows_a_base_point(factors, second_order), figures.shape[1])
    if len(y) < LEAST_BASE:
        raise ValueError(phrase("analysis.few_base_points", number=len(y), least=LEAST_BASE))
    spread = np.where(np.ptp(y, axis=(0, 1)) > 0, y.std(axis=(0, 1)), np.nan)
    y = (y - y.mean(axis=(0, 1))) / spread
    a, b, ab = y[:, 0], y[:, -1], y[:, 1 : factors + 1]
    variance = _Variance((a * a + b * b) / 2, (a + b) / 2)
    first = _stacked([variance.share_of(b * (ab[:, one] - a)) for one in range(factors)])
    total = _stacked([variance.share_of(0.5 * (a - ab[:, one]) ** 2) for one in range(factors)])
    second = None
    if second_order:
        second = Estimate(*(np.full((factors, factors, y.shape[2]), np.nan) for _ in range(3)))
        for one in range(factors - 1):
            ba = y[:, factors + 1 + one]
            for other in range(one + 1, factors):
                terms = ba * ab[:, other] - a * b - b * (ab[:, one] - a) - b * (ab[:, other] - a)
                found = variance.share_of(terms)
                for array, part in zip(vars(second).values(), vars(found).values(), strict=True):
                    array[one, other] = part
    return SobolIndices(first, total, second, len(y))


class _Variance:
    """An output's variance from `square` and `mean` of each base point, and without each; shape (base, outputs)."""

    def __init__(self, square: Floats, mean: Floats) -> None:
        self._whole = square.mean(axis=0) - mean.mean(axis=0) ** 2
        self._without = _left_out(square) - _left_out(mean) ** 2

    def share_of(self, terms: Floats) -> Estimate:
        """The mean of terms as a share of the variance, with its interval; shape (outputs,)."""
        count, value = len(terms), terms.mean(axis=0) / self._whole
        without = _left_out(terms) / self._without
        error = np.sqrt((count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
        reach = WIDER * _student(count) * error if count >= INTERVAL_BASE else np.full_like(value, np.nan)
        return Estimate(value, value - reach, value + reach)


def _left_out(values: Floats) -> Floats:
    """Means without each row in turn."""
    return np.asarray((values.sum(axis=0) - values) / (len(values) - 1))


def _student(count: int) -> float:
    return float(stats.t.ppf(INTERVAL, count - 1))


def _stacked(found: list[Estimate]) -> Estimate:
    return Estimate(*(np.array([getattr(one, name) for one in found]) for name in ("value", "low", "high")))

"""Morris' effects and Sobol' indices of many outputs at once, with bootstrap intervals, as matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .plans import rows_a_base_point

Floats = NDArray[np.float64]

RESAMPLES, PAIR_RESAMPLES = 1000, 200
MOST_WEIGHTS = 20_000_000  # of large samples fewer resamples are drawn, at least a tenth: so many numbers are 160 MB
INTERVAL = (2.5, 97.5)  # percentiles


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bootstrap interval, three arrays of one shape."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class MorrisEffects:
    """Elementary effects, each array (factors, outputs): change of the output over a factor's whole range.

    `mu` is the mean, `mu_star` the mean size, `sigma` the spread. `used` of `trajectories` had no failed member.
    """

    mu: Floats
    mu_star: Estimate
    sigma: Floats
    used: int
    trajectories: int


@dataclass(frozen=True)
class SobolIndices:
    """Shares of an output's variance: `first` and `total` (factors, outputs), `second` (factors, factors, outputs).

    `second` has figures above the diagonal, NaN elsewhere; None where the design has none. An output that does not
    vary has NaN. `used` of `base` points had no failed member.
    """

    first: Estimate
    total: Estimate
    second: Estimate | None
    used: int
    base: int


def morris(
    parameters: Floats, figures: Floats, levels: int, seed: int = 0, resamples: int = RESAMPLES
) -> MorrisEffects:
    """Elementary effects of a design of `plans` (Morris, 1991): mean and spread, and the mean size.

    Parameters
    ----------
    parameters
        Shape (trajectories * (factors + 1), factors): each row differs from the one before in one factor.
    figures
        Shape (members, outputs); NaN for a failed member, whose trajectory is left out.
    levels
        Of the design's grid.

    Raises ValueError where fewer than two trajectories have no failed member.
    """
    rows, factors = parameters.shape[1] + 1, parameters.shape[1]
    x = parameters.reshape(-1, rows, factors)
    y = figures.reshape(len(x), rows, -1)
    whole: NDArray[np.bool_] = np.asarray(np.isfinite(y).all(axis=(1, 2)))
    x, y = x[whole], y[whole]
    if len(x) < 2:
        raise ValueError(f"{len(x)} of {len(whole)} trajectories have no failed member; two are needed at least.")
    step = levels / (2 * (levels - 1))
    moved = np.diff(x, axis=1)
    which = np.abs(moved).argmax(axis=2)
    sign = np.sign(np.take_along_axis(moved, which[:, :, None], axis=2))
    effects = np.empty((len(x), factors, y.shape[2]))
    np.put_along_axis(
        effects, np.broadcast_to(which[:, :, None], effects.shape), np.diff(y, axis=1) * sign / step, axis=1
    )
    weights = _weights(len(x), resamples, seed)
    sizes = _resampled(weights, np.abs(effects))
    return MorrisEffects(effects.mean(axis=0), sizes, effects.std(axis=0, ddof=1), len(x), len(whole))


def sobol(
    figures: Floats,
    factors: int,
    second_order: bool,
    seed: int = 0,
    resamples: int = RESAMPLES,
    pairs: int = PAIR_RESAMPLES,
) -> SobolIndices:
    """Sobol' indices of a design of `plans` (Saltelli and others, 2010: table 2, b for first order, f for total).

    Second order as SALib has it: the closed index of a pair less both first orders.

    Parameters
    ----------
    figures
        Shape (base * (factors + 2) or base * (2 factors + 2), outputs); NaN for a failed member, whose base point is
        left out with all its rows.
    resamples, pairs
        Bootstrap resamples of base points for single factors and for pairs.
    """
    rows = rows_a_base_point(factors, second_order)
    y = figures.reshape(-1, rows, figures.shape[1])
    whole: NDArray[np.bool_] = np.asarray(np.isfinite(y).all(axis=(1, 2)))
    y = y[whole]
    if len(y) < 2:
        raise ValueError(f"{len(y)} of {len(whole)} base points have no failed member; two are needed at least.")
    spread = y.std(axis=(0, 1))
    y = (y - y.mean(axis=(0, 1))) / np.where(spread > 0, spread, np.nan)
    a, b, ab = y[:, 0], y[:, -1], y[:, 1 : factors + 1]
    weights = _weights(len(y), resamples, seed)
    variance = weights @ (a * a + b * b) / 2 - (weights @ (a + b) / 2) ** 2
    first, total = (np.empty((len(weights), factors, y.shape[2])) for _ in range(2))
    for factor in range(factors):
        first[:, factor] = weights @ (b * (ab[:, factor] - a)) / variance
        total[:, factor] = weights @ (0.5 * (a - ab[:, factor]) ** 2) / variance
    second = None
    if second_order:
        few = slice(pairs + 1)
        second = _second(weights[few], a * b, ab, y[:, factors + 1 : -1], variance[few], first[few])
    return SobolIndices(_estimate(first), _estimate(total), second, len(y), len(whole))


def _second(weights: Floats, product: Floats, ab: Floats, ba: Floats, variance: Floats, first: Floats) -> Estimate:
    factors, outputs = ab.shape[1:]
    found = [np.full((factors, factors, outputs), np.nan) for _ in range(3)]
    between = weights @ product
    for one in range(factors - 1):
        others = slice(one + 1, factors)
        terms = (ba[:, one, None] * ab[:, others]).reshape(len(product), -1)
        closed = (weights @ terms).reshape(len(weights), -1, outputs) - between[:, None]
        pair = _estimate(closed / variance[:, None] - first[:, one, None] - first[:, others])
        for array, part in zip(found, (pair.value, pair.low, pair.high), strict=True):
            array[one, others] = part
    return Estimate(*found)


def _weights(count: int, resamples: int, seed: int) -> Floats:
    """Weights of means, shape (1 + resamples, count): all alike, then each bootstrap resample's."""
    resamples = max(min(resamples, MOST_WEIGHTS // max(count, 1)), resamples // 10)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    return np.concatenate([np.ones((1, count)), drawn]) / count


def _resampled(weights: Floats, values: Floats) -> Estimate:
    return _estimate((weights @ values.reshape(len(values), -1)).reshape(len(weights), *values.shape[1:]))


def _estimate(resampled: Floats) -> Estimate:
    """The first as the figure, the others as its interval."""
    if len(resampled) == 1:
        return Estimate(resampled[0], *(np.full(resampled.shape[1:], np.nan) for _ in range(2)))
    low, high = np.percentile(resampled[1:], INTERVAL, axis=0)
    return Estimate(resampled[0], low, high)

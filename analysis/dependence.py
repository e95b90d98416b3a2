"""Borgonovo's δ: how much knowing a factor moves an output's whole distribution. Factors may depend on each other.

Sobol' indices share out variance among factors that are independent; draws from the posterior are not. δ asks only how
far the distribution of the output given the factor lies from that of the output, 0 (never) to 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

MOST = 20_000  # members looked at: beyond, the classes' own coarseness is the larger error
CLASSES, BINS = 20, 20  # of the factor and of the output, by rank: equally full
A_CLASS = 50  # members that a class has at least
RESAMPLES, SHUFFLES = 40, 20
NORMAL = 1.96
CHANCE = 99.9  # percentile of what shuffled outputs give, over all factors: among hundreds, one in twenty is nothing


@dataclass(frozen=True)
class Deltas:
    """δ of each factor and output, arrays (factors, outputs), less what chance alone gives at this size.

    `low`, `high` are its 95 % bootstrap interval. `above_chance` says whether δ lies beyond 999 in 1 000 of what
    shuffled outputs give to any factor. `direction` is Spearman's rank correlation, NaN for what does not vary. `used`
    members had not failed and were looked at.
    """

    value: Floats
    low: Floats
    high: Floats
    above_chance: NDArray[np.bool_]
    direction: Floats
    used: int


def deltas(parameters: Floats, figures: Floats, seed: int = 0, between: Callable[[], None] = lambda: None) -> Deltas:
    """δ from a sample of any kind, by classes of equal size.

    Parameters
    ----------
    parameters
        Shape (members, factors).
    figures
        Shape (members, outputs); members with NaN are left out.
    between
        Called before each shuffle and resample, of which many factors take seconds; what it raises ends the work.

    Raises ValueError where fewer than 100 members are left.
    """
    whole = np.flatnonzero(np.isfinite(figures).all(axis=1) & np.isfinite(parameters).all(axis=1))[:MOST]
    if len(whole) < 2 * A_CLASS:
        raise ValueError(f"{len(whole)} members did not fail; δ needs {2 * A_CLASS} at least.")
    x, y = parameters[whole], figures[whole]
    classes = min(CLASSES, len(x) // A_CLASS)
    given, seen = _indicators(x, classes), _indicators(y, BINS)
    rng = np.random.default_rng(seed)
    alone = np.ones(len(x), np.float32)

    def once(seen: NDArray[np.float32], weights: NDArray[np.float32]) -> Floats:
        between()
        return _delta(given, seen, weights, classes)

    chance = np.stack([once(seen[rng.permutation(len(x))], alone) for _ in range(SHUFFLES)])
    level = chance.mean(axis=0)
    found = once(seen, alone)
    drawn = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), size=RESAMPLES).astype(np.float32)
    spread = np.stack([once(seen, weights) for weights in drawn]).std(axis=0, ddof=1)
    value = _corrected(found, level)
    reach = NORMAL * spread / (1 - level)
    return Deltas(
        value, np.maximum(value - reach, 0), np.minimum(value + reach, 1),
        found > np.percentile(chance, CHANCE, axis=(0, 1)), rank_correlations(x, y), len(x),
    )  # fmt: skip


def rank_correlations(parameters: Floats, figures: Floats) -> Floats:
    """Spearman's, shape (factors, outputs), NaN for what does not vary; of a sample without NaN."""
    ranks = stats.rankdata(np.concatenate([parameters, figures], axis=1), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.corrcoef(ranks, rowvar=False))[: parameters.shape[1], parameters.shape[1] :]


def _indicators(values: Floats, classes: int) -> NDArray[np.float32]:
    """Shape (members, columns * classes): 1 in the class of equal size that a value falls in, equal values together."""
    rank = stats.rankdata(values, method="min", axis=0).astype(np.int64) - 1
    place = rank * classes // len(values) + classes * np.arange(values.shape[1])
    found = np.zeros((len(values), values.shape[1] * classes), np.float32)
    np.put_along_axis(found, place, 1.0, axis=1)
    return found


def _delta(given: NDArray[np.float32], seen: NDArray[np.float32], weights: NDArray[np.float32], classes: int) -> Floats:
    """Half the mean distance between an output's distribution in a class and overall, shape (factors, outputs)."""
    counts = (given.T @ (seen * weights[:, None])).reshape(-1, classes, seen.shape[1] // BINS, BINS)
    inside = counts.sum(axis=3, keepdims=True)
    overall = (weights @ seen).reshape(-1, BINS) / weights.sum()
    counts -= inside * overall  # in place: this array is the largest here
    np.abs(counts, out=counts)
    return np.asarray(0.5 * counts.sum(axis=(1, 3)) / inside[..., 0].sum(axis=1), float)


def _corrected(found: Floats, level: Floats) -> Floats:
    """δ on a scale where chance alone gives 0 and full dependence still 1."""
    return np.maximum((found - level) / (1 - level), 0.0)

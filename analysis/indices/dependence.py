"""How much knowing a factor says of an output: the Cramér-von Mises index. Factors may depend on each other.

Sobol' indices share out variance among factors that are independent; draws from the posterior are not. Here two
members are compared: how far apart their outputs rank on average, and how far if they share the factor's value. The
index is the part of that distance which goes, 0 where output and factor are independent and only there, 1 where the
factor alone decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from innovation.model.files import phrase

Floats = NDArray[np.float64]

MOST = 10_000  # members looked at
LEAST = 100  # members below which intervals do not hold (docs/decisions/0014)
CLASSES, LARGEST_CLASS = 150, 20  # at least so many classes of the factor, of 2 to 20 members each
NORMAL = 1.96
CHANCE = 0.05  # chance that luck alone lifts any factor of an output above its level
# Variance and skewness of what luck gives, times members less classes and times the root of classes (of outputs that
# hardly repeat a value: the first follows from uniform ranks, the second was measured; others are shuffled).
LUCK, SHUFFLES = (0.8, 2.4), 400
FEW_TIES = 0.9  # part of an output's values that differ


@dataclass(frozen=True)
class Dependences:
    """The index of each factor and output, arrays (factors, outputs), 0 at least.

    `low`, `high` are its 95 % interval, NaN for an output that does not vary. `above_chance` says whether it lies
    beyond what luck gives to any of the factors in 19 of 20 outputs. `direction` is Spearman's rank correlation, NaN
    for what does not vary. `used` members were looked at.
    """

    value: Floats
    low: Floats
    high: Floats
    above_chance: NDArray[np.bool_]
    direction: Floats
    used: int


def dependences(parameters: Floats, figures: Floats, between: Callable[[], None] = lambda: None) -> Dependences:
    """The index from a sample of any kind whose rows are in random order, without NaN and without repeated draws.

    Members are put into classes by the factor's value, few to a class, so that they nearly share it. The variance is
    that of the classes' parts in the index, its change from class to class apart from its trend over the factor.

    Parameters
    ----------
    parameters
        Shape (members, factors).
    figures
        Shape (members, outputs).
    between
        Called before each factor; what it raises ends the work.

    Raises ValueError where there are fewer than 100 members.
    """
    if len(parameters) < LEAST:
        raise ValueError(phrase("analysis.few_members", number=len(parameters), least=LEAST))
    size = int(np.clip(len(parameters) // CLASSES, 2, LARGEST_CLASS))
    count = len(parameters) // size * size
    x = parameters[:count]
    # Twice the average rank is a whole number: sums are exact.
    ranks = np.ascontiguousarray((2 * stats.rankdata(figures[:count], axis=0)).astype(np.int32).T)
    apart, pull = _all_pairs(ranks)
    varies = apart > 0
    scale = np.where(varies, apart, 1.0)[:, None]
    value, spread = (np.zeros((x.shape[1], len(ranks))) for _ in range(2))
    for factor in range(x.shape[1]):
        between()
        order = np.argsort(x[:, factor], kind="stable")
        near, moved = _class_pairs(ranks[:, order], size)
        value[factor] = np.where(varies, 1 - near.mean(axis=1) / scale[:, 0], 0.0)
        whole = pull[:, order].reshape(len(ranks), -1, size).mean(axis=2)
        parts = (near + moved) / scale - near.mean(axis=1, keepdims=True) / scale**2 * whole
        noise = 0.5 * (np.diff(parts, axis=1) ** 2).mean(axis=1)
        trend = np.maximum(parts.var(axis=1, ddof=1) - noise, 0.0)
        spread[factor] = np.sqrt(noise / parts.shape[1] + trend / count)
    reach = np.where(varies, NORMAL * spread, np.nan)
    sure = varies & (value > _luck(ranks, size, x.shape[1]))
    return Dependences(
        np.maximum(value, 0.0), np.clip(value - reach, 0.0, 1.0), np.clip(value + reach, 0.0, 1.0), sure,
        rank_correlations(parameters, figures), count,
    )  # fmt: skip


def rank_correlations(parameters: Floats, figures: Floats) -> Floats:
    """Spearman's, shape (factors, outputs), NaN for what does not vary; of a sample without NaN."""
    ranks = [stats.rankdata(values, axis=0) for values in (parameters, figures)]
    x, y = (of_all - of_all.mean(axis=0) for of_all in ranks)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(x.T @ y / np.sqrt(np.outer((x * x).sum(axis=0), (y * y).sum(axis=0))))


def _all_pairs(ranks: NDArray[np.int32]) -> tuple[Floats, Floats]:
    """Mean distance of all pairs by output, in parts of the members, and how each member pulls it, shape of `ranks`.

    A member pulls by its own distances and, since ranks are those of the sample, by standing between others.
    """
    count = ranks.shape[1]
    apart, pull = np.empty(len(ranks)), np.empty(ranks.shape)
    for output, of_all in enumerate(ranks):
        inside = np.sort(of_all).astype(np.int64)
        below = np.concatenate([[0], np.cumsum(inside)])
        place = np.searchsorted(inside, of_all)
        distances = (2 * place - count) * of_all + below[-1] - 2 * below[place]
        apart[output] = distances.sum() / (2 * count) / (count * (count - 1))
        pull[output] = distances / count / (count - 1) + _between(inside[None].astype(np.int32))[of_all]
    return apart, pull


def _class_pairs(ranks: NDArray[np.int32], size: int) -> tuple[Floats, Floats]:
    """Of each class, shape (outputs, classes): the mean distance of its pairs, in parts of the members, and how its
    members pull that of all classes by standing between others."""
    inside = np.sort(ranks.reshape(len(ranks), -1, size), axis=2)
    near = inside @ (2 * np.arange(size) + 1 - size) / (ranks.shape[1] * size * (size - 1))
    moved = [_between(of_all)[of_all].mean(axis=1) for of_all in inside]
    return near, np.array(moved)


def _between(inside: NDArray[np.int32]) -> Floats:
    """Part of the pairs within classes, shape (classes, size), ranks sorted, that have a rank between them, by rank."""
    classes, size = inside.shape
    weights = np.broadcast_to(size - 1 - 2 * np.arange(size), inside.shape).ravel()
    steps = np.bincount(inside.ravel(), weights, 2 * inside.size + 1)
    return np.asarray((np.cumsum(steps) - steps / 2) / (classes * size * (size - 1) / 2))


def _luck(ranks: NDArray[np.int32], size: int, factors: int) -> Floats:
    """Up to where luck alone lifts the index, by output: Pearson's third distribution."""
    count = ranks.shape[1]
    level = []
    for of_all in ranks:
        if len(np.unique(of_all)) > FEW_TIES * count:
            scale, skewness = np.sqrt(LUCK[0] / (count * (size - 1))), LUCK[1] / np.sqrt(count / size)
        else:
            shuffled = _shuffled(of_all, size)
            scale, skewness = shuffled.std(ddof=1), float(np.nan_to_num(stats.skew(shuffled)))
        level.append(scale * stats.pearson3.isf(CHANCE / factors, skewness))
    return np.array(level)


def _shuffled(of_all: NDArray[np.int32], size: int) -> Floats:
    """The index of one output in shuffles, which leave nothing but luck."""
    random = np.random.default_rng(0)
    weights = 2 * np.arange(size) + 1 - size
    near = [(np.sort(random.permutation(of_all).reshape(-1, size), axis=1) @ weights).mean() for _ in range(SHUFFLES)]
    middle = np.mean(near)
    return 1 - np.array(near) / middle if middle else np.zeros(SHUFFLES)

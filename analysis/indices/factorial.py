"""The analysis of variance of a full factorial, exact: every combination is there, so nothing is estimated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class VarianceShares:
    """Shares of an output's variance over the combinations, each counted alike.

    `first` and `total`, shape (factors, outputs): of a factor alone, and of all it has a hand in. `second`, shape
    (factors, factors, outputs): of a pair beyond both alone, above the diagonal, NaN elsewhere. NaN for an output that
    does not vary. `used` combinations.
    """

    first: Floats
    total: Floats
    second: Floats
    used: int


def cells_of(pieces: Iterable[Floats], levels: list[Floats]) -> NDArray[np.int64]:
    """The place of each member among the combinations, the last factor running fastest.

    Parameters
    ----------
    pieces
        Values of the factors, shape (some members, factors) each.
    levels
        The values that each factor takes, sorted.
    """
    found = []
    for piece in pieces:
        cell = np.zeros(len(piece), np.int64)
        for factor, of_factor in enumerate(levels):
            cell = cell * len(of_factor) + np.searchsorted(of_factor, piece[:, factor])
        found.append(cell)
    return np.concatenate(found)


def variance_shares(figures: Floats, sizes: tuple[int, ...]) -> VarianceShares:
    """Shares of variance from one figure a combination.

    Parameters
    ----------
    figures
        Shape (combinations, outputs), the last factor running fastest, without NaN.
    sizes
        How many values each factor takes.
    """
    count, outputs = len(sizes), figures.shape[1]
    middle = figures.mean(axis=0)
    y = (figures - middle).reshape(*sizes, outputs)
    whole = (y**2).mean(axis=tuple(range(count)))
    scale = np.where(whole > 0, whole, np.nan)
    first, total = np.empty((count, outputs)), np.empty((count, outputs))
    second = np.full((count, count, outputs), np.nan)
    for one in range(count):
        first[one] = _explained(y, (one,))
        total[one] = whole - (y.mean(axis=one) ** 2).mean(axis=tuple(range(count - 1)))
    for one in range(count):
        for other in range(one + 1, count):
            second[one, other] = (_explained(y, (one, other)) - first[one] - first[other]) / scale
    return VarianceShares(first / scale, total / scale, second, len(figures))


def _explained(y: Floats, factors: tuple[int, ...]) -> Floats:
    """The variance of the mean given some factors, shape (outputs,)."""
    others = tuple(axis for axis in range(y.ndim - 1) if axis not in factors)
    return np.asarray((y.mean(axis=others) ** 2).mean(axis=tuple(range(len(factors)))))

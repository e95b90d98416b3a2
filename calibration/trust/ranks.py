"""Whether posteriors of simulated data cover the truths: ranks of truths, and how often intervals hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


def ranks_of(truths: Floats, draws: Floats) -> Floats:
    """Shares of the draws below the truth, half of those equal to it: simulation-based calibration (Talts and others).

    Where truths come from the prior, data from the truths, and draws from the posteriors of these data, each share is
    uniform between 0 and 1 but for the number of draws.

    Parameters
    ----------
    truths
        Shape (quantities,).
    draws
        Shape (draws, quantities).
    """
    return np.asarray((draws < truths).mean(axis=0) + 0.5 * (draws == truths).mean(axis=0))


def histogram(ranks: Floats, bins: int) -> tuple[NDArray[np.intp], float]:
    """Counts of ranks in equal bins, and the chance of a more uneven histogram of independent ranks (chi-square)."""
    counts = np.bincount(np.minimum((ranks.ravel() * bins).astype(int), bins - 1), minlength=bins)
    expected = ranks.size / bins
    return counts, float(stats.chi2.sf(((counts - expected) ** 2).sum() / expected, bins - 1))


def coverage(ranks: Floats, level: float) -> tuple[float, float]:
    """Share of truths inside the central interval of a level, and its standard error; ranks (data sets, quantities).

    The error counts data sets, since the quantities of one depend on each other.
    """
    inside = (np.abs(ranks - 0.5) <= level / 2).mean(axis=1)
    error = inside.std(ddof=1) / np.sqrt(len(inside)) if len(inside) > 1 else np.nan
    return float(inside.mean()), float(error)

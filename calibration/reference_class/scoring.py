"""How well Student forecasts did, many at once: where outcomes lie in them, and their CRPS."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

Floats = NDArray[np.float64]

LEVELS = (0.5, 0.9)  # of the bands that are tried


def student_place(value: Floats, freedom: Floats | float, centre: Floats, scale: Floats) -> Floats:
    """How far up a Student each value lies, 0 to 1 (its probability integral transform); arguments broadcast."""
    return np.asarray(stats.t.cdf((value - centre) / scale, freedom), float)


def student_crps(value: Floats, freedom: Floats | float, centre: Floats, scale: Floats) -> Floats:
    """Continuous ranked probability score of Students, in their unit; arguments broadcast.

    Infinite where there is no mean, with one degree of freedom or less.
    """
    nu, y = np.asarray(freedom, float), (value - centre) / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        beta = special.beta(0.5, nu - 0.5) / special.beta(0.5, nu / 2) ** 2
        density = stats.t.pdf(y, nu) * (nu + y**2) / (nu - 1)
        found = scale * (y * (2 * stats.t.cdf(y, nu) - 1) + 2 * density - 2 * np.sqrt(nu) / (nu - 1) * beta)
    return np.where(nu > 1, found, np.inf)


def is_inside(places: Floats, level: float) -> NDArray[np.bool_]:
    """Whether places lie in the central band of a level."""
    return np.abs(places - 0.5) <= level / 2

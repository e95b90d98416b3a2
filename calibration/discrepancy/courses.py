"""What a member's published figures stray by: courses of quantities over the years, drawn from streams of their own.

A member's draws depend on the seed, its number and the quantity's name alone, and on quantities that stand before it
where they are correlated: a new one, which comes last, leaves those of the others as they were.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.reference_class.rule import FREEDOM, standard_course

from .entries import Assumed

Floats = NDArray[np.float64]

STREAM = b"discrepancy"


def stream(seed: int, name: str) -> np.random.Generator:
    """The stream of random numbers of one name, which no other has."""
    return np.random.default_rng([seed, *STREAM, *name.encode()])


def courses(assumed: Assumed, members: int, horizons: int, seed: int) -> dict[str, Floats]:
    """Courses of every quantity, shape (members, horizons 1, 2, …), Students of scale one at each horizon.

    A common and a place part, of the shares that the class has, are drawn apart; both are correlated between
    quantities. Students are made of them by one divisor a quantity and member, so correlations of courses are a little
    weaker than those of the file.
    """
    steps = np.linalg.cholesky(assumed.correlations)
    common = {name: _normals(seed, f"{name}, common", members, horizons) for name in assumed.quantities}
    place = {name: _normals(seed, f"{name}, place", members, horizons) for name in assumed.quantities}
    found: dict[str, Floats] = {}
    for number, name in enumerate(assumed.quantities):
        share = _common_share(assumed, name)
        own = np.sqrt(share) * _mixed(steps[number], common) + np.sqrt(1 - share) * _mixed(steps[number], place)
        divisor = stream(seed, f"{name}, tail").chisquare(FREEDOM, members)
        found[name] = standard_course(own[:, :-1], own[:, -1], divisor)
    return found


def _common_share(assumed: Assumed, name: str) -> float:
    row = assumed.classes[name]
    return 0.0 if row is None or assumed.quantities[name].part == "place" else row.common_share


def _normals(seed: int, name: str, members: int, horizons: int) -> Floats:
    """Standard normals of the walk's steps and of the tilt, shape (members, horizons + 1); member by member."""
    return stream(seed, name).standard_normal((members, horizons + 1))


def _mixed(row: Floats, normals: Mapping[str, Floats]) -> Floats:
    """The sum of normals with the factors of a row of a triangle, which ends with the quantity itself."""
    return np.asarray(sum(factor * values for factor, values in zip(row, normals.values(), strict=True) if factor))

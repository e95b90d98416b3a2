"""Points of a design in the unit cube, a block at a time: the same whatever is asked for first, by whom, how often."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .design import Design

Floats = NDArray[np.float64]
BLOCK = 10_000  # members of a part; streams of random numbers belong to a part


@dataclass(frozen=True)
class Plan:
    """`members` points; `part(first, last)` gives some, shape (last - first, factors), where `first` begins a part."""

    members: int
    part: Callable[[int, int], Floats]

    def block(self, first: int, last: int) -> Floats:
        """Some points of one part, wherever they stand in it; shape (last - first, factors)."""
        begin = first - first % BLOCK
        return self.part(begin, last)[first - begin :]


def members_of(design: Design, factors: int) -> int:
    """How many members a design of so many factors has."""
    if design.method == "morris":
        return design.size * (factors + 1)
    if design.method == "sobol":
        return design.size * rows_a_base_point(factors, design.second_order)
    if design.method == "grid":
        return int(design.size**factors)
    return design.size


def rows_a_base_point(factors: int, second_order: bool) -> int:
    """Members that a base point of a sobol design has: itself, its crossings, and the other one."""
    return 2 * factors + 2 if second_order else factors + 2


def make_plan(design: Design, factors: int) -> Plan:
    """The points of a design. Those of sobol are SALib's, to the bit and in its order."""
    members = members_of(design, factors)
    if not factors:
        return Plan(members, lambda first, last: np.empty((last - first, 0)))
    makers = {
        "morris": _morris, "sobol": _sobol, "latin_hypercube": _latin_hypercube, "grid": _grid,
        "monte_carlo": _monte_carlo,
    }  # fmt: skip
    return Plan(members, makers[design.method](design, factors))


def plan_bytes(design: Design, factors: int) -> float:
    """Bytes that a design's plan holds: what cannot be made a block at a time."""
    if design.method == "sobol":
        return 16.0 * design.size * factors
    return 4.0 * design.size * factors if design.method == "latin_hypercube" else 0.0


def _morris(design: Design, factors: int) -> Callable[[int, int], Floats]:
    """Trajectories, each from a stream of its own, so that a block costs no more than itself (Morris, 1991).

    A factor has a low value and one a step higher, at random; it begins at one of both and moves in its turn to the
    other.
    """
    rows, step = factors + 1, design.levels / (2 * (design.levels - 1))

    def trajectory(number: int) -> Floats:
        random = np.random.default_rng([design.seed, number])
        low = random.integers(design.levels // 2, size=factors) / (design.levels - 1)
        begins_high, turn = random.random(factors) < 0.5, random.permutation(factors)
        return np.asarray(low + step * (begins_high ^ (np.arange(rows)[:, None] > turn)))

    def block(first: int, last: int) -> Floats:
        begin, end = first // rows, -(-last // rows)
        points = np.concatenate([trajectory(number) for number in range(begin, end)])
        return points[first - begin * rows : last - begin * rows]

    return block


def _sobol(design: Design, factors: int) -> Callable[[int, int], Floats]:
    """SALib's sample crosses row by row in Python, minutes at this size: here a row is crossed when it is needed.

    Of a base point (a, b): a; a with each factor from b; if wanted, b with each from a; b (Saltelli and others, 2010).
    """
    from scipy.stats import qmc

    base = qmc.Sobol(2 * factors, scramble=True, seed=design.seed).random(design.size)
    rows = members_of(design, factors) // design.size

    def block(first: int, last: int) -> Floats:
        member = np.arange(first, last)
        of_base, place = member // rows, member % rows
        points = base[of_base, :factors]
        from_b = (place > factors) if design.second_order else (place == rows - 1)
        points[from_b] = base[of_base[from_b], factors:]
        crossed = (place > 0) & (place < rows - 1)
        factor = (place[crossed] - 1) % factors
        source = np.where(place[crossed] <= factors, factors + factor, factor)
        points[crossed, factor] = base[of_base[crossed], source]
        return points

    return block


def _latin_hypercube(design: Design, factors: int) -> Callable[[int, int], Floats]:
    """Each factor has one point in each of `size` equal strata, in an order of its own (small: four bytes each)."""
    strata = np.empty((design.size, factors), np.int32)
    for factor in range(factors):
        strata[:, factor] = np.random.default_rng([design.seed, factor]).permutation(design.size)

    def block(first: int, last: int) -> Floats:
        within = np.random.default_rng([design.seed, factors, first]).random((last - first, factors))
        return np.asarray((strata[first:last] + within) / design.size)

    return block


def _grid(design: Design, factors: int) -> Callable[[int, int], Floats]:
    """Every combination of `size` values of each factor, ends included; the last factor runs fastest."""
    weights = design.size ** np.arange(factors - 1, -1, -1)

    def block(first: int, last: int) -> Floats:
        place = np.arange(first, last)[:, None] // weights % design.size
        return np.asarray(place / (design.size - 1))

    return block


def _monte_carlo(design: Design, factors: int) -> Callable[[int, int], Floats]:
    return lambda first, last: np.random.default_rng([design.seed, first]).random((last - first, factors))


def blocks(members: int) -> list[tuple[int, int]]:
    """First and last (not included) member of every part."""
    ends = [*range(0, members, BLOCK), members]
    return list(itertools.pairwise(ends))

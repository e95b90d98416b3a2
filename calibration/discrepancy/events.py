"""Counts of events that come one by one: how many have come when so many were expected, member by member."""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from .courses import stream

Floats = NDArray[np.float64]

BLOCK = 128  # arrivals drawn at a time; a power of two
MOST = 4096  # beyond so many expected events chance is nothing beside what is not known of their pace
_lock = Lock()  # pages of many visitors ask at once


class Arrivals:
    """Times of arrival of one thing counted, each member's its own: events of a Poisson process of rate one.

    More events expected never mean fewer counted, so two scenarios of a member differ by what they do alone.
    """

    def __init__(self, name: str, members: int, seed: int) -> None:
        self._name, self._members, self._seed = name, members, seed
        self._blocks: list[Floats] = []

    def counted(self, expected: Floats, members: NDArray[np.int_]) -> Floats:
        """How many events have come, shape (rows, years), where `expected` were, of the members (rows,) from 0."""
        found = np.zeros_like(expected)
        todo = np.flatnonzero((expected > 0).any(axis=1) & (expected <= MOST).all(axis=1))
        number = 0
        while todo.size:
            times = self._block(number)[members[todo]]
            found[todo] += _come(times, expected[todo])
            todo = todo[times[:, -1] <= expected[todo].max(axis=1)]
            number += 1
        large = (expected > MOST).any(axis=1)
        found[large] = np.round(expected[large])
        return found

    def _block(self, number: int) -> Floats:
        """The times of so many arrivals, shape (members, BLOCK)."""
        with _lock:
            while len(self._blocks) <= number:
                waits = stream(self._seed, f"{self._name}, arrivals {len(self._blocks)}").standard_exponential(
                    (self._members, BLOCK)
                )
                begin = self._blocks[-1][:, -1:] if self._blocks else 0.0
                self._blocks.append(begin + np.cumsum(waits, axis=1))
            return self._blocks[number]


def _come(times: Floats, until: Floats) -> NDArray[np.int_]:
    """How many of a row's times, (rows, BLOCK) in their order, are not after each of `until`, (rows, years)."""
    found = np.zeros(until.shape, int)
    step = BLOCK
    while step > 1:
        step //= 2
        found += step * (np.take_along_axis(times, found + step - 1, axis=1) <= until)
    return found + (np.take_along_axis(times, found, axis=1) <= until)

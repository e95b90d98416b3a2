"""Which members are evidence: those that did not fail, each set of values once, in an order that is the members' own.

A set of values has a mark, a hash of its bits. Members are taken in the order of their marks, so that repeating or
reordering them changes nothing, and the first of them are a sample of all, not a corner of a design.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Marks = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class SweepEvidence:
    """What counts of a sweep.

    `first` has the first member of each unit that counts, in the order of the marks; a unit is `unit` members: one, or
    all of a trajectory or a base point. `units` is how many there are, `failed` how many of these had a failed member,
    `repeated` how many repeat others; what is left is beyond the number asked for.
    """

    first: Places
    units: int
    failed: int
    repeated: int
    unit: int = 1

    @property
    def used(self) -> int:
        """How many units count."""
        return len(self.first)

    @property
    def members(self) -> Places:
        """Every member of the units that count, unit by unit."""
        return np.asarray((self.first[:, None] + np.arange(self.unit)).ravel())

    def of_members(self, unit: int) -> SweepEvidence:
        """Of units counted from 0: each is so many members."""
        return replace(self, first=self.first * unit, unit=unit)

    def ordered(self, order: Places) -> SweepEvidence:
        """The same units in another order."""
        return replace(self, first=self.first[order])

    def among(self, members: Places) -> SweepEvidence:
        """Of units counted from 0 among some members: those members."""
        return replace(self, first=members[self.first])

    def words(self, noun: str) -> str:
        """How many units of all count, and why others do not: 'n of N members used', and a sentence."""
        told = [f"{self.used:,} of {self.units:,} {noun} used"]
        if self.repeated:
            told.append(f"{self.repeated:,} repeat others, and what is repeated counts once")
        if self.failed:
            told.append(f"{self.failed:,} failed")
        left = self.units - self.used - self.repeated - self.failed
        if left:
            told.append(f"a sample spread over all, the other {left:,} left aside")
        return "; ".join(told) + "."


def marks_of(values: Floats) -> Marks:
    """A hash of each row's bits, shape (rows,); of no column all alike."""
    found = np.zeros(len(values), np.uint64)
    for column in np.ascontiguousarray(values.T + 0.0).view(np.uint64):  # + 0.0: -0 and 0 are one value
        found = mixed(found * np.uint64(3) + column)
    return found


def mixed(bits: Marks) -> Marks:
    """Every bit spread over all 64 (the finaliser of SplitMix64)."""
    bits = bits ^ (bits >> np.uint64(30))
    bits = bits * np.uint64(0xBF58476D1CE4E5B9)
    bits = bits ^ (bits >> np.uint64(27))
    bits = bits * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def evidence_of(marks: Marks, draws: Marks, failed: NDArray[np.bool_], most: int | None = None) -> SweepEvidence:
    """The units that count.

    Parameters
    ----------
    marks, draws
        Of each unit, shape (units,): its mark, and that of what must not be counted twice, of which one unit counts.
    failed
        Which units have a failed member.
    most
        How many units are taken at most.
    """
    whole = np.flatnonzero(~failed)
    order = whole[np.lexsort((marks[whole], draws[whole]))]
    new = np.ones(len(order), bool)
    new[1:] = draws[order[1:]] != draws[order[:-1]]
    distinct = order[new]
    return SweepEvidence(distinct[:most], len(failed), int(failed.sum()), len(order) - len(distinct))

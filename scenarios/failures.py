"""Members that fail: who is left out and what is not shown at all. One rule for every door; failure_words.py tells it.

A member fails where a value that its figures need is not finite. It is left out of every scenario of a comparison, so
that they differ by what they do and not by whom they lost. A scenario that loses more than one member in a hundred (of
fewer than a hundred: more than one, or all) is not shown. A nominal run that fails beside members has no figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine import NotFinite

PERCENT, FEW = 1, 100  # of the members may fail; of fewer than FEW one may
MOST_EXPLAINED = 24  # members of a scenario that run again to say why (judgement: a second at most)
LIST = "failed.csv"  # the list of members that failed, wherever it is written
FAILURE_COLUMNS = ("scenario", "member", "variable", "time", "value")


@dataclass(frozen=True, eq=False)
class Failures:
    """Who failed under scenarios that run with the same members, and what follows.

    Attributes
    ----------
    members
        How many were asked for beside the nominal run; 0 where that runs alone.
    failed
        By scenario, the numbers of the members that failed, increasing; 0 is the nominal run.
    aside
        Scenarios that are not shown.
    lost
        Numbers of the members that are left out of all others, increasing.
    reasons
        By scenario, why the lowest of its members failed; of MOST_EXPLAINED at most.
    """

    members: int
    failed: Mapping[str, NDArray[np.int_]]
    aside: tuple[str, ...]
    lost: NDArray[np.int_]
    reasons: Mapping[str, tuple[NotFinite, ...]]

    @property
    def used(self) -> int:
        """How many members stand behind the scenarios shown."""
        return self.members - len(self.lost)

    @property
    def shown(self) -> tuple[str, ...]:
        """Scenarios that are shown."""
        return tuple(name for name in self.failed if name not in self.aside)

    def __bool__(self) -> bool:
        """Whether anything failed."""
        return any(map(len, self.failed.values()))

    def reason(self, scenario: str, member: int) -> NotFinite:
        """Why a member failed; without a variable where it was not looked into."""
        found = (one for one in self.reasons.get(scenario, ()) if one.member == member)
        return next(found, NotFinite(member))


@dataclass(frozen=True)
class DesignFailures:
    """How many members of a design failed, and why the first of them did, where that is known."""

    members: int
    failed: int
    first: NotFinite | None = None

    @property
    def too_many(self) -> bool:
        """Whether nothing may be found from the others."""
        return too_many(self.failed, self.members)


def too_many(failed: int, members: int) -> bool:
    """Whether so many of the members may not be left out."""
    return failed >= max(members, 1) or (failed > 1 if members < FEW else failed * 100 > members * PERCENT)


def judged(
    failed: Mapping[str, NDArray[np.bool_]], explain: Callable[[str, list[int]], Sequence[NotFinite]] | None = None
) -> Failures:
    """What follows from who failed.

    Parameters
    ----------
    failed
        By scenario, a flag for the nominal run and then for each member, shape (1 + members,).
    explain
        Gives the reasons of members of a scenario, by their numbers.
    """
    members = len(next(iter(failed.values()))) - 1
    alone = members == 0
    asked = slice(0, 1) if alone else slice(1, None)
    aside = [name for name, flags in failed.items() if too_many(int(flags[asked].sum()), members)]
    lost = np.zeros(members + 1, bool)
    for name, flags in failed.items():
        if name not in aside:
            lost |= flags
    lost[0] = False
    if not alone and too_many(int(lost.sum()), members):
        aside = list(failed)
    numbers = {name: np.flatnonzero(flags) for name, flags in failed.items()}
    reasons = {
        name: tuple(explain(name, found[:MOST_EXPLAINED].tolist())) if explain and len(found) else ()
        for name, found in numbers.items()
    }
    return Failures(members, numbers, tuple(aside), np.flatnonzero(lost), reasons)


def compared(each: Mapping[str, Failures]) -> Failures:
    """What follows where scenarios that ran by themselves, with the same members, are compared; by new names."""
    members = max(one.members for one in each.values())
    flags, reasons = {}, {}
    for name, one in each.items():
        (numbers,), (why,) = one.failed.values(), one.reasons.values()
        flags[name], reasons[name] = np.zeros(members + 1, bool), why
        flags[name][numbers] = True
    return judged(flags, lambda name, _: reasons[name])


def listed(failures: Failures, members: Mapping[str, ArrayLike]) -> Iterator[tuple[object, ...]]:
    """The full list, as FAILURE_COLUMNS and the values of `members` (those of `simulate`); none of the nominal run."""
    values = [np.atleast_1d(np.asarray(drawn)) for drawn in members.values()]
    for scenario, numbers in failures.failed.items():
        for number in numbers.tolist():
            own = [float(drawn[number - 1]) if number else None for drawn in values]
            yield (*reason_cells(scenario, failures.reason(scenario, number)), *own)


def reason_cells(scenario: str, reason: NotFinite) -> tuple[object, ...]:
    """A member and why it failed, in the order of FAILURE_COLUMNS; empty where that was not looked into."""
    known = bool(reason.variable)
    return scenario, reason.member, reason.variable, reason.time if known else "", reason.value if known else ""


def plain_failures(failures: Failures) -> dict[str, object]:
    """Who failed as plain data: counts, numbers of those left out, scenarios not shown, and the reasons known."""
    return {
        "members": failures.members,
        "used": failures.used if failures.shown else 0,
        "left_out": failures.lost.tolist(),
        "not_shown": list(failures.aside),
        "failed": {name: len(numbers) for name, numbers in failures.failed.items()},
        "reasons": {
            name: [{"member": one.member, "variable": one.variable, "time": one.time} for one in found if one.variable]
            for name, found in failures.reasons.items()
        },
    }

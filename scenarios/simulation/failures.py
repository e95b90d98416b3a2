"""Members that fail: who is left out, what is not shown at all, and the line that every door says of it.

A member fails where a value that its figures need is not finite. It is left out of every scenario of a comparison, so
that they differ by what they do and not by whom they lost. A scenario that loses more than one member in a hundred (of
fewer than a hundred: more than one, or all) is not shown. A nominal run that fails beside members has no figures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from innovation.engine import NotFinite, RunError
from innovation.model.files import Language, Messages
from innovation.scenarios.words import section

PERCENT, FEW = 1, 100  # of the members may fail; of fewer than FEW one may
MOST_EXPLAINED = 24  # members of a scenario that run again to say why (judgement: a second at most)
LIST = "failed.csv"  # the list of members that failed, wherever it is written
FAILURE_COLUMNS = ("scenario", "member", "variable", "time", "value")
MOST_NAMED = 5
WORDS = section("failures")


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
    def kept(self) -> NDArray[np.bool_]:
        """Which members stand behind the scenarios shown, shape (members,)."""
        return ~np.isin(np.arange(1, self.members + 1), self.lost)

    @property
    def as_design(self) -> DesignFailures:
        """How many members are left out, where the scenarios need not be told apart."""
        return DesignFailures(self.members, len(self.lost))

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

    def check(self, place: str = "") -> None:
        """Raises TooManyFailed where nothing may be found from the others; `place` is where their list is."""
        if self.too_many:
            raise TooManyFailed(self, place)


NONE_FAILED = DesignFailures(0, 0)


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


def checked(
    failed: Mapping[str, NDArray[np.bool_]], explain: Callable[[str, list[int]], Sequence[NotFinite]] | None = None
) -> Failures:
    """What follows where scenarios stand in one table, or one number: none of them may be set aside.

    `failed` has by scenario a flag for each member, shape (members,); there is no nominal run. Raises TooManyFailed
    where too many failed under one of them, or under all together.
    """
    found = judged({name: np.concatenate([[False], flags]) for name, flags in failed.items()}, explain)
    if found.aside:
        raise TooManyFailed(found)
    return found


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


class TooManyFailed(RunError):
    """Scenarios of which nothing is shown, or a design that finds nothing; `failures` has who failed, and why.

    `place` is where their full list is, if it is somewhere.
    """

    def __init__(self, failures: Failures | DesignFailures, place: str = "") -> None:
        if isinstance(failures, DesignFailures):
            lines = [told_of_design(failures, place=place)]
        else:
            lines = told(failures, place=place)
        super().__init__(" ".join(lines))
        self.failures, self.place = failures, place

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.failures, self.place)


def told(
    failures: Failures,
    language: Language = "en",
    called: Callable[[str], str] = str,
    place: str = "",
) -> list[str]:
    """What failed in a line each: of the scenarios not shown, and of the members that the others lack.

    Parameters
    ----------
    called
        What a scenario is called.
    place
        Where the full list is; '' where it is nowhere.
    """
    words, teller = WORDS[language], _Teller(failures, language, called)
    at = words("place", place=place) if place else ""
    said = {
        "of": f"{failures.members:,}", "lost": f"{len(failures.lost):,}", "used": f"{failures.used:,}", "place": at,
        "most": _most(failures.members, words),
        "remedy": words("remedy"), "fewer": words("fewer"),
    }  # fmt: skip
    own = [name for name in failures.aside if too_many(teller.count(name), failures.members)]
    apart = [name for name in failures.aside if name not in own]
    lines = []
    if failures.aside and not failures.members:
        lines.append(words("alone", which=teller.names(apart), why=teller.why(apart, named=False), **said))
    elif own:
        many = words("number", count=f"{teller.count(own[0]):,}") if len(own) == 1 else words("so_many")
        lines.append(words("aside", which=teller.counts(own), counts=many, why=teller.why(own), **said))
    if len(failures.lost):
        by = [name for name in apart or failures.shown if teller.count(name)]
        every = words("all") if len(failures.shown) > 1 else ""
        line, counts = "apart" if apart else "lost", teller.counts(by)
        lines.append(words(line, which=teller.names(apart), by=counts, all=every, why=teller.why(by), **said))
    nominal = [name for name in failures.shown if 0 in failures.failed[name]]
    if nominal and failures.members:
        why, listed = (teller.why(nominal, named=False), at) if not lines else ("", "")
        lines.append(words("nominal", which=teller.names(nominal), why=why, place=listed))
    return lines


class _Teller:
    """Names, counts and reasons in words."""

    def __init__(self, failures: Failures, language: Language, called: Callable[[str], str]) -> None:
        self.failures, self.words = failures, WORDS[language]
        self.called = lambda name: self.words("name", name=called(name))
        self._called = called

    def count(self, name: str) -> int:
        """Members that failed under a scenario, the nominal run not among them."""
        return int(np.count_nonzero(self.failures.failed[name]))

    def names(self, names: Sequence[str]) -> str:
        return self._joined([self.called(name) for name in names])

    def counts(self, names: Sequence[str]) -> str:
        """Scenarios with the number that failed under each, if there are several."""
        if len(names) == 1:
            return self.names(names)
        each = [self.words("count", name=self._called(name), count=f"{self.count(name):,}") for name in names]
        return self._joined(each)

    def _joined(self, parts: Sequence[str]) -> str:
        listed = self.words("and").join(parts[:MOST_NAMED])
        more = len(parts) - MOST_NAMED
        return self.words("more", names=listed, count=more) if more > 0 else listed

    def why(self, names: Sequence[str], named: bool = True) -> str:
        """The reason of the first member that has one, a member before a nominal run; `named`: with the run's name."""
        found = [(name, one) for name in names for one in self.failures.reasons.get(name, ())]
        if not found:
            return ""
        name, first = min(found, key=lambda pair: (not pair[1].variable, pair[1].member == 0))
        run = self.words("member", number=first.member)
        if first.member == 0:
            run = self.words("nominal_run")
        elif len(names) > 1:
            run = self.words("under", number=first.member, name=self.called(name))
        return _why(first, run, self.words, "why" if named else "plain")


def told_of_design(failures: DesignFailures, language: Language = "en", place: str = "") -> str:
    """In a line how many members of a design failed and why; '' where none did. `place` is where their list is."""
    words, first = WORDS[language], failures.first
    if not failures.failed:
        return ""
    return words(
        "too_wide" if failures.too_many else "design",
        lost=f"{failures.failed:,}",
        of=f"{failures.members:,}",
        used=f"{failures.members - failures.failed:,}",
        most=_most(failures.members, words),
        why=_why(first, words("member", number=first.member), words) if first else "",
        place=words("place", place=place) if place else "",
    )


def _why(first: NotFinite, run: str, words: Messages, key: str = "why") -> str:
    if not first.variable:
        return words("edge", run=run)
    return words(key, run=run, variable=first.variable, year=math.floor(first.time))


def _most(members: int, words: Messages) -> str:
    return words("one") if members < FEW else words("part", percent=PERCENT)

"""Members that fail, in words: the line that every door says, in both languages, and the error of a refused result."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from engine import NotFinite, RunError
from model import Language, Messages

from .failures import FEW, PERCENT, DesignFailures, Failures, too_many
from .words import section

MOST_NAMED = 5
WORDS = section("failures")


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
        self.failures = failures


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

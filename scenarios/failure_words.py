"""Members that fail, in words: the line that every door says, in both languages, and the error of a refused result."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine import NotFinite, RunError

from .failures import FEW, PERCENT, DesignFailures, Failures, too_many
from .schema import Language

MOST_NAMED = 5
WORDS = {
    "en": {
        "aside": (
            "Not shown: {which}. {counts} of {of} members gave no result, and at most {most} may be left out."
            "{why}{place} {remedy}"
        ),
        "apart": (
            "Not compared: {which}. {lost} of {of} members gave no result under one of them or another ({by}), and at "
            "most {most} may be left out.{why}{place} {fewer}"
        ),
        "alone": "Not shown: {which}. The nominal run gave no result.{why}{place} {remedy}",
        "lost": "Left out{all}: {lost} of {of} members, with no result under {by}; {used} are used.{why}{place}",
        "nominal": "The nominal run gave no result under {which}, so there are no nominal figures.{why}{place}",
        "design": "Left out: {lost} of {of} members, with no result; {used} are used.{why}{place}",
        "too_wide": (
            "No findings: {lost} of {of} members gave no result, and at most {most} may be left out.{why}{place} "
            "Narrow the ranges of the factors, or mend the model."
        ),
        "all": " of every scenario", "part": "{percent} %", "one": "one",
        "why": " {run}: “{variable}” is not a finite number in {year}.",
        "plain": " “{variable}” is not a finite number in {year}.",
        "edge": " {run}: a figure is too large to be kept.",
        "member": "Member {number}", "under": "Member {number} under {name}", "nominal_run": "The nominal run",
        "place": " The full list: {place}.", "more": "{names} and {count} more", "and": ", ",
        "name": "{name}", "count": "{name} ({count})", "number": "{count}", "so_many": "So many",
        "remedy": "Move its values less far from practice, or mend the model.",
        "fewer": "Compare fewer of them, or move their values less far from practice.",
    },
    "zh": {
        "aside": "未显示：{which}。{of}个成员中有{counts}算不出结果，而最多只能舍去{most}。{why}{place}{remedy}",
        "apart": (
            "未作比较：{which}。{of}个成员中有{lost}个在{by}下算不出结果，而最多只能舍去{most}。{why}{place}{fewer}"
        ),
        "alone": "未显示：{which}。名义运行算不出结果。{why}{place}{remedy}",
        "lost": "{of}个成员中有{lost}个在{by}下算不出结果，{all}不予计入，实际采用{used}个。{why}{place}",
        "nominal": "名义运行在{which}下算不出结果，因此没有名义值。{why}{place}",
        "design": "{of}个成员中有{lost}个算不出结果，不予计入，实际采用{used}个。{why}{place}",
        "too_wide": (
            "得不出结论：{of}个成员中有{lost}个算不出结果，而最多只能舍去{most}。{why}{place}请收窄各因素的取值范围，或修正模型。"
        ),
        "all": "在所有情景中均", "part": "{percent}%", "one": "一个",
        "why": "{run}：变量“{variable}”在{year}年不再是有限的数。",
        "plain": "变量“{variable}”在{year}年不再是有限的数。",
        "edge": "{run}：有数值过大，无法保存。",
        "member": "成员{number}", "under": "{name}下的成员{number}", "nominal_run": "名义运行",
        "place": "完整名单：{place}。", "more": "{names}等，另有{count}个", "and": "、",
        "name": "“{name}”", "count": "“{name}”（{count}个）", "number": "{count}个", "so_many": "上述数量的",
        "remedy": "请让各项取值离现行做法近一些，或修正模型。",
        "fewer": "请减少所比较的情景，或让取值离现行做法近一些。",
    },
}  # fmt: skip


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
    at = words["place"].format(place=place) if place else ""
    said = {
        "of": f"{failures.members:,}", "lost": f"{len(failures.lost):,}", "used": f"{failures.used:,}", "place": at,
        "most": _most(failures.members, words),
        "remedy": words["remedy"], "fewer": words["fewer"],
    }  # fmt: skip
    own = [name for name in failures.aside if too_many(teller.count(name), failures.members)]
    apart = [name for name in failures.aside if name not in own]
    lines = []
    if failures.aside and not failures.members:
        lines.append(words["alone"].format(which=teller.names(apart), why=teller.why(apart, named=False), **said))
    elif own:
        many = words["number"].format(count=f"{teller.count(own[0]):,}") if len(own) == 1 else words["so_many"]
        lines.append(words["aside"].format(which=teller.counts(own), counts=many, why=teller.why(own), **said))
    if len(failures.lost):
        by = [name for name in apart or failures.shown if teller.count(name)]
        every = words["all"] if len(failures.shown) > 1 else ""
        line, counts = words["apart" if apart else "lost"], teller.counts(by)
        lines.append(line.format(which=teller.names(apart), by=counts, all=every, why=teller.why(by), **said))
    nominal = [name for name in failures.shown if 0 in failures.failed[name]]
    if nominal and failures.members:
        why, listed = (teller.why(nominal, named=False), at) if not lines else ("", "")
        lines.append(words["nominal"].format(which=teller.names(nominal), why=why, place=listed))
    return lines


class _Teller:
    """Names, counts and reasons in words."""

    def __init__(self, failures: Failures, language: Language, called: Callable[[str], str]) -> None:
        self.failures, self.words = failures, WORDS[language]
        self.called = lambda name: self.words["name"].format(name=called(name))
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
        each = [self.words["count"].format(name=self._called(name), count=f"{self.count(name):,}") for name in names]
        return self._joined(each)

    def _joined(self, parts: Sequence[str]) -> str:
        listed = self.words["and"].join(parts[:MOST_NAMED])
        more = len(parts) - MOST_NAMED
        return self.words["more"].format(names=listed, count=more) if more > 0 else listed

    def why(self, names: Sequence[str], named: bool = True) -> str:
        """The reason of the first member that has one, a member before a nominal run; `named`: with the run's name."""
        found = [(name, one) for name in names for one in self.failures.reasons.get(name, ())]
        if not found:
            return ""
        name, first = min(found, key=lambda pair: (not pair[1].variable, pair[1].member == 0))
        run = self.words["member"].format(number=first.member)
        if first.member == 0:
            run = self.words["nominal_run"]
        elif len(names) > 1:
            run = self.words["under"].format(number=first.member, name=self.called(name))
        return _why(first, run, self.words, "why" if named else "plain")


def told_of_design(failures: DesignFailures, language: Language = "en", place: str = "") -> str:
    """In a line how many members of a design failed and why; '' where none did. `place` is where their list is."""
    words, first = WORDS[language], failures.first
    if not failures.failed:
        return ""
    return words["too_wide" if failures.too_many else "design"].format(
        lost=f"{failures.failed:,}",
        of=f"{failures.members:,}",
        used=f"{failures.members - failures.failed:,}",
        most=_most(failures.members, words),
        why=_why(first, words["member"].format(number=first.member), words) if first else "",
        place=words["place"].format(place=place) if place else "",
    )


def _why(first: NotFinite, run: str, words: Mapping[str, str], key: str = "why") -> str:
    if not first.variable:
        return words["edge"].format(run=run)
    return words[key].format(run=run, variable=first.variable, year=math.floor(first.time))


def _most(members: int, words: Mapping[str, str]) -> str:
    return words["one"] if members < FEW else words["part"].format(percent=PERCENT)

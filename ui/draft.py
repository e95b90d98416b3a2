"""A scenario being edited: what each control shows, and the scenario after one is moved. Knows no streamlit."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from innovation.model import PLAN_BEGINS, City, Control
from innovation.scenarios import (
    AssumptionChange,
    PolicyChange,
    Scenario,
    Words,
    destination,
    given_way,
    shares_of,
    with_changes,
)

USUAL_START, USUAL_RAMP = float(PLAN_BEGINS), 4.0
SHOWN_DIGITS, STORED_DIGITS, SHARE_DIGITS = 6, 9, 4
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


@dataclass(frozen=True)
class InputCourse:
    """Where a lever or an assumption goes, in the model's unit, and when; `changes` is 0 where it stays at practice."""

    to: float
    start: float = USUAL_START
    ramp: float = USUAL_RAMP
    changes: int = 0


def course(city: City, scenario: Scenario, name: str) -> InputCourse:
    """The course of one control; several changes show as their last value, from the first date to the last."""
    changes = scenario.changes_of(name)
    if not changes:
        return InputCourse(city.practice(name))
    return InputCourse(changes[-1].to, changes[0].start, changes[-1].end - changes[0].start, len(changes))


def shown(control: Control, value: float) -> float:
    """A value in the unit people see."""
    return round(value * control.factor, SHOWN_DIGITS)


def stored(control: Control, value: float) -> float:
    """A value people see, in the model's unit, not past the control's bounds by rounding."""
    return min(max(round(value / control.factor, STORED_DIGITS), control.low), control.high)


def step(control: Control) -> float:
    """Step of a slider in the unit people see: 1 or 5 times a power of ten, at least a hundred steps."""
    finest = (control.high - control.low) * control.factor / 100
    power = 10.0 ** math.floor(math.log10(finest))
    return float(f"{5 * power if finest >= 5 * power else power:.6g}")


def typed_number(text: str) -> float | None:
    """The number in a typed text, full-width digits and a closing % allowed; None where there is none."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("%").strip().replace("−", "-")
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def moved(city: City, scenario: Scenario, name: str, to: InputCourse) -> Scenario:
    """The scenario with one control on a new course in place of all its changes; at practice it has none."""
    if _same(to.to, city.practice(name)):
        return with_changes(city, scenario, without={name})
    if name in city.levers:
        return with_changes(city, scenario, [PolicyChange(lever=name, start=to.start, to=to.to, ramp=to.ramp)])
    return with_changes(city, scenario, [AssumptionChange(input=name, start=to.start, to=to.to, ramp=to.ramp)])


def viewed(city: City, scenario: Scenario, name: str, value: int | None) -> Scenario:
    """The scenario with a view of how the city works for all members, from the plan's first day; None: as drawn."""
    if value is None:
        return with_changes(city, scenario, without={name})
    return with_changes(city, scenario, [AssumptionChange(input=name, start=USUAL_START, to=float(value))])


def view_set(scenario: Scenario, name: str) -> int | None:
    """The view that a scenario sets; None where members have it as drawn."""
    changes = scenario.changes_of(name)
    return round(changes[-1].to) if changes else None


def shares(city: City, scenario: Scenario, group: str) -> dict[str, float]:
    """Where the shares of a group go."""
    return {name: destination(city, scenario, name) for name in shares_of(city, group)}


def shares_course(city: City, scenario: Scenario, group: str) -> InputCourse:
    """The dates of a group of shares, which move together: those of the first that moves at all."""
    courses = [course(city, scenario, name) for name in shares_of(city, group)]
    return next((found for found in courses if found.changes), courses[0])


def reshared(now: Mapping[str, float], name: str, to: float) -> dict[str, float]:
    """Shares after one of them is moved: the others give way, and all are rounded."""
    return tidy({other: float(share) for other, share in given_way(now, {name: to}).items()}, keep=name)


def tidy(found: Mapping[str, float], keep: str = "") -> dict[str, float]:
    """Shares rounded to 0.01 % that sum to 1; the largest but `keep` takes up what rounding leaves."""
    rounded = {name: round(share, SHARE_DIGITS) for name, share in found.items()}
    largest = max((name for name in rounded if name != keep), key=rounded.__getitem__)
    rest = sum(share for name, share in rounded.items() if name != largest)
    return {**rounded, largest: round(1 - rest, SHARE_DIGITS)}


def mixed(city: City, scenario: Scenario, to: Mapping[str, float], dates: InputCourse) -> Scenario:
    """The scenario with a whole group of shares on its way to `to` at the same dates; at practice it has no change."""
    if all(_same(share, city.practice(name)) for name, share in to.items()):
        return with_changes(city, scenario, without=set(to))
    changes = [PolicyChange(lever=name, start=dates.start, to=to[name], ramp=dates.ramp) for name in to]
    return with_changes(city, scenario, changes)


def named(start: Scenario, scenario: Scenario, id: str, title: Words) -> Scenario:
    """The start itself while the scenario changes the same, else the scenario under a name of its own."""
    if set(start.changes) == set(scenario.changes):
        return start
    return scenario.model_copy(update={"id": id, "title": title})


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)

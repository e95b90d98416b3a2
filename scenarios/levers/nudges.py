"""Which lever helps a target most: each nudged alone around a scenario, up and down, in one run with few members."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine import Change, NotFinite, TimePath
from innovation.model import PLAN_BEGINS, City
from innovation.scenarios.schema import Scenario
from innovation.scenarios.shares import Value, destination, given_way, shares_of
from innovation.scenarios.simulation.bands import LINE_VIEW, Instrument
from innovation.scenarios.simulation.chances import shortfalls
from innovation.scenarios.simulation.failures import Failures, TooManyFailed, judged
from innovation.scenarios.simulation.run import MemberValues, explained, figures, parameters, yearly_run
from innovation.scenarios.simulation.views import drawn_views, held_views

PART = 0.1  # of a lever's range, one nudge; judgement: large enough to see, small enough to be a local answer
ARROW = " → "
RAMP = 4.0  # years that a lever takes which the scenario leaves alone


@dataclass(frozen=True)
class Nudge:
    """A lever going to `to` instead, in the model's unit, and what that changes of a target: chance, mean figure.

    `shift` is of the city's own figures: it is what the lever does, whatever published ones stray by. `error` is the
    standard error of the change of the chance, from members that are the same before and after.
    """

    lever: str
    to: float
    chance: float
    error: float
    shift: float


@dataclass(frozen=True)
class Nudges:
    """Figures of every nudge in each target's year, by target (1 + nudges, members), the scenario itself first.

    `values` are what targets are judged by: published figures, or the city's `own`, as `alone` judges them. Members
    that failed under the scenario or a nudge have no part; nudges under which too many failed are not among `tried`.
    `failures` has both: under its id the scenario, under `name_of` the nudges.
    """

    city: City
    tried: tuple[tuple[str, float], ...]
    values: Mapping[str, NDArray[np.float64]]
    failures: Failures
    own: Mapping[str, NDArray[np.float64]]

    def alone(self) -> Nudges:
        """The same with chances of the city alone."""
        return replace(self, values=self.own)

    def of(self, target: str) -> list[Nudge]:
        """Nudges by how much they help a target: the better way of each lever, the most helpful first."""
        wanted, values = self.city.targets[target], self.values[target]
        short = shortfalls(wanted, values)
        hit, gap = short == 0, short.mean(axis=1)
        better = -1.0 if wanted.sense == "at_most" else 1.0
        best: dict[str, tuple[tuple[float, float, float], Nudge]] = {}
        for place, (lever, to) in enumerate(self.tried, start=1):
            shift = float((self.own[target][place] - self.own[target][0]).mean())
            towards = 0.0 if wanted.sense == "range" else better * shift
            gained, error = _gained(hit[0], hit[place])
            key, nudge = (float(gap[0] - gap[place]), gained, towards), Nudge(lever, to, gained, error, shift)
            if lever not in best or key > best[lever][0]:
                best[lever] = (key, nudge)
        return [nudge for _, nudge in sorted(best.values(), key=lambda found: found[0], reverse=True)]


def _gained(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> tuple[float, float]:
    """The change of a share of hits and its standard error; one gain and one loss are added, so that it is not 0."""
    changed = np.append(after.astype(float) - before, (1.0, -1.0))
    return float(changed[:-2].mean()), float(changed.std() / np.sqrt(len(changed)))


def name_of(lever: str, to: float) -> str:
    """What a nudge is called among scenarios that are compared."""
    return f"{lever}{ARROW}{to:.6g}"


def nudges(
    city: City, scenario: Scenario, members: MemberValues, part: float = PART, instrument: Instrument | None = None
) -> Nudges:
    """Run a scenario and, around it, every lever of the front page moved by `part` of its range either way.

    Parameters
    ----------
    members
        Values of constants, one a member; all nudges share them. Without any the nominal run alone is nudged.
    instrument
        How figures are published, of the members' draws; without one targets are judged by the city's own.

    Raises TooManyFailed where too many members fail under the scenario itself.
    """
    tried = _tried(city, scenario, part)
    count = max((np.size(values) for values in members.values()), default=1)
    blocks = 1 + len(tried)
    tiled = {name: np.tile(np.atleast_1d(values), blocks) for name, values in members.items()}
    given: dict[str, Any] = parameters(city, scenario, tiled)
    moved: dict[str, NDArray[np.float64]] = {}
    for block, (lever, to) in enumerate(tried, start=1):
        for name, value in _together(city, scenario, lever, to).items():
            column = moved.setdefault(name, np.full(1 + blocks * count, destination(city, scenario, name)))
            column[1 + block * count : 1 + (block + 1) * count] = value
    for name, column in moved.items():
        constant = city.spelling(*city.locate(city.levers[name].constant))
        given[constant] = _path(scenario, name, column)
    run = yearly_run(city, given, on_failure="mask")
    flags = np.asarray(run["failed"].values)[1:].reshape(blocks, count)
    names = [scenario.id, *(name_of(*one) for one in tried)]
    alone = not members

    def explain(name: str, numbers: list[int]) -> list[NotFinite]:
        begin = names.index(name) * count + int(alone)  # the run has a nominal one before all, which no block asked for
        found = explained(city, given, [begin + number for number in numbers])
        return [replace(one, member=number) for one, number in zip(found, numbers, strict=True)]

    of_each = {name: own if alone else np.concatenate([[False], own]) for name, own in zip(names, flags, strict=True)}
    itself = judged({scenario.id: of_each[scenario.id]}, explain)
    if itself.aside:
        raise TooManyFailed(itself)
    failures = judged(of_each, explain)
    found = figures(city, run)
    shown = [place for place, name in enumerate(names) if name not in failures.aside]
    kept = np.ones(count, bool)
    kept[failures.lost - 1] = False

    def of_year(name: str, every: NDArray[np.float64]) -> NDArray[np.float64]:
        year: NDArray[np.float64] = every[:, city.judgeable[name].year - city.years[0]]
        return year.reshape(blocks, count)[shown][:, kept]

    own = {name: of_year(name, found[name][1:]) for name in city.judgeable}
    values = own
    if instrument is not None and not alone:
        numbers = np.tile(np.arange(1, count + 1), blocks)
        line = held_views(city, scenario, drawn_views(city, tiled, nominal=False)).get(LINE_VIEW)
        values = {
            name: of_year(name, instrument.published(name, found[name][1:], numbers, line)) for name in city.judgeable
        }
    return Nudges(city, tuple(tried[place - 1] for place in shown[1:]), values, failures, own)


def _tried(city: City, scenario: Scenario, part: float) -> list[tuple[str, float]]:
    tried = []
    for name, lever in city.levers.items():
        if not lever.front:
            continue
        now, width = destination(city, scenario, name), part * (lever.high - lever.low)
        ends = {min(lever.high, now + width), max(lever.low, now - width)}
        tried += [(name, end) for end in sorted(ends) if end != now]
    return tried


def _together(city: City, scenario: Scenario, lever: str, to: float) -> dict[str, Value]:
    """A lever's new value, and those of the others that are shares of one sum with it."""
    group = city.levers[lever].share_of
    if group is None:
        return {lever: to}
    now = {name: destination(city, scenario, name) for name in shares_of(city, group)}
    return given_way(now, {lever: to})


def _path(scenario: Scenario, name: str, values: NDArray[np.float64]) -> TimePath:
    """The lever's path with the last value of each member in place of the scenario's."""
    changes = [Change(change.start, change.to, change.ramp) for change in scenario.changes_of(name)]
    if not changes:
        return TimePath((Change(float(PLAN_BEGINS), values, RAMP),))
    return TimePath((*changes[:-1], replace(changes[-1], to=values)))

"""Policies as points, held against the plan's targets: many of them in one call of the engine, for optimisers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from innovation.engine import Change, TimePath
from innovation.model import PLAN_BEGINS, SHARE_TOLERANCE, City
from innovation.model.files import Fault, Value, fault, near, phrase
from innovation.scenarios import Scenario, ScenarioError, destination, given_way, shares_of, with_changes
from innovation.scenarios.execution import columns_of
from innovation.scenarios.simulation import (
    LINE_VIEW,
    Instrument,
    different_draws,
    drawn_views,
    held_views,
    meets,
    parameters,
    standard_error,
    too_many,
)

Floats = NDArray[np.float64]

TOGETHER = 40_000  # members of the engine at a time: all figures of the targets are some 200 MB


@dataclass(frozen=True, eq=False)
class PolicyObjective:
    """What policies, each a point of lever values, do for the plan's targets; ``objective(points)`` is to be maximised.

    Made by ``innovation.objective``. A point has the value of each lever, in its order, from `start` on; all else is as
    in `scenario`. Shares of one sum that are no lever of it give way in proportion.

    Attributes
    ----------
    levers, targets
        Ids, in the order of a point's values and of the columns of ``chances``.
    bounds
        The range of each lever, shape (levers, 2).
    members
        Constants of the members by name, each of shape (members,).
    scenario, start, ramp
        What else happens, when levers leave their paths, and the years that it takes to get there.
    instrument, draws, threads
        How figures are published (None: chances are of the city's own), how many of the members are different, and
        threads of the engine.
    now
        Where `scenario` takes the shares of each sum of which some are levers.
    """

    city: City
    levers: tuple[str, ...]
    targets: tuple[str, ...]
    members: Mapping[str, Floats]
    scenario: Scenario
    start: float
    ramp: float
    now: Mapping[str, float]
    instrument: Instrument | None = None
    draws: int | None = None
    threads: int | None = None

    @property
    def bounds(self) -> Floats:
        """The range of each lever, shape (levers, 2), as optimisers of SciPy take it."""
        return np.array([[self.city.levers[name].low, self.city.levers[name].high] for name in self.levers])

    @property
    def practice(self) -> Floats:
        """The point of 2010 practice, shape (levers,)."""
        return np.array([self.city.practice(name) for name in self.levers])

    def __call__(self, points: ArrayLike) -> Floats:
        """How many targets are expected to be met.

        Parameters
        ----------
        points
            Shape (levers,), or (policies, levers).

        Returns
        -------
        A number, or shape (policies,). NaN of a policy under which more members fail than may be left out.

        Raises
        ------
        ScenarioError
            Where a point has another number of values than there are levers, or leaves their ranges.
        """
        return np.asarray(self.chances(points).sum(axis=-1))

    def chances(self, points: ArrayLike) -> Floats:
        """The chance of each target.

        Parameters
        ----------
        points
            Shape (levers,), or (policies, levers).

        Returns
        -------
        The share of members that meet each target, shape (targets,), or (policies, targets); NaN as of a call.

        Raises
        ------
        ScenarioError
            As of a call.
        """
        given = self._checked(points)
        rows = np.atleast_2d(given)
        size = max(1, TOGETHER // self._count)
        met = np.concatenate([self._block(rows[first : first + size]) for first in range(0, len(rows), size)])
        return np.asarray(met[0] if given.ndim == 1 else met)

    def errors(self, chances: ArrayLike) -> Floats:
        """How far chances may be off for the number of members; nothing is run again.

        Parameters
        ----------
        chances
            As ``chances`` gave them, of any shape.

        Returns
        -------
        Monte Carlo standard errors, of the same shape.
        """
        draws = different_draws(self._count, self.draws)
        return np.asarray(np.vectorize(standard_error)(np.asarray(chances, float), draws))

    @property
    def _count(self) -> int:
        return len(next(iter(self.members.values())))

    def _checked(self, points: ArrayLike) -> Floats:
        """Points as numbers; ScenarioError where they are none, or cannot be policies."""
        try:
            given = np.asarray(points, float)
            shape = str(given.shape)
        except (TypeError, ValueError, OverflowError):
            given, shape = np.empty(0), "no array of numbers"
        if given.ndim not in (1, 2) or given.shape[-1] != len(self.levers) or not given.size:
            listed = ", ".join(self.levers)
            wrong = fault("analysis.point_shape", "points", shape=shape, levers=len(self.levers), listed=listed)
            raise ScenarioError([wrong])
        courses = self._courses(np.atleast_2d(given))
        if faults := list(self._unequal(courses)) or list(self._outside(courses)):
            raise ScenarioError(faults)
        return given

    def _outside(self, courses: Mapping[str, Floats]) -> Iterator[Fault]:
        """Levers beyond their ranges, those that give way too: the first policy of each."""
        for name, values in courses.items():
            lever = self.city.levers[name]
            wrong = ~((values >= lever.low - SHARE_TOLERANCE) & (values <= lever.high + SHARE_TOLERANCE))
            if wrong.any():
                row = int(np.argmax(wrong))
                of: dict[str, Value] = {"name": name, "value": float(values[row]), "low": lever.low, "high": lever.high}
                yield fault("analysis.point_outside", "points", None, f"row {row}", **of)

    def _unequal(self, courses: Mapping[str, Floats]) -> Iterator[Fault]:
        """Shares of one sum that are more than it, or are all given and not the whole of it."""
        for group, places in self._groups.items():
            names, every = [self.levers[place] for place in places], shares_of(self.city, group)
            sums = np.sum([courses[name] for name in names], axis=0)
            wrong = np.abs(sums - 1) > SHARE_TOLERANCE if len(names) == len(every) else sums > 1 + SHARE_TOLERANCE
            if wrong.any():
                row = int(np.argmax(wrong))
                listed, total = ", ".join(names), float(sums[row])
                yield fault("analysis.point_shares", "points", None, f"row {row}", listed=listed, total=total)

    @cached_property
    def _groups(self) -> dict[str, list[int]]:
        """Places of the levers that are shares of one sum, by its name."""
        found: dict[str, list[int]] = {}
        for place, name in enumerate(self.levers):
            if group := self.city.levers[name].share_of:
                found.setdefault(group, []).append(place)
        return found

    def _block(self, rows: Floats) -> Floats:
        """The share of members that meet each target, of some policies; shape (policies, targets)."""
        outputs = tuple(dict.fromkeys(cell.partition("[")[0] for cell in self._cells))
        times = tuple(year + 1.0 for year in self._years)
        run = self.city.model.arrays(self._parameters(rows), outputs, times, self.threads, on_failure="mask")
        figures = run.values[columns_of(run, self._cells)]
        used = ~run.failed.reshape(len(rows), self._count)
        found = np.stack([self._met(name, of, used) for name, of in zip(self.targets, figures, strict=True)], axis=1)
        found[[too_many(int((~own).sum()), self._count) for own in used]] = np.nan
        return found

    def _met(self, name: str, figures: Floats, used: NDArray[np.bool_]) -> Floats:
        """The share of used members (policies, members) that meet a target, by figures (policies x members, years)."""
        if self.instrument is not None:
            known = np.array(self._years) >= self.city.indicators[name].first_year
            numbers = np.tile(np.arange(1, self._count + 1), len(used))
            line = None if self._line is None else np.tile(self._line, len(used))
            figures = self.instrument.published(name, np.where(known, figures, np.nan), numbers, line)
        target = self.city.targets[name]
        hits = meets(target, figures[:, self._years.index(target.year)]).reshape(used.shape)
        return np.asarray((hits & used).sum(axis=1) / np.maximum(used.sum(axis=1), 1))

    @cached_property
    def _cells(self) -> list[str]:
        """Where the figure of each target is read."""
        city = self.city
        return [city.spelling(*city.locate(city.indicators[name].variable)) for name in self.targets]

    @cached_property
    def _years(self) -> list[int]:
        """Those of the targets, or, since published figures go on from one year to the next, all."""
        return list(self.city.years) if self.instrument else sorted({self.city.targets[n].year for n in self.targets})

    @cached_property
    def _line(self) -> Floats | None:
        """The view of the line of growth that each member has, shape (members,); None where there is no such view."""
        return held_views(self.city, self.scenario, drawn_views(self.city, self.members, nominal=False)).get(LINE_VIEW)

    def _parameters(self, rows: Floats) -> dict[str, Any]:
        """What the engine is given: all members under the first policy, then all under the next."""
        members = {name: np.tile(values, len(rows)) for name, values in self.members.items()}
        given: dict[str, Any] = parameters(self.city, self.scenario, members, nominal=False)
        for name, values in self._courses(rows).items():
            constant = self.city.spelling(*self.city.locate(self.city.levers[name].constant))
            change = Change(self.start, np.repeat(values, self._count), self.ramp)
            given[constant] = TimePath((change,), given[constant].base)
        return given

    def _courses(self, rows: Floats) -> dict[str, Floats]:
        """Where each lever goes, shape (policies,), and beside those of a point the shares that give way."""
        found = dict(zip(self.levers, rows.T, strict=True))
        for group, places in self._groups.items():
            now = {name: self.now[name] for name in shares_of(self.city, group)}
            if len(places) < len(now):
                own = {self.levers[place]: rows[:, place] for place in places}
                found |= {name: np.asarray(values) for name, values in given_way(now, own).items()}
        return found


def policy_objective(
    city: City,
    levers: Sequence[str],
    members: Mapping[str, ArrayLike],
    scenario: Scenario,
    *,
    targets: Sequence[str] | None = None,
    start: float = 2012.0,
    ramp: float = 0.0,
    instrument: Instrument | None = None,
    draws: int | None = None,
    threads: int | None = None,
) -> PolicyObjective:
    """The objective of these levers under a scenario, whose own changes of them give way.

    Parameters
    ----------
    members
        Constants by name, each of shape (members,).
    targets
        Those that count; None: all that can be judged and are the result of something, not an input that is decided.
    start, ramp
        When every lever leaves its path, and the years that it takes to get there.
    instrument
        How figures are published; None: chances are of the city's own.
    draws
        How many of the members are different; None: all.

    Raises ScenarioError with every unknown lever or target, and the nearest ids.
    """
    judged = city.judgeable
    wanted = [name for name, one in judged.items() if one.kind == "result"] if targets is None else list(targets)
    faults = [
        fault("analysis.no_such_lever", "levers", name=name, near=_near(city, name))
        for name in levers
        if name not in city.levers
    ]
    faults += [
        fault("analysis.no_such_target", "targets", name=name, near=near(name, judged))
        for name in wanted
        if name not in judged
    ]
    twice = sorted({name for name in levers if list(levers).count(name) > 1})
    faults += [fault("analysis.lever_twice", "levers", name=name) for name in twice]
    if not levers or not wanted:
        faults.append(fault("analysis.nothing_to_seek", "levers" if not levers else "targets"))
    if not PLAN_BEGINS <= start <= city.model.final_time:
        bounds = {"first_year": PLAN_BEGINS, "end": city.model.final_time}
        faults.append(fault("analysis.factor_start", "start", year=start, **bounds))
    if faults:
        raise ScenarioError(faults)
    drawn = {name: np.asarray(values, float) for name, values in members.items()}
    moved = dict.fromkeys(one for name in levers for one in _of_one_sum(city, name))
    now = {name: destination(city, scenario, name) for name in moved}
    kept = with_changes(city, scenario, without=moved.keys())
    return PolicyObjective(
        city, tuple(levers), tuple(wanted), drawn, kept, float(start), float(ramp), now, instrument, draws, threads
    )


def _near(city: City, name: str) -> Value:
    """What is said of a name that is no lever: that it is an assumption, or the nearest levers."""
    return phrase("analysis.is_an_input") if name in city.inputs else near(name, city.levers)


def _of_one_sum(city: City, lever: str) -> list[str]:
    """A lever, with the other shares of its sum where it is one."""
    group = city.levers[lever].share_of
    return shares_of(city, group) if group else [lever]

"""Cases of which the same members are run: policies by lever or assumption, constants beside them, or a scenario.

Members are draws of the posterior or of the priors, called by what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innovation.engine import Arrays, Change, OnProgress, StepCounter, TimePath
from innovation.model import PLAN_BEGINS, City, Text
from innovation.model.files import LANGUAGES, Document, Entry, Fault, Phrase, Place, original, phrase
from innovation.scenarios.execution.executor import Chunk, columns_of, spread
from innovation.scenarios.rules import broken_rules
from innovation.scenarios.scenario_files import LIBRARY, load_scenario
from innovation.scenarios.schema import SCHEMA, AssumptionChange, PolicyChange, Ramp, Scenario, ScenarioError, Words
from innovation.scenarios.shares import with_others
from innovation.scenarios.words import section

from .run import parameters

Floats = NDArray[np.float64]
Key = tuple[str, int]
WORDS = section("cases")

BLOCK = 250  # members in memory at a time: of all variables, quarter by quarter, some 50 MB


@dataclass(frozen=True)
class Members:
    """Values of constants, one a member, what they are called, and which draws they are, counted from 1."""

    values: Mapping[str, Floats]
    called: str
    numbers: NDArray[np.int64]

    @staticmethod
    def of(values: Mapping[str, Floats], called: str) -> Members:
        """All draws there are."""
        return Members(values, called, np.arange(1, len(next(iter(values.values()))) + 1))

    @staticmethod
    def nominal(city: City) -> Members:
        """The nominal run alone: one constant with the value that the model file gives it."""
        name = next(name for name in city.model.constants if not city.model.variables[name].dims)
        return Members.of({name: np.array([city.nominal(name)])}, "nominal run")

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def spread(self, number: int) -> Members:
        """So many of them, evenly from the first to the last; all where there are no more."""
        if number >= len(self):
            return self
        places = np.linspace(0, len(self) - 1, number).round().astype(int)
        some = {name: values[places] for name, values in self.values.items()}
        return Members(some, f"{self.called}, spread", self.numbers[places])


class Case(Entry):
    """A policy: levers and assumptions by id (in the file: set), constants by name, or a scenario of the library.

    Values are in the model's unit and reached `ramp` years after `start` (in the file: from). Shares of one sum that
    are not named give way in proportion. Constants may leave the range of their lever.
    """

    scenario: Text | None = None
    given: dict[str, float] = Field(default_factory=dict, validation_alias="set")
    constants: dict[str, float] = Field(default_factory=dict)
    start: float = Field(default=float(PLAN_BEGINS), ge=PLAN_BEGINS, validation_alias="from")
    ramp: Ramp = 0.0

    @model_validator(mode="after")
    def _one_kind(self) -> Case:
        if (self.scenario is None) == (not self.given and not self.constants):
            raise ValueError(phrase("scenarios.one_case"))
        return self


@dataclass(frozen=True)
class CaseChanges:
    """What a case changes: levers and assumptions by a scenario, and constants beside them, spelled as the model."""

    scenario: Scenario
    constants: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True)
class CaseRuns:
    """What came of cases: values by case, shape (cells, members, years), and which members failed, shape (members,)."""

    cells: tuple[str, ...]
    years: tuple[int, ...]
    values: Mapping[str, Floats]
    failed: Mapping[str, NDArray[np.bool_]]

    def of(self, case: str, cells: Sequence[str]) -> Floats:
        """Values of some cells in all years, shape (cells, members, years)."""
        return self.values[case][[self.cells.index(cell) for cell in cells]]


def unchanged() -> CaseChanges:
    """The case in which 2010 practice goes on."""
    return CaseChanges(_scenario(()))


def course(
    city: City, case: Case, document: Document, place: Place, folder: Path = LIBRARY
) -> tuple[CaseChanges, list[Fault]]:
    """What a case changes, and everything wrong with it at its place in a document."""
    if case.scenario is not None:
        try:
            return CaseChanges(load_scenario(city, case.scenario, folder)), []
        except ScenarioError as error:
            where = (*place, "scenario")
            return unchanged(), [
                document.fault(where, "model.refused", said=Phrase(one.code, one.values)) for one in error.faults
            ]
    faults = list(_unknown(city, case, document, place))
    if faults:
        return unchanged(), faults
    changes = [_change(city, name, to, case) for name, to in with_others(city, case.given).items()]
    placed = [((*place, "set", *([change.name] if change.name in case.given else [])), change) for change in changes]
    faults = broken_rules(city, placed, document)
    constants = {
        city.spelling(*city.locate(name)): Change(case.start, to, case.ramp) for name, to in case.constants.items()
    }
    return CaseChanges(_scenario(changes), constants), faults


def moved(city: City, given: Mapping[str, float], ramp: float = 0.0) -> CaseChanges:
    """Levers and assumptions that go to values of their ranges from the plan's first day; shares give way."""
    case = Case(given=dict(given), ramp=ramp)
    return CaseChanges(_scenario(_change(city, one, end, case) for one, end in with_others(city, case.given).items()))


def as_asked(city: City, scenario: Scenario) -> Scenario:
    """The scenario with the views of how the city works that checks and lever answers are asked of, where it sets none.

    Which they are stands in levers.yaml.
    """
    more = tuple(
        AssumptionChange(input=name, start=float(PLAN_BEGINS), to=one.asked)
        for name, one in city.variants.items()
        if one.asked is not None and not scenario.changes_of(name)
    )
    return scenario.model_copy(update={"assumptions": (*scenario.assumptions, *more)}) if more else scenario


def as_drawn(city: City, scenario: Scenario) -> Scenario:
    """The scenario as it is: members have the views that they were drawn with, where it sets none."""
    return scenario


def _unknown(city: City, case: Case, document: Document, place: Place) -> Iterator[Fault]:
    controls = [*city.levers, *city.inputs]
    for name in case.given:
        if name not in controls:
            near = document.nearest(name, controls)
            yield document.fault((*place, "set", name), "scenarios.case_lever", name=name, near=near)
    for name in case.constants:
        try:
            city.nominal(name)
        except LookupError as error:
            yield document.fault((*place, "constants", name), "scenarios.case_constant", said=original(error))


def _change(city: City, name: str, to: float, case: Case) -> PolicyChange | AssumptionChange:
    if name in city.levers:
        return PolicyChange(lever=name, start=case.start, to=to, ramp=case.ramp)
    ramp = 0.0 if name in city.variants else case.ramp  # a view has nothing between
    return AssumptionChange(input=name, start=case.start, to=to, ramp=ramp)


def _scenario(changes: Iterable[PolicyChange | AssumptionChange]) -> Scenario:
    words = Words(**{language: WORDS[language]("title") for language in LANGUAGES})
    every = tuple(changes)
    return Scenario(
        schema_number=SCHEMA,
        id="case",
        title=words,
        question=words,
        source="judgement",
        policies=tuple(one for one in every if isinstance(one, PolicyChange)),
        assumptions=tuple(one for one in every if isinstance(one, AssumptionChange)),
    )


def run_cases(
    city: City,
    cases: Mapping[str, CaseChanges],
    members: Members,
    cells: Iterable[str],
    years: Iterable[int],
    threads: int | None = None,
    on_progress: OnProgress | None = None,
    *,
    views: Callable[[City, Scenario], Scenario] = as_asked,
) -> CaseRuns:
    """Run every case with every member, and keep some cells at the ends of some years.

    Parameters
    ----------
    cells
        'Name', or 'Name[element]' of an array, spelled as the model file does.
    years
        A value of year y is that at TIME y + 1, as indicators are read.
    views
        Which views of how the city works members have: those that checks are asked of, or `as_drawn`.
    on_progress
        Told of the runs, at the beginning and after each block.
    """
    wanted, kept = tuple(dict.fromkeys(cells)), tuple(sorted(set(years)))
    outputs = tuple(dict.fromkeys(cell.partition("[")[0] for cell in wanted))
    times = tuple(year + 1.0 for year in kept)
    values = {name: np.full((len(wanted), len(members), len(kept)), np.nan) for name in cases}
    failed = {name: np.zeros(len(members), bool) for name in cases}

    def finish(key: Key, run: Arrays) -> tuple[int, int]:
        name, first = key
        part = slice(first, first + len(run.failed))
        values[name][:, part] = run.values[columns_of(run, wanted)]
        failed[name][part] = run.failed
        return len(run.failed), int(run.failed.sum())

    counter = StepCounter(on_progress, "runs", len(cases) * len(members))
    seen = {name: replace(one, scenario=views(city, one.scenario)) for name, one in cases.items()}
    for _, done in spread(city.model, _chunks(city, seen, members, outputs, times), finish, threads):
        if isinstance(done, Exception):
            raise done
        counter.add(*done)
    return CaseRuns(wanted, kept, values, failed)


def _chunks(
    city: City, cases: Mapping[str, CaseChanges], members: Members, outputs: tuple[str, ...], times: tuple[float, ...]
) -> Iterator[tuple[Key, Chunk]]:
    """Every case with a block of members after the other; all are given the same constants, and so are one kernel."""
    beside = list(dict.fromkeys(name for one in cases.values() for name in one.constants))
    for name, one in cases.items():
        for first in range(0, len(members), BLOCK):
            block = {constant: column[first : first + BLOCK] for constant, column in members.values.items()}
            given: dict[str, Any] = parameters(city, one.scenario, block, nominal=False)
            for constant in beside:
                now = given.get(constant, city.nominal(constant))
                path = now if isinstance(now, TimePath) else TimePath((), now)
                change = one.constants.get(constant)
                given[constant] = TimePath((change,), path.base) if change else path
            yield (name, first), Chunk(given, outputs, times)

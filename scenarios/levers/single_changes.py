"""Single changes against 2010 practice: model/moves.yaml read, and what each moves by 2015 and costs whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innovation.engine import Change, TimePath
from innovation.model import PLAN_ENDS, City, CityError, Group, Text, in_plan
from innovation.model.files import (
    Document,
    Entry,
    Fault,
    original,
    phrase,
    read_document,
    read_entries,
    read_entry,
    unknown_fields,
)
from innovation.scenarios.costs.equal_cost_mixes import MIXES, PLAN
from innovation.scenarios.scenario_files import load_scenarios
from innovation.scenarios.schema import Scenario
from innovation.scenarios.simulation.run import Figures, figures, simulate, yearly_run
from innovation.scenarios.simulation.targets import shortfall

MOVES = "moves.yaml"
CONTRIBUTION, RESEARCH, OUTPUT, CITY_COST = "contribution_rate", "rd_intensity", "gdp", "cost_city"
FISCAL_SHARE = "fiscal science share"
_TOP = ("schedule", "headline", "costs", "city_money", "groups", "moves")
Names = Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]


class MoveTiming(Entry):
    """When changes happen: from `start` (in the file: from) over `ramp` years; weights of money added from then on."""

    start: float = Field(validation_alias="from")
    ramp: Annotated[float, Field(ge=0)]
    added_from: float


class Move(Entry):
    """One change of constants, in the model's unit (in the file: set) or as a multiple of the model file's value."""

    group: Text
    en: Text
    zh: Text
    given: dict[str, float] = Field(default_factory=dict, validation_alias="set")
    times: dict[str, float] = Field(default_factory=dict)
    added_to: Text | None = None
    note_en: Text | None = None
    note_zh: Text | None = None

    @model_validator(mode="after")
    def _complete(self) -> Move:
        if not self.given and not self.times:
            raise ValueError(phrase("scenarios.changes_nothing"))
        if self.given.keys() & self.times.keys():
            raise ValueError(phrase("scenarios.set_and_times"))
        if self.added_to is not None and FISCAL_SHARE not in self.given:
            raise ValueError(phrase("scenarios.added_to_needs", share=FISCAL_SHARE))
        if (self.note_en is None) != (self.note_zh is None):
            raise ValueError(phrase("model.both_labels", what="note"))
        return self


class _MovesSettings(Entry):
    """What stands once in the file."""

    schedule: MoveTiming
    headline: Names
    costs: Names
    city_money: Text


@dataclass(frozen=True)
class Moves:
    """Everything moves.yaml says."""

    schedule: MoveTiming
    headline: tuple[str, ...]
    costs: tuple[str, ...]
    city_money: str
    groups: Mapping[str, Group]
    moves: Mapping[str, Move]


@dataclass(frozen=True)
class MoveEffect:
    """What a change moves by PLAN_ENDS, and costs then and in sum of PLAN_YEARS, as differences to 2010 practice."""

    figures: Mapping[str, float]
    costs: Mapping[str, tuple[float, float]]


def read_moves(city: City) -> Moves:
    """Read the city's moves.yaml; CityError lists everything wrong with it."""
    document = read_document(city.folder / MOVES)
    if document.faults:
        raise CityError(document.faults)
    data = document.data if isinstance(document.data, dict) else {}
    faults = unknown_fields(document, _TOP)
    once = {name: data[name] for name in _MovesSettings.model_fields if name in data}
    top, wrong = read_entry(_MovesSettings, document, (), once)
    groups, more = read_entries(Group, document, ("groups",))
    moves, last = read_entries(Move, document, ("moves",))
    faults += [*wrong, *more, *last]
    if top is None or faults:
        raise CityError(faults)
    found = Moves(top.schedule, top.headline, top.costs, top.city_money, groups, moves)
    faults = list(_unknown(city, document, found))
    if faults:
        raise CityError(faults)
    return found


def _unknown(city: City, document: Document, found: Moves) -> Iterator[Fault]:
    """Names in the file that the city, or the file itself, does not have."""
    for field in ("headline", "costs"):
        for name in getattr(found, field):
            if name not in city.indicators:
                near = document.nearest(name, city.indicators)
                yield document.fault((field,), "scenarios.move_figure", name=name, near=near)
    missing = [name for name in (CONTRIBUTION, RESEARCH, OUTPUT) if name not in found.headline]
    missing += [name for name in (CITY_COST,) if name not in found.costs]
    if missing:
        yield document.fault(("headline",), "scenarios.page_speaks", missing=tuple(missing))
    untargeted = [name for name in found.headline if name in city.indicators and name not in city.judgeable]
    if untargeted:
        yield document.fault(("headline",), "scenarios.untargeted", names=tuple(untargeted))
    if found.city_money not in found.moves:
        near = document.nearest(found.city_money, found.moves)
        yield document.fault(("city_money",), "scenarios.no_move", name=found.city_money, near=near)
    for name, move in found.moves.items():
        place = ("moves", name)
        if move.group not in found.groups:
            near = document.nearest(move.group, found.groups)
            yield document.fault((*place, "group"), "scenarios.no_move_group", group=move.group, near=near)
        for constant in (*move.given, *move.times, *([move.added_to] if move.added_to else [])):
            try:
                city.nominal(constant)
            except LookupError as error:
                yield document.fault(place, "scenarios.moved", said=original(error))
        if move.added_to is not None and not _uses(city, move.added_to):
            yield document.fault((*place, "added_to"), "scenarios.no_money_share", name=move.added_to)


def _uses(city: City, constant: str) -> list[str]:
    """Constants of the levers that share one whole with the lever of `constant`, itself among them."""
    group = next((lever.share_of for lever in city.levers.values() if lever.constant == constant), None)
    return [lever.constant for lever in city.levers.values() if group and lever.share_of == group]


@dataclass(frozen=True)
class MoveFindings:
    """All that the page tells: single moves and packages against 2010 practice, and the headline figures' gaps."""

    city: City
    moves: Moves
    nominal: Mapping[str, float]
    single: Mapping[str, MoveEffect]
    packages: Mapping[str, MoveEffect]
    scenarios: Mapping[str, Scenario]
    courses: Mapping[str, Figures]

    def figure(self, name: str, year: int) -> float:
        """A figure of 2010 practice in any year."""
        return float(self.courses[name][year - self.city.years[0]])

    def gap(self, figure: str) -> float:
        """How far 2010 practice lies on the wrong side of a headline target; 0 where it meets it."""
        return shortfall(self.city.targets[figure], self.nominal[figure])

    def closed(self, figure: str, move: str) -> float:
        """Per cent of that gap that a move closes; below 0 where it widens it."""
        left = shortfall(self.city.targets[figure], self.nominal[figure] + self.single[move].figures[figure])
        return 100 * (1 - left / self.gap(figure))

    def relative(self, figure: str, move: str) -> float:
        """Per cent by which a move changes a figure."""
        return 100 * self.single[move].figures[figure] / self.nominal[figure]

    def by(self, figure: str) -> Callable[[str], float]:
        """How much a move changes a figure, for ordering moves."""
        return lambda move: self.single[move].figures[figure]

    @property
    def missed(self) -> list[str]:
        """Headline figures whose target 2010 practice misses."""
        return [figure for figure in self.moves.headline if self.gap(figure) > 0]

    def mover(self, figure: str) -> str:
        """The single move that changes a figure most, either way."""
        return max(self.single, key=lambda move: abs(self.single[move].figures[figure]))

    @property
    def most(self) -> str:
        """The headline figure that the city's science money changes most, relative to itself."""
        return max(self.moves.headline, key=lambda figure: abs(self.relative(figure, self.moves.city_money)))


def findings(city: City) -> MoveFindings:
    """Run every move of the city's moves.yaml, the plan as written, and the mixes of equal cost."""
    moves = read_moves(city)
    nominal, single = _nominal_and_moved(city, moves)
    scenarios = load_scenarios(city, [PLAN, *MIXES])
    packages = _package_moved(city, moves, simulate(city, scenarios), nominal)
    year = PLAN_ENDS - city.years[0]
    figures = {name: float(series[year]) for name, series in nominal.items()}
    return MoveFindings(city, moves, figures, single, packages, {one.id: one for one in scenarios}, nominal)


def _nominal_and_moved(city: City, moves: Moves) -> tuple[dict[str, Figures], dict[str, MoveEffect]]:
    """Yearly figures of 2010 practice (year), and what each move changes, all from one run."""
    values = figures(city, yearly_run(city, _paths(city, moves)))
    nominal = {name: series[0] for name, series in values.items()}
    return nominal, {
        name: _difference(city, moves, {key: series[member] for key, series in values.items()}, nominal)
        for member, name in enumerate(moves.moves, start=1)
    }


def _package_moved(
    city: City, moves: Moves, dataset: xr.Dataset, nominal: Mapping[str, Figures]
) -> dict[str, MoveEffect]:
    """What each scenario of a result of `simulate` changes against 2010 practice."""
    return {
        name: _difference(
            city, moves, {key: dataset[key].sel(scenario=name, member=0).values for key in nominal}, nominal
        )
        for name in dataset.scenario.values.tolist()
    }


def _difference(city: City, moves: Moves, values: Mapping[str, Figures], nominal: Mapping[str, Figures]) -> MoveEffect:
    """Yearly figures (year) less those of 2010 practice: headline figures and costs of PLAN_ENDS, and costs summed."""
    plan, last = in_plan(city.years), PLAN_ENDS - city.years[0]
    costs = {name: (values[name] - nominal[name])[plan] for name in moves.costs}
    return MoveEffect(
        {name: float(values[name][last] - nominal[name][last]) for name in moves.headline},
        {name: (float(series[-1]), float(series.sum())) for name, series in costs.items()},
    )


def _paths(city: City, moves: Moves) -> dict[str, Any]:
    """A path for every constant that a move names: member 0 is 2010 practice, then a member a move."""
    changed = [
        {**move.given, **{name: factor * city.nominal(name) for name, factor in move.times.items()}}
        for move in moves.moves.values()
    ]
    weights = [_weights(city, move) for move in moves.moves.values()]
    schedule = moves.schedule
    return {
        **_columns(city, changed, schedule.start, schedule.ramp),
        **_columns(city, weights, schedule.added_from, schedule.ramp),
    }


def _weights(city: City, move: Move) -> dict[str, float]:
    """Shares of the uses when all added money goes to one: each other use keeps its yuan, so its share shrinks."""
    if move.added_to is None:
        return {}
    rise = move.given[FISCAL_SHARE] / city.nominal(FISCAL_SHARE)
    shares = {name: city.nominal(name) / rise for name in _uses(city, move.added_to)}
    shares[move.added_to] += 1 - sum(shares.values())
    return shares


def _columns(city: City, changed: Sequence[Mapping[str, float]], start: float, ramp: float) -> dict[str, TimePath]:
    paths = {}
    for name in dict.fromkeys(name for one in changed for name in one):
        nominal = city.nominal(name)
        members: NDArray[np.float64] = np.array([nominal, *(one.get(name, nominal) for one in changed)])
        paths[city.spelling(*city.locate(name))] = TimePath((Change(start, members, ramp),))
    return paths

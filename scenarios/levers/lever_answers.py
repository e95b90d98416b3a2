"""What each lever and assumption moves at either end of its range, member by member: the table of lever answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from innovation.engine import OnProgress
from innovation.model import HORIZON, PLAN_ENDS, City
from innovation.scenarios.simulation.cases import CaseChanges, CaseRuns, Members, moved, run_cases, unchanged
from innovation.scenarios.simulation.failures import Failures, checked

Floats = NDArray[np.float64]
End = Literal["low", "high"]
ENDS: tuple[End, ...] = ("low", "high")

RAMP = 1.0  # years from the plan's first day
YEARS = (PLAN_ENDS, HORIZON)
MEMBERS = 200  # spread: a band's ends err by a few per cent of its width
STILL = 0.05  # per cent of a figure's own value; a member whose figure moves by less does not answer
PERCENTS = (5, 50, 95)
NOTHING_MOVES = "baseline"


@dataclass(frozen=True)
class LeverAnswer:
    """What one end of a lever's range changes of one figure in one year, over members.

    `low`, `middle` and `high` are the 5th, 50th and 95th percentile of the paired changes: points where the figure is a
    percentage, else per cent of the member's own value. `up`, `down` and `still` are shares of members: with more, with
    less, and with a change below STILL, which counts there too. `failed` members are left out: those that fail at
    any end.
    """

    lever: str
    end: End
    figure: str
    year: int
    low: float
    middle: float
    high: float
    up: float
    down: float
    still: float
    failed: int


def in_points(city: City, figure: str) -> bool:
    """Whether changes of a figure are points: it is a percentage itself."""
    return city.indicators[figure].unit.startswith("percent")


def ends_of(city: City) -> list[tuple[str, End, float]]:
    """Every lever and assumption with either end of its range; levers' ends that are 2010 practice are left out."""
    return [
        (name, end, to)
        for name in (*city.levers, *city.inputs)
        for end, to in zip(ENDS, (city.control(name).low, city.control(name).high), strict=True)
        if name in city.inputs or to != city.practice(name)
    ]


def lever_answers(
    city: City,
    members: Members,
    figures: Mapping[str, Sequence[str]],
    beside: Mapping[str, Mapping[str, float]] | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> list[LeverAnswer]:
    """Run every end with the same members, and say what it changes of every figure.

    Parameters
    ----------
    figures
        Ids of indicators, by lever or assumption.
    beside
        Levers that stand at these values too where a lever is tried, and in what it is held against.
    on_progress
        Told of the runs, as `run_cases` does.

    Raises TooManyFailed where too many members fail at an end, or at all of them together.
    """
    ends, others = ends_of(city), beside or {}
    cases: dict[str, CaseChanges] = {NOTHING_MOVES: unchanged()}
    cases |= {_without(given): moved(city, given, RAMP) for given in others.values() if given}
    cases |= {f"{name} {end}": moved(city, {**others.get(name, {}), name: to}, RAMP) for name, end, to in ends}
    wanted = dict.fromkeys(figure for named in figures.values() for figure in named)
    cells = [city.spelling(*city.locate(city.indicators[figure].variable)) for figure in wanted]
    runs = run_cases(city, cases, members, cells, YEARS, threads, on_progress)
    failures = checked(runs.failed)
    return [
        one
        for name, end, _ in ends
        for one in _answers(city, runs, failures, name, end, figures[name], _without(others.get(name, {})))
    ]


def _without(beside: Mapping[str, float]) -> str:
    """The case that a lever is held against."""
    return ", ".join([NOTHING_MOVES, *(f"{name} {to:g}" for name, to in beside.items())])


def _answers(
    city: City, runs: CaseRuns, failures: Failures, name: str, end: End, figures: Sequence[str], against: str
) -> Iterator[LeverAnswer]:
    """The rows of one end."""
    case = f"{name} {end}"
    for figure in figures:
        cell = [city.spelling(*city.locate(city.indicators[figure].variable))]
        before, after = (runs.of(one, cell)[0][failures.kept] for one in (against, case))
        for place, year in enumerate(runs.years):
            change = after[:, place] - before[:, place]
            with np.errstate(divide="ignore", invalid="ignore"):
                relative = 100 * change / np.abs(before[:, place])
            shown = change if in_points(city, figure) else relative
            low, middle, high = np.percentile(shown, PERCENTS)
            shares = (change > 0, change < 0, np.abs(relative) < STILL)
            up, down, still = (float(one.mean()) for one in shares)
            yield LeverAnswer(
                name, end, figure, year, float(low), float(middle), float(high), up, down, still, len(failures.lost)
            )

"""Whether the city answers policies as checks.yaml says: each statement over the same members with and without them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.model import PLAN_BEGINS, City
from innovation.scenarios.simulation.cases import CaseRuns, Members, run_cases

from .answers import Answers, Statement, Within
from .behaviour import LawResult
from .corners import prior_members
from .expectations import Checks

Floats = NDArray[np.float64]
PERCENTS = (5, 50, 95)


@dataclass(frozen=True)
class StatementFigures:
    """A statement's numbers, shape (figures, members), what each figure is called, and which members failed."""

    called: Sequence[str]
    values: Floats
    failed: NDArray[np.bool_]


def answers(
    city: City, checks: Checks, members: Members | None = None, *, every: bool = False, threads: int | None = None
) -> Iterator[LawResult]:
    """Run every case with the same members and try every statement.

    Parameters
    ----------
    members, every
        So many of the members, spread, as checks.yaml says, or every one; None: draws of the priors.
    """
    asked = checks.answers
    if asked is None:
        return
    members = members or prior_members(city, checks)
    members = members if every else members.spread(asked.members)
    runs = _run(city, asked, members, threads)
    for name, statement in asked.statements.items():
        yield _judged(name, statement, _numbers(city, asked, statement, runs), members)


def _run(city: City, asked: Answers, members: Members, threads: int | None) -> CaseRuns:
    """All cases that a statement needs, with all that statements read."""
    needed = {case for one in asked.statements.values() for case in one.cases}
    cells = [cell for one in asked.statements.values() for cells in _read(city, one) for cell in cells]
    years = {year for one in asked.statements.values() for period in one.periods for year in period}
    cases = {name: course for name, course in asked.cases.items() if name in needed}
    return run_cases(city, cases, members, cells, years, threads)


def _read(city: City, one: Statement) -> list[list[str]]:
    """The cells of a statement's figure, and of what it is divided by."""
    per = [[city.spelling(*city.locate(city.indicators[one.per].variable))]] if one.per else []
    return [*one.cells(city), *per]


def _numbers(city: City, asked: Answers, one: Statement, runs: CaseRuns) -> StatementFigures:
    cells = one.cells(city)
    under = {case: _figures(cells, one, runs, case) for case in one.cases}
    failed = np.any([runs.failed[case] for case in one.cases], axis=0)
    values = under[one.of]
    with np.errstate(divide="ignore", invalid="ignore"):
        if one.measure != "value":
            values = values - under[one.against]
        if one.measure == "percent":
            values = 100 * values / under[one.against]
        if one.per is not None:
            money = {case: _figures(_read(city, one)[-1:], one, runs, case) for case in one.cases}
            values = values / np.tile(money[one.of] - money[one.against], (len(cells[0]), 1))
        if one.as_part_of is not None:
            whole = _numbers(city, asked, asked.statements[one.as_part_of], runs)
            values = _part(values, whole.values)
            failed = failed | whole.failed
    named = one.indicator or " / ".join(one.ratio or ()) or cells[0][0]
    labels = [named] if len(cells[0]) == 1 else cells[0]
    called = [f"{label} {_said(period)}" for label in labels for period in one.periods]
    return StatementFigures(called, values, failed)


def _part(values: Floats, whole: Floats) -> Floats:
    """Numbers over those they are a part of; where the whole is nothing or less, nothing or less is none of it."""
    return np.where(whole > 0, values / whole, np.where(values > 0, np.inf, 0.0))


def _figures(cells: list[list[str]], one: Statement, runs: CaseRuns, case: str) -> Floats:
    """The figures of a case, shape (cells × periods, members): of a ratio, the first variable over the second."""
    values = [runs.of(case, names) for names in cells]
    whole = values[0] if len(values) == 1 else values[0] / values[1]
    years = np.asarray(runs.years)
    counted = np.array([np.isin(years, period) for period in one.periods], float)
    weights = counted / (1 + one.discount) ** (years - PLAN_BEGINS + 1.0)
    return np.einsum("cmy,py->cpm", whole, weights).reshape(-1, whole.shape[1])


def _said(period: Sequence[int]) -> str:
    return str(period[0]) if len(period) == 1 else f"{period[0]}–{period[-1]}"


def _judged(name: str, one: Statement, found: StatementFigures, members: Members) -> LawResult:
    sound = found.values[:, ~found.failed]
    law = f"answer: {name.replace('_', ' ')}"
    if not sound.size:
        return LawResult(law, False, f"all {len(members)} {members.called} fail")
    middles = np.array([_quantiles(row) for row in sound])
    beyond = np.array([_beyond(one.median, middle) for middle in middles[:, 1]])
    inside = _inside(one.members, sound)
    worst = max(
        range(len(sound)), key=lambda place: (beyond[place], -inside[place].mean(), -_room(one, middles[place]))
    )
    share = float(inside.all(axis=0).mean())
    holds = bool(beyond.max() <= 0) and not found.failed.any()
    holds &= one.members is None or share >= one.members.share
    return LawResult(law, holds, "; ".join(_account(one, found, members, worst, middles[worst], share)))


def _account(
    one: Statement, found: StatementFigures, members: Members, worst: int, middle: Floats, share: float
) -> Iterator[str]:
    """What was found of the worst figure, and how many members keep the limits in all."""
    unit = " %" if one.measure == "percent" and not one.as_part_of else ""
    of = f"{found.called[worst]}{f', worst of {len(found.called)}' if len(found.called) > 1 else ''}"
    asked = f" ({one.median} asked)" if one.median else ""
    yield f"{of}: median {middle[1]:.3g}{unit}{asked}, 5–95 % {middle[0]:.3g} … {middle[2]:.3g}"
    if one.members is not None:
        yield f"{share:.1%} of members {one.members} ({one.members.share:.0%} asked)"
    if found.failed.any():
        yield f"{found.failed.sum()} of them fail"
    yield f"{len(members)} {members.called}"


def _quantiles(row: Floats) -> Floats:
    """The 5th, 50th and 95th percentile of members that have a number."""
    numbers = row[np.isfinite(row)]
    return np.percentile(numbers, PERCENTS) if numbers.size else np.full(len(PERCENTS), np.nan)


def _beyond(limits: Within | None, value: float) -> float:
    """How far a number lies beyond limits; infinitely where it is none, nothing where there are no limits."""
    if limits is None:
        return 0.0
    return float("inf") if np.isnan(value) else max(limits.at_least - value, value - limits.at_most, 0.0)


def _inside(limits: Within | None, values: Floats) -> NDArray[np.bool_]:
    """Which numbers lie within limits."""
    if limits is None:
        return np.ones(values.shape, bool)
    return (values >= limits.at_least) & (values <= limits.at_most)


def _room(one: Statement, middle: Floats) -> float:
    """How far the 5 and 95 % of a figure lie within the limits of members: the worst of equal ones has least."""
    limits = one.members or one.median
    return float("inf") if limits is None else min(middle[0] - limits.at_least, limits.at_most - middle[2])

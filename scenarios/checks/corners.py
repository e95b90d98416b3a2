"""The law of corners: each lever and assumption at both ends, alone and with all others at random ends, in any draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine import Arrays, Change, OnProgress, StepCounter, TimePath
from innovation.model import PLAN_BEGINS, City, Lever, draw_priors
from innovation.scenarios.execution.executor import Chunk, spread
from innovation.scenarios.shares import shares_of, with_others
from innovation.scenarios.simulation.cases import BLOCK, Members

from .behaviour import LawResult, bounded
from .expectations import Bound, Checks, Corners

Floats = NDArray[np.float64]

TIMES_A_YEAR = 4  # at which bounds are looked at; whether a run is finite is seen at every step
NAMED = 5  # cases that are named where a law is broken


@dataclass(frozen=True)
class Corner:
    """Levers and assumptions that go to one value each on the plan's first day; the others stay."""

    label: str
    to: Mapping[str, float]


@dataclass(frozen=True)
class Pairs:
    """The runs of a block, each of shape (runs,): places of corner and member, and the number of the member's draw."""

    corner: NDArray[np.int64]
    member: NDArray[np.int64]
    number: NDArray[np.int64]


@dataclass
class _Found:
    """What one law has met: runs that break it, by corner, and the worst of them."""

    broken: dict[str, int] = field(default_factory=dict)
    worst: str = ""
    size: float = 0.0


def prior_members(city: City, checks: Checks) -> Members:
    """The draws of the priors that the bounds hold in, for a model without a posterior."""
    return Members.of(draw_priors(city, checks.draws.members, checks.draws.seed), "draws of the priors")


def corners_of(city: City, corners: Corners) -> list[Corner]:
    """Both ends of every lever and assumption alone, then random corners of all of them.

    Levers that are shares of one sum stay a sum of 1: where one goes to its end, the others give way in proportion; in
    a corner they are filled up to their highs one after the other, in random order. Each lever, assumption and sum
    has a stream of its own, so that a new one leaves the others' corners as they were.
    """
    names = [*city.levers, *city.inputs]
    alone = [
        Corner(f"{name} {end:g}", with_others(city, {name: end}))
        for name in names
        for end in (city.control(name).low, city.control(name).high)
    ]
    return alone + [Corner(f"corner {number}", _corner(city, corners.seed, number)) for number in range(corners.random)]


def _corner(city: City, seed: int, number: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in [*city.levers, *city.inputs]:
        group, control = _share_of(city, name), city.control(name)
        if not group:
            stream = np.random.default_rng([seed, number, *name.encode()])
            found[name] = (control.low, control.high)[stream.integers(2)]
        elif name not in found:
            shares = shares_of(city, group)
            found |= {share: city.control(share).low for share in shares}
            stream = np.random.default_rng([seed, number, *group.encode()])
            for place in stream.permutation(len(shares)):
                share = shares[place]
                left = 1 - sum(found[other] for other in shares)
                found[share] += min(left, city.control(share).high - found[share])
    return found


def _share_of(city: City, name: str) -> str | None:
    control = city.control(name)
    return control.share_of if isinstance(control, Lever) else None


def law(
    city: City,
    checks: Checks,
    members: Members | None = None,
    *,
    every: bool = False,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> Iterator[LawResult]:
    """Run every corner with every member: whether all runs are finite, and each bound that holds in corners.

    Members run a block at a time; of each block only what breaks a law is kept.

    Parameters
    ----------
    members, every
        So many of the members, spread, as checks.yaml says, or every one; None: draws of the priors.
    on_progress
        Told of the runs, at the beginning and after each block; those that are not finite failed.
    """
    if checks.corners is None:
        return
    members = members or prior_members(city, checks)
    members = members if every else members.spread(checks.corners.draws)
    corners = corners_of(city, checks.corners)
    bounds = {name: bound for name, bound in checks.bounds.items() if bound.corners}
    wanted = {name: bounded(city, bound) for name, bound in bounds.items()}
    outputs = tuple(dict.fromkeys(one for names in wanted.values() for one in names))
    times = tuple(np.arange(PLAN_BEGINS, city.model.final_time + 1e-9, 1 / TIMES_A_YEAR).tolist())
    finite, found = _Found(), {name: _Found() for name in bounds}
    runs = len(corners) * len(members)
    counter = StepCounter(on_progress, "runs", runs)

    def finish(pairs: Pairs, run: Arrays) -> tuple[int, int]:
        _count(finite, corners, pairs.corner[run.failed])
        variables = np.array([column.partition("[")[0] for column in run.columns])
        for name, bound in bounds.items():
            _look(found[name], bound, run, np.isin(variables, wanted[name]), corners, pairs)
        return len(run.failed), int(run.failed.sum())

    for _, done in spread(city.model, _chunks(city, corners, members, outputs, times), finish, threads):
        if isinstance(done, Exception):
            raise done
        counter.add(*done)
    ends = f"with each lever and assumption at either end and in {checks.corners.random} corners"
    tried = f"{runs:,} runs, {len(members):,} {members.called}"
    yield _outcome(f"every run is finite {ends}", finite, runs, tried)
    for name, one in found.items():
        yield _outcome(f"{name.replace('_', ' ')} {ends}", one, runs, tried)


def _chunks(
    city: City, corners: Sequence[Corner], members: Members, outputs: tuple[str, ...], times: tuple[float, ...]
) -> Iterator[tuple[Pairs, Chunk]]:
    """Every corner with every member, a block at a time; what a corner leaves alone goes to where it stands."""
    controls = {name: city.spelling(*city.locate(city.control(name).constant)) for name in (*city.levers, *city.inputs)}
    values = {city.spelling(*city.locate(name)): column for name, column in members.values.items()}
    ends = {name: np.array([corner.to.get(name, np.nan) for corner in corners]) for name in controls}
    for first in range(0, len(corners) * len(members), BLOCK):
        both = np.arange(first, min(first + BLOCK, len(corners) * len(members)))
        pairs = Pairs(both // len(members), both % len(members), members.numbers[both % len(members)])
        given: dict[str, Any] = {name: column[pairs.member] for name, column in values.items()}
        for name, constant in controls.items():
            base = given.get(constant, np.full(len(both), city.nominal(constant)))
            to = ends[name][pairs.corner]
            given[constant] = TimePath((Change(float(PLAN_BEGINS), np.where(np.isnan(to), base, to)),), base)
        yield pairs, Chunk(given, outputs, times)


def _count(found: _Found, corners: Sequence[Corner], broken: NDArray[np.int64]) -> None:
    """Count runs that break a law by corner; `broken` has the corner of each."""
    for place, count in zip(*np.unique(broken, return_counts=True), strict=True):
        label = corners[place].label
        found.broken[label] = found.broken.get(label, 0) + int(count)


def _look(
    found: _Found, bound: Bound, run: Arrays, columns: NDArray[np.bool_], corners: Sequence[Corner], pairs: Pairs
) -> None:
    """Note the runs of a block that leave a bound; those that are not finite are another law's."""
    sound = np.flatnonzero(~run.failed)
    values = run.values[np.ix_(columns, sound, run.times >= bound.start)]
    if not values.size:
        return
    lowest, highest = values.min(axis=2), values.max(axis=2)
    beyond = np.maximum(bound.at_least - lowest, highest - bound.at_most)
    _count(found, corners, pairs.corner[sound[(beyond > 0).any(axis=0)]])
    row, column = np.unravel_index(np.argmax(beyond), beyond.shape)
    if beyond[row, column] > found.size:
        below = beyond[row, column] == bound.at_least - lowest[row, column]
        value = (lowest if below else highest)[row, column]
        name, place = run.columns[np.flatnonzero(columns)[row]], sound[column]
        found.size = float(beyond[row, column])
        found.worst = f"worst {name} {value:.4g} in {corners[pairs.corner[place]].label}, member {pairs.number[place]}"


def _outcome(text: str, found: _Found, runs: int, tried: str) -> LawResult:
    if not found.broken:
        return LawResult(text, True, tried)
    most = sorted(found.broken.items(), key=lambda item: -item[1])
    named = ", ".join(f"{label} ({count:,})" for label, count in most[:NAMED])
    more = f" and {len(most) - NAMED} more" if len(most) > NAMED else ""
    said = f"{sum(found.broken.values()):,} of {runs:,} runs do not: {named}{more}"
    return LawResult(text, False, "; ".join(filter(None, [said, found.worst])))

"""Whether a scenario can be asked of a city: names, ranges, dates, ramps that don't overlap, shares that sum to 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from innovation.engine import path_values
from innovation.model import PLAN_BEGINS, SHARE_TOLERANCE, SWITCH, City, Control, Lever, LeverRange
from innovation.model.files import Both, Document, Fault, Place, Term, Value, chained, phrase, shortened

from .schema import Change, PolicyChange, Scenario, path_of
from .shares import shares_of

Placed = tuple[Place, Change]


def broken_rules(city: City, changes: Iterable[Placed], document: Document, complete: bool = True) -> list[Fault]:
    """Everything that keeps these changes from being simulated in this city, at the lines of their document.

    Shares are summed only where nothing else is wrong and the changes are `complete` (none was unreadable).
    """
    faults: list[Fault] = []
    placed: dict[str, list[Placed]] = {}
    for place, change in changes:
        wrong = list(_change(city, document, place, change))
        faults += wrong
        if not wrong:
            placed.setdefault(change.name, []).append((place, change))
    for name, found in placed.items():
        faults += _overlaps(document, name, sorted(found, key=lambda item: item[1].start))
    if complete and not faults:
        faults += _shares(city, document, placed)
    return faults


def placed_changes(scenario: Scenario) -> list[Placed]:
    """The changes of a scenario, each with its place in a file."""
    lists: dict[str, Sequence[Change]] = {"policies": scenario.policies, "assumptions": scenario.assumptions}
    return [((kind, number), change) for kind, changes in lists.items() for number, change in enumerate(changes)]


def _change(city: City, document: Document, place: Place, change: Change) -> Iterator[Fault]:
    policy = isinstance(change, PolicyChange)
    field = "lever" if policy else "input"
    controls: Mapping[str, Control] = city.levers if policy else city.inputs
    others: Mapping[str, Control] = city.inputs if policy else city.levers
    control = controls.get(change.name)
    if control is None:
        near = document.nearest(change.name, controls)
        found = phrase("scenarios.list_levers" if policy else "scenarios.list_assumptions")
        if change.name in others:
            found = phrase("scenarios.under_assumptions" if policy else "scenarios.under_policies")
        code = "scenarios.lever" if policy else "scenarios.assumption"
        yield document.fault((*place, field), code, name=shortened(change.name), near=near, where_to=found)
    elif not control.low <= change.to <= control.high:
        unit = city.model.variables[city.locate(control.constant)[0]].unit
        ranges = control.ranges if isinstance(control, Lever) else ()
        yield document.fault(
            (*place, "to"),
            "scenarios.range",
            name=change.name,
            to=change.to,
            low=control.low,
            high=control.high,
            unit=Term("model.unit", unit),
            practice=city.practice(change.name),
            meanings=chained("scenarios.meanings", ["", *map(_meaning, ranges)]),
        )
    elif change.name in city.variants and (change.to not in SWITCH or change.ramp):
        field = "ramp" if change.to in SWITCH else "to"
        yield document.fault((*place, field), "scenarios.view", name=change.name, first_year=PLAN_BEGINS)
    elif change.name in city.variants and change.start > PLAN_BEGINS:
        yield document.fault(
            (*place, "from"), "scenarios.view_date", name=change.name, first_year=PLAN_BEGINS, year=change.start
        )
    if change.start < PLAN_BEGINS:
        yield document.fault((*place, "from"), "scenarios.early", year=change.start, first_year=PLAN_BEGINS)
    elif change.start > city.model.final_time:
        yield document.fault(
            (*place, "from"), "scenarios.late", year=change.start, end=city.model.final_time, first_year=PLAN_BEGINS
        )


def _meaning(part: LeverRange) -> Value:
    """What a lever's values up to the end of a range mean, in both languages."""
    return phrase("scenarios.meaning", to=part.to, said=Both(part.en, part.zh))


def _overlaps(document: Document, name: str, found: Sequence[Placed]) -> Iterator[Fault]:
    for (_, before), (place, after) in pairwise(found):
        if after.start < before.end or after.start == before.start:
            if before.ramp:
                yield document.fault((*place, "from"), "scenarios.overlap", name=name, end=before.end, year=after.start)
            else:
                yield document.fault((*place, "from"), "scenarios.same", name=name, year=after.start)


def _shares(city: City, document: Document, placed: Mapping[str, list[Placed]]) -> Iterator[Fault]:
    """A group of shares must sum to 1 at every date at which one of them starts, stops or jumps."""
    groups = {city.levers[name].share_of for name in placed if name in city.levers} - {None}
    for group in sorted(filter(None, groups)):
        members = shares_of(city, group)
        changes = {name: [change for _, change in placed.get(name, [])] for name in members}
        moments = np.array(_moments(change for found in changes.values() for change in found))
        courses = [path_values(path_of(changes[name]), city.practice(name), moments, dt=0.0) for name in members]
        for date, *shares in zip(moments.tolist(), *courses, strict=True):
            if abs(sum(shares) - 1) > SHARE_TOLERANCE:
                named = next(place for name in members for place, change in placed.get(name, []) if change.end >= date)
                listed = tuple(f"{name} {share:.6g}" for name, share in zip(members, shares, strict=True))
                yield document.fault(
                    named,
                    "scenarios.shares",
                    group=Term("model.split", group),
                    total=sum(shares),
                    date=date,
                    listed=listed,
                )
                break


def _moments(changes: Iterable[Change]) -> list[float]:
    """Dates that decide a sum of straight lines: each start and end, and the middle between two of them."""
    dates = sorted({date for change in changes for date in (change.start, change.end)})
    return sorted([*dates, *((a + b) / 2 for a, b in pairwise(dates))])

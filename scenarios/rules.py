"""Whether a scenario can be asked of a city: names, ranges, dates, ramps that don't overlap, shares that sum to 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from engine.paths import path_values
from model import City, Document, Fault, Lever
from model.agreement import SHARE_TOLERANCE
from model.documents import Place
from model.entries import SWITCH, Control
from model.faults import shortened

from .schema import FIRST_YEAR, Change, PolicyChange, Scenario, path_of
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
    field, noun = ("lever", "lever") if policy else ("input", "assumption")
    controls: Mapping[str, Control] = city.levers if policy else city.inputs
    others: Mapping[str, Control] = city.inputs if policy else city.levers
    control = controls.get(change.name)
    if control is None:
        near = document.nearest(change.name, controls)
        remedy = f"`cli.py list levers` shows every {noun}."
        if change.name in others:
            other = "assumptions" if policy else "policies"
            remedy = f"It belongs under {other}: policies and assumptions stand apart."
        yield document.fault((*place, field), f'{noun} "{shortened(change.name)}" does not exist.{near}', remedy)
    elif not control.low <= change.to <= control.high:
        unit = city.model.variables[city.locate(control.constant)[0]].unit
        bounds = f"{control.low:g} … {control.high:g} {unit}"
        message = f"{change.name} goes to {change.to:g}, outside its range {bounds}."
        remedy = f"Values are in the model's unit; it is {city.practice(change.name):g} before any change."
        ranges = control.ranges if isinstance(control, Lever) else ()
        remedy += "".join(f" Up to {part.to:g}: {part.en}." for part in ranges)
        yield document.fault((*place, "to"), message, remedy)
    elif change.name in city.variants and (change.to not in SWITCH or change.ramp):
        field = "ramp" if change.to in SWITCH else "to"
        message = f"{change.name} is a view of how the city works: 0 or 1 from {FIRST_YEAR} on, and nothing between."
        yield document.fault((*place, field), message, "Write to: 0 or to: 1, without a ramp.")
    elif change.name in city.variants and change.start > FIRST_YEAR:
        held = f"holds from {FIRST_YEAR} on, not from {change.start:g}"
        message = f"{change.name} is a view of how the city works, which {held}."
        yield document.fault((*place, "from"), message, f"Write from: {FIRST_YEAR}.")
    if change.start < FIRST_YEAR:
        message = f"It starts in {change.start:g}; what lies before {FIRST_YEAR} is history and cannot be changed."
        yield document.fault((*place, "from"), message, f"Start in {FIRST_YEAR} or later.")
    elif change.start > city.model.final_time:
        message = f"It starts in {change.start:g}, after the model's last moment {city.model.final_time:g}."
        yield document.fault((*place, "from"), message, f"Start between {FIRST_YEAR} and {city.model.final_time:g}.")


def _overlaps(document: Document, name: str, found: Sequence[Placed]) -> Iterator[Fault]:
    for (_, before), (place, after) in pairwise(found):
        if after.start < before.end or after.start == before.start:
            message = f"{name} changes twice in {after.start:g}."
            if before.ramp:
                message = f"{name} still changes until {before.end:g} when this change starts in {after.start:g}."
            yield document.fault((*place, "from"), message, "Let one change end before the next starts.")


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
                listed = ", ".join(f"{name} {share:.6g}" for name, share in zip(members, shares, strict=True))
                message = f'The shares of "{group}" sum to {sum(shares):.7g} in {date:g}, not to 1: {listed}.'
                yield document.fault(
                    named, message, "Change the others at the same dates; those not named keep 2010 practice."
                )
                break


def _moments(changes: Iterable[Change]) -> list[float]:
    """Dates that decide a sum of straight lines: each start and end, and the middle between two of them."""
    dates = sorted({date for change in changes for date in (change.start, change.end)})
    return sorted([*dates, *((a + b) / 2 for a, b in pairwise(dates))])

"""Why a member fails: its first value that is not finite, whichever back-end met it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .backends.backend import make_backend_kernel
from .backends.numpy.kernels import Request, make_schedule_of
from .errors import RunError
from .ir.schedule import Cell, Cells
from .ir.structure import Initial, Stock
from .parameters import ParameterValues

AT_ONCE = 8  # members that run again together: as many as a register holds
MOST_VALUES = 8_000_000  # kept of such a run at a time: 64 MB
MOST_NAMED = 12  # parameters that an error names; a calibrated model has some two hundred


@dataclass(frozen=True)
class NotFinite:
    """The first value of a member that is not finite.

    `variable` is its name in the file, 'Name' or 'Name[element]'; `time` is in the model's unit of time, `value` nan,
    inf or -inf. Where the run meets none when it is looked at closely, as one at the edge of what a double holds may,
    `variable` is '' and the numbers are NaN.
    """

    member: int
    variable: str = ""
    time: float = math.nan
    value: float = math.nan


class NotFiniteError(RunError):
    """A run whose values did not stay finite; `first` is what was first not so."""

    def __init__(self, message: str, first: NotFinite) -> None:
        super().__init__(message)
        self.first = first

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.first)


def first_failures(
    backend: str,
    cells: Cells,
    digest: str,
    request: Request,
    given: ParameterValues,
    marks: Sequence[int],
    members: Sequence[int],
) -> list[NotFinite]:
    """The first value that is not finite of each of these members, which run again with everything recorded.

    Parameters
    ----------
    request, given, marks
        Of the run in which they failed.
    """
    order, recorded = _in_order(cells, request)
    if not order:
        return [NotFinite(member) for member in members]
    kernel = make_backend_kernel(backend, cells, replace(request, outputs=order), digest)
    # What only outputs need is looked at where the run recorded it.
    unseen = np.array([cell in recorded for cell in order])
    found: list[NotFinite] = []
    size = max(1, MOST_VALUES // (AT_ONCE * len(order)))
    for begin in range(0, len(members), AT_ONCE):
        block = np.array(members[begin : begin + AT_ONCE])
        part = given.part(block)
        known: dict[int, NotFinite] = {}
        for first in range(0, marks[-1] + 1, size):
            steps = list(range(first, min(first + size, marks[-1] + 1)))
            values, _ = kernel.run(part, steps)
            wrong = ~np.isfinite(values)
            wrong[np.ix_(unseen, ~np.isin(steps, marks))] = False
            for place in np.flatnonzero(wrong.any(axis=(0, 1))):
                if int(block[place]) not in known:
                    step = int(np.argmax(wrong[:, :, place].any(axis=0)))
                    cell = int(np.argmax(wrong[:, step, place]))
                    time, value = request.start + steps[step] * request.dt, float(values[cell, step, place])
                    member = int(block[place])
                    known[member] = NotFinite(member, cells.label(order[cell]), time, value)
            if len(known) == len(block):
                break
        found += [known.get(int(member), NotFinite(int(member))) for member in block]
    return found


def _in_order(cells: Cells, request: Request) -> tuple[tuple[Cell, ...], frozenset[Cell]]:
    """All that a run computes, in its order; and what of it is computed at recorded times only."""
    schedule = make_schedule_of(cells, request)
    initials = [cell for cell in schedule.start if isinstance(cells.rules[cell][0], Initial)]
    order: list[Cell] = [
        *schedule.constant, *request.named, *request.dated, *initials, *schedule.once, *schedule.timed,
        *schedule.states, *schedule.step, *schedule.record,
    ]  # fmt: skip
    return tuple(dict.fromkeys([*order, *request.outputs])), frozenset(schedule.record)


def is_end_of_numpy(cells: Cells, found: NotFinite) -> bool:
    """Whether NumPy may end the run of this member with words of its own: at a non-negative stock, or for no value."""
    stocks = (cell for cell, (rule, _) in cells.rules.items() if isinstance(rule, Stock) and rule.non_negative)
    return not found.variable or found.variable in map(cells.label, stocks)


def failure_error(file: str, cells: Cells, given: ParameterValues, found: NotFinite, first: int = 0) -> NotFiniteError:
    """The error that names a member's first value that is not finite; `first` is the number of the run's first one."""
    named = replace(found, member=first + found.member)
    described = _described(cells, given.part(slice(found.member, found.member + 1)))
    described = f"Parameters of member {named.member}: {described}"
    if not named.variable:
        said = f"a value of member {named.member} is not finite, and is when all are recorded"
        said += ": it lies at the edge of what a double holds"
        return NotFiniteError(f"{file}: {said}.\n  {described}", named)
    said = f"{named.variable} is {named.value} at time {named.time:g}, member {named.member}"
    return NotFiniteError(f"{file}: {said}; no value before it fails to be finite.\n  {described}", named)


def _described(cells: Cells, given: ParameterValues) -> str:
    """The parameters of a single member in words, the first of them."""

    def pick(value: Any) -> str:
        return f"{float(np.ravel(value)[0]):g}"

    parts = [f"{cells.label(cell)} = {pick(value)}" for cell, value in given.named.items()]
    parts += [f"{cells.label(cell)} at the start = {pick(value)}" for cell, value in given.starts.items()]
    for cell, points in given.tables.items():
        parts.append(f"{cells.label(cell)} = ({_listed([f'{point:g}' for point in np.ravel(points)])})")
    for cell, path in given.dated.items():
        course = _listed(
            [f"{pick(change.start)}: to {pick(change.to)} over {pick(change.ramp)}" for change in path.changes]
        )
        base = "" if path.base is None else f"from {pick(path.base)}" + (", " if course else "")
        parts.append(f"{cells.label(cell)} = path ({base}{course})")
    parts += [f"{cells.label(cell)} = {value:g}" for cell, value in given.fixed.items()]
    return _listed(parts) or "all nominal"


def _listed(parts: Sequence[str]) -> str:
    more = len(parts) - MOST_NAMED
    return ", ".join(parts[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")

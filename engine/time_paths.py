"""Dated changes of constants: one rule, for every back-end, for what a constant is worth at each moment of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = float | NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """From time ``start`` on, a constant moves straight to ``to`` over ``ramp`` units of time, then stays there.

    Each is one number, or one a member (a 1-D array). A ramp of 0 is a step, in force from the first time of the step
    grid that is not earlier than ``start`` by more than half a step.
    """

    start: Any
    to: Any
    ramp: Any = 0.0


@dataclass(frozen=True)
class TimePath:
    """A constant's course: ``base`` (None: the model file's value) until the first change, then the changes by date.

    A change starts from where the path is; a change that starts before the ramp before it has ended is an error.
    """

    changes: tuple[Change, ...]
    base: Any = None

    def map(self, function: Callable[[Any], Any]) -> TimePath:
        """The path with a function applied to each of its numbers."""
        changes = tuple(Change(function(one.start), function(one.to), function(one.ramp)) for one in self.changes)
        return TimePath(changes, None if self.base is None else function(self.base))


@dataclass(frozen=True)
class PathChanges:
    """A path's changes by date: ``base`` of shape (members,), the others (changes, members), 1 if alike."""

    base: NDArray[np.float64]
    starts: NDArray[np.float64]
    ramps: NDArray[np.float64]
    tos: NDArray[np.float64]


def sorted_course(path: TimePath, base: Values) -> PathChanges:
    """The changes of a path without faults, sorted by date for each member.

    Parameters
    ----------
    base
        The value before the first change, a number or of shape (members,), where the path has none of its own.
    """
    rows = [[one.start, one.ramp, one.to] for one in path.changes]
    first = base if path.base is None else path.base
    if not any(np.ndim(value) for row in [[first], *rows] for value in row):
        table = np.array(sorted(rows, key=lambda row: row[0]), float).reshape(-1, 3, 1)
        return PathChanges(np.array([first], float), table[:, 0], table[:, 1], table[:, 2])
    members = max(np.size(value) for row in [[first], *rows] for value in row)
    level = np.broadcast_to(np.asarray(first, float), (members,))
    parts = [
        np.array([np.broadcast_to(np.asarray(row[place], float), (members,)) for row in rows]).reshape(-1, members)
        for place in range(3)
    ]
    order = np.argsort(parts[0], axis=0, kind="stable")
    starts, ramps, tos = (np.take_along_axis(part, order, axis=0) for part in parts)
    return PathChanges(level, starts, ramps, tos)


def path_faults(path: TimePath) -> Iterator[str]:
    """What is wrong with a path, in sentences; nothing where it is sound."""
    if not path.changes:
        return
    for number, change in enumerate(path.changes, 1):
        for name in ("start", "ramp"):
            value = getattr(change, name)
            array = np.asarray(value)
            if array.dtype.kind not in "iuf" or array.ndim > 1 or not np.isfinite(array).all():
                yield f"change {number}: {name} must be a finite number, or one a member, not {value!r}."
                return
        if np.min(change.ramp) < 0:
            yield f"change {number}: ramp must be 0 or more years, not {np.min(change.ramp):g}."
            return
    try:
        course = sorted_course(TimePath(tuple(Change(one.start, 0.0, one.ramp) for one in path.changes)), 0.0)
    except ValueError:
        yield "its dates differ in their number of members."
        return
    for before in range(len(path.changes) - 1):
        begins, follows = course.starts[before], course.starts[before + 1]
        ends = begins + course.ramps[before]
        if (follows < ends).any():
            member = int(np.argmax(follows < ends))
            yield (
                f"the change at {follows[member]:g} lies inside the ramp from {begins[member]:g} to {ends[member]:g}; "
                "part them."
            )
        elif (follows == begins).any():
            yield f"two changes start at {begins[int(np.argmax(follows == begins))]:g}; give one."


def path_values(path: TimePath, base: Values, times: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    """The path's value at each time.

    Parameters
    ----------
    path
        A path without faults, its numbers single or of shape (members,).
    base
        The value before the first change, where the path has none of its own: a number, or of shape (members,).
    times
        Shape (steps,), on the step grid.
    dt
        The step.

    Returns
    -------
    Shape (steps,) where every number is single, else (steps, members).
    """
    course = sorted_course(path, base)
    now = np.reshape(times, (-1, 1))
    level = course.base
    values = np.broadcast_to(level, (len(times), len(level)))
    for start, ramp, to in zip(course.starts, course.ramps, course.tos, strict=True):
        share = np.clip((now - start) / np.where(ramp > 0, ramp, 1.0), 0.0, 1.0)
        share = np.where(ramp > 0, share, now + dt / 2 >= start)
        values = np.where(share > 0, np.where(share < 1.0, level + (to - level) * share, to), values)
        level = to
    single = all(np.ndim(one) == 0 for change in path.changes for one in (change.start, change.to, change.ramp))
    single = single and np.ndim(base if path.base is None else path.base) == 0
    return np.ascontiguousarray(values[:, 0] if single else values, float)

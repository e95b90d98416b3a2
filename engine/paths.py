"""Dated changes of constants: one rule, for every back-end, for what a constant is worth at each moment of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = float | NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """From time ``start`` on, a constant moves straight to ``to`` over ``ramp`` units of time, then stays there.

    ``to`` is one number, or one a member (a 1-D array). A ramp of 0 is a step, in force from the first time of the step
    grid that is not earlier than ``start`` by more than half a step.
    """

    start: float
    to: Any
    ramp: float = 0.0


@dataclass(frozen=True)
class Path:
    """A constant's course: ``base`` (None: the model file's value) until the first change, then the changes by date.

    A change starts from where the path is; a change that starts before the ramp before it has ended is an error.
    """

    changes: tuple[Change, ...]
    base: Any = None

    def ordered(self) -> tuple[Change, ...]:
        """The changes by date."""
        return tuple(sorted(self.changes, key=lambda change: change.start))


def path_faults(path: Path) -> Iterator[str]:
    """What is wrong with a path, in sentences; nothing where it is sound."""
    for number, change in enumerate(path.changes, 1):
        for name in ("start", "ramp"):
            value = getattr(change, name)
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not np.isfinite(value):
                yield f"change {number}: {name} must be a finite number, not {value!r}."
                return
        if change.ramp < 0:
            yield f"change {number}: ramp must be 0 or more years, not {change.ramp:g}."
            return
    ordered = path.ordered()
    for before, after in pairwise(ordered):
        if after.start < before.start + before.ramp:
            end = before.start + before.ramp
            yield f"the change at {after.start:g} lies inside the ramp from {before.start:g} to {end:g}; part them."
        elif after.start == before.start:
            yield f"two changes start at {after.start:g}; give one."


def path_values(path: Path, base: Values, times: NDArray[np.float64], dt: float) -> NDArray[np.float64]:
    """The path's value at each time.

    Parameters
    ----------
    path
        A path without faults, its values single numbers or of shape (members,).
    base
        The value before the first change: a number, or of shape (members,).
    times
        Shape (steps,), on the step grid.
    dt
        The step.

    Returns
    -------
    Shape (steps,) where every value is a single number, else (steps, members).
    """
    sizes = [np.size(value) for value in (base, *(change.to for change in path.changes)) if np.ndim(value)]
    column = (-1, 1) if sizes else (-1,)
    shape = (len(times), max(sizes)) if sizes else (len(times),)
    now = np.reshape(times, column)
    level: Values = np.asarray(base, float)
    values = np.broadcast_to(level, shape)
    for change in path.ordered():
        to = np.asarray(change.to, float)
        if change.ramp > 0:
            share = np.clip((now - change.start) / change.ramp, 0.0, 1.0)
            begun = share > 0
            course = np.where(share < 1.0, level + (to - level) * share, to)
        else:
            begun = now + dt / 2 >= change.start
            course = np.broadcast_to(to, shape)
        values = np.where(begun, course, values)
        level = to
    return np.ascontiguousarray(values, float)

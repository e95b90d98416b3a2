"""The NumPy back-end: one member on plain floats, many on arrays over members; fallback and oracle of faster ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.emit import ARRAY, SCALAR
from engine.errors import RunError
from engine.kernels import Kernel, make_kernel
from engine.parameters import Given
from engine.paths import path_values
from engine.schedule import Cell, Cells

CHUNK = 1024  # members computed together: the values of a step then stay in the processor's cache


def compute(kernel: Kernel, given: Given, marks: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Simulate all members.

    Parameters
    ----------
    kernel
        Made for this set of parameter names and outputs.
    given
        The parameters' values.
    marks
        The steps to record, increasing.

    Returns
    -------
    Values of shape (outputs, members, marks), and for each member whether any value it needed was not finite.
    """
    values = np.empty((len(kernel.request.outputs), given.members, len(marks)))
    bad = np.zeros(given.members, bool)
    for first in range(0, given.members, CHUNK):
        chunk = slice(first, min(first + CHUNK, given.members))
        bad[chunk] = _compute_chunk(kernel, given, marks, chunk, values[:, chunk])
    return values, bad


def _compute_chunk(kernel: Kernel, given: Given, marks: Sequence[int], chunk: slice, values: NDArray[np.float64]) -> Any:
    """Simulate some members into ``values``; answers whether each was bad."""
    count = chunk.stop - chunk.start
    steps = marks[-1] + 1
    named = [given.named[cell] for cell in kernel.request.named]
    named = [value if isinstance(value, float) else value[chunk] for value in named]
    dated = [_course(kernel, given, cell, steps, chunk) for cell in kernel.request.dated]
    flags = bytearray(steps)
    for mark in marks:
        flags[mark] = 1
    if count == 1:
        try:
            rows: list[tuple[float, ...]] = []
            single = tuple(float(value if isinstance(value, float) else value[0]) for value in named)
            courses = [(course if course.ndim == 1 else course[:, 0]).tolist() for course in dated]
            if not _simulate(kernel, SCALAR, single, _rows(courses, steps), flags, rows.append):
                values[:, 0, :] = np.array(rows, float).T
                return False
        except ZeroDivisionError:
            pass  # the arrays below have the answer: an infinity, shown or hidden as NumPy has it
    recorded = 0

    def record(outputs: tuple[Any, ...]) -> None:
        nonlocal recorded
        for place, value in enumerate(outputs):
            values[place, :, recorded] = value
        recorded += 1

    vectors = tuple(value if isinstance(value, float) and count > 1 else np.full(count, value, float) for value in named)
    courses = [course if course.ndim == 1 and count > 1 else list(np.broadcast_to(course.reshape(steps, -1), (steps, count))) for course in dated]
    courses = [course.tolist() if isinstance(course, np.ndarray) else course for course in courses]
    return _simulate(kernel, ARRAY, vectors, _rows(courses, steps), flags, record)


def _simulate(kernel: Kernel, dialect: Any, named: tuple[Any, ...], dated: list[tuple[Any, ...]], flags: bytearray, record: Any) -> Any:
    function = kernel.simulate(dialect)
    with np.errstate(all="ignore"):
        return function(named, dated, kernel.times, kernel.timed, len(flags) - 1, flags, record, _delay_steps(kernel))


def _delay_steps(kernel: Kernel) -> Any:
    """How many steps long a fixed delay is: one at least, and the same for every member."""
    dt = kernel.request.dt

    def steps(delay: Any, name: str) -> int:
        lengths = np.unique(np.asarray(delay, float))
        if len(lengths) != 1:
            raise RunError(f"{name.partition(' in ')[2]}: the length of a DELAY FIXED differs between members; run each length by itself.")
        length = float(lengths[0])
        if not np.isfinite(length):
            raise RunError(f"{name.partition(' in ')[2]}: the length of a DELAY FIXED is {length}; expected a finite time.")
        return max(1, round(length / dt + 1e-6))

    return steps


def _course(kernel: Kernel, given: Given, cell: Cell, steps: int, chunk: slice) -> NDArray[np.float64]:
    """A path's values at each step: shape (steps,), or (steps, members of the chunk)."""
    path = given.dated[cell]
    base = path.base if path.base is not None else nominal_value(kernel.cells, cell)
    pick = [change if np.ndim(change.to) == 0 else replace(change, to=change.to[chunk]) for change in path.changes]
    base = base if np.ndim(base) == 0 else base[chunk]
    times = np.array(kernel.times[:steps])
    return path_values(replace(path, changes=tuple(pick)), base, times, kernel.request.dt)


def _rows(courses: Sequence[Any], steps: int) -> list[tuple[Any, ...]]:
    return list(zip(*courses, strict=True)) if courses else [()] * steps


def nominal_value(cells: Cells, cell: Cell) -> float:
    """The value that the model file gives a constant."""
    from engine.structure import Formula, Number, Numbers

    rule, steps = cells.rules[cell]
    assert isinstance(rule, Formula)
    expression = rule.expression
    if isinstance(expression, Number):
        return expression.value
    assert isinstance(expression, Numbers)
    flat = 0
    for loop, size in zip(expression.loops, expression.sizes, strict=True):
        flat = flat * size + steps[loop]
    return expression.values[flat]


def first_failure(kernel: Kernel, given: Given, bad: NDArray[np.bool_]) -> tuple[Cell, float, int, float] | None:
    """The first non-finite value among bad members: its cell, time, member and value; None where every value is finite.

    Runs those members again with everything recorded at each step. Earliest time first, then the order of computation.
    """
    schedule = kernel.schedule
    order = [*schedule.constant, *kernel.request.named, *kernel.request.dated, *schedule.once, *schedule.timed, *schedule.states, *schedule.step]
    everything = replace(kernel.request, outputs=tuple(dict.fromkeys([*order, *kernel.request.outputs])))
    detailed = make_kernel(kernel.cells, everything)
    first: tuple[float, int, int, float] | None = None
    for member in np.flatnonzero(bad)[:CHUNK].tolist():
        values, _ = compute(detailed, one_member(given, member), range(len(kernel.times)))
        wrong = np.argwhere(~np.isfinite(values[:, 0, :].T))
        if len(wrong):
            step, place = wrong[0].tolist()
            found = (step, place, member, float(values[place, 0, step]))
            first = min(first, found) if first else found
    if first is None:
        return None
    step, place, member, value = first
    return everything.outputs[int(place)], kernel.times[int(step)], member, value


def one_member(given: Given, member: int) -> Given:
    """The parameters of a single member."""

    def pick(value: Any) -> Any:
        return value if np.ndim(value) == 0 else float(value[member])

    named = {cell: pick(value) for cell, value in given.named.items()}
    dated = {
        cell: replace(path, base=pick(path.base) if path.base is not None else None,
                      changes=tuple(replace(change, to=pick(change.to)) for change in path.changes))
        for cell, path in given.dated.items()
    }  # fmt: skip
    return replace(given, named=named, dated=dated, members=1)

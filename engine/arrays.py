"""The NumPy back-end: one member on plain floats, many on arrays over members; fallback and oracle of faster ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.emit import ARRAY, SCALAR, Dialect
from engine.errors import RunError
from engine.kernels import Kernel, make_kernel
from engine.parameters import Given
from engine.paths import path_values
from engine.schedule import Cell, Cells
from engine.structure import Formula, Initial, Number, Numbers

CHUNK = 4096  # members computed together: enough that what NumPy spends on a call is small beside the work


def compute(kernel: Kernel, given: Given, marks: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
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
    Values of shape (outputs, members, marks); and for each member the first step at which a value it needed was not
    finite, or -1.
    """
    values = np.empty((len(kernel.request.outputs), given.members, len(marks)))
    failed_at = np.full(given.members, -1)
    for first in range(0, given.members, CHUNK):
        chunk = slice(first, min(first + CHUNK, given.members))
        _Run(kernel, given, marks, chunk, values[:, chunk], failed_at[chunk]).compute()
    return values, failed_at


class _Run:
    """One chunk of members, written into ``values`` and ``failed_at``."""

    def __init__(
        self,
        kernel: Kernel,
        given: Given,
        marks: Sequence[int],
        chunk: slice,
        values: NDArray[np.float64],
        failed_at: NDArray[np.int64],
    ) -> None:
        self.kernel = kernel
        self.values, self.failed_at = values, failed_at
        self.count = chunk.stop - chunk.start
        self.steps = marks[-1] + 1
        self.flags = bytearray(self.steps)
        for mark in marks:
            self.flags[mark] = 1
        named = [given.named[cell] for cell in kernel.request.named]
        self.named = [value if isinstance(value, float) else value[chunk] for value in named]
        self.courses = [_course(kernel, given, cell, self.steps, chunk) for cell in kernel.request.dated]
        self.recorded = 0

    def compute(self) -> None:
        """One member goes through plain floats; if these divide by 0 or meet an infinity, arrays answer."""
        if self.count > 1 or not self._on_floats():
            self._on_arrays()

    def _on_floats(self) -> bool:
        named = tuple(float(value if isinstance(value, float) else value[0]) for value in self.named)
        courses = [(course if course.ndim == 1 else course[:, 0]).tolist() for course in self.courses]
        rows: list[tuple[float, ...]] = []
        try:
            gave_up = self._simulate(SCALAR, named, courses, rows.append)
        except ZeroDivisionError:
            return False
        if not gave_up:
            self.values[:, 0, :] = np.array(rows, float).T
        return not gave_up

    def _on_arrays(self) -> None:
        lone = self.count == 1
        named = tuple(np.full(1, value) if lone else value for value in self.named)
        courses = [
            course.reshape(-1, 1) if lone else course.tolist() if course.ndim == 1 else course
            for course in self.courses
        ]
        self._simulate(ARRAY, named, [list(course) for course in courses], self._record)

    def _simulate(
        self, dialect: Dialect, named: tuple[Any, ...], courses: list[list[Any]], record: Callable[..., None]
    ) -> bool:
        dated = list(zip(*courses, strict=True)) if courses else [()] * self.steps
        kernel = self.kernel
        function = kernel.simulate(dialect)
        with np.errstate(all="ignore"):
            arguments = (named, dated, kernel.times, kernel.timed, self.steps - 1, self.flags, record)
            gave_up: bool = function(*arguments, self._watch, self._delay_steps, _never_negative)
        return gave_up

    def _record(self, outputs: tuple[Any, ...]) -> None:
        for place, value in enumerate(outputs):
            self.values[place, :, self.recorded] = value
        self.recorded += 1

    def _watch(self, step: int, values: tuple[Any, ...]) -> None:
        """Note the members of which a value is not finite; their sum shows it, and then each value is looked at."""
        total = sum(values)
        wrong = np.broadcast_to((total - total != 0.0) & (self.failed_at < 0), self.failed_at.shape)
        if wrong.any():
            finite = np.ones(self.count, bool)
            for value in values:
                finite &= np.isfinite(value)
            self.failed_at[wrong & ~finite] = step

    def _delay_steps(self, delay: Any, name: str) -> int:
        """How many steps long a fixed delay is: one at least, and the same for every member."""
        lengths = np.unique(np.asarray(delay, float))
        owner = name.partition(" in ")[2]
        if len(lengths) != 1:
            raise RunError(
                f"{owner}: the length of its DELAY FIXED differs between members. Run each length by itself."
            )
        if not np.isfinite(lengths[0]):
            raise RunError(f"{owner}: the length of its DELAY FIXED is {lengths[0]}. Expected a finite time.")
        return max(1, round(float(lengths[0]) / self.kernel.request.dt + 1e-6))


def _never_negative(before: Any, change: Any, name: str, time: float) -> Any:
    """The next value of a non-negative stock, which must not need its outflows cut (in what order, tools differ)."""
    after = before + change
    if np.any(after < -1e-9 * np.abs(change)):
        raise RunError(
            f"{name} would fall below 0 after time {time:g}. Cutting a non-negative stock's outflows is not supported."
        )
    return after if np.ndim(after) == 0 and after > 0 else np.maximum(after, 0.0) if np.ndim(after) else 0.0


def _course(kernel: Kernel, given: Given, cell: Cell, steps: int, chunk: slice) -> NDArray[np.float64]:
    """A path's values at each step: shape (steps,), or (steps, members of the chunk)."""
    path = given.dated[cell]
    base = path.base if path.base is not None else nominal_value(kernel.cells, cell)
    pick = [change if np.ndim(change.to) == 0 else replace(change, to=change.to[chunk]) for change in path.changes]
    base = base if np.ndim(base) == 0 else np.asarray(base)[chunk]
    times = np.array(kernel.times[:steps])
    return path_values(replace(path, changes=tuple(pick)), base, times, kernel.request.dt)


def nominal_value(cells: Cells, cell: Cell) -> float:
    """The value that the model file gives a constant."""
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


def first_failure(kernel: Kernel, given: Given, failed_at: NDArray[np.int64]) -> tuple[Cell, float, int, float]:
    """The first non-finite value of a run that had one: its cell, time, member and value.

    Earliest time first, then the lowest member, then the order of computation. That member runs again, all recorded.
    """
    step = int(failed_at[failed_at >= 0].min())
    member = int(np.flatnonzero(failed_at == step)[0])
    request, schedule = kernel.request, kernel.schedule
    initials = [cell for cell in schedule.start if isinstance(kernel.cells.rules[cell][0], Initial)]
    order = [
        *schedule.constant,
        *request.named,
        *request.dated,
        *initials,
        *schedule.once,
        *schedule.timed,
        *schedule.states,
        *schedule.step,
    ]
    everything = replace(request, outputs=tuple(dict.fromkeys([*order, *request.outputs])))
    values, _ = compute(make_kernel(kernel.cells, everything), one_member(given, member), [step])
    place = int(np.flatnonzero(~np.isfinite(values[:, 0, 0]))[0])
    return everything.outputs[place], kernel.times[step], member, float(values[place, 0, 0])


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

"""The NumPy back-end: one member on plain floats, many on arrays over members; fallback and oracle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine.errors import RunError
from innovation.engine.ir.arithmetic import array_lookup, scalar_lookup
from innovation.engine.ir.schedule import Cell, Cells
from innovation.engine.ir.structure import Formula, Number, Numbers, Table
from innovation.engine.parameters import ParameterValues
from innovation.engine.time_paths import path_values

from .fixed_delays import PipelineDelay
from .kernels import PythonKernel
from .python_text import ARRAY, SCALAR, Dialect

CHUNK = 4096  # members computed together: enough that what NumPy spends on a call is small beside the work


def compute(
    kernel: PythonKernel,
    given: ParameterValues,
    marks: Sequence[int],
    values: NDArray[np.float64],
    failed_at: NDArray[np.int64],
) -> None:
    """Simulate all members.

    Parameters
    ----------
    kernel
        Made for this set of parameter names and outputs.
    given
        The parameters' values.
    marks
        The steps to record, increasing.
    values
        To be filled; shape (outputs, marks, members).
    failed_at
        To be filled: the first step at which a value that a member needed was not finite, or -1; shape (members,).
    """
    failed_at[:] = -1
    for first in range(0, given.members, CHUNK):
        chunk = slice(first, min(first + CHUNK, given.members))
        _ArrayRun(kernel, given.part(chunk), marks, values[:, :, chunk], failed_at[chunk]).compute()


class _ArrayRun:
    """One chunk of members, written into ``values`` and ``failed_at``."""

    def __init__(
        self,
        kernel: PythonKernel,
        given: ParameterValues,
        marks: Sequence[int],
        values: NDArray[np.float64],
        failed_at: NDArray[np.int64],
    ) -> None:
        self.kernel, self.given = kernel, given
        self.values, self.failed_at = values, failed_at
        self.count = given.members
        self.last = marks[-1]
        self.flags = bytearray(self.last + 1)
        for mark in marks:
            self.flags[mark] = 1
        request = kernel.request
        self.named: list[Any] = [given.named[cell] for cell in request.named]
        self.named += [given.starts[cell] for cell in request.starts]
        rows = self.last * request.rows_a_step + 1
        self.held = np.array(request.held_times()[:rows])
        self.courses = [self._course(cell) for cell in request.dated]
        self.recorded = 0

    def compute(self) -> None:
        """One member goes through plain floats; if these divide by 0 or meet an infinity, arrays answer."""
        if self.count > 1 or not self._on_floats():
            self._on_arrays()

    def _course(self, cell: Cell) -> NDArray[np.float64]:
        """A path's values at each row of the times, held over a step: shape (rows,), or (rows, members)."""
        nominal, dt = nominal_value(self.kernel.cells, cell), self.kernel.request.dt
        return path_values(self.given.dated[cell], nominal, self.held, dt)

    def _on_floats(self) -> bool:
        named = tuple(float(value if isinstance(value, float) else value[0]) for value in self.named)
        courses = [(course if course.ndim == 1 else course[:, 0]).tolist() for course in self.courses]
        rows: list[tuple[float, ...]] = []
        try:
            gave_up = self._simulate(SCALAR, named, courses, rows.append)
        except ZeroDivisionError:
            return False
        if not gave_up:
            self.values[:, :, 0] = np.array(rows, float).T
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
        dated = list(zip(*courses, strict=True)) if courses else [()] * len(self.held)
        kernel = self.kernel
        function = kernel.simulate(dialect)
        with np.errstate(all="ignore"):
            arguments = (named, dated, kernel.times, kernel.timed, self.last, self.flags, record)
            gave_up: bool = function(*arguments, self._watch, self._pipe, _never_negative, self._lookups(dialect))
        return gave_up

    def _record(self, outputs: tuple[Any, ...]) -> None:
        for place, value in enumerate(outputs):
            self.values[place, self.recorded] = value
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

    def _pipe(self, delay: Any, first: Any, name: str) -> PipelineDelay:
        """A fixed delay, which must last a finite time."""
        if not np.isfinite(delay).all():
            owner = name.partition(" in ")[2]
            wrong = np.ravel(delay)[np.argmin(np.isfinite(np.ravel(delay)))]
            raise RunError(f"{owner}: the length of its DELAY FIXED is {wrong}. Expected a finite time.")
        return PipelineDelay(delay, first, self.kernel.request.dt)

    def _lookups(self, dialect: Dialect) -> Callable[[int, str, Any], Any]:
        """The lookups whose values the caller gives, by their place among those; each made when first used."""
        made: dict[tuple[int, str], Callable[[Any], Any]] = {}

        def lookup(place: int, method: str, argument: Any) -> Any:
            if (place, method) not in made:
                cell = self.kernel.request.tables[place]
                table, points = self.kernel.cells.rules[cell][0], self.given.tables[cell]
                assert isinstance(table, Table)
                if dialect is SCALAR:
                    points = points if points.ndim == 1 else points[0]
                    made[place, method] = scalar_lookup(Table(table.x, tuple(points.tolist()), method or table.method))
                else:
                    made[place, method] = array_lookup(Table(table.x, (), method or table.method), points)
            return made[place, method](argument)

        return lookup


def _never_negative(before: Any, change: Any, name: str, time: float) -> Any:
    """The next value of a non-negative stock, which must not need its outflows cut (in what order, tools differ)."""
    after = before + change
    if np.any(after < -1e-9 * np.abs(change)):
        raise RunError(
            f"{name} would fall below 0 after time {time:g}. Cutting a non-negative stock's outflows is not supported."
        )
    return after if np.ndim(after) == 0 and after > 0 else np.maximum(after, 0.0) if np.ndim(after) else 0.0


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

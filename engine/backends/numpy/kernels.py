"""Python source for one use of a model: the schedule's cells as assignments, compiled once and run for any values.

What the caller names is an argument; constants not named are folded into the text as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from innovation.engine.ir.arithmetic import array_lookup, array_namespace, scalar_lookup, scalar_namespace
from innovation.engine.ir.schedule import Cell, Cells, Schedule, make_schedule
from innovation.engine.ir.structure import FixedDelay, Formula, Held, Initial, Stock, Table

from .python_text import ARRAY, SCALAR, Dialect, Emitter, literal, shown_elsewhere


@dataclass(frozen=True)
class Request:
    """What a kernel is made for: the cells wanted, those given once a run or at each step, and the time grid.

    ``starts`` are the stocks whose initial values are given, ``tables`` the lookups whose y values are.
    """

    outputs: tuple[Cell, ...]
    named: tuple[Cell, ...]
    dated: tuple[Cell, ...]
    start: float
    dt: float
    steps: int
    fixed: tuple[tuple[Cell, float], ...] = ()
    starts: tuple[Cell, ...] = ()
    tables: tuple[Cell, ...] = ()
    method: str = "euler"

    @property
    def rows_a_step(self) -> int:
        """How many moments of a step are looked at: its start, and under RK4 its middle and its end as well."""
        return 3 if self.method == "rk4" else 1

    def step_times(self) -> list[float]:
        """The time of each step, start + i dt, never accumulated."""
        return [self.start + step * self.dt for step in range(self.steps + 1)]

    def times(self) -> list[float]:
        """The time of each row."""
        parts = (0.0, 0.5, 1.0)[: self.rows_a_step]
        rows = [self.start + (step + part) * self.dt for step in range(self.steps) for part in parts]
        return [*rows, self.start + self.steps * self.dt]

    def held_times(self) -> list[float]:
        """The time at which the step of each row began."""
        times = self.step_times()
        return [time for time in times[:-1] for _ in range(self.rows_a_step)] + times[-1:]


@dataclass
class PythonKernel:
    """Compiled code for a request; ``timed`` holds, a row a time, what depends on time alone."""

    request: Request
    schedule: Schedule
    times: list[float]
    timed: list[tuple[float, ...]]
    cells: Cells
    constants: dict[Cell, float]
    _compiled: dict[str, Callable[..., Any]]

    def simulate(self, dialect: Dialect) -> Callable[..., Any]:
        """The function for floats or arrays; ``arrays`` knows its arguments. On floats it tells whether it gave up."""
        if dialect.name not in self._compiled:
            self._compiled[dialect.name] = _Writer(self, dialect).function()
        return self._compiled[dialect.name]

    def source(self, dialect: Dialect) -> str:
        """The generated source, for reading."""
        return "\n".join(_Writer(self, dialect).lines())


def make_kernel(cells: Cells, request: Request) -> PythonKernel:
    """Order, fold and prepare a kernel; the step function itself is compiled when first asked for."""
    fixed = dict(request.fixed)
    schedule = make_schedule_of(cells, request)
    times = request.times()
    constants = _constants(cells, schedule, fixed)
    kernel = PythonKernel(request, schedule, times, [], cells, constants, {})
    kernel.timed = _timed_rows(kernel)
    return kernel


def make_schedule_of(cells: Cells, request: Request) -> Schedule:
    """The phases and order of what a request needs."""
    return make_schedule(cells, request.outputs, set(request.named), set(request.dated), request.starts, request.tables)


def _constants(cells: Cells, schedule: Schedule, fixed: dict[Cell, float]) -> dict[Cell, float]:
    """The values of all constant cells, computed once by generated code."""
    names: dict[Cell, str] = {}
    tables: dict[Table, str] = {}
    emitter = Emitter(cells, ARRAY, names, tables)
    lines = []
    for number, cell in enumerate(schedule.constant):
        rule, steps = cells.rules[cell]
        assert isinstance(rule, Formula)
        text = literal(fixed[cell]) if cell in fixed else emitter.number(rule.expression, steps)
        names[cell] = f"c{number}"
        lines.append(f"    c{number} = float({text})")
    lines.append(f"    return ({''.join(f'c{number}, ' for number in range(len(lines)))})")
    values = _compile("\n".join(["def constants():", *lines]), "constants", array_namespace(), tables, array_lookup)
    with np.errstate(all="ignore"):
        return dict(zip(schedule.constant, values(), strict=True))


def _timed_rows(kernel: PythonKernel) -> list[tuple[float, ...]]:
    """One row a step of the values that depend on time alone."""
    if not kernel.schedule.timed:
        return [()] * len(kernel.times)
    names = {cell: literal(value) for cell, value in kernel.constants.items()}
    tables: dict[Table, str] = {}
    emitter = Emitter(kernel.cells, ARRAY, names, tables)
    lines = []
    for number, cell in enumerate(kernel.schedule.timed):
        rule, steps = kernel.cells.rules[cell]
        assert isinstance(rule, Formula)
        lines.append(f"    x{number} = {emitter.number(rule.expression, steps)}")
        names[cell] = f"x{number}"
    lines.append(f"    return ({''.join(f'x{number}, ' for number in range(len(lines)))})")
    timed = _compile("\n".join(["def timed(t, h):", *lines]), "timed", array_namespace(), tables, array_lookup)
    times, held = np.array(kernel.times), np.array(kernel.request.held_times())
    with np.errstate(all="ignore"):
        columns = [np.broadcast_to(np.asarray(column, float), times.shape).tolist() for column in timed(times, held)]
    return list(zip(*columns, strict=True))


def _compile(
    source: str, name: str, namespace: dict[str, Any], tables: dict[Table, str], lookup: Callable[[Table], Any]
) -> Callable[..., Any]:
    namespace = namespace | {text: lookup(table) for table, text in tables.items()}
    # the source is ours: its names are numbered, and a file's text stands in its comments only
    exec(compile(source, f"<{name}>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


class _Writer:
    """Writes the step function of a kernel in one dialect."""

    def __init__(self, kernel: PythonKernel, dialect: Dialect) -> None:
        self.kernel = kernel
        self.cells = kernel.cells
        self.schedule = kernel.schedule
        self.dialect = dialect
        self.rows = kernel.request.rows_a_step
        self.tables: dict[Table, str] = {}
        self.names = {cell: literal(value) for cell, value in kernel.constants.items()}
        request, schedule = kernel.request, self.schedule
        groups: list[tuple[str, Sequence[Cell]]] = [("p", (*request.named, *request.starts)), ("q", request.dated)]
        groups += [("x", schedule.timed), ("r", schedule.once), ("s", schedule.states), ("v", schedule.step)]
        groups.append(("w", schedule.record))
        for letter, group in groups:
            self.names |= {cell: f"{letter}{number}" for number, cell in enumerate(group)}
        self.begins = {cell: f"p{len(request.named) + number}" for number, cell in enumerate(request.starts)}
        self.initials = [cell for cell in schedule.start if isinstance(self.cells.rules[cell][0], Initial)]
        self.names |= {cell: f"i{number}" for number, cell in enumerate(self.initials)}
        self.kept = {*self.initials, *schedule.states}

    def function(self) -> Callable[..., Any]:
        scalar = self.dialect is SCALAR
        namespace, lookup = (scalar_namespace(), scalar_lookup) if scalar else (array_namespace(), array_lookup)
        return _compile("\n".join(self.lines()), "simulate", namespace, self.tables, lookup)

    def lines(self) -> list[str]:
        """The whole source."""
        request = self.kernel.request
        names = [*self.begins.values()]
        given = [*(self.names[cell] for cell in request.named), *names]
        outputs = "".join(self.names[cell] + ", " for cell in request.outputs)
        return [
            "def simulate(P, Q, T, X, last, marks, record, watch, pipe, never_negative, given):",
            *([f"    ({''.join(name + ', ' for name in given)}) = P"] if given else []),
            *self._start(),
            *self._assignments("    ", self.schedule.once),
            *self._unpacked("    ", "X[0]", self.schedule.timed),
            *self._check("    ", "0", self._before()),
            "    for i in range(last + 1):",
            *(f"        {self.names[cell]} = {self._pipe(cell)}.out(i)" for cell in self._delays()),
            *self._moment("        ", f"i * {self.rows}" if self.rows > 1 else "i"),
            *self._check("        ", "i", self._to_check()),
            "        if marks[i]:",
            *self._assignments("            ", self.schedule.record),
            *self._check("            ", "i", self._to_check_at_marks()),
            f"            record(({outputs}))",
            "        if i == last: break",
            *(self._advance() if self.rows == 1 else self._advance_by_stages()),
            "    return False",
        ]

    def _moment(self, margin: str, row: str) -> list[str]:
        """All that changes with time and state, at a row of the times."""
        lines = [f"{margin}t = T[{row}]", *([f"{margin}h = T[i * {self.rows}]"] if self.rows > 1 else [])]
        lines += [*self._unpacked(margin, f"X[{row}]", self.schedule.timed)]
        lines += self._unpacked(margin, f"Q[{row}]", self.kernel.request.dated)
        return lines + self._assignments(margin, self.schedule.step)

    def _unpacked(self, margin: str, source: str, cells: Sequence[Cell]) -> list[str]:
        return [f"{margin}({''.join(self.names[cell] + ', ' for cell in cells)}) = {source}"] if cells else []

    def _emitter(self, names: dict[Cell, str], initial: bool = False) -> Emitter:
        return Emitter(self.cells, self.dialect, names, self.tables, self.kernel.request.tables, initial)

    def _assignments(self, margin: str, cells: Sequence[Cell]) -> list[str]:
        emitter = self._emitter(self.names)
        lines = []
        for cell in cells:
            rule, steps = self.cells.rules[cell]
            assert isinstance(rule, Formula)
            lines.append(
                f"{margin}{self.names[cell]} = {emitter.number(rule.expression, steps)}  # {self._label(cell)}"
            )
        return lines

    def _label(self, cell: Cell) -> str:
        return " ".join(self.cells.label(cell).split())

    def _start(self) -> list[str]:
        """Initial values in their own order: what is computed for them alone has names of its own."""
        names = dict(self.names)
        request = self.kernel.request
        emitter = self._emitter(names, initial=True)
        lines = ["    t = h = T[0]", *self._unpacked("    ", "Q[0]", request.dated)]
        for number, cell in enumerate(self.schedule.start):
            rule, steps = self.cells.rules[cell]
            names[cell] = f"s{self.schedule.states.index(cell)}" if cell in self.begins else names.get(cell, "")
            if cell not in self.kept:
                names[cell] = f"b{number}"
            if cell in self.begins:
                text = self.begins[cell]
            elif isinstance(rule, Formula | Initial):
                text = emitter.number(rule.expression, steps)
            elif isinstance(rule, Stock | Held | FixedDelay):
                text = emitter.number(rule.initial, steps)
            else:
                continue
            lines.append(f"    {names[cell]} = {text}  # {self._label(cell)} at the start")
            if isinstance(rule, FixedDelay):
                length = emitter.number(rule.delay, steps)
                lines.append(f"    {self._pipe(cell)} = pipe({length}, {names[cell]}, {self._label(cell)!r})")
        return lines

    def _delays(self) -> list[Cell]:
        return [cell for cell in self.schedule.states if isinstance(self.cells.rules[cell][0], FixedDelay)]

    def _pipe(self, cell: Cell) -> str:
        return f"pipe{self.names[cell]}"

    def _before(self) -> list[Cell]:
        """What is known before the first step and might not be finite."""
        constants = [cell for cell, value in self.kernel.constants.items() if value - value != 0.0]
        return [*constants, *self.kernel.request.named, *self.initials, *self.schedule.once]

    def _to_check(self) -> list[Cell]:
        """Cells whose being non-finite no other checked cell would show."""
        shown = shown_elsewhere(self.cells, self.schedule.step)
        computed = [*self.kernel.request.dated, *self.schedule.timed, *self.schedule.states, *self.schedule.step]
        return [cell for cell in computed if cell not in shown]

    def _to_check_at_marks(self) -> list[Cell]:
        shown = shown_elsewhere(self.cells, self.schedule.record)
        return [cell for cell in self.schedule.record if cell not in shown]

    def _check(self, margin: str, step: str, cells: Sequence[Cell]) -> list[str]:
        """One sum shows whether any of many values is not finite; on floats the run then gives up."""
        if not cells:
            return []
        values = f"({''.join(self.names[cell] + ', ' for cell in cells)})"
        if self.dialect is SCALAR:
            return [f"{margin}total = sum({values})", f"{margin}if total - total != 0.0: return True"]
        return [f"{margin}watch({step}, {values})"]

    def _following(self, margin: str, numbers: Iterable[tuple[int, Cell]]) -> list[str]:
        """What states that are no integrals become at the next step; a fixed delay keeps it in its pipe."""
        emitter = self._emitter(self.names)
        lines = []
        for number, cell in numbers:
            rule, steps = self.cells.rules[cell]
            if isinstance(rule, Held):
                lines.append(f"{margin}n{number} = {emitter.number(rule.following, steps)}")
            elif isinstance(rule, FixedDelay):
                lines.append(f"{margin}{self._pipe(cell)}.put(i, {emitter.number(rule.input, steps)})")
        return lines

    def _rates(self, margin: str) -> list[str]:
        emitter = self._emitter(self.names)
        lines = []
        for number, cell in self._stocks():
            rule, steps = self.cells.rules[cell]
            assert isinstance(rule, Stock)
            lines.append(f"{margin}d{number} = {emitter.number(rule.rate, steps)}")
        return lines

    def _stocks(self) -> list[tuple[int, Cell]]:
        return [
            (number, cell)
            for number, cell in enumerate(self.schedule.states)
            if isinstance(self.cells.rules[cell][0], Stock)
        ]

    def _held(self, margin: str) -> list[str]:
        numbers = enumerate(self.schedule.states)
        return [f"{margin}s{n} = n{n}" for n, cell in numbers if isinstance(self.cells.rules[cell][0], Held)]

    def _integrated(self, margin: str, number: int, cell: Cell, before: str, change: str) -> str:
        rule = self.cells.rules[cell][0]
        assert isinstance(rule, Stock)
        if rule.non_negative:
            return f"{margin}s{number} = never_negative({before}, {change}, {self._label(cell)!r}, t)"
        return f"{margin}s{number} = {before} + {change}"

    def _advance(self) -> list[str]:
        """States at the next step, all computed before any is replaced."""
        margin, dt = "        ", literal(self.kernel.request.dt)
        lines = [*self._following(margin, enumerate(self.schedule.states)), *self._rates(margin)]
        for number, cell in self._stocks():
            lines.append(self._integrated(margin, number, cell, f"s{number}", f"{dt} * d{number}"))
        return lines + self._held(margin)

    def _advance_by_stages(self) -> list[str]:
        """The classical Runge-Kutta step of fourth order: the slope at the start, twice half-way and at the end."""
        margin, inner, dt = "        ", "            ", literal(self.kernel.request.dt)
        stocks = self._stocks()
        lines = [*self._following(margin, enumerate(self.schedule.states)), *self._rates(margin)]
        lines += [f"{margin}y{number}, a{number} = s{number}, d{number} / 6.0" for number, _ in stocks]
        lines.append(f"{margin}for row, part, weight in ((1, 0.5, 1 / 3), (1, 0.5, 1 / 3), (2, 1.0, 1 / 6)):")
        lines += [f"{inner}s{number} = y{number} + part * {dt} * d{number}" for number, _ in stocks]
        lines += [*self._moment(inner, f"i * {self.rows} + row"), *self._rates(inner)]
        lines += [f"{inner}a{number} = a{number} + weight * d{number}" for number, _ in stocks]
        for number, cell in stocks:
            lines.append(self._integrated(margin, number, cell, f"y{number}", f"{dt} * a{number}"))
        return lines + self._held(margin)

"""Python source for one use of a model: the schedule's cells as assignments, compiled once and run for any values.

What the caller names is an argument; constants not named are folded into the text as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arithmetic import array_lookup, array_namespace, scalar_lookup, scalar_namespace
from engine.emit import ARRAY, SCALAR, Dialect, Emitter, carriers, literal
from engine.schedule import Cell, Cells, Schedule, make_schedule
from engine.structure import FixedDelay, Formula, Held, Initial, Stock, Table


@dataclass(frozen=True)
class Request:
    """What a kernel is made for: the cells wanted, those given once a run or at each step, and the time grid."""

    outputs: tuple[Cell, ...]
    named: tuple[Cell, ...]
    dated: tuple[Cell, ...]
    start: float
    dt: float
    steps: int
    fixed: tuple[tuple[Cell, float], ...] = ()


@dataclass
class Kernel:
    """Compiled code for a request; ``timed`` holds, a row a step, what depends on time alone."""

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


def make_kernel(cells: Cells, request: Request) -> Kernel:
    """Order, fold and prepare a kernel; the step function itself is compiled when first asked for."""
    fixed = dict(request.fixed)
    schedule = make_schedule(cells, request.outputs, set(request.named), set(request.dated))
    times = [request.start + step * request.dt for step in range(request.steps + 1)]
    constants = _constants(cells, schedule, fixed)
    kernel = Kernel(request, schedule, times, [], cells, constants, {})
    kernel.timed = _timed_rows(kernel)
    return kernel


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


def _timed_rows(kernel: Kernel) -> list[tuple[float, ...]]:
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
    timed = _compile("\n".join(["def timed(t):", *lines]), "timed", array_namespace(), tables, array_lookup)
    times = np.array(kernel.times)
    with np.errstate(all="ignore"):
        columns = [np.broadcast_to(np.asarray(column, float), times.shape).tolist() for column in timed(times)]
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

    def __init__(self, kernel: Kernel, dialect: Dialect) -> None:
        self.kernel = kernel
        self.cells = kernel.cells
        self.schedule = kernel.schedule
        self.dialect = dialect
        self.tables: dict[Table, str] = {}
        self.names = {cell: literal(value) for cell, value in kernel.constants.items()}
        request = kernel.request
        groups: list[tuple[str, Sequence[Cell]]] = [
            ("p", request.named),
            ("q", request.dated),
            ("x", self.schedule.timed),
        ]
        groups += [("r", self.schedule.once), ("s", self.schedule.states), ("v", self.schedule.step)]
        for letter, group in groups:
            self.names |= {cell: f"{letter}{number}" for number, cell in enumerate(group)}
        self.initials = [cell for cell in self.schedule.start if isinstance(self.cells.rules[cell][0], Initial)]
        self.names |= {cell: f"i{number}" for number, cell in enumerate(self.initials)}
        self.kept = {*self.initials, *self.schedule.states}

    def function(self) -> Callable[..., Any]:
        scalar = self.dialect is SCALAR
        namespace, lookup = (scalar_namespace(), scalar_lookup) if scalar else (array_namespace(), array_lookup)
        return _compile("\n".join(self.lines()), "simulate", namespace, self.tables, lookup)

    def lines(self) -> list[str]:
        """The whole source."""
        request = self.kernel.request
        step = [
            "        t = T[i]",
            *self._unpacked("        ", "X[i]", self.schedule.timed),
            *self._unpacked("        ", "Q[i]", request.dated),
        ]
        step += self._assignments("        ", self.schedule.step)
        return [
            "def simulate(P, Q, T, X, last, marks, record, watch, delay_steps, never_negative):",
            *self._unpacked("    ", "P", request.named),
            *self._start(),
            *self._assignments("    ", self.schedule.once),
            *self._unpacked("    ", "X[0]", self.schedule.timed),
            *self._check("    ", "0", self._before()),
            "    for i in range(last + 1):",
            *(f"        {self.names[cell]} = {self._pipe(cell)}[i % {self._pipe(cell)}_n]" for cell in self._delays()),
            *step,
            *self._check("        ", "i", self._to_check()),
            f"        if marks[i]: record(({''.join(self.names[cell] + ', ' for cell in request.outputs)}))",
            "        if i == last: break",
            *self._advance(),
            "    return False",
        ]

    def _unpacked(self, margin: str, source: str, cells: Sequence[Cell]) -> list[str]:
        return [f"{margin}({''.join(self.names[cell] + ', ' for cell in cells)}) = {source}"] if cells else []

    def _assignments(self, margin: str, cells: Sequence[Cell]) -> list[str]:
        emitter = Emitter(self.cells, self.dialect, self.names, self.tables)
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
        emitter = Emitter(self.cells, self.dialect, names, self.tables, initial=True)
        lines = ["    t = T[0]", *self._unpacked("    ", "Q[0]", request.dated)]
        for number, cell in enumerate(self.schedule.start):
            rule, steps = self.cells.rules[cell]
            names[cell] = self.names[cell] if cell in self.kept else f"b{number}"
            if isinstance(rule, Formula | Initial):
                text = emitter.number(rule.expression, steps)
            elif isinstance(rule, Stock | Held | FixedDelay):
                text = emitter.number(rule.initial, steps)
            else:
                continue
            lines.append(f"    {names[cell]} = {text}  # {self._label(cell)} at the start")
            if isinstance(rule, FixedDelay):
                length = f"delay_steps({emitter.number(rule.delay, steps)}, {self._label(cell)!r})"
                lines.append(f"    {self._pipe(cell)}_n = {length}")
                lines.append(f"    {self._pipe(cell)} = [{names[cell]}] * {self._pipe(cell)}_n")
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
        shown: set[Cell] = set()
        for cell in self.schedule.step:
            rule, steps = self.cells.rules[cell]
            assert isinstance(rule, Formula)
            shown |= carriers(self.cells, rule.expression, steps) - {cell}
        computed = [*self.kernel.request.dated, *self.schedule.timed, *self.schedule.states, *self.schedule.step]
        return [cell for cell in computed if cell not in shown]

    def _check(self, margin: str, step: str, cells: Sequence[Cell]) -> list[str]:
        """One sum shows whether any of many values is not finite; on floats the run then gives up."""
        if not cells:
            return []
        values = f"({''.join(self.names[cell] + ', ' for cell in cells)})"
        if self.dialect is SCALAR:
            return [f"{margin}total = sum({values})", f"{margin}if total - total != 0.0: return True"]
        return [f"{margin}watch({step}, {values})"]

    def _advance(self) -> list[str]:
        """States at the next step, all computed before any is replaced."""
        emitter = Emitter(self.cells, self.dialect, self.names, self.tables)
        dt = literal(self.kernel.request.dt)
        new, replaced = [], []
        for cell in self.schedule.states:
            rule, steps = self.cells.rules[cell]
            name = self.names[cell]
            if isinstance(rule, Stock):
                change = f"{dt} * {emitter.number(rule.rate, steps)}"
                if rule.non_negative:
                    new.append(f"        n{name} = never_negative({name}, {change}, {self._label(cell)!r}, t)")
                else:
                    new.append(f"        n{name} = {name} + {change}")
                replaced.append(f"        {name} = n{name}")
            elif isinstance(rule, Held):
                new.append(f"        n{name} = {emitter.number(rule.following, steps)}")
                replaced.append(f"        {name} = n{name}")
            elif isinstance(rule, FixedDelay):
                new.append(
                    f"        {self._pipe(cell)}[i % {self._pipe(cell)}_n] = {emitter.number(rule.input, steps)}"
                )
        return [*new, *replaced]

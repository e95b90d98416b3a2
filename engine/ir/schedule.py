"""What to compute, when and in which order: a Structure unrolled to cells (one element each), sorted into phases.

A cell is computed in the coarsest phase that is right: a constant, once a run, for all times at once, or at each step.
Initial values have an order of their own, in which ACTIVE INITIAL and INITIAL count by their initial argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from .structure import (
    Call,
    Expression,
    FixedDelay,
    Formula,
    Held,
    Index,
    Initial,
    Interpolate,
    Reduce,
    Reference,
    Rule,
    Stock,
    Structure,
    Table,
    Time,
    children,
    normalised_name,
    walk,
)

Cell = tuple[str, int]  # a variable's key and the flat position of one element (row by row)
Steps = tuple[int, ...]  # the step of each loop at which an expression is read

CONSTANT, ONCE, TIMED, STEP = 0, 1, 2, 4


class Circle(Exception):
    """Cells that need each other at the same moment."""

    def __init__(self, cells: Sequence[Cell], initial: bool) -> None:
        super().__init__(cells, initial)
        self.cells = tuple(cells)
        self.initial = initial


class MissingElement(Exception):
    """A reference to an element that no equation defines."""

    def __init__(self, cell: Cell) -> None:
        super().__init__(cell)
        self.cell = cell


class Cells:
    """A Structure seen element by element."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.shapes = {key: structure.shape(key) for key in structure.variables}
        self.rules: dict[Cell, tuple[Rule, Steps]] = {}
        self._of: dict[str, tuple[Cell, ...]] = {}
        self.lines: dict[Cell, int] = {}
        self.twice: list[tuple[Cell, int, int]] = []
        for key, variable in structure.variables.items():
            for piece in variable.pieces:
                without = frozenset(piece.without)
                for steps in product(*(range(len(positions)) for positions in piece.over)):
                    place = tuple(positions[step] for positions, step in zip(piece.over, steps, strict=True))
                    if place in without:
                        continue
                    cell = (key, self.flat(key, place))
                    if cell in self.rules:
                        self.twice.append((cell, self.lines[cell], piece.line))
                    self.rules[cell] = (piece.rule, steps)
                    self.lines[cell] = piece.line

    def flat(self, key: str, place: Sequence[int]) -> int:
        """The flat position of an element."""
        flat = 0
        for size, position in zip(self.shapes[key], place, strict=True):
            flat = flat * size + position
        return flat

    def of(self, key: str) -> tuple[Cell, ...]:
        """All defined cells of a variable, in flat order."""
        if key not in self._of:
            count = math.prod(self.shapes[key])
            self._of[key] = tuple((key, flat) for flat in range(count) if (key, flat) in self.rules)
        return self._of[key]

    def referred(self, reference: Reference, steps: Steps) -> Cell:
        """The cell that a reference means at these loop steps."""
        if not reference.index:
            return reference.name, 0
        return reference.name, self.flat(reference.name, [_position(index, steps) for index in reference.index])

    def label(self, cell: Cell) -> str:
        """A cell's name for people: the file's spelling with its elements in brackets."""
        key, flat = cell
        variable = self.structure.variables[key]
        names: list[str] = []
        for dim, size in reversed(list(zip(variable.dims, self.shapes[key], strict=True))):
            flat, position = divmod(flat, size)
            names.append(self.structure.dimensions[normalised_name(dim)].elements[position])
        name = variable.name.partition("[")[0] if variable.hidden else variable.name
        return f"{name}[{','.join(reversed(names))}]" if names else name

    def inputs(self, expression: Expression, steps: Steps, initial: bool) -> Iterator[Cell]:
        """The cells an expression reads, lookup tables left out."""
        if isinstance(expression, Reference):
            cell = self.referred(expression, steps)
            if cell not in self.rules:
                raise MissingElement(cell)
            yield cell
        elif isinstance(expression, Call) and expression.function == "active_initial":
            yield from self.inputs(expression.arguments[1 if initial else 0], steps, initial)
        elif isinstance(expression, Reduce):
            for inner in product(*map(range, expression.sizes)):
                yield from self.inputs(expression.body, (*steps, *inner), initial)
        elif isinstance(expression, Interpolate):
            if isinstance(expression.table, Reference):
                table = self.referred(expression.table, steps)
                if table not in self.rules:
                    raise MissingElement(table)
            yield from self.inputs(expression.argument, steps, initial)
        else:
            for part in children(expression):
                yield from self.inputs(part, steps, initial)

    def reads(self, cell: Cell, tables: Collection[Cell]) -> bool:
        """Whether a cell's formula reads one of these lookups."""
        rule, _ = self.rules[cell]
        if not tables or not isinstance(rule, Formula):
            return False
        used = (part.table for part in walk(rule.expression) if isinstance(part, Interpolate))
        keys = {table.name for table in used if isinstance(table, Reference)}
        return any(key in keys for key, _ in tables)

    def sources(self, cell: Cell, initial: bool) -> list[Cell]:
        """The cells that must be known before this one at the same moment."""
        rule, steps = self.rules[cell]
        if isinstance(rule, Formula):
            return list(self.inputs(rule.expression, steps, initial))
        if not initial or isinstance(rule, Table):
            return []
        parts = start_expressions(rule)
        return [source for part in parts for source in self.inputs(part, steps, True)]


def start_expressions(rule: Rule) -> tuple[Expression, ...]:
    """What the value of a rule's cell at the start depends on."""
    if isinstance(rule, Stock | Held):
        return (rule.initial,)
    if isinstance(rule, FixedDelay):
        return (rule.initial, rule.delay)
    if isinstance(rule, Initial | Formula):
        return (rule.expression,)
    return ()


def step_expressions(rule: Rule) -> tuple[Expression, ...]:
    """What a rule's state at the next step depends on."""
    if isinstance(rule, Stock):
        return (rule.rate,)
    if isinstance(rule, Held):
        return (rule.following,)
    return (rule.input,) if isinstance(rule, FixedDelay) else ()


@dataclass(frozen=True)
class Schedule:
    """The cells to compute, in order: constants; initial values; once a run; for all times at once; at each step.

    ``start`` is an order of its own for the moment before the first step; its states and INITIAL values stay.
    ``record`` are the cells that no state needs: they are computed after those of ``step``, at recorded times only.
    """

    constant: tuple[Cell, ...]
    start: tuple[Cell, ...]
    once: tuple[Cell, ...]
    timed: tuple[Cell, ...]
    step: tuple[Cell, ...]
    record: tuple[Cell, ...]
    states: tuple[Cell, ...]


def make_schedule(
    cells: Cells,
    outputs: Iterable[Cell],
    named: set[Cell],
    dated: set[Cell],
    starts: Collection[Cell] = (),
    tables: Collection[Cell] = (),
) -> Schedule:
    """Phases and order for a set of outputs, when the cells ``named`` are given once a run and ``dated`` at each step.

    ``starts`` are the stocks whose initial values are given, ``tables`` the lookups whose values are.

    Raises
    ------
    Circle, MissingElement
        The model cannot be ordered; ``check_order`` turns both into faults when a file is read.
    """
    given = named | dated
    at_step, at_start = _needed(cells, outputs, given, starts)
    order = _sorted(at_step, lambda cell: [] if cell in given else cells.sources(cell, False), False)
    start = _sorted(at_start, lambda cell: [] if cell in given or cell in starts else cells.sources(cell, True), True)
    constant: dict[Cell, None] = {}
    for cell in (*start, *order):
        if cell not in given and _is_constant(cells, cell, constant) and not cells.reads(cell, tables):
            constant[cell] = None
    phases: dict[Cell, int] = {}
    groups: dict[int, list[Cell]] = {ONCE: [], TIMED: [], STEP: []}
    for cell in order:
        rule, _ = cells.rules[cell]
        if cell in given or cell in constant:
            phases[cell] = STEP if cell in dated else ONCE if cell in named else CONSTANT
        elif not isinstance(rule, Formula):
            phases[cell] = ONCE if isinstance(rule, Initial) else STEP
        else:
            bits = TIMED if _reads_time(rule.expression) else CONSTANT
            bits |= ONCE if cells.reads(cell, tables) else CONSTANT
            for source in cells.sources(cell, False):
                bits |= phases[source]
            phases[cell] = bits if bits in (ONCE, TIMED) else STEP if bits else ONCE
            groups[phases[cell]].append(cell)
    states = [cell for cell in order if isinstance(cells.rules[cell][0], Stock | FixedDelay | Held)]
    start = [cell for cell in start if cell not in constant and cell not in given]
    moving = _moving(cells, states, given)
    step = [cell for cell in groups[STEP] if cell in moving]
    record = [cell for cell in groups[STEP] if cell not in moving]
    return Schedule(*map(tuple, (constant, start, groups[ONCE], groups[TIMED], step, record, states)))


def _moving(cells: Cells, states: Iterable[Cell], given: set[Cell]) -> set[Cell]:
    """The cells that the states' next values need."""
    moving: set[Cell] = set()
    waiting = [
        source
        for rule, steps in map(cells.rules.__getitem__, states)
        for part in step_expressions(rule)
        for source in cells.inputs(part, steps, False)
    ]
    while waiting:
        cell = waiting.pop()
        if cell not in moving:
            moving.add(cell)
            waiting += [] if cell in given else cells.sources(cell, False)
    return moving


def _needed(
    cells: Cells, outputs: Iterable[Cell], given: set[Cell], starts: Collection[Cell]
) -> tuple[set[Cell], set[Cell]]:
    """The cells needed at each step, and those needed for the initial values of states."""
    at_step: set[Cell] = set()
    at_start: set[Cell] = set()
    waiting = [(cell, False) for cell in outputs]
    while waiting:
        cell, initial = waiting.pop()
        seen = at_start if initial else at_step
        if cell in seen:
            continue
        seen.add(cell)
        if cell in given:
            continue
        rule, steps = cells.rules[cell]
        if not (initial and cell in starts):
            waiting += [(source, initial) for source in cells.sources(cell, initial)]
        if not isinstance(rule, Formula | Table):
            waiting.append((cell, True))
            waiting += [
                (source, False) for part in step_expressions(rule) for source in cells.inputs(part, steps, False)
            ]
            if not isinstance(rule, Initial):
                waiting.append((cell, False))
    return at_step, at_start


def _sorted(wanted: Iterable[Cell], sources: Callable[[Cell], Sequence[Cell]], initial: bool) -> list[Cell]:
    """The wanted cells, each after its sources; without recursion, since chains may be long."""
    done: dict[Cell, bool] = {}
    order: list[Cell] = []
    for first in sorted(wanted):
        path: list[tuple[Cell, Iterator[Cell]]] = []
        waiting: Cell | None = None if first in done else first
        while waiting is not None or path:
            if waiting is not None:
                done[waiting] = False
                path.append((waiting, iter(sources(waiting))))
            cell, rest = path[-1]
            waiting = next((source for source in rest if not done.get(source, False)), None)
            if waiting is None:
                done[cell] = True
                order.append(cell)
                path.pop()
            elif waiting in done:
                on_path = [item for item, _ in path]
                raise Circle(on_path[on_path.index(waiting) :], initial)
    return order


def _is_constant(cells: Cells, cell: Cell, constant: dict[Cell, None]) -> bool:
    rule, steps = cells.rules[cell]
    if not isinstance(rule, Formula):
        return False
    if any(
        isinstance(part, Time) or (isinstance(part, Call) and part.function == "active_initial")
        for part in walk(rule.expression)
    ):
        return False
    return all(source in constant for source in cells.inputs(rule.expression, steps, False))


def _reads_time(expression: Expression) -> bool:
    return any(isinstance(part, Time) for part in walk(expression))


def _position(index: Index, steps: Steps) -> int:
    loop, positions = index
    return positions[0] if loop < 0 else positions[steps[loop]]

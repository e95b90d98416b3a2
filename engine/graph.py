"""Cells as one graph of primitive operations: equal operations once, constants folded, each in its phase.

Sums and products are regrouped by phase, so that what is known before a run, or from time alone, is computed there.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from engine.arithmetic import scalar_lookup, scalar_namespace
from engine.functions import COMPARISONS, LOGICAL
from engine.schedule import CONSTANT, ONCE, STEP, TIMED, Cell, Cells, Steps
from engine.structure import Call, Expression, Interpolate, Number, Numbers, Reduce, Reference, Table, Time

Folded = Callable[..., Any]
_LONGEST_GROUP = 24  # terms or factors gathered before they are added up; longer chains are cut
_CALLED = {"^": "power", "min": "minimum", "max": "maximum", "abs": "absolute", "ln": "log", "truncate": "trunc"}
_NEUTRAL = {"*": 1.0, "/": 1.0, "^": 1.0, "+": 0.0, "-": 0.0}
_FOLDED: dict[str, Folded] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "negative": operator.neg, "/": np.divide,
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b, "not": operator.not_,
    "if_then_else": lambda condition, yes, no: yes if condition else no,
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """An operation on earlier nodes; ``value`` is a leaf's number or position, or a lookup's Table or position."""

    operation: str
    inputs: tuple[int, ...]
    value: Any
    phase: int


class Graph:
    """Nodes by number, inputs before what reads them.

    Leaves: 'number' (its value), 'time', 'named' and 'dated' (position among the parameters), 'first' (a dated one at
    the start), 'state' (position among the states).
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.owners: list[Any] = []  # by node, whose equation it was first made for
        self.owner: Any = None
        self._known: dict[tuple[str, tuple[int, ...], Any], int] = {}
        self._functions = scalar_namespace()

    def number(self, value: float) -> int:
        """A constant."""
        return self._add("number", (), float(value), CONSTANT)

    def leaf(self, operation: str, value: Any, phase: int) -> int:
        """A value that comes from outside."""
        return self._add(operation, (), value, phase)

    def apply(self, operation: str, *inputs: int, value: Any = None) -> int:
        """An operation; a number where all its inputs are numbers and it needs no values given by the caller."""
        nodes = [self.nodes[one] for one in inputs]
        if all(node.operation == "number" for node in nodes) and not isinstance(value, int):
            return self.number(self._fold(operation, [node.value for node in nodes], value))
        if operation == "if_then_else" and nodes[0].operation == "number":
            return inputs[1] if nodes[0].value else inputs[2]
        kept = self._unchanged(operation, inputs, nodes)
        if kept is not None:
            return kept
        phase = ONCE if isinstance(value, int) else CONSTANT
        for node in nodes:
            phase |= node.phase
        return self._add(operation, inputs, value, STEP if phase not in (CONSTANT, ONCE, TIMED) else phase)

    def _unchanged(self, operation: str, inputs: tuple[int, ...], nodes: list[Node]) -> int | None:
        """The input that an operation with 1 or 0 leaves as it is."""
        neutral = _NEUTRAL.get(operation)
        if neutral is None:
            return None
        if nodes[1].operation == "number" and nodes[1].value == neutral:
            return inputs[0]
        first = operation in ("+", "*") and nodes[0].operation == "number" and nodes[0].value == neutral
        return inputs[1] if first else None

    def _add(self, operation: str, inputs: tuple[int, ...], value: Any, phase: int) -> int:
        # 0.0 and -0.0 are equal, and NaN is not: numbers are told apart by their text
        key = (operation, inputs, repr(value) if isinstance(value, float) else value)
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(Node(operation, inputs, value, phase))
            self.owners.append(self.owner)
        return self._known[key]

    def _fold(self, operation: str, values: list[float], table: Table | None) -> float:
        with np.errstate(all="ignore"):
            if operation == "lookup":
                assert table is not None
                return scalar_lookup(table)(values[0])
            function = _FOLDED.get(operation) or self._functions[_CALLED.get(operation, operation)]
            return float(function(*values))

    def is_truth(self, node: int) -> bool:
        """Whether a node is true or false, not a number."""
        return self.nodes[node].operation in LOGICAL


class Lowering:
    """Expressions of cells into nodes; ``at`` gives the node of a cell, ``tables`` a caller's position for a lookup."""

    def __init__(
        self, cells: Cells, graph: Graph, at: dict[Cell, int], tables: dict[Cell, int], start: float | None = None
    ) -> None:
        self.cells = cells
        self.graph = graph
        self.at = at
        self.tables = tables
        self.start = start

    def number(self, expression: Expression, steps: Steps) -> int:
        """The node of an expression's value; with ``start`` given, its value at that time, when a run begins."""
        graph = self.graph
        if isinstance(expression, Number):
            return graph.number(expression.value)
        if isinstance(expression, Time):
            return graph.leaf("time", None, TIMED) if self.start is None else graph.number(self.start)
        if isinstance(expression, Numbers):
            flat = 0
            for loop, size in zip(expression.loops, expression.sizes, strict=True):
                flat = flat * size + steps[loop]
            return graph.number(expression.values[flat])
        if isinstance(expression, Reference):
            return self.at[self.cells.referred(expression, steps)]
        if isinstance(expression, Reduce):
            terms = [self.number(expression.body, (*steps, *inner)) for inner in product(*map(range, expression.sizes))]
            return self._chain(expression.function, terms)
        if isinstance(expression, Interpolate):
            return self._lookup(expression, steps)
        if expression.function in LOGICAL:
            return graph.apply("if_then_else", self.truth(expression, steps), graph.number(1.0), graph.number(0.0))
        return self._call(expression, steps)

    def truth(self, expression: Expression, steps: Steps) -> int:
        """The node of an expression read as true or false: what is not 0 is true."""
        if not isinstance(expression, Call) or expression.function not in LOGICAL:
            return self.graph.apply("<>", self.number(expression, steps), self.graph.number(0.0))
        read = self.truth if expression.function in ("and", "or", "not") else self.number
        return self.graph.apply(expression.function, *(read(part, steps) for part in expression.arguments))

    def _call(self, expression: Call, steps: Steps) -> int:
        name, parts = expression.function, expression.arguments
        if name == "active_initial":
            return self.number(parts[0 if self.start is None else 1], steps)
        if name == "if_then_else":
            return self.graph.apply(name, self.truth(parts[0], steps), *(self.number(p, steps) for p in parts[1:]))
        return self.graph.apply(name, *(self.number(part, steps) for part in parts))

    def _chain(self, function: str, terms: list[int]) -> int:
        result = terms[0]
        for term in terms[1:]:
            result = self.graph.apply(function, result, term)
        return result

    def _lookup(self, expression: Interpolate, steps: Steps) -> int:
        argument = self.number(expression.argument, steps)
        table: object = expression.table
        if isinstance(table, Reference):
            cell = self.cells.referred(table, steps)
            table = self.cells.rules[cell][0]
            if cell in self.tables:
                assert isinstance(table, Table)
                method = expression.method or table.method
                return self.graph.apply(f"given {method}", argument, value=self.tables[cell])
        assert isinstance(table, Table)
        if expression.method:
            table = Table(table.x, table.y, expression.method)
        return self.graph.apply("lookup", argument, value=table)


def regrouped(graph: Graph, roots: Iterable[int]) -> tuple[Graph, dict[int, int]]:
    """The graph with sums and products regrouped by phase, and the new numbers of the roots and of most other nodes.

    Rounding may differ from the order as written; infinities and NaN come out as such. What a larger sum or product
    has taken in has no new number.
    """
    regrouping = _Regrouping(graph, list(dict.fromkeys(roots)))
    regrouping.run()
    return regrouping.new, regrouping.done


@dataclass
class _Group:
    """A sum (terms added, terms taken away) or a product (factors, divisors), and its constant."""

    constant: float
    direct: list[int]
    inverse: list[int]
    powers: list[int]  # of a product: exponents of e, so that several powers cost one exponential

    @property
    def size(self) -> int:
        """How many parts it has."""
        return len(self.direct) + len(self.inverse) + len(self.powers)


class _Regrouping:
    def __init__(self, graph: Graph, roots: list[int]) -> None:
        self.old, self.new, self.roots = graph, Graph(), roots
        self.needed = reachable(graph, roots)
        self.uses = [0] * len(graph.nodes)
        for number in self.needed:
            for one in graph.nodes[number].inputs:
                self.uses[one] += 1
        for root in roots:
            self.uses[root] += 2
        self.groups: dict[int, tuple[str, _Group]] = {}
        self.done: dict[int, int] = {}

    def run(self) -> None:
        """What a comparison or a rounding reads is computed as written: a last bit would count there."""
        for number in self.needed:
            node = self.old.nodes[number]
            self.new.owner = self.old.owners[number]
            if node.phase != STEP or not node.inputs:
                self.done[number] = self._as_written(node)
            elif node.operation in ("+", "-"):
                self.groups[number] = ("+", self._sum(node))
            elif node.operation in ("*", "/", "negative"):
                self.groups[number] = ("*", self._product(node))
            elif node.operation == "^":
                self.done[number] = self._power(self.value(node.inputs[0]), self.value(node.inputs[1]))
            elif node.operation in COMPARISONS or node.operation == "truncate":
                inputs = map(self._exactly, node.inputs)
                self.done[number] = self.new.apply(node.operation, *inputs)
            else:
                self.done[number] = self._as_written(node)
        for root in self.roots:
            self.value(root)

    def value(self, number: int) -> int:
        """The new node of an old one."""
        if number not in self.done:
            kind, group = self.groups[number]
            before, self.new.owner = self.new.owner, self.old.owners[number]
            self.done[number] = self._total(group) if kind == "+" else self._multiplied(group)
            self.new.owner = before
        return self.done[number]

    def _as_written(self, node: Node) -> int:
        if not node.inputs:
            return self.new.leaf(node.operation, node.value, node.phase)
        return self.new.apply(node.operation, *map(self.value, node.inputs), value=node.value)

    def _exactly(self, number: int) -> int:
        return self._as_written(self.old.nodes[number]) if number in self.groups else self.value(number)

    def _part(self, number: int, kind: str) -> _Group:
        """An input of a sum or product: its own parts where nothing else reads it, else itself."""
        known, group = self.groups.get(number, ("", None))
        if group is not None and known == kind and self.uses[number] == 1 and group.size <= _LONGEST_GROUP:
            return group
        new = self.value(number)
        node = self.new.nodes[new]
        if node.operation == "number" and math.isfinite(node.value):
            return _Group(node.value, [], [], [])
        if kind == "*" and node.operation == "exp" and node.phase == STEP and self.uses[number] == 1:
            return _Group(1.0, [], [], [node.inputs[0]])
        return _Group(0.0 if kind == "+" else 1.0, [new], [], [])

    def _sum(self, node: Node) -> _Group:
        first, second = (self._part(one, "+") for one in node.inputs)
        if node.operation == "-":
            second = _Group(-second.constant, second.inverse, second.direct, [])
        constant = first.constant + second.constant
        return _Group(constant, first.direct + second.direct, first.inverse + second.inverse, [])

    def _product(self, node: Node) -> _Group:
        parts = [self._part(one, "*") for one in node.inputs]
        first = parts[0]
        if node.operation == "negative":
            return _Group(-first.constant, first.direct, first.inverse, first.powers)
        second, constant = parts[1], 1.0
        if node.operation == "*":
            constant = second.constant
        elif not second.constant or not math.isfinite(1.0 / second.constant):  # a divisor of 0 stays as it is written
            second = _Group(1.0, [], [self.value(node.inputs[1])], [])
        else:
            constant = 1.0 / second.constant
            powers = [self.new.apply("negative", one) for one in second.powers]
            second = _Group(1.0, second.inverse, second.direct, powers)
        return _Group(
            first.constant * constant,
            first.direct + second.direct,
            first.inverse + second.inverse,
            first.powers + second.powers,
        )

    def _by_phase(self, numbers: Sequence[int]) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for number in numbers:
            groups.setdefault(self.new.nodes[number].phase, []).append(number)
        return groups

    def _total(self, group: _Group) -> int:
        """Coarse parts are added up among themselves; products come last, so that each is added as it is multiplied."""
        new, constant = self.new, group.constant
        added, taken = self._by_phase(group.direct), self._by_phase(group.inverse)
        plus, minus = added.pop(STEP, []), taken.pop(STEP, [])
        for phase in sorted({*added, *taken}):
            part = None if constant == 0.0 else new.number(constant)
            for one in added.get(phase, []):
                part = one if part is None else new.apply("+", part, one)
            for one in taken.get(phase, []):
                part = new.apply("negative", one) if part is None else new.apply("-", part, one)
            assert part is not None
            constant = 0.0
            plus.append(part)
        if constant:
            plus.append(new.number(constant))
        plus.sort(key=lambda one: new.nodes[one].operation in ("*", "/"))
        minus.sort(key=lambda one: new.nodes[one].operation in ("*", "/"))
        if not plus:
            return new.number(0.0) if not minus else new.apply("negative", self._chain("+", minus))
        total = self._chain("+", plus)
        for one in minus:
            total = new.apply("-", total, one)
        return total

    def _multiplied(self, group: _Group) -> int:
        """Coarse factors and divisors make one factor a phase; what is left of the divisors divides once."""
        new, constant = self.new, group.constant
        above, below = self._by_phase(group.direct), self._by_phase(group.inverse)
        factors, divisors = above.pop(STEP, []), below.pop(STEP, [])
        if group.powers:
            factors.append(new.apply("exp", self._chain("+", group.powers)))
        for phase in sorted({*above, *below}):
            part = self._chain("*", [new.number(constant), *above.get(phase, [])][constant == 1.0 and phase in above :])
            if phase in below:
                part = new.apply("/", part, self._chain("*", below[phase]))
            factors.append(part)
            constant = 1.0
        if constant == -1.0 and factors:
            factors[0] = new.apply("negative", factors[0])
        elif constant != 1.0 or not factors:
            factors.append(new.number(constant))
        top = self._chain("*", factors)
        return new.apply("/", top, self._chain("*", divisors)) if divisors else top

    def _chain(self, operation: str, numbers: list[int]) -> int:
        result = numbers[0]
        for one in numbers[1:]:
            result = self.new.apply(operation, result, one)
        return result

    def _power(self, base: int, exponent: int) -> int:
        new = self.new
        node = new.nodes[exponent]
        if node.operation == "number" and node.value in (1.0, 2.0, -1.0):
            if node.value == 1.0:
                return base
            return new.apply("*", base, base) if node.value == 2.0 else new.apply("/", new.number(1.0), base)
        if node.operation == "number" and node.value == 0.5:
            return new.apply("sqrt", base)
        if node.operation == "number" and node.value % 1.0 != 0.0:
            return new.apply("exp", new.apply("*", new.apply("ln", base), exponent))
        return new.apply("^", base, exponent)


def reachable(graph: Graph, roots: Iterable[int]) -> list[int]:
    """The nodes that the roots need, themselves among them, in increasing order."""
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        number = waiting.pop()
        if number not in seen:
            seen.add(number)
            waiting += graph.nodes[number].inputs
    return sorted(seen)

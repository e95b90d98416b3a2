"""Cells as one graph of primitive operations: equal operations once, constants folded, each in its phase."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from .arithmetic import scalar_lookup, scalar_namespace
from .primitives import LOGICAL
from .schedule import CONSTANT, ONCE, STEP, TIMED, Cell, Cells, Steps
from .structure import Call, Expression, Interpolate, Number, Numbers, Reduce, Reference, StepTime, Table, Time

Folded = Callable[..., Any]
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

    Leaves: 'number' (its value), 'time' and 'step time', 'named' and 'dated' (place among the parameters), 'first' (a
    dated one at the start), 'state' (place among the states).
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
            kind = "step time" if isinstance(expression, StepTime) else "time"
            return graph.leaf(kind, None, TIMED) if self.start is None else graph.number(self.start)
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

"""Nodes of a graph as vector instructions, each when first asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from innovation.engine.ir.graph import Node
from innovation.engine.ir.primitives import COMPARISONS
from innovation.engine.ir.program import Program
from innovation.engine.ir.schedule import STEP
from innovation.engine.ir.structure import Table

from .annotations import Annotations
from .lanes import Lanes
from .lookup_tables import table_function

_PLAIN = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_BY_LANE = {"sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos", "arctan": "atan",
            "sinh": "sinh", "cosh": "cosh", "tanh": "tanh"}  # fmt: skip

_NEAR = 100  # lines after which a value in memory is loaded again, not kept in a register
_LONG = {"exp": "exp", "ln": "log", "^": "power"}


class Functions:
    """The functions that a module's own code calls, each written once: lookups, and what the C library computes."""

    def __init__(self, program: Program, count: int, fused: bool) -> None:
        self.program, self.count, self.fused = program, count, fused
        self.lines: list[str] = []
        self._names: dict[Any, str] = {}

    def lookup(self, table: Table) -> str:
        """A lookup from the model file."""
        return self._once(table, "lookup", lambda name: table_function(name, table, self.count, self.fused))

    def given_lookup(self, place: int, method: str) -> tuple[str, int]:
        """A lookup whose values the caller gives, and its first point among all those given."""
        table = replace(self.program.tables[place], method=method)
        name = self._once(
            (place, method), "given", lambda name: table_function(name, table, self.count, self.fused, given=True)
        )
        return name, sum(len(one.x) for one in self.program.tables[:place])

    def by_lane(self, operation: str) -> str:
        """A function of the C library, lane by lane."""
        return self._once(operation, operation, lambda name: self._library(name, _BY_LANE[operation]))

    def _once(self, key: Any, kind: str, write: Callable[[str], list[str]]) -> str:
        if key not in self._names:
            name = self._names[key] = f"{kind}.{len(self._names)}"
            self.lines += write(name)
        return self._names[key]

    def _library(self, name: str, symbol: str) -> list[str]:
        w = Lanes(self.count, self.fused)
        result = "poison"
        for lane in range(self.count):
            one = w.emit(f"extractelement {w.vector} %x, i64 {lane}")
            value = w.emit(f"call double @{symbol}(double {one})")
            result = w.emit(f"insertelement {w.vector} {result}, double {value}, i64 {lane}")
        head = f"define internal {w.vector} @{name}({w.vector} %x) noinline nounwind {{"
        return [f"declare double @{symbol}(double)", head, *w.lines, f"  ret {w.vector} {result}", "}"]


class NodeWriter:
    """Writes nodes into one function.

    ``leaves`` write the operations without inputs that this function knows; ``kept`` load nodes of a coarser phase from
    memory; ``tables`` points to the values of lookups that the caller gives; ``annotations`` are for people.
    """

    def __init__(
        self,
        program: Program,
        w: Lanes,
        functions: Functions,
        leaves: Mapping[str, Callable[[Node], str]],
        kept: Mapping[int, Callable[[int], str]] | None = None,
        tables: str = "",
        annotations: Annotations | None = None,
    ) -> None:
        self.graph, self.w, self.functions = program.graph, w, functions
        self.leaves, self.kept, self.tables = leaves, kept or {}, tables
        self.annotations = annotations
        self.operations = 0
        self._names: dict[int, str] = {}
        self._loaded: dict[int, str] = {}
        self._inverses: dict[int, str] = {}
        self._written_at: dict[int, int] = {}
        self._divided = Counter(
            node.inputs[1] for node in self.graph.nodes if node.operation == "/" and node.phase == STEP
        )

    def paired(self, first: int, second: int) -> bool:
        """Whether two nodes may be computed by one call: the same long function, neither waiting for the other."""
        one, two = self.graph.nodes[first], self.graph.nodes[second]
        return one.operation == two.operation and one.operation in _LONG and first not in two.inputs

    def get(self, number: int, twin: int | None = None) -> str:
        """The name of a node's value, written with all it needs where it is not yet, and a ``twin`` with it."""
        if twin is not None and number not in self._names and twin not in self._names:
            self._write_two(number, twin)
            return self._names[number]
        waiting = [number]
        while waiting:
            one = waiting[-1]
            if one in self._names:
                waiting.pop()
                continue
            node = self.graph.nodes[one]
            missing = [] if node.phase in self.kept else [part for part in node.inputs if part not in self._names]
            if missing:
                waiting += reversed(missing)
            else:
                self._names[one] = self._annotated(one, node)
                self._written_at[one] = len(self.w.lines)
        return self._names[number]

    def is_finite(self, number: int) -> bool:
        """Whether a node is a finite number from the file."""
        node = self.graph.nodes[number]
        return node.operation == "number" and abs(node.value) < float("inf")

    def as_number(self, number: int) -> str:
        """The value of a node as a number, if it is a truth."""
        name = self.get(number)
        if self.graph.is_truth(number) and self.graph.nodes[number].phase not in self.kept:
            return self.w.choose(name, self.w.splat(1.0), self.w.splat(0.0))
        return name

    def _truth(self, number: int) -> str:
        node, name = self.graph.nodes[number], self._name(number)
        if node.operation == "number":
            return f"splat (i1 {'true' if node.value else 'false'})"
        return self.w.compare("<>", name, self.w.splat(0.0)) if node.phase in self.kept else name

    def _name(self, number: int) -> str:
        """The name of a value already written; what stands in memory is loaded again where it is needed again later."""
        node = self.graph.nodes[number]
        in_memory = (node.phase in self.kept or node.operation in self.leaves) and node.operation != "number"
        if in_memory and len(self.w.lines) - self._written_at.get(number, 0) > _NEAR:
            self._names[number] = self._write(number, node)
            self._written_at[number] = len(self.w.lines)
        return self._names[number]

    def _annotated(self, number: int, node: Node) -> str:
        if self.annotations is None or node.operation == "number":
            return self._write(number, node)
        self.annotations.above(self.w, number)
        return self.annotations.named(self.w, number, self._write(number, node))

    def _write(self, number: int, node: Node) -> str:
        w = self.w
        if node.operation == "number":
            return w.splat(node.value)
        if node.phase in self.kept:
            return self.kept[node.phase](number)
        if node.operation in self.leaves:
            return self.leaves[node.operation](node)
        self.operations += 1
        if node.operation in ("and", "or", "not", "if_then_else"):
            return self._logical(node)
        inputs = [self._name(one) for one in node.inputs]
        if node.operation in COMPARISONS:
            return w.compare(node.operation, *inputs)
        if node.operation == "/" and self._divided[node.inputs[1]] > 1 and node.phase == STEP:
            return w.multiply(inputs[0], self._inverse(node.inputs[1]))
        if node.operation in _PLAIN:
            return w.arithmetic(_PLAIN[node.operation], *inputs)
        return self._function(node, inputs)

    def _write_two(self, *numbers: int) -> None:
        """Two calls of a long function in one."""
        w, nodes = self.w, [self.graph.nodes[number] for number in numbers]
        inputs = [[self.get(one) for one in node.inputs] for node in nodes]
        if self.annotations is not None:
            for number in numbers:
                self.annotations.above(w, number)
        results = w.call_two(_LONG[nodes[0].operation], *zip(*inputs, strict=True))
        for number, name in zip(numbers, results, strict=True):
            self._names[number] = name
            self._written_at[number] = len(w.lines)
            self.operations += 1

    def _inverse(self, number: int) -> str:
        """1/x where several values are divided by x."""
        if number not in self._inverses:
            self._inverses[number] = self.w.divide(self.w.splat(1.0), self._names[number])
        return self._inverses[number]

    def _logical(self, node: Node) -> str:
        w, (first, *rest) = self.w, node.inputs
        if node.operation == "not":
            return w.opposite(self._truth(first))
        if node.operation == "if_then_else":
            return w.choose(self._truth(first), *(self._name(one) for one in rest))
        return w.logic(node.operation, self._truth(first), self._truth(rest[0]))

    def _function(self, node: Node, inputs: list[str]) -> str:
        w, name = self.w, node.operation
        if name == "negative":
            return w.emit(f"fneg {w.vector} {inputs[0]}")
        if name in ("min", "max"):
            return w.minimum(*inputs) if name == "min" else w.maximum(*inputs)
        if name == "^":
            exponent = self.graph.nodes[node.inputs[1]]
            if exponent.operation == "number" and exponent.value == 0.5:
                return w.call(f"llvm.sqrt.v{w.count}f64", inputs[0])
            return w.call("power", *inputs)
        if name == "lookup":
            return w.call(self.functions.lookup(node.value), *inputs)
        if name.startswith("given "):
            function, first = self.functions.given_lookup(node.value, name.removeprefix("given "))
            values = w.offset(self.tables, first * w.count)
            return w.emit(f"call {w.vector} @{function}({w.vector} {inputs[0]}, ptr {values})")
        if name in _BY_LANE:
            return w.call(self.functions.by_lane(name), *inputs)
        if name in ("abs", "truncate"):
            return w.absolute(inputs[0]) if name == "abs" else w.truncate(inputs[0])
        return w.call(_LONG.get(name) or f"llvm.sqrt.v{w.count}f64", *inputs)

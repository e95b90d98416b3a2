"""Sums and products regrouped by phase: what is known before a run, or from time alone, is computed there and once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .graph import Graph, Node, reachable
from .primitives import COMPARISONS
from .schedule import STEP

_LONGEST_GROUP = 24  # terms or factors gathered before they are added up; longer chains are cut


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

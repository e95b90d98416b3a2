"""What a diagram of a module shows: its stocks, flows, auxiliaries and levers, and the variables it reads from others.

Left out, so that a page can be read: constants that no one decides, INITIAL values, calendar and prices, and the held
values of cut loops; `free X` is drawn as X, as a stock where it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.structure import (
    Expression,
    Initial,
    Reference,
    Stock,
    Variable,
    children,
    normalised_name,
    rule_expressions,
)
from model.city import City

MODULES = "ABCDEFGHIJ"
LEVER, ASSUMPTION = "lever", "assumption"
STOCK, FLOW, AUXILIARY = "stock", "flow", "auxiliary"


@dataclass(frozen=True)
class Node:
    """One thing drawn. `kind`: 'stock', 'flow' or 'auxiliary'; `role`: 'lever', 'assumption' or ''.

    `letter` is the module of a ghost, a variable of another module, else ''.

    `key` is the variable's name, but for a valve without a name: a stock that itself is the rate of another.
    """

    key: str
    kind: str
    text: str
    role: str = ""
    letter: str = ""
    array: bool = False


@dataclass(frozen=True)
class Pipe:
    """A flow with the stocks at its ends; None is a cloud."""

    flow: str
    source: str | None
    target: str | None


@dataclass(frozen=True)
class View:
    """A module as drawn: things in the file's order, ghosts last; links go from what is read to what reads it."""

    things: tuple[Node, ...]
    pipes: tuple[Pipe, ...]
    links: tuple[tuple[str, str], ...]

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """What is drawn, by key."""
        return {node.key: node for node in self.things}


class Reading:
    """The model read for its diagrams: who belongs to which module, and who reads whom once machinery is left out."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.variables: Mapping[str, Variable] = city.model.structure.variables
        self.folded = {f"free_{key}": key for key in self.variables if f"free_{key}" in self.variables}

    def letter(self, key: str) -> str:
        """The module of a variable, '' where it belongs to none that is drawn."""
        head = self.variables[key].group.split(" ")[0]
        return head if len(head) == 1 and head in MODULES else ""

    @cached_property
    def modules(self) -> dict[str, str]:
        """Letter and heading of every module that is drawn."""
        return {
            self.letter(key): variable.group.partition(" ")[2]
            for key, variable in self.variables.items()
            if not variable.hidden and self.letter(key)
        }

    def role(self, key: str) -> str:
        """'lever' or 'assumption' for a constant that someone decides, '' for everything else."""
        return self._roles.get(key, "")

    @cached_property
    def _roles(self) -> dict[str, str]:
        roles: dict[str, str] = {}
        for entry, parameter in self.city.parameters.items():
            if parameter.role in (LEVER, ASSUMPTION):
                roles[normalised_name(entry.split("[")[0])] = parameter.role
        for role, controls in ((LEVER, self.city.levers), (ASSUMPTION, self.city.inputs)):
            for control in controls:
                roles[normalised_name(self.city.control(control).constant.split("[")[0])] = role
        return roles

    def reads(self, key: str) -> list[str]:
        """What a variable reads at every moment, in the order of reading; stocks are asked for their rates only."""
        variable = self.variables[key]
        names: dict[str, None] = {}
        for piece in variable.pieces:
            if not isinstance(piece.rule, Initial):
                parts = (piece.rule.rate,) if isinstance(piece.rule, Stock) else rule_expressions(piece.rule)
                for part in parts:
                    names.update(dict.fromkeys(self._names(part)))
        if key in self.folded.values():
            names.pop(f"free_{key}", None)
            names = dict.fromkeys([*self.reads(f"free_{key}"), *names])
        return [name for name in dict.fromkeys(self.folded.get(name, name) for name in names) if name != key]

    def _names(self, expression: Expression) -> Iterator[str]:
        if isinstance(expression, Reference):
            yield from self.reads(expression.name) if self.variables[expression.name].hidden else (expression.name,)
        for part in children(expression):
            yield from self._names(part)

    def shown(self, key: str) -> bool:
        """Whether a variable is worth drawing: in a module, and not settled by plain constants alone."""
        if not self.letter(key) or key in self.folded:
            return False
        if self.role(key):
            return True
        variable = self.variables[key]
        return variable.kind in (STOCK, FLOW) or (variable.kind == AUXILIARY and self.moves(key))

    def moves(self, key: str) -> bool:
        """Whether anything but plain constants stands behind a variable."""
        if key not in self._moving:
            self._moving[key] = False
            variable = self.variables[key]
            own = variable.kind == STOCK or bool(self.role(key))
            timed = any(self._timed(part) for piece in variable.pieces for part in rule_expressions(piece.rule))
            self._moving[key] = own or timed or any(self.moves(name) for name in self.reads(key))
        return self._moving[key]

    @cached_property
    def _moving(self) -> dict[str, bool]:
        return {}

    def _timed(self, expression: Expression) -> bool:
        return type(expression).__name__ == "Time" or any(self._timed(part) for part in children(expression))

    def rates(self, stock: str) -> list[tuple[str, int]]:
        """The terms of a stock's rate with their signs, the plain references only."""
        terms: dict[tuple[str, int], None] = {}
        for piece in self.variables[stock].pieces:
            if isinstance(piece.rule, Stock):
                terms.update(dict.fromkeys(signed_terms(piece.rule.rate)))
        return list(terms)

    def kind(self, key: str) -> str:
        """The kind of a variable as drawn: where `free X` is a stock, X is drawn as that stock."""
        free = self.variables.get(f"free_{key}")
        return STOCK if free is not None and free.kind == STOCK else str(self.variables[key].kind)

    @cached_property
    def pipes(self) -> list[Pipe]:
        """All pipes between stocks of the modules that are drawn, in the order of the flows' first stocks."""
        ends: dict[str, dict[int, str]] = {}
        for key in self.variables:
            if self.variables[key].kind != STOCK or not self.letter(key):
                continue
            for name, sign in self.rates(key):
                plain = self.variables[name].kind in (FLOW, "constant") and sign not in ends.get(name, {})
                drawn = self.folded.get(key, key)
                ends.setdefault(name if plain else f"{name}>{drawn}", {})[sign] = drawn
        return [Pipe(flow, end.get(-1), end.get(1)) for flow, end in ends.items()]

    def view(self, letter: str) -> View:
        """The diagram of one module."""
        own = [key for key, v in self.variables.items() if not v.hidden and self.letter(key) == letter]
        own = [key for key in own if self.shown(key)]
        pipes = [
            pipe
            for pipe in self.pipes
            if letter in (self._home(pipe.flow), *(self.letter(end) for end in (pipe.source, pipe.target) if end))
        ]
        flows = {pipe.flow for pipe in pipes}
        nodes = {key: self._node(key, letter, flows) for key in own}
        for pipe in pipes:
            for key in (pipe.source, pipe.flow, pipe.target):
                if key is not None and key not in nodes:
                    nodes[key] = self._node(key, letter, flows)
        links: dict[tuple[str, str], None] = {}
        for key in [*own, *(pipe.flow for pipe in pipes if ">" in pipe.flow)]:
            if ">" in key:
                sources = [key.split(">")[0]]
            elif self.kind(key) == STOCK:
                sources = []
            else:
                sources = self.reads(key)
            for source in sources:
                if self.shown(source):
                    links[source, key] = None
                    if source not in nodes:
                        nodes[source] = self._node(source, letter, flows)
        return View(tuple(nodes.values()), tuple(pipes), tuple(links))

    def _home(self, flow: str) -> str:
        return self.letter(flow) if ">" not in flow else ""

    def _node(self, key: str, letter: str, flows: set[str]) -> Node:
        if ">" in key:
            return Node(key, FLOW, "")
        variable = self.variables[key]
        kind = FLOW if key in flows else STOCK if self.kind(key) == STOCK else AUXILIARY
        home = self.letter(key)
        letter = "" if home == letter else home
        return Node(key, kind, variable.name, self.role(key), letter, bool(variable.dims))


def signed_terms(rate: Expression, sign: int = 1) -> Iterator[tuple[str, int]]:
    """Plain references that a rate adds (1) or takes away (-1)."""
    if isinstance(rate, Reference):
        yield rate.name, sign
    for place, part in enumerate(children(rate)):
        if type(rate).__name__ == "Call" and getattr(rate, "function", "") in ("+", "-", "negative"):
            minus = getattr(rate, "function", "") == "negative" or (getattr(rate, "function", "") == "-" and place == 1)
            yield from signed_terms(part, -sign if minus else sign)

"""The model read for its diagrams: what is worth drawing, who reads whom, and the views of the model file's drawing.

Left out, so that a page can be read: constants that no one decides, INITIAL values, calendar and prices, and the held
values of cut loops; `free X` is drawn as X, as a stock where it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from innovation.engine.ir import (
    Expression,
    Initial,
    Reference,
    Stock,
    Variable,
    children,
    normalised_name,
    rule_expressions,
)
from innovation.model.city import City
from innovation.model.vensim.drawn import DrawnView, views_in

MODULES = "ABCDEFGHIJ"
LEVER, ASSUMPTION = "lever", "assumption"
STOCK, FLOW, AUXILIARY = "stock", "flow", "auxiliary"


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

    @cached_property
    def drawing(self) -> dict[str, DrawnView]:
        """The view of every module that the model file has one of, by letter."""
        text = self.city.model.path.read_text(encoding="utf-8", errors="replace")
        return {view.title.partition(" ")[0]: view for view in views_in(text)}

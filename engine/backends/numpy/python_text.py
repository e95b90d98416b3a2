"""Expressions as Python text, in two dialects with the same bits: plain floats for one member, arrays for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from innovation.engine.ir.primitives import LOGICAL
from innovation.engine.ir.schedule import Cell, Cells, Steps
from innovation.engine.ir.structure import (
    Call,
    Expression,
    Formula,
    Interpolate,
    Number,
    Numbers,
    Reduce,
    Reference,
    StepTime,
    Table,
    Time,
)

_LONGEST_CHAIN = 32  # longer sums become calls, so that Python's own parser need not nest them
_OPERATORS = {"=": "==", "<>": "!="}
_NAMES = {"^": "power", "min": "minimum", "max": "maximum", "abs": "absolute", "ln": "log", "truncate": "trunc"}
_CHAINS = {"+": "add_all", "*": "multiply_all", "min": "least", "max": "greatest"}


@dataclass(frozen=True)
class Dialect:
    """How one kind of value spells what the other spells differently."""

    name: str
    choose: str
    divide: str
    both: str
    either: str
    negate: str
    as_number: str


SCALAR = Dialect(
    "scalar", "({1} if {0} else {2})", "({} / {})", "({} and {})", "({} or {})", "(not {})", "(1.0 if {} else 0.0)"
)
ARRAY = Dialect(
    "array", "where({}, {}, {})", "divide({}, {})", "({} & {})", "({} | {})", "logical_not({})", "where({}, 1.0, 0.0)"
)


class Emitter:
    """Writes expressions in a dialect; ``names`` gives the text for a cell, ``tables`` collects the lookups met."""

    def __init__(
        self,
        cells: Cells,
        dialect: Dialect,
        names: dict[Cell, str],
        tables: dict[Table, str],
        given: Sequence[Cell] = (),
        initial: bool = False,
    ) -> None:
        self.cells = cells
        self.dialect = dialect
        self.names = names
        self.tables = tables
        self.given = given
        self.initial = initial

    def number(self, expression: Expression, steps: Steps) -> str:
        """The text of an expression's value."""
        if isinstance(expression, Number):
            return literal(expression.value)
        if isinstance(expression, Time):
            return "h" if isinstance(expression, StepTime) else "t"
        if isinstance(expression, Numbers):
            flat = 0
            for loop, size in zip(expression.loops, expression.sizes, strict=True):
                flat = flat * size + steps[loop]
            return literal(expression.values[flat])
        if isinstance(expression, Reference):
            return self.names[self.cells.referred(expression, steps)]
        if isinstance(expression, Reduce):
            terms = [self.number(expression.body, (*steps, *inner)) for inner in product(*map(range, expression.sizes))]
            if expression.function in "+*" and len(terms) <= _LONGEST_CHAIN:
                return f"({f' {expression.function} '.join(terms)})"
            return f"{_CHAINS[expression.function]}(({', '.join(terms)},))"
        if isinstance(expression, Interpolate):
            return self._lookup(expression, steps)
        if expression.function in LOGICAL:
            return self.dialect.as_number.format(self.truth(expression, steps))
        return self._call(expression, steps)

    def truth(self, expression: Expression, steps: Steps) -> str:
        """The text of an expression read as true or false: what is not 0 is true."""
        if not isinstance(expression, Call) or expression.function not in LOGICAL:
            return f"({self.number(expression, steps)} != 0.0)"
        name, parts = expression.function, expression.arguments
        if name in ("and", "or", "not"):
            template = {"and": self.dialect.both, "or": self.dialect.either, "not": self.dialect.negate}[name]
            return template.format(*(self.truth(part, steps) for part in parts))
        left, right = (self.number(part, steps) for part in parts)
        return f"({left} {_OPERATORS.get(name, name)} {right})"

    def _call(self, expression: Call, steps: Steps) -> str:
        name, parts = expression.function, expression.arguments
        if name == "active_initial":
            return self.number(parts[1 if self.initial else 0], steps)
        if name == "if_then_else":
            return self.dialect.choose.format(
                self.truth(parts[0], steps), *(self.number(part, steps) for part in parts[1:])
            )
        texts = [self.number(part, steps) for part in parts]
        if name in ("+", "-", "*"):
            return f"({texts[0]} {name} {texts[1]})"
        if name == "/":
            return self.dialect.divide.format(*texts)
        if name == "negative":
            return f"(-{texts[0]})"
        return f"{_NAMES.get(name, name)}({', '.join(texts)})"

    def _lookup(self, expression: Interpolate, steps: Steps) -> str:
        table: object = expression.table
        argument = self.number(expression.argument, steps)
        if isinstance(table, Reference):
            cell = self.cells.referred(table, steps)
            if cell in self.given:
                return f"given({self.given.index(cell)}, {expression.method!r}, {argument})"
            table = self.cells.rules[cell][0]
        assert isinstance(table, Table)
        if expression.method:
            table = Table(table.x, table.y, expression.method)
        return f"{self.tables.setdefault(table, f'lookup{len(self.tables)}')}({argument})"


def literal(value: float) -> str:
    """A number as Python text."""
    if value != value:
        return "nan"
    return {float("inf"): "inf", float("-inf"): "(-inf)"}.get(value, f"({value!r})" if value < 0 else repr(value))


def shown_elsewhere(cells: Cells, group: Iterable[Cell]) -> set[Cell]:
    """The cells whose being non-finite shows in another cell of a group."""
    shown: set[Cell] = set()
    for cell in group:
        rule, steps = cells.rules[cell]
        assert isinstance(rule, Formula)
        shown |= carriers(cells, rule.expression, steps) - {cell}
    return shown


def carriers(cells: Cells, expression: Expression, steps: Steps) -> set[Cell]:
    """The cells that make an expression non-finite whenever they are: those it adds, multiplies, or divides."""
    if isinstance(expression, Reference):
        return {cells.referred(expression, steps)}
    if isinstance(expression, Reduce) and expression.function in "+*":
        found: set[Cell] = set()
        for inner in product(*map(range, expression.sizes)):
            found |= carriers(cells, expression.body, (*steps, *inner))
        return found
    if isinstance(expression, Call) and expression.function in ("+", "-", "*", "negative", "/", "sqrt", "abs"):
        parts = expression.arguments[:1] if expression.function == "/" else expression.arguments
        return set().union(*(carriers(cells, part, steps) for part in parts))
    return set()

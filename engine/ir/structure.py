"""The Structure: a model's variables as frozen values, every name and subscript resolved. Back-ends read nothing else.

The naming rule lives here too: Vensim takes names as equal whatever their case, spaces, underscores and quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

TIME_CONTROLS = ("initial_time", "final_time", "time_step", "saveper")


@lru_cache(maxsize=20_000)
def python_name(name: str) -> str:
    """A model name as Python and data sets spell it: quotes dropped, each run of spaces or underscores one underscore.

    A name of letters, digits and spaces, which is the house's rule for its own files, becomes an identifier.
    """
    bare = name.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    return re.sub(r"(?:[\s_\xa0]|\\n)+", "_", bare.strip())


@lru_cache(maxsize=20_000)
def normalised_name(name: str) -> str:
    """The key under which Vensim-equivalent spellings of a name are one: ``python_name`` in lower case."""
    return python_name(name).lower()


# An index says which element of a dimension a reference takes: (loop, positions). Loop -1 is a fixed position,
# otherwise positions[k] belongs to step k of the equation's loop of that number.
Index = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class Number:
    """A constant number."""

    value: float


@dataclass(frozen=True)
class Numbers:
    """Numbers by position of loops (row by row), for array constants and for subscripts read as numbers."""

    loops: tuple[int, ...]
    sizes: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Time:
    """The time of the step."""


@dataclass(frozen=True)
class StepTime(Time):
    """The time at which the step began: under RK4 all of its stages see the same."""


@dataclass(frozen=True)
class Reference:
    """The value of a variable's element."""

    name: str
    index: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Call:
    """A primitive of ``primitives.PRIMITIVES`` applied to its arguments."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Reduce:
    """SUM, PROD, VMIN or VMAX of ``body`` over new loops numbered from ``first``, of these sizes."""

    function: str
    first: int
    sizes: tuple[int, ...]
    body: Expression


@dataclass(frozen=True)
class Table:
    """Points of a lookup with increasing x; beyond them the value stays, unless ``method`` is 'extrapolate'."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    method: str = "interpolate"


@dataclass(frozen=True)
class Interpolate:
    """A lookup at an argument: a table of its own, or a lookup variable's element; ``method`` '' keeps the table's."""

    table: Table | Reference
    argument: Expression
    method: str = ""


Expression = Number | Numbers | Time | Reference | Call | Reduce | Interpolate


@dataclass(frozen=True)
class Formula:
    """A value computed from other values of the same moment."""

    expression: Expression


@dataclass(frozen=True)
class Stock:
    """An integral of ``rate`` from ``initial``; a non-negative one stops at 0."""

    rate: Expression
    initial: Expression
    non_negative: bool = False


@dataclass(frozen=True)
class FixedDelay:
    """``input`` of ``delay`` ago; ``initial`` until then. The delay is read once, when the run starts."""

    input: Expression
    delay: Expression
    initial: Expression


@dataclass(frozen=True)
class Held:
    """The value ``following`` had at the step before; ``initial`` at the first step."""

    following: Expression
    initial: Expression


@dataclass(frozen=True)
class Initial:
    """The value an expression has when the run starts."""

    expression: Expression


Rule = Formula | Stock | FixedDelay | Held | Initial | Table


@dataclass(frozen=True)
class Piece:
    """One equation of a variable: the positions it covers in each dimension, those left out, its rule and its unit.

    The unit is as this equation states it, '' where it states none; ``Variable`` has the unit of them all.

    Loop number d of the rule runs over ``over[d]``.
    """

    over: tuple[tuple[int, ...], ...]
    rule: Rule
    without: tuple[tuple[int, ...], ...] = ()
    line: int = 0
    unit: str = ""


@dataclass(frozen=True)
class Dimension:
    """A named subscript range and its elements, in the file's spelling."""

    name: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Variable:
    """One variable of the model file, with all the file says of it.

    ``kind`` is 'stock', 'flow' (a term of a stock's rate), 'auxiliary', 'constant' (numbers only) or 'lookup'.
    ``dims`` names its dimensions, ``inputs`` the variables it reads; ``limits`` are (low, high), None where open.
    ``hidden`` marks the inner stocks that functions such as SMOOTH expand to; ``built_in`` a constant whose value
    has shaped other equations (the order of a DELAY N), so that no run can vary it.
    """

    name: str
    kind: str
    unit: str
    sentence: str
    group: str
    line: int
    dims: tuple[str, ...]
    equation: str
    inputs: tuple[str, ...]
    limits: tuple[float | None, float | None]
    pieces: tuple[Piece, ...]
    hidden: bool = False
    built_in: bool = False

    @property
    def key(self) -> str:
        """The normalised name."""
        return normalised_name(self.name)


@dataclass(frozen=True)
class Structure:
    """A whole model: dimensions and variables by normalised name, in the file's order; ``method``: 'euler' or 'rk4'."""

    dimensions: dict[str, Dimension]
    variables: dict[str, Variable]
    method: str = "euler"

    def shape(self, key: str) -> tuple[int, ...]:
        """The number of elements in each dimension of a variable."""
        return tuple(len(self.dimensions[normalised_name(dim)].elements) for dim in self.variables[key].dims)


def children(expression: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression."""
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Reduce):
        return (expression.body,)
    if isinstance(expression, Interpolate):
        table = (expression.table,) if isinstance(expression.table, Reference) else ()
        return (*table, expression.argument)
    return ()


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all its parts, in the order of reading."""
    yield expression
    for part in children(expression):
        yield from walk(part)


def references(expression: Expression) -> Iterator[Reference]:
    """Every reference in an expression, in the order of reading."""
    return (part for part in walk(expression) if isinstance(part, Reference))


def rule_expressions(rule: Rule) -> tuple[Expression, ...]:
    """The expressions a rule holds."""
    if isinstance(rule, Formula | Initial):
        return (rule.expression,)
    if isinstance(rule, Stock):
        return (rule.rate, rule.initial)
    if isinstance(rule, FixedDelay):
        return (rule.input, rule.delay, rule.initial)
    if isinstance(rule, Held):
        return (rule.following, rule.initial)
    return ()

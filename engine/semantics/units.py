"""Whether a model's units agree: each equation's unit is worked out from its parts and held against the file's.

Stricter than most tools: a power or a logarithm of a quantity with a unit is a fault, and so is a bare number added
to one. Only 0 goes with every unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from innovation.engine.ir.primitives import COMPARISONS
from innovation.engine.ir.structure import (
    Call,
    Expression,
    FixedDelay,
    Formula,
    Held,
    Initial,
    Interpolate,
    Number,
    Numbers,
    Piece,
    Reduce,
    Reference,
    Stock,
    Structure,
    Table,
    Time,
    Variable,
    normalised_name,
    references,
    rule_expressions,
)

Unit = tuple[tuple[str, int], ...]  # base units with their powers, sorted; () is a plain number
PLAIN: Unit = ()
_TOKENS = re.compile(r"\s*(?:([A-Za-z][A-Za-z0-9_ ]*[A-Za-z0-9_]|[A-Za-z])|(1)|([*/^()]|-?\d+))")
_LONGEST = 500
_PLAIN_NAMES = {"dmnl", "dimensionless"}
_SAME = {"+", "-", "min", "max", "active_initial", *COMPARISONS}
_PLAIN_FUNCTIONS = {
    "exp",
    "ln",
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "and",
    "or",
    "not",
}


class UnitError(ValueError):
    """A unit, or the units of an expression, that cannot be."""


@dataclass(frozen=True)
class UnitFault:
    """What is wrong with the units of one variable, and on which line of the file."""

    variable: str
    line: int
    message: str


def read_unit(text: str) -> Unit:
    """A unit such as ``CNY100M/(person*year)`` as powers of base units, whatever the case. Raises UnitError."""
    if len(text) > _LONGEST:
        raise UnitError(f"the unit has {len(text)} characters; at most {_LONGEST} are read")
    tokens = [match.group().strip() for match in _TOKENS.finditer(text)]
    if "".join(tokens).replace(" ", "") != text.replace(" ", "") or not tokens:
        raise UnitError(f'the unit "{text}" cannot be read' if text.strip() else "it has no unit")
    powers, rest = _product(tokens)
    if rest:
        raise UnitError(f'the unit "{text}" cannot be read from "{rest[0]}" on')
    return powers


def unit_faults(structure: Structure) -> list[UnitFault]:
    """Everything about a model's units that does not hold, in the order of its file."""
    return list(_Checker(structure).faults())


def show_unit(unit: Unit) -> str:
    """A unit as people write it."""
    above = [name if power == 1 else f"{name}^{power}" for name, power in unit if power > 0]
    below = [name if power == -1 else f"{name}^{-power}" for name, power in unit if power < 0]
    text = "*".join(above) or ("1" if below else "Dmnl")
    return text + "".join(f"/{name}" for name in below)


def _product(tokens: list[str]) -> tuple[Unit, list[str]]:
    unit, rest = _factor(tokens)
    while rest and rest[0] in "*/":
        other, tail = _factor(rest[1:])
        unit, rest = _times(unit, other, -1 if rest[0] == "/" else 1), tail
    return unit, rest


def _factor(tokens: list[str]) -> tuple[Unit, list[str]]:
    if not tokens:
        raise UnitError("the unit ends too early")
    head, rest = tokens[0], tokens[1:]
    if head == "(":
        unit, rest = _product(rest)
        if not rest or rest[0] != ")":
            raise UnitError("a bracket of the unit is not closed")
        rest = rest[1:]
    elif head == "1" or head.lower() in _PLAIN_NAMES:
        unit = PLAIN
    elif head[0].isalpha():
        unit = ((re.sub(r"[\s_]+", "_", head.lower()), 1),)
    else:
        raise UnitError(f'"{head}" is not a unit')
    if len(rest) > 1 and rest[0] == "^":
        unit, rest = tuple((name, power * int(rest[1])) for name, power in unit), rest[2:]
    return unit, rest


def _times(left: Unit, right: Unit, sign: int = 1) -> Unit:
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + sign * power
    return tuple(sorted((name, power) for name, power in powers.items() if power))


class _Checker:
    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.time = self._stated_or_none(structure.variables["time_step"]) or PLAIN

    def faults(self) -> Iterator[UnitFault]:
        for variable in self.structure.variables.values():
            if variable.hidden:
                continue
            for message in dict.fromkeys(self._messages(variable)):
                yield UnitFault(variable.name, variable.line, message)
            yield from self._later(variable)

    def _later(self, variable: Variable) -> Iterator[UnitFault]:
        """Equations of a variable that state another unit than the first with one, or none after it.

        None before it is how Vensim writes them: the last equation has the unit of all.
        """
        first: Piece | None = None
        for piece in variable.pieces:
            if first is None:
                first = piece if piece.unit else None
            elif not _agree(piece.unit, first.unit):
                found = f'found "{piece.unit}"' if piece.unit else "found none"
                message = f'expected the unit "{first.unit}", as on line {first.line}; {found}'
                yield UnitFault(f"{variable.name}[{self._covered(variable, piece)}]", piece.line, message)

    def _covered(self, variable: Variable, piece: Piece) -> str:
        """The elements that an equation is of, dimension by dimension; a range that it covers whole by its name."""
        parts = []
        for dim, positions in zip(variable.dims, piece.over, strict=True):
            elements = self.structure.dimensions[normalised_name(dim)].elements
            whole = len(positions) == len(elements)
            parts.append(dim if whole else " ".join(elements[position] for position in positions))
        return ",".join(parts)

    def _messages(self, variable: Variable) -> Iterator[str]:
        try:
            stated = read_unit(variable.unit)
        except UnitError as error:
            yield str(error)
            return
        for piece in variable.pieces:
            try:
                yield from self._piece(stated, piece)
            except UnitError as error:
                yield str(error)
        for inner in self._inner(variable, set()):
            unit = self._variable(inner) or stated
            for piece in inner.pieces:
                try:
                    yield from self._piece(unit, piece)
                except UnitError as error:
                    yield str(error)

    def _inner(self, variable: Variable, seen: set[str]) -> Iterator[Variable]:
        """The hidden variables that functions such as SMOOTH put behind an equation."""
        expressions = (part for piece in variable.pieces for part in rule_expressions(piece.rule))
        for reference in (found for expression in expressions for found in references(expression)):
            name = reference.name
            inner = self.structure.variables[name]
            if inner.hidden and name not in seen:
                seen.add(name)
                yield inner
                yield from self._inner(inner, seen)

    def _piece(self, stated: Unit, piece: Piece) -> Iterator[str]:
        rule = piece.rule
        if isinstance(rule, Stock):
            yield from _differs(stated, self.of(rule.rate, _times(stated, self.time, -1)), self.time, "its net flow")
            yield from self._start(stated, rule.initial)
        elif isinstance(rule, FixedDelay):
            yield from _differs(stated, self.of(rule.input, stated), PLAIN, "its input")
            yield from self._start(stated, rule.initial)
            yield from _differs(self.time, self.of(rule.delay, self.time), PLAIN, "its delay")
        elif isinstance(rule, (Formula, Initial)) and not isinstance(rule.expression, (Number, Numbers)):
            yield from _differs(stated, self.of(rule.expression, stated), PLAIN, "its equation")

    def _start(self, stated: Unit, initial: Expression) -> Iterator[str]:
        if not isinstance(initial, (Number, Numbers)):  # a number alone is in the variable's own unit
            yield from _differs(stated, self.of(initial, stated), PLAIN, "its initial value")

    def of(self, expression: Expression, wanted: Unit | None = None) -> Unit | None:
        """The unit of an expression; None for 0 and hidden parts, which suit every unit. Raises UnitError."""
        match expression:
            case Number(value):
                return None if value == 0 else PLAIN
            case Numbers():
                return wanted
            case Time():
                return self.time
            case Reference(name):
                return self._variable(self.structure.variables[name])
            case Reduce(_, _, _, body):
                return self.of(body)
            case Interpolate(Reference(name), argument):
                self.of(argument)
                return self._variable(self.structure.variables[name])
            case Interpolate(Table(), argument):
                self.of(argument)
                return wanted
            case Call(function, arguments):
                return self._call(function, arguments, wanted)
        raise UnitError(f"{type(expression).__name__} has no unit here")

    def _call(self, function: str, arguments: tuple[Expression, ...], wanted: Unit | None) -> Unit | None:
        if function == "if_then_else":
            self.of(arguments[0])
            return self._same("IF THEN ELSE", arguments[1:], wanted)
        units = [self.of(argument, wanted if function in _SAME else None) for argument in arguments]
        if function in _SAME:
            unit = self._same(function, arguments, wanted)
            return PLAIN if function in COMPARISONS else unit
        if function in "*/":
            left, right = (unit or PLAIN for unit in units)
            return None if None in units[:1] else _times(left, right, -1 if function == "/" else 1)
        if function == "^" or function in _PLAIN_FUNCTIONS:
            for unit in units:
                if unit:
                    raise UnitError(
                        f"{function} is taken of a quantity in {show_unit(unit)}; only plain numbers have one"
                    )
            return PLAIN
        if function == "sqrt":
            unit = units[0] or PLAIN
            if any(power % 2 for _, power in unit):
                raise UnitError(f"the square root of {show_unit(unit)} is not a unit")
            return tuple((name, power // 2) for name, power in unit)
        return units[0]

    def _same(self, function: str, arguments: tuple[Expression, ...], wanted: Unit | None) -> Unit | None:
        known = [unit for unit in (self.of(argument, wanted) for argument in arguments) if unit is not None]
        for unit in known[1:]:
            if unit != known[0] and not (function in COMPARISONS and _tiny(arguments)):
                raise UnitError(f'"{function}" joins {show_unit(known[0])} and {show_unit(unit)}')
        return known[0] if known else None

    def _variable(self, variable: Variable) -> Unit | None:
        if not variable.hidden:
            return self._stated_or_none(variable)
        for piece in variable.pieces:
            match piece.rule:
                case Formula(expression) | Initial(expression):
                    return self.of(expression)
                case Stock(_, initial) | FixedDelay(_, _, initial) | Held(_, initial):
                    return self.of(initial)
        return None

    @staticmethod
    def _stated_or_none(variable: Variable) -> Unit | None:
        try:
            return read_unit(variable.unit)
        except UnitError:
            return None


def _agree(one: str, other: str) -> bool:
    try:
        return read_unit(one) == read_unit(other)
    except UnitError:
        return one == other


def _tiny(arguments: tuple[Expression, ...]) -> bool:
    """A comparison with ZIDZ's own nearly-zero says nothing of units."""
    return any(isinstance(argument, Number) and abs(argument.value) < 1e-3 for argument in arguments)


def _differs(stated: Unit, found: Unit | None, extra: Unit, what: str) -> Iterator[str]:
    if found is not None and _times(found, extra) != stated:
        yield f"the file says {show_unit(stated)}; {what} gives {show_unit(_times(found, extra))}"

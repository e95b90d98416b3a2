"""Formulas of indicators in the registries: `gdp` in the target's year, `gdp[2010]`, `gdp.target` and sums of these."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .files.phrases import phrase

MOST_SIGNS = 400
ALLOWED = phrase("model.formula_allowed")
_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


@dataclass(frozen=True)
class FormulaTerm:
    """An indicator's figure of a year (None: of the year asked for), or the value of its target."""

    name: str
    year: int | None = None
    is_target: bool = False


@dataclass(frozen=True)
class IndicatorFormula:
    """A formula as written and as read; `read_formula` makes it."""

    text: str
    _tree: ast.expr

    def terms(self) -> Iterator[FormulaTerm]:
        """Every indicator and target it names, in order."""
        yield from _terms(self._tree)

    def value(self, of: Callable[[FormulaTerm], float]) -> float:
        """Its value where `of` gives that of a term; NaN where it has none, as of a division by nothing."""
        try:
            found = _value(self._tree, of)
        except (ZeroDivisionError, OverflowError):
            return math.nan
        return found if isinstance(found, float | int) else math.nan  # a root of less than nothing is complex


def read_formula(text: str) -> IndicatorFormula:
    """Raises ValueError, in a sentence, where the text is not such a formula."""
    if len(text) > MOST_SIGNS:
        raise ValueError(phrase("model.formula_long", most=MOST_SIGNS))
    try:
        tree = ast.parse(text, mode="eval").body
        list(_terms(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(phrase("model.no_formula", text=text[:80], allowed=ALLOWED)) from None
    return IndicatorFormula(text, tree)


def _terms(tree: ast.expr) -> Iterator[FormulaTerm]:
    """Raises ValueError at what does not belong in a formula."""
    match tree:
        case ast.Constant(value=int() | float()) if not isinstance(tree.value, bool):
            return
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            yield from _terms(inner)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            yield from _terms(left)
            yield from _terms(right)
        case _:
            yield _term(tree)


def _term(tree: ast.expr) -> FormulaTerm:
    match tree:
        case ast.Name(id=name):
            return FormulaTerm(name)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int() as year)):
            return FormulaTerm(name, year=year)
        case ast.Attribute(value=ast.Name(id=name), attr="target"):
            return FormulaTerm(name, is_target=True)
    raise ValueError


def _value(tree: ast.expr, of: Callable[[FormulaTerm], float]) -> float:
    match tree:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(operand=inner):
            return -_value(inner, of)
        case ast.BinOp(left=left, op=sign, right=right):
            return _OPERATIONS[type(sign)](_value(left, of), _value(right, of))
    return of(_term(tree))

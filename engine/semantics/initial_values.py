"""What an expression is worth when a run starts, by the file's own numbers: for what must be known before any run."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from innovation.engine.ir.structure import (
    Call,
    Expression,
    FixedDelay,
    Formula,
    Held,
    Initial,
    Number,
    Reference,
    Rule,
    Stock,
    Time,
)

from .context import ModelContext

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": math.pow, "min": min,
    "max": max, "abs": abs, "negative": operator.neg, "truncate": math.trunc, "exp": math.exp, "ln": math.log,
    "sqrt": math.sqrt, "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "not": operator.not_, "and": lambda a, b: a and b, "or": lambda a, b: a or b,
    "if_then_else": lambda condition, yes, no: yes if condition else no, "active_initial": lambda now, first: first,
}  # fmt: skip


_DEEPEST = 100  # references that a value may pass through


class _Unknown(Exception):
    """Raised where the file alone does not tell a value."""


def value_at_start(resolver: ModelContext, expression: Expression) -> tuple[float | None, set[str]]:
    """The value of an expression at INITIAL TIME, None where only a run could tell it; and the constants behind it."""
    reading = _Reading(resolver)
    try:
        return reading.of(expression), reading.constants
    except (_Unknown, ArithmeticError, ValueError):
        return None, set()


class _Reading:
    def __init__(self, resolver: ModelContext) -> None:
        self.resolver = resolver
        self.constants: set[str] = set()
        self.known: dict[str, float] = {}
        self.open: set[str] = set()

    def of(self, expression: Expression) -> float:
        """The value of an expression. Raises _Unknown, ArithmeticError or ValueError where it has none."""
        if isinstance(expression, Number):
            return expression.value
        if isinstance(expression, Time):
            return self.variable("initial_time")
        if isinstance(expression, Reference) and (not expression.index or expression.name.startswith("#")):
            return self.variable(expression.name)
        if isinstance(expression, Call) and expression.function in _OPERATIONS:
            return float(_OPERATIONS[expression.function](*map(self.of, expression.arguments)))
        raise _Unknown

    def variable(self, key: str) -> float:
        """The value of a variable without subscripts."""
        if key not in self.known:
            draft = self.resolver.drafts.get(key)
            if draft is None or key in self.open or len(self.open) > _DEEPEST:
                raise _Unknown
            self.resolver.resolve_draft(key)
            if len(draft.pieces) != 1:
                raise _Unknown
            self.open.add(key)
            rule = draft.pieces[0].rule
            self.known[key] = self.of(_first(rule))
            self.open.remove(key)
            if isinstance(rule, Formula) and isinstance(rule.expression, Number):
                self.constants.add(key)
        return self.known[key]


def _first(rule: Rule) -> Expression:
    """The expression that gives a rule's value at the start."""
    if isinstance(rule, Formula | Initial):
        return rule.expression
    if isinstance(rule, Stock | Held | FixedDelay):
        return rule.initial
    raise _Unknown

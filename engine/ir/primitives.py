"""The primitive operations that all functions come down to, and the few expressions that they are written with."""

from __future__ import annotations

from .structure import Call, Expression, Number

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
LOGICAL = COMPARISONS | {"and", "or", "not"}
OPERATORS = LOGICAL | {"+", "-", "*", "/", "^", "negative", "truncate"}  # not called by name
PRIMITIVES = {
    **dict.fromkeys(("+", "-", "*", "/", "^", "min", "max", "and", "or", "active_initial", *sorted(COMPARISONS)), 2),
    **dict.fromkeys(("negative", "not", "abs", "exp", "ln", "sqrt", "truncate", "sin", "cos", "tan"), 1),
    **dict.fromkeys(("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"), 1),
    "if_then_else": 3,
}
NOT_AVAILABLE = -(2.0**109)  # Vensim's :NA:
NEARLY_ZERO = Number(1e-6)  # below this ZIDZ, XIDZ and QUANTUM take a divisor as 0 (Vensim manual)
ZERO, ONE = Number(0.0), Number(1.0)
NOT_A_NUMBER = Call("sqrt", (Number(-1.0),))  # ends a run with the name of what it stands in


def call(function: str, *arguments: Expression) -> Call:
    """A primitive applied to expressions."""
    return Call(function, arguments)


def either(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """One value where a condition holds, else the other."""
    return call("if_then_else", condition, yes, no)

"""The few expressions that the expansions of functions are written with."""

from __future__ import annotations

from engine.context import ExpansionContext
from engine.structure import Call, Expression, Number

NEARLY_ZERO = Number(1e-6)  # below this ZIDZ, XIDZ and QUANTUM take a divisor as 0 (Vensim manual)
ZERO, ONE = Number(0.0), Number(1.0)
NOT_A_NUMBER = Call("sqrt", (Number(-1.0),))  # ends a run with the name of what it stands in


def call(function: str, *arguments: Expression) -> Call:
    """A primitive applied to expressions."""
    return Call(function, arguments)


def either(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """One value where a condition holds, else the other."""
    return call("if_then_else", condition, yes, no)


def xidz(w: ExpansionContext, numerator: Expression, denominator: Expression, otherwise: Expression) -> Expression:
    """A quotient, and another value where the divisor is nearly 0."""
    below = w.name_once(denominator)
    return either(call("<", call("abs", below), NEARLY_ZERO), otherwise, call("/", numerator, below))

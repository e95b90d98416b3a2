"""What the expansions of functions are written with: what they may ask of their equation, and a few expressions."""

from __future__ import annotations

from typing import Protocol

from engine.structure import Call, Expression, Number, Reference, Rule

NEARLY_ZERO = Number(1e-6)  # below this ZIDZ, XIDZ and QUANTUM take a divisor as 0 (Vensim manual)
ZERO, ONE = Number(0.0), Number(1.0)
NOT_A_NUMBER = Call("sqrt", (Number(-1.0),))  # ends a run with the name of what it stands in


class Workshop(Protocol):
    """What an expansion may ask of the equation it stands in: how stocks are integrated, and new inner variables."""

    @property
    def method(self) -> str:
        """'euler' or 'rk4'."""
        ...

    @property
    def xmile(self) -> bool:
        """Whether the file is XMILE, and not Vensim's: some functions of one name differ."""
        ...

    def name_once(self, expression: Expression) -> Expression:
        """The expression as a reference, so that it is computed once however often it is used."""
        ...

    def add(self, label: str, rule: Rule) -> Reference:
        """A new inner variable with this rule."""
        ...

    def reserve(self, label: str) -> Reference:
        """A reference to an inner variable whose rule follows by ``fill``."""
        ...

    def fill(self, reference: Reference, rule: Rule) -> None:
        """Give a reserved inner variable its rule."""
        ...

    def whole_number(self, expression: Expression, meaning: str) -> int:
        """The value of an expression that must be a whole number known from the file."""
        ...

    def at_start(self, expression: Expression) -> float | None:
        """The value of an expression at the start, where the file alone tells it."""
        ...

    def refuse_part(self, message: str) -> Exception:
        """The exception to raise where a function is used in a way that is not supported."""
        ...

    def must_not_move(self, expression: Expression, meaning: str) -> None:
        """Refuse the model if the expression changes during a run."""
        ...


def call(function: str, *arguments: Expression) -> Call:
    """A primitive applied to expressions."""
    return Call(function, arguments)


def either(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """One value where a condition holds, else the other."""
    return call("if_then_else", condition, yes, no)


def xidz(w: Workshop, numerator: Expression, denominator: Expression, otherwise: Expression) -> Expression:
    """A quotient, and another value where the divisor is nearly 0."""
    below = w.name_once(denominator)
    return either(call("<", call("abs", below), NEARLY_ZERO), otherwise, call("/", numerator, below))

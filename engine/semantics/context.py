"""What the parts of one reading of a model file know of each other: drafts, where an equation stands, what each offers.

The resolver, its equations and what these call are modules that need each other; each sees the others through here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from innovation.engine.errors import Faults
from innovation.engine.frontend.syntax import Definition, MacroText, ModelDocument, Syntax
from innovation.engine.ir.structure import Expression, Piece, Reference, Rule

from .subscripts import Ranges, SubscriptLoop


@dataclass
class Draft:
    """A variable while its file is being resolved."""

    name: str
    dims: tuple[str, ...]
    definitions: list[Definition] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    hidden: bool = False


@dataclass(frozen=True)
class Frame:
    """Where an equation stands: its definition, the dimensions and positions it covers, its loops, a macro's names."""

    definition: Definition
    dims: tuple[str, ...]
    over: tuple[tuple[int, ...], ...]
    loops: Sequence[SubscriptLoop]
    without: tuple[tuple[int, ...], ...] = ()
    scope: dict[str, str] | None = None
    inside: tuple[str, ...] = ()


class Refused(Exception):
    """Ends the resolution of a piece of an equation whose fault has been recorded."""


class ModelContext(Protocol):
    """What an equation may ask of the file it stands in; ``resolve.Resolver`` is one."""

    document: ModelDocument
    faults: Faults
    ranges: Ranges
    drafts: dict[str, Draft]
    macros: dict[str, MacroText]
    still: list[tuple[Definition, Expression, str]]
    built_in: set[str]

    def resolve_draft(self, key: str) -> None:
        """Resolve the equations of a variable of the file, once."""
        ...

    def new_hidden(self, label: str, frame: Frame) -> tuple[str, Draft]:
        """A fresh inner variable beside an equation, over the same subscripts."""
        ...

    def line_of(self, definition: Definition, word: str) -> int:
        """The line of a word in an equation."""
        ...


class ExpansionContext(Protocol):
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


class EquationContext(ExpansionContext, Protocol):
    """What names, subscripts, lookups, reductions and macros ask of their equation; ``equations.Equation`` is one."""

    @property
    def resolver(self) -> ModelContext:
        """The file that the equation stands in."""
        ...

    @property
    def frame(self) -> Frame:
        """Where the equation stands."""
        ...

    def rule(self, right: Syntax) -> Rule | None:
        """The rule of a right-hand side, or None where it has a fault."""
        ...

    def expression(self, node: Syntax) -> Expression:
        """The resolved form of a piece of syntax."""
        ...

    def key_of(self, name: str) -> str:
        """The key that a name means here: a macro has names of its own."""
        ...

    def within(self, frame: Frame) -> EquationContext:
        """The same for a part that stands in another frame."""
        ...

    def refuse(self, message: str, word: str = "", unsupported: bool = False) -> Refused:
        """Record a fault of this equation, on the line where the word stands."""
        ...

    def given_up(self) -> Refused:
        """The exception that ends a piece of the equation whose fault has been recorded elsewhere."""
        ...

"""A model file as it was parsed, before any name is resolved: what a reader hands on, in no parser's own classes."""

from __future__ import annotations

from dataclasses import dataclass, field

RAW_DATA = "#data"  # what stands for the equation of a data variable; nobody can write it
ACTIVE_INITIAL = "#active initial"  # the same for an equation with a start of its own in XMILE
STOCK = "#stock"  # the same for a <stock> of XMILE: flow, initial value, whether it stays positive


@dataclass(frozen=True)
class Literal:
    """A number."""

    value: float


@dataclass(frozen=True)
class Listing:
    """Numbers written one after the other for the elements of an array, row by row."""

    values: tuple[float, ...]


@dataclass(frozen=True)
class Curve:
    """Points of a lookup; ``method`` is 'interpolate', 'extrapolate' or 'hold_backward' (a staircase)."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    method: str = "interpolate"


@dataclass(frozen=True)
class Word:
    """A name as written, with its subscripts (``!`` marks one that a SUM runs over)."""

    name: str
    subscripts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operate:
    """An operator between its arguments, or before its only one; named as in ``primitives.PRIMITIVES``."""

    operator: str
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Apply:
    """A function, lookup or macro applied to arguments; ``word`` carries the name as written."""

    word: Word
    arguments: tuple[Syntax, ...]


@dataclass(frozen=True)
class Text:
    """A quoted string: only functions that read other files take one."""

    value: str


@dataclass(frozen=True)
class Unread:
    """A right-hand side that could not be read: its fault has been named, and what refers to it is no fault."""


Syntax = Literal | Listing | Curve | Word | Operate | Apply | Text | Unread


@dataclass(frozen=True)
class Definition:
    """One equation of the file: a name, the subscripts it covers, those it leaves out, and its right-hand side.

    ``text`` is the equation on one line, ``source`` the same with the file's line breaks, for finding a word's line.
    """

    name: str
    subscripts: tuple[str, ...]
    exceptions: tuple[tuple[str, ...], ...]
    right: Syntax
    text: str
    line: int
    unit: str = ""
    sentence: str = ""
    limits: tuple[float | None, float | None] = (None, None)
    group: str = ""
    flow: bool = False
    source: str = ""


@dataclass(frozen=True)
class Mapping:
    """A range's rule for standing in for another: position k of the range belongs to ``targets[k]`` of ``onto``."""

    onto: str
    targets: tuple[str, ...] | None = None


@dataclass(frozen=True)
class SubscriptRange:
    """A subscript range: its members (elements or other ranges), or the range it copies, and its mappings."""

    name: str
    members: tuple[str, ...]
    mappings: tuple[Mapping, ...] = ()
    copies: str | None = None
    line: int = 0


@dataclass(frozen=True)
class MacroText:
    """A macro: what goes in, what comes out, and its equations; ``defaults`` stand for the last inputs left out."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    definitions: tuple[Definition, ...]
    line: int = 0
    defaults: tuple[Syntax, ...] = ()


@dataclass(frozen=True)
class ModelDocument:
    """A whole model file; ``series`` are the points of its data sets, by ``datasets.series_key``."""

    definitions: tuple[Definition, ...]
    ranges: tuple[SubscriptRange, ...]
    macros: tuple[MacroText, ...] = ()
    method: str = "euler"
    implicit_arrays: bool = False
    series: dict[str, Curve] = field(default_factory=dict)

"""A Vensim file as it is written: its elements cut apart, with the names, subscripts and calls that stand in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from innovation.engine import Faults, ModelFault
from innovation.engine.frontend import Element, cut_elements, equations_of, without_comments
from innovation.engine.ir import normalised_name

SKETCH_START = "\\\\\\---/// Sketch information - do not modify anything except names"
SKETCH_END, SETTINGS = "///---\\\\\\", ":L<%^E!@"
_QUOTED = re.compile(r'"(?:\\"|[^"])*"')
_CALL = re.compile(r"(?<![\w'$])([^\W\d][\w '$]*?)\s*\(")
_NAME = re.compile(r"(?<![\w'$.])[^\W\d][\w '$]*")
_NUMBER = re.compile(r"\s*[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")
_LEFT = re.compile(r"\s*(?P<name>[^\[=(:<]+?)\s*(?:\[(?P<inside>[^\]]*)\])?\s*(?::EXCEPT:[^=]*)?(?P<mark>:=|=|\(|:|$)")


@dataclass(frozen=True)
class WrittenCall:
    """A function with what stands in its brackets, and where in the right side it begins and ends."""

    name: str
    arguments: tuple[str, ...]
    start: int
    end: int

    @property
    def key(self) -> str:
        """The function's name, however it is spelled."""
        return normalised_name(self.name)


@dataclass(frozen=True)
class WrittenEquation:
    """One element, parted: the name and subscripts on the left, the mark after them, and the right side.

    `mark` is '=', ':=', '(' of a lookup, ':' of a subscript range, '' where nothing follows. Comments in braces are
    gone, text in quotation marks is kept, lines are joined.
    """

    element: Element
    name: str
    subscripts: tuple[str, ...]
    mark: str
    right: str

    @property
    def key(self) -> str:
        """The name, however it is spelled."""
        return normalised_name(self.name)

    @cached_property
    def calls(self) -> tuple[WrittenCall, ...]:
        """Everything called on the right, functions and lookups, from the left."""
        return tuple(_calls(self.right)) if self.mark in ("=", ":=") else ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names read on the right, without those called and without subscripts."""
        if self.mark not in ("=", ":="):
            return ()
        bare = re.sub(r"\[[^\]]*\]", " ", re.sub(r":\w+:", "+", _QUOTED.sub("", self.right)))
        bare = _CALL.sub(lambda found: " " * (len(found[0]) - 1) + "(", bare)
        quoted = _QUOTED.findall(self.right)
        return (*(found.strip() for found in _NAME.findall(bare)), *quoted)

    @cached_property
    def subscripted(self) -> tuple[tuple[str, tuple[str, ...], int], ...]:
        """Names on the right that carry subscripts, with these and where they stand."""
        found = re.finditer(r"(\"[^\"]*\"|[^\W\d][\w '$]*?)\s*\[([^\]]*)\]", self.right)
        return tuple((one[1].strip(), _parts(one[2]), one.start()) for one in found)

    @cached_property
    def numbers(self) -> tuple[tuple[str, ...], ...] | None:
        """The rows of a right side that is nothing but numbers, else None."""
        if self.mark != "=" or not self.right:
            return None
        rows = self.right.rstrip().removesuffix(";").split(";")
        parts = tuple(tuple(row.split(",")) for row in rows)
        return parts if all(_NUMBER.fullmatch(part) for row in parts for part in row) else None

    def fault(self, message: str) -> ModelFault:
        """Something wrong with this element."""
        return ModelFault(self.element.line, self.name, message)


class Written:
    """A whole file: `text`, its equations in order, its subscript ranges, and what could not be cut."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.body = equations_of(text)
        self.uncut = Faults()
        self.equations = tuple(map(_parted, cut_elements(self.body, self.uncut).elements))

    @cached_property
    def ranges(self) -> dict[str, tuple[str, ...]]:
        """Subscript ranges by normalised name, with the elements (or ranges) that each lists."""
        return {e.key: _parts(e.right.split("->")[0]) for e in self.equations if e.mark == ":"}

    @cached_property
    def defined(self) -> dict[str, list[WrittenEquation]]:
        """Variables by normalised name, with all equations of each."""
        found: dict[str, list[WrittenEquation]] = {}
        for equation in self.equations:
            if equation.mark != ":":
                found.setdefault(equation.key, []).append(equation)
        return found

    @cached_property
    def elements(self) -> dict[str, set[str]]:
        """Subscript elements by normalised name, with the ranges that hold each, itself or through another."""
        found: dict[str, set[str]] = {}
        for name in self.ranges:
            for element in self.members(name):
                found.setdefault(element, set()).add(name)
        return found

    def members(self, name: str, within: frozenset[str] = frozenset()) -> list[str]:
        """The elements of a range, those of the ranges that it lists written out."""
        members: list[str] = []
        for part in map(normalised_name, self.ranges.get(name, ())):
            if part in self.ranges and part not in within:
                members += self.members(part, within | {name})
            else:
                members.append(part)
        return members


@dataclass(frozen=True)
class Rule:
    """A rule in a sentence, the page of the manual that has it, and what finds the faults."""

    says: str
    page: str
    broken: Callable[[Written], Iterator[ModelFault]]


def _parted(element: Element) -> WrittenEquation:
    plain = without_comments(element.equation)
    found = re.match(r'\s*("(?:\\"|[^"])*")(.*)', plain, re.DOTALL)
    left = _LEFT.match(f"q{found[2]}" if found else plain)
    if left is None:
        return WrittenEquation(element, plain, (), "", "")
    rest = (f"q{found[2]}" if found else plain)[left.end() :]
    right = rest.removesuffix(")") if left["mark"] == "(" else rest
    name = found[1] if found else left["name"]
    return WrittenEquation(element, name, _parts(left["inside"] or ""), left["mark"], right.strip())


def _calls(right: str) -> Iterator[WrittenCall]:
    blank = _QUOTED.sub(lambda found: "q" * len(found[0]), right)
    for found in _CALL.finditer(blank):
        depth, start, arguments = 0, found.end(), []
        for place in range(found.end() - 1, len(blank)):
            depth += (blank[place] in "([") - (blank[place] in ")]")
            if depth == 0 or (depth == 1 and blank[place] == ","):
                arguments.append(right[start:place].strip())
                start = place + 1
            if depth == 0:
                written = () if arguments == [""] else tuple(arguments)
                yield WrittenCall(" ".join(found[1].split()), written, found.start(1), place + 1)
                break


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())

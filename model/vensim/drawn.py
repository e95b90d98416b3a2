"""The drawing in a .mdl text as it stands there, by `cli.py sketch` or by Vensim: its views and their objects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from innovation.engine.frontend import equations_of
from innovation.engine.ir import normalised_name

from .geometry import Box
from .written import SKETCH_END

START = "\\\\\\---///"
ARROW, WORD, VALVE, CLOUD = 1, 10, 11, 12
_FEWEST = {ARROW: 14, WORD: 15, VALVE: 15, CLOUD: 15, 30: 8, 31: 8}  # fields of an object, by its type
_FIELD = re.compile(r'("(?:\\"|[^"])*"|[^,]*)(?:,|$)')
_ITSELF, _TEXT_BELOW, _NO_TIP = 1, 4, 64  # bits: of what a word is; of a comment; of an arrow


@dataclass(frozen=True)
class Object:
    """A line of a view: its type, its number, its fields as written, and where it stands."""

    kind: int
    number: int
    fields: tuple[str, ...]
    line: int
    text: str = ""

    @property
    def key(self) -> str:
        """The name of a word."""
        return normalised_name(self.fields[2])

    @property
    def itself(self) -> bool:
        """Whether a word is the variable, not its shadow."""
        return bool(whole(self.fields[8]) & _ITSELF)

    @property
    def box(self) -> Box:
        """The ground of a word, a valve or a cloud."""
        x, y, wide, high = (float(field) for field in self.fields[3:7])
        return Box(x - wide, y - high, x + wide, y + high)

    @property
    def ends(self) -> tuple[int, int]:
        """The numbers of the objects that an arrow joins."""
        return whole(self.fields[2]), whole(self.fields[3])

    @property
    def leaves(self) -> bool:
        """Whether half a pipe, which is drawn from the valve, is where the flow comes from."""
        return bool(whole(self.fields[4]) & _NO_TIP)


@dataclass(frozen=True)
class DrawnView:
    """A view of the drawing: its head's four lines, its objects, and lines that are none."""

    head: tuple[str, ...]
    line: int
    objects: tuple[Object, ...]
    unread: tuple[tuple[int, str], ...]

    @property
    def title(self) -> str:
        """The name of the view."""
        return self.head[2][1:] if len(self.head) > 2 else ""

    @cached_property
    def words(self) -> dict[int, Object]:
        """The variables in a view and their shadows, by number."""
        return {one.number: one for one in self.objects if one.kind == WORD}

    @cached_property
    def valves(self) -> dict[int, Object]:
        """By the number of a valve the name of its flow."""
        return {a.number: b for a, b in pairwise(self.objects) if a.kind == VALVE and b.kind == WORD}

    @cached_property
    def arrows(self) -> list[Object]:
        """Causes, and halves of pipes."""
        return [one for one in self.objects if one.kind == ARROW]


def views_in(text: str) -> list[DrawnView]:
    """The views of a .mdl text, in order."""
    body = equations_of(text)
    first = body.count("\n") + 1
    lines = text[len(body) :].split("\n")
    end = next((place for place, line in enumerate(lines) if line.startswith(SKETCH_END)), len(lines))
    starts = [place for place, line in enumerate(lines[:end]) if line.startswith(START)]
    return [_view(lines[a:b], first + a) for a, b in pairwise([*starts, end])]


def _view(lines: list[str], first: int) -> DrawnView:
    objects, unread, skipped = [], [], False
    for place, line in enumerate(lines[4:], first + 4):
        fields = tuple(found[1] for found in _FIELD.finditer(line))
        numbers = [whole(field) for field in fields[:2]]
        if skipped or not line.strip():
            skipped = False
        elif len(fields) >= _FEWEST.get(numbers[0], len(fields) + 1):
            objects.append(Object(numbers[0], numbers[1], fields, place, line))
            skipped = numbers[0] == CLOUD and bool(whole(fields[8]) & _TEXT_BELOW)
        else:
            unread.append((place, line))
    return DrawnView(tuple(lines[:4]), first, tuple(objects), tuple(unread))


def whole(text: str) -> int:
    """The whole number that a field holds, -1 where it holds none."""
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else -1

"""What the manual says of a drawing in a .mdl file, and that the drawing is of the model above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from engine.errors import Fault, nearest
from engine.structure import normalised_name

from .views import causes_of
from .written import SETTINGS, SKETCH_END, Rule, Written

LONGEST_TITLE = 30
REMEDY = "Run `cli.py sketch`: it draws the model anew."
_FORMAT, _OBJECTS = "ref_sketch_format.html, Sketch Information", "24305.html, Objects"
_START = "\\\\\\---///"
_ARROW, _WORD, _VALVE = 1, 10, 11
_FEWEST = {_ARROW: 14, _WORD: 15, _VALVE: 15, 12: 15, 30: 8, 31: 8}  # fields of an object, by its type
_POINTS = re.compile(r"(\d+)\|((?:\(-?\d+,-?\d+\)\|)+)$")
_FIELD = re.compile(r'("(?:\\"|[^"])*"|[^,]*)(?:,|$)')
_UNDER_A_VALVE, _ITSELF, _TEXT_BELOW = 32, 1, 4  # bits: of a word's shape; of what it is; of a comment


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
        return bool(_number(self.fields[8]) & _ITSELF)


@dataclass(frozen=True)
class Drawn:
    """A view of the drawing: its head's four lines, its objects, and lines that are none."""

    head: tuple[str, ...]
    line: int
    objects: tuple[Object, ...]
    unread: tuple[tuple[int, str], ...]

    @property
    def title(self) -> str:
        """The name of the view."""
        return self.head[2][1:] if len(self.head) > 2 else ""

    @property
    def words(self) -> dict[int, Object]:
        """The variables in a view and their shadows, by number."""
        return {one.number: one for one in self.objects if one.kind == _WORD}


def views(written: Written) -> list[Drawn]:
    """The views of a file, in order."""
    first = written.body.count("\n") + 1
    lines = written.text[len(written.body) :].split("\n")
    end = next((place for place, line in enumerate(lines) if line.startswith(SKETCH_END)), len(lines))
    starts = [place for place, line in enumerate(lines[:end]) if line.startswith(_START)]
    return [_view(lines[a:b], first + a) for a, b in pairwise([*starts, end])]


def _view(lines: list[str], first: int) -> Drawn:
    objects, unread, skipped = [], [], False
    for place, line in enumerate(lines[4:], first + 4):
        fields = tuple(found[1] for found in _FIELD.finditer(line))
        numbers = [_number(field) for field in fields[:2]]
        if skipped or not line.strip():
            skipped = False
        elif len(fields) >= _FEWEST.get(numbers[0], len(fields) + 1):
            objects.append(Object(numbers[0], numbers[1], fields, place, line))
            skipped = numbers[0] == 12 and bool(_number(fields[8]) & _TEXT_BELOW)
        else:
            unread.append((place, line))
    return Drawn(tuple(lines[:4]), first, tuple(objects), tuple(unread))


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else -1


def _each(judge: Callable[[Drawn], Iterator[Fault]]) -> Callable[[Written], Iterator[Fault]]:
    return lambda written: (fault for view in views(written) for fault in judge(view))


def _headed(view: Drawn) -> Iterator[Fault]:
    if len(view.head) < 4 or not (view.head[1][:4] == "V300" and view.head[2][:1] == "*" and view.head[3][:1] == "$"):
        yield Fault(view.line, view.title, f"a view begins with {_START}, V300, *its name, $its looks. {REMEDY}")
    elif not 0 < len(view.title) <= LONGEST_TITLE:
        yield Fault(view.line + 2, view.title, f"a view's name has 1 to {LONGEST_TITLE} characters. Shorten it.")


def _ended(written: Written) -> Iterator[Fault]:
    if views(written) and f"\n{SKETCH_END}\n{SETTINGS}\n" not in written.text:
        line = written.text.count("\n") + 1
        yield Fault(line, "", f"after the views stand the lines {SKETCH_END} and {SETTINGS}. {REMEDY}")


def _formed(view: Drawn) -> Iterator[Fault]:
    for line, text in view.unread:
        yield Fault(line, view.title, f'"{text}" is no object of a sketch. {REMEDY}')
    for number, times in Counter(one.number for one in view.objects).items():
        if times > 1 or number < 0:
            yield Fault(view.line, view.title, f"object {number} is there {times} times: numbers differ. {REMEDY}")


def _joined(view: Drawn) -> Iterator[Fault]:
    numbers = {one.number for one in view.objects if one.kind != _ARROW}
    for one in view.objects:
        if one.kind != _ARROW:
            continue
        points = _POINTS.search(one.text)
        if points is None or int(points[1]) != points[2].count("("):
            yield Fault(one.line, view.title, f"arrow {one.number} ends in no list such as 1|(120,80)|. {REMEDY}")
        for end in map(_number, one.fields[2:4]):
            if end not in numbers:
                yield Fault(
                    one.line, view.title, f"arrow {one.number} joins object {end}, which is not there. {REMEDY}"
                )


def _valved(view: Drawn) -> Iterator[Fault]:
    for one, after in pairwise((*view.objects, Object(0, 0, ("",) * 9, 0))):
        named = after.kind == _WORD and _number(after.fields[7]) & _UNDER_A_VALVE
        if one.kind == _VALVE and not named:
            yield Fault(one.line, view.title, f"no flow's name follows valve {one.number}. {REMEDY}")


def _there(written: Written) -> Iterator[Fault]:
    known = {*written.defined, "time"}
    for view in views(written):
        for word in view.words.values():
            if word.key not in known:
                near = nearest(word.fields[2], [equations[0].name for equations in written.defined.values()])
                yield Fault(word.line, word.fields[2], f'view "{view.title}" shows it, and no equation.{near} {REMEDY}')


def _shown(written: Written) -> Iterator[Fault]:
    found = views(written)
    places = {(word.key, view.title): word for view in found for word in view.words.values() if word.itself}
    times = Counter(key for key, _ in places)
    for key, equations in written.defined.items() if found else ():
        title = equations[0].element.group[:LONGEST_TITLE]
        if times[key] != 1:
            said = "no view shows it" if not times[key] else f"{times[key]} views show it, shadows apart"
            yield equations[0].fault(f'{said}; expected: view "{title}". {REMEDY}')
        elif (key, title) not in places:
            yield equations[0].fault(f'it is not in view "{title}", that of its group. {REMEDY}')


def _caused(written: Written) -> Iterator[Fault]:
    """In the view of a variable, arrows and pipes from all that it reads, and none more."""
    for view in views(written):
        names = {one.number: one.key for one in view.words.values()}
        names |= {a.number: b.key for a, b in pairwise(view.objects) if a.kind == _VALVE and b.kind == _WORD}
        valves = {one.number for one in view.objects if one.kind == _VALVE}
        drawn: dict[tuple[str, str], int] = {}
        piped: set[tuple[str, str]] = set()
        for one in view.objects:
            ends = tuple(names.get(_number(end), "") for end in one.fields[2:4])
            if one.kind == _ARROW and all(ends):
                pipe = _number(one.fields[2]) in valves
                drawn[ends[0], ends[1]] = one.line
                piped |= {(ends[0], ends[1])} if pipe else set()
        own = {word.key: word for word in view.words.values() if word.itself and word.key in written.defined}
        for key, word in own.items():
            for cause in causes_of(written, key):
                if (cause, key) not in drawn:
                    name = written.defined[cause][0].name if cause in written.defined else "Time"
                    yield Fault(word.line, word.fields[2], f'no arrow comes from "{name}", which it reads. {REMEDY}')
        for (start, end), line in drawn.items():
            if end in own and start not in causes_of(written, end) and (start, end) not in piped:
                yield Fault(
                    line, own[end].fields[2], f'an arrow comes from "{start}", which it does not read. {REMEDY}'
                )


SKETCH_RULES = (
    Rule(
        f"a view begins with its four lines; its name has {LONGEST_TITLE} characters at most", _FORMAT, _each(_headed)
    ),
    Rule("the views end with ///---\\\\\\, and the settings follow", "as Vensim writes its files", _ended),
    Rule("objects of a view are of known form, each with a number of its own", _OBJECTS, _each(_formed)),
    Rule("arrows join objects of their view and end in a list of points", _OBJECTS, _each(_joined)),
    Rule("a flow's name follows its valve", _OBJECTS, _each(_valved)),
    Rule("a view shows what the equations define", "24305.html, Words", _there),
    Rule("a variable stands once in the drawing, in the view of its group", "a rule of this house", _shown),
    Rule("arrows and pipes are what the equations read", "a rule of this house", _caused),
)

"""What the manual says of a drawing in a .mdl file, and that the drawing is of the model above it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from innovation.engine import ModelFault, nearest

from .drawn import ARROW, START, VALVE, WORD, DrawnView, Object, views_in, whole
from .views import causes_of
from .written import SETTINGS, SKETCH_END, Rule, Written

LONGEST_TITLE = 30
REMEDY = "Run `cli.py sketch`: it draws the model anew."
_FORMAT, _OBJECTS = "ref_sketch_format.html, Sketch Information", "24305.html, Objects"
_POINTS = re.compile(r"(\d+)\|((?:\(-?\d+,-?\d+\)\|)+)$")
_UNDER_A_VALVE = 32  # a bit of a word's shape


def _each(judge: Callable[[DrawnView], Iterator[ModelFault]]) -> Callable[[Written], Iterator[ModelFault]]:
    return lambda written: (fault for view in views_in(written.text) for fault in judge(view))


def _headed(view: DrawnView) -> Iterator[ModelFault]:
    if len(view.head) < 4 or not (view.head[1][:4] == "V300" and view.head[2][:1] == "*" and view.head[3][:1] == "$"):
        yield ModelFault(view.line, view.title, f"a view begins with {START}, V300, *its name, $its looks. {REMEDY}")
    elif not 0 < len(view.title) <= LONGEST_TITLE:
        yield ModelFault(view.line + 2, view.title, f"a view's name has 1 to {LONGEST_TITLE} characters. Shorten it.")


def _ended(written: Written) -> Iterator[ModelFault]:
    if views_in(written.text) and f"\n{SKETCH_END}\n{SETTINGS}\n" not in written.text:
        line = written.text.count("\n") + 1
        yield ModelFault(line, "", f"after the views stand the lines {SKETCH_END} and {SETTINGS}. {REMEDY}")


def _formed(view: DrawnView) -> Iterator[ModelFault]:
    for line, text in view.unread:
        yield ModelFault(line, view.title, f'"{text}" is no object of a sketch. {REMEDY}')
    for number, times in Counter(one.number for one in view.objects).items():
        if times > 1 or number < 0:
            yield ModelFault(view.line, view.title, f"object {number} is there {times} times: numbers differ. {REMEDY}")


def _joined(view: DrawnView) -> Iterator[ModelFault]:
    numbers = {one.number for one in view.objects if one.kind != ARROW}
    for one in view.arrows:
        points = _POINTS.search(one.text)
        if points is None or int(points[1]) != points[2].count("("):
            yield ModelFault(one.line, view.title, f"arrow {one.number} ends in no list such as 1|(120,80)|. {REMEDY}")
        for end in one.ends:
            if end not in numbers:
                yield ModelFault(
                    one.line, view.title, f"arrow {one.number} joins object {end}, which is not there. {REMEDY}"
                )


def _valved(view: DrawnView) -> Iterator[ModelFault]:
    for one, after in pairwise((*view.objects, Object(0, 0, ("",) * 9, 0))):
        named = after.kind == WORD and whole(after.fields[7]) & _UNDER_A_VALVE
        if one.kind == VALVE and not named:
            yield ModelFault(one.line, view.title, f"no flow's name follows valve {one.number}. {REMEDY}")


def _there(written: Written) -> Iterator[ModelFault]:
    known = {*written.defined, "time"}
    for view in views_in(written.text):
        for word in view.words.values():
            if word.key not in known:
                near = nearest(word.fields[2], [equations[0].name for equations in written.defined.values()])
                yield ModelFault(
                    word.line, word.fields[2], f'view "{view.title}" shows it, and no equation.{near} {REMEDY}'
                )


def _shown(written: Written) -> Iterator[ModelFault]:
    found = views_in(written.text)
    places = {(word.key, view.title): word for view in found for word in view.words.values() if word.itself}
    times = Counter(key for key, _ in places)
    for key, equations in written.defined.items() if found else ():
        title = equations[0].element.group[:LONGEST_TITLE]
        if times[key] != 1:
            said = "no view shows it" if not times[key] else f"{times[key]} views show it, shadows apart"
            yield equations[0].fault(f'{said}; expected: view "{title}". {REMEDY}')
        elif (key, title) not in places:
            yield equations[0].fault(f'it is not in view "{title}", that of its group. {REMEDY}')


def _caused(written: Written) -> Iterator[ModelFault]:
    """In the view of a variable, arrows and pipes from all that it reads, and none more."""
    for view in views_in(written.text):
        names = {one.number: one.key for one in view.words.values()}
        names |= {valve: word.key for valve, word in view.valves.items()}
        drawn: dict[tuple[str, str], int] = {}
        piped: set[tuple[str, str]] = set()
        for one in view.arrows:
            ends = tuple(names.get(end, "") for end in one.ends)
            if all(ends):
                pipe = one.ends[0] in view.valves
                drawn[ends[0], ends[1]] = one.line
                piped |= {(ends[0], ends[1])} if pipe else set()
        own = {word.key: word for word in view.words.values() if word.itself and word.key in written.defined}
        for key, word in own.items():
            for cause in causes_of(written, key):
                if (cause, key) not in drawn:
                    name = written.defined[cause][0].name if cause in written.defined else "Time"
                    yield ModelFault(
                        word.line, word.fields[2], f'no arrow comes from "{name}", which it reads. {REMEDY}'
                    )
        for (start, end), line in drawn.items():
            if end in own and start not in causes_of(written, end) and (start, end) not in piped:
                yield ModelFault(
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

"""The drawing of a model in Vensim's own format, one view a module: `cli.py sketch` writes it below the equations.

The format is that of the manual's pages ref_sketch_format.html and 24305.html, objects as files of Vensim have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from innovation.engine.ir import Structure

from .sketch_rules import LONGEST_TITLE
from .views import Flow, Sheet, SheetName, enters_valve, sheets
from .written import SETTINGS, SKETCH_END, SKETCH_START, Written

_VERSION = "V300  Do not put anything below this section - it will be ignored"
_LOOK = "$192-192-192,0,Arial|9||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0"
_SHADOW = "8,2,0,3,-1,0,0,0,128-128-128,0-0-0,|9||128-128-128"
_STOCK, _AUXILIARY, _FLOW = "3,3,0,0,0,0,0,0", "8,3,0,0,0,0,0,0", "40,3,0,0,-1,0,0,0"
_VALVE, _CLOUD = "6,8,34,3,0,0,1,0,0,0", "10,8,0,3,0,0,-1,0,0,0"
_PIPE_INTO, _PIPE_FROM = "4,0,0,22,0,0,0,-1--1--1,", "100,0,0,22,0,0,0,-1--1--1,"
_CAUSE, _BENT_CAUSE = "0,0,0,0,0,128,0,-1--1--1,", "1,0,0,0,0,128,0,-1--1--1,"
_FROM_VALVE = 62  # to a cloud, in pixels
_METHODS = {"euler": 0, "rk4": 5}  # Vensim's numbers, fourth in setting 15
_UNITS = ("$,Dollar,Dollars,$s", "Day,Days", "Hour,Hours", "Month,Months", "Person,People,Persons", "Year,Years")


def with_sketch(text: str, structure: Structure) -> str:
    """A .mdl text with the drawing of its model in place of the one it has; its settings stay, or are Vensim's own."""
    written = Written(text)
    _, settings, kept = text[len(written.body) :].partition(SETTINGS)
    lines = [written.body.rstrip() + "\n"]
    for sheet in sheets(written, structure):
        lines += [SKETCH_START, _VERSION, f"*{sheet.title[:LONGEST_TITLE]}", _LOOK, *_objects(sheet)]
    lines += [SKETCH_END, SETTINGS + kept.rstrip() if settings else "\n".join(_settings(written, structure))]
    return "\n".join(lines) + "\n"


def _objects(sheet: Sheet) -> Iterator[str]:
    """The lines of a view: words and valves, clouds, pipes, causes."""
    number = count(1)
    words: list[int] = []
    valves: dict[int, int] = {}
    for place, word in enumerate(sheet.words):
        if word.valve:
            valves[place] = next(number)
            yield f"11,{valves[place]},48,{_at(word.valve)},{_VALVE}"
        words.append(next(number))
        yield f"10,{words[place]},{word.name},{_box(word)},{_look(word)}"
    for flow in sheet.flows:
        yield from _pipe(sheet, flow, words, valves[flow.flow], number)
    for arrow in sheet.arrows:
        into = sheet.words[arrow.end]
        end = valves[arrow.end] if enters_valve(into, sheet.words[arrow.start]) else words[arrow.end]
        look = _BENT_CAUSE if arrow.bent else _CAUSE
        yield f"1,{next(number)},{words[arrow.start]},{end},{look},1|({_at(arrow.through)})|"


def _pipe(sheet: Sheet, flow: Flow, words: list[int], valve: int, number: Iterator[int]) -> Iterator[str]:
    """A pipe's two halves, both drawn from the valve, and the clouds where it ends in none of the stocks."""
    x, y = sheet.words[flow.flow].valve or (0.0, 0.0)
    for end, look, side in ((flow.target, _PIPE_INTO, 1), (flow.source, _PIPE_FROM, -1)):
        if end is None:
            there = next(number)
            yield f"12,{there},48,{_at((x + side * _FROM_VALVE, y))},{_CLOUD}"
            through = x + side * _FROM_VALVE / 2, y
        else:
            box, there = sheet.words[end].box, words[end]
            edge = box.left if box.middle[0] > x else box.right
            beside = box.top <= y <= box.bottom
            through = (x + edge) / 2, y if beside else (y + box.middle[1]) / 2
        yield f"1,{next(number)},{valve},{there},{look},1|({_at(through)})|"


def _look(word: SheetName) -> str:
    if word.shadow:
        return _SHADOW
    return {"stock": _STOCK, "flow": _FLOW}.get(word.shape, _AUXILIARY)


def _box(word: SheetName) -> str:
    """The middle of a word and half of its width and height."""
    half = (word.box.right - word.box.left) / 2, (word.box.bottom - word.box.top) / 2
    return f"{_at(word.box.middle)},{_at(half)}"


def _at(point: tuple[float, float]) -> str:
    return f"{round(point[0])},{round(point[1])}"


def _settings(written: Written, structure: Structure) -> Iterator[str]:
    """What Vensim keeps of a new model: units that are one, the method, the span of time."""
    span = [written.defined[name][0].right for name in ("initial_time", "final_time", "final_time")]
    yield from (SETTINGS, "1:Current.vdf", "9:Current", *(f"22:{units}" for units in _UNITS))
    yield from (f"15:0,0,0,{_METHODS[structure.method]},0,0", "19:100,0", "27:2,", "34:0,", "4:Time")
    yield from ("35:Date", "36:YYYY-MM-DD", "37:2000", "38:1", "39:1", "40:2", "41:0", "42:1")
    yield from (f"{number}:{time}" for number, time in zip((24, 25, 26), span, strict=True))

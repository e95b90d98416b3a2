"""Cut a Vensim .mdl text into its elements, each with line and group, and name what is cut wrongly."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from innovation.engine.errors import LONGEST_EQUATION, MOST_TEXT, MOST_VALUES, Faults, ModelFault

DEEPEST_BRACKETS = 200
_LONGEST_HEADING = 1000
_SKETCH = re.compile(r"^(?:\\{2,}---///|///---\\{2,})", re.MULTILINE)
_SETTINGS = re.compile(r"^///---\\{2,}", re.MULTILINE)
_INTEGRATION = re.compile(r"^15:\s*\d+\s*,\s*\d+\s*,\s*\d+\s*,\s*(\d+)", re.MULTILINE)
_TOKEN = re.compile(r'"(?:\\"|[^"\n])*"|\{[^{}]*\}|:END OF MACRO:|:MACRO:|~|\|+', re.IGNORECASE)
_GROUP = re.compile(r"^\*{3,}\s*\.?(.*?)\s*\*{3,}$", re.DOTALL)
_STARS = re.compile(r"\*{4,}")
_TRAILER = re.compile(r"\s*(:\s*SUP\w*\s*:?)?\s*", re.IGNORECASE)
_LEFT = r"(\"(?:\\\"|[^\"\n])*\"|\w[\w $'.]{0,200}?)\s*(\[[^\]]*\]\s*(:EXCEPT:[^=]*)?)?(=|:=|\(|:(?!=))"
_UNINDENTED = re.compile(rf"(?<=\n){_LEFT}")
_OPENING = re.compile(rf"^[^\S\n]*{_LEFT}", re.MULTILINE)
_NAME = re.compile(r"\s*(\"(?:\\\"|[^\"])*\"|[^=~|\[(:<]*)")
_BLANK = re.compile(r"\s*")
_MACRO = re.compile(r"\s*(\w[\w \t'$]{0,200}?)\s*\(([^)]{0,10000})\)", re.DOTALL)


@dataclass(frozen=True)
class Element:
    """One element of the file: its equation as written, unit text, sentence, group, and the line it begins on."""

    equation: str
    unit: str
    sentence: str
    line: int
    group: str = ""
    macro: str = ""

    @property
    def name(self) -> str:
        """The name on the left of the equation."""
        found = _NAME.match(self.equation)
        name = " ".join((found.group(1) if found else "").split())
        return "a group heading" if name.startswith("***") else name[:80]


def line_of(word: str, source: str, first: int) -> int:
    """The line on which a word of an equation stands; the equation's first line where it is not found."""
    parts = [re.escape(part) for part in re.split(r"[\s_]+", word.strip('"')) if part]
    found = re.search(r"(?<!\w)" + r"[\s_\\]+".join(parts), source, re.IGNORECASE) if parts else None
    return first + source.count("\n", 0, found.start()) if found else first


@dataclass(frozen=True)
class MacroHead:
    """The head of a macro: its name, inputs and further outputs."""

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Cut:
    """What a text was cut into; ``integration`` is Vensim's number for the method in its settings, and that line."""

    elements: tuple[Element, ...]
    macros: tuple[MacroHead, ...]
    integration: tuple[int, int]


def cut_elements(text: str, faults: Faults) -> Cut:
    """Cut a whole .mdl text; the sketch after the equations is left aside, but for the integration setting in it."""
    sketch = _SKETCH.search(text)
    end = sketch.start() if sketch else len(text)
    cutter = _Cutter(text[:end], faults)
    cutter.cut()
    setting = _INTEGRATION.search(text, end)
    integration = (int(setting.group(1)), text.count("\n", 0, setting.start()) + 1) if setting else (0, 0)
    return Cut(tuple(cutter.elements), tuple(cutter.macros), integration)


def equations_of(text: str) -> str:
    """The part of a .mdl text before its drawing and settings."""
    sketch = _SKETCH.search(text)
    return text[: sketch.start()] if sketch else text


def without_drawing(text: str) -> str:
    """A .mdl text without the views of its drawing; its settings, which name the method, stay."""
    equations = equations_of(text)
    settings = _SETTINGS.search(text, len(equations))
    return equations.rstrip() + "\n" + (text[settings.start() :] if settings else "")


def without_comments(equation: str) -> str:
    """An equation on one line: comments in braces and line breaks gone, logical words in capitals."""
    flat = re.sub(r"\\\s*(\n\s*|$)", " ", equation)
    pieces = re.split(r'("(?:\\"|[^"\n])*")', flat)
    for place in range(0, len(pieces), 2):
        bare = re.sub(r"\{[^{}]*\}", " ", pieces[place])
        pieces[place] = re.sub(
            r":(and|or|not|na|except):", lambda found: found.group().upper(), bare, flags=re.IGNORECASE
        )
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


_NUMBER = r"\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?"
_BRACKETED = re.compile(rf"\(\s*(\(\s*-\s*(?:{_NUMBER})\s*\))\s*\)")
_NEGATIVE_BASE = re.compile(rf"\(\s*-\s*({_NUMBER})\s*\)(?=\s*\^)")


def with_plain_bases(equation: str) -> str:
    """(-2)^x written as (0-2)^x: PySD's parser drops the brackets, and -2^x is another value (Vensim: -2^2 = -4)."""
    while (stripped := _BRACKETED.sub(r"\1", equation)) != equation:
        equation = stripped
    return _NEGATIVE_BASE.sub(r"(0-\1)", equation)


_NUMBERED = re.compile(r"\(\s*[^\W\d][\w ]*?(?<!\d)(\d+)\s*-\s*[^\W\d][\w ]*?(?<!\d)(\d+)\s*\)")


def check_length(characters: int, faults: Faults) -> None:
    """Stop reading a file whose equations are too long together."""
    if characters > MOST_TEXT:
        shown = f"{characters / 1e6:.1f} million characters"
        faults.stop(ModelFault(0, "", f"its equations have {shown}; at most {MOST_TEXT / 1e6:.0f} million are read."))


def beyond_reading(equation: str) -> str:
    """What to say of an equation that no parser should follow: too long, too deep, or a range of too many elements."""
    if len(equation) > LONGEST_EQUATION:
        return f"the equation has {len(equation)} characters; at most {LONGEST_EQUATION} are read. Split it."
    depth = 0
    for mark in re.findall(r"[()\[\]]", equation):
        depth += 1 if mark in "([" else -1
        if depth > DEEPEST_BRACKETS:
            return f"brackets are nested deeper than {DEEPEST_BRACKETS}. Split the equation with auxiliaries."
    for found in _NUMBERED.finditer(equation):
        first, last = (number[-20:] for number in found.groups())
        if int(last) - int(first) > MOST_VALUES:
            return f"a range of {int(last) - int(first)} elements; at most {MOST_VALUES} are read."
    return ""


class _Cutter:
    def __init__(self, body: str, faults: Faults) -> None:
        self.body = body
        self.elements: list[Element] = []
        self.macros: list[MacroHead] = []
        self.faults = faults
        self.group = ""
        self.macro = ""
        self.breaks = [found.start() for found in re.finditer("\n", body)]
        self.start = re.match(r"\s*(\{[^}]*\})?", body).end()  # type: ignore[union-attr]

    def cut(self) -> None:
        """Walk from mark to mark: quotes and braces count in equations only, tildes part an element, a bar ends it."""
        begin, marks, position = self.start, [], self.start
        while found := _TOKEN.search(self.body, position):
            position, token = found.end(), found.group()
            if token == "~":
                marks.append(found.start())
            elif token[0] == "|":
                if marks or not _BLANK.fullmatch(self.body, begin, found.start()):
                    self.close(begin, marks, found.start())
                begin, marks = position, []
            elif marks:
                position = found.start() + 1 if token[0] in '"{:' else position
            elif token.upper() == ":MACRO:":
                position = begin = self.open_macro(position)
            elif token.upper() == ":END OF MACRO:":
                self.macro, begin = "", position
        rest = self.body[begin:]
        if rest.strip():
            name = Element(rest, "", "", 0).name
            self.fault(
                begin,
                name,
                "the file ends, or its drawing begins, inside this element. Close it with a | after its comment.",
            )
            if len(marks) > 1:
                self.close(begin, marks, len(self.body))
            elif marks:
                self.keep(begin, [*marks, len(self.body)], len(self.body))

    def line(self, place: int) -> int:
        """The line of the first mark that is not blank from a place on."""
        mark = _BLANK.match(self.body, place)
        return bisect_left(self.breaks, mark.end() if mark else place) + 1

    def fault(self, place: int, element: str, message: str) -> None:
        self.faults.append(ModelFault(self.line(place), element, message))

    def open_macro(self, place: int) -> int:
        """Read a macro's head; answers where its first element begins."""
        head = _MACRO.match(self.body, place)
        if head is None:
            self.fault(
                place, "", "a macro begins here without a name and its inputs in brackets, as in :MACRO: NAME(a, b)."
            )
            return place
        inputs, _, outputs = head.group(2).partition(":")
        split = [tuple(name.strip() for name in part.split(",") if name.strip()) for part in (inputs, outputs)]
        self.macro = " ".join(head.group(1).split())
        self.macros.append(MacroHead(self.macro, split[0], split[1], self.line(place)))
        return head.end()

    def close(self, begin: int, marks: list[int], end: int) -> None:
        """What stands before a bar: one element, or several where bars were forgotten, each then cut out and named."""
        used = 0
        while True:
            left = marks[used : used + 4]
            equation = self.body[begin : left[0] if left else end]
            name = Element(equation, "", "", 0).name
            heading = _GROUP.match(equation.strip()[:_LONGEST_HEADING])
            own = 1 if heading else 2  # tildes
            if heading:
                self.group = " ".join(heading.group(1).split())
            elif len(left) < own and equation.strip():
                self.fault(begin, name, "an element is: equation ~ unit ~ comment |; a ~ is missing.")
            trailer = len(left) == 3 and _TRAILER.fullmatch(self.body[left[2] + 1 : end])
            if len(left) <= own or (trailer and not heading):
                if not heading:
                    self.keep(begin, [*left, end, end][:2], end)
                return
            cut = left[own - 1] + 1 + _next_definition(self.body[left[own - 1] + 1 : left[own]])
            self.fault(begin, name, f"it is not closed: a | is missing before the definition on line {self.line(cut)}.")
            if not heading:
                self.keep(begin, left[:2], cut)
            begin, used = cut, used + own

    def keep(self, begin: int, marks: list[int], end: int) -> None:
        """Record an element whose equation, unit and comment lie between these marks."""
        equation = self.body[begin : marks[0]]
        if not equation.strip():
            if marks[0] < end:
                self.fault(begin, "", "an element without an equation. Write: name = equation ~ unit ~ comment |.")
            return
        lead = len(equation) - len(equation.lstrip())
        sentence = self.body[marks[1] + 1 : end].partition("~")[0]
        element = Element(
            equation.strip(),
            " ".join(self.body[marks[0] + 1 : marks[1]].split()),
            " ".join(re.sub(r"\\\s*\n", " ", sentence).split()),
            self.line(begin + lead),
            self.group,
            self.macro,
        )
        self.elements.append(element)


def _next_definition(text: str) -> int:
    """Where the next definition begins in a comment left open: a heading, else a line that looks like one."""
    for pattern in (_STARS, _UNINDENTED, _OPENING):
        if found := pattern.search(text):
            return found.start()
    return text.rstrip().rfind("\n") + 1


def unit_and_limits(text: str) -> tuple[str, tuple[float | None, float | None]]:
    """Part 'unit [low, high]' into the unit and its limits; a ? or nothing is an open end."""
    unit, bracket, inside = text.partition("[")
    if not bracket:
        return text.strip(), (None, None)
    ends: list[float | None] = []
    for part in inside.rstrip("] ").split(",")[:2]:
        try:
            ends.append(float(part))
        except ValueError:
            ends.append(None)
    ends += [None, None]
    return unit.strip(), (ends[0], ends[1])

"""YAML files that people write, read safely: plain data with a line number for every place, and all faults as data.

The events of the YAML parser are used instead of its loader: nothing is constructed, nested calls don't grow with the
file, and tags, aliases and duplicate keys are refused where they stand. Plain words are read by the rules of YAML 1.2
(`1e3` is a number; `yes` and `1:30` are text).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

import yaml

from innovation.engine.files import UnreadableFile, read_plain_file

from .faults import MOST_FAULTS, Fault, fault, near, stopped, why
from .phrases import Value, bounded, shortened

Place = tuple[str | int, ...]
LARGEST_FILE = 1_000_000
MOST_ENTRIES = 20_000  # values and items of one file
DEEPEST = 20
MOST_NEAR = 20  # faults of one file that near names are looked for: it is slow, and of no use after so many
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What no text needs: control characters, marks that turn the direction of writing, and what is no character at all.
_STRANGE = re.compile(
    "[^\t\n\r -~\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    "|[\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_DIRECTIVE = re.compile("^%", re.MULTILINE)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}
ASCII = {"：": ":", "，": ",", "［": "[", "］": "]", "｛": "{", "｝": "}", "“": '"', "”": '"', "－": "-"}
_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
# A name before a colon, a name with its colon after a comma, a bracket around them, a dash that begins an item.
_PLACES = re.compile(
    rf"(?:^|[{{,，｛\s]){_WORD}\s*(：)|(，)\s*{_WORD}\s*[:：]|:\s*([［｛“])|^\s*(?:-\s*)?(｛)|([］｝])\s*,?\s*$|^\s*(－)\s"
)
_LIST = re.compile(r"([［｛])[ -~，：]*[］｝]")


@dataclass(frozen=True)
class Document:
    """A file's content as plain data (`data`: dict, list, str, int, float, bool, None), with the line of every place.

    `faults` holds what is wrong with it as YAML; `data` is None where it could not be read at all.
    """

    where: str
    data: Any = None
    lines: Mapping[Place, int] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    _asked: count[int] = field(default_factory=count, compare=False, repr=False)

    def line(self, place: Place) -> int | None:
        """Line of `place`, or of the nearest place around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)

    def fault(self, place: Place, code: str, /, **values: Value) -> Fault:
        """A fault at `place`, written the way a reader counts: items from 1; a row of a table has its line alone."""
        is_row = self.data is None and all(isinstance(part, int) for part in place)
        return Fault(self.where, self.line(place), "" if is_row else place_in_words(place), code, bounded(values))

    def nearest(self, word: str, valid: Iterable[str]) -> Value:
        """A question after the valid names closest to a word; '' once many have been asked for."""
        return near(word, valid) if next(self._asked) < MOST_NEAR else ""

    def unknown(self, word: str, valid: Iterable[str]) -> dict[str, Value]:
        """What is said of a name that is none of the valid ones: itself, as `name`, and those `near` it."""
        return {"name": shortened(word), "near": self.nearest(word, valid)}


def place_in_words(place: Place) -> str:
    """('policies', 1, 'lever') -> 'policies 2, lever'."""
    words: list[str] = []
    for part in place:
        if isinstance(part, int) and words:
            words[-1] += f" {part + 1}"
        else:
            words.append(shortened(str(part)))
    return ", ".join(words)


def shown(path: Path) -> str:
    """The path as a message names it: from the current folder where it lies inside it."""
    try:
        return tamed(str(path.resolve().relative_to(Path.cwd())))
    except (ValueError, OSError, RuntimeError):  # elsewhere, or links that lead round in a circle
        return tamed(str(path))


def read_text(path: Path) -> tuple[str, list[Fault]]:
    """Text of a file, and what is wrong with it as a file of text (then the text is '').

    At most 1 MB is read, whatever the file says of its own size.
    """
    where = shown(path)
    try:
        return decode(read_plain_file(path, LARGEST_FILE), where)
    except UnreadableFile as error:
        if error.absent:
            return "", [fault("model.file_absent", where)]
        return "", [fault("model.file_unreadable", where, why=why(error))]


def decode(content: bytes, where: str) -> tuple[str, list[Fault]]:
    """Text of `content` in UTF-8, and the fault that keeps it from being text."""
    if len(content) > LARGEST_FILE:
        return "", [_too_large(where)]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return "", [fault("model.encoding", where, line)]
    return _checked(text, where)


def _checked(text: str, where: str) -> tuple[str, list[Fault]]:
    """The text where it can be a file's, and the fault that keeps it from being that."""
    wrong = _too_large(where) if len(text) > LARGEST_FILE else _strange(text, where)
    return ("", [wrong]) if wrong else (text, [])


def _too_large(where: str) -> Fault:
    return fault("model.too_large", where, most=LARGEST_FILE)


def tamed(text: str) -> str:
    """A name that comes from outside, with a mark in place of each character that no text needs."""
    return _STRANGE.sub("\ufffd", text)


def strange(text: str) -> tuple[int, str] | None:
    """Where a text has a character that no text needs, and the character's number; None where it has none."""
    found = _STRANGE.search(text)
    return found and (found.start(), f"U+{ord(found.group()):04X}")


def _strange(text: str, where: str, first: int = 1) -> Fault | None:
    """The fault of a text with such a character; its first line is `first`."""
    if (found := strange(text)) is None:
        return None
    line = first + text.count("\n", 0, found[0])
    return fault("model.character", where, line, character=found[1])


def read_document(path: Path) -> Document:
    """Read a YAML file; whatever is wrong stands in the document's faults."""
    text, faults = read_text(path)
    return Document(shown(path), faults=tuple(faults)) if faults else parse_document(text, shown(path))


def parse_document(text: str | bytes, where: str) -> Document:
    """Read YAML from text (or from bytes in UTF-8); whatever is wrong stands in the document's faults."""
    text, faults = decode(text, where) if isinstance(text, bytes) else _checked(text, where)
    if not faults and (directive := _DIRECTIVE.search(text)):  # of thousands the parser compares each with each
        line = text.count("\n", 0, directive.start()) + 1
        faults = [fault("model.directive", where, line)]
    if faults:
        return Document(where, faults=tuple(faults))
    tree = _Tree(where)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            tree.take(event)
            if tree.stopped:
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        tree.faults += _wide(text, where) or [
            fault("model.not_yaml", where, mark.line + 1 if mark else None, problem=error.problem)
        ]
        tree.data = None
    except yaml.YAMLError as error:
        tree.faults.append(fault("model.no_yaml", where, problem=shortened(str(error))))
        tree.data = None
    if not tree.faults and not isinstance(tree.data, dict | list):
        tree.faults += _wide(text, where)
    if not tree.documents and not tree.faults:
        tree.faults.append(fault("model.file_empty", where))
    return Document(where, None if tree.stopped else tree.data, tree.lines, tuple(tree.faults))


def _wide(text: str, where: str) -> list[Fault]:
    """A fault for each full-width mark that stands where YAML needs its own."""
    return [
        fault("model.wide_mark", where, line, mark=mark, plain=plain)
        for line, mark, plain in islice(wide_marks(text), MOST_FAULTS)
    ]


@dataclass
class _Open:
    """A mapping or list not yet closed: its content, its place, and the key that waits for a value."""

    content: dict[str, Any] | list[Any]
    place: Place
    is_key: bool = False
    key: str | None = None
    seen: dict[str, int] = field(default_factory=dict)


class _Tree:
    """Grows plain data from parser events with a stack of its own."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.data: Any = None
        self.lines: dict[Place, int] = {}
        self.faults: list[Fault] = []
        self.documents = 0
        self.stopped = False
        self._open: list[_Open] = []
        self._entries = 0

    def take(self, event: yaml.Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents == 2:
                self._fault(line, "model.second_document")
        elif isinstance(event, yaml.AliasEvent):
            self._fault(line, "model.alias", name=shortened(str(event.anchor)))
            self._place(None, line)
        elif isinstance(event, yaml.NodeEvent):
            self._check_tag(event, line)
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event, line)
            else:
                self._collection({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent) and self._open.pop().is_key:
            self._open[-1].key = f"line {line}"

    def _check_tag(self, event: Any, line: int) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(line, "model.tag", tag=shortened(tag))
        if event.anchor is not None:
            self._fault(line, "model.anchor", name=shortened(event.anchor))

    def _collection(self, content: dict[str, Any] | list[Any], line: int) -> None:
        if self._expects_key():
            self._fault(line, "model.name_of_parts")
            self._open.append(_Open(content, self._open[-1].place, is_key=True))
        else:
            self._open.append(_Open(content, self._place(content, line)))
        if len(self._open) > DEEPEST:
            self._fault(line, "model.too_deep", most=DEEPEST)
            self.stopped = True

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].content, dict) and self._open[-1].key is None

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if strange_one := _strange(event.value, self.where, line):  # written as an escape, such as "\u202E"
            self.faults.append(strange_one)
            self.stopped = True
        if self._expects_key():
            parent, key = self._open[-1], event.value
            self._check_marks(key, line, is_name=True)
            if key in parent.seen:
                first = parent.seen[key]
                self._fault(line, "model.key_again", key=shortened(key), first=first)
            parent.seen.setdefault(key, line)
            parent.key = key
            self.lines.setdefault((*parent.place, key), line)
        else:
            if event.implicit[0]:
                self._check_marks(event.value, line, is_name=False)
            self._place(plain_value(event.value) if event.implicit[0] else event.value, line)

    def _check_marks(self, word: str, line: int, is_name: bool) -> None:
        if (mark := wide_mark_in(word, is_name)) is not None:
            self._fault(line, "model.wide_mark", mark=mark, plain=ASCII[mark])

    def _place(self, value: Any, line: int) -> Place:
        """Put a value where it belongs and return its place; the first of two equal keys stays."""
        self._entries += 1
        if self._entries > MOST_ENTRIES:
            self._fault(line, "model.entries", most=MOST_ENTRIES)
            self.stopped = True
        if not self._open:
            if self.documents <= 1:
                self.data = value
            self.lines.setdefault((), line)
            return ()
        parent = self._open[-1]
        if isinstance(parent.content, list):
            parent.content.append(value)
            place: Place = (*parent.place, len(parent.content) - 1)
            self.lines[place] = line
            return place
        if parent.key is None:
            parent.key = f"line {line}"
            return parent.place
        key, parent.key = parent.key, None
        parent.content.setdefault(key, value)
        return (*parent.place, key)

    def _fault(self, line: int, code: str, /, **values: Value) -> None:
        self.faults.append(fault(code, self.where, line, **values))
        if len(self.faults) == MOST_FAULTS:
            self.faults.append(stopped(self.where, line))
            self.stopped = True


def plain_value(text: str) -> Any:
    """What an unquoted word means: nothing, true or false, a number, or itself (YAML 1.2, core schema)."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text


def wide_mark_in(word: str, is_name: bool) -> str | None:
    """The full-width mark that made this of a name, or of a list or mapping; None where there is none."""
    found = re.search("[｛［：，]", word) if is_name else _LIST.fullmatch(word)
    return found and found[0][0]


def wide_marks(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, the mark that stands there and the one that is needed, wherever a name or a bracket says so."""
    for line, content in enumerate(text.splitlines(), 1):
        for mark in dict.fromkeys(mark for found in _PLACES.findall(content) for mark in found if mark):
            yield line, mark, ASCII[mark]

"""What is wrong with a file that somebody wrote: each fault names file, line and remedy; faults are raised together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import Any

from innovation.engine import near_names
from innovation.engine.files import FileTrouble, UnreadableFile, reason

from .phrases import LONGEST_QUOTE, Language, Phrase, Term, Value, Values, in_words, phrase, shortened

MOST_FAULTS = 200  # of one file; more are counted
MOST_SHOWN = 40


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one file; as a text it is English.

    `line` counts from 1 (None where the whole file is meant), `place` says where in the reader's words
    ("policies 2, lever"). `code` and `values` say what is wrong and what to do (`phrases`). `count` is how many faults
    it stands for.
    """

    where: str
    line: int | None
    place: str
    code: str
    values: Values = ()
    count: int = 1

    def said(self, language: Language) -> tuple[str, str]:
        """What is wrong, in a language, and what was expected or what to do, or ''."""
        return in_words(self.code, self.values, language)

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.said("en")[0]

    @property
    def remedy(self) -> str:
        """What was expected or what to do, in English, or ''."""
        return self.said("en")[1]

    def __str__(self) -> str:
        head = ", ".join(part for part in (self.where, f"line {self.line}" if self.line else "", self.place) if part)
        return "\n  ".join(part for part in (head, *self.said("en")) if part)


def fault(code: str, where: str, line: int | None = None, place: str = "", /, **values: Value) -> Fault:
    """A fault with the words under a code, and a value for each of their places."""
    return Fault(where, line, place, code, tuple(values.items()))


class DocumentError(ValueError):
    """One or several files cannot be used; `faults` holds what is wrong, by file and line, `count` how much of it.

    Of a file that is wrong throughout the first MOST_FAULTS are told, and one that stands for all others.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        in_order = sorted(faults, key=lambda one: (one.where, one.line or 0))
        by_file = groupby(in_order, key=lambda one: one.where)
        self.faults = tuple(one for _, found in by_file for one in first_of(list(found)))
        self.count = sum(one.count for one in self.faults)
        super().__init__(_account(self.faults, self.count))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.faults,)


def first_of(faults: Sequence[Fault]) -> Sequence[Fault]:
    """The first MOST_FAULTS of a file's faults, and one that stands for all others."""
    if len(faults) <= MOST_FAULTS + 1:
        return faults
    return [*faults[:MOST_FAULTS], others(faults[MOST_FAULTS], sum(one.count for one in faults[MOST_FAULTS:]))]


def others(first: Fault, count: int) -> Fault:
    """The fault that stands for so many, of which `first` is the first."""
    return replace(fault("model.others", first.where, first.line, number=count), count=count)


def as_many_as_help(faults: Iterable[Fault]) -> list[Fault]:
    """The first MOST_FAULTS of faults that take time to find; the others are not looked for, which one fault says."""
    found = list(islice(faults, MOST_FAULTS))
    if len(found) == MOST_FAULTS:
        found.append(stopped(found[-1].where, found[-1].line))
    return found


def stopped(where: str, line: int | None) -> Fault:
    """The fault that says that nothing more is looked for."""
    return fault("model.stopped", where, line, most=MOST_FAULTS)


def _account(faults: Sequence[Fault], count: int) -> str:
    """Every fault in its own paragraph, headed by their number where there are several."""
    lines = [f"{count} faults"] if count > 1 else []
    lines += [str(one) for one in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"… and {sum(one.count for one in faults[MOST_SHOWN:])} more")
    return "\n".join(lines)


def quoted(value: object) -> Value:
    """A found value and its kind, cut where it is long."""
    if value is None:
        return phrase("model.nothing")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        number = f"{value:g}" if isinstance(value, float) else str(value)[:LONGEST_QUOTE]
        return phrase("model.a_number", number=number)
    if isinstance(value, str):
        return phrase("model.a_text", text=shortened(value))
    return phrase("model.a_list" if isinstance(value, list) else "model.a_mapping")


def near(word: str, valid: Iterable[str]) -> Value:
    """A question after the valid names closest to a word; '' where none is close."""
    names = tuple(near_names(word, valid))
    return phrase("model.near", names=names) if names else ""


def why(error: OSError | ValueError | UnreadableFile) -> Value:
    """Why a file could not be read or written, in words that continue a sentence."""
    if isinstance(error, UnreadableFile) and error.most is not None:
        return phrase("model.larger", most=error.most)
    found = error.reason if isinstance(error, UnreadableFile) else reason(error)
    return Term("model.reason", found) if isinstance(found, FileTrouble) else original(found)


def original(error: object) -> Value:
    """What an error says: a phrase of the house as it is, all else as a quotation of English."""
    said = error.args[0] if isinstance(error, Exception) and error.args else error
    return said if isinstance(said, Phrase) else phrase("model.original", text=str(error))

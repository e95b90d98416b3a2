"""What is wrong with a file that somebody wrote: each fault names file, line and remedy; faults are raised together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

MOST_FAULTS = 200  # of one file; more are counted
MOST_SHOWN = 40
LONGEST_QUOTE = 60
LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one file.

    `line` counts from 1 (None where the whole file is meant), `place` says where in the reader's words
    ("policies 2, lever"), `message` what is wrong, `remedy` what was expected or what to do. `count` is how many faults
    it stands for.
    """

    where: str
    line: int | None
    place: str
    message: str
    remedy: str = ""
    count: int = 1

    def __str__(self) -> str:
        head = ", ".join(part for part in (self.where, f"line {self.line}" if self.line else "", self.place) if part)
        return "\n  ".join(part for part in (head, self.message, self.remedy) if part)


class DocumentError(ValueError):
    """One or several files cannot be used; `faults` holds what is wrong, by file and line, `count` how much of it.

    Of a file that is wrong throughout the first MOST_FAULTS are told, and one that stands for all others.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        in_order = sorted(faults, key=lambda fault: (fault.where, fault.line or 0))
        by_file = groupby(in_order, key=lambda fault: fault.where)
        self.faults = tuple(fault for _, found in by_file for fault in first_of(list(found)))
        self.count = sum(fault.count for fault in self.faults)
        super().__init__(_account(self.faults, self.count))


def first_of(faults: Sequence[Fault]) -> Sequence[Fault]:
    """The first MOST_FAULTS of a file's faults, and one that stands for all others."""
    if len(faults) <= MOST_FAULTS + 1:
        return faults
    return [*faults[:MOST_FAULTS], others(faults[MOST_FAULTS], sum(fault.count for fault in faults[MOST_FAULTS:]))]


def others(first: Fault, count: int) -> Fault:
    """The fault that stands for so many, of which `first` is the first."""
    return Fault(first.where, first.line, "", f"{count} more faults stand from here on.", "Mend those above.", count)


def as_many_as_help(faults: Iterable[Fault]) -> list[Fault]:
    """The first MOST_FAULTS of faults that take time to find; the others are not looked for, which one fault says."""
    found = list(islice(faults, MOST_FAULTS))
    if len(found) == MOST_FAULTS:
        found.append(stopped(found[-1].where, found[-1].line))
    return found


def stopped(where: str, line: int | None) -> Fault:
    """The fault that says that nothing more is looked for."""
    return Fault(where, line, "", f"Reading stopped here after {MOST_FAULTS} faults.", "Mend those above.")


def _account(faults: Sequence[Fault], count: int) -> str:
    """Every fault in its own paragraph, headed by their number where there are several."""
    lines = [f"{count} faults"] if count > 1 else []
    lines += [str(fault) for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"… and {sum(fault.count for fault in faults[MOST_SHOWN:])} more")
    return "\n".join(lines)


def quoted(value: object) -> str:
    """Name a found value and its kind in a message, cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value:g}" if isinstance(value, float) else f"the number {str(value)[:LONGEST_QUOTE]}"
    if isinstance(value, str):
        return f'the text "{shortened(value)}"'
    return "a list" if isinstance(value, list) else "a mapping"


def shortened(text: str, most: int = LONGEST_QUOTE) -> str:
    """Cut `text` to a length that a message can carry."""
    return text if len(text) <= most else text[: most - 1] + "…"

"""What is wrong with a file that somebody wrote: each fault names file, line and remedy; faults are raised together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_SHOWN = 40
LONGEST_QUOTE = 60


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one file.

    `line` counts from 1 (None where the whole file is meant), `place` says where in the reader's words
    ("policies 2, lever"), `message` what is wrong, `remedy` what was expected or what to do.
    """

    where: str
    line: int | None
    place: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        head = ", ".join(part for part in (self.where, f"line {self.line}" if self.line else "", self.place) if part)
        return "\n  ".join(part for part in (head, self.message, self.remedy) if part)


class DocumentError(ValueError):
    """One or several files cannot be used; `faults` holds everything that is wrong, by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(sorted(faults, key=lambda fault: (fault.where, fault.line or 0)))
        super().__init__(_account(self.faults))


def _account(faults: Sequence[Fault]) -> str:
    """Every fault in its own paragraph, headed by their number where there are several."""
    lines = [f"{len(faults)} faults"] if len(faults) > 1 else []
    lines += [str(fault) for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        lines.append(f"… and {len(faults) - MOST_SHOWN} more")
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

"""What the engine says when it cannot go on: every fault at once, with its place, its word and the nearest names."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

# What is read is bounded, so that no file takes hours or all memory; PySD's parser takes 15 to 150 s a megabyte.
LARGEST_FILE = 20_000_000  # bytes, of which most are drawing
MOST_TEXT = 5_000_000  # characters of equations
LONGEST_EQUATION = 100_000
MOST_VALUES = 1_000_000  # elements of all variables together, those of inner ones included
MOST_TERMS = 5_000_000  # parts of all equations, written out element by element
MOST_INNER = 50_000  # variables that functions and macros unfold into
MOST_DIMENSIONS = 20
MOST_STEPS = 10_000_000  # of a run
MOST_FAULTS = 200
LONGEST_READING = 120.0  # seconds of the processor's time, before another equation is begun
_LONGEST_NAME, _LONGEST_MESSAGE = 80, 500
_MOST_SUGGESTIONS = 20  # looking for near names is slow, and after so many faults of no use
_LONGEST_WORD = 100  # characters of a name that near ones are looked for


class EngineError(Exception):
    """Anything the engine refuses; its text is meant for the person who wrote the file or the call."""


@dataclass(frozen=True)
class ModelFault:
    """One thing wrong with a model file: the line (0 = the file as a whole), the element, and the message."""

    line: int
    element: str
    message: str
    unsupported: bool = False

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (f"line {self.line}" if self.line else "", f'"{_cut(self.element, _LONGEST_NAME)}"')
            if part not in ("", '""')
        )
        message = _cut(self.message, _LONGEST_MESSAGE)
        return f"{place}: {message}" if place else message


class ModelFileError(EngineError):
    """A model file that cannot be read; ``faults`` holds everything wrong with it, in the order of its lines."""

    def __init__(self, path: Path | str, faults: Iterable[ModelFault]) -> None:
        self.path = Path(path)
        self.faults: tuple[ModelFault, ...] = tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
        count = len(self.faults)
        head = f"{self.path}: {count} fault{'' if count == 1 else 's'}"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.faults)


class UnsupportedError(ModelFileError):
    """A sound model file that uses something the engine does not compute; ``faults`` names each use."""


class RunError(EngineError):
    """A run that was asked for wrongly, or whose values did not stay finite."""


def file_error(path: Path | str, faults: Sequence[ModelFault]) -> ModelFileError:
    """The error for these faults: UnsupportedError when nothing is wrong but what the engine lacks."""
    kind = UnsupportedError if all(fault.unsupported for fault in faults) else ModelFileError
    return kind(path, faults)


class ReadingStopped(Exception):
    """Ends the reading of a file; ``faults`` are those found."""

    def __init__(self, faults: Sequence[ModelFault]) -> None:
        super().__init__(faults)
        self.faults = tuple(faults)


class Faults(list[ModelFault]):
    """The faults of a file as they are found, up to ``MOST_FAULTS``; then ReadingStopped is raised.

    Made when reading begins: the time that it takes is counted from there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._end = time.thread_time() + LONGEST_READING

    def heed_time(self) -> None:
        """Stop where reading has taken too long; asked before each equation."""
        if time.thread_time() > self._end:
            message = f"reading stopped after {LONGEST_READING:.0f} seconds of the processor's time. Split the model."
            self.stop(ModelFault(0, "", message))

    def append(self, fault: ModelFault) -> None:
        """Record a fault."""
        super().append(fault)
        if len(self) >= MOST_FAULTS:
            self.stop(ModelFault(0, "", f"reading stopped after {MOST_FAULTS} faults. Mend these first."))

    def stop(self, fault: ModelFault) -> NoReturn:
        """Record a fault after which nothing more is read."""
        raise ReadingStopped([*self, fault])

    def nearest(self, word: str, valid: Callable[[], Iterable[str]]) -> str:
        """The names closest to a word, as ``errors.nearest`` has them, while the faults are few enough to care."""
        return nearest(word, valid()) if len(self) < _MOST_SUGGESTIONS else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def nearest(word: str, valid: Iterable[str]) -> str:
    """' Did you mean: a, b?' for the valid names closest to a word, or nothing when none is close."""
    names = near_names(word, valid)
    return f" Did you mean: {', '.join(names)}?" if names else ""


def near_names(word: str, valid: Iterable[str], count: int = 3) -> list[str]:
    """The valid names closest to a word, closest first; none when none is close."""
    by_lower = {name.lower(): name for name in valid}
    close = difflib.get_close_matches(word[:_LONGEST_WORD].lower(), list(by_lower), n=count, cutoff=0.6)
    return [by_lower[name] for name in close]

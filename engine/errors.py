"""What the engine says when it cannot go on: every fault at once, with its place, its word and the nearest names."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import NoReturn

# What is read is bounded, so that no file takes hours or all memory; PySD's parser takes 15 to 150 s a megabyte.
LARGEST_FILE = 20_000_000  # bytes, of which most are drawing
MOST_TEXT = 5_000_000  # characters of equations
LONGEST_EQUATION = 100_000
MOST_VALUES = 1_000_000  # elements of all variables together, those of inner ones included
MOST_TERMS = 5_000_000  # parts of all equations, written out element by element
MOST_INNER = 50_000  # variables that functions and macros unfold into
MOST_DIMENSIONS = 20
MOST_STEPS = 10_000_000  # of a run
MOST_FAULTS = 1000
_MOST_SUGGESTIONS = 100  # looking for near names is slow, and after so many faults of no use


class EngineError(Exception):
    """Anything the engine refuses; its text is meant for the person who wrote the file or the call."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a model file: the line (0 = the file as a whole), the element, and the message."""

    line: int
    element: str
    message: str
    unsupported: bool = False

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (f"line {self.line}" if self.line else "", f'"{self.element}"' if self.element else "")
            if part
        )
        return f"{place}: {self.message}" if place else self.message


class ModelFileError(EngineError):
    """A model file that cannot be read; ``faults`` holds everything wrong with it, in the order of its lines."""

    def __init__(self, path: FilePath | str, faults: Iterable[Fault]) -> None:
        self.path = FilePath(path)
        self.faults: tuple[Fault, ...] = tuple(sorted(dict.fromkeys(faults), key=lambda fault: fault.line))
        count = len(self.faults)
        head = f"{self.path}: {count} fault{'' if count == 1 else 's'}"
        super().__init__("\n".join([head, *(f"  {fault}" for fault in self.faults)]))


class UnsupportedError(ModelFileError):
    """A sound model file that uses something the engine does not compute; ``faults`` names each use."""


class RunError(EngineError):
    """A run that was asked for wrongly, or whose values did not stay finite."""


def file_error(path: FilePath | str, faults: Sequence[Fault]) -> ModelFileError:
    """The error for these faults: UnsupportedError when nothing is wrong but what the engine lacks."""
    kind = UnsupportedError if all(fault.unsupported for fault in faults) else ModelFileError
    return kind(path, faults)


class ReadingStopped(Exception):
    """Ends the reading of a file; ``faults`` are those found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class Faults(list[Fault]):
    """The faults of a file as they are found, up to ``MOST_FAULTS``; then ReadingStopped is raised."""

    def append(self, fault: Fault) -> None:
        """Record a fault."""
        super().append(fault)
        if len(self) >= MOST_FAULTS:
            self.stop(Fault(0, "", f"reading stopped after {MOST_FAULTS} faults. Mend these first."))

    def stop(self, fault: Fault) -> NoReturn:
        """Record a fault after which nothing more is read."""
        raise ReadingStopped([*self, fault])

    def nearest(self, word: str, valid: Callable[[], Iterable[str]]) -> str:
        """The names closest to a word, as ``errors.nearest`` has them, while the faults are few enough to care."""
        return nearest(word, valid()) if len(self) < _MOST_SUGGESTIONS else ""


def nearest(word: str, valid: Iterable[str], count: int = 3) -> str:
    """' Did you mean: a, b?' for the valid names closest to a word, or nothing when none is close."""
    by_lower = {name.lower(): name for name in valid}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=count, cutoff=0.6)
    return f" Did you mean: {', '.join(by_lower[name] for name in close)}?" if close else ""

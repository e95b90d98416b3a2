"""What the engine says when it cannot go on: every fault at once, with its place, its word and the nearest names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

LARGEST_FILE = 20_000_000  # bytes; parsing takes 15 s a megabyte


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


def nearest(word: str, valid: Iterable[str], count: int = 3) -> str:
    """' Did you mean: a, b?' for the valid names closest to a word, or nothing when none is close."""
    by_lower = {name.lower(): name for name in valid}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=count, cutoff=0.6)
    return f" Did you mean: {', '.join(by_lower[name] for name in close)}?" if close else ""

"""How a command ends: its exit status, and one sentence for whatever went wrong.

0 done · 1 a fault of the program · 2 something that a person can mend · 3 too many members failed, or parts of the work
could not be computed · 130 Ctrl-C.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable

FAULT, MISTAKE, UNFINISHED, INTERRUPTED = 1, 2, 3, 130


class Mistake(Exception):
    """Something a person can put right; the text says how."""


def ended(answer: Callable[[], int | None]) -> int:
    """Answer a command and say in one sentence what kept it from ending well; returns the exit status."""
    try:
        status = answer() or 0
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # whoever read our output (head, less) has gone
        _close_output()
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        status, sentence = _account(error)
        try:
            sys.stdout.flush()
        except OSError:
            _close_output()
        print(sentence, file=sys.stderr)
        return status


def _close_output() -> None:
    """Keep Python from complaining when it closes a stream that nobody reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _account(error: Exception) -> tuple[int, str]:
    """The exit status for an error, and what is said of it."""
    from innovation.engine import EngineError, NotFiniteError
    from innovation.engine.files import reason
    from innovation.model.files import DocumentError
    from innovation.scenarios.simulation import TooManyFailed

    if isinstance(error, NotFiniteError | TooManyFailed):
        return UNFINISHED, str(error)
    if isinstance(error, EngineError | DocumentError):
        return MISTAKE, f"{type(error).__name__}: {error}"
    if isinstance(error, Mistake):
        return MISTAKE, str(error)
    if isinstance(error, OSError):
        said = reason(error)
        return MISTAKE, f"{error.filename}: {said}." if error.filename else f"{said[0].upper()}{said[1:]}."
    if isinstance(error, MemoryError):
        return MISTAKE, "There is not enough memory for this. Ask for fewer members, outputs or years."
    said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
    return FAULT, f"This is a fault of the program ({said}). {_kept(error)}"


def _kept(error: Exception) -> str:
    """Write the traceback into a file; the sentence that names it."""
    told = f"{sys.argv}\nPython {platform.python_version()}, {platform.platform()}\n\n"
    told += "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="innovation-economy-", suffix=".txt", delete=False, encoding="utf-8", errors="replace"
        ) as file:
            file.write(told)
    except OSError:
        return "What led to it could not be written anywhere."
    return f"What led to it stands in {file.name}: send it along when you report this."

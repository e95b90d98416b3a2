"""How far a long computation is, on one line of a terminal, or now and then where nobody looks on."""

from __future__ import annotations

import sys
import time

from innovation.engine import Progress

SELDOM = 30.0  # seconds between two lines where there is no terminal


class Telling:
    """Says on stderr which step a computation is at, the share done and the time left."""

    def __init__(self) -> None:
        self._told: float | None = None
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Tell it; the computation says how many seconds are left."""
        done, total, left = progress.done, progress.total, progress.seconds_left or 0.0
        now, live = time.monotonic(), sys.stderr.isatty()
        if not live and self._told is not None and now - self._told < SELDOM and done < total:
            return
        remains = f"{left / 60:.0f} min" if left >= 90 else f"{left:.0f} s"
        line = f"{progress.step}: {100 * done // total} %, {remains} left"
        print(f"\r{line:<{self._width}}" if live else line, end="" if live else "\n", file=sys.stderr, flush=True)
        self._told, self._width = now, len(line) if live else 0

    def end(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self._width:
            print(file=sys.stderr)
            self._width = 0

"""How far a long command is: a bar for a person, lines of JSON for a script, or nothing."""

from __future__ import annotations

import json
import sys
import time
from typing import Literal, TextIO

from innovation.engine import Progress

Style = Literal["bar", "json", "quiet"]
WIDTH = 24
EVERY = {"bar": 0.2, "json": 1.0}  # seconds between two signs of life


class Meter:
    """Tells what is done, the rate, the time left and what failed, on stderr; the first step is called `noun`."""

    def __init__(self, style: Style = "bar", noun: str = "members", stream: TextIO | None = None) -> None:
        self.total, self.done, self.failed = 0, 0, 0
        self._style, self._noun, self._stream = style, noun, stream or sys.stderr
        self._already, self._begun, self._told = 0, time.monotonic(), float("-inf")
        self._step: str | None = None
        self._failed_before = 0
        self._person = self._stream.isatty()

    def __call__(self, progress: Progress) -> None:
        """Tell how far it is; what is first heard of a step starts its clock, with what an earlier run did."""
        begins = progress.step != self._step
        if begins:
            self._begin(progress)
        self.done, self.total, self.failed = progress.done, progress.total, self._failed_before + progress.failed
        if not begins:
            self._tell(last=self.done >= self.total)

    def _begin(self, progress: Progress) -> None:
        self.close()
        self._noun = self._noun if self._step is None else progress.step
        self._told, self._step = float("-inf"), progress.step
        self._already, self._failed_before = progress.done, self.failed
        self._begun = time.monotonic()

    def account(self) -> str:
        """What is done of all, in words."""
        return f"{self.done:,} of {self.total:,} {self._noun}"

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._style == "bar" and self._person and self._told > float("-inf"):
            self._stream.write("\n")
            self._stream.flush()

    def _tell(self, last: bool) -> None:
        now = time.monotonic()
        if self._style == "quiet" or (not last and now - self._told < EVERY[self._style]):
            return
        taken = max(now - self._begun, 1e-9)
        rate = (self.done - self._already) / taken
        left = (self.total - self.done) / rate if rate else float("inf")
        self._told = now
        if self._style == "json":
            seconds = round(left) if rate else None
            figures = {"done": self.done, "total": self.total, "failed": self.failed, "unit": self._noun}
            self._stream.write(json.dumps({**figures, "a_second": round(rate), "seconds_left": seconds}) + "\n")
        elif self._person:
            filled = round(WIDTH * self.done / max(self.total, 1))
            bar = "█" * filled + "·" * (WIDTH - filled)
            failed = f", {self.failed:,} failed" if self.failed else ""
            self._stream.write(f"\r{bar} {self.account()}{failed}, {rate:,.0f} a second, {time_in_words(left)} left  ")
        elif last:
            failed = f", {self.failed:,} failed" if self.failed else ""
            self._stream.write(f"{self.done:,} {self._noun}{failed}, {rate:,.0f} a second\n")
        self._stream.flush()


def time_in_words(seconds: float) -> str:
    """A time in the unit that a person would use."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"

"""How far a long computation is: one value and one listener for all that take long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Progress:
    """How far a step of a computation is.

    Attributes
    ----------
    step
        What is being done or counted, in words.
    done, total
        How much of the step is done, by an earlier run too, and how much there is; a total of 0 where nothing is
        counted.
    failed
        How much of what this run did failed.
    seconds_left
        Of the step; None where the computation does not say.
    """

    step: str
    done: int = 0
    total: int = 0
    failed: int = 0
    seconds_left: float | None = None


OnProgress = Callable[[Progress], None]


class StepCounter:
    """Counts a step up for a listener, told at once of what an earlier run did and then after each addition."""

    def __init__(self, on_progress: OnProgress | None, step: str, total: int, done: int = 0) -> None:
        self._on_progress, self._now = on_progress, Progress(step, done, total)
        self.add(0)

    def add(self, done: int, failed: int = 0) -> None:
        """Count what was just done, and what of it failed."""
        self._now = replace(self._now, done=self._now.done + done, failed=self._now.failed + failed)
        if self._on_progress is not None:
            self._on_progress(self._now)


def renamed(on_progress: OnProgress | None, step: str) -> OnProgress | None:
    """A listener for whom every step has this name; None where there is no listener."""
    return None if on_progress is None else lambda now: on_progress(replace(now, step=step))

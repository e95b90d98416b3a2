"""DELAY FIXED in the NumPy back-end: what went in comes out so many steps later, to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np


class PipelineDelay:
    """A fixed delay of one member or many; until what went in first comes out, it gives its first value.

    Parameters
    ----------
    delay
        How long it lasts: a number, or shape (members,). It is rounded to whole steps, at least one.
    first
        A number, or shape (members,).
    dt
        The step.
    """

    def __init__(self, delay: Any, first: Any, dt: float) -> None:
        self.steps = np.maximum(1, np.trunc(np.asarray(delay, float) / dt + 0.5 + 1e-6)).astype(int)
        self.lengths = np.unique(self.steps).tolist()
        self.first = first
        self.values = {length: [first] * length for length in self.lengths}

    def out(self, step: int) -> Any:
        """What comes out at a step."""
        if len(self.lengths) == 1:
            return self.values[self.lengths[0]][step % self.lengths[0]]
        result = self.first
        for length, values in self.values.items():
            result = np.where(self.steps == length, values[step % length], result)
        return result

    def put(self, step: int, value: Any) -> None:
        """What goes in at a step, after that step's value came out."""
        for length, values in self.values.items():
            values[step % length] = value

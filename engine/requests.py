"""What a call of a model asks for and gets back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .backends.backend import Kernel
from .backends.numpy.kernels import Request
from .errors import RunError
from .ir.schedule import Cell
from .parameters import ParameterValues


@dataclass(frozen=True)
class Arrays:
    """Results without labels.

    Attributes
    ----------
    columns
        The cells of the outputs, as 'name' or 'name[element]'.
    times
        Shape (times,).
    values
        Shape (columns, members, times).
    failed
        Members of which a value was not finite; shape (members,).
    """

    columns: tuple[str, ...]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    failed: NDArray[np.bool_]


@dataclass(frozen=True)
class Outputs:
    """The outputs of a run: the variables' keys, their cells, and these cells' labels."""

    keys: tuple[str, ...]
    cells: tuple[Cell, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class RunRequest:
    """A run that is asked for, checked: the parameters, the outputs, the kernel, and the steps to record."""

    given: ParameterValues
    outputs: Outputs
    kernel: Kernel
    marks: list[int]


def marks_of(request: Request, saveper: float, times: Sequence[float] | None) -> list[int]:
    """The steps to record."""
    if times is None:
        if not saveper > 0:
            raise RunError(f"SAVEPER is {saveper:g}; expected a number above 0.")
        count = int(np.floor(request.steps * request.dt / saveper + 1e-6))
        steps = np.minimum(np.rint(np.arange(count + 1) * saveper / request.dt), request.steps)
        return list(dict.fromkeys(steps.astype(int).tolist()))
    wanted = np.atleast_1d(np.asarray(times, float))
    nearest_steps = np.rint((wanted - request.start) / request.dt)
    end = request.start + request.steps * request.dt
    off = (
        ~(np.abs(request.start + nearest_steps * request.dt - wanted) <= 1e-6)
        | (nearest_steps < 0)
        | (nearest_steps > request.steps)
    )
    if off.any() or not len(wanted):
        listed = ", ".join(f"{time:g}" for time in wanted[off][:5]) or "none given"
        raise RunError(
            f"times off the step grid: {listed}. Expected {request.start:g} to {end:g} in steps of {request.dt:g}."
        )
    if (np.diff(nearest_steps) <= 0).any():
        raise RunError("times must increase.")
    return nearest_steps.astype(int).tolist()

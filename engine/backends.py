"""The back-ends behind one interface, and what a failed run says: the same from each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine import arrays
from engine.emit import SCALAR
from engine.errors import RunError
from engine.kernels import Request, make_kernel
from engine.parameters import Given
from engine.schedule import Cell, Cells
from engine.structure import Initial


class Kernel(Protocol):
    """Code for a request, ready for any values."""

    request: Request

    def run(
        self, given: Given, marks: Sequence[int], threads: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Values of shape (outputs, marks, members), and for each member whether a value was not finite."""
        ...

    def source(self) -> str:
        """The code, for reading."""
        ...


class ArrayKernel:
    """The NumPy back-end; always one thread."""

    def __init__(self, cells: Cells, request: Request) -> None:
        self.request = request
        self.kernel = make_kernel(cells, request)

    def run(
        self, given: Given, marks: Sequence[int], threads: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Values of shape (outputs, marks, members), and for each member whether a value was not finite."""
        values = np.empty((len(self.request.outputs), len(marks), given.members))
        failed_at = np.empty(given.members, int)
        arrays.compute(self.kernel, given, marks, values, failed_at)
        return values, failed_at >= 0

    def source(self) -> str:
        """The code, for reading."""
        return self.kernel.source(SCALAR)


def usual_backend() -> str:
    """The compiled back-end where llvmlite is there and works, else NumPy."""
    if find_spec("llvmlite") is None:
        return "numpy"
    from engine.machine import available

    return "vectors" if available() else "numpy"


def make_backend_kernel(backend: str, cells: Cells, request: Request, digest: str) -> Kernel:
    """A kernel of a back-end."""
    if backend == "numpy":
        return ArrayKernel(cells, request)
    from engine.vectors import VectorKernel

    return VectorKernel(cells, request, digest)


def failure_of(
    file: str, cells: Cells, request: Request, given: Given, marks: Sequence[int], member: int, first: int = 0
) -> RunError:
    """The error that names the first non-finite value of a member, whichever back-end met it.

    The member runs again in NumPy, all recorded at the step at which it fails. ``first`` is the number of the first
    member among all of the run.
    """
    alone = given.part(slice(member, member + 1))
    failed_at = np.empty(1, int)
    kernel = make_kernel(cells, request)
    arrays.compute(kernel, alone, marks, np.empty((len(request.outputs), len(marks), 1)), failed_at)
    described = f"Parameters of member {first + member}: {_described(cells, alone)}"
    step = int(failed_at[0])
    if step < 0:
        return RunError(
            f"{file}: a value of member {first + member} is not finite in the compiled code, though it is in NumPy: it "
            f"lies at the edge of what a double holds.\n  {described}"
        )
    schedule = kernel.schedule
    initials = [cell for cell in schedule.start if isinstance(cells.rules[cell][0], Initial)]
    order: list[Cell] = [
        *schedule.constant, *request.named, *request.dated, *initials, *schedule.once, *schedule.timed,
        *schedule.states, *schedule.step, *schedule.record,
    ]  # fmt: skip
    everything = replace(request, outputs=tuple(dict.fromkeys([*order, *request.outputs])))
    values = np.empty((len(everything.outputs), 1, 1))
    arrays.compute(make_kernel(cells, everything), alone, [step], values, failed_at)
    place = int(np.flatnonzero(~np.isfinite(values[:, 0, 0]))[0])
    label, value = cells.label(everything.outputs[place]), values[place, 0, 0]
    time = request.start + step * request.dt
    return RunError(
        f"{file}: {label} is {value} at time {time:g}, member {first + member}; "
        f"no value before it fails to be finite.\n  {described}"
    )


def _described(cells: Cells, given: Given) -> str:
    """The parameters of a single member in words."""

    def pick(value: Any) -> str:
        return f"{float(np.ravel(value)[0]):g}"

    parts = [f"{cells.label(cell)} = {pick(value)}" for cell, value in given.named.items()]
    parts += [f"{cells.label(cell)} at the start = {pick(value)}" for cell, value in given.starts.items()]
    for cell, points in given.tables.items():
        parts.append(f"{cells.label(cell)} = ({', '.join(f'{point:g}' for point in np.ravel(points))})")
    for cell, path in given.dated.items():
        course = ", ".join(
            f"{pick(change.start)}: to {pick(change.to)} over {pick(change.ramp)}" for change in path.changes
        )
        base = "" if path.base is None else f"from {pick(path.base)}" + (", " if course else "")
        parts.append(f"{cells.label(cell)} = path ({base}{course})")
    parts += [f"{cells.label(cell)} = {value:g}" for cell, value in given.fixed.items()]
    return ", ".join(parts) or "all nominal"

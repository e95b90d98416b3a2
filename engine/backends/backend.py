"""The back-ends behind one interface."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from innovation.engine.ir.schedule import Cells
from innovation.engine.parameters import ParameterValues

from .numpy import arrays
from .numpy.kernels import Request, make_kernel
from .numpy.python_text import SCALAR


class Kernel(Protocol):
    """Code for a request, ready for any values."""

    request: Request

    def run(
        self, given: ParameterValues, marks: Sequence[int], threads: int | None = None
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
        self, given: ParameterValues, marks: Sequence[int], threads: int | None = None
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
    from .llvm.machine import available

    return "vectors" if available() else "numpy"


def make_backend_kernel(backend: str, cells: Cells, request: Request, digest: str) -> Kernel:
    """A kernel of a back-end."""
    if backend == "numpy":
        return ArrayKernel(cells, request)
    from .llvm.vectors import VectorKernel

    return VectorKernel(cells, request, digest)

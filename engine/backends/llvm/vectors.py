"""The compiled back-end: vector machine code for a request, kept in the user's cache, run on any threads."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine import model_cache
from innovation.engine.backends.numpy.arrays import nominal_value
from innovation.engine.backends.numpy.kernels import Request
from innovation.engine.ir.program import Program
from innovation.engine.ir.schedule import Cells
from innovation.engine.parameters import ParameterValues
from innovation.engine.time_paths import PathChanges, sorted_course

from .annotations import Annotations, with_decimals
from .driver import ARGUMENTS
from .machine import Code, Host, compile_text, host
from .regions import Layout
from .writer import Writer

CHUNK = 8192  # members whose parameters are laid out at once
_ALIGNED = 64
_AT_ONCE = 1e30  # the inverse length of a change without a ramp
_WORTH_A_THREAD = 2_000_000  # operations on vectors


class VectorKernel:
    """Machine code for a request; its values are arguments. Any number of threads may call it at once.

    Parameters
    ----------
    cells
        The model.
    request
        What to compute from what.
    digest
        The model's hash, which names it in the cache.
    """

    def __init__(self, cells: Cells, request: Request, digest: str) -> None:
        self.cells, self.request = cells, request
        target = host()
        file = model_cache.kernel_file(f"{digest} {request!r} {target.mark} {_version()}")
        content = model_cache.load_bytes(file)
        if content is None:
            self.layout, code = _compiled(cells, request, target)
            head = json.dumps(self.layout.record()).encode()
            model_cache.keep_bytes(file, head + b"\n" + code)
        else:
            head, _, code = content.partition(b"\n")
            record = json.loads(head)
            self.layout = Layout(**record | {"checked": tuple(record["checked"])})
        self._code = Code(code)

    @property
    def operations(self) -> int:
        """Arithmetic operations of a step, each on one vector; exp, ln and a power count as one."""
        return self.layout.operations

    def source(self) -> str:
        """The code as LLVM text, with the model's own equations."""
        target, program = host(), Program(self.cells, self.request)
        return with_decimals(Writer(program, target.lanes, target.fused, Annotations(program)).text())

    @cached_property
    def _times(self) -> NDArray[np.float64]:
        """All rows' times, the last repeated to whole vectors."""
        return self._whole(self.request.times())

    @cached_property
    def _held(self) -> NDArray[np.float64]:
        """The times at which the rows' steps began, which dated parameters see."""
        return self._whole(self.request.held_times())

    def _whole(self, times: list[float]) -> NDArray[np.float64]:
        return np.array(times + times[-1:] * (self.layout.rows - len(times)))

    @cached_property
    def _timed(self) -> NDArray[np.float64]:
        """The table of what time alone gives; the same for every run."""
        table = np.empty(max(self.layout.columns, 1) * self.layout.rows)
        self._code.timed(self._times.ctypes.data, self._held.ctypes.data, table.ctypes.data)
        return table

    def run(
        self, given: ParameterValues, marks: Sequence[int], threads: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Simulate all members.

        Parameters
        ----------
        given
            The parameters' values.
        marks
            The steps to record, increasing.
        threads
            How many at most; None: one for each processor that this process may use.

        Returns
        -------
        Values of shape (outputs, marks, members), and for each member whether a value it needed was not finite.
        """
        lanes = self.layout.lanes
        padded = -(-given.members // lanes) * lanes
        values = np.empty((self.layout.outputs, len(marks), padded))
        finite = np.empty(padded)
        flags = np.zeros(self.request.steps + 1, np.uint8)
        flags[list(marks)] = 1
        for first in range(0, padded, CHUNK):
            part = given.part(slice(first, min(first + CHUNK, given.members)))
            run = _VectorRun(self, part, flags, int(marks[-1]), values[:, :, first:], finite[first:])
            run.compute(threads)
        failed = ~np.isfinite(finite[: given.members])
        if self._time_fails <= marks[-1]:
            failed[:] = True
        return values[:, :, : given.members], failed

    @cached_property
    def _time_fails(self) -> float:
        """The first step at which a value that time alone gives is not finite; infinity if there is none."""
        table = self._timed.reshape(self.layout.rows, -1)[:: self.request.rows_a_step]
        wrong = ~np.isfinite(table[: self.request.steps + 1, list(self.layout.checked)]).all(axis=1)
        return int(np.argmax(wrong)) if wrong.any() else float("inf")


def _compiled(cells: Cells, request: Request, target: Host) -> tuple[Layout, bytes]:
    writer = Writer(Program(cells, request), target.lanes, target.fused)
    text = writer.text()
    return writer.regions.layout(writer.operations), compile_text(text, target)


@cache
def _version() -> str:
    """What stands for the generator itself: its source."""
    sources = sorted(Path(__file__).parents[2].rglob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


class _VectorRun:
    """One chunk of members laid out for the machine code; keeps alive what that points to."""

    def __init__(
        self,
        kernel: VectorKernel,
        given: ParameterValues,
        flags: NDArray[np.uint8],
        last: int,
        values: NDArray[np.float64],
        finite: NDArray[np.float64],
    ) -> None:
        self.kernel, self.given = kernel, given
        self.lanes = kernel.layout.lanes
        self.padded = -(-given.members // self.lanes) * self.lanes
        self.rows = last * kernel.request.rows_a_step + 1
        self.kept: list[Any] = []
        self.courses: list[int] = []
        named, dated = self._named(), self._dated()
        courses = np.array(self.courses, np.int64)
        fields = {
            "named": named.ctypes.data, "named_stride": 8 * self.padded, "dated": dated.ctypes.data,
            "courses": courses.ctypes.data, "course_count": len(self.courses) // 6, "course_rows": self.rows,
            "times": kernel._held.ctypes.data, "timed": kernel._timed.ctypes.data, "marks": flags.ctypes.data,
            "last_step": last, "out": values.ctypes.data, "out_stride": values.strides[0],
            "mark_stride": values.strides[1], "failed": finite.ctypes.data,
        }  # fmt: skip
        self.arguments = np.array([fields[name] for name in ARGUMENTS], np.int64)
        self.kept += [named, dated, courses, flags, values, finite]

    def compute(self, threads: int | None) -> None:
        """Run the blocks, on several threads where that is worth it."""
        blocks = self.padded // self.lanes
        work = blocks * self.rows * max(self.kernel.operations, 1)
        most = _processors() if threads is None else threads
        workers = max(1, min(most, blocks, work // _WORTH_A_THREAD))
        ends = np.linspace(0, blocks, workers + 1).astype(int).tolist()
        if workers == 1:
            return self._blocks(0, blocks)
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(self._blocks, ends[:-1], ends[1:]))

    def _blocks(self, first: int, end: int) -> None:
        layout = self.kernel.layout
        size = layout.scratch + len(self.courses) // 6 * self.rows * self.lanes
        memory = np.zeros(size + _ALIGNED // 8)
        start = memory.ctypes.data + -memory.ctypes.data % _ALIGNED
        self.kernel._code.simulate(first, end, self.arguments.ctypes.data, start)

    def _filled(self, values: Any, out: NDArray[np.float64]) -> None:
        """One value a member into a row, the last repeated to whole vectors."""
        if np.ndim(values) == 0:
            out[:] = values
        else:
            out[: self.given.members] = values
            out[self.given.members :] = values[-1]

    def _named(self) -> NDArray[np.float64]:
        request, given = self.kernel.request, self.given
        rows = np.empty((max(self.kernel.layout.parameters, 1), self.padded))
        values = [given.named[cell] for cell in request.named] + [given.starts[cell] for cell in request.starts]
        for row, value in zip(rows, values, strict=False):
            self._filled(value, row)
        place = len(values)
        for cell in request.tables:
            points = given.tables[cell]
            for point in range(points.shape[-1]):
                self._filled(points[..., point], rows[place])
                place += 1
        return rows

    def _dated(self) -> NDArray[np.int64]:
        """For each dated parameter where its values begin, and how far a block and a row are, in bytes."""
        table = np.zeros((max(len(self.kernel.request.dated), 1), 3), np.int64)
        constants = np.empty((len(table), self.lanes))
        self.kept.append(constants)
        for place, cell in enumerate(self.kernel.request.dated):
            path, nominal = self.given.dated[cell], nominal_value(self.kernel.cells, cell)
            base = nominal if path.base is None else path.base
            if path.changes:
                table[place] = self._course(place, sorted_course(path, nominal))
            elif np.ndim(base) == 0:
                constants[place] = base
                table[place] = (constants[place].ctypes.data, 0, 0)
            else:
                row = self._row(base)
                table[place] = (row.ctypes.data, 8 * self.lanes, 0)
        return table

    def _row(self, values: Any) -> NDArray[np.float64]:
        row = np.empty(self.padded)
        self._filled(values, row)
        self.kept.append(row)
        return row

    def _course(self, place: int, course: PathChanges) -> tuple[int, int, int]:
        """A course that all members share is computed now; else each block computes its own."""
        alike = course.starts.shape[1] == 1
        width = self.lanes if alike else self.padded
        changes = np.empty((len(course.starts), 3, width))
        starts, paces = self._paces(course)
        base = np.full(width, course.base[0]) if alike else self._row(course.base)
        for number in range(len(starts)):
            for part, values in enumerate((starts[number], paces[number], course.tos[number])):
                if alike:
                    changes[number, part] = values[0]
                else:
                    self._filled(values, changes[number, part])
        self.kept += [changes, base]
        if not alike:
            fields = (changes.ctypes.data, len(changes), 8 * width, base.ctypes.data, 8 * self.lanes, place)
            self.courses += fields
            return 0, 0, 0
        out = np.empty((self.rows, self.lanes))
        self.kept.append(out)
        times = self.kernel._held.ctypes.data
        arguments = (times, base.ctypes.data, changes.ctypes.data, len(changes), 8 * width)
        self.kernel._code.course(out.ctypes.data, self.rows, *arguments)
        return out.ctypes.data, 0, 8 * self.lanes

    def _paces(self, course: PathChanges) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Starts and inverse lengths; a step is a short ramp just before the first step at which it is in force."""
        dt, times = self.kernel.request.dt, np.array(self.kernel.request.step_times())
        begins = np.append(times, np.inf)[np.searchsorted(times + dt / 2, course.starts, side="left")] - dt / 2
        stepping = course.ramps == 0
        paces = np.where(stepping, _AT_ONCE, 1.0 / np.where(stepping, 1.0, course.ramps))
        return np.where(stepping, begins, course.starts), paces


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1

"""A loaded model: what its file says, and runs of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from .backends.backend import Kernel, make_backend_kernel, usual_backend
from .backends.numpy.arrays import nominal_value
from .backends.numpy.kernels import Request, make_kernel
from .dataset import make_dataset, times_of
from .errors import MOST_STEPS, RunError, nearest
from .ir.schedule import Cell, Cells
from .ir.structure import TIME_CONTROLS, Structure, Variable, normalised_name
from .loading import load_structure
from .member_failures import NotFinite, failure_error, first_failures, is_end_of_numpy
from .parameters import ParameterValues, find_cells, gather
from .requests import Arrays, Outputs, RunRequest, marks_of

if TYPE_CHECKING:
    import xarray as xr

S = TypeVar("S")
T = TypeVar("T")
_MOST_KERNELS = 32


class Names(Mapping[str, T]):
    """A mapping by the file's spelling that any spelling Vensim takes as equal finds."""

    def __init__(self, items: Mapping[str, T]) -> None:
        self._items = dict(items)
        self._keys = {normalised_name(name): name for name in items}

    def __getitem__(self, name: str) -> T:
        key = self._keys.get(normalised_name(name))
        if key is None:
            raise KeyError(f'"{name}" is not in the model.{nearest(name, self._items)}')
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and normalised_name(name) in self._keys

    @overload
    def get(self, name: str, /) -> T | None: ...
    @overload
    def get(self, name: str, default: T | S, /) -> T | S: ...
    def get(self, name: str, default: object = None, /) -> object:
        """The item, or the default: without the search for near names that an error would tell of."""
        key = self._keys.get(normalised_name(name))
        return default if key is None else self._items[key]


class Model:
    """A model read from a file; make one with ``load_model``. Its methods may be called from many threads at once.

    Attributes
    ----------
    path
        The file.
    hash
        SHA-256 (hex) of names, equations, values and units; comments, order, white space and case do not count.
    structure
        The resolved equations, for back-ends and documentation.
    variables
        ``Variable`` by name, in the file's order.
    constants
        Nominal values of the variables that are pure numbers: a float, or an array of the variable's shape.
    subscripts
        Element names by range name.
    initial_time, final_time, dt, saveper
        The file's time controls, in its unit of time.
    """

    def __init__(self, path: Path, structure: Structure, digest: str, backend: str | None = None) -> None:
        self.path = path
        self.structure = structure
        self._backend = backend
        self.hash = digest
        self.variables: Mapping[str, Variable] = Names(
            {v.name: v for v in structure.variables.values() if not v.hidden}
        )
        self.subscripts: Mapping[str, tuple[str, ...]] = Names(
            {d.name: d.elements for d in structure.dimensions.values()}
        )
        self._cells = Cells(structure)
        self.constants: Mapping[str, float | NDArray[np.float64]] = Names(
            {name: self._nominal(variable) for name, variable in self.variables.items() if variable.kind == "constant"}
        )
        self._known_controls: dict[tuple[tuple[Cell, float], ...], dict[str, float]] = {}
        controls = self._controls({})
        self.initial_time, self.final_time, self.dt, self.saveper = (controls[key] for key in TIME_CONTROLS)
        self._kernels: dict[Request, Kernel] = {}
        self._known_outputs: dict[tuple[str, ...] | None, Outputs] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"Model({str(self.path)!r}, {len(self.variables)} variables)"

    @property
    def backend(self) -> str:
        """'vectors' (machine code) or 'numpy'."""
        if self._backend is None:
            self._backend = usual_backend()
        return self._backend

    def run(
        self,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        outputs: Sequence[str] | None = None,
        times: Sequence[float] | None = None,
        threads: int | None = None,
        on_failure: Literal["raise", "mask"] = "raise",
    ) -> xr.Dataset:
        """Simulate the model.

        Parameters
        ----------
        parameters
            Constant's name -> a number, a 1-D array with one value a member, or a ``TimePath``, in the model's units.
            An array constant is given whole, in its own shape (or members in front), or by element as 'Name[element]'.
            A stock's name gives its initial value in the same ways, a lookup's its y values, of shape (points,) or
            (members, points). Time controls (TIME STEP, FINAL TIME …) take one number for all members.
        outputs
            Names of the variables wanted; None for all. Only what they need is computed.
        times
            Times on the step grid; None for every SAVEPER.
        threads
            How many at most; None: one a processor. They change nothing in the answer.
        on_failure
            'raise': a value that is not finite is an error. 'mask': members with such a value are flagged in a
            variable ``failed`` (dims: member) and keep the values they reached.

        Returns
        -------
        Dims member, time and the model's subscripts. Variables are named by ``python_name``; attrs unit, label (as in
        the file), kind; global attrs model_hash, dt, version.

        Raises
        ------
        RunError
            Names every parameter, output and time that cannot be used.
        NotFiniteError
            Of the lowest member that has a value that is not finite: the first such variable and time, and the first
            dozen of that member's parameters.
        """
        asked = self._run_request(parameters, outputs, times, on_failure)
        return self._dataset(asked, *self._computed(asked, asked.given, threads, on_failure), on_failure)

    def arrays(
        self,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        outputs: Sequence[str] | None = None,
        times: Sequence[float] | None = None,
        threads: int | None = None,
        on_failure: Literal["raise", "mask"] = "raise",
    ) -> Arrays:
        """Simulate the model as ``run`` does, for inner loops: plain arrays without labels."""
        asked = self._run_request(parameters, outputs, times, on_failure)
        values, failed = self._computed(asked, asked.given, threads, on_failure)
        return Arrays(
            asked.outputs.labels,
            np.array(times_of(asked.kernel.request, asked.marks)),
            values.transpose(0, 2, 1),
            failed,
        )

    def stream(
        self,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        outputs: Sequence[str] | None = None,
        times: Sequence[float] | None = None,
        threads: int | None = None,
        on_failure: Literal["raise", "mask"] = "raise",
        chunk: int = 10_000,
    ) -> Iterator[xr.Dataset]:
        """Simulate the model as ``run`` does, some members at a time, for results that memory would not hold.

        Yields Datasets of ``chunk`` members; the coordinate ``member`` goes on counting. The values are those of
        ``run``, to the bit. An error of a member comes when its chunk does.
        """
        if chunk < 1:
            raise RunError(f"chunk is {chunk}; expected a number of members, at least 1.")
        asked = self._run_request(parameters, outputs, times, on_failure)
        for first in range(0, asked.given.members, chunk):
            part = asked.given.part(slice(first, min(first + chunk, asked.given.members)))
            yield self._dataset(asked, *self._computed(asked, part, threads, on_failure, first), on_failure, first)

    def failures(
        self,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        outputs: Sequence[str] | None = None,
        times: Sequence[float] | None = None,
        members: Sequence[int] = (0,),
    ) -> list[NotFinite]:
        """Why members fail: they run again, and for each comes the first variable and time without a finite value.

        Parameters
        ----------
        parameters, outputs, times
            As ``run`` had them when it flagged the members.
        members
            Their numbers.
        """
        asked = self._run_request(parameters, outputs, times, "mask")
        return self._explained(asked, asked.given, members)

    def _explained(self, asked: RunRequest, given: ParameterValues, members: Sequence[int]) -> list[NotFinite]:
        request = asked.kernel.request
        return first_failures(self.backend, self._cells, self.hash, request, given, asked.marks, members)

    def source(self, parameters: Mapping[str, Any] = MappingProxyType({}), outputs: Sequence[str] | None = None) -> str:
        """The code generated for these parameter names and outputs, the model's own equation above its lines."""
        return self._run_request(parameters, outputs, None, "raise").kernel.source()

    def _run_request(
        self,
        parameters: Mapping[str, Any],
        outputs: Sequence[str] | None,
        times: Sequence[float] | None,
        on_failure: str,
    ) -> RunRequest:
        """What a call asks for, checked."""
        if on_failure not in ("raise", "mask"):
            raise RunError(f"on_failure is {on_failure!r}; expected 'raise' or 'mask'.")
        given = gather(self._cells, parameters)
        found = self._outputs(outputs)
        controls = self._controls(given.fixed)
        kernel = self._kernel(given, found.cells, controls)
        return RunRequest(given, found, kernel, marks_of(kernel.request, controls["saveper"], times))

    def _computed(
        self, asked: RunRequest, given: ParameterValues, threads: int | None, on_failure: str, first: int = 0
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        if threads is not None and threads < 1:
            raise RunError(f"threads is {threads}; expected at least 1, or None for one a processor.")
        values, failed = asked.kernel.run(given, asked.marks, threads)
        if on_failure == "raise" and failed.any():
            found = self._explained(asked, given, [int(np.argmax(failed))])[0]
            if is_end_of_numpy(self._cells, found):
                alone = given.part(slice(found.member, found.member + 1))
                make_backend_kernel("numpy", self._cells, asked.kernel.request, self.hash).run(alone, asked.marks)
            raise failure_error(self.path.name, self._cells, given, found, first)
        return values, failed

    def _dataset(
        self, asked: RunRequest, values: NDArray[np.float64], failed: NDArray[np.bool_], on_failure: str, first: int = 0
    ) -> xr.Dataset:
        flags = failed if on_failure == "mask" else None
        request = asked.kernel.request
        return make_dataset(self._cells, self.hash, asked.outputs.keys, request, asked.marks, values, flags, first)

    def _nominal(self, variable: Variable) -> float | NDArray[np.float64]:
        cells = self._cells.of(variable.key)
        if not variable.dims:
            return nominal_value(self._cells, cells[0])
        array = np.full(self._cells.shapes[variable.key], np.nan)
        for cell in cells:
            array.flat[cell[1]] = nominal_value(self._cells, cell)
        array.flags.writeable = False
        return array

    def _controls(self, fixed: dict[Cell, float]) -> dict[str, float]:
        """The time controls' values, some of them given."""
        key = tuple(sorted(fixed.items()))
        if key in self._known_controls:
            return self._known_controls[key]
        wanted = tuple((key, 0) for key in TIME_CONTROLS)
        kernel = make_kernel(self._cells, Request(wanted, (), (), 0.0, 1.0, 0, key))
        controls = {name: kernel.constants[name, place] for name, place in wanted}
        if not controls["time_step"] > 0:
            raise RunError(f"TIME STEP is {controls['time_step']:g}; expected a number above 0.")
        if not controls["final_time"] >= controls["initial_time"]:
            raise RunError(
                f"FINAL TIME {controls['final_time']:g} lies before INITIAL TIME {controls['initial_time']:g}."
            )
        steps = (controls["final_time"] - controls["initial_time"]) / controls["time_step"]
        if not steps <= MOST_STEPS:
            raise RunError(f"a run would have {steps:g} steps; at most {MOST_STEPS:g} are computed.")
        if len(self._known_controls) < _MOST_KERNELS:
            self._known_controls[key] = controls
        return controls

    def _outputs(self, outputs: Sequence[str] | None) -> Outputs:
        """The outputs of a call, kept for the next that asks for the same."""
        names = None if outputs is None else (outputs,) if isinstance(outputs, str) else tuple(outputs)
        if names not in self._known_outputs:
            if len(self._known_outputs) >= _MOST_KERNELS:
                self._known_outputs.clear()
            keys = self._keys_of(names)
            cells = tuple(cell for key in keys for cell in self._cells.of(key))
            self._known_outputs[names] = Outputs(keys, cells, tuple(map(self._cells.label, cells)))
        return self._known_outputs[names]

    def _keys_of(self, names: tuple[str, ...] | None) -> tuple[str, ...]:
        """The keys of the variables to return."""
        if names is None:
            return tuple(variable.key for variable in self.variables.values() if variable.kind != "lookup")
        faults = []
        keys: dict[str, None] = {}
        for name in names:
            try:
                cells = find_cells(self._cells, name)
            except KeyError as error:
                faults.append(f"output {name!r}: {error.args[0]}")
                continue
            key = cells[0][0]
            if self.structure.variables[key].kind == "lookup":
                faults.append(f"output {name!r} is a lookup; it has no value of its own.")
            elif "[" in name:
                faults.append(f"output {name!r}: ask for the whole variable, and pick the element from the Dataset.")
            keys[key] = None
        if faults:
            raise RunError(
                "\n  ".join([f"{len(faults)} fault{'' if len(faults) == 1 else 's'} in the outputs of a run:", *faults])
            )
        return tuple(keys)

    def _kernel(self, given: ParameterValues, outputs: tuple[Cell, ...], controls: dict[str, float]) -> Kernel:
        """The kernel for these names; values of parameters do not matter to it."""
        steps = int(np.floor((controls["final_time"] - controls["initial_time"]) / controls["time_step"] + 1e-6))
        request = Request(
            outputs, tuple(sorted(given.named)), tuple(sorted(given.dated)), controls["initial_time"],
            controls["time_step"], steps, tuple(sorted(given.fixed.items())), tuple(sorted(given.starts)),
            tuple(sorted(given.tables)), self.structure.method,
        )  # fmt: skip
        with self._lock:
            kernel = self._kernels.pop(request, None)
            if kernel is None:
                kernel = make_backend_kernel(self.backend, self._cells, request, self.hash)
            self._kernels[request] = kernel
            while len(self._kernels) > _MOST_KERNELS:
                del self._kernels[next(iter(self._kernels))]
        return kernel


def load_model(path: str | Path, backend: Literal["vectors", "numpy"] | None = None) -> Model:
    """Read a model file: Vensim (.mdl) or XMILE (.xmile, .stmx, .itmx).

    The parsed Structure is kept in the user's cache folder, so that an unchanged file is parsed once only; so is the
    machine code of its runs.

    Parameters
    ----------
    path
        The file; its ending says which of the two it is.
    backend
        'vectors': machine code through llvmlite. 'numpy': slower, and nothing to compile. None: the first where it
        works, else the second. They agree to rounding.

    Returns
    -------
    Model
        Its `variables` with units and equations, and `run`, which simulates it.

    Raises
    ------
    ModelFileError
        Lists every fault with line, element and the nearest valid names. UnsupportedError, one of its kind, where the
        file is sound but uses a function that the engine does not compute.

    Examples
    --------
    >>> import innovation
    >>> city = innovation.load_city()  # any other Vensim or XMILE file goes the same way
    >>> model = innovation.load_model(city.model.path)
    >>> data = model.run({"market elasticity": [0.4, 0.5, 0.6]}, outputs=["output"], times=[2011.0, 2016.0])
    >>> data["output"].sizes["member"]
    3
    """
    if backend not in (None, "vectors", "numpy"):
        raise RunError(f"backend is {backend!r}; expected 'vectors', 'numpy' or None.")
    path = Path(path)
    structure, digest = load_structure(path)
    return Model(path, structure, digest, backend)

"""Computed values as a labelled Dataset: the one shape in which results leave the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.kernels import Request
from engine.schedule import Cells
from engine.structure import normalised_name, python_name

if TYPE_CHECKING:
    import xarray as xr

VERSION = "1"  # of the engine's arithmetic: raised when the same model would give other numbers


def make_dataset(
    cells: Cells,
    digest: str,
    wanted: Sequence[str],
    request: Request,
    marks: Sequence[int],
    values: NDArray[np.float64],
    failed: NDArray[np.bool_] | None,
    first_member: int = 0,
) -> xr.Dataset:
    """A Dataset of the wanted variables from values of shape (cells, times, members).

    An element that the model file does not define is NaN. A variable that is called as a dimension is gets a _ more.
    """
    import xarray as xr

    times, members = values.shape[1:]
    coordinates: dict[str, Any] = {
        "member": np.arange(first_member, first_member + members),
        "time": times_of(request, marks),
    }
    variables: dict[str, Any] = {}
    taken = {"member", "time", "failed"}.union(*(_dims(cells.structure.variables[key].dims) for key in wanted))
    first = 0
    for key in wanted:
        variable = cells.structure.variables[key]
        found = cells.of(key)
        block = values[first : first + len(found)]
        first += len(found)
        shape = cells.shapes[key]
        dims = _dims(variable.dims)
        for dim, name in zip(dims, variable.dims, strict=True):
            coordinates[dim] = list(cells.structure.dimensions[normalised_name(name)].elements)
        size = int(np.prod(shape, dtype=int))
        if len(found) < size:
            whole = np.full((size, times, members), np.nan)
            whole[[flat for _, flat in found]] = block
            block = whole
        array = block.reshape(*shape, times, members).transpose(-1, -2, *range(len(shape)))
        attributes = {"unit": variable.unit, "label": variable.name, "kind": variable.kind}
        name = python_name(variable.name)
        while name in taken:
            name += "_"
        variables[name] = (("member", "time", *dims), array, attributes)
    if failed is not None:
        variables["failed"] = (("member",), failed, {"unit": "", "label": "failed", "kind": "flag"})
    about: dict[str, str | float] = {"model_hash": digest, "dt": request.dt, "version": VERSION}
    return xr.Dataset(variables, coords=coordinates, attrs=about)


def times_of(request: Request, marks: Sequence[int]) -> list[float]:
    """The times of steps, t0 + i dt."""
    return [request.start + mark * request.dt for mark in marks]


def _dims(names: Sequence[str]) -> list[str]:
    """Dimension names as Python spells them; a range that stands twice is numbered."""
    dims: list[str] = []
    for name in names:
        dim = base = python_name(name)
        number = 1
        while dim in dims or dim in ("member", "time"):
            number += 1
            dim = f"{base}_{number}"
        dims.append(dim)
    return dims

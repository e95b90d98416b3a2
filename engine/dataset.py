"""Labelled arrays, in and out: results as a Dataset, and parameters by their labels put in the model's order."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .backends.numpy.kernels import Request
from .ir.schedule import Cells
from .ir.structure import normalised_name, python_name

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


@dataclass(frozen=True)
class Axis:
    """An axis that a parameter may have: its name, and its labels in the model's order (keys, or a lookup's x)."""

    name: str
    labels: tuple[Any, ...]


class LabelError(ValueError):
    """Labels that do not fit the model; the text says how."""


def in_order(value: Any, axes: Sequence[Axis], ranges: Container[str]) -> tuple[Any, tuple[Any, ...] | None]:
    """A value whose labelled axes stand in the model's order, and the labels of its members where it has them.

    Parameters
    ----------
    value
        Whatever a caller gives; what carries no labels comes back as it is.
    axes
        The parameter's own axes; one more, before them, is that of the members.
    ranges
        The keys of the model's subscript ranges, none of which may stand for the members.

    Raises
    ------
    LabelError
        Its dimensions or labels are not those of the model.
    """
    found = _labelled(value, axes)
    if found is None:
        return value, None
    array, dims, labels = found
    keys = [normalised_name(axis.name) for axis in axes]
    mine = [key for key in dims if key in keys]
    others = [place for place, key in enumerate(dims) if key not in keys]
    if not mine and not any(labels) and all(str(dim).startswith("dim_") for dim in dims):
        return array, None  # an xarray without names or labels is a plain array
    if sorted(mine) != sorted(keys) or len(others) > 1 or any(dims[place] in ranges for place in others):
        expected = ", ".join(axis.name for axis in axes) or "none but the members"
        raise LabelError(f"has the dimensions ({', '.join(map(str, dims))}); expected {expected}")
    for axis, key in zip(axes, keys, strict=True):
        place = dims.index(key)
        if (given := labels[place]) is not None:
            array = np.take(array, _places(given, axis), axis=place)
    order = [*others, *(dims.index(key) for key in keys)]
    return np.transpose(array, order), labels[others[0]] if others else None


def _labelled(value: Any, axes: Sequence[Axis]) -> tuple[Any, list[str], list[tuple[Any, ...] | None]] | None:
    """The array, the keys of its dimensions and their labels, of a value of pandas or xarray; None for any other."""
    kind, home = type(value).__name__, type(value).__module__.partition(".")[0]
    if home == "xarray" and kind in ("DataArray", "Variable"):
        coords = getattr(value, "coords", {})
        dims = [normalised_name(str(dim)) for dim in value.dims]
        return value.values, dims, [tuple(coords[dim].values.tolist()) if dim in coords else None for dim in value.dims]
    if home != "pandas" or kind not in ("Series", "DataFrame"):
        return None
    if kind == "Series" and value.index.nlevels > 1:
        names = [name or axis.name for name, axis in zip(value.index.names, axes, strict=False)]
        if len(names) != value.index.nlevels or not value.index.is_unique:
            raise LabelError(f"has an index of {value.index.nlevels} levels; expected {len(axes)}, each entry once")
        return _labelled(value.rename_axis(names).to_xarray(), axes)
    indexes = [value.index] if kind == "Series" else [value.index, value.columns]
    names = [normalised_name(axis.name) for axis in axes][-len(indexes) :] if axes else []
    names = [*["member"] * (len(indexes) - len(names)), *names]
    labels = [
        None if name != "member" and _is_plain(index) else tuple(index.tolist())
        for name, index in zip(names, indexes, strict=True)
    ]
    return value.to_numpy(), names, labels


def _is_plain(index: Any) -> bool:
    """Whether an index only counts from 0, as pandas makes it by itself."""
    return type(index).__name__ == "RangeIndex" and index.start == 0 and index.step == 1


def _places(labels: Sequence[Any], axis: Axis) -> list[int]:
    """Where the labels of the model stand among those given: each must be there once."""
    numbers = bool(axis.labels) and not isinstance(axis.labels[0], str)
    given = [one if numbers else normalised_name(str(one)) for one in labels]
    if len(given) != len(axis.labels) or set(given) != set(axis.labels):
        shown = ", ".join(map(str, labels[:6])) + (", …" if len(labels) > 6 else "")
        expected = ", ".join(map(str, axis.labels[:6])) + (", …" if len(axis.labels) > 6 else "")
        raise LabelError(f"is labelled {shown} along {axis.name}; expected each of {expected} once")
    return [given.index(one) for one in axis.labels]

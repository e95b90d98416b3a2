"""PySD as a slow oracle: the only file that runs it, on a copy loaded afresh, because it keeps what a run has set."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from innovation.engine.ir.structure import python_name

if TYPE_CHECKING:
    import xarray as xr


def reference_run(
    path: str | Path,
    parameters: Mapping[str, Any] = MappingProxyType({}),
    outputs: Sequence[str] | None = None,
    times: Sequence[float] | None = None,
) -> xr.Dataset:
    """Run a model file in PySD, one member.

    Parameters
    ----------
    path
        A Vensim or XMILE file; nothing is written beside it.
    parameters
        Constant's name as the file spells it -> number, or array of the constant's shape.
    outputs
        Names as the file spells them; None for all that PySD gives.
    times
        Times to return; None for PySD's own, every SAVEPER.

    Returns
    -------
    Dims time and subscripts; variables named by ``python_name``, without attributes. Where PySD is known to be wrong
    (SMOOTH from an integer, RK4, random seeds) so is this.
    """
    import pysd
    import xarray as xr

    path = Path(path)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        load = pysd.read_vensim if path.suffix.lower() == ".mdl" else pysd.read_xmile
        model = load(str(copy))
        given = {name: _labelled(model, name, value) for name, value in parameters.items()}
        stamps = None if times is None else list(times)
        table = model.run(params=given, return_columns=list(outputs) if outputs else None, return_timestamps=stamps)
    return xr.Dataset(_variables(table), coords={"time": table.index.to_numpy(float)})


def _labelled(model: Any, name: str, value: Any) -> Any:
    """A whole array constant as PySD wants it, with its coordinates."""
    import numpy as np
    import xarray as xr

    if np.ndim(value) == 0:
        return float(value)
    coordinates, dims = model.get_coords(name)
    return xr.DataArray(np.asarray(value, float), coordinates, dims)


def _variables(table: Any) -> dict[str, Any]:
    """PySD's columns 'name[element, …]' gathered into arrays; elements stand in the order of the columns."""
    import numpy as np

    gathered: dict[str, dict[tuple[str, ...], Any]] = {}
    for column in table.columns:
        name, _, inside = str(column).partition("[") if not str(column).startswith('"') else (str(column), "", "")
        place = tuple(part.strip() for part in inside.rstrip("]").split(",")) if inside else ()
        gathered.setdefault(python_name(name), {})[place] = table[column].to_numpy(float)
    variables: dict[str, Any] = {}
    for name, parts in gathered.items():
        if list(parts) == [()]:
            variables[name] = (("time",), parts[()])
            continue
        labels = [list(dict.fromkeys(place[number] for place in parts)) for number in range(len(next(iter(parts))))]
        array = np.full((len(table), *map(len, labels)), np.nan)
        for place, values in parts.items():
            where: Any = tuple(axis.index(label) for axis, label in zip(labels, place, strict=True))
            array[:, *where] = values
        variables[name] = (("time", *(f"{name}_{number}" for number in range(len(labels)))), array)
    return variables

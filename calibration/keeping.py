"""The state of a sampler on disk: written whole or not at all, and only gone on from by the run it belongs to."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Snapshot = Mapping[str, NDArray[Any]]


class SamplerError(ValueError):
    """A run of the sampler that cannot begin or go on; the text says how to."""


class Keeper:
    """Keeps the draws of a run and, where a path is given, all that the run needs to go on after it was killed.

    The small state file replaces the one before in one stroke; draws go to NAME.draws, where what a killed run wrote
    after its last state is written again with the same bytes.

    Parameters
    ----------
    path
        The state file, or None to keep everything in memory.
    settings
        What makes the run: a state file of other settings is refused.
    shape
        Of the draws: (kept, ensembles, walkers, d + 1), coordinates first and the log density last.

    Attributes
    ----------
    snapshot
        What a killed run of these settings left, else None.
    """

    def __init__(self, path: Path | None, settings: Mapping[str, object], shape: tuple[int, ...]) -> None:
        self._path = path
        self._settings = json.dumps(settings, sort_keys=True)
        self.snapshot: Snapshot | None = None
        self._draws: Floats
        if path is None:
            self._draws = np.empty(shape)
            return
        if path.exists():
            self.snapshot = self._read(path, shape)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._draws = np.memmap(_beside(path), float, "w+" if self.snapshot is None else "r+", shape=shape)

    def keep(self, place: int, z: Floats, log_density: Floats) -> None:
        """Keep a population, z of shape (ensembles * walkers, d), as the draw of this place."""
        row = self._draws[place]
        row[..., :-1] = z.reshape(*row.shape[:-1], -1)
        row[..., -1] = log_density.reshape(row.shape[:-1])

    def save(self, snapshot: Snapshot) -> None:
        """Write what the run needs to go on from here."""
        if self._path is None:
            return
        if isinstance(self._draws, np.memmap):
            self._draws.flush()
        write_arrays(self._path, {"settings": np.array(self._settings), **snapshot})

    def draws(self, number: int) -> tuple[Floats, Floats]:
        """The first draws (ensembles, number, walkers, d) and their log densities (ensembles, number, walkers)."""
        ordered = np.moveaxis(np.asarray(self._draws[:number]), 0, 1)
        return np.array(ordered[..., :-1]), np.array(ordered[..., -1])

    def _read(self, path: Path, shape: tuple[int, ...]) -> Snapshot:
        remedy = f"Delete it and {_beside(path).name} to begin anew."
        found = read_arrays(path, self._settings, remedy)
        beside = _beside(path)
        if not beside.exists() or beside.stat().st_size != 8 * int(np.prod(shape)):
            raise SamplerError(f"{beside}: the draws that belong to {path.name} are missing or cut short.\n{remedy}")
        return found


def digest(values: Floats) -> str:
    """A short name of these values."""
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Replace the file by these arrays in one stroke: at any moment it holds the old ones or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **dict(arrays))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_arrays(path: Path, settings: str, remedy: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file that was written with these settings (as JSON); SamplerError, with the remedy, else."""
    try:
        with np.load(path) as file:
            found = {name: file[name] for name in file.files}
        written = json.loads(str(found.pop("settings")))
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SamplerError(f"{path}: this is no state that can be read ({error}).\n{remedy}") from error
    wanted = json.loads(settings)
    differing = [
        f"{name} {written.get(name)}, here {value}" for name, value in wanted.items() if written.get(name) != value
    ]
    if differing:
        raise SamplerError(f"{path}: the state of another run: {'; '.join(differing)}.\n{remedy}")
    return found


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".draws")

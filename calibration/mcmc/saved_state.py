"""The state of a sampler on disk: written whole or not at all, and only gone on from by the run it belongs to."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine.files import UnreadableFile, plain_file, put_on_disk, replacing

Floats = NDArray[np.float64]
Snapshot = Mapping[str, NDArray[Any]]


class SamplerError(ValueError):
    """A run of the sampler that cannot begin or go on; the text says how to."""


class Keeper:
    """Keeps the draws of a run and, where a path is given, all that the run needs to go on after it was killed.

    The small state file replaces the one before in one stroke; draws go to NAME.draws, where what a killed run wrote
    after its last state is written again with the same bytes. The place for all draws is taken at once, so that a disk
    too small is told of before the run; OSError then, and wherever a disk fills, and what is kept stays as it is.

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
        self._shape = shape
        self.snapshot: Snapshot | None = None
        self._draws = np.empty(shape if path is None else (0, *shape[1:]))
        if path is None:
            return
        if path.exists():
            self.snapshot = self._read(path, shape)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.snapshot is None:
            _take(_beside(path), 8 * int(np.prod(shape)))

    def keep(self, place: int, z: Floats, log_density: Floats) -> None:
        """Keep a population, z of shape (ensembles * walkers, d), as the draw of this place."""
        rows = self._shape[1:-1]
        row = np.concatenate([z.reshape(*rows, -1), log_density.reshape(*rows, 1)], axis=-1)
        if self._path is None:
            self._draws[place] = row
            return
        with _beside(self._path).open("r+b") as file:
            file.seek(place * row.nbytes)
            file.write(row.tobytes())

    def save(self, snapshot: Snapshot) -> None:
        """Write what the run needs to go on from here."""
        if self._path is None:
            return
        put_on_disk(_beside(self._path))
        write_arrays(self._path, {"settings": np.array(self._settings), **snapshot})

    def draws(self, number: int) -> tuple[Floats, Floats]:
        """The first draws (ensembles, number, walkers, d) and their log densities (ensembles, number, walkers)."""
        found = self._draws[:number]
        if self._path is not None:
            count = number * int(np.prod(self._shape[1:]))
            found = np.fromfile(_beside(self._path), float, count).reshape(number, *self._shape[1:])
        ordered = np.moveaxis(found, 0, 1)
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
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, **dict(arrays))


def read_arrays(path: Path, settings: str, remedy: str) -> dict[str, NDArray[Any]]:
    """The arrays of a file that was written with these settings (as JSON); SamplerError, with the remedy, else."""
    try:
        with np.load(plain_file(path)) as file:
            found = {name: file[name] for name in file.files}
        written = json.loads(str(found.pop("settings")))
    except (UnreadableFile, OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise SamplerError(f"{path}: this is no state that can be read ({error}).\n{remedy}") from error
    wanted = json.loads(settings)
    differing = [
        f"{name} {written.get(name)}, here {value}" for name, value in wanted.items() if written.get(name) != value
    ]
    if differing:
        raise SamplerError(f"{path}: the state of another run: {'; '.join(differing)}.\n{remedy}")
    return found


def _take(path: Path, size: int) -> None:
    """Make a file of so many bytes for which the disk has room, where the system can tell."""
    try:
        with path.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
            file.truncate(size)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".draws")

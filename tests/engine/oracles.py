"""The other engines' own runs of a model file as it stands, by column; imports are slow and wait for the first run."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np

Columns = dict[str, np.ndarray]  # by the engine's own column name; the times stand under 'Time'


def pysd_run(path: Path) -> Columns:
    """PySD, in a copy of the file's folder: it writes beside the model, and models read what lies there."""
    import pysd

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        copy = Path(folder) / "model"
        shutil.copytree(path.parent, copy)
        load = pysd.read_vensim if path.suffix == ".mdl" else pysd.read_xmile
        data = [str(file) for file in copy.glob("data.tab")]
        table = load(str(copy / path.name), **({"data_files": data} if data else {})).run()
    return _columns(table)


def pysimlin_run(path: Path) -> Columns:
    """The Rust engine of Simlin."""
    import simlin

    return _columns(simlin.load(str(path)).run(analyze_loops=False).results)


def _columns(table: Any) -> Columns:
    return {str(name): table[name].to_numpy(float) for name in table.columns} | {"Time": table.index.to_numpy(float)}

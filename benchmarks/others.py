"""The other engines that a benchmark runs, where they are installed and take the model."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

RUNS = 20


def simlin_case(path: Path, one: dict[str, float]) -> dict[str, tuple[int, Callable[[], Any]]]:
    """Some runs in pysimlin, one member each: their number and the work, by name; nothing where it cannot."""
    try:
        import simlin

        other = simlin.load(str(path))
        with other.simulate(overrides=one) as simulation:
            simulation.run_to_end()
    except Exception as error:  # of its own kinds, or not installed
        print(f"no pysimlin: {type(error).__name__}: {error}", file=sys.stderr)
        return {}

    def work() -> None:
        for _ in range(RUNS):
            with other.simulate(overrides=one) as simulation:
                simulation.run_to_end()

    return {"pysimlin": (RUNS, work)}


def pysd_seconds(path: Path, one: dict[str, float], outputs: list[str], runs: int) -> tuple[float, float]:
    """How long PySD takes to load a copy of a model, and at best to run it."""
    import pysd

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        load = pysd.read_vensim if path.suffix == ".mdl" else pysd.read_xmile
        begin = time.perf_counter()
        other = load(str(copy))
        loaded = time.perf_counter() - begin
        taken = []
        for _ in range(runs):
            begin = time.perf_counter()
            other.run(params=one, return_columns=outputs)
            taken.append(time.perf_counter() - begin)
    return loaded, min(taken)

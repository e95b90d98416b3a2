"""How fast the engine is on a model file, side by side with pysimlin and PySD: one JSON line a case.

    python benchmarks/engine.py [MODEL FILE] [--members 1000] [--oracle-runs 1]

Cold loads use a cache folder of their own. Rates are runs a second with three constants moved and some forty outputs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from engine import EngineError, Model, load_model  # noqa: E402

CONTROLS = {"initial time", "final time", "time step", "saveper"}


def seconds(work: Callable[[], Any], repeats: int) -> float:
    """The median time of some repeats."""
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def say(case: str, **figures: float | str | int) -> None:
    """Print one case."""
    rounded = {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps({"case": case, **rounded}), flush=True)


def moved(model: Model, members: int) -> dict[str, np.ndarray]:
    """Three constants that a run survives moving by up to one percent, one value a member."""
    rng = np.random.default_rng(1)
    chosen: dict[str, np.ndarray] = {}
    for name, value in model.constants.items():
        if len(chosen) == 3:
            break
        if name.lower() in CONTROLS or np.ndim(value) or not value:
            continue
        draws = value * rng.uniform(0.99, 1.01, members)
        try:
            model.run({name: draws[:8]})
        except EngineError:
            continue
        chosen[name] = draws
    return chosen


def main() -> None:
    """Run all cases."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", nargs="?", type=Path, default=ROOT / "model" / "innovation.mdl")
    parser.add_argument("--members", type=int, default=1000)
    parser.add_argument("--oracle-runs", type=int, default=1, help="runs of PySD, many seconds each; 0: none")
    options = parser.parse_args()
    path = options.model
    warnings.simplefilter("ignore")
    import xarray  # noqa: F401  # so that no case pays for the import

    with tempfile.TemporaryDirectory() as folder, mock.patch("platformdirs.user_cache_path", lambda *_: Path(folder)):
        cold = seconds(lambda: load_model(path), 1)
        warm = seconds(lambda: load_model(path), 5)
        model = load_model(path)
    say("load", cold_s=cold, warm_s=warm, variables=len(model.variables), note="cold includes importing the parser")

    outputs = [name for name, variable in model.variables.items() if variable.kind in ("auxiliary", "stock")][:40]
    parameters = moved(model, options.members)
    one = {name: float(draws[0]) for name, draws in parameters.items()}
    first = seconds(lambda: model.run(one, outputs), 1)
    say("single run", first_s=first, s=seconds(lambda: model.run(one, outputs), 7))
    say("single run, all outputs", first_s=seconds(model.run, 1), s=seconds(model.run, 5))
    model.run(parameters, outputs)
    taken = seconds(lambda: model.run(parameters, outputs), 3)
    say("numpy", members=options.members, s=taken, runs_per_s=options.members / taken)
    simlin_cases(path, one)
    pysd_cases(path, one, outputs, options.oracle_runs)


def simlin_cases(path: Path, one: dict[str, float]) -> None:
    """The same model in pysimlin, where it is installed."""
    try:
        import simlin
    except ImportError:
        say("pysimlin", note="not installed")
        return
    other = simlin.load(str(path))
    runs = 50

    def work() -> None:
        for _ in range(runs):
            simulation = other.simulate(overrides=one)
            simulation.run_to_end()

    try:
        work()
    except Exception as error:  # its own kinds, for a name or function it does not take
        say("pysimlin", note=f"refused: {error}")
        return
    say("pysimlin", runs_per_s=runs / seconds(work, 3))


def pysd_cases(path: Path, one: dict[str, float], outputs: list[str], runs: int) -> None:
    """The same model in PySD, loaded once."""
    if not runs:
        return
    import shutil

    import pysd

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        load = pysd.read_vensim if path.suffix == ".mdl" else pysd.read_xmile
        begin = time.perf_counter()
        other = load(str(copy))
        loaded = time.perf_counter() - begin
        taken = seconds(lambda: other.run(params=one, return_columns=outputs), runs)
    say("pysd", load_s=loaded, single_s=taken, runs_per_s=1 / taken)


if __name__ == "__main__":
    main()

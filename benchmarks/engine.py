"""How fast the engine is on a model file, side by side with pysimlin and PySD in one run: one JSON line a case.

    python benchmarks/engine.py [MODEL FILE] [--members 4000] [--pysd-runs 1] [--stream 100000]

Three constants move; the outputs are the city's indicators at yearly times, or forty variables of another model at its
own. Rates are members a second on one thread, each the best of rounds taken in turn; caches are folders of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.others import pysd_seconds, simlin_case  # noqa: E402
from innovation.engine import EngineError, Model, load_model  # noqa: E402
from innovation.engine.backends.llvm import CPU_VARIABLE, host  # noqa: E402

CITY = ROOT / "model" / "innovation.mdl"
TARGETS = {  # by case: at least, and the aim
    "times pysimlin": (60, 100), "times PySD": (100_000, 100_000), "times NumPy": (15, 15), "two threads": (1.8, 2.0),
}  # fmt: skip
LIMITS = {  # by case: at most, and the aim
    "compile cold s": (1.0, 0.3), "compile warm s": (0.05, 0.05), "load warm s": (0.2, 0.2),
    "single arrays s": (0.001, 0.001), "single dataset s": (0.005, 0.005), "stream resident GB": (1.0, 1.0),
}  # fmt: skip
ROUNDS, PAIRS = 5, 7


def say(case: str, **figures: Any) -> None:
    """Print one case."""
    rounded = {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps({"case": case, **rounded}), flush=True)


def judge(case: str, value: float) -> None:
    """Print a figure against what the engine must reach."""
    needed, aim = TARGETS[case] if case in TARGETS else LIMITS[case]
    met = value >= needed if case in TARGETS else value <= needed
    say("target", what=case, value=value, needed=needed, aim=aim, met=bool(met))


def seconds(work: Callable[[], Any]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def best_rates(cases: Mapping[str, tuple[int, Callable[[], Any]]], rounds: int = ROUNDS) -> dict[str, float]:
    """Members a second of each case (its members and work), the best of rounds in which each has its turn."""
    best = dict.fromkeys(cases, 0.0)
    for work in cases.values():
        work[1]()  # what is compiled at the first call does not count
    for _ in range(rounds):
        for name, (members, work) in cases.items():
            best[name] = max(best[name], members / seconds(work))
    return best


@contextmanager
def own_cache():
    """A cache folder that is empty at first."""
    with tempfile.TemporaryDirectory() as folder, mock.patch("platformdirs.user_cache_path", lambda *_: Path(folder)):
        yield


def moved(model: Model, members: int) -> dict[str, np.ndarray]:
    """Three constants that a run survives moving by up to one percent, one value a member."""
    controls = {"initial time", "final time", "time step", "saveper"}
    rng = np.random.default_rng(1)
    chosen: dict[str, np.ndarray] = {}
    for name, value in model.constants.items():
        if len(chosen) == 3:
            break
        if name.lower() in controls or np.ndim(value) or not value:
            continue
        draws = value * rng.uniform(0.99, 1.01, members)
        try:
            model.run({name: draws[:8]})
        except EngineError:
            continue
        chosen[name] = draws
    return chosen


def wanted(model: Model) -> list[str]:
    """The city's indicators, or the first forty variables of another model."""
    if model.path.resolve() == CITY.resolve():
        from innovation.model import load_city

        city = load_city()
        return list(dict.fromkeys(city.locate(item.variable)[0] for item in city.indicators.values()))
    return [name for name, variable in model.variables.items() if variable.kind in ("auxiliary", "stock")][:40]


def first(parameters: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The first member alone."""
    return {name: float(values[0]) for name, values in parameters.items()}


def loading_and_compiling(path: Path) -> None:
    """Cold and warm loads, compiles beyond parsing, and single runs; imports are not counted."""
    import xarray  # noqa: F401

    with own_cache():
        plain = load_model(path, backend="numpy")
        outputs, one = wanted(plain), first(moved(plain, 8))
    with own_cache():
        cold = seconds(lambda: load_model(path))
        warm = min(seconds(lambda: load_model(path)) for _ in range(7))
        load_model(path).arrays(one, outputs[:1])  # llvmlite is imported and ready
        compiles = []
        for _ in range(2):  # nothing in the cache, then all of it
            model = load_model(path)
            begun = seconds(lambda: model.arrays(one, outputs))  # noqa: B023
            again = min(seconds(lambda: model.arrays(one, outputs)) for _ in range(20))  # noqa: B023
            compiles.append(begun - again)
        dataset = min(seconds(lambda: model.run(one, outputs)) for _ in range(50))
        arrays = min(seconds(lambda: model.arrays(one, outputs)) for _ in range(50))
    say("load", cold_s=cold, warm_s=warm, variables=len(plain.variables), outputs=len(outputs))
    judge("load warm s", warm)
    judge("compile cold s", compiles[0])
    judge("compile warm s", compiles[1])
    judge("single arrays s", arrays)
    judge("single dataset s", dataset)


def side_by_side(path: Path, members: int, pysd_runs: int) -> None:
    """Rates of our back-ends on one thread, and of the others."""
    fast, slow = load_model(path, backend="vectors"), load_model(path, backend="numpy")
    parameters, outputs = moved(fast, members), wanted(fast)
    few = {name: values[:1000] for name, values in parameters.items()}
    cases: dict[str, tuple[int, Callable[[], Any]]] = {
        "vectors": (members, lambda: fast.arrays(parameters, outputs, threads=1)),
        "numpy": (min(members, 1000), lambda: slow.arrays(few, outputs, threads=1)),
    }
    rates = best_rates(cases | simlin_case(path, first(parameters)))
    for name, rate in rates.items():
        say(name, runs_per_s=rate)
    near_the_limit(fast, first(parameters), outputs, rates["vectors"])
    judge("times NumPy", rates["vectors"] / rates["numpy"])
    if "pysimlin" in rates:
        judge("times pysimlin", rates["vectors"] / rates["pysimlin"])
    if pysd_runs:
        loaded, taken = pysd_seconds(path, first(parameters), outputs, pysd_runs)
        say("pysd", load_s=loaded, run_s=taken, runs_per_s=1 / taken)
        judge("times PySD", rates["vectors"] * taken)


def near_the_limit(model: Model, one: dict[str, float], outputs: list[str], rate: float) -> None:
    """What part of the processor's arithmetic peak a rate is."""
    from benchmarks.peak import flops, operations_of_a_step, peak_flops

    operations = operations_of_a_step(model.source(one, outputs))
    steps = round((model.final_time - model.initial_time) / model.dt) + 1
    most, used = peak_flops(), rate * steps * flops(operations)
    say(
        "arithmetic",
        peak_gflops=most / 1e9,
        used_gflops=used / 1e9,
        part_of_peak=used / most,
        steps=steps,
        **operations,
    )


def two_threads(path: Path, members: int) -> None:
    """Two threads against one, in pairs taken in turn."""
    if (os.cpu_count() or 1) < 2:
        say("two threads", note="this machine has one processor")
        return
    model = load_model(path, backend="vectors")
    parameters, outputs = moved(model, members), wanted(model)
    model.arrays(parameters, outputs)
    ratios = []
    for _ in range(PAIRS):
        one = seconds(lambda: model.arrays(parameters, outputs, threads=1))
        ratios.append(one / seconds(lambda: model.arrays(parameters, outputs, threads=2)))
    say("pairs", ratios=[round(ratio, 2) for ratio in ratios], median=statistics.median(ratios))
    judge("two threads", max(ratios))


def other_processors(path: Path, members: int) -> None:
    """The same on fewer lanes: what a processor without AVX-512 or AVX2 costs."""
    usual = load_model(path, backend="vectors")
    parameters, outputs = moved(usual, members), wanted(usual)

    def work(model: Model, name: str) -> Callable[[], Any]:
        def run() -> None:
            with mock.patch.dict(os.environ, {CPU_VARIABLE: name} if name else {}):
                model.arrays(parameters, outputs, threads=1)

        return run

    names = ["", *(name for name, lanes in (("x86-64-v3", 4), ("x86-64", 2)) if lanes <= host().lanes)]
    cases = {name: (members, work(load_model(path, backend="vectors"), name)) for name in names}
    rates = best_rates(cases, 3)
    for name, rate in rates.items():
        with mock.patch.dict(os.environ, {CPU_VARIABLE: name} if name else {}):
            target = host()
        say(
            "processor",
            name=target.name,
            lanes=target.lanes,
            fused=target.fused,
            runs_per_s=rate,
            part=rate / rates[""],
        )


def arrays_of_any_size(folder: Path) -> None:
    """An epidemic by age: sums over 16 x 16 at each of 800 steps."""
    from tests.engine.seir import seir_text

    path = folder / "seir.mdl"
    path.write_text(seir_text(16), encoding="utf-8")
    models = {name: load_model(path, backend=name) for name in ("vectors", "numpy")}
    draws = {"transmission": np.linspace(0.01, 0.06, 4000), "infectious time": np.linspace(3, 9, 4000)}
    cases: dict[str, tuple[int, Callable[[], Any]]] = {
        name: (4000, lambda model=model: model.arrays(draws, ["cases", "recovered"], threads=1))
        for name, model in models.items()
    }
    for name, rate in best_rates(cases | simlin_case(path, first(draws)), 3).items():
        say("epidemic by age", engine=name, runs_per_s=rate)


def stream(path: Path, members: int) -> None:
    """All indicators of a large ensemble in chunks, and the most memory that this process held."""
    model = load_model(path, backend="vectors")
    outputs = wanted(model)
    parameters = moved(model, members)
    model.arrays(first(parameters), outputs)
    total, begin = 0, time.perf_counter()
    for data in model.stream(parameters, outputs):
        total += data.sizes["member"]
    taken = time.perf_counter() - begin
    unit = 1 if sys.platform == "darwin" else 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9
    say("stream", members=total, runs_per_s=total / taken, s=taken)
    judge("stream resident GB", most)


def main() -> None:
    """Run all cases, or the stream alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", nargs="?", type=Path, default=CITY)
    parser.add_argument("--members", type=int, default=4000)
    parser.add_argument("--pysd-runs", type=int, default=1, help="runs of PySD, minutes each; 0: none")
    parser.add_argument("--stream", type=int, default=100_000, metavar="MEMBERS", help="size of the streamed ensemble")
    parser.add_argument("--stream-only", action="store_true", help="only that, as in a process of its own")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with own_cache(), tempfile.TemporaryDirectory() as folder:
        if options.stream_only:
            stream(options.model, options.stream)
            return
        target = host()
        say("machine", processor=target.name, lanes=target.lanes, fused=target.fused, processors=os.cpu_count())
        loading_and_compiling(options.model)
        side_by_side(options.model, options.members, options.pysd_runs)
        two_threads(options.model, 2 * options.members)
        other_processors(options.model, options.members)
        arrays_of_any_size(Path(folder))
    again = [sys.executable, __file__, str(options.model), "--stream", str(options.stream), "--stream-only"]
    subprocess.run(again, check=True)


if __name__ == "__main__":
    main()

"""How fast a sweep is beside the bare engine, the usual route and a second Dask worker: one JSON line a case.

    python benchmarks/sweep.py [--members 100000] [--pysd-runs 1] [--cases engine start sobol dask others]

The city's model, all targets, all years, sixty constants by Latin hypercube. What must be reached stands in TARGETS and
LIMITS; ratios are of times taken in turn in one run. `--members 1000000` is the size that the house speaks of.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.checking import make_study  # noqa: E402
from analysis.design import parse_design  # noqa: E402
from analysis.factors import Study  # noqa: E402
from analysis.plans import BLOCK  # noqa: E402
from analysis.sensitivity import sobol  # noqa: E402
from analysis.sweep import sweep  # noqa: E402
from benchmarks.others import pysd_seconds, simlin_case  # noqa: E402
from model import City, load_city  # noqa: E402
from scenarios import load_scenario  # noqa: E402

FACTORS, BASE = 60, 4096
TARGETS = {"part of the engine's rate": 0.8, "two workers": 1.6}  # at least
LIMITS = {"resident GB": 2.0, "start s": 3.0, "sobol s": 30.0}  # at most
CASES = ("engine", "start", "sobol", "dask", "others")


def say(case: str, **figures: Any) -> None:
    """Print one case."""
    rounded = {name: float(f"{value:.4g}") if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps({"case": case, **rounded}), flush=True)


def judge(case: str, value: float) -> None:
    """Print a figure against what must be reached."""
    met = value >= TARGETS[case] if case in TARGETS else value <= LIMITS[case]
    say("target", what=case, value=value, needed=TARGETS.get(case, LIMITS.get(case)), met=bool(met))


def design_text(city: City, members: int, method: str = "latin_hypercube") -> str:
    """A design of the first sixty uncertain constants, each within a hundredth of its value: no run diverges."""
    lines = []
    for name, belief in city.parameters.items():
        for element in [name] if "[" in name else city.elements(name):
            value = city.nominal(element)
            low, high = sorted((0.995 * value, 1.005 * value))
            if belief.role == "uncertain" and belief.holds(low) and belief.holds(high) and low < high:
                lines.append(f"  - {{constant: {json.dumps(element)}, range: [{low!r}, {high!r}]}}")
    return f"schema: 1\nmethod: {method}\nsize: {members}\nfactors:\n" + "\n".join(lines[:FACTORS]) + "\n"


def study_of(city: City, members: int) -> Study:
    """The design held against the city."""
    design, document = parse_design(design_text(city, members))
    return make_study(city, design, load_scenario(city, design.scenario), None, document)


def beside_the_engine(city: City, members: int, folder: Path) -> None:
    """The rate of a sweep, and of the engine alone with the same chunks before and after it."""
    study = study_of(city, members)
    outputs = sorted({output.cell.partition("[")[0] for output in study.outputs})
    times = [year + 1.0 for year in study.years]
    _, given = study.block(0, min(BLOCK, members))
    city.model.arrays(given, outputs, times)

    def raw() -> float:
        begin = time.perf_counter()
        rounds = max(1, min(5, members // BLOCK))
        for _ in range(rounds):
            city.model.arrays(given, outputs, times, on_failure="mask")
        return rounds * min(BLOCK, members) / (time.perf_counter() - begin)

    before = raw()
    begin = time.perf_counter()
    outcome = sweep(study, folder)
    rate = members / (time.perf_counter() - begin)
    after = raw()
    unit = 1 if sys.platform == "darwin" else 1024
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say(
        "sweep", members=members, factors=FACTORS, outputs=len(study.outputs), years=len(study.years),
        runs_per_s=rate, engine_before=before, engine_after=after, gigabytes=size / 1e9, failed=outcome.failed_members,
    )  # fmt: skip
    judge("part of the engine's rate", rate / ((before + after) / 2))
    judge("resident GB", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9)


def start(city: City, folder: Path) -> None:
    """What a command of sixteen members takes from the shell, kernels in the cache."""
    file = folder / "design.yaml"
    file.write_text(design_text(city, 16), encoding="utf-8")
    taken = []
    for number in range(3):
        command = [
            sys.executable,
            str(ROOT / "cli.py"),
            "sweep",
            str(file),
            "--quiet",
            "--out",
            str(folder / str(number)),
        ]
        begin = time.perf_counter()
        subprocess.run(command, check=True)
        taken.append(time.perf_counter() - begin)
    judge("start s", min(taken))


def sobol_indices(outputs: int) -> None:
    """All orders with intervals, of sixty factors and every indicator of one year, from figures made up."""
    rng = np.random.default_rng(1)
    figures = rng.standard_normal((BASE * (2 * FACTORS + 2), outputs)).astype(np.float32).astype(float)
    begin = time.perf_counter()
    found = sobol(figures, FACTORS, second_order=True)
    taken = time.perf_counter() - begin
    say("sobol", factors=FACTORS, base=BASE, outputs=outputs, used=found.used)
    judge("sobol s", taken)


def workers(city: City, members: int, folder: Path) -> None:
    """A sweep on one local Dask worker and on two, the cluster already up."""
    from distributed import Client, LocalCluster

    study, rates = study_of(city, members), {}
    for count in (1, 2):
        with LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None) as cluster:
            with Client(cluster) as client:
                client.wait_for_workers(count)
            warm = study_of(city, 64 * count)
            sweep(warm, folder / f"warm {count}", cluster=cluster.scheduler_address)
            begin = time.perf_counter()
            sweep(study, folder / f"{count} workers", cluster=cluster.scheduler_address)
            rates[count] = members / (time.perf_counter() - begin)
    say("dask", one=rates[1], two=rates[2], members=members)
    judge("two workers", rates[2] / rates[1])


def usual_route(city: City, members: int, pysd_runs: int, folder: Path) -> None:
    """SALib's points run one at a time in PySD and in pysimlin, against a sweep of the same points."""
    study = study_of(city, members)
    begin = time.perf_counter()
    sweep(study, folder)
    rate = members / (time.perf_counter() - begin)
    values, _ = study.block(0, 1)
    one = dict(zip(study.names, values[0].tolist(), strict=True))
    plain = {name: value for name, value in one.items() if "[" not in name}
    for name, (runs, work) in simlin_case(city.model.path, plain).items():
        work()
        begin = time.perf_counter()
        work()
        other = runs / (time.perf_counter() - begin)
        say(name, runs_per_s=other, times=rate / other)
    if pysd_runs:
        outputs = [output.cell.partition("[")[0] for output in study.outputs]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded, taken = pysd_seconds(city.model.path, plain, outputs, pysd_runs)
        say("pysd with salib", load_s=loaded, run_s=taken, runs_per_s=1 / taken, times=rate * taken)


def main() -> None:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--pysd-runs", type=int, default=1, help="runs of PySD, many seconds each; 0: none")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    options = parser.parse_args()
    city = load_city()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "engine" in options.cases:
            beside_the_engine(city, options.members, folder / "engine")
        if "start" in options.cases:
            start(city, folder)
        if "sobol" in options.cases:
            sobol_indices(len(city.indicators))
        if "dask" in options.cases:
            workers(city, min(options.members, 4 * BLOCK), folder)
        if "others" in options.cases:
            usual_route(city, min(options.members, BLOCK), options.pysd_runs, folder / "others")


if __name__ == "__main__":
    main()

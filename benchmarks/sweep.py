"""How fast a sweep is beside the bare engine, the usual route and a second Dask worker: one JSON line a case.

    python benchmarks/sweep.py [--members 100000] [--rounds 3] [--folder DIR] [--pysd-runs 1] [--cases engine start …]

The city's model, all targets, all years, every uncertain constant drawn from its prior; Sobol' with sixty constants.
What must be reached stands in TARGETS and LIMITS. A ratio is of times taken side by side; of several rounds the best
counts, since whatever else the machine does only makes it worse, and all are printed. `--members 1000000` is the size
that the house speaks of: it takes 3.6 GB below --folder.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
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

from benchmarks.others import pysd_seconds, simlin_case  # noqa: E402
from innovation.analysis.design import BLOCK, Distributions, Study, make_study, parse_design  # noqa: E402
from innovation.analysis.indices import sobol  # noqa: E402
from innovation.analysis.sweeps import read_results, sweep  # noqa: E402
from innovation.calibration.priors import Space  # noqa: E402
from innovation.model import City, load_city  # noqa: E402
from innovation.scenarios import load_scenario  # noqa: E402

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
    for name, parameter in city.parameters.items():
        for element in [name] if "[" in name else city.elements(name):
            value = city.nominal(element)
            low, high = sorted((0.995 * value, 1.005 * value))
            if parameter.role == "uncertain" and parameter.holds(low) and parameter.holds(high) and low < high:
                lines.append(f"  - {{constant: {json.dumps(element)}, range: [{low!r}, {high!r}]}}")
    return f"schema: 1\nmethod: {method}\nsize: {members}\nfactors:\n" + "\n".join(lines[:FACTORS]) + "\n"


def prior_text(members: int, seed: int = 0) -> str:
    """A design of every uncertain constant, drawn from the priors."""
    factors = "factors:\n  - {constant: all, range: prior}\n"
    return f"schema: 1\nmethod: monte_carlo\nsize: {members}\nseed: {seed}\n{factors}"


def study_of(city: City, text: str) -> Study:
    """A design held against the city."""
    design, document = parse_design(text)
    return make_study(city, design, load_scenario(city, design.scenario), Distributions(Space(city)), document)


def command(folder: Path, text: str) -> float:
    """Seconds that `cli.py sweep` of a design takes from the shell."""
    file = folder.with_suffix(".yaml")
    file.write_text(text, encoding="utf-8")
    begin = time.perf_counter()
    sweeping = [sys.executable, str(ROOT / "cli.py"), "sweep", str(file), "--quiet", "--out", str(folder)]
    subprocess.run(sweeping, check=True)
    return time.perf_counter() - begin


def beside_the_engine(city: City, members: int, rounds: int, folder: Path) -> None:
    """The rate of `cli.py sweep`, start included, and of the engine alone with the same chunks before and after it."""
    study = study_of(city, prior_text(members))
    outputs = sorted({output.cell.partition("[")[0] for output in study.outputs})
    times = [year + 1.0 for year in study.years]
    _, given = study.block(0, min(BLOCK, members))
    city.model.arrays(given, outputs, times, on_failure="mask")
    repeats = max(1, min(10, members // BLOCK))

    def raw() -> tuple[float, float]:
        begin, busy = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            city.model.arrays(given, outputs, times, on_failure="mask")
        runs = repeats * min(BLOCK, members)
        return runs / (time.perf_counter() - begin), (time.process_time() - busy) / runs

    parts = []
    for number in range(rounds):
        out = folder / str(number)
        before, busy = raw()
        already = _busy_children()
        rate = members / command(out, prior_text(members))
        work = (_busy_children() - already) / members
        after, _ = raw()
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        shutil.rmtree(out)
        parts.append(rate / ((before + after) / 2))
        say(
            "sweep", members=members, factors=len(study.names), outputs=len(study.outputs), years=len(study.years),
            runs_per_s=rate, engine_before=before, engine_after=after, part=parts[-1], part_by_processor=busy / work,
            gigabytes=size / 1e9, failed=manifest["failed_members"],
        )  # fmt: skip
    judge("part of the engine's rate", max(parts))
    unit = 1 if sys.platform == "darwin" else 1024
    judge("resident GB", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit / 1e9)


def _busy_children() -> float:
    """Seconds of processors that commands have taken: unlike time, blind to what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def start(folder: Path, rounds: int) -> None:
    """What a command of sixteen members takes from the shell, kernels in the cache."""
    command(folder / "warm", prior_text(16))
    judge("start s", min(command(folder / str(number), prior_text(16)) for number in range(rounds)))


def sobol_indices(city: City, folder: Path) -> None:
    """All orders with intervals, of sixty factors and every indicator at 2015, from the runs of a sweep."""
    design = design_text(city, BASE, "sobol") + "second_order: true\noutputs: indicators\nyears: [2015]\n"
    took = command(folder, design)
    begin = time.perf_counter()
    results = read_results(folder)
    figures = results.figures(2015, np.arange(results.members))
    read = time.perf_counter() - begin
    found = sobol(figures, FACTORS, second_order=True)
    taken = time.perf_counter() - begin
    say("sobol", factors=FACTORS, base=BASE, members=results.members, outputs=figures.shape[1], used=found.used,
        runs_s=took, read_s=read)  # fmt: skip
    judge("sobol s", taken)


def workers(city: City, members: int, rounds: int, folder: Path) -> None:
    """A sweep on one local Dask worker and on two, one engine thread each, all of them up and warm, in turn."""
    from distributed import Client, LocalCluster

    study, ratios = study_of(city, prior_text(members)), []
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as one,
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as two,
    ):
        clusters = {1: one, 2: two}
        for count, cluster in clusters.items():
            with Client(cluster) as client:
                client.wait_for_workers(count)
            warm = study_of(city, prior_text(4 * count * BLOCK, seed=1))
            sweep(warm, folder / f"warm {count}", cluster=cluster.scheduler_address)
        for number in range(rounds):
            taken = {}
            for count, cluster in clusters.items():
                out = folder / f"{count} workers {number}"
                begin = time.perf_counter()
                sweep(study, out, cluster=cluster.scheduler_address)
                taken[count] = time.perf_counter() - begin
                shutil.rmtree(out)
            ratios.append(taken[1] / taken[2])
            say("dask", members=members, one=members / taken[1], two=members / taken[2], ratio=ratios[-1])
    judge("two workers", max(ratios))


def usual_route(city: City, members: int, pysd_runs: int, folder: Path) -> None:
    """One point run alone, again and again, in PySD and in pysimlin, against a sweep of many."""
    study = study_of(city, design_text(city, members))
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
        say("pysd", load_s=loaded, run_s=taken, runs_per_s=1 / taken, times=rate * taken)


def main() -> None:
    """Run the cases asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3, help="of each ratio")
    parser.add_argument("--folder", help="where results are written, and deleted (default: that of temporary files)")
    parser.add_argument("--pysd-runs", type=int, default=1, help="runs of PySD, many seconds each; 0: none")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=CASES)
    options = parser.parse_args()
    city = load_city()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for case in CASES:
            (folder / case).mkdir()
        if "engine" in options.cases:
            beside_the_engine(city, options.members, options.rounds, folder / "engine")
        if "start" in options.cases:
            start(folder / "start", options.rounds)
        if "sobol" in options.cases:
            sobol_indices(city, folder / "sobol" / "sweep")
        if "dask" in options.cases:
            workers(city, min(options.members, 12 * BLOCK), options.rounds, folder / "dask")
        if "others" in options.cases:
            usual_route(city, min(options.members, BLOCK), options.pysd_runs, folder / "others" / "sweep")


if __name__ == "__main__":
    main()

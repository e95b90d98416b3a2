"""How fast the posterior is: evaluations a second, and what of them is the engine's; one JSON line a case.

python benchmarks/calibration.py [--members 2000] [--threads 1]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from innovation.calibration.posterior import Posterior  # noqa: E402
from innovation.calibration.record import read_record  # noqa: E402
from innovation.model import load_city  # noqa: E402

REPEATS = 9


def seconds(work: Callable[[], Any]) -> float:
    """The median time of some repeats."""
    taken = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def main() -> None:
    """Time the real posterior on draws from its prior."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    city = load_city()
    begin = time.perf_counter()
    posterior = Posterior(city, read_record(city).counted, given.threads)
    built = time.perf_counter() - begin
    z = posterior.draw_prior(given.members, 1)
    constants = {**posterior.space.to_constants(z[:, : posterior.space.d]), "FINAL TIME": posterior.reader.times[-1]}
    wanted = {"outputs": posterior.reader.outputs, "times": posterior.reader.times, "threads": given.threads}
    engine = seconds(lambda: city.model.arrays(constants, on_failure="mask", **wanted))
    whole = seconds(lambda: posterior(z))
    print(
        json.dumps(
            {
                "case": "posterior",
                "members": given.members,
                "threads": given.threads,
                "dimensions": posterior.d,
                "build_seconds": round(built, 2),
                "evaluations_a_second": round(given.members / whole),
                "engine_part": round(engine / whole, 3),
            }
        )
    )


if __name__ == "__main__":
    main()

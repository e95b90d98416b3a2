"""Two full fits of one record from different seeds: whether they give the same chances, and what a fit costs."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.posterior.draws import PosteriorDraws
from innovation.calibration.posterior.kept_draws import load
from innovation.model import City
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import Chances, chances, published_result, simulate

from .kept import CHANCE, FIT, MEMORY, PROCESSOR, SECONDS

try:
    import resource
except ImportError:  # on Windows, where nobody says how much memory a process took
    resource = None  # type: ignore[assignment]

COMMAND = Path(__file__).parents[2] / "cli.py"
KILOBYTE = 1 if sys.platform == "darwin" else 1024  # of what the system counts memory in


def fit_again(city: City, path: Path, seed: int) -> tuple[PosteriorDraws, dict[str, float]]:
    """Draws by the command that makes the city's, from another seed, and what that took, by what is measured.

    Seconds are those of this call: a fit that was killed goes on where it was.

    Raises RuntimeError where the command fails; what it said has been printed.
    """
    asked = [sys.executable, str(COMMAND), "calibrate", "--seed", str(seed), "--out", str(path)]
    before, begin = _processor_seconds(), time.monotonic()
    if subprocess.run(asked, check=False).returncode:
        raise RuntimeError("The second fit failed, for the reason above.")
    cost = {SECONDS: time.monotonic() - begin}
    if resource is not None:
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * KILOBYTE
        cost |= {PROCESSOR: _processor_seconds() - before, MEMORY: most / 1e9}
    return load(city, path), cost


def compared(
    city: City,
    scenarios: Sequence[Scenario],
    first: PosteriorDraws,
    second: PosteriorDraws,
    cost: Mapping[str, float],
) -> Iterator[dict[str, object]]:
    """A row for each figure of both fits, for each cost of the second, and for each chance of a published figure."""
    for name in ("rhat", "bulk", "tail"):
        yield _row(FIT, "", name, first.record.worst[name], math.nan, second.record.worst[name], math.nan)
    yield _row(FIT, "", "evaluations", first.record.evaluations, math.nan, second.record.evaluations, math.nan)
    for name, value in cost.items():
        yield _row(FIT, "", name, math.nan, math.nan, value, math.nan)
    both = (_chances(city, scenarios, draws) for draws in (first, second))
    for one, other in zip(*both, strict=True):
        for name, found in one.targets.items():
            again = other.targets[name]
            yield _row(CHANCE, one.scenario, name, found.chance, found.error, again.chance, again.error)


def _chances(city: City, scenarios: Sequence[Scenario], draws: PosteriorDraws) -> list[Chances]:
    """Chances of published figures under each scenario, from all draws."""
    found = simulate(city, scenarios, draws.members(draws.distinct), draws.attrs(draws.distinct))
    instrument = instrument_of(city, draws)
    return chances(city, found if instrument is None else published_result(found, instrument))


def _row(
    kind: str, scenario: str, of: str, first: float, first_error: float, second: float, second_error: float
) -> dict[str, object]:
    numbers = {"first": first, "first error": first_error, "second": second, "second error": second_error}
    told = {name: "" if math.isnan(value) else f"{value:.6g}" for name, value in numbers.items()}
    return {"kind": kind, "scenario": scenario, "of": of, **told}


def _processor_seconds() -> float:
    """Of all processes that this one started and that have ended."""
    used = None if resource is None else resource.getrusage(resource.RUSAGE_CHILDREN)
    return math.nan if used is None else used.ru_utime + used.ru_stime

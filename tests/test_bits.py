"""Figures of all scenarios, of members and of a sweep, held to the bit: a rearrangement of the code moves none of them.

golden/bits.json has a line for NumPy's back-end, and one for compiled code on the processor that it names. `python -m
tests.test_bits` writes it anew (with --check: says whether it has to be), after a change of model, posterior or engine
that is meant to move figures.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import parse_design
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.calibration.posterior import kept_draws
from innovation.engine.backends.llvm.machine import processor
from innovation.engine.model import load_model
from innovation.model.city import City
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import library, load_scenarios
from innovation.scenarios.simulation.run import simulate

BITS = Path(__file__).parent / "golden" / "bits.json"
MEMBERS = 200
DESIGN = """\
schema: 1
method: latin_hypercube
size: 96
seed: 3
factors:
  - {constant: return to public knowledge, range: [0.1, 1.0]}
  - {constant: grants elasticity of platforms, range: [0.05, 0.2]}
  - {lever: science_money, range: [10, 40], from: 2012, ramp: 1}
"""


def hashes(city: City) -> dict[str, str]:
    """SHA-256 of the figures' bits: nominal runs of the library, members of the posterior, a sweep."""
    nominal = simulate(city, load_scenarios(city, library()))
    members = kept_draws.load(load_city()).members(MEMBERS)
    baseline, plan = load_scenarios(city, ["baseline", "plan_as_written"])
    drawn = simulate(city, [baseline, plan], members)
    design, _ = parse_design(DESIGN, "design")
    with tempfile.TemporaryDirectory() as folder:
        sweep(make_study(city, design, baseline), Path(folder), double=True)
        results = read_results(Path(folder))
        swept = [results.figures(year, np.arange(96)) for year in (2010, 2015)]
    return {
        "library": _hash(*(nominal[name].values for name in sorted(city.indicators))),
        "members": _hash(*(drawn[name].values for name in sorted(city.indicators))),
        "sweep": _hash(*swept),
    }


def _hash(*arrays: np.ndarray) -> str:
    whole = hashlib.sha256()
    for values in arrays:
        whole.update(np.ascontiguousarray(values, "<f8").tobytes())
    return whole.hexdigest()


def of_numpy(city: City) -> City:
    """The city, run by NumPy's back-end."""
    return dataclasses.replace(city, model=load_model(city.model.path, backend="numpy"))


def kept() -> dict[str, dict[str, str]]:
    return json.loads(BITS.read_text(encoding="utf-8"))


def test_numpys_figures_are_the_same_to_the_bit(city: City) -> None:
    assert hashes(of_numpy(city)) == kept()["numpy"]


def test_compiled_figures_are_the_same_to_the_bit_on_the_processor_that_made_them(city: City) -> None:
    if processor() not in kept():
        pytest.skip(f"bits are kept of {sorted(kept())}, not of {processor()}")

    assert hashes(city) == kept()[processor()]


if __name__ == "__main__":
    there = load_city()
    if "--check" in sys.argv:
        same = BITS.is_file() and hashes(of_numpy(there)) == kept()["numpy"]
        sys.exit(0 if same else "the bits of figures are others than those kept")
    found = {"numpy": hashes(of_numpy(there)), processor(): hashes(there)}
    BITS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")

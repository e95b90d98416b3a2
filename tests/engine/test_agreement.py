"""The engine against PySD: relative to a column's largest value, 1e-9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import load_model, python_name
from engine.reference import reference_run

CITY = Path(__file__).parents[2] / "model" / "innovation.mdl"
TOLERANCE = 1e-9


def disagreements(path, parameters=None):
    """Variables in which a nominal member of ours and PySD differ, with by how much."""
    model = load_model(path)
    ours = model.run(parameters or {})
    theirs = reference_run(path, parameters or {}, times=ours["time"].values.tolist())
    found = {}
    compared = 0
    for name in (v.name for v in model.variables.values() if v.kind != "lookup"):
        key = python_name(name)
        if key not in theirs:
            continue
        a, b = ours[key].values[0], theirs[key].values
        a = a.reshape(len(a), -1)
        b = b.reshape(len(b), -1)
        assert a.shape == b.shape, name
        scale = np.nanmax(np.abs(b)) or 1.0
        error = np.nanmax(np.abs(a - b)) / scale
        compared += 1
        if not error <= TOLERANCE:
            found[name] = float(error)
    assert compared > len(model.variables) * 0.9
    return found


def test_the_tank_is_the_same_in_pysd(tank_file):
    assert disagreements(tank_file) == {}


def test_the_tank_is_the_same_in_pysd_with_other_parameters(tank_file):
    assert disagreements(tank_file, {"base tap": 2.25, "residence": np.array([1.5, 3.0]), "soak time": 5.5}) == {}


@pytest.mark.slow
@pytest.mark.skipif(not CITY.exists(), reason="the city's model file is not there")
def test_the_city_is_the_same_in_pysd():
    assert disagreements(CITY) == {}

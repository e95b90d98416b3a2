"""The engine against PySD: in every variable, relative to its largest value, 1e-9."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine import EngineError, load_model, normalised_name
from engine.reference import reference_run
from tests.engine import conformance

CITY = Path(__file__).parents[2] / "model" / "innovation.mdl"
TOLERANCE = 1e-9


def disagreements(ours, theirs):
    """The variables in which our only member and PySD differ, with by how much."""
    names = {normalised_name(str(name)): name for name in theirs.data_vars}
    found, compared = {}, 0
    for name in ours.data_vars:
        key = normalised_name(str(name))
        if key not in names:
            continue
        a, b = ours[name].values[0], theirs[names[key]].values
        a, b = a.reshape(len(a), -1), b.reshape(len(b), -1)
        assert a.shape == b.shape, name
        known = np.isfinite(b)  # where PySD has NaN, the file has :NA: or no equation
        scale = np.max(np.abs(b[known]), initial=0.0) or 1.0
        error = np.max(np.abs(a - b)[known], initial=0.0) / scale
        compared += 1
        if not error <= TOLERANCE:
            found[name] = float(error)
    assert compared >= 0.9 * len(ours.data_vars)
    return found


def both(path, parameters):
    """A run of ours and the same in PySD."""
    ours = load_model(path).run(parameters)
    return ours, reference_run(path, parameters, times=ours["time"].values.tolist())


@pytest.mark.parametrize("parameters", [{}, {"base tap": 2.25, "residence": np.array([1.5, 3.0]), "soak time": 5.5}])
def test_the_tank_is_the_same_in_pysd(tank_file, parameters):
    assert disagreements(*both(tank_file, parameters)) == {}


@pytest.mark.slow
@pytest.mark.skipif(not CITY.exists(), reason="the city's model file is not there")
def test_the_city_is_the_same_in_pysd():
    assert disagreements(*both(CITY, {})) == {}


@pytest.mark.slow
@pytest.mark.skipif(not conformance.model_files(), reason=f"no conformance models at {conformance.SUITE}")
@pytest.mark.parametrize(
    "path", conformance.model_files(), ids=lambda path: path.relative_to(conformance.SUITE).as_posix()
)
def test_a_model_of_the_field_is_the_same_in_pysd(path):
    try:
        ours = load_model(path).run()
    except EngineError as error:
        pytest.skip(f"refused: {str(error).splitlines()[-1]}")
    try:
        theirs = reference_run(path, times=ours["time"].values.tolist())
    except Exception as error:  # PySD's own failures are of many kinds
        pytest.skip(f"PySD fails: {type(error).__name__}")

    assert disagreements(ours, theirs) == {}

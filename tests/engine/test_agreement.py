"""The engine against PySD and pysimlin on toys and models of the field: in every variable, relative to its largest
value, 1e-9. Where the others are known to differ, the closed form says who is right. test_city compares the city.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from innovation.engine.errors import EngineError
from innovation.engine.ir.structure import normalised_name, python_name
from innovation.engine.model import load_model
from innovation.engine.testing.pysd_oracle import reference_run
from tests.engine import conformance
from tests.engine.field_models import MISSING

ROOT = Path(__file__).parents[2]
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


def simlin_run(path):
    """All of pysimlin's columns of a model file."""
    simlin = pytest.importorskip("simlin", reason="pysimlin has no wheel for this machine")
    with simlin.load(str(path)).simulate() as simulation:
        simulation.run_to_end()
        return {name: simulation.get_series(name) for name in simulation.get_var_names()}


def test_the_tank_is_the_same_in_pysimlin(tank):
    data = tank.run()

    theirs = simlin_run(tank.path)

    for name in ("water[upper]", "water[lower]", "outflow[lower]", "tap", "spilt", "level seen", "alarm"):
        bare, _, element = name.rstrip("]").partition("[")
        ours = data[python_name(bare)].isel(member=0)
        ours = (ours.sel(tank=element) if element else ours).values
        assert ours == pytest.approx(theirs[normalised_name(name)], abs=TOLERANCE * np.abs(ours).max()), name


def test_a_fixed_delay_gives_what_went_in_where_pysimlin_spreads_it(load):
    model = load("source = Time ~~|\nlate = DELAY FIXED(source, 2, 0) ~~|", end=8, dt=1)
    exact = [0, 0, *range(7)]  # what went in two steps before

    assert model.run(outputs=["late"])["late"].values[0].tolist() == exact
    # a first-order delay instead; if this fails, pysimlin has learnt it, and test_city may compare what reads a delay
    assert simlin_run(model.path)["late"][2:4].tolist() == [0.5, 1.25]


def test_zidz_takes_less_than_a_millionth_for_zero_where_pysimlin_divides(load):
    model = load("below = 10^(-Time - 3.5) ~~|\nratio = ZIDZ(below, below) ~~|", end=4, dt=1)
    exact = [1, 1, 1, 0, 0]  # 10^-5.5 is more than a millionth, 10^-6.5 is less (Vensim manual)

    assert model.run(outputs=["ratio"])["ratio"].values[0].tolist() == exact
    assert reference_run(model.path)["ratio"].values.tolist() == exact
    assert simlin_run(model.path)["ratio"].tolist() == [1] * 5


@pytest.mark.slow
def test_a_smooth_from_a_whole_number_keeps_fractions_where_pysd_cuts_them(load):
    model = load("seen = SMOOTHI(2.7, 2, 1) ~~|", end=4, dt=1)
    exact = 2.7 - 1.7 * 0.5 ** np.arange(5)

    assert model.run(outputs=["seen"])["seen"].values[0] == pytest.approx(exact, rel=1e-14)
    assert simlin_run(model.path)["seen"] == pytest.approx(exact, rel=1e-14)
    # a process of its own, because our reader teaches PySD's parser to read whole numbers as floats too
    run = f"reference_run({str(model.path)!r})['seen'].values"
    code = f"from innovation.engine.testing.pysd_oracle import reference_run; print(*{run})"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert float(said.split()[1]) == 1.5  # half way from 1 to 2: the first step forgets the fraction


UNLIKE_PYSD = {  # test_conformance holds each to its canonical output or a closed form
    "SIR_legacy.stmx": "PySD reads no variable of this older XMILE",
    "teacup_legacy.stmx": "PySD reads no variable of this older XMILE",
    "comparisons.stmx": "PySD reads no variable of this older XMILE",
    "test_lookups_no-indirect.stmx": "PySD reads no variable of this older XMILE",
    "test_zeroled_decimals.xmile": "it asks for RK4, which PySD ignores",
}


@pytest.mark.slow
@pytest.mark.skipif(not conformance.model_files(), reason=MISSING)
@pytest.mark.parametrize(
    "path", conformance.model_files(), ids=lambda path: path.relative_to(conformance.SUITE).as_posix()
)
def test_a_model_of_the_field_is_the_same_in_pysd(path):
    if path.name in UNLIKE_PYSD:
        pytest.skip(UNLIKE_PYSD[path.name])
    try:
        ours = load_model(path).run()
    except EngineError as error:
        pytest.skip(f"refused: {str(error).splitlines()[-1]}")
    try:
        theirs = reference_run(path, times=ours["time"].values.tolist())
    except Exception as error:  # PySD's own failures are of many kinds
        pytest.skip(f"PySD fails: {type(error).__name__}")

    assert disagreements(ours, theirs) == {}

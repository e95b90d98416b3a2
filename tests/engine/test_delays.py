"""SMOOTH N and DELAY N: their order, and delay times that change."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.errors import UnsupportedError
from innovation.engine.model import load_model


def test_the_order_is_taken_when_the_run_starts(load):
    model = load(
        "order = 2 + STEP(1, 3) + extra ~~|\nextra = INTEGER(0.5) ~~|\nsource = STEP(1, 1) ~~|\n"
        "changing = SMOOTH N(source, 4, 0, order) ~~|\nsteady = SMOOTH N(source, 4, 0, 2) ~~|"
    )

    data = model.run()

    assert np.array_equal(data["changing"], data["steady"])
    assert data["changing"].values[0][-1] > 0.5


def test_constants_behind_an_order_are_marked_as_built_in(load):
    model = load("order = 2 ~~|\ntime to see = 4 ~~|\nseen = SMOOTH N(Time, time to see, 0, order) ~~|")

    marked = [name for name, variable in model.variables.items() if variable.built_in]

    assert marked == ["order"]


@pytest.mark.parametrize(("order", "plain"), [(1, "DELAY1I"), (3, "DELAY3I")])
def test_with_a_steady_time_a_delay_n_is_the_plain_delay(load, order, plain):
    model = load(f"source = 3 + STEP(2, 1) ~~|\na = DELAY N(source, 2, 1, {order}) ~~|\nb = {plain}(source, 2, 1) ~~|")

    data = model.run()

    assert data["a"].values == pytest.approx(data["b"].values, rel=1e-14)


@pytest.mark.parametrize("order", [1, 2])
def test_a_delay_n_of_changing_time_lets_out_all_that_went_in(load, order):
    model = load(
        f"span = 2 + STEP(2, 2) - STEP(1, 5) ~~|\ninflow = PULSE(1, 2)*5 ~~|\n"
        f"outflow = DELAY N(inflow, span, 0, {order}) ~~|\nout = INTEG(outflow, 0) ~~|",
        end=200,
    )

    out = model.run(outputs=["out"])["out"].values[0]

    assert out[-1] == pytest.approx(10.0, rel=1e-12)
    assert (np.diff(out) >= 0).all()


def test_a_delay_n_lets_out_by_the_delay_time_of_the_step_before(load):
    model = load("span = 2 + STEP(2, 3) ~~|\noutflow = DELAY N(4, span, 4, 1) ~~|", end=5, dt=1)

    out = model.run(outputs=["outflow"])["outflow"].values[0]

    assert out.tolist() == [4, 4, 4, 4, 2, 2.5]  # 8 in store; from time 4 on a quarter of it leaves, and 4 come in


def test_what_vensim_computes_by_steps_is_refused_under_rk4(write):
    path = write("a = SMOOTH N(Time, 4, 0, 2) ~~|")
    path.write_text(path.read_text() + "\n\\\\\\---/// Sketch\n///---\\\\\\\n:L<%^E!@\n15:0,0,0,5,0,0\n")

    with pytest.raises(
        UnsupportedError, match=r'"a": SMOOTH N under RK4 is not supported\. Choose Euler, or write SMOOTH3'
    ):
        load_model(path)

"""Answers known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.errors import RunError


def series(model, name, **options):
    """The values of one variable of the only member."""
    return model.run(outputs=[name], **options)[name.replace(" ", "_")].values[0]


def test_a_stock_grows_by_its_rate_times_the_step(load):
    model = load("level = INTEG(0.1*level, 100) ~~|")

    values = series(model, "level")

    assert values == pytest.approx(100 * 1.05 ** np.arange(21), rel=1e-13)


def test_time_is_never_accumulated(load):
    model = load("now = Time ~~|", end=1000, dt=0.1)

    data = model.run(outputs=["now"])

    assert np.array_equal(data["time"].values, 0 + np.arange(10001) * 0.1)
    assert np.array_equal(data["now"].values[0], data["time"].values)


def test_a_fixed_delay_repeats_its_input_exactly_after_the_delay(load):
    model = load("source = Time*Time ~~|\nlate = DELAY FIXED(source, 2, -7) ~~|")

    data = model.run(outputs=["source", "late"])

    source, late = data["source"].values[0], data["late"].values[0]
    assert np.array_equal(late[:4], [-7] * 4)
    assert np.array_equal(late[4:], source[:-4])


def test_a_third_order_delay_lets_out_all_that_went_in(load):
    model = load("inflow = PULSE(1, 1)*5 ~~|\noutflow = DELAY3(inflow, 2) ~~|\nout = INTEG(outflow, 0) ~~|", end=100)

    out = series(model, "out")

    assert out[-1] == pytest.approx(5.0, rel=1e-12)
    assert (np.diff(out) >= 0).all()


def test_a_smooth_approaches_a_step_as_its_equation_says(load):
    model = load("source = STEP(1, 0) ~~|\nseen = SMOOTHI(source, 2, 0) ~~|")

    assert series(model, "seen") == pytest.approx(1 - 0.75 ** np.arange(21), abs=1e-13)


def test_a_smooth_from_an_integer_keeps_its_fractions(load):
    # PySD truncates this one: its state takes the type of the initial value
    model = load("seen = SMOOTHI(0.5, 2, 1) ~~|")

    assert series(model, "seen")[1] == pytest.approx(0.875)


def test_a_trend_finds_the_growth_rate_of_an_exponential(load):
    model = load("source = EXP(0.05*Time) ~~|\ngrowth = TREND(source, 1, 0.05) ~~|", dt=0.01, end=20)

    # from the right start the reading stays at 0.05, but for the step's own error of order dt
    assert series(model, "growth") == pytest.approx(0.05, rel=1e-3)


def test_a_forecast_extends_the_trend(load):
    model = load("source = 10 ~~|\nahead = FORECAST(source, 2, 5) ~~|")

    assert np.array_equal(series(model, "ahead"), np.full(21, 10.0))


def test_step_ramp_and_pulse_begin_on_their_dates(load):
    model = load(
        "up = STEP(3, 2) ~~|\nslope = RAMP(2, 2, 4) ~~|\npulse = PULSE(2, 1) ~~|\ntrain = PULSE TRAIN(1, 0.5, 2, 8) ~~|"
    )

    data = model.run()

    time = data["time"].values
    assert np.array_equal(data["up"].values[0], np.where(time >= 2, 3, 0))
    assert np.array_equal(data["slope"].values[0], 2 * np.clip(time - 2, 0, 2))
    assert np.array_equal(data["pulse"].values[0], (time >= 2) & (time < 3))
    assert np.array_equal(time[data["train"].values[0] == 1], [1, 3, 5, 7])


def test_rounding_of_the_time_grid_moves_no_step(load):
    model = load("up = STEP(1, 0.3) ~~|", end=1, dt=0.1)

    assert np.array_equal(series(model, "up"), [0] * 3 + [1] * 8)


def test_initial_holds_the_first_value_and_active_initial_only_counts_at_the_start(load):
    model = load("a = ACTIVE INITIAL(b + 1, 5) ~~|\nb = INTEG(1, a*2) ~~|\nfirst = INITIAL(b + Time) ~~|", end=2, dt=1)

    data = model.run()

    assert np.array_equal(data["b"].values[0], [10, 11, 12])
    assert np.array_equal(data["a"].values[0], [11, 12, 13])
    assert np.array_equal(data["first"].values[0], [10, 10, 10])


def test_initial_values_find_their_own_order(load):
    model = load("c = INTEG(0, b*2) ~~|\nb = INTEG(0, a*2) ~~|\na = INTEG(0, k) ~~|\nk = 3 ~~|")

    assert series(model, "c")[0] == 12


def test_sample_if_true_keeps_the_last_sample(load):
    model = load("kept = SAMPLE IF TRUE(Time = 2 :OR: Time = 4, Time*10, -1) ~~|", end=5, dt=1)

    assert np.array_equal(series(model, "kept"), [-1, -1, 20, 20, 40, 40])


def test_functions_guard_against_division_by_zero(load):
    model = load("a = ZIDZ(3, Time) ~~|\nb = XIDZ(3, Time, 9) ~~|\nc = MODULO(-7, 3) ~~|\nd = INTEGER(-2.7) ~~|")

    data = model.run()

    assert data["a"].values[0][:3].tolist() == [0, 6, 3]
    assert data["b"].values[0][0] == 9
    assert (data["c"].values[0][0], data["d"].values[0][0]) == (-1, -2)


def test_a_power_binds_before_a_minus_as_in_vensim(load):
    model = load("a = -2^2 ~~|\nb = (-2)^2 ~~|\nc = 2^3^2 ~~|\nd = 2*-3 ~~|", end=1, dt=1)

    data = model.run()

    assert [float(data[name].values[0][0]) for name in "abcd"] == [-4, 4, 512, -6]


def test_and_binds_before_or(load):
    model = load("a = IF THEN ELSE(1 = 1 :OR: 1 = 1 :AND: 1 = 2, 7, 8) ~~|\nb = IF THEN ELSE(:NOT: 1 = 2, 1, 0) ~~|")

    data = model.run()

    assert data["a"].values[0][0] == 7
    assert data["b"].values[0][0] == 1


def test_a_lookup_stays_at_its_ends_and_extrapolates_on_request(load):
    points = "(1,2),(2,4),(4,0)"
    model = load(
        f"curve({points}) ~~|\nplain = curve(Time) ~~|\nbeyond = LOOKUP EXTRAPOLATE(curve, Time) ~~|\n"
        f"inline = WITH LOOKUP(Time, ({points})) ~~|"
    )

    data = model.run()

    time = data["time"].values
    assert data["plain"].values[0] == pytest.approx(np.interp(time, [1, 2, 4], [2, 4, 0]), abs=1e-14)
    assert np.array_equal(data["inline"].values, data["plain"].values)
    assert data["beyond"].values[0][[0, -1]].tolist() == [0, -12]


def test_a_macro_brings_its_own_stock_for_each_use(load):
    model = load(
        ":MACRO: FILL(rate, start)\nFILL = INTEG(rate, start) ~~|\n:END OF MACRO:\n"
        "a = FILL(1, 5) ~~|\nb = FILL(2, 0) ~~|",
        end=2,
        dt=1,
    )

    data = model.run(outputs=["a", "b"])

    assert data["a"].values[0].tolist() == [5, 6, 7]
    assert data["b"].values[0].tolist() == [0, 2, 4]


def test_the_length_of_a_fixed_delay_may_differ_between_members(load):
    model = load("late = DELAY FIXED(Time, d, 0) ~~|\nd = 2 ~~|")

    together = model.run({"d": [0.0, 1.0, 2.0, 100.0, 0.3]})["late"].values

    for member, delay in enumerate([0.0, 1.0, 2.0, 100.0, 0.3]):
        assert np.array_equal(together[member], model.run({"d": delay})["late"].values[0]), delay
    assert not together[3].any()


def test_a_fixed_delay_without_a_finite_length_is_an_error(load):
    model = load("late = DELAY FIXED(Time, 1/d, 0) ~~|\nd = 2 ~~|")

    with pytest.raises(RunError, match="late: the length of its DELAY FIXED is inf"):
        model.run({"d": [1.0, 0.0]})

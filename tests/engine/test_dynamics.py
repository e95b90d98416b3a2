"""Stocks over time against exact solutions: of the difference equations, and of the differential equations by RK4."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from innovation.engine.model import load_model
from innovation.engine.time_paths import Change, TimePath
from tests.engine.seir import contact, seir_text

COMMON = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MEMBERS = 5
METHODS = ["euler", "rk4"]


def one_step(matrix, dt, method):
    """What one step does to the stocks of x' = matrix x."""
    move = matrix.astype(np.longdouble) * dt
    terms = [np.eye(len(matrix), dtype=np.longdouble)]
    for order in range(1, 2 if method == "euler" else 5):
        terms.append(terms[-1] @ move / order)
    return sum(terms)


def chain_of(rates, inflow, starts, dt, steps, method):
    """The stocks of a chain at each step, shape (steps + 1, stocks): each flows into the next, the first is filled."""
    size = len(rates)
    matrix = np.zeros((size + 1, size + 1))  # the last row is a constant 1, so that the inflow is linear too
    matrix[range(size), range(size)] = -np.asarray(rates)
    matrix[range(1, size), range(size - 1)] = rates[:-1]
    matrix[0, size] = inflow
    step, state = one_step(matrix, dt, method), np.array([*starts, 1], np.longdouble)
    course = [state]
    for _ in range(steps):
        course.append(step @ course[-1])
    return np.array(course)[:, :size].astype(float)


@pytest.mark.parametrize("method", METHODS)
@COMMON
@given(size=some.integers(1, 6), dt=some.sampled_from([0.5, 0.125, 0.1]), seed=some.integers(0, 2**32 - 1))
def test_a_chain_of_stocks_follows_its_exact_solution(write, backend, method, size, dt, seed):
    rng = np.random.default_rng(seed)
    rates, starts = rng.uniform(0.1, 1.5, (size, MEMBERS)), rng.uniform(0, 9, (size, MEMBERS))
    inflow = rng.uniform(0, 3, MEMBERS)
    lines = ["inflow = 1 ~~|", *(f"r{n} = 1 ~~|\ni{n} = 1 ~~|" for n in range(size))]
    lines += [
        f"x{n} = INTEG({'inflow' if n == 0 else f'x{n - 1}*r{n - 1}'} - x{n}*r{n}, i{n}) ~~|" for n in range(size)
    ]
    model = load_model(write("\n".join(lines), dt=dt, method=method), backend=backend)
    parameters = {f"r{n}": rates[n] for n in range(size)} | {f"i{n}": starts[n] for n in range(size)}

    data = model.run(parameters | {"inflow": inflow}, [f"x{n}" for n in range(size)])

    for member in range(MEMBERS):
        steps = len(data["time"]) - 1
        exact = chain_of(rates[:, member], inflow[member], starts[:, member], dt, steps, method)
        for n in range(size):
            # each of some hundred steps rounds a few times
            assert data[f"x{n}"].values[member] == pytest.approx(exact[:, n], abs=1e-13 * exact[:, n].max()), n


@pytest.mark.parametrize("method", METHODS)
def test_the_initial_value_of_a_stock_may_be_given(load, method):
    model = load("level = INTEG(-0.3*level, k) ~~|\nk = 2 ~~|", dt=0.25, method=method)

    data = model.run({"level": [1.0, 5.0, -3.0]}, ["level"])

    factor = one_step(np.array([[-0.3]]), 0.25, method)[0, 0] ** np.arange(41)
    assert data["level"].values == pytest.approx(np.outer([1, 5, -3], factor.astype(float)), rel=1e-13)


DELAYS = ["DELAY1({0}, {1})", "DELAY1I({0}, {1}, {2})", "DELAY3({0}, {1})", "DELAY3I({0}, {1}, {2})"]
DELAYS += ["DELAY N({0}, {1}, {2}, 5)", "DELAY N({0}, {1}, {2}, 8)"]


def grids(delay):
    return METHODS if "DELAY N" not in delay else ["euler"]  # the engine refuses DELAY N under RK4


@pytest.mark.parametrize(("delay", "method"), [(delay, method) for delay in DELAYS for method in grids(delay)])
def test_a_delay_lets_out_all_that_went_in_and_no_more(load, delay, method):
    model = load(
        "inflow = IF THEN ELSE(Time < 6, 1 + a*SIN(3*Time), 0) ~~|\na = 1 ~~|\ntau = 2 ~~|\nfirst = 2 ~~|\n"
        f"outflow = {delay.format('inflow', 'tau', 'first')} ~~|\n"
        "out = INTEG(outflow, 0) ~~|\nin = INTEG(inflow, 0) ~~|",
        end=200, dt=0.0625, method=method,
    )  # fmt: skip
    a, tau = np.array([0.0, 0.5, 1.0, 0.9, -0.7]), np.array([1.0, 2.0, 4.0, 1.5, 3.0])

    data = model.run({"a": a, "tau": tau}, ["in", "out", "inflow"])

    entered, left = data["in"].values, data["out"].values
    held = tau * (2.0 if "{2}" in delay else data["inflow"].values[:, 0])  # what a delay holds at the start
    assert left[:, -1] == pytest.approx(entered[:, -1] + held, rel=1e-12)
    assert (left <= (entered + held[:, None]) * (1 + 1e-12)).all()
    assert (np.diff(left) >= 0).all()


@pytest.mark.parametrize(
    ("delay", "order", "method"),
    [
        *(("DELAY N(2, tau, 0.5, {})", order, "euler") for order in (1, 2, 3, 7)),
        *((delay, order, method) for delay, order in (("DELAY1I(2, tau, 0.5)", 1), ("DELAY3I(2, tau, 0.5)", 3))
          for method in METHODS),
    ],
)  # fmt: skip
def test_a_delay_is_a_chain_of_stocks(load, delay, order, method):
    model = load(f"outflow = {delay.format(order)} ~~|\ntau = 2 ~~|", dt=0.125, method=method)
    tau = np.array([1.0, 2.5, 4.0])

    outflow = model.run({"tau": tau}, ["outflow"])["outflow"].values

    for member, time in enumerate(tau):
        rate = order / time
        exact = chain_of([rate] * order, 2.0, [0.5 / rate] * order, 0.125, 80, method)[:, -1] * rate
        assert outflow[member] == pytest.approx(exact, abs=1e-13 * exact.max())


def test_a_delay_whose_time_moves_keeps_its_content(load):
    model = load(
        "inflow = PULSE(1, 3) ~~|\noutflow = DELAY3(inflow, tau + STEP(3, 2) - RAMP(0.5, 3, 8)) ~~|\ntau = 2 ~~|\n"
        "out = INTEG(outflow, 0) ~~|",
        end=150, dt=0.0625,
    )  # fmt: skip

    out = model.run({"tau": [1.0, 2.0, 3.0]}, ["out"])["out"].values

    assert out[:, -1] == pytest.approx(3.0, rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
@COMMON
@given(delay=some.floats(0, 12), dt=some.sampled_from([0.5, 0.125, 0.1]))
def test_a_fixed_delay_moves_its_input_by_whole_steps(write, backend, method, delay, dt):
    equations = f"source = a*Time + SIN(5*Time) ~~|\na = 1 ~~|\nlate = DELAY FIXED(source, {delay!r}, -7) ~~|"
    model = load_model(write(equations, dt=dt, method=method), backend=backend)

    data = model.run({"a": np.arange(MEMBERS)}, ["source", "late"])

    source, late = data["source"].values, data["late"].values
    length = max(1, round(delay / dt + 1e-6))
    assert (late[:, :length] == -7).all()
    assert np.array_equal(late[:, length:], source[:, : max(0, source.shape[1] - length)])


EXACT = {
    "exponential": ("x = INTEG(r*x, 2) ~~|\nr = -0.7 ~~|", lambda t: 2 * np.exp(-0.7 * t)),
    "oscillator": ("x = INTEG(v, 1) ~~|\nv = INTEG(-4*x, 0) ~~|", lambda t: np.cos(2 * t)),
    "logistic": ("x = INTEG(0.9*x*(1 - x/10), 1) ~~|", lambda t: 10 / (1 + 9 * np.exp(-0.9 * t))),
    "driven": ("x = INTEG(COS(1.5*Time), 0) ~~|", lambda t: np.sin(1.5 * t) / 1.5),
    "of moving rate": ("x = INTEG(flow, 1) ~~|\nflow = -x*now ~~|\nnow = Time/4 ~~|", lambda t: np.exp(-t * t / 8)),
}  # fmt: skip


@pytest.mark.parametrize("case", EXACT)
@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk4", 4)])
def test_halving_the_step_refines_the_answer_by_the_order_of_the_method(load, case, method, order):
    equations, exact = EXACT[case]
    model = load(equations, dt=1 / 8, end=6, method=method)

    def error(dt):
        data = model.run({"TIME STEP": dt}, ["x"])
        return np.max(np.abs(data["x"].values[0] - exact(data["time"].values)))

    errors = [error(1 / parts) for parts in (32, 64, 128)]

    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.2)
    assert errors[1] / errors[2] == pytest.approx(2**order, rel=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_a_dated_path_is_a_step_and_a_ramp_of_the_model(load, method):
    grid = {"dt": 0.25, "method": method}
    plain = load("k = 1 ~~|\nj = 1 ~~|\nx = INTEG(k - j*x, 2) ~~|", **grid)
    written = load("k = 1 + STEP(2, 3) ~~|\nj = 1 + RAMP(0.5, 2, 6) ~~|\nx = INTEG(k - j*x, 2) ~~|", **grid)

    given = plain.run({"k": TimePath((Change(3, 3.0),)), "j": TimePath((Change(2, 3.0, 4),))}, ["x"])

    assert given["x"].values == pytest.approx(written.run(outputs=["x"])["x"].values, rel=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_events_on_the_grid_deliver_what_they_say(load, method):
    model = load(
        "up = INTEG(STEP(3, 2), 0) ~~|\nblow = INTEG(PULSE(4, 1), 0) ~~|\nslope = INTEG(RAMP(2, 2, 4), 0) ~~|",
        dt=0.25,
        method=method,
    )

    data = model.run()

    assert data["up"].values[0, -1] == pytest.approx(3 * 8, rel=1e-12)
    assert data["blow"].values[0, -1] == pytest.approx(1, rel=1e-12)
    held = sum(0.25 * 2 * min(max(0.25 * n - 2, 0), 2) for n in range(40))  # over each step, by RK4 too
    assert data["slope"].values[0, -1] == pytest.approx(held, rel=1e-12)


@pytest.mark.parametrize("ages", [2, 16, 40])
def test_an_epidemic_by_age_follows_its_equations(tmp_path, backend, ages):
    path = tmp_path / "seir.mdl"
    path.write_text(seir_text(ages), encoding="utf-8")
    spread = np.array([0.02, 0.04, 0.05])

    data = load_model(path, backend=backend).run({"transmission": spread}, ["cases", "infectious", "all people"])

    assert data["all_people"].values == pytest.approx(ages * (995 + 5 * ages), rel=1e-12)
    contacts = np.array([[contact(age, other) for other in range(ages)] for age in range(ages)])
    people, infectious = 1000 + 10.0 * np.arange(ages), np.ones((3, ages))
    susceptible, exposed = people - infectious, np.zeros((3, ages))
    course = []
    for time in np.arange(801) * 0.25:
        course.append(infectious)
        season = 1 + 0.2 * np.cos(2 * 3.14159265 * time / 365)
        closing = np.interp(time, [0, 40, 50, 90, 120], [1, 1, 0.5, 0.5, 0.9])
        infection = susceptible * spread[:, None] * season * closing * (infectious / people @ contacts.T)
        onset, recovery = exposed / 4, infectious / 6
        susceptible = susceptible - 0.25 * infection
        exposed, infectious = exposed + 0.25 * (infection - onset), infectious + 0.25 * (onset - recovery)
    exact = np.array(course[::4]).transpose(1, 0, 2)
    assert data["infectious"].values == pytest.approx(exact, abs=1e-12 * exact.max())
    assert data["cases"].values == pytest.approx(exact.sum(axis=2), abs=1e-12 * exact.sum(axis=2).max())

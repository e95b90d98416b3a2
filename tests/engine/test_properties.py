"""Laws that every back-end keeps, for any expression, lookup, order and grouping of members."""

from __future__ import annotations

import itertools
import platform
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from innovation.engine.backends.llvm import machine
from innovation.engine.errors import RunError
from innovation.engine.model import load_model
from innovation.engine.time_paths import Change, TimePath
from tests.engine.expressions import EQUATIONS, expressions

COMMON = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MEMBERS = 21  # some full registers and a part of one
EPS = np.finfo(float).eps


def drawn(seed):
    """Values of the names of an expression: as parameters of a run, and by member and time."""
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.1, 5, MEMBERS), rng.uniform(-5, 5, MEMBERS)
    parameters = {"a": a, "b": b, "p": 0.7, "q": TimePath((Change(1, 2.5),), base=-0.5)}
    columns = {"a": a[:, None], "b": b[:, None], "p": 0.7, "k": 1.7}
    columns |= {"q": np.array([-0.5, 2.5]), "s": np.array([1.5, 1.75]), "Time": np.array([0.0, 1.0])}
    return parameters, {name: np.broadcast_to(values, (MEMBERS, 2)).astype(float) for name, values in columns.items()}


@COMMON
@given(trees=some.lists(expressions(), min_size=1, max_size=3), seed=some.integers(0, 2**32 - 1))
def test_any_expression_has_its_value_and_fails_where_it_has_none(write, backend, trees, seed):
    text = "".join(f"r{number} = {tree.text} ~~|\n" for number, tree in enumerate(trees))
    path = write(EQUATIONS + text, end=1, dt=1)
    model, oracle = load_model(path, backend=backend), load_model(path, backend="numpy")
    parameters, columns = drawn(seed)

    for number, tree in enumerate(trees):
        data = model.run(parameters, [f"r{number}"], on_failure="mask")

        ours, failed = data[f"r{number}"].values, data["failed"].values
        value, error = tree.known(columns)
        decided = ~np.isnan(error).any(axis=1)  # not within rounding of a step, a pole or an overflow
        assert failed[(decided[:, None] & ~np.isfinite(value)).any(axis=1)].all()
        expected = oracle.run(parameters, [f"r{number}"], on_failure="mask")["failed"].values
        assert np.array_equal(failed[decided], expected[decided])
        kept = ~failed[:, None] & np.isfinite(value) & ~np.isnan(error)
        # rounding of a few more operations; the smallest numbers may become 0
        allowed = (1e-12 * np.abs(value) + 10 * error + 1e-300)[kept]
        assert (np.abs(ours[kept] - value[kept]) <= allowed).all()


def interpolated(x, xs, ys, beyond):
    """np.interp, going on straight beyond the points where asked."""
    values = np.interp(x, xs, ys)
    if beyond == "extrapolate" and len(xs) > 1:
        slopes = np.diff(ys) / np.diff(xs)
        values = np.where(x < xs[0], ys[0] + slopes[0] * (x - xs[0]), values)
        values = np.where(x > xs[-1], ys[-1] + slopes[-1] * (x - xs[-1]), values)
    return values


@some.composite
def tables(draw):
    """Points of a lookup: as many as 60, even or uneven, rising to a few hundred."""
    count = draw(some.integers(2, 60))
    if draw(some.booleans()):
        step, first = draw(some.sampled_from([0.1, 0.25, 1.0, 7.0])), draw(some.integers(-20, 20))
        xs = [(first + place) * step for place in range(count)]
    else:
        gaps = draw(some.lists(some.integers(1, 500), min_size=count, max_size=count))
        xs = [x / 100 - 20 for x in itertools.accumulate(gaps)]
    ys = draw(some.lists(some.integers(-10_000, 10_000), min_size=count, max_size=count))
    return np.array(xs), np.array(ys) / 100


def arguments_for(xs):
    """The points, their neighbours among the floats, the middles, and far beyond the ends."""
    beyond = [xs[0] - 1e6, xs[0] - 1, xs[-1] + 1, xs[-1] + 1e6, 0.0]
    return np.concatenate(
        [xs, np.nextafter(xs, -np.inf), np.nextafter(xs, np.inf), (xs[1:] + xs[:-1]) / 2, np.array(beyond)]
    )


@COMMON
@given(table=tables(), beyond=some.sampled_from(["clamp", "extrapolate"]))
def test_any_lookup_is_linear_interpolation(write, backend, table, beyond):
    xs, ys = table
    points = ",".join(f"({x!r},{y!r})" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))
    use = "LOOKUP EXTRAPOLATE(curve, {})" if beyond == "extrapolate" else "curve({})"
    start = float(np.floor(xs[0])) - 2
    equations = f"curve({points}) ~~|\nx = 1 ~~|\ny = {use.format('x')} ~~|\ndated = {use.format('Time')} ~~|"
    model = load_model(write(equations, start=start, end=float(xs[-1]) + 2, dt=0.25), backend=backend)
    x = arguments_for(xs)

    data = model.run({"x": x}, ["y", "dated"])

    steepest = np.max(np.abs(np.diff(ys) / np.diff(xs)), initial=0.0)
    for at, values in ((x, data["y"].values[:, 0]), (data["time"].values, data["dated"].values[0])):
        # a float's neighbours are this far apart along the steepest line, and a few roundings of the value
        error = 8 * EPS * (steepest * np.abs(at) + steepest * np.max(np.abs(xs)) + np.max(np.abs(ys)))
        assert (np.abs(values - interpolated(at, xs, ys, beyond)) <= error).all()


@COMMON
@given(table=tables(), seed=some.integers(0, 2**32 - 1))
def test_a_lookup_given_as_a_parameter_is_linear_interpolation(write, backend, table, seed):
    xs, ys = table
    points = ",".join(f"({x!r},{y!r})" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))
    model = load_model(write(f"curve({points}) ~~|\nx = 1 ~~|\ny = curve(x) ~~|", end=1, dt=1), backend=backend)
    rng = np.random.default_rng(seed)
    x = rng.choice(arguments_for(xs), MEMBERS)
    own = ys + rng.uniform(-50, 50, (MEMBERS, len(ys)))

    each = model.run({"x": x, "curve": own}, ["y"])["y"].values[:, 0]
    shared = model.run({"x": x, "curve": own[0]}, ["y"])["y"].values[:, 0]

    steepest = np.max(np.abs(np.diff(own, axis=1) / np.diff(xs)), initial=0.0)
    error = 8 * EPS * (steepest * np.abs(x) + steepest * np.max(np.abs(xs)) + np.max(np.abs(own)))
    assert (np.abs(each - [np.interp(at, xs, row) for at, row in zip(x, own, strict=True)]) <= error).all()
    assert (np.abs(shared - np.interp(x, xs, own[0])) <= error).all()


@pytest.mark.parametrize("count", [2, 5, 16, 17, 18, 40])
@pytest.mark.parametrize("use", ["curve({})", "LOOKUP EXTRAPOLATE(curve, {})"])
def test_a_lookup_of_what_is_no_number_is_an_error(load, count, use):
    points = ",".join(f"({x},{x % 3})" for x in range(count))
    model = load(f"curve({points}) ~~|\nx = 1 ~~|\ny = {use.format('SQRT(x)')} ~~|")

    with pytest.raises(RunError, match="y is nan at time 0, member 2"):
        model.run({"x": [1.0, 4.0, -1.0, 9.0]}, ["y"])


EVERYTHING = """
dim: x,y,z ~~|
rate[dim] = 0.1, 0.2, 0.3 ~~|
a = 1 ~~|
b = 2 ~~|
tau = 1.5 ~~|
level[dim] = INTEG(inflow[dim] - level[dim] * rate[dim], b) ~~|
inflow[dim] = a * EXP(-rate[dim] * Time) + SIN(a * Time) ^ 2 + curve(level[dim]) ~~|
curve((0,1),(1,0.8),(2.5,0.1),(7,0.05)) ~~|
total = SUM(level[dim!]) ~~|
seen = SMOOTH3(total, tau) ~~|
late = DELAY FIXED(total, 2, 0) ~~|
kept = SAMPLE IF TRUE(total > 6 * a, total, 0) ~~|
growth = TREND(total, tau, 0) ~~|
shown = IF THEN ELSE(seen > late, LN(seen), TANH(total / b)) + total ^ (1 / b) ~~|
"""
WANTED = ["level", "seen", "late", "kept", "growth", "shown"]


def members(count):
    rng = np.random.default_rng(count)
    return {
        "a": rng.uniform(0.5, 2, count), "b": rng.uniform(1, 3, count), "rate[y]": rng.uniform(0.1, 0.5, count),
        "tau": TimePath((Change(3, rng.uniform(1, 3, count), 2),)),
    }  # fmt: skip


def chosen(parameters, part):
    """The parameters of some members."""
    own = {name: value[part] for name, value in parameters.items() if name != "tau"}
    (change,) = parameters["tau"].changes
    return own | {"tau": TimePath((Change(change.start, change.to[part], change.ramp),))}


@COMMON
@given(count=some.integers(1, 70), data=some.data())
def test_order_and_grouping_of_members_change_no_bit(write, backend, count, data):
    model = load_model(write(EVERYTHING), backend=backend)
    parameters = members(count)
    whole = model.run(parameters, WANTED)
    order = np.array(data.draw(some.permutations(range(count))))
    cuts = sorted(data.draw(some.sets(some.integers(1, count), max_size=4)) - {count})

    parts = [model.run(chosen(parameters, part), WANTED) for part in np.split(order, cuts)]

    for name in WANTED:
        assert np.array_equal(np.concatenate([part[name].values for part in parts]), whole[name].values[order]), name


@pytest.mark.parametrize("count", [1, 3, 8, 67, 1000])
@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_the_number_of_threads_changes_no_bit(load, count, threads):
    model = load(EVERYTHING)
    alone = model.arrays(members(count), WANTED, threads=1)

    shared = model.arrays(members(count), WANTED, threads=threads)

    assert np.array_equal(shared.values, alone.values)
    assert np.array_equal(shared.failed, alone.failed)


@pytest.mark.parametrize("chunk", [1, 7, 64, 67, 500])
def test_a_stream_gives_the_bits_of_one_run(load, chunk):
    model = load(EVERYTHING)
    whole = model.run(members(67), WANTED)

    parts = list(model.stream(members(67), WANTED, chunk=chunk))

    assert [part.sizes["member"] for part in parts] == [min(chunk, 67 - first) for first in range(0, 67, chunk)]
    assert np.concatenate([part["member"].values for part in parts]).tolist() == list(range(67))
    for name in WANTED:
        assert np.array_equal(np.concatenate([part[name].values for part in parts]), whole[name].values), name


def test_arrays_are_what_the_dataset_holds(load):
    model = load(EVERYTHING)

    arrays, data = model.arrays(members(5), WANTED), model.run(members(5), WANTED)

    assert arrays.columns[:3] == ("level[x]", "level[y]", "level[z]")
    assert np.array_equal(arrays.times, data["time"].values)
    columns = np.concatenate([data[name].values.reshape(5, len(data["time"]), -1) for name in WANTED], axis=2)
    assert np.array_equal(arrays.values, np.moveaxis(columns, 2, 0))
    assert not arrays.failed.any()


@pytest.fixture(params=["x86-64", "x86-64-v3", "8 lanes", "4 lanes", "2 lanes"])
def other_lanes(request, monkeypatch):
    """Compiled code as another processor would have it, as far as this one can run it."""
    if not machine.available():
        pytest.skip("llvmlite does not work here")
    usual = machine.host()
    if request.param.startswith("x86"):
        if platform.machine() not in ("x86_64", "AMD64") or (request.param == "x86-64-v3" and usual.lanes < 4):
            pytest.skip("this is another kind of processor")
        monkeypatch.setenv(machine.CPU_VARIABLE, request.param)
    else:  # more lanes than a register has take several
        lanes = int(request.param.split()[0])
        monkeypatch.setattr("innovation.engine.backends.llvm.vectors.host", lambda: replace(usual, lanes=lanes))


def test_any_number_of_lanes_gives_the_same_to_rounding(write, other_lanes):
    path = write(EVERYTHING)
    exact = load_model(path, backend="numpy").arrays(members(21), WANTED).values
    model = load_model(path, backend="vectors")

    whole = model.arrays(members(21), WANTED).values

    scale = np.max(np.abs(exact), axis=(1, 2), keepdims=True)
    assert (np.abs(whole - exact) <= 1e-11 * scale).all()
    alone = model.arrays(chosen(members(21), [20]), WANTED).values
    assert np.array_equal(alone[:, 0], whole[:, 20])


@pytest.mark.slow
@COMMON
@given(table=tables())
def test_any_number_of_lanes_interpolates_alike(write, other_lanes, table):
    xs, ys = table
    points = ",".join(f"({x!r},{y!r})" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))
    model = load_model(write(f"curve({points}) ~~|\nx = 1 ~~|\ny = curve(x) ~~|", end=1, dt=1), backend="vectors")
    x = arguments_for(xs)

    values = model.arrays({"x": x}, ["y"]).values[0, :, 0]

    steepest = np.max(np.abs(np.diff(ys) / np.diff(xs)), initial=0.0)
    error = 8 * EPS * (steepest * np.abs(x) + steepest * np.max(np.abs(xs)) + np.max(np.abs(ys)))
    assert (np.abs(values - np.interp(x, xs, ys)) <= error).all()

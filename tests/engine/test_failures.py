"""Values that are not finite: each is found, whatever hides it, and the first is named alike by every back-end."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from innovation.engine import member_failures
from innovation.engine.errors import RunError
from innovation.engine.member_failures import NotFiniteError
from innovation.engine.model import load_model
from innovation.engine.time_paths import Change, TimePath

COMMON = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = (
    "k = -1 ~~|\np = 1 ~~|\nq = 1 ~~|\ns = INTEG(1, -3.5) ~~|\nfixed = DELAY FIXED(s, 1, -1) ~~|\n"
    "curve((0,1),(1,2),(3,0)) ~~|\n"
)
PARAMETERS = {"p": np.array([1.0, -1.0, 2.0]), "q": TimePath((Change(2, -1.0),), base=1.0)}
# values known from the file, once a run, from time alone, at each step; members and first time at which they are wrong
SOURCES = {
    "LN(k)": ([0, 1, 2], 0), "p^2/0": ([0, 1, 2], 0), "SQRT(p)": ([1], 0), "1/(p+1)": ([1], 0), "-1/(p+1)": ([1], 0),
    "SQRT(q)": ([0, 1, 2], 2), "1/(Time-3)": ([0, 1, 2], 3), "SQRT(3.5-Time)": ([0, 1, 2], 4), "LN(s)": ([0, 1, 2], 0),
    "1/(s+0.5)": ([0, 1, 2], 3), "SQRT(4-p*s)": ([0, 2], 8), "1/(fixed-p-0.5)": ([0, 1, 2], 6),
    "1+EXP(400*p*Time)": ([0, 2], 2), "IF THEN ELSE(Time>5, q/0, p)": ([0, 1, 2], 6),
}  # fmt: skip
SEEMING = {  # as these, though the equations name a moving variable as well
    "LN(IF THEN ELSE(1=1, k, s))": ([0, 1, 2], 0), "SQRT(IF THEN ELSE(1=1, p, q))": ([1], 0),
    "SQRT(IF THEN ELSE(1=1, 3.5-Time, s))": ([0, 1, 2], 4),
}  # fmt: skip
HIDING = [
    "MIN(5, a)", "MAX(-5, a)", "MAX(a, 5)", "a*0", "a-a", "a/a", "1/a", "a^0", "1^a", "TANH(a)", "ZIDZ(1, a)",
    "IF THEN ELSE(a > 0, 1, 2)", "IF THEN ELSE(1 = 1, 2, a)", "IF THEN ELSE(a = a, 1, 2)", "curve(a)", "MODULO(3, a)",
    "SAMPLE IF TRUE(Time < 0, a, 2)", "SMOOTHI(1, 2+0*a, 1)", "DELAY FIXED(MIN(a, 1), 100, 2)", "MIN(1, a)+s+p+q",
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "members", "time"),
    [
        *((source, *where) for source, where in SOURCES.items()),
        *((source, *where) for source, where in SEEMING.items()),
    ],
)
def test_a_value_that_a_later_line_hides_is_found(load, source, members, time):
    shown = "".join(f"shown{number} = {hiding} ~~|\n" for number, hiding in enumerate(HIDING))
    model = load(f"{NAMES}a = {source} ~~|\n{shown}", end=8, dt=1)

    for number, hiding in enumerate(HIDING):
        failed = model.arrays(PARAMETERS, [f"shown{number}"], on_failure="mask").failed
        assert np.flatnonzero(failed).tolist() == members, hiding
        with pytest.raises(RunError, match=rf": a is (nan|inf|-inf) at time {time}, member {members[0]};"):
            model.run(PARAMETERS, [f"shown{number}"])


@pytest.mark.parametrize("branch", ["0/x", "LN(-1+0*x)", "1/x^2", "SQRT(x-1)", "EXP(1000+x)"])
def test_what_a_choice_leaves_aside_within_an_equation_may_be_anything(load, branch):
    model = load(
        f"x = 1 ~~|\ny = IF THEN ELSE(x < 0.5, x*3, {branch}) ~~|\nz = IF THEN ELSE(x >= 0.5, {branch}, 4) ~~|"
    )

    data = model.run({"x": [0.0, 0.25, -3.0]}, ["y", "z"])

    assert data["y"].values[:, 0].tolist() == [0, 0.75, -9]
    assert data["z"].values[:, 0].tolist() == [4, 4, 4]


def test_a_variable_that_is_needed_at_times_only_must_be_finite_always(load):
    model = load("x = 1 ~~|\nratio = 1/x ~~|\ny = IF THEN ELSE(x = 0, 0, ratio) ~~|")

    with pytest.raises(RunError, match="ratio is inf at time 0, member 1"):
        model.run({"x": [2.0, 0.0]}, ["y"])


def test_only_recorded_times_count_for_what_only_outputs_need(load):
    model = load("level = INTEG(1, -3) ~~|\nshown = 1/level ~~|", dt=1)

    assert model.run(outputs=["shown"], times=[0, 2, 4])["shown"].values[0].tolist() == [-1 / 3, -1, 1]
    with pytest.raises(RunError, match="shown is inf at time 3, member 0"):
        model.run(outputs=["shown"], times=[0, 3])


def test_nothing_after_the_last_recorded_time_counts(load):
    model = load("level = INTEG(LN(3.5-Time), 0) ~~|", dt=1)

    assert np.isfinite(model.run(outputs=["level"], times=[3])["level"].values).all()
    with pytest.raises(RunError, match="level is nan at time 5, member 0"):
        model.run(outputs=["level"], times=[6])


def test_a_stock_that_grows_beyond_all_numbers_is_named_when_it_does(load):
    model = load("x = INTEG(x*x*k, 2) ~~|\nk = 1 ~~|", end=40, dt=1)
    rates, x, time = np.array([0.0, 0.01, 1.0, 3.0]), np.full(4, 2.0), 0
    with np.errstate(all="ignore"):
        while np.isfinite(x[2]):
            x, time = x + x * x * rates, time + 1

    with pytest.raises(RunError, match=rf"x is inf at time {time}, member 2; .*\n  Parameters of member 2: k = 1$"):
        model.run({"k": rates[[0, 0, 2, 3]]}, ["x"])


@COMMON
@given(data=some.data(), count=some.integers(1, 19))
def test_the_lowest_failing_member_is_named_with_its_first_failure(write, backend, data, count):
    model = load_model(
        write("from = 1 ~~|\nlevel = INTEG(1, 0) ~~|\nroot[dim] = SQRT(from + place[dim] - level) ~~|\ndim: u,v ~~|\n"
              "place[dim] = 5,0 ~~|\nshown = SUM(root[dim!])*0 ~~|", end=20, dt=1), backend=backend
    )  # fmt: skip
    limits = np.array(data.draw(some.lists(some.integers(0, 40), min_size=count, max_size=count))) + 0.5

    failing = limits < 20
    assert np.array_equal(model.run({"from": limits}, ["shown"], on_failure="mask")["failed"].values, failing)
    if failing.any():
        member = int(np.argmax(failing))
        with pytest.raises(RunError) as caught:
            model.run({"from": limits}, ["shown"])
        said = f"root[v] is nan at time {np.ceil(limits[member]):g}, member {member};"
        assert said in str(caught.value)
        assert f"Parameters of member {member}: from = {limits[member]:g}" in str(caught.value)


def test_a_stream_names_a_member_by_its_number_in_the_whole(load):
    model = load("x = 1 ~~|\nroot = SQRT(x) ~~|")
    x = np.ones(50)
    x[[33, 41]] = -4

    with pytest.raises(RunError, match=r"root is nan at time 0, member 33;.*\n  Parameters of member 33: x = -4$"):
        list(model.stream({"x": x}, ["root"], chunk=7))


def test_an_error_names_paths_lookups_and_initial_values_among_the_parameters(load):
    model = load("k = 1 ~~|\ncurve((0,1),(1,2)) ~~|\nlevel = INTEG(0, 3) ~~|\nshown = LN(k)*curve(level) ~~|", dt=1)
    path = TimePath((Change(4, np.array([1.0, -2.0]), 2),), base=2)

    with pytest.raises(RunError) as caught:
        model.run({"k": path, "level": [1.0, 0.25], "curve": [[1.0, 2.0], [3.0, 4.0]]}, ["shown"])

    message = str(caught.value)
    assert "shown is -inf at time 5, member 1" in message
    for part in ("k = path (from 2, 4: to -2 over 2)", "level at the start = 0.25", "curve = (3, 4)"):
        assert part in message, part


def test_an_error_names_few_of_many_parameters(load):
    model = load("".join(f"k{number} = 1 ~~|\n" for number in range(40)) + "root = SQRT(k0) ~~|")

    with pytest.raises(NotFiniteError) as caught:
        model.run({f"k{number}": -float(number + 1) for number in range(40)}, ["root"])

    said = ", ".join(f"k{number} = {-number - 1}" for number in range(12))
    assert str(caught.value).endswith(f"Parameters of member 0: {said} and 28 more")
    assert (caught.value.first.variable, caught.value.first.time) == ("root", 0)


def test_each_failing_member_is_told_with_its_own_reason(load, monkeypatch):
    model = load("x = 1 ~~|\nlevel = INTEG(-1, 5) ~~|\nroot = SQRT(level - x) ~~|\nseen = 1/(level - x + 3) ~~|", dt=1)
    monkeypatch.setattr(member_failures, "MOST_VALUES", 1)  # a step at a time
    x = np.array([9.0, -20.0, 4.0, 1.0, 8.0, *np.arange(-6.0, 6.0)])

    flagged = np.flatnonzero(model.run({"x": x}, on_failure="mask")["failed"].values)
    found = model.failures({"x": x}, members=flagged.tolist())

    assert [one.member for one in found] == flagged.tolist()
    assert 1 not in flagged
    for one in found:
        with pytest.raises(NotFiniteError) as caught:
            model.run({"x": x[one.member]})
        first = caught.value.first
        assert (one.variable, one.time) == (first.variable, first.time)


@pytest.mark.parametrize("count", range(1, 18))
def test_what_fills_up_a_register_never_fails(load, count):
    model = load("x = 1 ~~|\ny = 1/x + LN(x) + curve(x)^-1 ~~|\ncurve((0,0),(1,1),(20,2)) ~~|")

    failed = model.arrays({"x": np.arange(1.0, count + 1)}, ["y"], on_failure="mask").failed

    assert not failed.any()


def test_members_that_fail_change_nothing_for_their_neighbours(load):
    model = load("x = 1 ~~|\nlevel = INTEG(SQRT(x)*EXP(x), x^0.3) ~~|\nseen = SMOOTH3(level, 2) ~~|")
    x = np.linspace(0.1, 3, 23)
    sound = model.run({"x": x}, ["level", "seen"])
    spoilt = x.copy()
    spoilt[::3] = -1

    data = model.run({"x": spoilt}, ["level", "seen"], on_failure="mask")

    assert np.array_equal(data["failed"].values, spoilt < 0)
    for name in ("level", "seen"):
        assert np.array_equal(data[name].values[spoilt > 0], sound[name].values[spoilt > 0])

"""Members that fail are left out everywhere alike, told in a line, and too many of them refuse the result."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.member_failures import NotFinite, NotFiniteError
from innovation.scenarios.simulation.chances import bands, chances
from innovation.scenarios.simulation.failures import (
    DesignFailures,
    TooManyFailed,
    compared,
    judged,
    listed,
    told,
    told_of_design,
    too_many,
)
from innovation.scenarios.simulation.run import attempt, simulate
from tests.fragile import fragile_toy, limits, scenario_of

HALF = 0.03  # a limit that `more` passes and `as_now` does not
NONE = 0.01  # a limit that both pass


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_toy(tmp_path_factory.mktemp("fragile"))


@pytest.fixture(scope="module")
def as_now(fragile):
    return scenario_of(fragile, "as_now")


@pytest.fixture(scope="module")
def more(fragile):
    return scenario_of(fragile, "more", 0.04)


@pytest.mark.parametrize(
    ("failed", "members", "refused"),
    [(0, 1, False), (1, 1, True), (1, 2, False), (2, 2, True), (1, 99, False), (2, 99, True), (1, 100, False),
     (2, 100, True), (10, 1000, False), (11, 1000, True), (2, 199, True), (2, 200, False), (0, 0, False), (1, 0, True)],
)  # fmt: skip
def test_one_in_a_hundred_may_fail_and_of_fewer_one_but_never_all(failed, members, refused):
    assert too_many(failed, members) is refused


def test_a_member_that_fails_is_left_out_and_the_others_are_as_without_it(fragile, more):
    drawn = {**limits(40, (7, HALF)), "knowledge elasticity": np.linspace(0.01, 0.1, 40)}
    without = {name: np.delete(values, 6) for name, values in drawn.items()}

    found = simulate(fragile, [more], drawn, {"draws": 40})

    sound = simulate(fragile, [more], without, {"draws": 39})
    assert found.member.values.tolist() == [number for number in range(41) if number != 7]
    assert chances(fragile, found) == chances(fragile, sound)
    assert np.array_equal(bands(found)["output"], bands(sound)["output"])
    assert (found.attrs["members"], found.attrs["failed_members"], found.attrs["draws"]) == (40, 1, 39)
    assert "Left out: 1 of 40 members" in found.attrs["failures"]


def test_a_member_that_fails_in_one_scenario_leaves_all_of_them(fragile, as_now, more):
    found = attempt(fragile, [as_now, more], limits(200, (7, HALF), (9, NONE)))

    assert found.failures.lost.tolist() == [7, 9]
    assert {name: numbers.tolist() for name, numbers in found.failures.failed.items()} == {
        "as_now": [9],
        "more": [7, 9],
    }
    assert found.dataset is not None and found.dataset.sizes["member"] == 199
    assert np.isfinite(found.dataset["output"]).all()


def test_a_scenario_that_loses_too_many_is_set_aside_and_costs_the_others_none(fragile, as_now, more):
    found = attempt(fragile, [as_now, more], limits(200, *((number, HALF) for number in range(1, 4)), (9, NONE)))

    assert found.failures.aside == ("more",)
    assert found.failures.lost.tolist() == [9]
    assert found.dataset is not None and found.dataset.scenario.values.tolist() == ["as_now"]
    with pytest.raises(TooManyFailed, match=r"Not shown: more\. 4 of 200 members gave no result") as refused:
        simulate(fragile, [as_now, more], limits(200, *((number, HALF) for number in range(1, 4)), (9, NONE)))
    assert refused.value.failures.failed["more"].tolist() == [1, 2, 3, 9]


def test_scenarios_that_lose_too_many_together_are_not_compared():
    flags = {name: np.zeros(201, bool) for name in ("a", "b", "c")}
    flags["a"][[1, 2]] = flags["b"][[2, 3]] = True

    found = judged(flags)

    assert found.shown == ()
    assert found.lost.tolist() == [1, 2, 3]
    assert "3 of 200 members gave no result under one of them or another (a (2), b (2))" in told(found)[0]


def test_a_nominal_run_that_fails_beside_members_has_no_figures_and_is_told(as_now, tmp_path):
    found = attempt(fragile_toy(tmp_path, nominal=NONE), [as_now], limits(5))

    assert found.dataset is not None
    assert np.isnan(found.dataset["output"].sel(member=0)).all()
    assert np.isfinite(found.dataset["output"].sel(member=[1, 2, 3, 4, 5])).all()
    (line,) = told(found.failures)
    assert line.startswith("The nominal run gave no result under as_now, so there are no nominal figures.")
    assert line.endswith(" “total output” is not a finite number in 2005.")
    assert found.failures.used == 5


def test_a_nominal_run_that_fails_alone_is_refused(as_now, tmp_path):
    with pytest.raises(TooManyFailed, match=r"Not shown: as_now\. The nominal run gave no result\. “total output”"):
        simulate(fragile_toy(tmp_path, nominal=NONE), [as_now])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_line_says_how_many_of_how_many_why_and_where_the_list_is(fragile, as_now, more, language):
    found = attempt(fragile, [as_now, more], limits(200, (7, HALF)))

    (line,) = told(found.failures, language, place="out/failed.csv")

    for said in ("200", "1", "199", "more", "total output", "2012", "out/failed.csv"):
        assert said in line
    assert "as_now" not in line
    assert len(line) < 300
    assert "\n" not in line


def test_the_line_stays_short_whatever_a_member_has_for_parameters(fragile, more):
    drawn = {**limits(3, (1, HALF), (2, HALF)), "knowledge elasticity": np.ones(3), "forgetting": np.full(3, 0.1)}

    with pytest.raises(TooManyFailed) as refused:
        simulate(fragile, [more], drawn)

    assert len(str(refused.value)) < 300
    assert "elasticity" not in str(refused.value)


def test_the_list_has_every_member_with_its_reason_and_parameters(fragile, as_now, more):
    drawn = limits(200, (7, HALF), (9, NONE))

    rows = list(listed(attempt(fragile, [as_now, more], drawn).failures, drawn))

    assert [row[:4] for row in rows] == [
        ("as_now", 9, "total output", 2005.0), ("more", 7, "total output", 2012.0), ("more", 9, "total output", 2005.0)
    ]  # fmt: skip
    assert [row[-1] for row in rows] == [NONE, HALF, NONE]


def test_scenarios_run_apart_compare_as_those_run_together(fragile, as_now, more):
    drawn = limits(200, (7, HALF), (9, NONE))
    alone = {one.id: attempt(fragile, [one], drawn).failures for one in (as_now, more)}

    found, together = compared(alone), attempt(fragile, [as_now, more], drawn).failures

    assert told(found) == told(together)
    assert found.lost.tolist() == together.lost.tolist()


def test_members_that_repeat_a_draw_that_fails_take_it_from_the_draws(fragile, more):
    drawn = {name: np.tile(values, 2) for name, values in limits(100, (7, HALF)).items()}

    assert simulate(fragile, [more], drawn, {"draws": 100}).attrs["draws"] == 99


def test_a_failure_may_be_raised_instead(fragile, more):
    with pytest.raises(NotFiniteError, match=r"total output is nan at time 2012, member 7") as raised:
        simulate(fragile, [more], limits(200, (7, HALF)), on_failure="raise")

    assert raised.value.first.variable == "total output"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_design_that_lost_too_many_is_told_in_a_short_line(language):
    failures = DesignFailures(200, 3, NotFinite(5, "total output", 2012.5, float("nan")))

    line = told_of_design(failures, language, "out/failed.parquet")

    for said in ("200", "3", "5", "total output", "2012", "1", "out/failed.parquet"):
        assert said in line
    assert len(line) < 300
    assert told_of_design(DesignFailures(200, 0), language) == ""


def test_many_names_are_counted_and_not_listed():
    flags = {f"scenario {number}": np.ones(6, bool) for number in range(40)}

    (line,) = told(judged(flags))

    assert "scenario 4 (5) and 35 more" in line
    assert len(line) < 300

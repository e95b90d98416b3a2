"""Editing a scenario: what is typed, moved and shared out becomes a scenario that a file could hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from innovation.scenarios.scenario_files import load_scenario, parse_scenario, scenario_text
from innovation.ui import draft
from innovation.ui.draft import InputCourse


@pytest.fixture(scope="module")
def baseline(toy_city):
    return load_scenario(toy_city, "baseline")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3.5", 3.5),
        ("３．５％", 3.5),
        (" 3.5 % ", 3.5),
        ("1,200", 1200.0),
        ("−2", -2.0),
        (".5", 0.5),
        ("7.", 7.0),
        ("9" * 400, math.inf),
    ],
)
def test_a_number_is_read_as_people_type_it(text, number):
    assert draft.typed_number(text) == number


@pytest.mark.parametrize("text", ["", "abc", "3,5", "1e9", "nan", "inf", "3.5.1", "--2", "三", "=1+1"])
def test_what_is_no_plain_number_is_not_guessed(text):
    assert draft.typed_number(text) is None


def test_a_moved_lever_is_one_dated_change_in_the_models_unit(toy_city, baseline):
    lever = toy_city.levers["science_share"]

    scenario = draft.moved(toy_city, baseline, "science_share", InputCourse(draft.stored(lever, 3.5), 2012, 2))

    assert [(c.lever, c.start, c.to, c.ramp) for c in scenario.policies] == [("science_share", 2012, 0.035, 2)]
    assert draft.shown(lever, draft.course(toy_city, scenario, "science_share").to) == 3.5


def test_a_lever_moved_back_to_practice_leaves_no_change(toy_city, baseline):
    there = draft.moved(toy_city, baseline, "science_share", InputCourse(0.04))

    back = draft.moved(toy_city, there, "science_share", InputCourse(toy_city.practice("science_share")))

    assert back.changes == ()


def test_an_assumption_stays_apart_from_policies(toy_city, baseline):
    scenario = draft.moved(toy_city, baseline, "electronics_demand", InputCourse(0.1))

    assert scenario.policies == ()
    assert [change.input for change in scenario.assumptions] == ["electronics_demand"]


@settings(deadline=None)
@given(
    parts=st.lists(st.floats(0, 1), min_size=2, max_size=10),
    place=st.integers(0, 9),
    to=st.floats(0, 1),
)
def test_shares_sum_to_one_whatever_is_moved_and_the_moved_one_goes_where_it_was_put(parts, place, to):
    whole = sum(parts) or 1.0
    now = {str(number): part / whole for number, part in enumerate(parts)}
    name = str(place % len(parts))

    moved = draft.reshared(now, name, to)

    assert math.isclose(sum(moved.values()), 1, abs_tol=1e-9)
    assert all(-1e-12 <= share <= 1 for share in moved.values())
    assert moved[name] == pytest.approx(to, abs=0.5e-4)


def test_moving_one_share_makes_a_scenario_that_a_file_may_hold(toy_city, baseline):
    shares = draft.reshared(draft.shares(toy_city, baseline, "mix"), "research_share", 0.731)

    scenario = draft.mixed(toy_city, baseline, shares, InputCourse(0, 2012, 3))

    read = parse_scenario(toy_city, scenario_text(scenario), "test")
    assert {change.lever: change.to for change in read.policies} == {"research_share": 0.731, "platform_share": 0.269}
    assert {(change.start, change.ramp) for change in read.policies} == {(2012, 3)}


def test_a_slider_has_at_least_a_hundred_steps_of_a_round_size(city):
    for control in [*city.levers.values(), *city.inputs.values()]:
        size = draft.step(control)
        assert (control.high - control.low) * control.factor / size >= 100 - 1e-9
        assert f"{size:e}"[0] in "15"

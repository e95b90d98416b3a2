"""Shares of one sum: what gives way, and in which proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.shares import destination, given_way, shares_of


def test_the_shares_of_a_sum_are_named_in_order(toy_city):
    assert shares_of(toy_city, "mix") == ["research_share", "platform_share"]
    assert shares_of(toy_city, "programme") == []


def test_others_keep_their_proportions():
    assert given_way({"a": 0.2, "b": 0.6, "c": 0.2}, {"a": 0.6}) == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1})


def test_others_that_are_nothing_share_alike():
    assert given_way({"a": 1.0, "b": 0.0, "c": 0.0}, {"a": 0.5}) == {"a": 0.5, "b": 0.25, "c": 0.25}


def test_several_may_be_set_for_many_members_at_once():
    found = given_way({"a": 0.2, "b": 0.6, "c": 0.2}, {"a": np.array([0.0, 0.5]), "b": np.array([0.5, 0.5])})

    assert np.array_equal(found["c"], [0.5, 0.0])


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=8), st.floats(0, 1))
def test_the_sum_stays_one_and_nothing_falls_below_zero(parts, to):
    now = {str(place): part / sum(parts) for place, part in enumerate(parts)}

    found = given_way(now, {"0": to})

    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert min(found.values()) >= 0


def test_a_lever_ends_where_its_last_change_takes_it(city):
    plan = load_scenario(city, "plan_as_written")

    assert destination(city, plan, "fiscal_science_share") == plan.changes_of("fiscal_science_share")[-1].to
    assert destination(city, load_scenario(city, "baseline"), "gap_effort") == city.practice("gap_effort")

"""The scenarios that come with the city: what their values are said to mean is what they are."""

from __future__ import annotations

import re

import pytest

from innovation.model.entries import RANGES
from innovation.scenarios.scenario_files import load_scenario

BEYOND = re.compile(r"beyond|more than the plan|than the plan asks|超出规划|高于规划|多于规划", re.IGNORECASE)


@pytest.fixture(scope="module")
def changes(city):
    return load_scenario(city, "plan_as_written").policies


def test_every_value_of_the_plan_as_written_stands_in_a_range_that_speaks_of_the_plan(city, changes):
    ranged = [change for change in changes if len(city.levers[change.lever].ranges) == len(RANGES)]

    wrong = []
    for change in ranged:
        part = city.levers[change.lever].meaning(change.to)
        named = "plan" in part.en and "规划" in part.zh and "Plan2012" in part.source_keys()
        if not named or BEYOND.search(part.en) or BEYOND.search(part.zh):
            wrong.append((change.lever, change.to, part.en))

    assert len(ranged) == len(changes) > 5
    assert wrong == []


def test_no_value_that_the_plan_as_written_changes_is_called_the_practice_of_2010(city, changes):
    same = [
        change.lever
        for change in changes
        if city.levers[change.lever].meaning(change.to)
        is city.levers[change.lever].meaning(city.practice(change.lever))
    ]

    assert same == []

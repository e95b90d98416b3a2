"""Targets held against figures that are given, not simulated."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from innovation.model.entries import Target
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.targets import shortfall, target_table
from innovation.scenarios.simulation.text_tables import display_width, target_text

YEARS = np.arange(2005, 2026)


def figures(city, **at_2015: float) -> xr.Dataset:
    """Each indicator rises by 1 a year through the given value of 2015 (0 where none is given)."""
    return xr.Dataset(
        {
            name: (("scenario", "member", "year"), (at_2015.get(name, 0.0) + YEARS - 2015.0)[None, None, :])
            for name in city.indicators
        },
        coords={"scenario": ["baseline"], "member": [0], "year": YEARS},
    )


def test_each_sense_says_what_is_met_by_how_far_missed_and_since_when(toy_city):
    dataset = figures(toy_city, output=1097.0, science_share=4.0, platforms=63.0, platform_openings=12.0)

    rows = {row.id: row for row in target_table(toy_city, dataset)}

    assert [(row.met, row.distance, row.first_year_met) for row in rows.values()] == [
        (False, 3.0, 2018),  # at least 1100
        (False, 1.0, 2011),  # at most 3: 0 in 2011, past it in 2015
        (False, 3.0, 2011),  # 40 to 60: 59 in 2011, past it in 2015
        (True, 0.0, 2013),  # at least 10, the sum so far
    ]
    assert rows["output"].percent == pytest.approx(100 * 3 / 1100)
    assert rows["platforms"].percent == pytest.approx(100 * 3 / 60)


def test_a_target_that_is_never_met_has_no_first_year(toy_city):
    rows = {row.id: row for row in target_table(toy_city, figures(toy_city))}

    assert rows["output"].first_year_met is None
    assert not rows["output"].met


@pytest.mark.parametrize(
    ("sense", "high", "value", "distance"),
    [
        ("at_least", None, 7.9, 0.1), ("at_least", None, 8, 0), ("at_least", None, 9, 0),
        ("at_most", None, 8.5, 0.5), ("at_most", None, 8, 0),
        ("range", 10, 7, 1), ("range", 10, 8, 0), ("range", 10, 10, 0), ("range", 10, 12, 2),
    ],
)  # fmt: skip
def test_distance_is_how_far_a_value_lies_on_the_wrong_side(sense, high, value, distance):
    target = Target(kind="result", sense=sense, aggregate="level", year=2015, value=8, high=high, section="三")

    assert shortfall(target, value) == pytest.approx(distance)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_printed_table_stands_in_columns_in_both_languages(toy_city, language):
    scenario = load_scenario(toy_city, "baseline")
    rows = target_table(toy_city, figures(toy_city, output=1099.99))

    lines = target_text(toy_city, scenario, rows, language).splitlines()

    rule = lines[2]
    starts = [place for place in range(len(rule)) if rule[place] == "-" and (place == 0 or rule[place - 1] == " ")]
    for line in lines[3:-1]:
        assert all(_column(line, start - 1) == " " for start in starts[1:])
    assert "0.01" in "\n".join(lines)


def _column(line: str, column: int) -> str:
    """The character that covers a column of the terminal."""
    width = 0
    for character in line:
        width += display_width(character)
        if width > column:
            return character
    return " "


def test_a_narrow_terminal_gets_a_table_without_labels(toy_city):
    scenario = load_scenario(toy_city, "baseline")
    rows = target_table(toy_city, figures(toy_city))

    text = target_text(toy_city, scenario, rows, "en", width=80)

    assert max(map(display_width, text.splitlines())) <= 100
    assert all(name in text for name in toy_city.targets)
    assert toy_city.indicators["science_share"].en not in text

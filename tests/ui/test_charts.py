"""Charts draw what was simulated, published and wanted, in the reader's language."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import PolicyChange
from innovation.scenarios.simulation.bands import CITY
from innovation.ui.outcomes import Ensemble, outcome
from innovation.ui.render.charts import DASH, indicator_chart, rows
from innovation.ui.text import phrases
from innovation.ui.text.catalogue import LANGUAGES, catalogue


@pytest.fixture(scope="module")
def scenarios(toy_city):
    baseline = load_scenario(toy_city, "baseline")
    more = with_changes(toy_city, baseline, [PolicyChange(lever="science_share", start=2011, to=0.06)], id="more")
    return more, baseline


@pytest.fixture(scope="module")
def simulated(toy_city, scenarios):
    return tuple(outcome(toy_city, scenario, None) for scenario in scenarios)


@pytest.fixture(scope="module")
def drawn(toy_city, scenarios):
    name = next(
        name for name, parameter in toy_city.parameters.items() if parameter.role == "uncertain" and "[" not in name
    )
    near = toy_city.nominal(name) * np.linspace(0.9, 1.1, 21)
    return tuple(outcome(toy_city, scenario, Ensemble({name: near}, 21, "0" * 64)) for scenario in scenarios)


@pytest.fixture(scope="module")
def platforms(simulated):
    return rows({2005: 14, 2010: 20}, "platforms", *simulated, catalogue("en"))


def test_rows_hold_both_futures_and_the_published_figures(platforms):
    by_year = {row.year: row for row in platforms}

    assert sorted(by_year) == list(range(2005, 2026))
    assert (by_year[2005].published, by_year[2010].published, by_year[2011].published) == (14, 20, None)
    assert by_year[2010].scenario == by_year[2010].baseline
    assert by_year[2015].scenario > by_year[2015].baseline


def test_a_figure_that_is_not_available_is_no_number(simulated):
    first = rows({}, "science_share", *simulated, catalogue("en"))[0]

    assert (first.year, first.scenario, first.baseline) == (2005, None, None)


def test_bands_of_members_lie_around_their_median_and_are_drawn(toy_city, drawn):
    found = rows({}, "platforms", *drawn, catalogue("en"))

    spec = indicator_chart(toy_city, "platforms", found, CITY, catalogue("en"))

    for row in found:
        low, quarter, upper, high = row.ranges
        assert low <= quarter <= row.scenario <= upper <= high
    assert [layer["mark"]["type"] for layer in spec["layer"]].count("area") == 2
    assert json.dumps(spec, allow_nan=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_is_plain_data_with_the_dash_of_the_baseline_and_the_target_in_words(toy_city, platforms, language):
    spec = indicator_chart(toy_city, "platforms", platforms, CITY, catalogue(language))

    text = json.dumps(spec, allow_nan=False, ensure_ascii=False)
    marks = [layer["mark"] for layer in spec["layer"]]
    assert [mark["strokeDash"] for mark in marks if "strokeDash" in mark] == [DASH]
    assert any("40–60" in mark.get("text", "") and "2015" in mark["text"] for mark in marks)
    assert "http" not in text
    assert spec["encoding"]["x"]["scale"]["domain"] == [2005, 2025]


def test_an_indicator_without_target_or_history_has_neither_on_its_chart(toy_city, simulated):
    found = rows({}, "electronics_output", *simulated, catalogue("en"))

    spec = indicator_chart(toy_city, "electronics_output", found, CITY, catalogue("en"))

    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "line", "rule"]


def test_a_distance_says_in_words_how_far_and_on_which_side(toy_city, simulated):
    more, baseline = simulated

    def said(name, outcome):
        return phrases.distance(toy_city, name, outcome, catalogue("en"))

    assert said("science_share", more) == "over by 3.0 (100 %)"
    assert said("platform_openings", more) == "met"
    assert said("platforms", baseline) == "short by 8.4 (21 %)"


def test_figures_stand_in_the_unit_that_each_reader_expects(city):
    indicator = city.indicators["hightech_output"]

    zh, en = (catalogue(language) for language in LANGUAGES)
    assert (zh.figure(indicator, 7500), zh.unit(indicator)) == ("7500", "亿元/年")
    assert (en.figure(indicator, 7500), en.unit(indicator)) == ("750.0", "billion yuan a year")
    people = city.indicators["population"]
    assert (zh.figure(people, 978.5), zh.unit(people)) == ("978.5", "万人")
    assert (en.figure(people, 978.5), en.unit(people)) == ("9,785,000", "persons")


def test_charts_can_be_made_without_streamlit():
    script = "import sys, innovation.ui.render.charts; sys.exit('streamlit' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0

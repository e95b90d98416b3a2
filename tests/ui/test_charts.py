"""Charts draw what was simulated, published and wanted, in the reader's language."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from scenarios import PolicyChange, load_scenario, simulate, target_table, with_changes
from ui import phrases
from ui.catalogue import LANGUAGES, catalogue
from ui.charts import DASH, indicator_chart, rows


@pytest.fixture(scope="module")
def simulated(toy_city):
    baseline = load_scenario(toy_city, "baseline")
    more = with_changes(toy_city, baseline, [PolicyChange(lever="science_share", start=2011, to=0.06)], id="more")
    return simulate(toy_city, [more]), simulate(toy_city, [baseline])


@pytest.fixture(scope="module")
def platforms(simulated):
    return rows({2005: 14, 2010: 20}, "platforms", *simulated)


def test_rows_hold_both_futures_and_the_published_figures(platforms):
    by_year = {row.year: row for row in platforms}

    assert sorted(by_year) == list(range(2005, 2026))
    assert (by_year[2005].published, by_year[2010].published, by_year[2011].published) == (14, 20, None)
    assert by_year[2010].scenario == by_year[2010].baseline
    assert by_year[2015].scenario > by_year[2015].baseline


def test_a_figure_that_is_not_available_is_no_number(simulated):
    first = rows({}, "science_share", *simulated)[0]

    assert (first.year, first.scenario, first.baseline) == (2005, None, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_is_plain_data_with_the_dash_of_the_baseline_and_the_target_in_words(toy_city, platforms, language):
    spec = indicator_chart(toy_city, "platforms", platforms, catalogue(language))

    text = json.dumps(spec, allow_nan=False, ensure_ascii=False)
    marks = [layer["mark"] for layer in spec["layer"]]
    assert [mark["strokeDash"] for mark in marks if "strokeDash" in mark] == [DASH]
    assert any("40–60" in mark.get("text", "") and "2015" in mark["text"] for mark in marks)
    assert "http" not in text
    assert spec["encoding"]["x"]["scale"]["domain"] == [2005, 2025]


def test_an_indicator_without_target_or_history_has_neither_on_its_chart(toy_city, simulated):
    spec = indicator_chart(toy_city, "electronics_output", rows({}, "electronics_output", *simulated), catalogue("en"))

    assert [layer["mark"]["type"] for layer in spec["layer"]] == ["line", "line", "rule"]


def test_a_verdict_says_in_words_how_far_and_on_which_side(toy_city, simulated):
    more, baseline = ({row.id: row for row in target_table(toy_city, figures)} for figures in simulated)

    def said(row):
        return phrases.verdict(toy_city, row, catalogue("en"))

    assert said(more["science_share"]) == "over by 3.0 (100 %)"
    assert said(more["platform_openings"]) == "met"
    assert said(baseline["platforms"]) == "short by 8.4 (21 %)"


def test_charts_can_be_made_without_streamlit():
    script = "import sys, ui.charts; sys.exit('streamlit' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script]).returncode == 0

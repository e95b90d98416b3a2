"""Tensions of the plan arise from a scenario's own figures, and only where these show them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from innovation.model.entries import Tension
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.run import simulate
from innovation.scenarios.simulation.tensions import (
    nominal_figure,
    tension_lines,
    tension_text,
    tensions,
    tensions_json,
)


@pytest.fixture(scope="module")
def tense(toy_city):
    """The toy city, whose output target is held against a hundredth of what platforms give."""
    tension = Tension(
        more="output.target / 100 * platforms", than="output - output[2010]", unit="1e8 CNY",
        en="{output} at {science_share} needs {more}, above {than}.",
        zh="{output}（{science_share}）需{more}，高于{than}。",
    )  # fmt: skip
    target = toy_city.targets["output"].model_copy(update={"tension": tension})
    return replace(toy_city, targets={**toy_city.targets, "output": target})


def given(**figures):
    return lambda name, year: figures.get(f"{name}_{year}", figures.get(name, math.nan))


def test_the_sentence_has_the_runs_own_figures_in_both_languages(tense):
    figure = given(platforms=50.0, output_2015=900.0, output_2010=700.0)

    assert tensions(tense, figure, "en") == {
        "output": "110 billion yuan at 3 % needs 55.00 billion yuan, above 20.00 billion yuan."
    }
    assert tension_text(tense, "output", figure, "zh") == "1100亿元（3%）需550.0亿元，高于200.0亿元。"
    assert tensions_json(tense, figure)["output"]["zh"] == tension_text(tense, "output", figure, "zh")


@pytest.mark.parametrize(
    "figures",
    [
        {"platforms": 10.0, "output_2015": 900.0, "output_2010": 700.0},  # 110 is below 200
        {"platforms": 10.0, "output_2015": 809.97, "output_2010": 700.0},  # above, but both are written 110.0
        {"output_2015": 900.0, "output_2010": 700.0},  # no figure of platforms
    ],
)
def test_where_a_scenarios_own_figures_show_none_nothing_is_said(tense, figures):
    assert tensions(tense, given(**figures), "en") == {}
    assert tension_lines(tense, given(**figures), "zh") == []


def test_a_target_without_a_tension_has_none(tense):
    assert tension_text(tense, "platforms", given(platforms=50.0), "en") == ""


def test_the_citys_intensities_are_held_against_its_own_product(city):
    plan = load_scenario(city, "plan_as_written")
    dataset = simulate(city, [plan])
    figure = nominal_figure(dataset, "plan_as_written")
    sales = figure("rd_expenditure_large_medium", 2015) / figure("enterprise_rd_large_medium", 2015)  # of one per cent
    asked, whole = 4 * sales, 0.03 * figure("gdp", 2015)

    told = tensions(city, figure, "en")

    assert asked > whole
    assert f"is {asked / 10:.2f} billion yuan" in told["enterprise_rd_large_medium"]
    assert f"{whole / 10:.2f} billion yuan" in told["enterprise_rd_large_medium"]
    assert ("enterprise_rd_hightech" in told) == (0.05 * figure("hightech_output", 2015) > whole)
    grown = nominal_figure(dataset.assign(gdp=10 * dataset.gdp), "plan_as_written")
    assert "enterprise_rd_large_medium" not in tensions(city, grown, "en")


def test_every_tension_of_the_city_can_be_told_in_both_languages(city):
    tense = [name for name, target in city.targets.items() if target.tension]
    shown = dict.fromkeys(("en", "zh"), 0)
    figure = nominal_figure(simulate(city, [load_scenario(city, "baseline")]), "baseline")

    for name in tense:
        tension = city.targets[name].tension
        eased = tension.model_copy(update={"than": "0 * gdp"})
        always = replace(city, targets={**city.targets, name: city.targets[name].model_copy(update={"tension": eased})})
        for language in shown:
            text = tension_text(always, name, figure, language)
            shown[language] += bool(text) and "{" not in text and "nan" not in text

    assert len(tense) == 8
    assert set(shown.values()) == {len(tense)}

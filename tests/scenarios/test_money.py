"""Money as a lever: exact in every year from its date, bounded, split whole, and told where it rises over years."""

from __future__ import annotations

import numpy as np
import pytest

import cli
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.composing import with_changes
from innovation.scenarios.money import appropriated, is_added, practice, ramps
from innovation.scenarios.scenario_files import load_scenario, parse_scenario
from innovation.scenarios.schema import PolicyChange, ScenarioError
from innovation.scenarios.simulation.run import simulate

TEXT = """schema: 2
id: mine
title: {en: Mine, zh: 我的}
question: {en: What if?, zh: 如果？}
source: judgement
policies:
  - {lever: science_money, from: 2012, to: 20}
assumptions: []
"""


def test_twenty_a_year_are_appropriated_in_every_draw_and_year_from_their_date(city):
    members = draw_priors(city, 60, 2)
    money = parse_scenario(city, TEXT, "mine.yaml")

    found = simulate(city, [money, load_scenario(city, "baseline")], members)

    added = found.added_science_money.sel(scenario="mine")
    assert abs(added.sel(year=slice(2012, 2020)) - 20).max() <= 0.05
    assert abs(added.sel(year=slice(2005, 2011))).max() == 0
    assert abs(found.added_science_money.sel(scenario="baseline")).max() == 0


@pytest.mark.parametrize("amount", ["-1", "101"])
def test_an_amount_out_of_range_is_refused_with_what_2010_spent_and_the_range(city, amount):
    with pytest.raises(ScenarioError) as error:
        parse_scenario(city, TEXT.replace("to: 20", f"to: {amount}"), "mine.yaml")

    said = str(error.value)
    assert "mine.yaml, line 7" in said
    assert "outside its range 0 … 100" in said
    assert "all science money of 2010, 1.17 billion yuan" in said


def test_a_split_that_is_not_whole_is_refused(city):
    half = "20}\n  - {lever: money_grants, from: 2012, to: 0.5}"

    with pytest.raises(ScenarioError, match=r'shares of "money" sum to 1\.2'):
        parse_scenario(city, TEXT.replace("20}", half), "mine.yaml")


def test_money_before_the_plan_is_refused(city):
    with pytest.raises(ScenarioError, match="what lies before 2011 is history"):
        parse_scenario(city, TEXT.replace("from: 2012", "from: 2009"), "mine.yaml")


def test_a_rise_over_years_is_allowed_and_told_year_by_year(city, capsys, tmp_path):
    text = TEXT.replace("to: 20", "to: 20, ramp: 2")
    money = parse_scenario(city, text, "mine.yaml")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")

    told = ramps(city, [money, parse_scenario(city, TEXT, "other.yaml")])

    assert [line.partition(":")[0] for line in told] == ["mine"]
    assert "5.0 in 2012, 15.0 in 2013, 20.0 in 2014" in told[0]
    assert "2012年5.0" in ramps(city, [money], "zh")[0]
    found = simulate(city, [money]).added_science_money.sel(member=0)
    for year, amount in appropriated(city, money).items():
        step = 10 * city.model.dt  # the model books a rise of 10 a year a step behind
        assert float(found.sel(year=year).squeeze()) == pytest.approx(amount, abs=step)
    assert cli.main(["simulate", str(tmp_path / "mine.yaml"), "--json"]) == 0
    assert told[0] in capsys.readouterr().err


def test_what_practice_brings_is_the_mean_of_members():
    years = range(2010, 2017)
    figures = np.arange(14, dtype=float).reshape(2, 7)

    assert practice(years, figures) == {2011: 4.5, 2015: 8.5}


def test_money_is_added_where_an_amount_is_set(city):
    baseline = load_scenario(city, "baseline")

    nothing = with_changes(city, baseline, [PolicyChange(lever="science_money", start=2012, to=0)])

    assert is_added(city, parse_scenario(city, TEXT, "mine.yaml"))
    assert not is_added(city, baseline) and not is_added(city, nothing)

"""Packages of equal cost: that they are equal, that they differ in all else, and how a file is brought back."""

from __future__ import annotations

import shutil
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import cli
from innovation.scenarios.composing import with_changes
from innovation.scenarios.costs.equal_cost_mixes import (
    DISCOUNT_RATE,
    MIXES,
    PLAN,
    mixes,
    present_value,
    solved,
    solved_files,
    solved_share,
)
from innovation.scenarios.scenario_files import LIBRARY, load_scenario
from innovation.scenarios.schema import AssumptionChange, ScenarioError
from innovation.scenarios.simulation.run import parameters, simulate

HALF_A_PERCENT = 0.005
HEADLINE = ("contribution_rate", "external_dependence", "rd_intensity", "hightech_output", "tech_contract_per_10k")
FUNDS = ("mix_grants", "mix_research", "mix_building", "mix_special", "mix_guidance", "mix_talent")


@pytest.fixture(scope="module")
def scenarios(city):
    return {name: load_scenario(city, name) for name in (PLAN, *MIXES)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def test_every_mix_costs_the_city_what_the_plan_costs_it_within_half_a_percent(city):
    found = mixes(city)

    assert [mix.id for mix in found] == list(MIXES)
    assert [mix for mix in found if abs(mix.city / mix.plan_city - 1) > HALF_A_PERCENT] == []
    assert all(mix.is_equal for mix in found)


def test_what_the_city_pays_holds_purchases_and_its_part_of_other_prices(city, scenarios):
    plan = scenarios[PLAN]
    bare = with_changes(city, plan, without={"added_procurement", "graduate_retention"})

    assert present_value(city, bare) < present_value(city, plan) - 30


def test_equal_city_money_is_no_equal_social_cost(city):
    found = mixes(city)

    assert max(mix.social for mix in found) > 1.5 * min(mix.social for mix in found)
    assert {mix.plan_social for mix in found} == {present_value(city, load_scenario(city, PLAN), "social")}


def test_mixes_are_solved_for_equal_social_cost_or_stand_at_the_end_that_comes_nearest(city):
    lever = city.levers["fiscal_science_share"]

    found = solved(city, "social")

    assert [mix.id for mix in found] == list(MIXES)
    reached = [mix for mix in found if mix.is_equal]
    assert reached and all(mix.social == pytest.approx(mix.plan_social, rel=HALF_A_PERCENT) for mix in reached)
    assert all(mix.share == lever.high and mix.social < mix.plan_social for mix in found if not mix.is_equal)


def test_no_two_mixes_spend_alike(city, scenarios):
    spent = {
        name: np.array([next((c.to for c in scenario.changes_of(f)), city.practice(f)) for f in FUNDS])
        for name, scenario in scenarios.items()
    }

    alike = [pair for pair in combinations(spent, 2) if np.abs(spent[pair[0]] - spent[pair[1]]).sum() < 0.2]

    assert alike == []


def test_no_two_mixes_end_alike(city, scenarios):
    figures = simulate(city, list(scenarios.values()))[list(HEADLINE)].sel(member=0, year=2015).to_array("figure")

    alike = [
        pair
        for pair in combinations(scenarios, 2)
        if abs(figures.sel(scenario=pair[0]) / figures.sel(scenario=pair[1]) - 1).max() < HALF_A_PERCENT
    ]

    assert alike == []


def test_the_present_value_is_what_the_city_pays_summed_step_by_step_and_discounted(city, scenarios):
    steps = round(1 / city.model.dt)
    times = [2011 + step / steps for step in range(5 * steps)]
    given = parameters(city, scenarios[PLAN])
    real = city.model.run(given, outputs=["paid"], times=times).paid.sel(member=0, payer="city").values
    price = city.model.run(outputs=["deflator"], times=[2010.5]).deflator.values[0, 0]
    yearly = real.reshape(5, steps).mean(axis=1) * price

    value = present_value(city, scenarios[PLAN])

    # The figure is nominal money over the price in mid-year, not step by step: alike within a thousandth.
    assert value == pytest.approx(sum(yearly / (1 + DISCOUNT_RATE) ** np.arange(1, 6)), rel=1e-3)


def test_a_rise_of_prices_leaves_the_present_value_where_it_was(city, scenarios):
    finance = scenarios["finance"]
    dearer = with_changes(city, finance, [AssumptionChange(input="inflation", start=2011, to=0.08)])

    assert present_value(city, dearer) == pytest.approx(present_value(city, finance), rel=2e-3)


def test_a_spoilt_share_is_solved_again_and_the_rest_of_the_file_stays(city, folder):
    file = folder / "finance.yaml"
    before = file.read_text(encoding="utf-8")
    share = load_scenario(city, "finance", folder).changes_of("fiscal_science_share")[-1].to
    file.write_text(before.replace(f"to: {share:g}", "to: 0.05"), encoding="utf-8")
    spoilt = next(mix for mix in mixes(city, folder) if mix.id == "finance")

    text = solved_files(city, folder, ["finance"])[file]

    assert not spoilt.is_equal
    assert text == before


def test_a_share_that_starts_too_late_to_cost_enough_is_refused_with_what_it_can_cost(city, folder):
    file = folder / "finance.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("fiscal_science_share, from: 2011", "fiscal_science_share, from: 2015"), "utf-8")

    with pytest.raises(ScenarioError, match=r"costs .* never 200"):
        solved_share(city, load_scenario(city, "finance", folder), 200.0)


def test_a_mix_that_leaves_the_science_share_alone_is_refused(city, folder):
    with pytest.raises(ScenarioError, match="does not change fiscal_science_share"):
        solved_share(city, load_scenario(city, "baseline", folder), 100.0)


def test_the_command_says_that_the_librarys_mixes_cost_the_same(capsys):
    status = cli.main(["mixes", "--check"])

    out = capsys.readouterr().out
    assert status == 0
    assert [name for name in MIXES if name not in out] == []


def test_the_command_tells_shares_of_equal_social_cost_and_writes_nothing(capsys, monkeypatch):
    def write(*_):
        raise AssertionError("a file is written")

    monkeypatch.setattr("innovation.commands.city.mixes.write", write)

    assert cli.main(["mixes", "--by", "social"]) == 0
    said = capsys.readouterr()
    assert [name for name in (*MIXES, PLAN) if name not in said.out] == []
    assert "Not reached within the share's range" in said.err
    assert cli.main(["mixes", "--by", "social", "--check"]) == 2
    assert "equal in city money" in capsys.readouterr().err


def test_the_command_refuses_mixes_that_cost_more_than_allowed(capsys, monkeypatch):
    monkeypatch.setattr("innovation.scenarios.costs.equal_cost_mixes.TOLERANCE", 1e-9)

    status = cli.main(["mixes", "--check"])

    assert status == 2
    assert "Not the plan's cost: government_research" in capsys.readouterr().err

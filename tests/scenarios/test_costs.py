"""What policies cost: nothing at 2010 practice, the model's own sums by payer, worth at other rates, what is said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innovation.model import PLAN_ENDS, PLAN_YEARS
from innovation.model.files.faults import fault
from innovation.model.files.phrases import Term
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.composing import with_changes
from innovation.scenarios.costs.accounting import (
    BASE_YEAR,
    EFFECTS,
    MONEY,
    NONE,
    OTHERS,
    PRICED,
    RATES,
    SOCIAL,
    WHOLE,
    base_level,
    costs,
    discounted,
    is_money,
    paid_by_price,
    study,
    used_up,
)
from innovation.scenarios.costs.cost_page import CostRow, KeptCosts, costs_text
from innovation.scenarios.costs.cost_words import (
    COST_COLUMNS,
    cost_json,
    cost_rows,
    cost_text,
    figures_of,
    split_text,
    unpriced_text,
)
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import AssumptionChange, PolicyChange, ScenarioError
from innovation.scenarios.simulation.cases import Members
from innovation.scenarios.simulation.run import simulate

MEMBERS = 12


@pytest.fixture(scope="module")
def members(city):
    return Members.of(draw_priors(city, MEMBERS, 4), "draws of the priors")


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


@pytest.fixture(scope="module")
def found(city, plan, members):
    return study(city, [plan, load_scenario(city, "baseline")], members)


def unpriced(city, *names):
    """The city with the prices of some levers taken away."""
    prices = {name: price for name, price in city.prices.prices.items() if not set(names) & set(price.levers)}
    return replace(city, prices=replace(city.prices, prices=prices))


def test_2010_practice_costs_nothing(city, found):
    practice = found["baseline"]
    nominal = simulate(city, [practice.scenario])

    # Not exactly: the fund of seniors counts what thins out with size against practice that does not.
    assert max(float(abs(nominal[f"cost_{name}"]).max()) for name in (*city.prices.payers, SOCIAL)) < 1e-6
    assert max(np.abs(yearly).max() for yearly in practice.costs.nominal.values()) < 1e-6
    assert "costs nothing" in cost_text(city, practice.costs, practice, "en")


def test_prices_give_each_payer_what_the_model_says_it_pays(city, found):
    plan = found["plan_as_written"]

    paid = paid_by_price(city, plan.prices)

    assert set(paid) == set(city.prices.payers)
    for name, yearly in paid.items():
        np.testing.assert_allclose(yearly, plan.costs.nominal[name], atol=1e-9)


def test_what_is_used_up_of_prices_is_the_social_cost_with_each_members_premium(city, members, found):
    plan = found["plan_as_written"]

    parts = used_up(city, plan.prices, members)

    np.testing.assert_allclose(sum(parts.values()), plan.costs.nominal[SOCIAL], atol=1e-9)
    assert np.ptp(parts["procurement"].sum(axis=1) / plan.prices["procurement"].sum(axis=1)) > 0.01


def test_payers_do_not_sum_to_the_social_cost(city, found):
    totals = {name: np.median(found["plan_as_written"].costs.total(name)) for name in (*city.prices.payers, SOCIAL)}

    assert sum(totals[name] for name in city.prices.payers) > 1.2 * totals[SOCIAL]


def test_levers_pay_together_what_prices_cost(city, found):
    plan = found["plan_as_written"]

    by_levers = plan.by_levers(city)

    np.testing.assert_allclose(sum(by_levers.values()), sum(one.sum(axis=1) for one in plan.prices.values()), atol=1e-9)
    assert ("digestion_ratio",) in by_levers
    assert all(name in {change.lever for change in plan.scenario.policies} for names in by_levers for name in names)


def test_a_yearly_hundred_is_worth_the_sum_of_its_discounted_years():
    assert discounted(np.full(5, 100.0), 0.08) == pytest.approx(399.27, abs=0.01)  # annuity of five years
    assert discounted(np.full(5, 100.0), 0.0) == pytest.approx(500)


def test_a_later_worth_is_less_at_a_higher_rate(found):
    low, middle, high = (found["plan_as_written"].costs.present_value(rate=rate) for rate in RATES)

    assert np.all((low > middle) & (middle > high))


def test_prices_of_2010_are_the_published_level(city):
    assert base_level(city) == pytest.approx(np.exp(0.22194), rel=1e-4)


def test_inflation_leaves_real_costs_where_they_were(city, plan):
    nominal = Members.nominal(city)
    dearer = with_changes(city, plan, [AssumptionChange(input="inflation", start=2011, to=0.08)], id="dearer")

    both = study(city, [plan, dearer], nominal)

    value, other = (one.costs.present_value("city")[0] for one in both.values())
    assert both["dearer"].costs.total("city")[0] > 1.1 * both["plan_as_written"].costs.total("city")[0]
    # What is spent within a year is divided by the level of its middle, and a few targets are nominal.
    assert other == pytest.approx(value, rel=0.02)


def test_costs_of_figures_are_those_of_the_study(city, plan, members, found):
    dataset = simulate(city, [plan, load_scenario(city, "baseline")], members.values)
    figures = {name: figures_of(city, dataset, name) for name in ("plan_as_written", "baseline")}
    ours, theirs = ({name: values[1:] for name, values in of.items()} for of in figures.values())

    alone, against = costs(city, ours), costs(city, ours, theirs)

    for name in (*city.prices.payers, SOCIAL):
        np.testing.assert_allclose(against.real[name], found["plan_as_written"].costs.real[name], atol=1e-6)
        np.testing.assert_allclose(alone.nominal[name], ours[f"cost_{name}"][:, 6:11], atol=1e-9)
    assert list(costs(city, ours, names=[SOCIAL]).nominal) == [SOCIAL]


def test_costs_against_another_scenario_are_the_difference(city, plan, found, members):
    less = with_changes(city, plan, without={"vehicle_demonstration"}, id="less")

    against = study(city, [plan], members, less)["plan_as_written"]

    alone = study(city, [less], members)["less"]
    difference = found["plan_as_written"].costs.total(SOCIAL) - alone.costs.total(SOCIAL)
    np.testing.assert_allclose(against.costs.total(SOCIAL), difference, atol=1e-6)


def test_money_and_other_levers_part_what_the_plan_brings(city, plan, found):
    one = found["plan_as_written"]
    dataset = simulate(
        city,
        [plan, load_scenario(city, "baseline"),
         with_changes(city, plan, without=[name for name in city.levers if is_money(city, name)], id="others")],
    )  # fmt: skip
    output = dataset.hightech_output.sel(member=0, year=PLAN_ENDS)
    told = []
    nominal = study(city, [plan], Members.nominal(city), on_progress=told.append)["plan_as_written"]

    others = float(output.sel(scenario="others") - output.sel(scenario="baseline"))

    assert nominal.effects["hightech_output"][OTHERS][0] == pytest.approx(others, abs=1e-6)
    assert one.part("hightech_output", OTHERS) > one.part("hightech_output", MONEY) > 0
    assert one.part("rd_expenditure", MONEY) > 50
    assert set(one.effects) == set(EFFECTS) and set(one.effects["gdp"]) == {WHOLE, MONEY, OTHERS}
    assert told[-1].total == 4 and NONE not in one.effects["gdp"]


def test_a_lever_without_price_is_named_with_its_part_of_the_effect(city, plan, members):
    bare = unpriced(city, "vehicle_demonstration")
    levers = [change for change in plan.policies if change.lever == "vehicle_demonstration"]
    alone = with_changes(city, load_scenario(city, "baseline"), levers, id="alone")

    both = study(bare, [plan, alone], members)

    assert both["plan_as_written"].unpriced == ("vehicle_demonstration",)
    assert both["alone"].part("hightech_output", PRICED) == pytest.approx(0, abs=1e-9)
    assert 0 < both["plan_as_written"].part("hightech_output", PRICED) < 100
    said = cost_text(bare, both["plan_as_written"].costs, both["plan_as_written"], "en")
    assert "Without a price, and so in no cost here: New energy vehicle demonstration" in said
    assert unpriced_text(bare, [alone], "en").endswith("no cost here: New energy vehicle demonstration.")
    assert unpriced_text(city, [alone], "en") == ""
    assert cost_json(bare, both["alone"].costs, both["alone"])["unpriced"] == ["vehicle_demonstration"]


def test_what_has_no_source_is_the_money_of_analogies_and_judgements(city, members):
    baseline = load_scenario(city, "baseline")
    kept = with_changes(city, baseline, [PolicyChange(lever="graduate_retention", start=2011, to=1.3)], id="kept")
    digested = with_changes(city, baseline, [PolicyChange(lever="digestion_ratio", start=2011, to=0.5)], id="digested")

    both = study(city, [kept, digested], members)

    assert np.median(both["kept"].without_source) > 0.9
    assert np.median(both["digested"].without_source) < 0.2


def test_investment_is_charged_by_the_year_to_investors_and_consumption_stands_beside_gdp(city, members):
    boom = load_scenario(city, "investment_boom")

    one = study(city, [boom], members)["investment_boom"]

    total = {name: np.median(one.costs.total(name)) for name in (*city.prices.payers, SOCIAL)}
    assert total["investors"] == pytest.approx(total[SOCIAL])
    assert total["investors"] < np.median(one.induced["fixed_asset_investment"]) / 2  # a charge, and not the spending
    assert abs(total["city"]) < 0.01 * total["investors"]
    assert np.median(one.effects["gdp"][WHOLE]) > 0 > np.median(one.effects["consumption"][WHOLE])
    assert "in what of it is not invested" in cost_text(city, one.costs, one, "en")


def test_guarantees_count_by_loss_and_not_by_volume(city, members):
    baseline = load_scenario(city, "baseline")
    more = with_changes(city, baseline, [PolicyChange(lever="guarantee_multiplier", start=2011, to=8)], id="more")
    dataset = simulate(city, [baseline, more], members.values)
    volume = dataset.guaranteed_credit.sel(year=list(PLAN_YEARS)).sum("year")

    added = float((volume.sel(scenario="more") - volume.sel(scenario="baseline")).median())
    lost = np.median(study(city, [more], members)["more"].costs.total(SOCIAL))

    assert 0 < lost < 0.1 * added


def test_rows_hold_years_sums_and_worth_of_every_payer(city, found):
    rows = [dict(zip(COST_COLUMNS, row, strict=True)) for row in cost_rows("plan", found["plan_as_written"].costs)]

    assert len(rows) == (len(city.prices.payers) + 1) * (len(PLAN_YEARS) + 1 + len(RATES))
    whole = next(row for row in rows if row["payer"] == SOCIAL and row["what"] == "sum 2011-2015")
    assert whole["q05"] <= whole["q50"] <= whole["q95"] and whole["unit"] == "1e8 CNY"
    assert {row["unit"] for row in rows if "present" in row["what"]} == {f"1e8 CNY of {BASE_YEAR}"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_text_names_every_payer_and_says_once_that_they_are_not_to_be_summed(city, found, language):
    one = found["plan_as_written"]

    text = cost_text(city, one.costs, one, language)

    assert all(getattr(payer, language) in text for payer in city.prices.payers.values())
    assert text.count("not to be summed" if language == "en" else "不可相加") == 1
    assert split_text(city, one, "hightech_output", language) in text
    assert f"{one.part('hightech_output', OTHERS):.0f}" in split_text(city, one, "hightech_output", language)


@pytest.mark.parametrize(
    ("language", "nothing", "year"),
    [
        ("en", "From 2011 to 2015 it costs nothing beyond 2010 practice.", " (from 2017)"),
        ("zh", "2011至2015年没有超出2010年做法的成本。", "（2017年起）"),
    ],
)
def test_money_that_begins_after_the_plan_is_told_of_and_not_called_free(city, plan, language, nothing, year):
    change = PolicyChange(lever="science_money", start=2017, to=0.06)
    late = with_changes(city, load_scenario(city, "baseline"), [change], id="late")
    both = with_changes(city, plan, [change], id="both")
    found = study(city, [late, both], Members.nominal(city))

    texts = [cost_text(city, one.costs, one, language) for one in found.values()]

    assert nothing in texts[0] and nothing not in texts[1]
    assert all(f"{getattr(city.levers['science_money'], language)}{year}" in text for text in texts)


def test_a_city_without_prices_is_refused(toy_city):
    with pytest.raises(ScenarioError, match=r"has no prices\.yaml"):
        costs(toy_city, {})


def test_the_page_shows_each_price_with_its_payers_and_marks_what_was_kept_of_another_model(city):
    rows = [
        CostRow("plan_as_written", "sum", "city", 1.0, 2.0, 3.0),
        CostRow("finance", "equal city", "share", 0, 0.05, 0),
    ]

    other = fault("calibration.other_mark", "costs.csv", other=Term("calibration.mark", "model"))

    page = costs_text(city, KeptCosts(rows, {"members": "7"}, other))

    english, chinese = page.split("# 各情景和政策杠杆的成本")
    assert "| The plan as written | 2.0 (1.0 … 3.0) | – |" in english
    assert "7 draws" in english and "It belongs to another model" in english
    assert "已过时。它所依据的模型与现在不同。" in chinese
    line = next(line for line in english.splitlines() if "| Tax not paid |" in line)
    assert "The city 40, The nation and the province 60 | 0 | running | source | SharedIncomeTax2001" in line
    assert english.count("not to be summed") == chinese.count("不可相加") == 1
    assert all(price.zh in chinese for price in city.prices.prices.values())
    bare = costs_text(unpriced(city, "transfer_service"), KeptCosts([], {}, fault("calibration.not_kept", "costs.csv")))
    assert "**Without a price, and so in no cost: Alliance and transfer service.**" in bare
    assert "Run `cli.py findings`" in bare

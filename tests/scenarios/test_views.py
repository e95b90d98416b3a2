"""Chances under each view of how the city works: which members have it, and what is said of them."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.batches.batch_folder import batch
from innovation.scenarios.scenario_files import load_scenario, parse_scenario
from innovation.scenarios.schema import ScenarioError
from innovation.scenarios.simulation.cases import as_asked, moved, unchanged
from innovation.scenarios.simulation.chances import SURE, Viewed, by_view, chances
from innovation.scenarios.simulation.outlooks import outlook, outlook_json, outlook_text
from innovation.scenarios.simulation.run import attempt, simulate
from innovation.scenarios.simulation.view_words import MIXED, VIEW_COLUMNS, view_lines, view_rows, views_of
from innovation.scenarios.simulation.views import differing, drawn_views, held_views, untold
from tests.fragile import LIMIT, fragile_wuhan
from tests.switched import SWITCH, VARIANT, WEIGHT

MEMBERS = 400
TEXT = """\
schema: 2
id: {id}
title: {{en: Mine, zh: 我的}}
question: {{en: What?, zh: 如何？}}
source: judgement
assumptions: [{changes}]
"""
SETS = f"{{input: {VARIANT}, from: 2011, to: 0}}"


def scenario(city, id="as_drawn", changes=""):
    return parse_scenario(city, TEXT.format(id=id, changes=changes), "mine.yaml")


@pytest.fixture(scope="module")
def both(switched_city):
    """Members as drawn, and the same of which a scenario sets the view."""
    return [scenario(switched_city), scenario(switched_city, "set", SETS)]


@pytest.fixture(scope="module")
def members(switched_city):
    return draw_priors(switched_city, MEMBERS, 7)


@pytest.fixture(scope="module")
def result(switched_city, both, members):
    return simulate(switched_city, both, members, {"posterior_hash": "0" * 64, "draws": MEMBERS, "seed": 1})


def test_each_member_has_its_own_view_unless_the_scenario_sets_one(switched_city, result, members):
    drawn, fixed = result[f"view_{VARIANT}"].values

    assert drawn[0] == switched_city.nominal(SWITCH) == 1
    assert (drawn[1:] == members[SWITCH]).all()
    assert (fixed == 0).all()
    assert result[f"view_{VARIANT}"].attrs["view_1_zh"] == "知识带动产出"


def test_a_view_that_is_set_is_that_of_all_members_from_its_date_on(switched_city, both, members, result):
    none = {**members, SWITCH: np.zeros(MEMBERS)}
    (same,) = simulate(switched_city, both[:1], none).output.values
    years = result.year.values

    fixed, drawn = result.output.sel(scenario="set").values, result.output.sel(scenario="as_drawn").values
    assert (fixed[:, years < 2011] == drawn[:, years < 2011]).all()
    ones = members[SWITCH] == 1
    assert (fixed[1:, -1][~ones] == same[1:, -1][~ones]).all()
    assert (fixed[1:, -1][ones] != drawn[1:, -1][ones]).all()


def test_members_that_say_nothing_of_a_view_have_the_model_files(switched_city):
    drawn = drawn_views(switched_city, {"forgetting": [0.1, 0.2]})

    assert drawn[VARIANT].tolist() == [1, 1, 1]
    assert drawn_views(switched_city, None)[VARIANT].tolist() == [1]
    assert drawn_views(switched_city, {SWITCH.upper(): [0, 1]}, nominal=False)[VARIANT].tolist() == [0, 1]
    assert held_views(switched_city, scenario(switched_city, "set", SETS), drawn)[VARIANT].tolist() == [0, 0, 0]


def test_the_mixed_chance_is_the_sum_of_share_times_chance_over_the_views(switched_city, result):
    found, _ = chances(switched_city, result)

    assert all(len(one.views) == 2 for one in found.targets.values())
    for chance, views in [*((one.chance, one.views) for one in found.targets.values()), (found.all, found.views)]:
        assert sum(one.share for one in views) == pytest.approx(1, abs=1e-15)
        assert sum(one.share * one.chance for one in views) == pytest.approx(chance, abs=1e-15)
        assert sum(one.draws for one in views) == MEMBERS


def test_the_chance_under_a_view_is_that_of_the_members_that_have_it():
    hits = np.array([True, True, False, False, False, True])
    held = {"a": np.array([1.0, 1, 1, 0, 0, 0]), "b": np.ones(6)}

    zero, one, alone = by_view(hits, 6, held)

    assert (zero.value, zero.chance, zero.share, zero.draws) == (0, 1 / 3, 0.5, 3)
    assert (one.value, one.chance) == (1, 2 / 3)
    assert zero.error == pytest.approx(math.sqrt(3 / 7 * 4 / 7 / 7))
    assert (alone.variant, alone.value, alone.share, alone.chance) == ("b", 1, 1.0, 0.5)


def test_errors_count_different_draws():
    hits, held = np.array([True, False] * 50), {"a": np.array([1.0, 1, 0, 0] * 25)}

    of_few, of_all = by_view(hits, 10, held)[0], by_view(hits, 100, held)[0]

    assert (of_few.draws, of_all.draws) == (5, 50)
    assert of_few.error > of_all.error and of_few.share_error > of_all.share_error


def test_only_a_difference_that_is_no_noise_is_told():
    def pair(gap):
        return [Viewed("a", 0, 0.5, 0.01, 0.4, 0.03, 200), Viewed("a", 1, 0.5, 0.01, 0.4 + gap, 0.04, 200)]

    assert differing(pair(SURE * 0.05 + 1e-9)) == ["a"]
    assert differing(pair(SURE * 0.05 - 1e-9)) == []
    assert differing(pair(0.5)[:1]) == []


def test_a_view_that_comes_as_often_as_its_prior_says_is_one_that_the_record_cannot_tell(switched_city):
    def views(share):
        return [Viewed(VARIANT, 0, 1 - share, 0, 0, 0, 1), Viewed(VARIANT, 1, share, 0, 0, 0, 1)]

    reach = SURE * math.sqrt(WEIGHT * (1 - WEIGHT) / 1000)
    assert untold(switched_city, views(WEIGHT + reach - 1e-6), 1000) == [VARIANT]
    assert untold(switched_city, views(WEIGHT + reach + 1e-6), 1000) == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_scenario_is_told_with_what_differs_by_view_and_what_the_record_cannot_tell(
    switched_city, both, result, language
):
    own, fixed = both
    one, other = chances(switched_city, result)
    said = view_lines(switched_city, own, views_of(one), language, MEMBERS)
    named = switched_city.variants[VARIANT]
    view = getattr(named.views[0], language)

    told = [line for line in said if line.startswith("  ")]
    assert len(told) == sum(bool(differing(views)) for views in views_of(one).values())
    assert all(view in line for line in told)
    assert any(getattr(named, language) in line for line in said if line not in told)
    assert view_lines(switched_city, own, views_of(one), language) == said[:-1]  # members of no posterior

    (alone,) = view_lines(switched_city, fixed, views_of(other), language, MEMBERS)
    assert getattr(named, language) in alone and view in alone


def test_targets_that_knowledge_decides_differ_by_view(switched_city, result):
    found, _ = chances(switched_city, result)
    high = result.output.sel(year=2015, scenario="as_drawn").values[1:]
    views = result[f"view_{VARIANT}"].sel(scenario="as_drawn").values[1:]

    assert high[views == 1].mean() > high[views == 0].mean()
    assert any(differing(one.views) for one in found.targets.values())


def test_text_and_plain_data_have_the_views(switched_city, both, result):
    seen = outlook(switched_city, result, ())

    text, data = outlook_text(seen, both[0], "en"), outlook_json(seen, both)

    assert "How the city works is not known in one respect." in text
    assert data["views"][VARIANT]["views"]["0"]["en"] == "output grows by itself"
    for one in data["chances"]["as_drawn"]["targets"].values():
        parts = one["views"][VARIANT]
        assert parts["0"]["share"] * parts["0"]["chance"] + parts["1"]["share"] * parts["1"]["chance"] == pytest.approx(
            one["chance"]
        )
    assert list(data["chances"]["set"]["targets"]["platforms"]["views"][VARIANT]) == ["0"]


def test_a_batch_has_the_same_views_as_one_result(switched_city, both, result, members, tmp_path):
    done = batch(switched_city, both, members, tmp_path / "batch", origin={"draws": MEMBERS})

    with (tmp_path / "batch" / "views.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    expected = [
        ["" if cell is None else str(cell) for cell in row]
        for row in view_rows(switched_city, chances(switched_city, result))
    ]
    assert tuple(head) == VIEW_COLUMNS
    assert rows == expected
    assert {row[2] for row in rows} == {MIXED, VARIANT}
    assert done.outlooks["set"].chances["set"].views[0].share == 1
    assert "By view of how the city works" in (tmp_path / "batch" / "report.html").read_text(encoding="utf-8")


def test_a_city_without_views_says_nothing_of_them(toy_city, tmp_path):
    members = draw_priors(toy_city, 20, 1)
    (own,) = [scenario(toy_city)]
    found = simulate(toy_city, [own], members)

    assert view_lines(toy_city, own, views_of(chances(toy_city, found)[0]), "en", 20) == []
    assert [name for name in found.coords if str(name).startswith("view_")] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [("to: 0.5", "0 or 1 from 2011 on"), ("to: 1, ramp: 2", "without a ramp"), ("to: 2", "outside its range")],
)
def test_a_scenario_sets_one_of_both_views_and_nothing_between(switched_city, change, said):
    with pytest.raises(ScenarioError) as caught:
        scenario(switched_city, "mine", f"{{input: {VARIANT}, from: 2012, {change}}}")

    assert said in str(caught.value)


def test_checks_are_asked_of_the_view_that_the_registry_names_unless_a_case_sets_another(switched_city):
    asked = as_asked(switched_city, unchanged().scenario)
    other = as_asked(switched_city, moved(switched_city, {VARIANT: 0.0}, ramp=1.0).scenario)

    assert [(change.name, change.start, change.to) for change in asked.changes] == [(VARIANT, 2011, 1)]
    assert [(change.name, change.to, change.ramp) for change in other.changes] == [(VARIANT, 0, 0)]


def test_a_member_that_fails_is_no_part_of_a_view(tmp_path):
    city = fragile_wuhan(tmp_path)
    members = draw_priors(city, 150, 3)
    members[LIMIT] = np.ones(150)
    members[LIMIT][10] = 0.0

    found = attempt(city, [load_scenario(city, "baseline")], members).dataset

    assert found.sizes["member"] == 150
    kept = np.setdiff1d(np.arange(150), [10])
    for name, one in city.variants.items():
        assert (found[f"view_{name}"].values[0, 1:] == members[one.constant][kept]).all()

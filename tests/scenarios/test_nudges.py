"""Nudges tell which lever helps a target most, as running each by itself would."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.composing import with_changes
from innovation.scenarios.levers.nudges import RAMP, name_of, nudges
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import PolicyChange
from innovation.scenarios.shares import destination, given_way, shares_of
from innovation.scenarios.simulation.failures import TooManyFailed
from innovation.scenarios.simulation.run import simulate
from tests.fragile import fragile_toy, limits, scenario_of

MEMBERS = 3


@pytest.fixture(scope="module")
def members(city):
    return draw_priors(city, MEMBERS, seed=3)


@pytest.fixture(scope="module")
def found(city, members):
    return nudges(city, load_scenario(city, "plan_as_written"), members)


def test_the_first_block_is_the_scenario_itself(city, members, found):
    plan = simulate(city, [load_scenario(city, "plan_as_written")], members)

    expected = plan["rd_intensity"].sel(year=2015).values[0, 1:]
    np.testing.assert_array_equal(found.values["rd_intensity"][0], expected)


@pytest.mark.parametrize("lever", ["tax_relief", "vehicle_demonstration"])
def test_a_nudge_is_what_the_lever_alone_does(city, members, found, lever):
    plan = load_scenario(city, "plan_as_written")
    places = [(place, to) for place, (name, to) in enumerate(found.tried, start=1) if name == lever]
    assert len(places) == 2
    for place, to in places:
        course = plan.changes_of(lever)[-1:] or [PolicyChange(lever=lever, start=2011, to=to, ramp=RAMP)]
        moved = with_changes(city, plan, [course[0].model_copy(update={"to": to})])

        alone = simulate(city, [moved], members)["industry_nev"].sel(year=2015).values[0, 1:]

        np.testing.assert_allclose(found.values["industry_nev"][place], alone, rtol=1e-12)


def test_the_most_helpful_comes_first_and_each_lever_once(found):
    for target in ("industry_nev", "external_dependence"):
        order = found.of(target)

        assert len({nudge.lever for nudge in order}) == len(order)
    assert found.of("industry_nev")[0].shift > 0
    assert found.of("external_dependence")[0].shift < 0


def test_without_members_the_nominal_run_is_nudged(city):
    alone = nudges(city, load_scenario(city, "baseline"), {})

    assert alone.values["gdp"].shape == (1 + len(alone.tried), 1)


def test_a_share_nudged_takes_from_the_others(city, members, found):
    plan = load_scenario(city, "plan_as_written")
    now = {name: destination(city, plan, name) for name in shares_of(city, city.levers["mix_talent"].share_of)}
    places = [(place, to) for place, (name, to) in enumerate(found.tried, start=1) if name == "mix_talent"]
    assert len(places) == 2
    for place, to in places:
        mix = given_way(now, {"mix_talent": to})
        changes = [PolicyChange(lever=name, start=2011, to=share, ramp=RAMP) for name, share in mix.items()]

        alone = (
            simulate(city, [with_changes(city, plan, changes)], members)["rd_intensity"].sel(year=2015).values[0, 1:]
        )

        np.testing.assert_allclose(found.values["rd_intensity"][place], alone, rtol=1e-12)


def test_a_change_of_chance_has_the_error_of_its_pairs(found):
    nudge = found.of("industry_nev")[0]
    place = found.tried.index((nudge.lever, nudge.to)) + 1
    target = found.city.targets["industry_nev"]
    hit = found.values["industry_nev"] >= target.value
    changed = [*(hit[place].astype(int) - hit[0]), 1, -1]

    assert nudge.chance == pytest.approx(hit[place].mean() - hit[0].mean())
    assert nudge.error == pytest.approx(np.std(changed) / np.sqrt(len(changed)))
    assert nudge.error > 0


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_toy(tmp_path_factory.mktemp("fragile"))


def test_a_member_that_fails_under_one_nudge_leaves_all_and_the_others_are_as_without_it(fragile):
    drawn = {**limits(100, (7, 0.025)), "knowledge elasticity": np.linspace(0.01, 0.1, 100)}
    without = {name: np.delete(values, 6) for name, values in drawn.items()}
    scenario = scenario_of(fragile, "as_now")

    found, sound = nudges(fragile, scenario, drawn), nudges(fragile, scenario, without)

    assert found.failures.lost.tolist() == [7]
    assert found.failures.aside == ()
    assert found.tried == sound.tried
    assert found.of("output") == sound.of("output")
    reason = found.failures.reason(name_of("science_share", 0.03), 7)
    assert (reason.variable, reason.time) == ("total output", pytest.approx(2013, abs=1.1))


def test_a_nudge_that_fails_too_many_members_is_no_help_and_costs_the_others_none(fragile):
    drawn = {**limits(100, (7, 0.025), (8, 0.025)), "knowledge elasticity": np.linspace(0.01, 0.1, 100)}

    found = nudges(fragile, scenario_of(fragile, "as_now"), drawn)

    assert found.failures.aside == (name_of("science_share", 0.03),)
    assert ("science_share", 0.03) not in found.tried
    assert [lever for lever, _ in found.tried].count("science_share") == 1
    assert found.values["output"].shape == (1 + len(found.tried), 100)


def test_around_a_scenario_that_fails_too_many_members_nothing_is_nudged(fragile):
    with pytest.raises(TooManyFailed, match=r"Not shown: more\. 2 of 100 members gave no result"):
        nudges(fragile, scenario_of(fragile, "more", 0.04), limits(100, (7, 0.03), (8, 0.03)))


def test_a_nudge_of_the_nominal_run_that_fails_is_left_out(tmp_path):
    city = fragile_toy(tmp_path, nominal=0.025)

    found = nudges(city, scenario_of(city, "as_now"), {})

    assert found.failures.aside == (name_of("science_share", 0.03),)
    assert found.values["output"].shape == (1 + len(found.tried), 1)

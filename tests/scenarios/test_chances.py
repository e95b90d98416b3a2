"""Chances and bands from members whose figures are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.chances import Chance, bands, chances, share, shortfalls, weakest
from innovation.scenarios.simulation.run import simulate


@pytest.fixture(scope="module")
def city():
    return load_city()


@pytest.fixture(scope="module")
def result(city):
    rng = np.random.default_rng(4)
    members = {"capital elasticity": rng.uniform(0.3, 0.6, 24)}
    return simulate(city, [load_scenario(city, name) for name in ("baseline", "plan_as_written")], members)


def moved(result, name, figures):
    """The result with other figures of one indicator, the same in every scenario."""
    values = np.broadcast_to(figures, result[name].shape)
    return result.assign({name: (("scenario", "member", "year"), values, result[name].attrs)})


def test_bands_are_percentiles_of_the_members_without_the_nominal_run(result):
    found = bands(result)

    figures = result.contribution_rate.isel(scenario=1, member=slice(1, None)).sel(year=2015).values
    expected = np.percentile(figures, [5, 25, 50, 75, 95])
    assert np.allclose(found.contribution_rate.isel(scenario=1).sel(year=2015).values, expected)
    assert found.contribution_rate.attrs["unit"] == "percent"


def test_a_chance_is_the_share_of_members_that_meet_the_target(city, result):
    target = city.targets["contribution_rate"]
    values = np.full(result.contribution_rate.shape[1:], target.value - 1)
    values[1:7] = target.value  # the nominal run, member 0, does not count
    (baseline, _) = chances(city, moved(result, "contribution_rate", values))

    found = baseline.targets["contribution_rate"]
    assert found.chance == 6 / 24
    assert found.distance == 1
    assert found.first_year_met is None
    assert found.draws == 24


def test_all_together_is_the_share_of_members_that_meet_every_one(city, result):
    names = ["contribution_rate", "rd_intensity"]
    for name, met in zip(names, (slice(1, 13), slice(7, 19)), strict=True):
        values = np.full(result[name].shape[1:], city.targets[name].value - 0.5)
        values[met] = city.targets[name].value + 0.5
        result = moved(result, name, values)

    (baseline, _) = chances(city, result, names)

    assert baseline.all == 6 / 24
    assert [baseline.targets[name].chance for name in names] == [0.5, 0.5]
    assert set(baseline.targets) == set(names)


def test_the_first_year_is_when_half_of_the_members_have_met_it(city, result):
    values = np.full(result.contribution_rate.shape[1:], 0.0)
    place = {int(year): number for number, year in enumerate(result.year.values)}
    values[1:13, place[2013]] = 99.0  # once is enough
    values[:, place[2009]] = 99.0  # before the plan does not count

    (baseline, _) = chances(city, moved(result, "contribution_rate", values))

    assert baseline.targets["contribution_rate"].first_year_met == 2013


def test_the_error_counts_different_draws_and_is_never_nothing():
    hits = np.array([True] * 8 + [False] * 8)

    assert share(hits, 16)[0] == 0.5
    assert share(hits, 4)[1] > share(hits, 16)[1]
    assert math.isclose(share(hits, 10_000)[1], 0.005, rel_tol=1e-3)
    assert share(np.ones(50, bool), 50) == (1.0, pytest.approx(math.sqrt(52 * 2 / 54**3)))


def test_a_range_is_missed_on_both_sides_and_no_value_stays_none(city):
    target = next(iter(city.targets.values()))
    between = target.model_copy(update={"sense": "range", "value": 1.0, "high": 2.0})

    assert shortfalls(between, np.array([0.5, 1.5, 2.25])).tolist() == [0.5, 0.0, 0.25]
    assert np.isnan(shortfalls(between, np.array([np.nan]))).all()


def test_a_result_without_members_is_refused(city, result):
    with pytest.raises(ValueError, match="members"):
        chances(city, result.isel(member=slice(0, 1)))


def test_the_weakest_target_has_the_least_chance(city, result):
    for found in chances(city, result):
        assert found.targets[found.weakest].chance == min(one.chance for one in found.targets.values())
        assert found.all <= found.targets[found.weakest].chance


def told(city, **found):
    """Chances of targets from (chance, median distance) of each."""
    return {name: Chance("x", name, chance, 0.0, 100, distance, None) for name, (chance, distance) in found.items()}


def test_the_weakest_is_the_least_likely_of_the_chosen_or_of_all_where_none_is_chosen(city):
    found = told(city, gdp=(0.9, 0.0), rd_intensity=(0.2, 0.5), contribution_rate=(0.0, 17.0))

    assert weakest(city, found) == ("contribution_rate", 0)
    assert weakest(city, found, ["gdp", "rd_intensity"]) == ("rd_intensity", 0)
    assert weakest(city, found, []) == ("contribution_rate", 0)


def test_of_equally_unlikely_targets_the_one_missed_by_most_is_named_and_the_others_are_counted(city):
    # Of 65 a fifth is missing, of 3 a third, of 10 000 a tenth.
    found = told(
        city, contribution_rate=(0.0, 13.0), rd_intensity=(0.0, 1.0), gdp=(0.0, 1000.0), national_labs=(0.1, 20.0)
    )

    assert weakest(city, found) == ("rd_intensity", 2)
    assert weakest(city, found, ["gdp", "contribution_rate"]) == ("contribution_rate", 1)


def test_a_target_without_a_figure_is_not_the_weakest(city):
    found = told(city, gdp=(0.0, math.nan), rd_intensity=(0.3, 0.5))

    assert weakest(city, found) == ("rd_intensity", 0)
    assert weakest(city, found, ["gdp"]) == ("gdp", 0)

"""The space of uncertain constants: standard normal coordinates that mean what the registry says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from innovation.calibration.priors.industries import CONCENTRATION, ROUNDED, read_industries
from innovation.calibration.priors.space import Space, Switch
from innovation.model.prior_draws import AFTER, BEFORE, START, draw_priors, with_priors
from tests.switched import SWITCH, WEIGHT

MANY = 20_000


@pytest.fixture(scope="module")
def space(city):
    return Space(city)


@pytest.fixture(scope="module")
def toy_space(toy_city):
    return Space(toy_city)


@pytest.fixture(scope="module")
def industries(city):
    return read_industries(city)


def test_every_constant_with_a_prior_is_a_coordinate(city, space):
    assert set(draw_priors(city, 1, 0)) <= set(space.names)
    assert len(set(space.names)) == space.d


def test_draws_of_the_space_are_those_of_the_registrys_priors(city, space):
    ours = space.to_constants(space.draw(MANY, 1))
    theirs = draw_priors(city, MANY, 2)

    far = {
        name: p
        for name, drawn in theirs.items()
        if (p := stats.ks_2samp(ours[name], drawn).pvalue) < 0.001 / len(theirs)
    }

    assert far == {}


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_going_to_values_and_back_returns_the_coordinates(toy_space, seed):
    z = np.clip(toy_space.draw(20, seed), -5, 5)

    back = toy_space.positions(dict(zip(toy_space.names, toy_space.values(z), strict=True)))

    assert np.abs(back - z).max() < 1e-6


def test_going_to_values_and_back_holds_for_every_constant_of_the_city(space):
    z = np.clip(space.draw(200, 3), -3.5, 3.5)

    back = space.positions(dict(zip(space.names, space.values(z), strict=True)))

    assert np.abs(back - z)[:, ~space.switches].max() < 1e-5
    assert (space.values(back) == space.values(z))[space.switches].all()


def test_a_value_rises_with_its_coordinate_and_stays_within_its_bounds(city, space):
    z = np.repeat(np.linspace(-9, 9, 200)[:, None], space.d, axis=1)

    values = space.values(z)

    assert (np.diff(values, axis=1) >= 0).all()
    for name, row in zip(space.names, values, strict=True):
        parameter = city.parameter(name) if "allocation" not in name and name != ROUNDED else None
        assert np.isfinite(row).all()
        assert parameter is None or (parameter.holds(row[0]) and parameter.holds(row[-1])), name


def test_the_middle_of_a_lognormal_is_its_median(toy_city, toy_space):
    z = np.zeros((1, toy_space.d))

    found = toy_space.to_constants(z)

    # LN(4,.3) between 1 and 10: the cuts take 2e-6 below and 1e-3 above, which moves the middle by 4e-4 of itself.
    assert found["platform cost"][0] == pytest.approx(4, rel=1e-3)


def test_the_nominal_point_gives_the_model_files_numbers(city, space):
    found = space.to_constants(space.nominal()[None])

    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx(
        {name: city.nominal(name) for name in found}, rel=1e-6, abs=1e-9
    )


def test_the_log_prior_is_that_of_independent_standard_normals(toy_space):
    z = toy_space.draw(5, 4)

    assert toy_space.log_prior(z) == pytest.approx(stats.norm.logpdf(z).sum(axis=1))


def test_a_part_of_the_space_gives_its_constants_as_the_whole_does(space):
    names = ["capital elasticity", "contract price"]
    z = space.draw(50, 5)

    part = space.part(names).to_constants(z[:, [space.names.index(name) for name in names]])
    whole = space.to_constants(z)

    assert set(part) == set(names)
    assert all((part[name] == whole[name]).all() for name in names)


def test_shares_of_a_category_are_dirichlet(space, industries):
    sticks = dict(zip(space.names, space.values(space.draw(MANY, 6)), strict=True))

    shares = industries.shares({name: sticks[name] for name in industries.sticks})

    assert shares.sum(axis=2) == pytest.approx(1)
    table = np.array([[0.8, 0, 0, 0, 0.03, 0, 0.17], [0, 0.13, 0, 0, 0.12, 0.19, 0.56]])
    assert shares.mean(axis=0)[:2] == pytest.approx(table, abs=4 * 0.07 / np.sqrt(MANY))
    spread = np.sqrt(table * (1 - table) / (CONCENTRATION + 1))
    assert shares.std(axis=0)[:2] == pytest.approx(spread, rel=0.03)


def test_the_table_of_industries_gives_the_model_files_numbers(city, industries):
    middle = {name: np.array([value]) for name, value in industries.middle().items()}

    found = industries.constants(middle)

    assert {name: value[0] for name, value in found.items()} == pytest.approx(
        {name: city.nominal(name) for name in found}
    )


def test_the_model_files_numbers_for_industries_follow_from_the_table(city, industries):
    start, before = (np.asarray(city.model.constants[name]) for name in (START, BEFORE))

    output, growth = industries.implied()

    # The start is the year's figure over half a year's growth; differences are rounded to a tenth of a per cent.
    assert start == pytest.approx(output / (1 + (growth - np.log(1.2485) / 5) / 2), rel=0.025)
    assert before == pytest.approx(growth - np.log(2564.6 / 840.4) / 5, abs=6e-4)


def test_a_category_that_falls_on_one_more_industry_moves_start_and_growth_together(space, industries):
    values = {name: np.full(2, middle) for name, middle in industries.middle().items()}
    values["allocation[electronics,IT]"] = np.array([0.8, 0.9])

    found = industries.constants(values)

    assert found[f"{START}[IT]"][1] == pytest.approx(found[f"{START}[IT]"][0] * 0.9 / 0.8)
    assert found[f"{START}[rest]"][1] < found[f"{START}[rest]"][0]
    assert found[f"{BEFORE}[rest]"][1] != found[f"{BEFORE}[rest]"][0]


def output_of_2010(drawn, elements):
    start, before = ([drawn[f"{name}[{element}]"] for element in elements] for name in (START, BEFORE))
    return np.array(start) * np.exp(6 * np.array(before))


def test_differences_between_markets_after_2010_have_no_mean_of_their_own(city, space):
    elements = city.model.subscripts["industry"]
    drawn = space.to_constants(space.draw(200, 8))

    after = np.array([drawn[f"{AFTER}[{element}]"] for element in elements])
    means = np.average(after, axis=0, weights=output_of_2010(drawn, elements))

    assert np.ptp(means) < 1e-12
    assert abs(means[0]) < 5e-4  # what rounding leaves of the model file's numbers
    assert after.std(axis=1).min() > 0.025


def test_differences_between_markets_do_not_follow_the_targets_of_the_plan(city):
    """Priors rise with the way from output of 2010 to each target in the set plan_targets, and not by default."""
    elements = city.model.subscripts["industry"]
    names = {indicator.variable: name for name, indicator in city.indicators.items()}
    nominal = {name: city.nominal(name) for part in (START, BEFORE) for name in city.elements(part)}
    output = output_of_2010(nominal, elements)
    named = [city.targets.get(names.get(f"industry figure[{element}]", "")) for element in elements]
    growth = np.array([target.value if target else np.nan for target in named]) / output
    known = ~np.isnan(growth)

    def likeness(believed):
        middles = np.array([believed.parameters[f"{AFTER}[{element}]"].parsed_prior().centre for element in elements])
        return np.corrcoef(middles[known], growth[known])[0, 1]

    assert known.sum() == 6
    assert likeness(city) < 0.3
    assert likeness(with_priors(city, "plan_targets")) > 0.95


def test_the_start_is_uncertain_by_the_rounding_of_the_published_growth(space, industries):
    names = [ROUNDED]
    ends = space.part(names).to_constants(np.array([[-8.0], [8.0]]))

    ratio = ends[f"{START}[IT]"][0] / ends[f"{START}[IT]"][1]

    assert ratio == pytest.approx((1.255 / 1.245) ** 5, rel=1e-6)


def test_a_switch_steps_exactly_at_its_threshold_and_nowhere_between(switched_city):
    space = Space(switched_city)
    threshold = stats.norm.isf(WEIGHT)
    z = np.tile(np.array([-9, 0, threshold - 1e-12, threshold + 1e-12, 9])[:, None], space.d)

    assert space.to_constants(z)[SWITCH].tolist() == [0, 0, 0, 1, 1]
    assert space.switches.sum() == 1 and space.names[int(np.argmax(space.switches))] == SWITCH
    assert (space.part([SWITCH]).values(z[:, :1])[0] == [0, 0, 0, 1, 1]).all()


def test_a_switch_goes_back_to_the_middle_of_its_side():
    switch = Switch(WEIGHT)

    zero, one = switch.position(np.array([0.0, 1.0]))

    assert stats.norm.cdf(zero) == pytest.approx((1 - WEIGHT) / 2)
    assert stats.norm.sf(one) == pytest.approx(WEIGHT / 2)
    assert Switch(0.0).position(np.array([1.0]))[0] == np.inf
    assert Switch(1.0).quantile(np.array([-8.0, 8.0])).tolist() == [1, 1]
    assert Switch(0.0).quantile(np.array([-8.0, 8.0])).tolist() == [0, 0]


def test_a_switch_is_one_as_often_as_its_weight_says(switched_city):
    space = Space(switched_city)

    found = space.to_constants(space.draw(MANY, 8))[SWITCH]

    assert found.mean() == pytest.approx(WEIGHT, abs=4 * np.sqrt(WEIGHT * (1 - WEIGHT) / MANY))

"""Scenarios asked of the toy city, whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import AssumptionChange, PolicyChange, ScenarioError
from innovation.scenarios.simulation.run import simulate
from innovation.scenarios.simulation.text_tables import tidy_rows

STEPS_A_YEAR = 64


@pytest.fixture(scope="session")
def baseline(toy_city):
    return load_scenario(toy_city, "baseline")


def test_a_result_has_every_indicator_by_scenario_member_and_year(toy_city, baseline):
    result = simulate(toy_city, [baseline])

    assert list(result.data_vars) == list(toy_city.indicators)
    assert dict(result.sizes) == {"scenario": 1, "member": 1, "year": 21}
    assert result.year.values.tolist() == list(range(2005, 2026))
    assert result.output.dims == ("scenario", "member", "year")
    assert result.output.attrs == {
        "unit": "1e8 CNY/year",
        "label_en": "Output",
        "label_zh": "产值",
        "kind": "indicator",
    }
    assert result.attrs["model_hash"] == toy_city.model.hash
    assert result.attrs["dt"] == 1 / STEPS_A_YEAR


def test_a_lever_holds_its_value_goes_straight_and_stays(toy_city, baseline):
    money = with_changes(
        toy_city,
        baseline,
        [
            PolicyChange(lever="science_share", start=2012, to=0.04, ramp=2),
            PolicyChange(lever="science_share", start=2016, to=0.01),
        ],
    )

    share = simulate(toy_city, [money]).science_share.sel(scenario="baseline", member=0)

    seen = dict(zip(share.year.values.tolist(), share.values.tolist(), strict=True))
    # Money and output of a year are sums of the same 64 steps; 1e-12 leaves room for their rounding.
    expected = {2010: 2, 2011: 2, 2014: 4, 2015: 4, 2016: 1, 2025: 1}
    assert {year: pytest.approx(seen[year], rel=1e-12) for year in expected} == expected
    assert 2 < seen[2012] < 3 < seen[2013] < 4


def test_a_figure_is_not_available_before_its_first_year(toy_city, baseline):
    result = simulate(toy_city, [baseline])

    assert np.isnan(result.science_share.sel(year=2005)).all()
    assert np.isfinite(result.science_share.sel(year=2006)).all()
    rows = [(indicator, year) for _, _, year, indicator, _, _ in tidy_rows(result)]
    assert ("science_share", 2005) not in rows
    assert ("science_share", 2006) in rows
    assert len(rows) == 21 + 21 + 20 + 21 + 15


def test_one_element_of_an_array_can_be_changed_and_read(toy_city, baseline):
    demand = with_changes(toy_city, baseline, [AssumptionChange(input="electronics_demand", start=2015, to=0.1)])

    result = simulate(toy_city, [demand], members={"knowledge elasticity": [0.0]})

    figures = result.electronics_output.sel(scenario="baseline", member=1)
    before = 300 * (1 + 0.06 / STEPS_A_YEAR) ** (STEPS_A_YEAR * 10)
    # Euler's product is what the engine computes; 1e-12 leaves room for the order of rounding over 1344 steps.
    assert float(figures.sel(year=2014)) == pytest.approx(before, rel=1e-12)
    after = before * (1 + 0.1 / STEPS_A_YEAR) ** (STEPS_A_YEAR * 11)
    assert float(figures.sel(year=2025)) == pytest.approx(after, rel=1e-12)


def test_scenarios_do_not_differ_before_their_first_change(toy_city, baseline):
    money = with_changes(toy_city, baseline, [PolicyChange(lever="science_share", start=2011, to=0.1)], id="money")

    result = simulate(toy_city, [baseline, money])

    for name, figures in result.data_vars.items():
        first, second = figures.sel(scenario="baseline", member=0), figures.sel(scenario="money", member=0)
        np.testing.assert_array_equal(first.sel(year=slice(None, 2010)), second.sel(year=slice(None, 2010)), str(name))
    assert (
        result.platforms.sel(scenario="money", year=2015) > result.platforms.sel(scenario="baseline", year=2015)
    ).all()


def test_the_nominal_run_is_member_0_beside_any_members(toy_city, baseline):
    alone = simulate(toy_city, [baseline])

    among = simulate(toy_city, [baseline], members={"forgetting": [0.1, 0.2], "platform cost": [3.0, 5.0]})

    assert among.sizes["member"] == 3
    # One member may be computed in another order than three; a part in 1e12 is rounding.
    np.testing.assert_allclose(among.platforms.sel(member=0), alone.platforms.sel(member=0), rtol=1e-12)
    assert float(among.platforms.sel(member=1, year=2015)[0]) > float(among.platforms.sel(member=2, year=2015)[0])


def test_a_member_starts_a_path_from_its_own_value(toy_city, baseline):
    money = with_changes(toy_city, baseline, [PolicyChange(lever="science_share", start=2012, to=0.05)])

    share = simulate(toy_city, [money], members={"science share": [0.03]}).science_share.sel(scenario="baseline")

    assert share.sel(year=2010).values.tolist() == pytest.approx([2, 3])
    assert share.sel(year=2012).values.tolist() == pytest.approx([5, 5])


def test_two_scenarios_of_one_id_are_refused(toy_city, baseline):
    with pytest.raises(ScenarioError, match="Two scenarios have the id baseline"):
        simulate(toy_city, [baseline, baseline])

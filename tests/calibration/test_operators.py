"""Every operator on a toy whose answer is known: without knowledge its output grows by one rate from 500."""

from __future__ import annotations

import math

import numpy as np
import pytest

from innovation.calibration.record.observations import Observation
from innovation.calibration.record.operators import Reader, integral

RATE, DT = 0.08, 1 / 64
STEADY = {"knowledge elasticity": 0.0, "trend growth[electronics]": RATE, "trend growth[materials]": RATE}
YEARLY = (1 + RATE * DT) ** 64  # growth factor of a year by Euler's rule
FIRST = 500 * DT * (YEARLY - 1) / (RATE * DT)  # output of 2005: the sum of its steps


def observed(operator: str, of: str, last: int, first: int | None = None) -> Observation:
    growth = "growth" in operator
    return Observation(
        id="it", operator=operator, of=of, first=first, last=last, value=5.0, reading="exact", rounding=None,
        unit="percent" if growth else "u", error="growth" if growth else "log", size="accounts", group="toy",
        counts="yes", source="Plan2012", section_or_address="", note="",
    )  # fmt: skip


def read(toy_city, *observations: Observation, **parameters: float) -> np.ndarray:
    reader = Reader(toy_city, observations)
    run = toy_city.model.arrays({**STEADY, **parameters}, outputs=reader.outputs, times=reader.times)
    return reader.read(run)[:, 0]


def test_the_level_of_a_flow_is_its_integral_over_the_year(toy_city):
    (found,) = read(toy_city, observed("level", "output", 2007))

    assert found == pytest.approx(FIRST * YEARLY**2, rel=1e-12)


def test_the_level_of_a_stock_is_its_value_at_the_years_end(toy_city):
    (found,) = read(toy_city, observed("level", "electronics_output", 2007))

    assert found == pytest.approx(300 * YEARLY**3, rel=1e-12)


def test_a_variable_of_the_model_file_is_read_like_an_indicator(toy_city):
    named, read_there = read(
        toy_city, observed("level", "electronics_output", 2007), observed("level", "industry output[electronics]", 2007)
    )

    assert named == read_there


def test_growth_is_that_from_the_first_figure_to_the_last(toy_city):
    (found,) = read(toy_city, observed("growth", "output", 2010, first=2005))

    assert found == pytest.approx(100 * (YEARLY**5 - 1), rel=1e-12)


def test_compound_growth_is_the_same_in_every_year(toy_city):
    short, long = read(
        toy_city,
        observed("compound_growth", "output", 2006, first=2005),
        observed("compound_growth", "output", 2010, first=2005),
    )

    assert [short, long] == pytest.approx([100 * (YEARLY - 1)] * 2, rel=1e-12)


def test_a_sum_adds_the_figures_of_its_years(toy_city):
    (found,) = read(toy_city, observed("sum", "output", 2008, first=2006))

    assert found == pytest.approx(FIRST * (YEARLY + YEARLY**2 + YEARLY**3), rel=1e-12)


def test_the_sum_of_a_flow_is_its_integral_over_the_years(toy_city):
    rate = math.log(YEARLY)  # the same growth, in continuous time
    (found,) = read(toy_city, observed("sum", "total output", 2007, first=2006))

    assert found == pytest.approx(500 * YEARLY * (YEARLY**2 - 1) / rate, rel=1e-8)


def test_the_sum_of_a_flow_over_one_year_agrees_with_its_account_to_a_step(toy_city):
    flow, account = read(toy_city, observed("sum", "total output", 2007, first=2007), observed("level", "output", 2007))

    assert flow / account == pytest.approx(1 + RATE * DT / 2, rel=1e-5)


def test_a_flow_at_a_price_is_their_product_over_the_year(toy_city):
    money, output = read(
        toy_city,
        observed("sum", "total output * science share", 2006, first=2006),
        observed("sum", "total output", 2006, first=2006),
        **{"science share": 0.03},
    )

    assert money == pytest.approx(0.03 * output, rel=1e-12)


def test_a_share_is_one_figure_in_per_cent_of_another(toy_city):
    (found,) = read(toy_city, observed("share", "electronics_output / output", 2009))

    assert found == pytest.approx(100 * 300 * YEARLY**5 / (FIRST * YEARLY**4), rel=1e-12)


def test_an_increment_is_what_was_gained_between_two_years_ends(toy_city):
    (found,) = read(toy_city, observed("increment", "electronics_output", 2009, first=2006))

    assert found == pytest.approx(300 * (YEARLY**5 - YEARLY**2), rel=1e-12)


def test_a_price_that_bends_at_mid_year_is_integrated_exactly():
    quarters = np.array([1.0, 1.5, 2.0, 1.75, 1.5])

    assert integral(quarters[:, None]) == pytest.approx(np.array([(1 + 2) / 4 + (2 + 1.5) / 4]))


def test_every_member_has_its_figure(toy_city):
    reader = Reader(toy_city, [observed("level", "electronics_output", 2005), observed("level", "output", 2005)])
    rates = np.array([0.0, 0.04, 0.08])
    run = toy_city.model.arrays(
        {**STEADY, "trend growth[electronics]": rates}, outputs=reader.outputs, times=reader.times
    )

    found = reader.read(run)

    assert found.shape == (2, 3)
    assert found[0] == pytest.approx(300 * (1 + rates * DT) ** 64)


def test_a_growth_from_nothing_is_no_number_and_no_error(toy_city):
    (found,) = read(
        toy_city,
        observed("growth", "output", 2006, first=2005),
        **{"initial output[electronics]": 0.0, "initial output[materials]": 0.0},
    )

    assert math.isnan(found)

"""The rule of forecasts beyond the record: its shapes, its courses by simulation, its fit where the line is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from innovation.calibration.reference_class.rule import (
    FREEDOM,
    LEVEL_SHARE,
    fast_growth_factor,
    fit_line,
    middle,
    quantiles,
    rough_scale,
    roughness,
    scale_a_year,
    spread,
    standard_course,
    widening,
)

HORIZONS = np.arange(1, 6)


def courses(members: int, chi2: float | None = None) -> np.ndarray:
    random = np.random.default_rng(7)
    drawn = random.chisquare(FREEDOM, members) if chi2 is None else np.full(members, chi2)
    return standard_course(random.standard_normal((members, 5)), random.standard_normal(members), drawn)


def test_spreads_are_stated_at_five_years():
    assert widening(5) == pytest.approx(1.0)
    assert widening(1) == pytest.approx(math.sqrt(0.6 / 5 + 0.4 / 25))
    assert spread(5, 0.02, 0.0) == pytest.approx(5 * 0.02 * math.exp(-0.07))
    assert scale_a_year(0.03, 5) == pytest.approx(0.03)


def test_spreads_grow_with_growth_above_the_class_up_to_four_scales():
    factors = fast_growth_factor([-9.0, 0.0, 1.0, 4.0, 9.0])

    assert factors[0] == factors[1] == pytest.approx(math.exp(-0.07))
    assert factors[2] / factors[1] == pytest.approx(math.exp(0.23))
    assert factors[3] == factors[4] == pytest.approx(math.exp(-0.07 + 0.92))


@given(h=st.floats(0.1, 20), longer=st.floats(1.01, 3))
def test_a_spread_widens_faster_than_a_walk_and_slower_than_a_tilt(h, longer):
    wider = widening(h * longer) / widening(h)

    assert math.sqrt(longer) < wider < longer


def test_arguments_are_broadcast():
    scales, x = np.array([[0.02], [0.05]]), np.array([[0.0], [2.0]])

    assert spread(HORIZONS, scales, x).shape == (2, 5)
    assert middle(HORIZONS, scales, 0.03, 0.5)[1] == pytest.approx(HORIZONS * 0.055)


def test_the_chance_below_a_quantile_is_its_level():
    levels = [0.05, 0.25, 0.5, 0.95]

    found = quantiles(levels, np.array([1.0, 2.0]), np.array([0.1, 0.4]))

    assert found.shape == (4, 2)
    assert stats.t.cdf((found[:, 1] - 2.0) / 0.4, FREEDOM) == pytest.approx(levels)


def test_a_course_has_the_unit_student_s_quantiles_at_every_horizon():
    count, levels = 800_000, np.array([0.05, 0.25, 0.75, 0.95])

    below = courses(count)[:, :, None] < stats.t.ppf(levels, FREEDOM)

    errors = np.sqrt(levels * (1 - levels) / count)
    assert (np.abs(below.mean(axis=0) - levels) < 4 * errors).all()  # a scale off by 2 % is found at the quartiles


def test_horizons_of_a_course_go_together_as_a_walk_and_a_tilt_do():
    found = np.corrcoef(courses(800_000, chi2=FREEDOM).T)  # no tails: normals, whose correlations are known

    walk, tilt = (
        LEVEL_SHARE * np.minimum.outer(HORIZONS, HORIZONS) / 5,
        (1 - LEVEL_SHARE) * np.outer(HORIZONS, HORIZONS),
    )
    expected = (walk + tilt / 25) / np.outer(widening(HORIZONS), widening(HORIZONS))
    assert found == pytest.approx(expected, abs=0.004)  # four standard errors


def test_a_member_far_off_is_far_off_at_all_horizons():
    few, many = (standard_course(np.ones((1, 5)), np.ones(1), np.array([chi2])) for chi2 in (1.0, 4.0))

    assert few == pytest.approx(2 * many)


def test_a_line_with_student_errors_is_found():
    random = np.random.default_rng(3)
    growth = random.normal(0.08, 0.04, 20_000)

    (a, b), scale = fit_line(
        0.03 + 0.4 * growth + 0.05 * random.standard_t(FREEDOM, 20_000), np.column_stack([np.ones(20_000), growth])
    )

    assert a == pytest.approx(0.03, abs=0.004)
    assert b == pytest.approx(0.4, abs=0.04)
    assert scale == pytest.approx(0.05, rel=0.03)  # four standard errors each


def test_the_fit_is_the_likeliest_one():
    random = np.random.default_rng(4)
    design = np.column_stack([np.ones(60), random.normal(size=60)])
    target = design @ [0.2, -0.3] + random.standard_t(FREEDOM, 60)

    def density(a: float, b: float, scale: float) -> float:
        return float(stats.t.logpdf(target, FREEDOM, design @ [a, b], scale).sum())

    (a, b), scale = fit_line(target, design)

    best = density(a, b, scale)
    for step in (-0.01, 0.01):
        assert max(density(a + step, b, scale), density(a, b + step, scale), density(a, b, scale + step)) < best


def test_a_weight_counts_a_case_so_often():
    random = np.random.default_rng(5)
    design = np.column_stack([np.ones(30), random.normal(size=30)])
    target, often = random.normal(size=30), random.integers(1, 4, 30)

    weighted = fit_line(target, design, weights=often.astype(float))
    repeated = fit_line(np.repeat(target, often), np.repeat(design, often, axis=0))

    assert weighted.numbers == pytest.approx(repeated.numbers, rel=1e-6)
    assert weighted.scale == pytest.approx(repeated.scale, rel=1e-6)


def test_too_few_cases_give_no_line():
    with pytest.raises(ValueError, match="2 cases cannot give a line of 2 numbers"):
        fit_line(np.array([1.0, 2.0]), np.eye(2))


def test_roughness_is_what_is_left_of_changes_once_mean_growth_is_gone():
    years = np.array([2000.0, 2001, 2002, 2004])
    values = np.array([0.0, 0.3, 0.4, 0.8])  # changes .3, .1 and .4 over two years around .2 a year

    assert roughness(values, years) == pytest.approx(math.sqrt((0.1**2 + 0.1**2 + 0.0) / 2))
    assert roughness(values + 0.7 * years, years) == pytest.approx(roughness(values, years))
    assert roughness(np.array([1.0, 2.0, 3.0]), np.arange(3.0)) == 0.0


def test_a_smoother_record_has_a_smaller_scale_but_never_none():
    years, wave = np.arange(6.0), np.array([0.0, 1, 0, 1, 0, 0])

    scales = [rough_scale(size * wave, years) for size in (0.0, 0.001, 0.1, 0.2)]

    assert 0 < scales[0] == scales[1] < scales[2] < scales[3] < 2 * scales[2]


@pytest.mark.parametrize("years", [[2000.0, 2001.0], [2000.0, 2000.0, 2001.0]])
def test_roughness_needs_three_figures_of_rising_years(years):
    with pytest.raises(ValueError, match="three figures or more of rising years"):
        roughness(np.zeros(len(years)), np.array(years))

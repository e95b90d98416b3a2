"""The measurement model against densities written out by hand, and its draws against its densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from innovation.calibration.record.measurement import (
    FLOOR,
    Errors,
    Measurement,
    log_interval,
    log_poisson,
    scaled,
    unscaled,
)
from innovation.calibration.record.observations import Observation


def figure(last: int = 2010, value: float = 100.0, **other) -> Observation:
    given = {
        "id": f"it_{last}", "operator": "level", "of": "output", "first": None, "reading": "exact", "rounding": None,
        "unit": "u", "error": "log", "size": "accounts", "group": "toy", "counts": "yes", "source": "Plan2012",
        "section_or_address": "", "note": "",
    }  # fmt: skip
    return Observation(**{**given, "last": last, "value": value, **other})


def events(value: float = 12.0, **other) -> Observation:
    return figure(value=value, **{"error": "count", "size": "events", "operator": "increment", "first": 2005, **other})


def errors(size: float = 0.1, persistence: float = 0.6) -> Errors:
    return Errors(
        {("toy", "accounts"): np.full(1, size), ("toy", "sum"): np.full(1, 0.005), ("toy", "events"): np.full(1, 1.0)},
        {"toy": np.full(1, persistence)},
    )


def terms(observations, figures, found=None) -> np.ndarray:
    return Measurement(observations).terms(np.array(figures, float)[:, None], found or errors())[:, 0]


def test_a_level_is_normal_on_the_log_scale():
    assert terms([figure(value=100)], [110])[0] == pytest.approx(stats.norm.logpdf(np.log(100 / 110), scale=0.1))


def test_a_share_is_normal_on_the_logit_scale():
    share = figure(value=2.5, unit="percent", error="logit")

    gap = np.log(2.5 / 97.5) - np.log(3 / 97)
    assert terms([share], [3])[0] == pytest.approx(stats.norm.logpdf(gap, scale=0.1))


def test_a_sum_is_normal_with_half_a_per_cent_of_itself():
    total = figure(value=48.37, operator="sum", first=2006, error="normal", size="sum")

    expected = stats.norm.logpdf(48.37, loc=48, scale=0.005 * 48.37) + np.log(48.37)
    assert terms([total], [48])[0] == pytest.approx(expected)


def test_a_series_is_normal_with_errors_that_persist_from_year_to_year():
    years, said = [2005, 2007, 2008, 2010], np.array([100, 130, 140, 190])
    published = np.array([104, 128, 150, 185])
    series = [figure(year, float(value)) for year, value in zip(years, published, strict=True)]

    covariance = 0.1**2 * 0.6 ** np.abs(np.subtract.outer(years, years))
    expected = stats.multivariate_normal(np.log(said), covariance).logpdf(np.log(published))
    assert terms(series, said).sum() == pytest.approx(expected)


def test_the_order_of_rows_does_not_matter_to_a_series():
    series = [figure(2005, 104.0), figure(2006, 128.0), figure(2008, 150.0)]

    forwards = terms(series, [100, 120, 140]).sum()
    shuffled = terms([series[2], series[0], series[1]], [140, 100, 120]).sum()

    assert shuffled == pytest.approx(forwards)


@pytest.mark.parametrize(
    ("reading", "rounding", "low", "high"),
    [
        ("at_least", None, np.log(100), np.inf),
        ("at_most", None, -np.inf, np.log(100)),
        ("rounded", 5.0, np.log(95), np.log(105)),
        ("nearly", 20.0, np.log(80), np.log(100)),
    ],
)
def test_an_interval_is_the_chance_that_the_measured_figure_lies_in_it(reading, rounding, low, high):
    published = figure(value=100, reading=reading, rounding=rounding)

    expected = stats.norm.cdf(high, np.log(90), 0.1) - stats.norm.cdf(low, np.log(90), 0.1)
    assert terms([published], [90])[0] == pytest.approx(np.log(expected))


def test_a_bound_on_growth_compares_the_whole_growth_with_errors_at_both_ends():
    bound = figure(value=20, operator="compound_growth", first=2005, unit="percent", error="growth", reading="at_least")
    series = [figure(2005), figure(2006)]

    spread = 0.1 * math.sqrt(2 * (1 - 0.6**5))
    expected = stats.norm.sf(5 * np.log(1.2), 5 * np.log(1.15), spread)
    assert terms([bound, *series], [15, 100, 100])[0] == pytest.approx(np.log(expected))


@pytest.mark.parametrize(("low", "high"), [(30.0, 30.5), (-30.5, -30.0), (37.0, np.inf), (-np.inf, -37.0), (-1.0, 2.0)])
def test_an_interval_far_out_keeps_its_digits(low, high):
    found = log_interval(np.array([low]), np.array([high]))[0]

    if abs(low) < 3:
        expected = math.log(stats.norm.cdf(high) - stats.norm.cdf(low))
    else:  # the tail beyond the nearer end, less that beyond the farther one
        near, far = sorted((abs(low), abs(high)))
        expected = stats.norm.logsf(near) + math.log1p(-math.exp(stats.norm.logsf(far) - stats.norm.logsf(near)))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("said", [0.0, -3.0, np.nan, np.inf])
def test_a_figure_that_its_scale_cannot_hold_has_no_density(said):
    assert terms([figure(value=100)], [said])[0] == -np.inf


def test_error_sizes_are_half_normal_and_persistences_uniform():
    measurement = Measurement([figure(2005), figure(2006), figure(2006, of="other", size="finance")])
    z = np.random.default_rng(1).standard_normal((20_000, measurement.d))

    found = measurement.errors(z)

    assert measurement.names == (
        "error size[toy,accounts]", "error size[toy,finance]", "persistence of errors[toy]",
    )  # fmt: skip
    for size, scale in (("accounts", 0.05), ("finance", 0.15)):
        drawn = np.sqrt(found.sizes["toy", size] ** 2 - FLOOR**2)
        assert stats.kstest(drawn, stats.halfnorm(scale=scale).cdf).pvalue > 0.001
    assert stats.kstest(found.persistence["toy"], stats.uniform(0, 0.95).cdf).pvalue > 0.001


def test_the_scales_are_undone_by_their_inverses():
    figures = [
        figure(),
        figure(unit="percent", error="logit", value=3),
        figure(unit="percent", error="growth", operator="growth", first=2005, value=148),
        figure(unit="percent", error="growth", operator="compound_growth", first=2005, value=20),
        figure(operator="sum", first=2006, error="normal", size="sum", value=48),
        events(),
    ]
    values = np.array([0.5, 2.0, 60.0])

    for one in figures:
        assert unscaled(one, scaled(one, values)) == pytest.approx(values)


def test_drawn_figures_have_the_spread_and_persistence_of_their_density():
    measurement = Measurement([figure(2005), figure(2007), figure(2010, of="other")])
    members = 40_000
    found = Errors({("toy", "accounts"): np.full(members, 0.1)}, {"toy": np.full(members, 0.6)})

    drawn = np.log(measurement.draw(np.full((3, members), 100.0), found, np.random.default_rng(2)) / 100)

    assert drawn.std(axis=1) == pytest.approx([0.1] * 3, rel=0.02)
    assert np.corrcoef(drawn) == pytest.approx(np.array([[1, 0.36, 0], [0.36, 1, 0], [0, 0, 1]]), abs=0.02)


def test_a_drawn_sum_has_half_a_per_cent_of_itself_however_far_from_the_published_one():
    measurement = Measurement([figure(value=48.37, operator="sum", first=2006, error="normal", size="sum")])
    members = 40_000
    errors = measurement.errors(np.zeros((members, measurement.d)))

    drawn = measurement.draw(np.full((1, members), 10.0), errors, np.random.default_rng(2))

    assert drawn.mean() == pytest.approx(10, rel=1e-3)
    assert drawn.std() == pytest.approx(0.05, rel=0.02)  # 2 %: over five standard errors of a spread of 40 000


def test_a_drawn_record_is_rounded_and_bounded_like_the_published_one():
    measurement = Measurement(
        [
            figure(value=22, reading="rounded", rounding=0.5),
            figure(2009, value=700, reading="nearly", rounding=50),
            figure(2008, value=1000, reading="at_least"),
            figure(2007, value=1000, reading="at_most"),
            figure(2006),
        ]
    )

    found = measurement.published(np.array([20.6, 660.0, 900.0, 900.0, 103.0]))

    assert [(one.value, one.reading) for one in found] == [
        (21.0, "rounded"), (700.0, "nearly"), (1000, "at_most"), (1000, "at_most"), (103.0, "exact"),
    ]  # fmt: skip
    assert all(one.interval[0] <= value <= one.interval[1] for one, value in zip(found, [20.6, 660], strict=False))


def test_what_is_expected_of_a_figure_follows_from_what_was_measured_before():
    measurement = Measurement([figure(2005, 110.0), figure(2007, 125.0), figure(2010, of="other")])
    found = Errors({("toy", "accounts"): np.full(1, 0.1)}, {"toy": np.full(1, 0.6)})

    middles, spreads = measurement.expected(np.array([[100.0], [120.0], [90.0]]), found)

    assert middles[:, 0] == pytest.approx([np.log(100), np.log(120) + 0.36 * np.log(1.1), np.log(90)])
    assert spreads[:, 0] == pytest.approx([0.1, 0.1 * math.sqrt(1 - 0.36**2), 0.1])


@pytest.mark.parametrize(("value", "said"), [(12, 9.3), (0, 2.5), (50, 61.0), (3, 1e-3), (18, 4000.0)])
def test_a_number_of_events_is_poisson_around_what_the_run_expects(value, said):
    assert terms([events(value)], [said])[0] == pytest.approx(stats.poisson.logpmf(value, said), rel=1e-12)


@pytest.mark.parametrize("said", [0.0, -2.0, np.nan, np.inf])
def test_a_run_that_expects_no_events_has_no_density(said):
    assert terms([events(12)], [said])[0] == -np.inf
    assert terms([events(0)], [said])[0] == -np.inf


def test_the_chances_of_all_numbers_of_events_sum_to_one():
    chances = [np.exp(log_poisson(count, np.array([0.4, 7.0]))) for count in range(60)]

    assert np.sum(chances, axis=0) == pytest.approx([1, 1], abs=1e-12)


def test_nothing_is_estimated_of_the_error_of_events():
    measurement = Measurement([events(), events(2010, operator="level", first=None, of="other"), figure(group="rest")])

    assert measurement.names == ("error size[rest,accounts]",)
    assert measurement.errors(np.zeros((3, 1))).size(events()) == pytest.approx([1, 1, 1])


def test_levels_that_are_events_are_no_series_whose_errors_persist():
    levels = [events(10, operator="level", first=None, last=year) for year in (2008, 2010)]

    assert Measurement(levels).names == ()
    assert terms(levels, [9.0, 11.0]) == pytest.approx(stats.poisson.logpmf(10, [9.0, 11.0]))


def test_the_normal_that_events_resemble_has_their_spread():
    middle, spread = Measurement([events(50)]).expected(np.array([[50.0]]), errors())

    low, high = unscaled(events(50), np.array([middle[0, 0] - spread[0, 0], middle[0, 0] + spread[0, 0]]))
    assert (high - low) / 2 == pytest.approx(math.sqrt(50), rel=1e-9)


def test_drawn_events_are_whole_and_as_many_as_a_poisson_has():
    measurement, members = Measurement([events(), events(50, last=2009)]), 40_000
    found = measurement.errors(np.zeros((members, 0)))

    drawn = measurement.draw(np.repeat([[3.2], [50.0]], members, axis=1), found, np.random.default_rng(3))

    assert (drawn == np.round(drawn)).all()
    assert drawn.mean(axis=1) == pytest.approx([3.2, 50], rel=0.02)  # over five standard errors of a mean of 40 000
    assert drawn.var(axis=1) == pytest.approx([3.2, 50], rel=0.04)
    share = (drawn[0] == 0).mean()
    assert share == pytest.approx(math.exp(-3.2), abs=5 * math.sqrt(math.exp(-3.2) / members))


def test_a_run_that_expects_nothing_draws_no_events_and_a_failed_one_none_that_is_a_number():
    measurement = Measurement([events()])

    drawn = measurement.draw(
        np.array([[0.0, -1.0, np.nan]]), measurement.errors(np.zeros((3, 0))), np.random.default_rng(4)
    )

    assert drawn[0, :2].tolist() == [0, 0]
    assert np.isnan(drawn[0, 2])


def test_drawn_events_make_a_record_of_the_same_layout():
    measurement = Measurement([events(12)])

    (found,) = measurement.published(np.array([0.0]))

    assert (found.value, found.error, found.reading) == (0.0, "count", "exact")
    assert Observation(**found.model_dump()) == found

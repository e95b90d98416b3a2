"""Scores of forecasts against closed forms, naive forecasts against textbooks, Theil's shares against known errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from innovation.calibration.evidence.validation.scores import (
    CountForecast,
    Forecast,
    StudentForecast,
    forecasts,
    inside,
    log_linear_trend,
    log_mean,
    log_score,
    place,
    random_walk,
)
from innovation.calibration.evidence.validation.theil import decompose
from innovation.calibration.record.measurement import Errors, Measurement
from innovation.calibration.record.observations import Observation


def figure(value: float = 100.0, **other) -> Observation:
    given = {
        "id": "it", "operator": "level", "of": "output", "first": None, "last": 2010, "reading": "exact",
        "rounding": None, "unit": "u", "error": "log", "size": "accounts", "group": "toy", "counts": "yes",
        "source": "Plan2012", "section_or_address": "", "note": "",
    }  # fmt: skip
    return Observation(**{**given, "value": value, **other})


def normal(middle: float, spread: float) -> Forecast:
    return Forecast(np.full(3, middle), np.full(3, spread))


def test_a_forecast_of_one_normal_scores_as_the_normal_does():
    forecast, y = normal(np.log(90), 0.1), np.log(100)

    z = (y - np.log(90)) / 0.1
    crps = 0.1 * (z * (2 * stats.norm.cdf(z) - 1) + 2 * stats.norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert place(figure(), forecast) == pytest.approx(stats.norm.cdf(z))
    assert log_score(figure(), forecast) == pytest.approx(stats.norm.logpdf(y, np.log(90), 0.1))
    assert forecast.crps(y) == pytest.approx(crps, rel=1e-3)


def test_the_crps_of_a_mixture_is_that_of_its_draws():
    random = np.random.default_rng(1)
    forecast = Forecast(random.standard_normal(50), random.uniform(0.2, 1.0, 50))

    draws = np.concatenate(
        [m + s * random.standard_normal(400) for m, s in zip(forecast.middles, forecast.spreads, strict=True)]
    )
    halves = random.permutation(draws).reshape(2, -1)
    by_draws = np.abs(draws - 0.3).mean() - 0.5 * np.abs(halves[0] - halves[1]).mean()
    assert forecast.crps(0.3) == pytest.approx(by_draws, abs=0.02)


EVENTS = {"error": "count", "size": "events", "operator": "increment", "first": 2005}


def test_a_forecast_of_events_is_the_mixture_of_its_members_poissons():
    means = np.array([3.0, 8.0, 12.0])
    six = figure(6.0, **EVENTS)

    chance = stats.poisson.pmf(6, means).mean()
    below = stats.poisson.cdf(5, means).mean()
    assert log_score(six, CountForecast(means)) == pytest.approx(math.log(chance), rel=1e-12)
    assert place(six, CountForecast(means)) == pytest.approx(below + chance / 2, rel=1e-12)


def test_places_of_events_that_come_from_their_forecast_are_in_a_band_as_often_as_it_says():
    forecast = CountForecast(np.array([9.0, 14.0, 25.0]))
    numbers = np.arange(120)

    chances = np.array([forecast.density(count) for count in numbers])
    places = np.array([place(figure(float(count), **EVENTS), forecast) for count in numbers])
    assert chances.sum() == pytest.approx(1)
    assert chances @ places == pytest.approx(0.5)  # the middle of what a number covers is right on average
    for level in (0.5, 0.9):  # a number is in or out as a whole: one and a half of the likeliest at either edge
        assert chances[np.abs(places - 0.5) <= level / 2].sum() == pytest.approx(level, abs=1.5 * chances.max())


def test_the_crps_of_events_is_that_of_their_draws_in_parts_of_the_number_that_came():
    means = np.array([4.0, 9.0, 15.0])

    draws = np.random.default_rng(2).poisson(means, (200_000, 3)).ravel()
    halves = np.random.default_rng(3).permutation(draws).reshape(2, -1)
    by_draws = np.abs(draws - 7).mean() - 0.5 * np.abs(halves[0] - halves[1]).mean()
    assert CountForecast(means).crps(7.0) == pytest.approx(by_draws / 7, abs=0.003)
    assert CountForecast(np.array([2.0])).crps(0.0) == pytest.approx(
        sum(stats.poisson.sf(count, 2.0) ** 2 for count in range(60))
    )


def test_what_no_member_expects_has_no_chance():
    assert log_score(figure(6.0, **EVENTS), CountForecast(np.zeros(3))) == -math.inf


def test_each_figure_has_the_forecast_of_its_kind():
    measurement = Measurement([figure(), figure(6.0, **EVENTS)])
    errors = Errors({("toy", "accounts"): np.full(2, 0.1), ("toy", "events"): np.ones(2)}, {})

    for given in (False, True):
        level, count = forecasts(measurement, np.array([[90.0, 95.0], [5.0, 7.0]]), errors, given)
        assert isinstance(level, Forecast)
        assert level.middles == pytest.approx(np.log([90, 95]))
        assert isinstance(count, CountForecast)
        assert count.means.tolist() == [5.0, 7.0]


@pytest.mark.parametrize(("reading", "chance"), [("at_most", 0.8), ("at_least", 0.2)])
def test_the_place_of_a_bound_is_the_chance_that_it_holds(reading, chance):
    forecast = normal(np.log(100) - 0.1 * stats.norm.ppf(0.8), 0.1)

    assert place(figure(reading=reading), forecast) == pytest.approx(chance)
    assert log_score(figure(reading=reading), forecast) == pytest.approx(math.log(chance))


def test_a_rounded_figure_lies_in_the_middle_of_its_interval():
    rounded = figure(reading="rounded", rounding=5.0)

    low, high = stats.norm.cdf([np.log(95), np.log(105)], np.log(100), 0.1)
    assert place(rounded, normal(np.log(100), 0.1)) == pytest.approx((low + high) / 2)
    assert log_score(rounded, normal(np.log(100), 0.1)) == pytest.approx(np.log(high - low))


def test_the_crps_of_a_student_forecast_is_its_integral():
    forecast, value = StudentForecast(3.0, 1.0, 0.5), 1.7

    before = integrate.quad(lambda x: forecast.below(x) ** 2, -60, value, points=[1.0], limit=200)[0]
    after = integrate.quad(lambda x: (1 - forecast.below(x)) ** 2, value, 60, limit=200)[0]
    assert forecast.crps(value) == pytest.approx(before + after, rel=1e-4)
    assert StudentForecast(1.0, 0.0, 1.0).crps(0.0) == math.inf


@pytest.mark.parametrize(("naive", "walks"), [(log_linear_trend, False), (random_walk, True)])
def test_a_naive_forecast_covers_what_it_says_where_its_assumption_holds(naive, walks):
    random, places = np.random.default_rng(2), []
    years = np.array([2005.0, 2006, 2007, 2009])  # a gap of two years is no trouble
    for _ in range(1500):
        noise = 0.1 * random.standard_normal(6)
        errors = np.cumsum(noise) if walks else noise
        values = 1 + 0.2 * np.arange(6) + errors
        places.append(naive(years, values[[0, 1, 2, 4]], 2010.0).below(values[5]))

    assert inside(places, 0.5) / 1500 == pytest.approx(0.5, abs=0.05)
    assert inside(places, 0.9) / 1500 == pytest.approx(0.9, abs=0.03)


def test_the_trend_is_that_of_ordinary_least_squares():
    years, values = np.arange(2005.0, 2010), np.array([1.0, 1.3, 1.4, 1.8, 1.9])

    line = stats.linregress(years, values)
    found = log_linear_trend(years, values, 2010.0)
    assert found.middle == pytest.approx(line.intercept + 2010 * line.slope)
    assert found.freedom == 3


def test_a_mean_of_densities_tells_on_how_many_draws_it_rests():
    value, size = log_mean(np.log([1.0, 1.0, 2.0]))

    assert value == pytest.approx(np.log(4 / 3))
    assert size == pytest.approx(16 / 6)
    assert log_mean(np.array([-2000.0, -3000.0]))[0] == pytest.approx(-2000 - np.log(2))


def test_theils_shares_tell_a_wrong_level_from_a_wrong_swing_from_noise():
    published = np.array([1.0, 2.0, 3.0])
    said = np.stack([published + 0.5, 2 + 2 * (published - 2), np.array([1.0, 3.0, 2.0])], axis=1)

    squared, bias, variation, covariation = decompose(said, published)

    assert squared == pytest.approx([0.25, 2 / 3, 2 / 3])
    assert bias == pytest.approx([1, 0, 0])
    assert variation == pytest.approx([0, 1, 0])
    assert covariation == pytest.approx([0, 0, 1], abs=1e-12)

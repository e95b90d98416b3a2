"""δ on samples whose δ is known by quadrature or by definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from analysis.dependence import deltas


def delta_of_a_normal_pair(correlation: float) -> float:
    """Half the mean distance of N(rho x, 1 - rho^2) from N(0, 1) over x, by quadrature."""
    spread = np.sqrt(1 - correlation**2)
    y = np.linspace(-8, 8, 4001)

    def distance(x: float) -> float:
        return 0.5 * integrate.trapezoid(np.abs(stats.norm.pdf(y) - stats.norm.pdf(y, correlation * x, spread)), y)

    x = np.linspace(-6, 6, 301)
    return float(integrate.trapezoid([distance(one) * stats.norm.pdf(one) for one in x], x))


@pytest.mark.parametrize("correlation", [0.3, 0.8])
def test_delta_of_a_normal_pair_is_that_of_quadrature(correlation):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((20_000, 2))
    y = correlation * x[:, :1] + np.sqrt(1 - correlation**2) * rng.standard_normal((20_000, 1))

    found = deltas(x, y)

    # 20 classes and bins blur a density: a few hundredths.
    assert found.value[0, 0] == pytest.approx(delta_of_a_normal_pair(correlation), abs=0.04)
    assert found.direction[0, 0] == pytest.approx(6 / np.pi * np.arcsin(correlation / 2), abs=0.03)
    assert found.above_chance[0, 0]


def test_a_factor_without_influence_has_a_delta_of_nearly_nothing():
    rng = np.random.default_rng(4)
    x = rng.random((5000, 3))

    found = deltas(x, x[:, :1] ** 2)

    assert found.value[1:, 0] == pytest.approx(0, abs=0.01)
    assert found.value[0, 0] > 0.9


def test_a_factor_that_goes_with_an_influential_one_shares_its_delta():
    rng = np.random.default_rng(5)
    cause = rng.standard_normal(5000)
    x = np.stack([cause, cause + 0.1 * rng.standard_normal(5000)], axis=1)

    found = deltas(x, cause[:, None] ** 3)

    assert found.value[1, 0] > 0.6


def test_failed_members_are_left_out_and_counted():
    rng = np.random.default_rng(6)
    x = rng.random((500, 1))
    y = x.copy()
    y[:50] = np.nan

    assert deltas(x, y).used == 450


def test_too_few_members_are_refused():
    with pytest.raises(ValueError, match="needs 100"):
        deltas(np.zeros((99, 1)), np.zeros((99, 1)))


def test_an_output_that_does_not_vary_depends_on_nothing():
    rng = np.random.default_rng(7)
    x = np.stack([rng.random(1000), np.repeat([1.0, 2.0], 500)], axis=1)

    found = deltas(x, np.full((1000, 1), 3.0))

    assert not found.value.any()
    assert not found.above_chance.any()
    assert np.isnan(found.direction).all()


def test_of_many_factors_without_influence_hardly_any_stands_out():
    rng = np.random.default_rng(8)

    found = deltas(rng.random((500, 200)), rng.random((500, 2)))

    # One in a thousand of 400 is expected; five would be beyond all luck.
    assert found.above_chance.sum() < 5

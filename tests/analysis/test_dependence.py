"""The Cramér-von Mises index on samples whose index is known by quadrature, by formula or by definition."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.analysis.indices.dependence import dependences


def index_of_a_normal_pair(correlation: float) -> float:
    """Of ranks whose mean distance is 1/3, the part that goes when the factor is shared: two members then differ by a
    normal of variance 2 (1 - rho²), which ranks them as an angle does (Sheppard's formula for two normals)."""
    return float(3 / np.pi * np.arcsin((1 + correlation**2) / 2) - 0.5)


@pytest.mark.parametrize("correlation", [0.3, 0.8])
def test_the_index_of_a_normal_pair_is_that_of_the_formula(correlation):
    rng = np.random.default_rng(3)
    x = rng.standard_normal((20_000, 2))
    y = correlation * x[:, :1] + np.sqrt(1 - correlation**2) * rng.standard_normal((20_000, 1))

    found = dependences(x, y)

    # Standard errors are a few thousandths; three of them.
    assert found.value[0, 0] == pytest.approx(index_of_a_normal_pair(correlation), abs=0.012)
    assert found.direction[0, 0] == pytest.approx(6 / np.pi * np.arcsin(correlation / 2), abs=0.03)
    assert found.above_chance[0, 0]


def test_a_factor_without_influence_has_an_index_of_nearly_nothing():
    rng = np.random.default_rng(4)
    x = rng.random((5000, 3))

    found = dependences(x, (x[:, :1] - 0.5) ** 2)

    assert found.value[1:, 0] == pytest.approx(0, abs=0.02)
    assert found.value[0, 0] > 0.95


def test_a_factor_that_goes_with_an_influential_one_shares_its_index():
    rng = np.random.default_rng(5)
    cause = rng.standard_normal(5000)
    x = np.stack([cause, cause + 0.1 * rng.standard_normal(5000)], axis=1)

    found = dependences(x, cause[:, None] ** 3)

    assert found.value[1, 0] > 0.6


def test_the_order_of_outputs_and_a_change_of_their_scale_change_nothing():
    rng = np.random.default_rng(6)
    x = rng.random((600, 4))
    y = np.stack([x[:, 0] + x[:, 1] ** 2, x[:, 2] - x[:, 0]], axis=1)

    found, turned = dependences(x, y), dependences(x, np.exp(y)[:, ::-1])

    assert np.array_equal(found.value, turned.value[:, ::-1])
    assert np.array_equal(found.low, turned.low[:, ::-1])


def test_too_few_members_are_refused():
    with pytest.raises(ValueError, match="needs 100"):
        dependences(np.zeros((99, 1)), np.zeros((99, 1)))


def test_an_output_that_does_not_vary_depends_on_nothing():
    rng = np.random.default_rng(7)
    x = np.stack([rng.random(1000), np.repeat([1.0, 2.0], 500)], axis=1)

    found = dependences(x, np.full((1000, 1), 3.0))

    assert not found.value.any()
    assert not found.above_chance.any()
    assert np.isnan(found.low).all()
    assert np.isnan(found.direction).all()


@pytest.mark.parametrize("part", [None, 0.5, 0.1])
def test_of_many_factors_without_influence_hardly_any_stands_out(part):
    named = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y = rng.random((500, 1))
        named += dependences(rng.random((500, 100)), y if part is None else y < part).above_chance.any()

    # One output in twenty is expected to have a name by luck; six or more of twenty would be one chance in 3 000.
    assert named < 6


def test_an_output_of_two_values_has_an_interval_that_holds():
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = rng.random((500, 1))
        y = rng.random((500, 1)) < 0.2 + 0.6 * x
        found = dependences(x, y)
        # The variance of the mean given x, 0.36 / 12, in parts of the whole, a quarter.
        held += found.low[0, 0] <= 0.12 <= found.high[0, 0]

    assert held >= 85

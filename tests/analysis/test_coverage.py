"""Every 95 % interval that is shown holds the truth in 85 to 100 of 100 seeds, on functions whose truth is known."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from innovation.analysis.design.design import parse_design
from innovation.analysis.design.points import blocks, make_plan
from innovation.analysis.indices.dependence import dependences
from innovation.analysis.indices.sensitivity import Estimate, morris, moves_of, sobol
from innovation.scenarios.simulation.chances import standard_error

Floats = np.ndarray
SEEDS, LEAST_HELD = 100, 85
WEIGHTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
PARTS = (1 / 3) / (1 + WEIGHTS) ** 2
WHOLE = np.prod(1 + PARTS) - 1


def slow(size: int) -> object:
    """A size of which the trial is long."""
    return pytest.param(size, marks=pytest.mark.slow)


def ishigami(unit: Floats) -> Floats:
    x = (2 * unit - 1) * np.pi
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(unit: Floats) -> Floats:
    return np.prod((np.abs(4 * unit - 2) + WEIGHTS) / (1 + WEIGHTS), axis=1)


FUNCTIONS: dict[str, tuple[Callable[[Floats], Floats], int]] = {"ishigami": (ishigami, 3), "g": (g_function, 5)}
FIRST = {"ishigami": [0.31390519, 0.44241114, 0.0], "g": PARTS / WHOLE}
TOTAL = {
    "ishigami": [0.55758886, 0.44241114, 0.24368366],
    "g": [PARTS[one] * np.prod(np.delete(1 + PARTS, one)) / WHOLE for one in range(5)],
}
PAIRS = {"ishigami": [0.0, 0.24368366, 0.0], "g": (np.outer(PARTS, PARTS) / WHOLE)[np.triu_indices(5, 1)]}
# Ishigami: by quadrature over 400 x 400 x 400 points. g: from two million members in classes of a hundred.
CRAMER_VON_MISES = {"ishigami": [0.1760, 0.3636, 0.02423], "g": [0.5879, 0.0988, 0.01041, 0.00310, 0.00003]}


def plan_of(method: str, size: int, seed: int, factors: int, more: str = "") -> Floats:
    names = "".join(f"  - {{constant: a{place}, range: [0, 1]}}\n" for place in range(factors))
    design, _ = parse_design(f"schema: 1\nmethod: {method}\nsize: {size}\nseed: {seed}\n{more}factors:\n{names}")
    plan = make_plan(design, factors)
    return np.concatenate([plan.part(*ends) for ends in blocks(plan.members)])


def held_in(found: Estimate, truth: Floats | list[float]) -> Floats:
    return (found.low[..., 0] <= np.asarray(truth) + 1e-12) & (np.asarray(truth) - 1e-12 <= found.high[..., 0])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("members", [100, 500, slow(2000), slow(20_000)])
def test_intervals_of_the_cramer_von_mises_index_hold(name, members):
    function, factors = FUNCTIONS[name]

    held = np.zeros(factors)
    for seed in range(SEEDS):
        x = np.random.default_rng(seed).random((members, factors))
        found = dependences(x, function(x)[:, None])
        held += held_in(Estimate(found.value, found.low, found.high), CRAMER_VON_MISES[name])

    assert held.min() >= LEAST_HELD, held


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("base", [128, slow(256), slow(512)])
def test_intervals_of_sobol_indices_hold(name, base):
    function, factors = FUNCTIONS[name]
    upper = np.triu_indices(factors, 1)

    held = [np.zeros(factors), np.zeros(factors), np.zeros(len(upper[0]))]
    for seed in range(SEEDS):
        unit = plan_of("sobol", base, seed, factors, "second_order: true\n")
        found = sobol(function(unit)[:, None], factors, second_order=True)
        held[0] += held_in(found.first, FIRST[name])
        held[1] += held_in(found.total, TOTAL[name])
        held[2] += held_in(Estimate(*(end[upper] for end in vars(found.second).values())), PAIRS[name])

    assert min(map(np.min, held)) >= LEAST_HELD, held


def mean_sizes(function: Callable[[Floats], Floats], factors: int, levels: int) -> Floats:
    """The mean size of the effects of every step of the grid: what trajectories are drawn from."""
    grid = np.array(list(itertools.product(np.arange(levels) / (levels - 1), repeat=factors)))
    step, found = levels / (2 * (levels - 1)), []
    for factor in range(factors):
        low = grid[grid[:, factor] + step <= 1 + 1e-9]
        high = low.copy()
        high[:, factor] += step
        found.append(np.abs((function(high) - function(low)) / step).mean())
    return np.array(found)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("levels", [4, 8])
@pytest.mark.parametrize("trajectories", [20, slow(100)])
def test_intervals_of_mean_effects_hold(name, levels, trajectories):
    function, factors = FUNCTIONS[name]
    truth = mean_sizes(function, factors, levels)

    held = np.zeros(factors)
    for seed in range(SEEDS):
        unit = plan_of("morris", trajectories, seed, factors, f"levels: {levels}\n")
        held += held_in(morris(moves_of(unit), function(unit)[:, None], levels).mu_star, truth)

    assert held.min() >= LEAST_HELD, held


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.98])
@pytest.mark.parametrize("members", [100, 1000])
def test_intervals_of_shares_that_miss_hold(name, part, members):
    function, factors = FUNCTIONS[name]
    limit = np.quantile(function(np.random.default_rng(1).random((1_000_000, factors))), part)

    held = 0
    for seed in range(SEEDS):
        share = float((function(np.random.default_rng(seed).random((members, factors))) < limit).mean())
        held += abs(share - part) <= 1.96 * standard_error(share, members)

    assert held >= LEAST_HELD

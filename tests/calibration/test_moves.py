"""Moves of the sampler: what each leaves as it is, and which coordinates are drawn together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from emcee.state import State

from innovation.calibration.mcmc.moves import Blocks, Kernels

from .known import banana, banana_moments

WALKERS = 6000


def exact(random: np.random.Generator) -> np.ndarray:
    """Draws from the banana by taking from its prior with the chance that the figure leaves; shape (WALKERS, 3)."""
    z = random.standard_normal((60 * WALKERS, 3))
    kept = z[random.random(len(z)) < np.exp(-0.5 * ((z[:, 1] - 0.5 * z[:, 0] ** 2) / 0.2) ** 2)]
    assert len(kept) >= WALKERS
    return kept[:WALKERS]


def moved(move: Blocks, z: np.ndarray, times: int) -> tuple[np.ndarray, float]:
    """The walkers after some moves, and the share of these that were taken."""
    model = SimpleNamespace(random=np.random.RandomState(7), compute_log_prob_fn=lambda z: (banana(z), None))
    state, taken = State(z.copy(), log_prob=banana(z)), []
    for _ in range(times):
        state, accepted = move.propose(model, state)
        taken.append(accepted.mean())
    return state.coords, float(np.mean(taken))


def test_a_density_stays_as_it_is_even_where_the_past_is_another() -> None:
    random = np.random.default_rng(3)
    z = exact(random)
    past = 0.8 * random.standard_normal((1, 300, 3)) + [0.3, 0.2, -0.2]
    move = Blocks(past)
    move.fit(past, z[None, :2000])

    after, taken = moved(move, z, 10)

    mean, deviation = banana_moments()
    assert taken > 0.02
    assert np.abs((after.mean(axis=0) - mean) / deviation).max() < 0.06
    assert np.abs(after.std(axis=0) / deviation - 1).max() < 0.06
    assert abs(np.corrcoef(after[:, 0] ** 2, after[:, 1])[0, 1] - np.corrcoef(z[:, 0] ** 2, z[:, 1])[0, 1]) < 0.04


def test_walkers_forget_where_they_were_along_a_bend() -> None:
    z = exact(np.random.default_rng(4))
    past = z[None, :512]
    move = Blocks(past)

    after, taken = moved(move, z, 10)

    assert taken > 0.4
    assert abs(np.corrcoef(after[:, 0], z[:, 0])[0, 1]) < 0.1


def test_coordinates_that_bend_together_are_drawn_together_and_others_are_not() -> None:
    z = exact(np.random.default_rng(5))[None, :5000]

    move = Blocks(z)

    assert np.count_nonzero(move.dependence, axis=2).tolist() == [[2, 2, 1]]
    assert move.near[0, 0, :2].tolist() == [0, 1]
    assert move.near[0, 1, :2].tolist() == [1, 0]


def sheet(random: np.random.Generator, number: int) -> np.ndarray:
    """Draws of three standard normals given that the mean of their exponentials is 1 to 2 per cent, (number, 3)."""
    z = random.standard_normal((200 * number, 3))
    left = 3 * (1 + 0.02 * random.standard_normal(len(z))) - np.exp(z[:, 1:]).sum(axis=1)
    with np.errstate(all="ignore"):
        z[:, 0] = np.log(left)
        weight = np.where(left > 0, np.exp(-0.5 * z[:, 0] ** 2 - z[:, 0]), 0.0)
    return random.choice(z, number, p=weight / weight.sum())


def off(z: np.ndarray) -> float:
    return float(np.median(np.abs(np.exp(z).mean(axis=1) - 1)))


def test_kernels_follow_a_thin_bent_sheet() -> None:
    random = np.random.default_rng(6)
    z = sheet(random, 2000)
    width = 0.4 * 1000 ** (-1 / 7)  # of one shape for all, by a common rule

    drawn = Kernels(z[:1000]).draw(2000, np.random.RandomState(8))
    alike = z + width * random.multivariate_normal(np.zeros(3), np.cov(z.T), 2000)

    assert off(z) < 0.02
    assert off(drawn) < 0.85 * off(alike)


def test_a_mixture_integrates_to_what_its_draws_say() -> None:
    states = np.random.default_rng(10).standard_normal((300, 2))
    kernels = Kernels(states)
    drawn = kernels.draw(4000, np.random.RandomState(11))

    ratio = np.exp(-0.5 * (drawn**2).sum(axis=1) - kernels.log_density(drawn))
    half = drawn[:, 0] > 0

    assert (ratio * half).mean() / ratio.mean() == pytest.approx(0.5, abs=0.05)

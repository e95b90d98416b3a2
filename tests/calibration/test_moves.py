"""Moves of the sampler: what each leaves as it is, and which coordinates are drawn together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from emcee.state import State

from innovation.calibration.mcmc.moves import Blocks

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

    assert move.counts.tolist() == [[2, 2, 1]]
    assert move.near[0, 0, :2].tolist() == [0, 1]
    assert move.near[0, 1, :2].tolist() == [1, 0]

"""Moves of the sampler: what each leaves as it is, and which coordinates are drawn together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from emcee.state import State

from innovation.calibration.mcmc.moves import Blocks, Kernels, WithoutRuns
from innovation.calibration.mcmc.sampler import sample

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


RESIDUALS = 5


class Level:
    """A level z0, whose `run` is counted, and figures of it with an error of size exp(z1 / 2 - 1); z2 has its prior."""

    def __init__(self) -> None:
        self.runs = 0
        self.figures = np.random.default_rng(8).normal(0.3, 0.4, RESIDUALS)

    def terms(self, level: np.ndarray, errors: np.ndarray) -> np.ndarray:
        size = np.exp(errors[:, :1] / 2 - 1)
        away = (self.figures - level) / size
        return -0.5 * (away**2).sum(axis=1) - RESIDUALS * np.log(size[:, 0]) - 0.5 * (errors**2).sum(axis=1)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        self.runs += len(z)
        return -0.5 * z[:, 0] ** 2 + self.terms(z[:, :1], z[:, 1:])

    def without_runs(self, z: np.ndarray):
        self.runs += len(z)
        return 1, lambda errors: -0.5 * z[:, 0] ** 2 + self.terms(z[:, :1], errors)


def resampled(density: Level, number: int) -> np.ndarray:
    """Draws by importance from the prior, shape (number, 3)."""
    random = np.random.default_rng(9)
    z = random.standard_normal((100 * number, 3))
    heights = density(z) + 0.5 * (z**2).sum(axis=1)
    weights = np.exp(heights - heights.max())
    return random.choice(z, number, p=weights / weights.sum())


def test_errors_are_drawn_anew_for_one_run_and_leave_the_density_as_it_is() -> None:
    density = Level()
    z = resampled(density, 8000)
    density.runs = 0
    move, model = WithoutRuns(density), SimpleNamespace(random=np.random.RandomState(7))

    after, taken = move.propose(model, State(z.copy(), log_prob=density(z)))

    assert density.runs == 2 * len(z)  # one of them for the state's own density
    assert np.array_equal(after.coords[:, 0], z[:, 0])
    assert after.log_prob == pytest.approx(density(after.coords))
    assert taken.mean() > 0.9
    assert abs(np.corrcoef(after.coords[:, 2], z[:, 2])[0, 1]) < 0.3
    assert abs(np.corrcoef(after.coords[:, 1], z[:, 1])[0, 1]) < 0.6
    assert np.abs(after.coords.mean(axis=0) - z.mean(axis=0)).max() < 0.04
    assert np.abs(after.coords.std(axis=0) / z.std(axis=0) - 1).max() < 0.04
    assert np.corrcoef((after.coords[:, 0] - 0.2) ** 2, after.coords[:, 1])[0, 1] == pytest.approx(
        np.corrcoef((z[:, 0] - 0.2) ** 2, z[:, 1])[0, 1], abs=0.05
    )


def test_the_sampler_takes_that_move_where_a_density_offers_it() -> None:
    density = Level()

    found = sample(density, 3, walkers=64, warm_up=200, steps=400, seed=3)

    exact = resampled(density, 20000)
    assert np.abs(found.pooled.mean(axis=0) - exact.mean(axis=0)).max() < 0.05
    assert np.abs(found.pooled.std(axis=0) / exact.std(axis=0) - 1).max() < 0.05

"""The sampler: known answers in few dimensions, the same draws after an interruption, files of other runs refused."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.calibration.mcmc import sampler as of_sampler
from innovation.calibration.mcmc.chain import Guess
from innovation.calibration.mcmc.diagnostics import quality, refusal
from innovation.calibration.mcmc.sampler import EnsembleDraws, sample
from innovation.calibration.mcmc.saved_state import SamplerError

from .known import banana, banana_moments, correlated, line

RUN = {"walkers": 32, "warm_up": 400, "steps": 1000, "seed": 5}


def compared(draws: EnsembleDraws, mean, deviation) -> tuple[float, float]:
    """Largest error of a mean in standard deviations, and of a standard deviation as a share of it."""
    z = draws.pooled
    return np.abs((z.mean(axis=0) - mean) / deviation).max(), np.abs(z.std(axis=0) / deviation - 1).max()


def test_five_parameters_have_the_mean_and_covariance_of_least_squares() -> None:
    density, mean, covariance = line()

    draws = sample(density, 5, **RUN)

    off, wide = compared(draws, mean, np.sqrt(np.diag(covariance)))
    assert off < 0.05
    assert wide < 0.04
    assert np.abs(np.corrcoef(draws.pooled.T) - covariance / np.sqrt(np.outer(*2 * [np.diag(covariance)]))).max() < 0.04


def test_a_ridge_and_a_banana_have_their_moments() -> None:
    assert max(compared(sample(correlated, 4, **RUN), np.zeros(4), np.ones(4))) < 0.06
    draws = sample(banana, 3, **RUN)
    assert max(compared(draws, *banana_moments())) < 0.06
    assert refusal(quality(draws.z)) is None


def test_a_coordinate_between_limits_stays_there() -> None:
    draws = sample(lambda z: np.where((z[:, 0] > 0) & (z[:, 0] < 1), -0.5 * z[:, 1] ** 2, -np.inf), 2, **RUN)

    assert draws.pooled[:, 0].min() > 0
    assert draws.pooled[:, 0].max() < 1
    assert draws.pooled[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    assert draws.pooled[:, 0].std() == pytest.approx(12**-0.5, abs=0.015)


def test_a_wrong_guess_only_costs_time() -> None:
    density, mean, covariance = line()
    guess = Guess(np.full((4, 5), 3.0), 0.2**2 * np.eye(5))

    draws = sample(density, 5, guess=guess, **RUN)

    assert max(compared(draws, mean, np.sqrt(np.diag(covariance)))) < 0.06


def test_the_same_seed_gives_the_same_draws_and_another_gives_others() -> None:
    short = {**RUN, "warm_up": 40, "steps": 40}

    assert np.array_equal(sample(banana, 3, **short).z, sample(banana, 3, **short).z)
    assert not np.array_equal(sample(banana, 3, **short).z, sample(banana, 3, **{**short, "seed": 6}).z)


def test_blocks_end_as_soon_as_there_is_enough() -> None:
    asked = []

    def enough(z):
        asked.append(z.shape)
        return z.shape[1] >= 40

    draws = sample(banana, 3, walkers=16, warm_up=20, steps=40, blocks=5, keep=20, seed=1, enough=enough)

    assert asked == [(4, 20, 16, 3), (4, 40, 16, 3)]
    assert draws.z.shape == (4, 40, 16, 3)
    assert draws.evaluations == 4 * 16 * (1 + 20 + 2 * 40)
    assert np.array_equal(draws.log_density[2, 7], banana(draws.z[2, 7]))


@pytest.mark.parametrize("at", [3, 50, 61, 130])
def test_a_run_goes_on_bit_for_bit_wherever_it_was_cut_off(tmp_path, monkeypatch, at) -> None:
    monkeypatch.setattr(of_sampler, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(of_sampler, "TELL_SECONDS", 0.0)
    run = {"walkers": 16, "warm_up": 60, "steps": 50, "blocks": 2, "keep": 10, "seed": 2}

    def cut(now):
        if now.done == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sample(banana, 3, state_file=tmp_path / "draws.npz", on_progress=cut, **run)
    first = []
    again = sample(banana, 3, state_file=tmp_path / "draws.npz", on_progress=lambda now: first.append(now.done), **run)

    whole = sample(banana, 3, **run)
    assert first[0] == at  # the state before the cut is the last that was saved
    assert np.array_equal(again.z, whole.z)
    assert np.array_equal(again.log_density, whole.log_density)
    assert again.evaluations == whole.evaluations


def test_a_finished_run_is_read_again(tmp_path) -> None:
    run = {"walkers": 16, "warm_up": 20, "steps": 20, "seed": 2, "state_file": tmp_path / "draws.npz"}
    calls = []

    def counted(z):
        calls.append(len(z))
        return banana(z)

    first = sample(counted, 3, **run)
    calls.clear()

    assert np.array_equal(sample(counted, 3, **run).z, first.z)
    assert sum(calls) <= 2 * 64


def test_a_state_of_another_run_is_refused(tmp_path) -> None:
    run = {"walkers": 16, "warm_up": 20, "steps": 20, "seed": 2, "state_file": tmp_path / "draws.npz"}
    sample(banana, 3, **run)

    with pytest.raises(SamplerError, match=r"another run: seed 2, here 3.*\n.*Delete it and draws.npz.draws"):
        sample(banana, 3, **{**run, "seed": 3})
    with pytest.raises(SamplerError, match="steps 20, here 30"):
        sample(banana, 3, **{**run, "steps": 30})
    with pytest.raises(SamplerError, match="model or data have changed"):
        sample(lambda z: banana(z) - 0.1 * z[:, 0] ** 2, 3, **run)


def test_a_damaged_state_is_refused(tmp_path) -> None:
    run = {"walkers": 16, "warm_up": 20, "steps": 20, "seed": 2, "state_file": tmp_path / "draws.npz"}
    sample(banana, 3, **run)
    (tmp_path / "draws.npz.draws").write_bytes(b"short")
    with pytest.raises(SamplerError, match="cut short"):
        sample(banana, 3, **run)

    (tmp_path / "draws.npz").write_bytes(b"nothing")
    with pytest.raises(SamplerError, match="no state that can be read"):
        sample(banana, 3, **run)


def test_a_density_that_is_nothing_anywhere_is_refused() -> None:
    with pytest.raises(SamplerError, match="found no start with a density"):
        sample(lambda z: np.full(len(z), -np.inf), 3, **RUN)


def test_draws_are_picked_once_and_equally_from_the_ensembles() -> None:
    z = np.arange(4 * 5 * 6.0).reshape(4, 5, 6, 1)
    draws = EnsembleDraws(z, z[..., 0], evaluations=0, seed=1)

    picked = draws.pick(80, seed=3)[:, 0]

    assert len(set(picked)) == 80
    assert np.array_equal(np.bincount((picked // 30).astype(int)), [20, 20, 20, 20])
    assert np.array_equal(picked, draws.pick(80, seed=3)[:, 0])
    with pytest.raises(ValueError, match="121 draws are wanted, 120 were kept"):
        draws.pick(121, seed=1)

"""Climbs, the normal at the top, and whole fits: of five parameters with a known answer, and of the toy city."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from innovation.calibration.mcmc.optima import laplace, spread_optima
from innovation.calibration.mcmc.saved_state import SamplerError
from innovation.calibration.posterior.fit import QUICK, fit, fit_density
from innovation.calibration.posterior.likelihood import Posterior
from innovation.engine.progress import Progress

from .known import line
from .test_likelihood import TOY_RECORD

SMALL = replace(QUICK, walkers=16, warm_up=200, steps=600, blocks=3)
NAMES = tuple("abcde")
FREE = np.zeros(5, bool)


def test_climbs_from_everywhere_end_at_the_top_and_the_normal_there_is_the_posterior() -> None:
    density, mean, covariance = line()

    optima = spread_optima(density, 5, starts=20, seed=1)

    assert optima.z == pytest.approx(np.tile(mean, (20, 1)), abs=1e-3)
    assert optima.close == 20
    assert optima.converged.all()
    assert optima.spread.max() < 1e-3
    assert laplace(density, mean) == pytest.approx(covariance, abs=1e-6)


def test_the_normal_has_the_width_of_the_prior_where_nothing_is_known_or_runs_fail() -> None:
    def density(z):
        return np.where(z[:, 2] > 0, -np.inf, -0.5 * (z[:, 0] / 0.1) ** 2 + z[:, 1] ** 2)

    assert laplace(density, np.zeros(3)) == pytest.approx(np.diag([0.01, 1.0, 1.0]), abs=1e-6)


def test_held_coordinates_stay_in_the_middle() -> None:
    density, _, _ = line()

    optima = spread_optima(density, 5, starts=3, seed=1, held=np.array([False, True, False, False, True]))

    assert (optima.z[:, [1, 4]] == 0).all()
    assert optima.close == 3


def stepped(z):
    """One coordinate with a mean of .5, and a second that is worth 1 above its middle: odds of e to 1."""
    return -0.5 * ((z[:, 0] - 0.5) / 0.2) ** 2 - 0.5 * z[:, 1] ** 2 + (z[:, 1] > 0)


def test_a_climb_stays_on_the_side_of_a_step_on_which_it_starts() -> None:
    switches = np.array([False, True])

    optima = spread_optima(stepped, 2, starts=20, seed=1, switches=switches)

    assert optima.converged.all()
    assert optima.z[:, 0] == pytest.approx(0.5, abs=1e-3)
    assert (optima.z[:, 1] > 0).any() and (optima.z[:, 1] < 0).any()
    assert laplace(stepped, np.array([0.5, 1e-3]), switches) == pytest.approx(np.diag([0.04, 1.0]), abs=1e-6)


def test_a_fit_weighs_both_sides_of_a_step_as_the_density_does() -> None:
    switches = np.array([False, True])

    found = fit_density(stepped, np.zeros(2, bool), ["level", "side"], SMALL, 3, switches=switches)

    share, true = (found.draws.pooled[:, 1] > 0).mean(), np.e / (1 + np.e)
    size = found.quality.bulk[1]
    assert size > 200
    assert share == pytest.approx(true, abs=4 * np.sqrt(true * (1 - true) / size))


def test_the_highest_of_two_tops_comes_first_and_the_lower_is_not_close() -> None:
    def density(z):
        return np.logaddexp(-0.5 * ((z[:, 0] - 2) / 0.3) ** 2, -3 - 0.5 * ((z[:, 0] + 2) / 0.3) ** 2)

    optima = spread_optima(density, 1, starts=20, seed=2)

    assert optima.z[0, 0] == pytest.approx(2, abs=1e-2)
    assert optima.z[-1, 0] == pytest.approx(-2, abs=1e-2)
    assert 0 < optima.close < 20


def test_a_killed_search_for_tops_goes_on(tmp_path) -> None:
    density, _, _ = line()
    file = tmp_path / "optima.npz"

    def cut(now):
        if now.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spread_optima(density, 5, starts=4, seed=1, state_file=file, on_progress=cut)
    told = []
    again = spread_optima(density, 5, starts=4, seed=1, state_file=file, on_progress=lambda now: told.append(now.done))

    assert told == [3, 4]
    assert np.array_equal(again.z, spread_optima(density, 5, starts=4, seed=1).z)
    with pytest.raises(SamplerError, match="another run"):
        spread_optima(lambda z: density(z) - z[:, 0], 5, starts=4, seed=1, state_file=file)


def test_a_fit_of_five_parameters_finds_them_and_passes() -> None:
    density, mean, covariance = line()

    found = fit_density(density, FREE, NAMES, SMALL, seed=4)

    assert found.refusal is None
    deviation = np.sqrt(np.diag(covariance))
    assert found.draws.pooled.mean(axis=0) == pytest.approx(mean, abs=0.05 * deviation.min())
    assert found.draws.pooled.std(axis=0) == pytest.approx(deviation, rel=0.05)


def test_a_fit_that_is_too_short_is_refused() -> None:
    found = fit_density(line()[0], FREE, NAMES, replace(SMALL, steps=30, blocks=1, walkers=4), seed=4)

    assert found.refusal is not None
    assert "not good enough to save" in found.refusal


KILLED = """
import os, sys
from pathlib import Path
from innovation.calibration.mcmc import sampler
from tests.calibration.known import line
from tests.calibration.test_fit import FREE, NAMES, SMALL, fit_density
sampler.TELL_SECONDS = sampler.SAVE_SECONDS = 0.0

def kill(now):
    if now.step == sys.argv[2] and now.done >= int(sys.argv[3]):
        os._exit(9)

fit_density(line()[0], FREE, NAMES, SMALL, 4, Path(sys.argv[1]), kill)
"""


@pytest.mark.slow
def test_a_fit_killed_while_it_climbs_and_while_it_draws_goes_on_to_the_same_draws(tmp_path) -> None:
    for what, done in (("climbing from spread starts", 2), ("drawing", 333)):
        command = [sys.executable, "-c", KILLED, str(tmp_path), what, str(done)]
        assert subprocess.run(command, cwd=Path(__file__).parents[2], check=False).returncode == 9

    again = fit_density(line()[0], FREE, NAMES, SMALL, 4, tmp_path)

    assert np.array_equal(again.draws.z, fit_density(line()[0], FREE, NAMES, SMALL, 4).draws.z)


def test_a_quick_fit_of_the_toy_city_tells_how_far_it_is(toy_city, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(
        "innovation.calibration.posterior.fit.QUICK", replace(QUICK, walkers=8, warm_up=40, steps=40, keep=20)
    )
    posterior = Posterior(toy_city, TOY_RECORD)
    told = []

    found = fit(posterior, quick=True, seed=1, state=tmp_path, on_progress=told.append)

    assert found.draws.z.shape == (4, 20, 8, posterior.d)
    assert found.quality.names == posterior.names
    assert (found.optima.z[:, posterior.space.d :] == 0).all()
    assert {now.step for now in told} == {"climbing from spread starts", "drawing"}
    assert told[-1] == Progress("drawing", 80, 80, seconds_left=0.0)

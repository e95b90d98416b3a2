"""R-hat and effective sizes of draws whose worth is known, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innovation.calibration.mcmc.diagnostics import deviation_errors, effective_size, quality, refusal
from innovation.calibration.mcmc.sampler import sample

RANDOM = np.random.default_rng(1)
INDEPENDENT = RANDOM.standard_normal((4, 50, 20, 2))


def test_independent_draws_are_worth_their_number() -> None:
    found = quality(INDEPENDENT, ["a", "b"])

    assert found.rhat.max() < 1.005
    assert found.bulk == pytest.approx([4000, 4000], rel=0.35)
    assert refusal(found) is None


def test_walkers_that_repeat_each_other_count_once() -> None:
    means = RANDOM.standard_normal((4, 200, 1))

    assert effective_size(np.broadcast_to(means, (4, 200, 30))) == pytest.approx(800, rel=0.2)


def test_populations_that_change_slowly_are_worth_less() -> None:
    steps = RANDOM.standard_normal((4, 400, 25))
    slow = np.zeros_like(steps)
    for place in range(1, 400):
        slow[:, place] = 0.9 * slow[:, place - 1] + np.sqrt(1 - 0.9**2) * steps[:, place]

    assert effective_size(slow) == pytest.approx(40000 * (1 - 0.9) / (1 + 0.9), rel=0.35)


def test_the_error_of_a_standard_deviation_is_how_far_it_strays_when_drawn_again() -> None:
    skewed = RANDOM.standard_normal((40, 4, 50, 20, 1)) ** 2  # forty times four thousand draws

    strays = skewed.std(axis=(1, 2, 3)).std() / skewed.std()

    assert np.mean([deviation_errors(z)[0] for z in skewed]) == pytest.approx(
        strays, rel=0.3
    )  # a spread of forty errs by a ninth


def test_one_ensemble_elsewhere_is_refused_by_name() -> None:
    z = INDEPENDENT.copy()
    z[2, ..., 1] += 1.0

    said = refusal(quality(z, ["a", "slow constant"]))

    assert said is not None
    assert "R-hat of 1 coordinates is 1.01 or more: slow constant" in said
    assert "a (" not in said


def test_too_small_an_effective_size_is_refused_with_what_to_do() -> None:
    said = refusal(quality(INDEPENDENT[:, :25, :2], ["a", "b"]))
    assert said is not None
    assert "is below 400" in said
    assert "times the steps" in said


def test_too_few_ensembles_or_populations_are_refused() -> None:
    assert "3 ensembles cannot show" in str(refusal(quality(INDEPENDENT[:3])))
    assert "10 populations kept" in str(refusal(quality(INDEPENDENT[:, :10])))


@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_does_not_move_at_all_is_refused() -> None:
    z = INDEPENDENT.copy()
    z[..., 0] = 1.0

    assert "hardly do" in str(refusal(quality(z)))


def test_a_run_stops_early_only_well_inside_the_limits() -> None:
    found = quality(INDEPENDENT)

    assert found.good_enough
    assert not replace(found, rhat=np.array([1.0, 1.009])).good_enough
    assert not replace(found, tail=np.array([450.0, 900.0])).good_enough
    assert refusal(replace(found, rhat=np.array([1.0, 1.009]), tail=np.array([450.0, 900.0]))) is None


@pytest.mark.parametrize("kind", ["one point", "a point each", "walkers", "half of an ensemble", "the upper tail"])
def test_a_sampler_that_stands_still_is_refused_by_name_and_never_good_enough(kind) -> None:
    z = INDEPENDENT.copy()
    stuck = z[..., 1]
    if kind == "one point":
        stuck[:] = 0.3
    elif kind == "a point each":
        stuck[:] = np.arange(4)[:, None, None]
    elif kind == "walkers":
        stuck[:] = stuck[:, :1]
    elif kind == "half of an ensemble":
        stuck[2, 25:] = stuck[2, 25:26]
    else:
        stuck[:] = np.minimum(stuck, np.quantile(stuck, 0.9))

    found = quality(z, ["a", "stuck"])
    said = refusal(found)

    assert not found.good_enough
    assert said is not None and "not good enough to save" in said and "stuck" in said
    assert "a (" not in said and "nan" not in said


def test_a_sampler_whose_every_step_is_refused_is_told_and_not_shipped() -> None:
    start = RANDOM.standard_normal((4, 8, 2))
    known = {row.tobytes() for row in start.reshape(-1, 2)}

    def density(z: np.ndarray) -> np.ndarray:
        """Nothing but where the walkers start."""
        return np.array([0.0 if row.tobytes() in known else -np.inf for row in z])

    drawn = sample(density, 2, start=start, walkers=8, warm_up=40, steps=40, keep=20, seed=1)
    said = refusal(quality(drawn.z, ["a", "b"]))

    assert said is not None and "stood still, in whole or in part, in 2: a, b" in said


def test_one_walker_that_never_moves_is_told() -> None:
    z = INDEPENDENT.copy()
    z[1, :, 3, 0] = z[1, 0, 3, 0]

    said = refusal(quality(z, ["a", "b"]))

    assert said is not None and "in 1: a" in said

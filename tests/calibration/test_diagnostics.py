"""R-hat and effective sizes of draws whose worth is known, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calibration.diagnostics import effective_size, quality, refusal

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

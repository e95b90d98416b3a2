"""Trust in the fit: ranks and coverage with known answers, three simulated records of the toy city, known densities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from calibration.fit import QUICK, fit_density
from calibration.likelihood import Posterior
from calibration.trust import __main__ as command
from calibration.trust.known import DENSITIES, try_known
from calibration.trust.ranks import coverage, histogram, ranks_of
from calibration.trust.simulated import simulate, summary, try_simulated

from .test_likelihood import TOY_RECORD

SMALL = replace(QUICK, walkers=8, warm_up=100, steps=150, keep=50)


@pytest.fixture(scope="module")
def posterior(toy_city):
    return Posterior(toy_city, TOY_RECORD)


def test_a_rank_is_the_share_of_draws_below_and_half_of_those_equal() -> None:
    draws = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0], [3.0, 5.0]])

    assert ranks_of(np.array([2.5, 1.0]), draws) == pytest.approx([0.75, 0.375])


def test_a_histogram_counts_every_rank_and_has_the_chance_of_chi_square() -> None:
    counts, chance = histogram(np.array([0.0, 0.1, 0.3, 0.6, 0.61, 0.62, 0.9, 1.0]), 4)

    assert list(counts) == [2, 1, 3, 2]
    assert chance == pytest.approx(0.8013, abs=1e-4)  # 1.0 with three degrees of freedom


def test_coverage_counts_truths_inside_and_its_error_counts_data_sets() -> None:
    share, error = coverage(np.array([[0.5, 0.3, 0.1], [0.9, 0.5, 0.6]]), 0.5)

    assert share == pytest.approx(4 / 6)
    assert error == pytest.approx(0.0)


def test_posteriors_of_five_parameters_cover_their_truths() -> None:
    """Regressions like `known.line`, with truths from the prior: each fit's ranks of its own truths are uniform."""
    random = np.random.default_rng(11)
    ranks = []
    for number in range(12):
        design, truth = random.standard_normal((8, 5)), random.standard_normal(5)
        figures = design @ truth + 0.3 * random.standard_normal(8)

        def density(z, design=design, figures=figures):
            return -0.5 * (z**2).sum(axis=1) - 0.5 * ((figures - z @ design.T) ** 2).sum(axis=1) / 0.3**2

        draws = fit_density(density, np.zeros(5, bool), tuple("abcde"), SMALL, seed=number).draws
        ranks.append(ranks_of(truth, draws.pooled))

    for level in (0.5, 0.9):
        share, error = coverage(np.array(ranks), level)
        assert abs(share - level) < 3.5 * max(error, 0.02)
    assert histogram(np.array(ranks), 5)[1] > 0.001


def test_a_truth_and_its_record_follow_from_the_number(posterior) -> None:
    first, again, other = (simulate(posterior, number, seed=1) for number in (0, 0, 1))

    assert np.array_equal(first.z, again.z)
    assert first.posterior.observations == again.posterior.observations
    assert first.posterior.observations != other.posterior.observations
    assert first.posterior.names == posterior.names


def test_truths_that_do_not_run_are_counted(posterior, monkeypatch) -> None:
    figures = posterior.figures
    calls = []

    def failing(z):
        calls.append(len(z))
        return np.full((len(posterior.observations), 1), np.nan) if len(calls) <= 2 else figures(z)

    monkeypatch.setattr(posterior, "figures", failing)

    assert simulate(posterior, 0, seed=1).failed == 2


def test_three_simulated_records_have_ranks_of_every_quantity(posterior) -> None:
    rows = [try_simulated(posterior, number, seed=1, effort=SMALL) for number in range(3)]

    told = list(summary(rows))
    assert [row["data set"] for row in rows] == [0, 1, 2]
    ranks = pd.DataFrame(rows).filter(regex="^(constant|error|figure) ").to_numpy()
    assert ranks.shape[1] == posterior.d + len(posterior.observations)
    assert 0.2 < ranks.mean() < 0.8
    assert [row["of"] for row in told[:6]] == [
        "all constants", "all errors of figures", "all figures",
        "all of figure toy", "all of figure parts", "all of figure labs",
    ]  # fmt: skip
    assert told[0]["quantities"] == posterior.space.d
    assert len(told) == 6 + ranks.shape[1]


def test_kept_results_go_on_with_the_next_data_set_and_forget_other_models(posterior, tmp_path, monkeypatch) -> None:
    made = []

    def one(posterior, number, seed):
        made.append(number)
        went = dict.fromkeys(command.WENT, 0)
        return {**went, "data set": number, "seed": seed, "constant a": 0.5, "figure toy: a": 0.1 * number}

    monkeypatch.setattr(command, "try_simulated", one)
    mark = {"model": "123456789012", "data": "00e1", "seed": 3}
    command._simulated(tmp_path, posterior, mark, 2)
    command._simulated(tmp_path, posterior, mark, 4)
    assert made == [0, 1, 2, 3]
    assert len(pd.read_csv(tmp_path / "simulated.csv")) == 4
    assert list(pd.read_csv(tmp_path / "coverage.csv")["data sets"]) == [4] * 5

    command._simulated(tmp_path, posterior, {**mark, "model": "other"}, 1)
    assert made == [0, 1, 2, 3, 0]
    assert len(pd.read_csv(tmp_path / "simulated.csv")) == 1


@pytest.mark.parametrize("name", DENSITIES)
def test_known_densities_have_the_moments_they_say(name) -> None:
    found = try_known(name, 4, 2, replace(QUICK, warm_up=300, steps=1000))

    assert found.mean_off < 0.1
    assert found.narrowest > 0.93
    assert found.widest < 1.07


def test_kept_results_of_known_densities_are_within_five_percent() -> None:
    kept = pd.read_csv(command.FOLDER / "known.csv").set_index("density")

    assert set(kept.index) == set(DENSITIES)
    asked = kept.loc[["gaussian", "banana"]]
    assert (asked["narrowest"] > 0.95).all()
    assert (asked["widest"] < 1.05).all()
    assert (kept["rhat"] < 1.01).all()
    assert (kept["d"] >= 140).all()

"""Trust in the fit: ranks and coverage with known answers, three simulated records of the toy city, known densities."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.sections.trust import trust_section
from innovation.calibration.mcmc.sampler import MOVES
from innovation.calibration.posterior.fit import QUICK, fit_density
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.trust import __main__ as command
from innovation.calibration.trust import kept
from innovation.calibration.trust.known import DENSITIES, SURE, try_known
from innovation.calibration.trust.ranks import coverage, histogram, ranks_of
from innovation.calibration.trust.short import SamplerEffort, beginning_of, short_fit
from innovation.calibration.trust.simulated import converged, drawn_hash, simulate, summary, truths, try_simulated

from .test_likelihood import TOY_RECORD

SMALL = replace(QUICK, walkers=8, warm_up=100, steps=150, keep=50)
ENOUGH = SamplerEffort(walkers=64, warm_up=150, steps=200, blocks=6, keep=25)
TOO_LITTLE = SamplerEffort(walkers=8, warm_up=20, steps=40, blocks=1, keep=20)


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


def test_a_small_record_is_fitted_until_that_converges_and_too_little_says_that_it_did_not(posterior) -> None:
    rows = [kept.sealed(try_simulated(posterior, number, 1, effort)) for number, effort in enumerate([ENOUGH] * 2)]
    short = kept.sealed(try_simulated(posterior, 2, 1, TOO_LITTLE))

    assert [row["converged"] for row in (*rows, short)] == ["yes", "yes", "no"]
    assert all(float(row["rhat"]) < 1.01 and min(float(row["bulk"]), float(row["tail"])) >= 400 for row in rows)
    assert converged([*rows, short]) == rows
    told = list(summary([*rows, short]))
    quantities = [name for name in short if name.split()[0] in ("constant", "error", "figure")]
    assert len(quantities) == posterior.d + len(posterior.observations)
    assert [row["of"] for row in told[:6]] == [
        "all constants", "all errors of figures", "all figures",
        "all of figure toy", "all of figure parts", "all of figure labs",
    ]  # fmt: skip
    assert told[0]["quantities"] == posterior.space.d
    assert {row["data sets"] for row in told} == {2}
    assert len(told) == 6 + len(quantities)
    assert list(summary([short])) == []
    assert rows[1]["truth hash"] == drawn_hash(truths(posterior.d, 1, 1, 1)[-1])


def test_a_short_fit_agrees_with_one_of_many_more_steps(posterior) -> None:
    given = simulate(posterior, 0, seed=1).posterior
    short = short_fit(given, 1, ENOUGH).draws.pooled
    long = short_fit(given, 2, replace(ENOUGH, warm_up=600, steps=2000, blocks=1, keep=100)).draws.pooled

    deviations = long.std(axis=0)
    errors = 4 * deviations / np.sqrt(400)  # of a median of 400 draws at least, 1.25 of that; and room for many
    assert (np.abs(np.median(short, axis=0) - np.median(long, axis=0)) < errors).all()
    assert short.std(axis=0) == pytest.approx(deviations, rel=0.15)


def test_a_short_fit_begins_where_the_truth_has_no_part(posterior) -> None:
    truth = simulate(posterior, 0, seed=1)

    first = beginning_of(truth.posterior, 7)
    again = beginning_of(posterior.given(truth.posterior.observations), 7)

    assert np.array_equal(first.middle, again.middle)
    assert np.isfinite(truth.posterior(first.middle)).all()
    assert first.middle.shape == (4, posterior.d)
    assert (first.middle[:, posterior.space.d :] == 0).all()


def fake_row(number: int, went: str = "yes") -> dict[str, object]:
    known = dict.fromkeys(command.WENT, 0)
    return {**known, "data set": number, "converged": went, "constant a": 0.5, "figure toy: a": round(0.1 * number, 4)}


def coverage_follows(folder: Path) -> bool:
    """Whether the coverage kept in a folder is what follows from the rows kept there."""
    rows = kept.read_rows(folder / kept.SIMULATED)
    marks = {name: rows[0][name] for name in kept.MARKS} if rows else {}
    expected = [{name: str(cell) for name, cell in {**marks, **row}.items()} for row in summary(rows)]
    return kept.read_rows(folder / kept.COVERAGE) == expected


def test_kept_results_go_on_with_the_next_data_set_and_forget_others(posterior, tmp_path, monkeypatch) -> None:
    made = []

    def one(posterior, number, seed, on_progress):
        made.append(number)
        return fake_row(number, "no" if number == 3 else "yes")

    monkeypatch.setattr(command, "try_simulated", one)
    marks = {"model": "123456789012", "data": "00e1", "fit": "short", "seed": "3"}
    command._simulated(tmp_path, posterior, marks, 2)
    first = (tmp_path / "simulated.csv").read_text()
    command._simulated(tmp_path, posterior, marks, 4)
    rows = kept.read_rows(tmp_path / "simulated.csv")
    assert made == [0, 1, 2, 3]
    assert (tmp_path / "simulated.csv").read_text().startswith(first)
    assert len(rows) == 4
    assert all(kept.belongs(row, marks) and kept.is_whole(row) for row in rows)
    assert {row["data sets"] for row in kept.read_rows(tmp_path / "coverage.csv")} == {"3"}
    assert coverage_follows(tmp_path)

    rows[1]["figure toy: a"] = "0.9"
    kept.write_rows(tmp_path / "simulated.csv", rows)
    command._simulated(tmp_path, posterior, marks, 4)
    assert made == [0, 1, 2, 3, 1]

    command._simulated(tmp_path, posterior, {**marks, "fit": "other"}, 1)
    assert made == [0, 1, 2, 3, 1, 0]
    assert len(kept.read_rows(tmp_path / "simulated.csv")) == 1


def test_shipped_rows_are_whole_their_truths_follow_from_the_seed_and_coverage_follows_from_them() -> None:
    rows = kept.read_rows(kept.FOLDER / kept.SIMULATED)
    if not rows:
        assert not (kept.FOLDER / kept.COVERAGE).exists()
        pytest.skip("no data set of this model has been fitted yet")
    d = sum(name.split()[0] in ("constant", "error") for name in rows[0])

    assert len({tuple(row[name] for name in kept.MARKS) for row in rows}) <= 1
    for row in rows:
        assert kept.is_whole(row), (
            f"data set {row['data set']} was changed: run `python -m innovation.calibration.trust simulated`."
        )
        drawn = truths(d, int(row["data set"]), int(row["seed"]), 1 + int(row["truths that failed"]))
        assert row["truth hash"] == drawn_hash(drawn[-1])
        good = float(row["rhat"]) < 1.01 and min(float(row["bulk"]), float(row["tail"])) >= 400
        assert good == (row["converged"] == "yes")
    assert coverage_follows(kept.FOLDER)


def test_the_page_counts_what_converged_and_shows_no_ranks_of_anything_else(posterior, tmp_path) -> None:
    basis = Basis(posterior, posterior.draw_prior(5, 1), posterior.uninformed.draw(5, 1), TOY_RECORD)
    marks = kept.marks_of(posterior.city, posterior.observations, "", "short", 3)

    def said(marks: dict[str, str], changed: dict[str, str] | None = None) -> str:
        rows = [kept.sealed({**marks, **fake_row(number, "no" if number == 3 else "yes")}) for number in range(4)]
        command._write(tmp_path, [*rows[:-1], {**rows[-1], **(changed or {})}], marks)
        assert coverage_follows(tmp_path)
        return " ".join(trust_section(Evidence(basis, {}), tmp_path))

    assert "no result is kept" in " ".join(trust_section(Evidence(basis, {}), tmp_path))
    own = said(marks)
    assert "Of 50 records, 4 are done. 3 of these" in own
    assert "1 did not within the steps they had" in own
    assert "| all constants | 1 | 100 % ± 0 | 100 % ± 0 | 0 0 0 0 0 3 0 0 0 0 |" in own
    for other in ({"model": "123456789012"}, {"data": "123456789012"}):
        assert "is of another model, record or other priors" in said({**marks, **other})
        assert "all constants" not in said({**marks, **other})
    assert "was changed by hand" in said(marks, {"constant a": "0.4"})
    assert "all constants" not in said(marks, {"constant a": "0.4"})


@pytest.mark.parametrize("name", DENSITIES)
def test_known_densities_have_the_moments_they_say(name) -> None:
    found = try_known(name, 4, 2, replace(QUICK, warm_up=300, steps=1000))

    assert found.mean_off < 0.1
    assert found.narrowest > 0.93
    assert found.widest < 1.07


def test_kept_results_of_known_densities_are_within_five_percent() -> None:
    kept = pd.read_csv(command.FOLDER / "known.csv").set_index("density")

    assert set(kept.index) == set(DENSITIES)
    assert (kept["narrowest"] > 0.95).all()
    assert (kept["widest"] < 1.05).all()
    assert (kept["error"] <= SURE).all()
    assert (kept["rhat"] < 1.01).all()
    assert (kept["d"] >= 140).all()


def test_kept_results_of_known_densities_are_of_the_moves_as_they_are() -> None:
    assert (pd.read_csv(command.FOLDER / "known.csv")["moves"] == MOVES).all()

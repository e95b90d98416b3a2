"""What is repeated counts once, order is nothing, and a sample is spread over all the members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from innovation.analysis.design.factors import Distributions
from innovation.analysis.discovery.misses import misses
from innovation.analysis.findings.findings import findings_of
from innovation.analysis.indices.rankings import rank
from innovation.analysis.sweeps.exploring import explored
from innovation.analysis.sweeps.results import HeldResults, read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.analysis.sweeps.usable_members import evidence_of, marks_of

UNITS = {"morris": 4, "sobol": 5, "grid": 1, "monte_carlo": 1, "latin_hypercube": 1}
SIZES = {"morris": 60, "sobol": 128, "grid": 6, "monte_carlo": 900, "latin_hypercube": 900}


def text_of(method: str, three: str, size: int | None = None) -> str:
    return f"method: {method}\nsize: {size or SIZES[method]}\nseed: 3\nyears: [2010, 2011]\n{three}"


def taken(results: HeldResults, members: np.ndarray) -> HeldResults:
    """The same results with members in another order, or several times."""
    manifest = {**results.manifest, "members": len(members)}
    return HeldResults(manifest, results.values[members], results.found[:, members])


@pytest.mark.parametrize("method", UNITS)
@pytest.mark.parametrize("seed", range(3))
def test_repeating_and_reordering_members_changes_no_finding(ishigami, study_of, three, method, seed):
    results = explored(study_of(ishigami, text_of(method, three)))
    results.found[:, 37] = np.nan if method != "grid" else results.found[:, 37]
    random, unit = np.random.default_rng(seed), UNITS[method]
    units = np.arange(len(results.values)).reshape(-1, unit)
    units = random.permutation(np.concatenate([units, units[random.integers(len(units), size=len(units) // 2)], units]))

    found = findings_of(taken(results, units.ravel()))

    assert found.findings == findings_of(results).findings
    assert found.used == findings_of(results).used


def test_draws_beyond_the_posterior_count_once_beside_a_lever_too(toy_city, study_of):
    random = np.random.default_rng(1)
    draws = {name: random.uniform(low, high, 200) for name, low, high in
             [("platform cost", 3.0, 5.0), ("forgetting", 0.1, 0.2), ("knowledge elasticity", 0.02, 0.09)]}  # fmt: skip
    lever = "  - {lever: science_share, range: [0.01, 0.05], from: 2012}\n"

    def ranked(size: int, more: str):
        text = f"method: monte_carlo\nsize: {size}\nyears: [2015]\nfactors:\n  - {{constant: all, range: posterior}}\n"
        return rank(explored(study_of(toy_city, text + more, Distributions(posterior=draws))), 2015)

    assert np.array_equal(ranked(2000, "").value, ranked(200, "").value)
    assert np.array_equal(ranked(2000, "").sure, ranked(200, "").sure)
    beside = ranked(2000, lever).counted
    assert (beside.used, beside.units, beside.repeated) == (200, 2000, 1800)
    assert (
        beside.words("members") == "200 of 2,000 members used; 1,800 repeat others, and what is repeated counts once."
    )


def test_a_sample_of_many_is_spread_over_the_whole_design(ishigami, study_of):
    text = "method: grid\nsize: 160\nyears: [2011]\nfactors:\n"
    text += "  - {constant: first, range: [-1, 1]}\n  - {constant: third, range: [-1, 1]}\n"
    results = explored(study_of(ishigami, text))

    members = results.sample(10_000).members
    (miss,) = misses(results, [2011])

    # Of 25 600 rows the first 10 000 would end at -0.2 of the first factor, which decides.
    assert results.parameters(members)[:, 0].max() == 1
    assert miss.share == pytest.approx(0.5, abs=0.02)
    (limit,) = miss.box.limits
    assert (limit.factor, limit.above) == ("first", False)


def test_the_folder_and_memory_take_the_same_sample(ishigami, study_of, three, tmp_path):
    study = study_of(ishigami, text_of("monte_carlo", three, 25_000))
    sweep(study, tmp_path / "out", double=True)

    kept, held = read_results(tmp_path / "out").sample(2000), explored(study).sample(2000)

    assert np.array_equal(kept.members, held.members)
    assert len(set((kept.members // 5000).tolist())) == 5


def test_marks_tell_rows_apart_and_nothing_else():
    rows = np.array([[0.0, 1.0], [1.0, 0.0], [-0.0, 1.0], [0.0, np.nextafter(1.0, 2.0)]])

    marks = marks_of(rows)

    assert marks[0] == marks[2]
    assert len(set(marks.tolist())) == 3


def test_each_unit_is_counted_under_one_head():
    marks = np.array([5, 3, 5, 9, 1, 7], np.uint64)

    found = evidence_of(marks, marks, np.array([False, False, False, True, False, False]), 3)

    assert found.first.tolist() == [4, 1, 0]
    assert found.words("draws") == (
        "3 of 6 draws used; 1 repeat others, and what is repeated counts once; 1 failed; "
        "a sample spread over all, the other 1 left aside."
    )
    assert replace(found, repeated=0, failed=0, units=3).words("draws") == "3 of 3 draws used."

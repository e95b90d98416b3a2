"""Sensitivity by the users' own path, a design swept into a folder, against closed forms and against SALib."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol
from SALib.sample import sobol as salib_sample

from innovation.analysis.analysis_folder import analyse
from innovation.analysis.design.design import parse_design
from innovation.analysis.design.points import make_plan
from innovation.analysis.indices import sensitivity
from innovation.analysis.indices.rankings import rank
from innovation.analysis.indices.sensitivity import morris, moves_of, sobol
from innovation.analysis.sweeps.exploring import explored
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.model.files.faults import DocumentError

UNIT = {"num_vars": 3, "names": list("abc"), "bounds": [[0.0, 1.0]] * 3}
ORACLES = Path(__file__).parents[3] / "shared" / "fixtures" / "oracles.json"
ISHIGAMI = {  # closed forms for height 7 and bend 0.1 on [-pi, pi]^3, as in shared/fixtures/oracles.json
    "S": (0.31390519, 0.44241114, 0.0), "ST": (0.55758886, 0.44241114, 0.24368366), "S13": 0.24368366,
    "mu": (7.7041, 0, 0), "mu_star": (7.7041, 7.875, 6.2488), "sigma": (6.2488, 7.875, 8.8371),
}  # fmt: skip


@pytest.fixture(scope="module")
def swept(ishigami, study_of, three, tmp_path_factory):
    """Folders of a sobol and a morris sweep of Ishigami's function, in float64."""
    texts = {
        "sobol": f"method: sobol\nsize: 4096\nsecond_order: true\noutputs: [ishigami]\nyears: [2010, 2011]\n{three}",
        "morris": f"method: morris\nsize: 1000\noutputs: [ishigami]\nyears: [2011]\n{three}",
    }
    found = {}
    for name, text in texts.items():
        folder = tmp_path_factory.mktemp(name) / "out"
        sweep(study_of(ishigami, text), folder, double=True)
        found[name] = read_results(folder)
    return found


def rows_of(path: Path) -> dict[tuple[str, ...], dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["year"], row["factor"], *([row["with"]] if "with" in row else [])): row for row in rows}


def test_the_figures_here_are_those_of_the_oracles():
    if not ORACLES.is_file():
        pytest.skip("shared/ is not here")
    known = json.loads(ORACLES.read_text(encoding="utf-8"))
    indices, effects = known["sobol_ishigami_a7_b0.1"], known["morris_ishigami_p4"]

    assert np.allclose(indices["S"], ISHIGAMI["S"], atol=1e-7)
    assert np.allclose(indices["ST"], ISHIGAMI["ST"], atol=1e-7)
    assert math.isclose(indices["S13"], ISHIGAMI["S13"], abs_tol=1e-7)
    assert np.allclose(effects["mu_star"], ISHIGAMI["mu_star"])
    assert np.allclose(effects["sigma_pop"], ISHIGAMI["sigma"])


def test_analysed_sobol_indices_are_the_closed_forms(swept):
    analyse(swept["sobol"])

    one = rows_of(swept["sobol"].folder / "analysis" / "sobol.csv")
    pairs = rows_of(swept["sobol"].folder / "analysis" / "sobol_pairs.csv")
    for place, name in enumerate(("first", "second", "third")):
        row = one["2011", name]
        # 4 096 scrambled Sobol' points: errors of a few thousandths; intervals hold them.
        assert float(row["first"]) == pytest.approx(ISHIGAMI["S"][place], abs=0.01)
        assert float(row["total"]) == pytest.approx(ISHIGAMI["ST"][place], abs=0.01)
        assert float(row["total_low"]) < ISHIGAMI["ST"][place] < float(row["total_high"])
        assert float(row["first_low"]) < ISHIGAMI["S"][place] < float(row["first_high"])
    assert float(pairs["2011", "first", "third"]["second"]) == pytest.approx(ISHIGAMI["S13"], abs=0.02)
    assert float(pairs["2011", "first", "second"]["second"]) == pytest.approx(0, abs=0.02)


def test_analysed_morris_effects_are_the_closed_forms(swept):
    analyse(swept["morris"])

    rows = rows_of(swept["morris"].folder / "analysis" / "morris.csv")
    for place, name in enumerate(("first", "second", "third")):
        row = rows["2011", name]
        # 1 000 trajectories: standard errors are sigma / sqrt(1 000), at most 0.28; three of them.
        assert float(row["mu"]) == pytest.approx(ISHIGAMI["mu"][place], abs=0.85)
        assert float(row["mu_star"]) == pytest.approx(ISHIGAMI["mu_star"][place], abs=0.6)
        assert float(row["sigma"]) == pytest.approx(ISHIGAMI["sigma"][place], rel=0.05)


def test_a_sobol_design_is_salibs_to_the_bit(swept):
    problem = {**UNIT, "bounds": [[-math.pi, math.pi]] * 3}

    theirs = salib_sample.sample(problem, 4096, calc_second_order=True, seed=0)

    assert np.array_equal(swept["sobol"].parameters(np.arange(len(theirs))), theirs)


@pytest.mark.parametrize("second_order", [True, False])
def test_a_large_sobol_design_without_pairs_is_salibs_too(ishigami, study_of, three, second_order):
    study = study_of(ishigami, f"method: sobol\nsize: 64\nseed: 5\nsecond_order: {str(second_order).lower()}\n{three}")

    ours = study.plan.block(0, study.plan.members)

    assert np.array_equal(ours, salib_sample.sample(UNIT, 64, calc_second_order=second_order, seed=5))


def test_indices_are_salibs_to_rounding(swept):
    figures = swept["sobol"].figures(2011, np.arange(4096 * 8))

    ours = sobol(figures, 3, second_order=True)
    theirs = salib_sobol.analyze({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3}, figures[:, 0], seed=1)

    assert np.allclose(ours.first.value[:, 0], theirs["S1"], atol=1e-12)
    assert np.allclose(ours.total.value[:, 0], theirs["ST"], atol=1e-12)
    assert np.allclose(ours.second.value[..., 0], theirs["S2"], atol=1e-12, equal_nan=True)
    # Theirs is a bootstrap of 100 resamples, which is noise of a tenth or two; ours is a fifth wider on purpose.
    assert np.allclose((ours.total.high - ours.total.low)[:, 0] / 2 / 1.2, theirs["ST_conf"], rtol=0.35)


def test_effects_are_salibs_to_rounding(swept):
    everyone = np.arange(4000)
    parameters, figures = swept["morris"].parameters(everyone), swept["morris"].figures(2011, everyone)

    ours = morris(moves_of(parameters), figures, 4)
    theirs = salib_morris.analyze({"num_vars": 3, "names": list("abc"), "bounds": [[0, 1]] * 3, "groups": None},
                                  parameters, figures[:, 0], num_levels=4, seed=1)  # fmt: skip

    assert np.allclose(ours.mu[:, 0], np.asarray(theirs["mu"]), atol=1e-10)
    assert np.allclose(ours.mu_star.value[:, 0], np.asarray(theirs["mu_star"]), atol=1e-10)
    assert np.allclose(ours.sigma[:, 0], np.asarray(theirs["sigma"]), atol=1e-10)


def test_many_outputs_at_once_are_each_alone(swept):
    figures = swept["sobol"].figures(2011, np.arange(4096 * 8))
    both = np.concatenate([figures, np.cos(figures)], axis=1)

    together, alone = sobol(both, 3, True), sobol(both[:, 1:], 3, True)

    assert np.allclose(together.first.value[:, 1:], alone.first.value, atol=1e-12)
    assert np.allclose(together.second.high[..., 1:], alone.second.high, atol=1e-12, equal_nan=True)


def test_a_base_point_with_a_failed_member_is_left_out_and_counted(ishigami, study_of, three):
    results = explored(study_of(ishigami, f"method: sobol\nsize: 128\noutputs: [ishigami]\nyears: [2011]\n{three}"))
    results.found[:, 5 * 7 + 3] = np.nan

    found = rank(results, 2011)

    assert (found.counted.used, found.counted.units, found.counted.failed) == (127, 128, 1)
    assert found.indices.used == 127
    kept = [base for base in range(128) if base != 7]
    assert sorted(found.counted.first) == [5 * base for base in kept]


def test_an_output_that_does_not_vary_has_no_indices(swept):
    constant = np.full((8 * 128, 1), 3.0)

    found = sobol(constant, 3, True)

    assert np.isnan(found.first.value).all()


def test_effects_are_the_same_however_many_are_held_at_a_time(swept, monkeypatch):
    everyone = np.arange(4000)
    moves, figures = moves_of(swept["morris"].parameters(everyone)), swept["morris"].figures(2011, everyone)
    at_once = morris(moves, figures, 4)

    monkeypatch.setattr(sensitivity, "PIECE", 100)

    bit_by_bit = morris(moves, figures, 4)
    assert np.allclose(bit_by_bit.sigma, at_once.sigma, rtol=1e-12)
    assert np.allclose(bit_by_bit.mu_star.low, at_once.mu_star.low, rtol=1e-12)


@pytest.mark.parametrize(
    ("method", "size", "said"),
    [
        ("sobol", 2, "2 different base points have no failed member; Sobol' indices need 64"),
        ("sobol", 32, "need 64 at least"),
        ("morris", 19, "1. different trajectories have no failed member; Morris' effects need 20"),
        ("monte_carlo", 99, "99 different members did not fail; the index needs 100"),
    ],
)
def test_too_few_members_have_no_indices(ishigami, study_of, three, method, size, said):
    results = explored(study_of(ishigami, f"method: {method}\nsize: {size}\nyears: [2011]\n{three}"))

    with pytest.raises(DocumentError, match=said):
        rank(results, 2011)


def test_few_base_points_have_indices_without_an_interval(ishigami, study_of, three):
    found = rank(explored(study_of(ishigami, f"method: sobol\nsize: 64\nyears: [2011]\n{three}")), 2011)

    assert np.isfinite(found.value).all()
    assert np.isnan(found.low).all()
    assert np.isnan(found.high).all()


def test_the_effect_of_a_switch_is_what_it_changes_from_0_to_1_beside_a_factor_of_four_levels():
    design, _ = parse_design("schema: 1\nmethod: morris\nsize: 40\nfactors: [{constant: a, range: [0, 1]}]\n")
    unit = make_plan(design, 2).block(0, 120)
    parameters = np.column_stack([unit[:, 0] >= 0.5, unit[:, 1]]).astype(float)
    figures = (3 * parameters[:, 0] + 2 * parameters[:, 1])[:, None]

    found = morris(moves_of(parameters), figures, 4)

    assert found.mu[:, 0] == pytest.approx([3, 2])

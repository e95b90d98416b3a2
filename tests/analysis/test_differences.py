"""Two versions side by side: what changed is named, what moved is measured, like is compared with like."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from innovation.analysis.differences import FigureDifference, difference, difference_json, difference_text
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.model.files.faults import DocumentError
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.batches.batch_folder import batch
from innovation.scenarios.scenario_files import parse_scenario, scenario_text
from innovation.scenarios.simulation.chances import bands
from innovation.scenarios.simulation.failures import TooManyFailed
from innovation.scenarios.simulation.run import simulate
from tests.fragile import fragile_toy, limits, scenario_of

TOY = Path(__file__).parents[1] / "models" / "toy_city"
SCENARIO = """\
schema: 2
id: as_now
title: {en: as now, zh: 现状}
question: {en: What if?, zh: 如何？}
source: judgement
"""


@pytest.fixture
def variant(tmp_path):
    """A city whose platforms cost more, with one constant more and one name less."""
    folder = tmp_path / "variant"
    shutil.copytree(TOY, folder)
    text = (TOY / "toy.mdl").read_text(encoding="utf-8").replace("platform cost = 4", "platform cost = 5")
    (folder / "toy.mdl").write_text(text, encoding="utf-8")
    return folder / "toy.mdl"


def test_models_differ_in_what_was_changed_and_what_hangs_on_it(variant):
    found = difference(str(TOY / "toy.mdl"), str(variant), [2015])

    moved = {one.what: one for one in found.moved()}
    assert found.changes == ("changed: platform cost = 4\n      to: platform cost = 5",)
    assert set(moved) == {"platforms", "platform_openings"}
    # Openings are money over cost: 4 / 5 of what they were.
    assert moved["platform_openings"].percent == pytest.approx(-20)


def test_the_same_model_in_other_words_does_not_differ(tmp_path):
    text = (TOY / "toy.mdl").read_text(encoding="utf-8").replace("Part of knowledge lost a year.", "What is lost.")
    (tmp_path / "other.mdl").write_text(text, encoding="utf-8")

    found = difference(str(TOY / "toy.mdl"), str(tmp_path / "other.mdl"))

    assert (found.changes, found.figures) == ((), ())
    assert "the same model" in found.notes[0]


def test_a_model_that_the_registries_do_not_fit_is_compared_as_a_file(variant):
    text = variant.read_text(encoding="utf-8").replace("initial platforms = 14", "initial platforms = 15")
    variant.write_text(text, encoding="utf-8")

    found = difference(str(TOY / "toy.mdl"), str(variant))

    assert len(found.changes) == 2
    assert found.figures == ()
    assert found.notes[0].startswith("No figures:")


def test_scenarios_differ_in_their_levers():
    found = difference("baseline", "plan_as_written", [2015])

    assert any(change.startswith("fiscal_science_share: as in 2010") for change in found.changes)
    assert {one.year for one in found.figures} == {2015}
    assert found.moved()


def test_batches_are_compared_by_medians_and_chances(toy_city, tmp_path):
    scenario, members = parse_scenario(toy_city, SCENARIO, "a"), draw_priors(toy_city, 20, 1)
    batch(toy_city, [scenario], members, tmp_path / "old")
    batch(toy_city, [scenario], {**members, "platform cost": members["platform cost"] * 2}, tmp_path / "new")

    found = difference(str(tmp_path / "old"), str(tmp_path / "new"), [2015])

    moved = {one.what for one in found.moved()}
    assert any(change.startswith("members_hash") for change in found.changes)
    assert "as_now platforms" in moved
    assert "as_now output" not in moved


def test_sweeps_are_compared_by_means(toy_city, study_of, tmp_path):
    text = "method: monte_carlo\nsize: 50\nseed: {}\nfactors:\n  - {{constant: platform cost, range: [{}, 9]}}\n"
    sweep(study_of(toy_city, text.format(1, 2)), tmp_path / "old")
    sweep(study_of(toy_city, text.format(1, 4)), tmp_path / "new")

    found = difference(str(tmp_path / "old"), str(tmp_path / "new"))

    assert "factors: platform cost changed" in found.changes
    assert {one.what for one in found.moved()} == {"platforms, mean", "platform_openings, mean"}


def test_unlike_things_are_refused(tmp_path):
    with pytest.raises(DocumentError, match="is a scenario and"):
        difference("baseline", str(TOY / "toy.mdl"))


def test_a_move_from_nothing_is_told_and_is_no_number_in_json(variant):
    moved = FigureDifference("output", 2015, "", 0.0, 2.0)

    assert math.isinf(moved.percent)
    found = difference(str(TOY / "toy.mdl"), str(variant), [2015])
    plain = difference_json(found)
    assert plain["moved"][0]["what"] == "platform_openings"
    assert "-20 %" in difference_text(found)


HALF, NONE = 0.03, 0.01  # limits that science money passes under `more`, and under both


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_toy(tmp_path_factory.mktemp("fragile"))


def batched(city, folder: Path, share: float, *broken: tuple[int, float]) -> str:
    """A folder of a batch whose only scenario takes science money to a share."""
    drawn = {**limits(200, *broken), "knowledge elasticity": np.linspace(0.01, 0.1, 200)}
    batch(city, [scenario_of(city, "one", share)], drawn, folder, origin={"seed": 1})
    return str(folder)


def test_members_that_fail_in_one_folder_leave_both(fragile, tmp_path):
    broken = [(1, HALF), (2, HALF)]
    folders = [batched(fragile, tmp_path / str(share), share, *broken) for share in (0.02, 0.04)]
    few = {**limits(198), "knowledge elasticity": np.linspace(0.01, 0.1, 200)[2:]}

    found = difference(*folders, [2015])

    old = bands(simulate(fragile, [scenario_of(fragile, "one", 0.02)], few))["output"]
    moved = {one.what: one for one in found.figures}
    assert moved["one output"].old == float(old.sel(scenario="one", percent=50, year=2015))
    assert "Left out: 2 of 200 members, with no result; 198 are used." in found.notes


def test_folders_that_lose_too_many_together_are_not_compared(fragile, tmp_path):
    folders = [
        batched(fragile, tmp_path / "one", 0.02, (1, NONE), (2, NONE)),
        batched(fragile, tmp_path / "two", 0.02, (1, NONE), (3, NONE)),
    ]
    for folder in map(Path, folders):  # the same members, as two models would have them
        manifest = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**manifest, "members_hash": "same"}))

    with pytest.raises(TooManyFailed, match="3 of 200 members gave no result, and at most 1 %"):
        difference(*folders)


def test_of_sweeps_with_the_same_members_those_that_fail_in_one_leave_both(ishigami, study_of, tmp_path):
    method = "method: latin_hypercube\nsize: 400\noutputs: [{}]\n"
    design = method + "factors:\n  - {{constant: first, range: [-0.03, 2.97]}}\n"
    for name in ("ishigami", "root, ishigami"):
        sweep(study_of(ishigami, design.format(name)), tmp_path / name, double=True)

    found = difference(str(tmp_path / "ishigami"), str(tmp_path / "root, ishigami"), [2011])

    (one,) = found.figures
    assert one.old == pytest.approx(one.new, rel=1e-12)  # summed in another order
    assert "Left out: 4 of 400 members, with no result; 396 are used." in found.notes


def test_a_scenario_whose_nominal_run_fails_is_not_compared(tmp_path, monkeypatch):
    city = fragile_toy(tmp_path / "city", nominal=HALF)
    files = []
    for name, share in (("a", 0.02), ("b", 0.04)):
        files.append(tmp_path / f"{name}.yaml")
        files[-1].write_text(scenario_text(scenario_of(city, name, share)), encoding="utf-8")

    with pytest.raises(TooManyFailed, match=r"Not shown: b\. The nominal run gave no result\. .*“total output”"):
        difference(str(files[0]), str(files[1]), city=city)

"""Two versions side by side: what changed is named, what moved is measured, like is compared with like."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from analysis.differences import Moved, difference, difference_json, difference_text
from analysis.sweep import sweep
from model import DocumentError
from model.draws import draw_priors
from scenarios import parse_scenario
from scenarios.batch import batch

TOY = Path(__file__).parents[1] / "models" / "toy_city"
SCENARIO = """\
schema: 1
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
    moved = Moved("output", 2015, "", 0.0, 2.0)

    assert math.isinf(moved.percent)
    found = difference(str(TOY / "toy.mdl"), str(variant), [2015])
    plain = difference_json(found)
    assert plain["moved"][0]["what"] == "platform_openings"
    assert "-20 %" in difference_text(found)

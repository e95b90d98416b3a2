"""Findings are those of the folder and of the closed forms, survive JSON, and belong to what they were made from."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from innovation.analysis.analysis_folder import analyse
from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import read_design
from innovation.analysis.design.factors import Distributions
from innovation.analysis.findings import findings as finding
from innovation.analysis.findings import shipping
from innovation.analysis.findings.findings import MOST_WEIGHTS, explore, findings_of, from_plain, shipped, shipped_names
from innovation.analysis.sweeps import exploring
from innovation.analysis.sweeps.exploring import Stopped, explored
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.calibration.posterior import kept_draws
from innovation.calibration.priors.space import Space
from innovation.engine.progress import Progress
from innovation.model.files.faults import DocumentError
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.failures import TooManyFailed

OUTPUTS = "outputs: [ishigami]\nyears: [2010, 2011]\n"
LARGEST = 150_000  # bytes of a shipped file


def text_of(method: str, size: int, three: str) -> str:
    return f"method: {method}\nsize: {size}\nseed: 3\n{OUTPUTS}{three}"


def of_year(found, year: int):
    return next(one for one in found.findings if one.year == year)


def test_weights_of_a_sobol_design_are_the_closed_forms(ishigami, study_of, three):
    found = of_year(explore(study_of(ishigami, text_of("sobol", 4096, three))), 2011)

    # Total indices as in test_sensitivity; so many points err by some thousandths. The first factor's sine rises more
    # than it falls, and in the two others the function is even: no direction.
    assert found.kind == "sobol"
    assert [weight.factor for weight in found.weights] == ["first", "second", "third"]
    assert [weight.value for weight in found.weights] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.01)
    assert [weight.direction for weight in found.weights] == [1, 0, 0]
    assert all(weight.low < weight.value < weight.high and weight.sure for weight in found.weights)


def test_weights_of_a_morris_design_are_the_closed_forms(ishigami, study_of, three):
    found = of_year(explore(study_of(ishigami, text_of("morris", 1000, three))), 2011)

    # Mean sizes on four levels: 7.875, 7.7041 and 6.2488, with errors of at most 0.28.
    weights = {weight.factor: weight for weight in found.weights}
    assert weights["second"].value == pytest.approx(7.875, abs=0.01)
    assert weights["first"].value == pytest.approx(7.7041, abs=0.6)
    assert weights["third"].value == pytest.approx(6.2488, abs=0.6)
    assert [weights[name].direction for name in ("first", "second", "third")] == [1, 0, 0]
    assert (found.missed, found.box) == (None, None)


def test_a_missed_target_has_its_share_and_its_box(ishigami, study_of):
    factors = "factors:\n  - {constant: first, range: [-1, 1]}\n  - {constant: third, range: [-1, 1]}\n"

    found = explore(study_of(ishigami, text_of("latin_hypercube", 2000, factors)))

    # With the second factor 0 the function has the sign of the first: the target, 0 at least, is missed below 0.
    late = of_year(found, 2011)
    assert late.missed == pytest.approx(0.5, abs=0.001)
    (limit,) = late.box.limits
    assert (limit.factor, limit.above) == ("first", False)
    assert limit.value == pytest.approx(0, abs=0.05)
    assert late.box.share == late.missed
    assert of_year(found, 2010).missed is None
    assert (late.weights[0].factor, late.weights[0].direction, late.weights[0].sure) == ("first", 1, True)


@pytest.mark.parametrize(
    ("method", "size"), [("grid", 8), ("morris", 40), ("sobol", 64), ("latin_hypercube", 1300), ("monte_carlo", 1300)]
)
def test_exploring_finds_what_the_folder_of_the_same_design_has(
    ishigami, study_of, three, tmp_path, monkeypatch, method, size
):
    monkeypatch.setattr(exploring, "CHUNK", 300)
    study = study_of(ishigami, text_of(method, size, three))

    sweep(study, tmp_path / "out", double=True)

    assert explore(study) == findings_of(read_results(tmp_path / "out"))


def test_levers_and_beliefs_are_explored_as_they_are_swept(toy_city, study_of, tmp_path):
    text = (
        "method: latin_hypercube\nsize: 700\nyears: [2015]\nfactors:\n  - {constant: all, range: prior}\n"
        "  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 2}\n"
    )
    study = study_of(toy_city, text, Distributions(Space(toy_city)))
    sweep(study, tmp_path / "out", double=True)

    held, kept = explored(study), read_results(tmp_path / "out")

    # Members run in other company: the engine's last bits may differ, nothing else.
    everyone = np.arange(700)
    assert np.allclose(held.parameters(everyone), kept.parameters(everyone), rtol=1e-12)
    assert np.allclose(held.figures(2015, everyone), kept.figures(2015, everyone), rtol=1e-9)
    assert findings_of(held).design_hash == findings_of(kept).design_hash


def test_the_page_of_words_names_what_the_findings_weigh(ishigami, study_of, three, tmp_path):
    sweep(study_of(ishigami, text_of("monte_carlo", 2000, three)), tmp_path / "out", double=True)
    results = read_results(tmp_path / "out")

    words, found = analyse(results).words, of_year(findings_of(results), 2011)

    named = ", ".join(
        f"{weight.factor} ({weight.value:.3g}, {weight.low:.3g} to {weight.high:.3g})"
        for weight in found.weights
        if weight.sure
    )
    assert f"- ishigami: {named}" in words


def test_members_that_diverge_are_counted_and_left_out(ishigami, study_of):
    text = (
        "method: latin_hypercube\nsize: 800\noutputs: [ishigami, root]\nyears: [2011]\n"
        "factors:\n  - {constant: first, range: [-0.03, 2.97]}\n  - {constant: second, range: [-1, 1]}\n"
    )

    found = explore(study_of(ishigami, text))

    # A hundredth of a Latin hypercube lies below zero, exactly; without these the function never misses its target.
    assert (found.members, found.failed) == (800, 8)
    assert found.findings[0].missed == 0


def test_members_of_parts_that_could_not_be_computed_count_as_failed(ishigami, study_of, three, tmp_path):
    sweep(study_of(ishigami, text_of("monte_carlo", 500, three)), tmp_path / "out")
    results = read_results(tmp_path / "out")

    results.manifest.update(failed_members=3, failed_parts={"0": "lost"})

    assert results.failed == 503


def test_an_output_that_differs_by_rounding_alone_has_no_weights(ishigami, study_of, three):
    study = study_of(ishigami, text_of("morris", 40, three))
    results = explored(study)

    results.found[:] = 0.035 * (1 + 1e-15 * np.sign(results.found))

    assert [one.weights for one in findings_of(results).findings] == [(), ()]


def test_too_many_failures_are_told_in_one_sentence(ishigami, study_of):
    text = (
        "method: monte_carlo\nsize: 200\noutputs: [root]\nyears: [2011]\n"
        "factors:\n  - {constant: first, range: [-3, -1]}\n"
    )

    with pytest.raises(TooManyFailed, match=r"200 of 200 members gave no result.* Member 0: “root” is not a finite"):
        explore(study_of(ishigami, text))


def test_a_morris_design_whose_members_all_fail_is_told(ishigami, study_of):
    text = (
        "method: morris\nsize: 10\noutputs: [root]\nyears: [2011]\nfactors:\n  - {constant: first, range: [-3, -1]}\n"
    )

    with pytest.raises(TooManyFailed, match="20 of 20 members gave no result, and at most one may be left out"):
        explore(study_of(ishigami, text))


def test_exploring_tells_how_far_it_is(ishigami, study_of, three):
    told = []

    explore(study_of(ishigami, text_of("monte_carlo", 1200, three)), on_progress=told.append)

    assert told == [Progress("members", done, 1200) for done in (0, 500, 1000, 1200)]


def test_stopping_is_heeded_within_the_estimates_too(ishigami, study_of, three):
    told: list[int] = []
    asked: list[int] = []

    def stopped() -> bool:
        asked.append(len(told))
        return asked.count(3) > 6

    with pytest.raises(Stopped):
        explore(
            study_of(ishigami, text_of("monte_carlo", 1200, three)),
            on_progress=lambda now: told.append(now.done) if now.done else None,
            stopped=stopped,
        )

    assert asked.count(3) == 7  # before a target, a year and each of three factors, and again


@pytest.mark.parametrize("after", [0, 1, 3])  # 3: nothing is left to run, but the years are not looked at
def test_exploring_stops_where_it_is_told_to(ishigami, study_of, three, after):
    told: list[int] = []

    with pytest.raises(Stopped):
        explore(
            study_of(ishigami, text_of("monte_carlo", 1200, three)),
            on_progress=lambda now: told.append(now.done) if now.done else None,
            stopped=lambda: len(told) >= after,
        )

    assert len(told) == after


def test_a_design_too_large_for_memory_is_refused(ishigami, study_of, three):
    with pytest.raises(DocumentError, match=r"1,000,000 members; at most 200,000"):
        explore(study_of(ishigami, text_of("monte_carlo", 1_000_000, three)))


def test_findings_survive_json_exactly(toy_city, study_of):
    text = (
        "method: latin_hypercube\nsize: 300\nyears: [2015]\nfactors:\n  - {constant: all, range: prior}\n"
        "  - {lever: research_share, range: [0.1, 0.5]}\n"
    )
    found = explore(study_of(toy_city, text, Distributions(Space(toy_city))))

    back = from_plain(json.loads(json.dumps(found.plain(), allow_nan=False)))

    assert back == found
    assert back.factors["research_share"] == {
        "kind": "lever", "range": [0.1, 0.5], "from": 2011.0, "ramp": 0.0, "give_way": {"platform_share": 0.4},
    }  # fmt: skip


@pytest.mark.parametrize("content", [{}, {"members": 3}, "findings", None])
def test_what_are_no_findings_is_refused(content):
    with pytest.raises(ValueError, match="Findings"):
        from_plain(content)


def test_findings_say_in_what_they_differ_from_a_study(ishigami, toy_city, study_of, three):
    text = text_of("monte_carlo", 200, three)

    found = explore(study_of(ishigami, text))

    assert found.parted(study_of(ishigami, text)) == []
    assert found.parted(study_of(ishigami, text.replace("3.14", "3.13", 1))) == ["design"]


def test_another_title_of_the_scenario_is_no_other_design(ishigami, study_of, three):
    study = study_of(ishigami, text_of("morris", 40, three))
    words = study.scenario.title.model_copy(update={"en": "Another title"})
    renamed = replace(study, scenario=study.scenario.model_copy(update={"title": words, "source": "another"}))

    assert explore(study).parted(renamed) == []


def test_shipped_findings_belong_to_this_model_design_and_posterior(city):
    draws = kept_draws.load(city)
    distributions = Distributions(Space(city), draws.draws, draws.hash)

    faults = []
    for name, path in shipping.designs().items():
        design, document = read_design(path)
        study = make_study(city, design, load_scenario(city, design.scenario), distributions, document)
        faults += filter(None, [shipping.stale(name, study)])

    assert "\n".join(map(str, faults)) == ""
    assert shipped_names() == sorted(shipping.designs())


@pytest.mark.parametrize("name", shipped_names())
def test_shipped_findings_are_small_and_say_something(city, name):
    found = shipped(name)

    assert (finding.SHIPPED / f"{name}.json").stat().st_size < LARGEST
    assert {one.output for one in found.findings} <= set(city.targets)
    assert set(Counter((one.output, one.year) for one in found.findings).values()) == {1}
    for one in found.findings:
        assert len(one.weights) <= MOST_WEIGHTS
        values = [weight.value for weight in one.weights]
        assert values == sorted(values, reverse=True)
        assert all(weight.factor in found.factors and math.isfinite(weight.value) for weight in one.weights)
    assert any(weight.sure for one in found.findings for weight in one.weights)
    if found.kind != "morris":
        assert any(one.box for one in found.findings)


def test_shipped_findings_of_another_design_are_stale(ishigami, study_of, three, tmp_path, monkeypatch):
    for module in (finding, shipping):
        monkeypatch.setattr(module, "SHIPPED", tmp_path)
    study = study_of(ishigami, text_of("monte_carlo", 300, three))
    missing = str(shipping.stale("toy", study))

    shipping.ship("toy", explore(study))

    assert "It is missing" in missing
    assert shipping.stale("toy", study) is None
    other = shipping.stale("toy", study_of(ishigami, text_of("monte_carlo", 301, three)))
    assert "another design" in str(other)
    assert "cli.py findings" in str(other)


def test_what_is_shipped_is_rounded_and_nothing_else(ishigami, study_of, three, tmp_path, monkeypatch):
    monkeypatch.setattr(finding, "SHIPPED", tmp_path)
    monkeypatch.setattr(shipping, "SHIPPED", tmp_path)
    found = explore(study_of(ishigami, text_of("morris", 50, three)))

    shipping.ship("toy", found)

    read = shipped("toy")
    assert (read.factors, read.design, read.model_hash) == (found.factors, found.design, found.model_hash)
    for one, whole in zip(read.findings, found.findings, strict=True):
        assert [w.value for w in one.weights] == pytest.approx([w.value for w in whole.weights], rel=1e-3)
        assert all(w.value == float(f"{w.value:.4g}") for w in one.weights)


def test_findings_that_are_not_shipped_or_damaged_are_told(tmp_path, monkeypatch):
    with pytest.raises(DocumentError, match="Did you mean: screening"):
        shipped("screenin")

    monkeypatch.setattr(finding, "SHIPPED", tmp_path)
    (tmp_path / "hurt.json").write_text('{"members": 3', encoding="utf-8")
    with pytest.raises(DocumentError, match=r"cli\.py findings"):
        shipped("hurt")

"""Designs as people write them: what is right is read, and what is wrong is told at once, with the nearest names."""

from __future__ import annotations

import shutil
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import DesignError, design_schema, parse_design
from innovation.analysis.design.factors import Distributions
from innovation.analysis.design.points import members_of
from innovation.calibration.priors.space import Space
from innovation.model.files.yaml_documents import parse_document
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import load_scenario
from innovation.ui.draft import reshared
from tests.switched import SWITCH, VARIANT, WEIGHT

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"

TEXT = """\
schema: 1
method: latin_hypercube
size: 100
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 2}
  - {input: electronics_demand, range: [0.02, 0.1]}
outputs: [output, "industry output[materials]"]
years: [2015, 2010]
"""


def faults_of(study_of, city, text: str, distributions: Distributions | None = None) -> str:
    with pytest.raises(DesignError) as caught:
        study_of(city, text.removeprefix("schema: 1\n"), distributions)
    return str(caught.value)


def test_a_design_names_constants_levers_and_assumptions(toy_city, study_of):
    study = study_of(toy_city, TEXT.removeprefix("schema: 1\n"))

    assert study.names == ("knowledge elasticity", "science_share", "electronics_demand")
    assert [output.id for output in study.outputs] == ["output", "industry output[materials]"]
    assert study.years == (2010, 2015)
    assert study.plan.members == 100


def test_a_list_is_not_called_empty_because_its_only_entry_is_wrong():
    text = "schema: 1\nmethod: morris\nsize: 4\nfactors:\n  - {lever: science_share, range: [0.1, 0.01]}\n"

    with pytest.raises(DesignError, match="inverted") as wrong:
        parse_design(text)
    with pytest.raises(DesignError, match="factors\n  It must not be empty"):
        parse_design("schema: 1\nmethod: morris\nsize: 4\nfactors: []\n")

    assert len(wrong.value.faults) == 1


def test_points_lie_in_their_ranges_and_strata(toy_city, study_of):
    study = study_of(toy_city, TEXT.removeprefix("schema: 1\n"))

    values, given = study.block(0, 100)

    low, high = np.array([0.01, 0.01, 0.02]), np.array([0.1, 0.05, 0.1])
    assert np.array_equal(np.sort(((values - low) / (high - low) * 100).astype(int), axis=0)[:, 0], np.arange(100))
    assert ((values >= low) & (values <= high)).all()
    assert np.array_equal(given["science share"].changes[0].to, values[:, 1])
    assert (given["science share"].changes[0].start, given["science share"].changes[0].ramp) == (2012, 2)


@pytest.mark.parametrize(
    ("method", "size", "factors", "members"),
    [
        ("morris", 10, 4, 50),
        ("sobol", 8, 4, 48),
        ("grid", 3, 4, 81),
        ("latin_hypercube", 7, 4, 7),
        ("monte_carlo", 7, 4, 7),
    ],
)
def test_a_method_has_its_number_of_members(method, size, factors, members):
    design, _ = parse_design(
        f"schema: 1\nmethod: {method}\nsize: {size}\nfactors:\n  - {{constant: a, range: [0, 1]}}\n"
    )

    assert members_of(design, factors) == members


def test_a_grid_holds_every_combination_with_its_ends(toy_city, study_of):
    text = TEXT.replace("latin_hypercube", "grid").replace("size: 100", "size: 3").removeprefix("schema: 1\n")
    study = study_of(toy_city, text)

    values, _ = study.block(0, 27)

    assert len(np.unique(values, axis=0)) == 27
    assert sorted(set(values[:, 0].round(12))) == pytest.approx([0.01, 0.055, 0.1])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("knowledge elasticity", "knowlege elasticity", "Did you mean: knowledge elasticity"),
        ("lever: science_share", "lever: science_shar", "Did you mean: science_share"),
        ("lever: science_share", "lever: electronics_demand", "It is an input"),
        ("constant: knowledge elasticity", "constant: research share", "Write `lever: research_share`"),
        ("[0.01, 0.1]", "[0.01, 0.9]", "leaves the bounds 0 … 0.2"),
        ("[0.01, 0.1]", "[0.1, 0.01]", "inverted"),
        ("[0.01, 0.1]", "priors", "Did you mean: prior"),
        ("[0.01, 0.1]", "prior", "Nothing is known here of the prior"),
        ("output,", "outputs,", "Did you mean: output"),
        ("[2015, 2010]", "[2015, 2035]", "no figures of 2035"),
        ("latin_hypercube", "latin_hypercubes", "Did you mean: latin_hypercube"),
        ("from: 2012", "from: 2005", "expected 2011 to 2026"),
        ("constant: knowledge elasticity", "constant: science share", "varied a second time"),
        ("size: 100", "sizes: 100", "Did you mean: size"),
        ("schema: 1", "schema: 2", "reads schema 1"),
        ("input: electronics_demand", "input: electronics_demand, lever: science_share", "names one of"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(toy_city, study_of, old, new, said):
    assert old in TEXT
    with pytest.raises(DesignError) as caught:
        from innovation.analysis.design.checking import make_study
        from innovation.scenarios.scenario_files import load_scenario

        design, document = parse_design(TEXT.replace(old, new, 1), "design.yaml")
        make_study(toy_city, design, load_scenario(toy_city, "baseline"), None, document)

    assert said in str(caught.value)
    assert "line" in str(caught.value)


def test_all_faults_come_at_once(toy_city, study_of):
    text = (
        TEXT.replace("knowledge elasticity", "knowlege")
        .replace("science_share", "sciens_share")
        .replace("2010]", "1900]")
    )

    said = faults_of(study_of, toy_city, text)

    assert said.startswith("3 faults")


@pytest.mark.parametrize(("size", "following"), [(100, 128), (1000, 1024), (3, 4)])
def test_a_size_that_sobol_does_not_allow_names_the_next(size, following):
    with pytest.raises(DesignError, match=f"Next: {following}"):
        parse_design(TEXT.replace("latin_hypercube", "sobol").replace("size: 100", f"size: {size}"))


def test_a_grid_beyond_all_measure_is_refused(toy_city, study_of):
    text = TEXT.replace("latin_hypercube", "grid").replace("size: 100", "size: 1000")

    assert "has 1e+09 members" in faults_of(study_of, toy_city, text)


def test_draws_from_the_posterior_need_a_method_for_dependent_factors():
    text = TEXT.replace("[0.01, 0.1]", "posterior")

    with pytest.raises(DesignError, match="depend on each other"):
        parse_design(text)


def test_the_whole_prior_is_every_uncertain_constant(toy_city, study_of):
    distributions = Distributions(Space(toy_city))
    text = "method: monte_carlo\nsize: 4000\nfactors:\n  - {constant: all, range: prior}\n"

    study = study_of(toy_city, text, distributions)
    values, given = study.block(0, 4000)

    assert set(study.names) == {
        "trend growth[electronics]", "trend growth[materials]", "knowledge elasticity", "forgetting", "platform cost",
    }  # fmt: skip
    column = values[:, study.names.index("platform cost")]
    # LN(4, .3): the median of 4 000 draws lies within 3 % of 4.
    assert np.median(column) == pytest.approx(4, rel=0.03)
    assert np.array_equal(given["platform cost"], column)


def test_posterior_draws_go_together_and_repeat_in_order(toy_city, study_of):
    draws = {"platform cost": np.array([1.0, 2.0, 3.0]), "forgetting": np.array([0.1, 0.2, 0.3])}
    text = "method: monte_carlo\nsize: 7\nfactors:\n  - {constant: all, range: posterior}\n"

    values, _ = study_of(toy_city, text, Distributions(posterior=draws)).block(0, 7)

    assert np.array_equal(values[:, 0], [1, 2, 3, 1, 2, 3, 1])
    assert np.allclose(values[:, 1], values[:, 0] / 10)


def test_the_schema_takes_what_the_reader_takes_and_refuses_what_it_refuses():
    schema = design_schema()

    jsonschema.validate(parse_document(TEXT, "x").data, schema)
    for old, new in (("latin_hypercube", "latin"), ("[0.01, 0.1]", "priors"), ("size: 100", "size: none")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(parse_document(TEXT.replace(old, new), "x").data, schema)


def mix(*factors: str) -> str:
    lines = "".join(f"  - {{lever: {factor}}}\n" for factor in factors)
    return f"method: latin_hypercube\nsize: 50\nfactors:\n{lines}"


def paths_of(city, given) -> dict[str, object]:
    """The paths of the shares of the city's science money, by lever."""
    names = [name for name, lever in city.levers.items() if lever.share_of == "mix"]
    return {name: given[city.spelling(*city.locate(city.levers[name].constant))] for name in names}


def test_one_share_moves_the_others_as_the_page_does(city, study_of):
    study = study_of(city, mix("mix_talent, range: [0.05, 0.6], from: 2012, ramp: 3"))

    values, given = study.block(0, 50)

    paths = paths_of(city, given)
    practice = {name: city.practice(name) for name in paths}
    assert {(path.changes[0].start, path.changes[0].ramp) for path in paths.values()} == {(2012, 3)}
    for member, to in enumerate(values[:, 0]):
        page = reshared(practice, "mix_talent", float(to))
        # The page rounds shares to 0.01 %, and the largest takes up what that leaves.
        assert {name: path.changes[0].to[member] for name, path in paths.items()} == pytest.approx(page, abs=5e-4)
    assert np.sum([path.changes[0].to for path in paths.values()], axis=0) == pytest.approx(1, abs=1e-12)


def test_the_others_keep_the_proportions_of_the_scenario(city, study_of):
    text = mix("mix_talent, range: [0.05, 0.6]").replace("method", "scenario: talent_platforms\nmethod")
    scenario = load_scenario(city, "talent_platforms")

    study = study_of(city, text)

    paths = paths_of(city, study.block(0, 50)[1])
    grants, research = (scenario.changes_of(name)[-1].to for name in ("mix_grants", "mix_research"))
    found = paths["mix_grants"].changes[0].to / paths["mix_research"].changes[0].to
    assert found == pytest.approx(grants / research)
    assert study.facts()["mix_talent"]["give_way"]["mix_grants"] == grants


def test_two_shares_leave_the_rest_to_the_others(city, study_of):
    study = study_of(city, mix("mix_talent, range: [0.05, 0.4]", "mix_grants, range: [0, 0.6]"))

    values, given = study.block(0, 50)

    paths = paths_of(city, given)
    assert np.array_equal(paths["mix_talent"].changes[0].to, values[:, 0])
    assert np.array_equal(paths["mix_grants"].changes[0].to, values[:, 1])
    assert np.sum([path.changes[0].to for path in paths.values()], axis=0) == pytest.approx(1, abs=1e-12)
    assert min(path.changes[0].to.min() for path in paths.values()) >= 0


def test_shares_sum_to_one_in_the_model_at_every_moment(toy_city, study_of):
    study = study_of(toy_city, mix("research_share, range: [0, 1], from: 2012, ramp: 4"))

    run = toy_city.model.run(study.block(0, 50)[1], ["total share"])

    np.testing.assert_allclose(run["total_share"].values, 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("factors", "said"),
    [
        (("mix_talent, range: [0.1, 0.6]", "mix_grants, range: [0, 0.5]"), "may reach 1.1 together"),
        (("mix_talent, range: [0.1, 0.6]", "mix_grants, range: [0, 0.3], ramp: 1"), "different dates"),
        (("mix_talent, range: [0.1, 0.6], from: 2012", "mix_grants, range: [0, 0.3]"), "different dates"),
        (("mix_talent, range: [0.1, 1.6]",), "leaves the bounds 0 … 1"),
    ],
)
def test_shares_that_cannot_be_are_refused(city, study_of, factors, said):
    assert said in faults_of(study_of, city, mix(*factors))


def test_one_share_must_be_left_to_give_way(toy_city, study_of):
    text = mix("research_share, range: [0.1, 0.4]", "platform_share, range: [0.2, 0.6]")

    assert "none is left to give way" in faults_of(study_of, toy_city, text)


def test_a_share_does_not_give_way_beyond_its_bounds(study_of, tmp_path):
    shutil.copytree(TOY_CITY, tmp_path / "toy")
    file = tmp_path / "toy" / "levers.yaml"
    before, _, after = file.read_text(encoding="utf-8").rpartition("    low: 0\n    high: 1\n")
    file.write_text(f"{before}    low: 0.2\n    high: 0.8\n{after}", encoding="utf-8")

    said = faults_of(study_of, load_city(tmp_path / "toy"), mix("research_share, range: [0.1, 0.4]"))

    assert "platform_share gives way from 0.9 to 0.6, beyond its bounds 0.2 … 0.8" in said


def test_a_design_that_is_wrong_throughout_is_answered_in_a_few_words(toy_city):
    factors = "".join(f"  - {{constant: knowlege elasticiti {n}, range: [0, 1]}}\n" for n in range(2000))
    design, document = parse_design(f"schema: 1\nmethod: morris\nsize: 4\nfactors:\n{factors}")

    with pytest.raises(DesignError) as caught:
        make_study(toy_city, design, load_scenario(toy_city, "baseline"), document=document)

    assert len(caught.value.faults) <= 202
    assert len(str(caught.value).encode()) < 40_000


@pytest.mark.parametrize("ramp", ["1e300", "100.5", "-1"])
def test_a_ramp_is_bounded(ramp):
    text = f"schema: 1\nmethod: morris\nsize: 4\nfactors: [{{lever: a, range: [0, 1], ramp: {ramp}}}]\n"

    with pytest.raises(DesignError, match="than or equal to"):
        parse_design(text)


SWITCHED = (
    "method: {method}\nsize: {size}\nfactors:\n  - {{{factor}}}\n  - {{constant: forgetting, range: [0.1, 0.2]}}\n"
)


@pytest.mark.parametrize(
    "factor",
    [
        f"constant: {SWITCH}, range: [0, 1]",
        f"constant: {SWITCH}, range: prior",
        f"input: {VARIANT}, range: [0, 1]",
    ],
)
@pytest.mark.parametrize("method", ["morris", "sobol", "latin_hypercube", "grid", "monte_carlo"])
def test_a_switch_is_0_or_1_in_every_design(switched_city, study_of, factor, method):
    text = SWITCHED.format(method=method, size=64, factor=factor)
    distributions = Distributions(Space(switched_city))

    study = study_of(switched_city, text, distributions)
    values, given = study.block(0, study.plan.members)

    column = values[:, study.names.index(VARIANT if "input" in factor else SWITCH)]
    assert set(column) == {0.0, 1.0}
    weight = WEIGHT if "prior" in factor and method not in ("morris", "grid") else 0.5
    assert column.mean() == pytest.approx(weight, abs=0.2 if method in ("morris", "monte_carlo") else 0.02)
    path = given[SWITCH]
    moved = path.changes[0].to if path.changes else path.base
    assert (moved == column).all()


@pytest.mark.parametrize(
    ("factor", "method", "size", "said"),
    [
        (f"constant: {SWITCH}, range: [0, 0.5]", "sobol", 4, "0 or 1, and nothing between"),
        (f"input: {VARIANT}, range: [0, 1], ramp: 2", "sobol", 4, "without a ramp"),
        (f"constant: {SWITCH}, range: [0, 1]", "grid", 3, "Next: 4"),
        (f"constant: {SWITCH}, range: prior", "grid", 3, "Next: 4"),
    ],
)
def test_what_is_between_the_values_of_a_switch_is_refused(switched_city, study_of, factor, method, size, said):
    with pytest.raises(DesignError) as caught:
        study_of(
            switched_city, SWITCHED.format(method=method, size=size, factor=factor), Distributions(Space(switched_city))
        )

    assert said in str(caught.value)

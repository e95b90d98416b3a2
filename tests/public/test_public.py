"""The public names: what they answer, what they refuse and how, and that their docstrings say all of it."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
import innovation
from innovation.calibration.drawn_members import given_members
from innovation.scenarios import PolicyChange, destination, given_way, shares_of, with_changes

ROOT = Path(__file__).parents[2]
FUNCTIONS = [name for name in innovation.__all__ if inspect.isfunction(getattr(innovation, name))]
OWN = [getattr(innovation, name) for name in ("SimulationResult", "PolicyObjective")]
METHODS = [
    method for one in OWN for name, method in inspect.getmembers(one, inspect.isfunction) if not name.startswith("_")
]
DESCRIBED = [*(getattr(innovation, name) for name in FUNCTIONS), *METHODS]
DESIGN = """
schema: 1
method: monte_carlo
size: 16
factors:
  - {lever: fiscal_science_share, range: [0.01, 0.05], from: 2012}
outputs: [rd_intensity]
years: [2015]
"""
LEVERS = ["fiscal_science_share", "graduate_retention"]


@pytest.fixture(scope="module")
def plan() -> innovation.SimulationResult:
    return innovation.simulate("plan_as_written", members=60)


def sections(thing: object) -> dict[str, str]:
    """The sections of a numpydoc docstring, by their titles."""
    parts = re.split(r"^(\w[\w ]*)\n-{3,}\n", inspect.getdoc(thing) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("thing", DESCRIBED, ids=lambda one: one.__qualname__)
def test_a_docstring_describes_every_parameter_and_what_comes_back(thing: object) -> None:
    found, signature = sections(thing), inspect.signature(thing)  # type: ignore[arg-type]
    wanted = [name for name in signature.parameters if name != "self"]

    told = re.findall(r"^(\*?\w+(?:, \*?\w+)*)$", found.get("Parameters", ""), re.MULTILINE)
    assert sorted(name.lstrip("*") for line in told for name in line.split(", ")) == sorted(wanted)
    assert "Returns" in found


@pytest.mark.parametrize("name", innovation.__all__)
def test_every_public_name_has_a_docstring(name: str) -> None:
    assert len(inspect.getdoc(getattr(innovation, name)) or "") > 40


def test_the_names_are_those_that_are_offered() -> None:
    assert set(innovation.__all__) <= set(dir(innovation))
    assert not hasattr(innovation, "no_such_name")
    assert innovation.public.__all__ == innovation.__all__


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, innovation; print('numpy' in sys.modules)"

    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def test_a_chance_is_that_of_the_command_line(plan, capsys) -> None:
    assert cli.main(["simulate", "plan_as_written", "--members", "60", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["chances"]["plan_as_written"]
    table = plan.chances().set_index("target")

    assert {name: one["chance"] for name, one in said["targets"].items()} == {
        name: table.chance[name] for name in said["targets"]
    }
    assert said["all"]["chance"] == table.chance["all"]
    assert plan.chance("rd_intensity").error == table.error["rd_intensity"]


def test_bands_are_of_the_published_figures_unless_the_city_is_asked_for(plan) -> None:
    at = {"scenario": "plan_as_written", "indicator": "gdp", "year": 2015}
    wide, narrow = (
        one[(one[list(at)] == list(at.values())).all(axis=1)].iloc[0] for one in (plan.bands(), plan.bands("city"))
    )

    assert (wide.band, narrow.band) == ("published", "city")
    assert wide.p95 - wide.p05 > narrow.p95 - narrow.p05
    with pytest.raises(ValueError, match="'published' or 'city'"):
        plan.bands("both")


def test_some_indicators_and_years_are_those_of_all(plan) -> None:
    some = innovation.simulate(
        "plan_as_written", members=60, indicators=["rd_intensity", "patent_grants"], years=[2010, 2015]
    )

    assert list(some.figures.data_vars) == ["rd_intensity", "patent_grants"]
    np.testing.assert_allclose(some.figures.rd_intensity, plan.figures.rd_intensity.sel(year=[2010, 2015]), rtol=1e-11)
    assert some.chance("rd_intensity").chance == plan.chance("rd_intensity").chance
    assert set(some.chances().target) == {"rd_intensity", "all"} | ({"patent_grants"} & set(plan.city.targets))
    with pytest.raises(ValueError, match="Costs need all indicators"):
        some.costs()


def test_costs_and_views_have_the_columns_of_their_files(plan) -> None:
    assert {"payer", "what", "mean"} <= set(plan.costs().columns)
    assert "variant" in plan.views().columns or len(plan.views().columns) > 3
    assert set(plan.targets().id) == set(plan.city.targets)


def test_a_single_number_holds_for_all_members() -> None:
    drawn = innovation.draw_priors(3).members
    name = "market elasticity"
    both = [
        innovation.simulate("baseline", members={name: drawn[name], "digestion elasticity": value}).figures
        for value in (0.4, [0.4, 0.4, 0.4])
    ]

    assert np.array_equal(both[0].rd_intensity, both[1].rd_intensity)


def test_a_policy_is_the_scenario_of_a_file_that_says_the_same() -> None:
    made = innovation.policy({"fiscal_science_share": 0.036, "market_growth": 0.05}, start=2012, ramp=2)
    text = """
schema: 2
id: policy
title: {en: x, zh: x}
question: {en: x, zh: x}
source: judgement
policies: [{lever: fiscal_science_share, from: 2012, to: 0.036, ramp: 2}]
assumptions: [{input: market_growth, from: 2012, to: 0.05, ramp: 2}]
"""
    written = innovation.parse_scenario(text)

    assert made.changes == written.changes


def test_shares_of_one_sum_give_way_to_those_that_a_policy_sets() -> None:
    made = innovation.policy({"mix_talent": 0.4})

    shares = [change.to for change in made.policies]
    assert len(shares) > 2
    assert sum(shares) == pytest.approx(1)


def test_a_change_has_dates_of_its_own() -> None:
    steps = [innovation.Change(2011.0, 0.03), innovation.Change(2013.0, 0.036, 1.0)]
    made = innovation.policy({"fiscal_science_share": steps})

    assert [(one.start, one.to, one.ramp) for one in made.policies] == [(2011, 0.03, 0), (2013, 0.036, 1)]


REFUSED = {
    "lever": (lambda: innovation.policy({"fiscal_science_shar": 0.03}), "fiscal_science_share"),
    "range": (lambda: innovation.policy({"fiscal_science_share": 30}), "30"),
    "date": (lambda: innovation.policy({"fiscal_science_share": 0.03}, start=2009), "2009"),
    "scenario": (lambda: innovation.simulate("plan_as_writen"), "plan_as_written"),
    "indicator": (lambda: innovation.simulate("baseline", indicators=["rd_intensty"]), "rd_intensity"),
    "no indicator": (lambda: innovation.simulate("baseline", indicators=[]), "No indicator"),
    "year": (
        lambda: innovation.simulate("baseline", years=[1999]),
        "years[0] is 1999; expected a whole number from 2005",
    ),
    "constant": (lambda: innovation.simulate("baseline", members={"market elastcity": [1.0]}), "market elasticity"),
    "lengths": (
        lambda: innovation.simulate("baseline", members={"market elasticity": [1, 1], "time to decide": [1, 1, 1]}),
        "market elasticity: 2, time to decide: 3",
    ),
    "fewer than none": (lambda: innovation.simulate("baseline", members=-1), "-1"),
    "no constants": (lambda: innovation.simulate("baseline", members={}), "no constant"),
    "no members": (lambda: innovation.simulate("baseline").chances(), "nominal run alone"),
    "posterior of nothing": (
        lambda: innovation.simulate("baseline", members={"market elasticity": [1.0]}, posterior="x.parquet"),
        "posterior is 'x.parquet'",
    ),
    "priors": (lambda: innovation.load_city(priors="known"), "known_by_2010"),
    "prior draws": (lambda: innovation.draw_priors(0), "members is 0"),
    "posterior file": (lambda: innovation.load_posterior("nothing.parquet"), "nothing.parquet"),
    "objective's lever": (lambda: innovation.objective(["graduate_retentoin"]), "graduate_retention"),
    "objective's target": (lambda: innovation.objective(LEVERS, targets=["rd_intensty"]), "rd_intensity"),
    "objective's levers": (lambda: innovation.objective([]), "None is named"),
    "objective's members": (lambda: innovation.objective(LEVERS, members=0), "1 or more"),
    "objective's date": (lambda: innovation.objective(LEVERS, members=2, start=2000), "2000"),
    "point": (lambda: innovation.objective(LEVERS, members=2)([0.02]), "(1,)"),
    "range of a point": (lambda: innovation.objective(LEVERS, members=2)([[0.02, 1], [9, 1]]), "row 1"),
    "batch": (lambda: innovation.run_batch("baseline", "out", members=0), "2 or more"),
    "design": (lambda: innovation.load_design("nothing.yaml"), "nothing.yaml"),
    "city's own draws": (
        lambda: innovation.calibrate(ROOT / "calibration" / "posterior.parquet"),
        "the city's own draws",
    ),
    "band of an objective": (lambda: innovation.objective(LEVERS, members=2, band="publshed"), "'published' or 'city'"),
    "band of a batch": (lambda: innovation.run_batch("baseline", "out", members=2, band="publshed"), "'published'"),
    "language": (lambda: innovation.run_batch("baseline", "out", members=2, language="de"), "'en' or 'zh'"),
    "threads": (lambda: innovation.run_batch("baseline", "out", members=2, threads=0), "threads is 0"),
    "threads of a sweep": (lambda: innovation.sweep(DESIGN, "out", threads=1.5), "threads is 1.5"),
    "one member": (lambda: innovation.run_batch("baseline", "out", members=1), "2 or more"),
    "no year": (lambda: innovation.simulate("baseline", years=[]), "one year at least"),
    "half a year": (lambda: innovation.difference("baseline", "plan_as_written", years=[2015.5]), "years[0] is 2015.5"),
    "another year": (lambda: innovation.difference("baseline", "plan_as_written", years=[1999]), "years[0] is 1999"),
    "half a member": (lambda: innovation.simulate("baseline", members=10.5), "members is 10.5"),
    "a truth": (lambda: innovation.simulate("baseline", members=True), "members is True"),
    "too many": (lambda: innovation.simulate("baseline", members=10**12), "from 0 to 1,000,000"),
    "a name twice": (
        lambda: innovation.simulate("baseline", members={"market elasticity": 0.5, "Market Elasticity": 0.9}),
        "has values already",
    ),
    "no values": (lambda: innovation.simulate("baseline", members={"market elasticity": []}), "market elasticity is"),
    "text": (lambda: innovation.simulate("baseline", members={"market elasticity": "0.5"}), "expected a finite number"),
    "truths": (lambda: innovation.simulate("baseline", members={"market elasticity": [True]}), "finite number"),
    "a table": (lambda: innovation.simulate("baseline", members={"market elasticity": [[1.0, 2], [3, 4]]}), "(2, 2)"),
    "posterior beside none": (lambda: innovation.simulate("baseline", posterior="nofile.parquet"), "nofile.parquet"),
    "city": (lambda: innovation.simulate("baseline", city="wuhan"), "city is 'wuhan'"),
    "nothing": (lambda: innovation.simulate(None), "scenarios is None"),
    "a number": (lambda: innovation.simulate([5]), "scenario is 5"),
    "id": (lambda: innovation.policy({"graduate_retention": 1.2}, id="My Policy"), "id"),
    "no number": (lambda: innovation.policy({"tax_relief": float("nan")}), "tax_relief is nan"),
    "a negative ramp": (lambda: innovation.policy({"tax_relief": 0.1}, ramp=-1), "ramp is -1"),
    "no course": (lambda: innovation.policy({"tax_relief": []}), "tax_relief is []"),
    "text for a number": (lambda: innovation.policy({"tax_relief": "0.5"}), "tax_relief is '0.5'"),
    "no changes": (lambda: innovation.policy(None), "changes is None"),
    "nothing to combine": (lambda: innovation.combine(), "one scenario at least"),
    "a scenario for a file": (lambda: innovation.difference(innovation.policy({}), "baseline"), "expected a path"),
    "two scenarios": (lambda: innovation.objective(LEVERS, scenario=["baseline", "plan_as_written"]), "one scenario"),
    "an assumption": (lambda: innovation.objective(["market_reach"]), "It is an input"),
    "shares beyond one": (
        lambda: innovation.objective(["mix_grants", "mix_research"], members=2)([0.6, 0.5]),
        "mix_grants, mix_research sum to 1.1",
    ),
    "words for a point": (lambda: innovation.objective(LEVERS, members=2)("x"), "no array of numbers"),
    "seed": (lambda: innovation.draw_priors(2, seed=-1), "seed is -1"),
    "listener": (lambda: innovation.run_batch("baseline", "out", members=2, on_progress=5), "on_progress is 5"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_refused_with_what_would_do(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, said = REFUSED[case]
    monkeypatch.chdir(tmp_path)

    with pytest.raises((ValueError, innovation.RunError)) as error:
        call()
    assert said in str(error.value)
    assert list(tmp_path.iterdir()) == []  # nothing was begun


def test_numbers_of_numpy_and_single_names_are_taken(plan) -> None:
    found = innovation.simulate(
        "plan_as_written", members=np.int64(60), indicators="rd_intensity", years=np.array([2015, 2015])
    )

    assert list(found.figures.data_vars) == ["rd_intensity"]
    assert found.figures.year.values.tolist() == [2015]
    assert found.chance("rd_intensity").chance == plan.chance("rd_intensity").chance
    assert innovation.simulate("baseline", years=(year for year in (2012, 2015))).figures.sizes["year"] == 2
    assert plan.chance("all").chance == plan.chances().set_index("target").chance["all"]
    assert innovation.combine("baseline", "plan_as_written").id == "baseline+plan_as_written"
    assert innovation.policy({"graduate_retention": 1.2}).title.en == "A policy from Python"


def test_chances_of_what_was_not_simulated_are_refused(plan) -> None:
    with pytest.raises(innovation.DocumentError, match="rd_intensity"):
        plan.chance("rd_intensty")
    with pytest.raises(innovation.DocumentError, match="plan_as_written"):
        plan.chance("rd_intensity", scenario="plan_as_writen")


def test_draws_of_another_model_are_refused(tmp_path: Path) -> None:
    text = (ROOT / "model" / "innovation.mdl").read_text(encoding="utf-8")
    variant = tmp_path / "variant.mdl"
    equation = "change in platform quality = (platform quality wanted - free platform quality)"
    assert equation in text
    equation = "change in platform quality = (platform quality wanted - free platform quality)"
    assert equation in text
    variant.write_text(text.replace(equation, f"{equation} * 0.5"), encoding="utf-8")
    draws = innovation.load_posterior()

    with pytest.raises(innovation.DocumentError, match="rebind"):
        innovation.simulate("baseline", members=draws, city=innovation.load_city(variant))


def test_an_objective_is_what_scenarios_of_the_same_policies_give() -> None:
    of = innovation.objective(
        LEVERS, members=40, start=2012, ramp=1, band="city", targets=["rd_intensity", "patent_grants"][:1]
    )
    points = np.array([of.practice, [0.05, 1.3]])
    found = of.chances(points)

    for row, point in enumerate(points):
        policy = innovation.policy(dict(zip(LEVERS, point, strict=True)), start=2012, ramp=1)
        alone = innovation.simulate(policy, members=40)
        assert found[row, 0] == alone.chance("rd_intensity", band="city").chance
        assert of.errors(found)[row, 0] == alone.chance("rd_intensity", band="city").error
    assert of(points).tolist() == found.sum(axis=1).tolist()
    assert of(points[1]) == found[1].sum()


def test_an_objective_of_published_figures_and_shares_is_that_of_scenarios(plan) -> None:
    levers = ["mix_talent", "graduate_retention"]
    of = innovation.objective(levers, members=40, scenario="plan_as_written")
    beside = innovation.load_scenario("plan_as_written")
    [found] = of.chances([[0.35, 1.2]])
    city = plan.city
    now = {name: destination(city, beside, name) for name in shares_of(city, city.levers["mix_talent"].share_of)}
    to = {**given_way(now, {"mix_talent": 0.35}), "graduate_retention": 1.2}
    changes = [PolicyChange(lever=name, **{"from": 2012.0, "to": float(value)}) for name, value in to.items()]
    asked = with_changes(city, beside, changes)
    alone = innovation.simulate(asked, members=40)

    assert dict(zip(of.targets, found, strict=True)) == {name: alone.chance(name).chance for name in of.targets}
    assert all(city.targets[name].kind == "result" for name in of.targets)


def test_a_policy_under_which_too_many_fail_has_no_chance() -> None:
    of = innovation.objective(["vehicle_demonstration"], members=40, band="city")
    wild = dict(of.members)
    wild["market elasticity"] = np.where(np.arange(40) < 20, 1e6, wild["market elasticity"])
    broken = type(of)(**{**{name: getattr(of, name) for name in of.__dataclass_fields__}, "members": wild})

    assert np.isnan(broken(broken.practice))
    with pytest.raises(innovation.TooManyFailed):
        innovation.simulate("baseline", members=given_members(of.city, wild))

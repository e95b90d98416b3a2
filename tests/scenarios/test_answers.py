"""Answers that a modeller asks for: the members they are tried over, what holds, and what a wrong file is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from innovation.calibration.posterior import kept_draws
from innovation.model.city import City
from innovation.model.loading import CityError
from innovation.scenarios.checks.expectations import CHECKS, read_checks
from innovation.scenarios.checks.paired import answers
from innovation.scenarios.simulation.cases import Members
from tests.fragile import fragile_toy, limits

TOY = """
draws: {members: 20, seed: 1}
bounds: {}
equalities: {}
balances: {}
monotone: {}
extremes: {}
cuts: {quiet: []}
answers:
  members: 10
  cases:
    more: {set: {science_share: 0.04}, ramp: 1}
    most: {set: {science_share: 0.08}, ramp: 1}
    beyond: {constants: {science share: 0.2}, from: 2012}
    platforms: {set: {platform_share: 1}}
    demand: {set: {electronics_demand: 0.1}}
  statements:
    it:
"""
WORDS = """
      en: A sentence.
      zh: 一句话。
      source: judgement
"""


def checks_of(city: City, folder: Path, *statements: str, text: str = TOY):
    """The checks with statements, each `name: {…}` of plain fields."""
    path = folder / "checks.yaml"
    asked = "".join(f"    {name}:\n{_fields(body)}{WORDS}" for name, body in map(_parted, statements))
    path.write_text(text.replace("    it:\n", asked), encoding="utf-8")
    return read_checks(city, path)


def _parted(statement: str) -> tuple[str, str]:
    name, _, body = statement.partition(": ")
    return name, body


def _fields(body: str) -> str:
    return "".join(f"      {field.strip()}\n" for field in body.split("; "))


def found(city: City, folder: Path, *statements: str, members: Members | None = None):
    return list(answers(city, checks_of(city, folder, *statements), members))


PERCENT = "of: more; indicator: output; year: 2025; measure: percent"


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        (f"{PERCENT}; median: {{at_least: 0.1}}; members: {{at_least: 0, share: 1}}", True),
        (f"{PERCENT}; median: {{at_most: 0.1}}", False),
        (f"{PERCENT}; members: {{at_most: 0.1, share: 0.5}}", False),
        (f"{PERCENT}; members: {{at_most: 0.1, share: 0}}", True),
        ("of: more; variable: industry output; years: [2015, 2025]; measure: percent; median: {at_least: 0.01}", True),
        ("of: demand; variable: industry output; year: 2025; measure: percent; median: {at_least: 40}", False),
        (PERCENT.replace("more", "demand").replace("output", "electronics_output") + "; median: {at_least: 40}", True),
        ("of: demand; variable: 'industry output[electronics]'; year: 2025; measure: change; median: {at_least: 1}", 1),
        ("of: platforms; indicator: output; year: 2025; measure: percent; median: {at_most: -0.1}", True),
        ("of: beyond; indicator: science_share; year: 2015; measure: value; median: {at_least: 19.9}", True),
        ("of: baseline; ratio: [science money, total output]; year: 2015; measure: value; median: {at_most: 1}", True),
    ],
)  # fmt: skip
def test_a_statement_holds_where_the_city_answers_so(toy_city, tmp_path, statement, holds):
    (outcome,) = found(toy_city, tmp_path, f"one: {statement}")

    assert outcome.holds == bool(holds), outcome
    assert outcome.law == "answer: one"
    assert "median" in outcome.found and "5–95 %" in outcome.found and "10 draws of the priors" in outcome.found


def test_the_worst_element_is_named_and_all_must_hold(toy_city, tmp_path):
    statement = (
        "of: demand; variable: industry output; year: 2025; measure: percent; members: {at_least: 40, share: 0.5}"
    )

    (outcome,) = found(toy_city, tmp_path, f"one: {statement}")

    assert not outcome.holds
    assert "industry output[materials] 2025, worst of 2" in outcome.found
    assert "0.0% of members at least 40 (50% asked)" in outcome.found


def test_a_yuan_is_led_back_and_set_beside_that_of_another_statement(toy_city, tmp_path):
    yuan = "indicator: output; sum: [2011, 2025]; discount: 0.08; measure: change; per: platforms"
    first = f"first: of: more; {yuan}; median: {{at_least: 0}}"
    second = f"second: of: most; against: more; {yuan}; as_part_of: first; median: {{at_least: 0.1, at_most: 1.5}}"
    one, part = found(toy_city, tmp_path, first, second)
    undiscounted = found(toy_city, tmp_path, first.replace("0.08", "0"))[0]

    assert one.holds and part.holds, (one, part)
    assert one.found != undiscounted.found


def test_a_scenario_of_the_library_is_a_case(toy_city, tmp_path):
    scenario = "schema: 2\nid: mine\ntitle: {en: A, zh: 一}\nquestion: {en: A, zh: 一}\nsource: judgement\npolicies:\n"
    (tmp_path / "mine.yaml").write_text(
        scenario + "  - {lever: science_share, from: 2011, to: 0.04, ramp: 1}\n", "utf-8"
    )
    text = TOY.replace("{set: {science_share: 0.04}, ramp: 1}", "{scenario: mine}")
    path = tmp_path / "checks.yaml"
    path.write_text(
        text.replace("    it:\n", f"    one:\n{_fields(PERCENT)}      median: {{at_least: 0}}{WORDS}"), "utf-8"
    )

    by_scenario = list(answers(toy_city, read_checks(toy_city, path, tmp_path)))

    assert by_scenario == found(toy_city, tmp_path, f"one: {PERCENT}; median: {{at_least: 0}}")


def test_members_that_are_given_are_taken_spread_and_the_same_in_both_cases(toy_city, tmp_path):
    members = Members.of({"knowledge elasticity": np.linspace(0, 0.1, 101)}, "draws of the posterior")

    (outcome,) = found(
        toy_city, tmp_path, f"one: {PERCENT}; members: {{at_least: 1.0e-9, share: 0.95}}", members=members
    )

    assert not outcome.holds  # one in ten draws has no answer, though output itself differs between all
    assert "90.0% of members" in outcome.found and "10 draws of the posterior, spread" in outcome.found


def test_members_that_fail_under_a_case_break_its_statements_and_are_counted(tmp_path):
    city = fragile_toy(tmp_path / "toy")
    members = Members.of(limits(10, (3, 0.03)), "draws")

    broken, sound = found(
        city,
        tmp_path,
        f"one: {PERCENT}; median: {{at_least: 0}}",
        "two: of: platforms; indicator: output; year: 2025; measure: percent; median: {at_most: 0}",
        members=members,
    )

    assert not broken.holds and "1 of them fail" in broken.found
    assert sound.holds


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("of: more", "of: moar"), "Did you mean: more"),
        (("indicator: output", "indicator: outptu"), "Did you mean: output"),
        (("indicator: output", "variable: total outptu"), "Did you mean: total output"),
        (("year: 2025", "year: 2031"), "The year 2031 has no figure"),
        (("year: 2025", "sum: [2015, 2011]"), "before it begins"),
        (("measure: percent", "measure: percent; discount: 0.1"), "Only a sum is discounted"),
        (("measure: percent", "measure: percent; per: output"), "Only a change is divided"),
        (("measure: percent", "measure: percentage"), "Did you mean: percent"),
        (("measure: percent", "measure: change; per: outptu"), "Did you mean: output"),
        (("measure: percent", "measure: percent; as_part_of: tow"), "Did you mean: two"),
        (("measure: percent", "measure: percent; as_part_of: two"), "parts of each other: one → two → one"),
        (("median: {at_least: 0}", "members: {at_least: 0, share: 1.5}"), "share"),
        (("median: {at_least: 0}", "median: {}"), "no limit"),
        (("; median: {at_least: 0}", ""), "asks nothing"),
    ],
)
def test_a_wrong_statement_is_told_with_its_line(toy_city, tmp_path, change, said):
    good = f"one: {PERCENT}; median: {{at_least: 0}}"
    other = f"two: {PERCENT}; as_part_of: one; median: {{at_least: 0}}"
    assert change[0] in good

    with pytest.raises(CityError) as error:
        checks_of(toy_city, tmp_path, good.replace(*change), other)

    assert said in str(error.value)
    assert "checks.yaml, line" in str(error.value) and "statements, one" in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("science_share: 0.04", "science_shar: 0.04", "Did you mean: science_share"),
        ("science_share: 0.04", "science_share: 0.4", "outside its range"),
        ("science share: 0.2", "science shar: 0.2", "Did you mean: science share"),
        ("{set: {science_share: 0.04}, ramp: 1}", "{scenario: nowhere}", "There is no such scenario"),
        ("{set: {science_share: 0.04}, ramp: 1}", "{ramp: 1}", "A case is a scenario"),
        ("from: 2012", "from: 2009", "greater than or equal to 2011"),
        ("    more:", "    baseline:", "call yours otherwise"),
        ("members: 10", "members: 0", "greater than or equal to 1"),
    ],
)
def test_a_wrong_case_is_told_with_its_line(toy_city, tmp_path, old, new, said):
    with pytest.raises(CityError) as error:
        checks_of(toy_city, tmp_path, f"one: {PERCENT}; median: {{at_least: 0}}", text=TOY.replace(old, new))

    assert said in str(error.value)
    assert "checks.yaml, line" in str(error.value)


@pytest.fixture(scope="module")
def of_the_city(city):
    """What comes of every statement of the city, in the members that `check` takes."""
    checks = read_checks(city, city.folder / CHECKS)
    members = Members.of(kept_draws.load(city).draws, "draws of the posterior")
    return dict(zip(checks.answers.statements, answers(city, checks, members), strict=True))


@pytest.mark.whole  # the slow tier asks them of all draws too, by `check`
def test_every_answer_is_that_of_a_believable_city(of_the_city):
    assert [one for one in of_the_city.values() if not one.holds] == []

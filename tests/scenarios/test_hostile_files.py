"""Scenario files by strangers: whatever is done to one, it is read or refused, soon and in a few words."""

from __future__ import annotations

import random

import pytest

from innovation.scenarios.scenario_files import load_scenario, parse_scenario, scenario_text
from innovation.scenarios.schema import ScenarioError
from tests.damage import LONGEST, damaged, slowest

HEAD = "schema: 2\nid: mine\ntitle: {en: a, zh: 甲}\nquestion: {en: b, zh: 乙}\nsource: judgement\n"
CHANGE = "  - {{lever: fiscal_sciense_shar{n}, from: x, to: y, ramp: z}}\n"


@pytest.fixture(scope="module")
def plan(city):
    return scenario_text(load_scenario(city, "plan_as_written"))


def reads(city):
    return lambda text: parse_scenario(city, text, "mine.yaml")


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_scenario_is_read_or_refused_soon(city, plan, seed):
    chance = random.Random(seed)

    assert slowest(reads(city), [damaged(plan, chance) for _ in range(25)]) < LONGEST


@pytest.mark.slow
def test_two_thousand_damaged_scenarios_are_read_or_refused_soon(city, plan, record_property):
    chance = random.Random(1000)

    worst = slowest(reads(city), (damaged(plan, chance) for _ in range(2000)))

    record_property("seconds", worst)
    print(f"slowest scenario: {worst:.3f} s")
    assert worst < LONGEST


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "policies:\n" + "".join(CHANGE.format(n=n) for n in range(15_000)),
        HEAD + "policies: [" + "~," * 400_000 + "]\n",
        HEAD + "policies: [" + "{}," * 9_000 + "]\n",
        HEAD + "policies: [" + "*a, " * 100_000 + "]\n",
        HEAD + "policies: [" + "&a x," * 100_000 + "]\n",
        HEAD + "policies: [{" + ",".join(f"fro{n}: 1" for n in range(15_000)) + "}]\n",
        HEAD + "policies:\n" + "".join(f" - {{lever: fiscal_share{n}, from: 2012, to: .1}}\n" for n in range(1000)),
        HEAD + "".join(f"fielt{n}: 1\n" for n in range(15_000)),
        HEAD + "id: 1\n" * 100_000,
        HEAD + "? [1]\n: 1\n" * 60_000,
        HEAD.replace("mine", "a+" * 400_000 + "a"),
        HEAD + "policies: [{lever: a, from: " + "1" * 900_000 + ", to: 1}]\n",
        "---\n" * 200_000,
        "".join(f"%TAG !a{n}! x\n" for n in range(60_000)) + "---\n" + HEAD,
        "[" * 500_000,
    ],
    ids=lambda text: f"{text[100:130]!r}",
)
def test_a_file_that_is_wrong_throughout_is_answered_at_once_in_a_few_words(city, text):
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(city, text, "mine.yaml")

    assert slowest(reads(city), [text]) < LONGEST
    assert len(str(caught.value).encode()) < 40_000
    assert len(caught.value.faults) <= 402


def test_of_a_thousand_faults_two_hundred_are_told_and_all_are_counted(city):
    text = HEAD + "policies:\n" + "".join(f" - {{lever: wrong{n}, from: 2012, to: .1}}\n" for n in range(1000))

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(city, text, "mine.yaml")

    assert caught.value.count == 1000
    assert len(caught.value.faults) == 201
    assert str(caught.value.faults[-1]) == (
        "mine.yaml, line 207\n  800 more faults stand from here on.\n  Mend those above."
    )
    assert str(caught.value).startswith("1000 faults\n")
    assert str(caught.value).endswith("… and 960 more")


def test_near_names_are_looked_for_only_while_they_help(city):
    text = HEAD + "policies:\n" + "".join(f" - {{lever: post_subsidi{n}, from: 2012, to: .1}}\n" for n in range(100))

    with pytest.raises(ScenarioError) as caught:
        parse_scenario(city, text, "mine.yaml")

    told = ["Did you mean" in fault.message for fault in caught.value.faults]
    assert told == [True] * 20 + [False] * 80


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: mine", f"id: {'a' * 65}", "more than 64 characters"),
        ("en: a,", f"en: {'a' * 301},", "more than 300 characters"),
        ("zh: 乙", f"zh: {'乙' * 1001}", "more than 1000 characters"),
        ("en: a,", 'en: "a\\u202Eb",', r"line 3\n.*U\+202E does not belong"),
        ("en: a,", 'en: "a\\u0085b",', r"U\+0085 does not belong"),
        ("en: a,", 'en: "a\\x07b",', r"U\+0007 does not belong"),
        ("en: a,", "en: a\u2066b,", r"U\+2066 does not belong"),
        ("id: mine", 'id: "mi\\u200Bne"', r"U\+200B does not belong"),
        (
            "schema: 2\n",
            "schema: 2\npolicies: [{lever: a, from: 2011, to: 1, ramp: 1e300}]\n",
            "less than or equal to 100",
        ),
    ],
)
def test_what_no_page_could_show_is_refused(city, old, new, said):
    with pytest.raises(ScenarioError, match=said):
        parse_scenario(city, HEAD.replace(old, new, 1), "mine.yaml")


def test_a_character_that_turns_writing_round_is_refused_in_python_too():
    from innovation.scenarios.schema import Words

    with pytest.raises(ValueError, match=r"U\+202E"):
        Words(en="a\u202eb", zh="甲")

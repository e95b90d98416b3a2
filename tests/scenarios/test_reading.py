"""Scenario files: what is read, what is refused with which words, and that writing and reading agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from innovation.scenarios.composing import combine, with_changes
from innovation.scenarios.scenario_files import library, load_scenario, load_scenarios, parse_scenario, scenario_text
from innovation.scenarios.schema import AssumptionChange, PolicyChange, Scenario, ScenarioError, Words

HEAD = """\
schema: 2
id: more_money
title: {en: More money, zh: 更多经费}
question: {en: What does money do?, zh: 经费有何作用？}
source: judgement
"""
GOOD = HEAD + """\
policies:
  - {lever: science_share, from: 2012, to: 0.04, ramp: 2}
  - {lever: science_share, from: 2015, to: 0.03}
  - {lever: research_share, from: 2011, to: 0.3, ramp: 1}
  - {lever: platform_share, from: 2011, to: 0.7, ramp: 1}
assumptions:
  - {input: electronics_demand, from: 2011, to: 0.1, ramp: 5}
"""  # fmt: skip


def faults_of(city, text) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(city, text, "mine.yaml")
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_a_file_becomes_the_scenario_it_describes(toy_city):
    scenario = parse_scenario(toy_city, GOOD, "mine.yaml")

    assert (scenario.id, scenario.title.zh) == ("more_money", "更多经费")
    assert scenario.policies[0] == PolicyChange(lever="science_share", start=2012, to=0.04, ramp=2)
    assert scenario.assumptions == (AssumptionChange(input="electronics_demand", start=2011, to=0.1, ramp=5),)
    assert scenario.policies[1].ramp == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lever: science_share", "lever: sciense_share", ["line 7, policies 1", "Did you mean: science_share"]),
        ("to: 0.04", "to: 4", ["line 7, policies 1, to", "outside its range 0 … 0.1", "0.02 before"]),
        ("to: 0.04", "to: '0.04'", ["line 7, policies 1, to", 'the text "0.04"', "quotation marks"]),
        ("to: 0.04", "to: true", ["must be a number, found true"]),
        ("to: 0.04", "to: .nan", ["finite"]),
        ("to: 0.04", "to: .inf", ["finite"]),
        ("to: 0.04, ", "", ["line 7, policies 1", "Missing: to", "Fields: from, to, lever"]),
        ("to: 0.04", "too: 0.04", ["Missing: to"]),
        ("from: 2012", "from: 2010.9", ["history", "2011 or later"]),
        ("from: 2012", "from: 2027", ["after the model's last moment 2026"]),
        ("ramp: 2", "ramp: -1", ["greater than or equal to 0"]),
        ("from: 2015", "from: 2013", ["line 8, policies 2", "still changes until 2014"]),
        ("from: 2015", "from: 2012", ["still changes until 2014|changes twice"]),
        ("to: 0.7", "to: 0.6", ["line 9", 'shares of "mix" sum to 0.95 in 2011.5']),
        ("to: 0.7, ramp: 1", "to: 0.7, ramp: 2", ["sum to"]),
        ("to: 0.7", "to: 0.700002", ["sum to 1"]),
        ("input: electronics_demand", "input: science_share", ["belongs under policies"]),
        ("lever: science_share", "lever: electronics_demand", ["belongs under assumptions"]),
        ("schema: 2", "schema: 0", ["line 1, schema", "the number 0", "reads schema 1 or 2", 'Write "schema: 2"']),
        ("schema: 2", "schema: 3", ["line 1, schema", "the number 3", "reads schema 1 or 2", 'Write "schema: 2"']),
        ("schema: 2", 'schema: "1"', ['the text "1"', "reads schema 1 or 2"]),
        ("schema: 2", "schema: 1.0", ["the number 1", "reads schema 1 or 2"]),
        ("schema: 2", "schema: true", ["true", "reads schema 1 or 2"]),
        ("schema: 2", "schema:", ["reads schema 1 or 2"]),
        ("schema: 2\n", "", ["Missing: schema"]),
        ("id: more_money", "id: More Money", ["line 2, id"]),
        ("en: More money, ", "", ["line 3, title", "Missing: en"]),
        ("source: judgement", "source: 3", ["must be text, found the number 3"]),
        ("source: judgement", "source: judgement\nsource: other", ["line 6", "a second time"]),
        ("source: judgement", "source: !!python/name:os.system", ["line 5", "tag !!python/name:os.system"]),
        ("source: judgement", "sauce: judgement", ["Missing: source|Did you mean: source"]),
        ("policies:", "policies: none\nmore:", ["must be a list"]),
        ("policies:", "policy:", ['"policy" is not a field here', "policies"]),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_line_place_and_remedy(toy_city, old, new, words):
    told = "\n".join(faults_of(toy_city, changed(old, new)))

    assert all(any(word in told for word in alternatives.split("|")) for alternatives in words), told


def test_a_sum_of_shares_within_the_tolerance_is_accepted(toy_city):
    scenario = parse_scenario(toy_city, changed("to: 0.7", "to: 0.7000005"), "mine.yaml")

    assert scenario.changes_of("platform_share")[0].to == 0.7000005


def test_more_changes_than_anyone_writes_are_refused(toy_city):
    many = "".join(f"  - {{lever: science_share, from: {2011 + n / 1000}, to: 0.03}}\n" for n in range(1001))

    assert faults_of(toy_city, HEAD + "policies:\n" + many) == [
        "mine.yaml, line 6, policies\n  It has more than 1000 items."
    ]


def test_a_share_that_is_not_named_keeps_2010_practice_and_the_sum_is_told(toy_city):
    text = HEAD + "policies:\n  - {lever: research_share, from: 2012, to: 0.9}\n"

    told = faults_of(toy_city, text)

    assert len(told) == 1
    assert "sum to 1.3 in 2012" in told[0]
    assert "platform_share 0.4" in told[0]


def test_shares_that_disagree_only_on_the_way_are_refused(toy_city):
    late = "  - {lever: platform_share, from: 2012, to: 0.7}\n"
    text = HEAD + "policies:\n  - {lever: research_share, from: 2011, to: 0.3, ramp: 1}\n" + late

    told = faults_of(toy_city, text)

    assert "in 2011.5" in told[0]


def test_all_faults_of_a_file_come_at_once_and_in_order(toy_city):
    text = GOOD.replace("0.04", "4").replace("to: 0.03", "to: '3'").replace("electronics_demand", "electronic_demand")
    text = text.replace("source: judgement", "source: [1]\ncolour: red\nid: again")

    told = faults_of(toy_city, text)

    assert [fault.split("\n")[0] for fault in told] == [
        "mine.yaml, line 5, source",
        "mine.yaml, line 6, colour",
        "mine.yaml, line 7",
        "mine.yaml, line 9, policies 1, to",
        "mine.yaml, line 10, policies 2, to",
        "mine.yaml, line 14, assumptions 1, input",
    ]


def test_library_scenarios_are_named_like_their_files_and_baseline_comes_first(toy_city):
    names = list(library())

    assert names[0] == "baseline"
    assert load_scenario(toy_city, "baseline").id == "baseline"


def test_a_scenario_that_does_not_exist_is_answered_with_the_nearest(toy_city):
    with pytest.raises(ScenarioError, match="Did you mean: baseline"):
        load_scenario(toy_city, "base_line")
    with pytest.raises(ScenarioError, match=r"(?s)folder/basline.yaml.*no such file. Did you mean: baseline"):
        load_scenario(toy_city, "folder/basline.yaml")
    with pytest.raises(ScenarioError, match="There is no such scenario"):
        load_scenario(toy_city, "x" * 10_000)


def test_faults_of_several_files_come_at_once(toy_city, tmp_path: Path):
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))

    with pytest.raises(ScenarioError) as caught:
        load_scenarios(toy_city, [tmp_path / "empty.yaml", tmp_path / "binary.yaml", tmp_path, "nowhere"])

    assert len(caught.value.faults) == 4


def test_two_scenarios_joined_by_plus_have_the_changes_of_both(toy_city, tmp_path: Path):
    (tmp_path / "money.yaml").write_text(GOOD.replace("id: more_money", "id: money"), encoding="utf-8")
    text = (
        HEAD.replace("more_money", "later") + "policies:\n  - {lever: science_share, from: 2016, to: 0.02, ramp: 1}\n"
    )
    (tmp_path / "later.yaml").write_text(text, encoding="utf-8")

    both = load_scenario(toy_city, "money+later", folder=tmp_path)

    assert both.id == "money+later"
    assert [change.start for change in both.changes_of("science_share")] == [2012, 2015, 2016]
    assert parse_scenario(toy_city, scenario_text(both), "again") == both


def test_two_scenarios_that_change_a_lever_at_the_same_time_cannot_be_joined(toy_city):
    one = parse_scenario(toy_city, GOOD, "one")
    text = HEAD.replace("more_money", "other") + "policies:\n  - {lever: science_share, from: 2013, to: 0.02}\n"
    other = parse_scenario(toy_city, text, "other")

    with pytest.raises(ScenarioError, match="science_share still changes until 2014"):
        combine(toy_city, [one, other])


def test_new_changes_replace_the_old_ones_of_the_same_lever(toy_city):
    scenario = parse_scenario(toy_city, GOOD, "mine")

    new = PolicyChange(lever="science_share", start=2011, to=0.05)
    other = with_changes(toy_city, scenario, [new], without=["electronics_demand"], id="other")

    assert other.changes_of("science_share") == [new]
    assert other.assumptions == ()
    assert len(other.changes_of("research_share")) == 1
    assert other.id == "other"


def test_a_change_outside_its_range_is_refused_in_python_too(toy_city):
    scenario = parse_scenario(toy_city, GOOD, "mine")

    with pytest.raises(ScenarioError, match="outside its range"):
        with_changes(toy_city, scenario, [PolicyChange(lever="science_share", start=2011, to=5)])


words = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn"]), min_size=1, max_size=300)
dates = st.tuples(st.floats(2011, 2014), st.floats(0, 0.1), st.floats(0, 4), st.floats(0, 0.1))


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the text
@given(words, words, words, words, words, dates)
def test_what_is_written_reads_back_as_the_same_scenario(toy_city, en, zh, asked, gefragt, source, date):
    start, to, ramp, again = date
    scenario = Scenario.model_validate(
        {
            "schema": 2,
            "id": "any",
            "title": Words(en=en, zh=zh),
            "question": Words(en=asked, zh=gefragt),
            "source": source,
            "policies": [
                PolicyChange(lever="science_share", start=start, to=to, ramp=ramp),
                PolicyChange(lever="science_share", start=start + ramp + 1, to=again),
            ],
        }
    )

    assert parse_scenario(toy_city, scenario_text(scenario), "text") == scenario


@given(
    st.integers(0, len(GOOD)),
    st.integers(0, 40),
    st.one_of(st.text(max_size=8), st.sampled_from(["&a ", "*a", "!!", "? ", "---\n", "\t", "{", "[", "'"])),
)
def test_whatever_is_done_to_a_file_it_is_read_or_refused_with_a_fault(toy_city, place, cut, put):
    text = GOOD[:place] + put + GOOD[place + cut :]

    try:
        scenario = parse_scenario(toy_city, text, "mine.yaml")
    except ScenarioError as error:
        assert error.faults
    else:
        assert parse_scenario(toy_city, scenario_text(scenario), "again") == scenario

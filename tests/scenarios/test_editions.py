"""A scenario of the first edition of the model is read as it stands, and what it means otherwise now is named."""

from __future__ import annotations

import pytest

from innovation.scenarios.composing import combine
from innovation.scenarios.editions import WORDS, is_earlier, notice, of_today, told
from innovation.scenarios.scenario_files import library, load_scenario, parse_scenario, scenario_text
from innovation.scenarios.schema import SCHEMA

TEXT = """\
schema: 1
id: mine
title: {en: Mine, zh: 我的}
question: {en: What?, zh: 如何？}
source: judgement
policies:
  - {lever: own_brand_rise, from: 2012, to: 0.01}
  - {lever: own_brand_rise, from: 2014, to: 0.02}
  - {lever: transfer_service, from: 2012, to: 1.1}
  - {lever: mix_grants, from: 2012, to: 0.25}
  - {lever: mix_talent, from: 2012, to: 0.15}
assumptions:
  - {input: market_growth, from: 2012, to: 0.1}
"""


@pytest.fixture(scope="module")
def first(city):
    return parse_scenario(city, TEXT, "mine.yaml")


@pytest.fixture(scope="module")
def second(city):
    return parse_scenario(city, TEXT.replace("schema: 1", "schema: 2"), "mine.yaml")


def test_a_file_of_the_first_edition_is_read_as_the_same_changes(first, second):
    assert (first.schema_number, second.schema_number) == (1, 2)
    assert first.changes == second.changes
    assert of_today(first) == second


def test_new_files_are_of_this_edition_and_those_of_the_library_are(city, first):
    assert all(load_scenario(city, name).schema_number == SCHEMA for name in library())
    assert scenario_text(of_today(first)).startswith(f"schema: {SCHEMA}\n")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_lever_and_assumption_whose_meaning_changed_is_named_with_one_sentence(city, first, language):
    head, general, costs, *lines = told(city, [first], language)

    assert "mine" in head and "1" in head and str(SCHEMA) in head
    assert "market_reach" in general
    words, said = WORDS[language], {name: getattr(city.changed[name], language) for name in city.changed}
    assert general == words("line", names=words("every"), said=said["closure"])
    assert costs == words("line", names=words("every"), said=said["costs"])
    assert lines == [
        words("line", names=names, said=said[topic])
        for names, topic in (
            (words("and").join(["mix_grants", "mix_talent"]), "uses_of_science_money"),
            ("own_brand_rise", "own_brands"),
            ("market_growth", "high_tech_markets"),
        )
    ]


def test_a_scenario_of_this_edition_is_told_nothing(city, second):
    assert not is_earlier(second)
    assert told(city, [second]) == []
    assert notice(city, [second, load_scenario(city, "plan_as_written")]) == ""


def test_a_combination_is_of_the_edition_of_its_oldest_part(city, first):
    both = combine(city, [load_scenario(city, "weak_national_growth"), first.model_copy(update={"assumptions": ()})])

    assert both.schema_number == 1
    assert "own_brand_rise" in notice(city, [both])


def test_several_together_are_named_once_and_so_is_each_change(city, first):
    other = first.model_copy(update={"id": "other", "policies": first.policies[:1]})

    head, *lines = told(city, [first, other], "en")

    assert head.startswith("mine, other: ")
    assert len(lines) == len(set(lines)) == 5


def test_the_command_lines_notice_says_how_to_be_spared_it(city, first):
    said = notice(city, [first, first])

    assert said.count("mine: ") == 1
    assert f'write "schema: {SCHEMA}"' in said.splitlines()[-1]


def test_what_changed_is_said_in_two_sentences_that_differ_and_once_of_each_lever(city):
    entries = city.changed.values()

    assert {entry.since for entry in entries} == {SCHEMA}
    assert all(entry.en.isascii() and entry.en.endswith(".") and entry.en.count(". ") == 0 for entry in entries)
    assert all(entry.zh.endswith("。") and entry.zh.count("。") == 1 for entry in entries)
    named = [name for entry in entries for name in entry.of]
    assert len(named) == len(set(named))


def test_the_groups_of_shares_whose_meaning_changed_are_named_whole(city):
    named = {name for entry in city.changed.values() for name in entry.of}

    shares = {name: lever.share_of for name, lever in city.levers.items() if lever.share_of}
    assert set(shares.values()) == {"mix", "programme", "money"}
    assert {name for name, group in shares.items() if group != "money"} <= named  # added money is of this edition

"""What the levers say of themselves: what low, medium and high mean, where that comes from, and who pays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from innovation.model.entries import RANGES
from innovation.model.loading import CityError, load_city


@pytest.fixture(scope="module")
def front(city):
    return {name: lever for name, lever in city.levers.items() if lever.front}


def spoilt(folder: Path, toy: Path, old: str, new: str) -> Path:
    copy = Path(shutil.copytree(toy, folder / "city"))
    file = copy / "levers.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_every_front_lever_says_in_both_languages_what_low_medium_and_high_mean(front):
    silent = [name for name, lever in front.items() if len(lever.ranges) != len(RANGES)]

    assert len(front) > 20
    assert silent == []
    assert all(part.en.isascii() and not part.zh.isascii() for lever in front.values() for part in lever.ranges)


def test_every_lever_says_in_both_languages_who_pays_and_that_it_is_counted(city):
    said = {name: (lever.cost_en or "", lever.cost_zh or "") for name, lever in city.levers.items()}

    assert [name for name, (en, zh) in said.items() if "counted" not in en.lower() or "计入" not in zh] == []


def test_the_range_that_speaks_of_2010_practice_holds_it_and_no_other_does(city, front):
    spoken = {
        name: [part for part in lever.ranges if "2010 practice" in part.en and "2010年做法" in part.zh]
        for name, lever in front.items()
    }

    wrong = [name for name, parts in spoken.items() if parts != [front[name].meaning(city.practice(name))]]

    assert wrong == []


def test_the_range_that_holds_the_plans_value_speaks_of_the_plan(front):
    planned = {name: lever.meaning(lever.plan) for name, lever in front.items() if lever.plan is not None}

    assert len(planned) >= 2
    assert all("plan's" in part.en and "规划" in part.zh and "Plan2012" in part.source for part in planned.values())


def test_what_the_plan_is_said_to_say_is_cited_to_it(front):
    uncited = [
        (name, part.en)
        for name, lever in front.items()
        for part in lever.ranges
        if "the plan" in part.en and "Plan2012" not in part.source_keys()
    ]

    assert uncited == []


def test_a_value_has_the_meaning_of_the_first_range_that_reaches_it(front):
    lever = front["fiscal_science_share"]

    assert lever.meaning(lever.ranges[0].to) is lever.ranges[0]
    assert lever.meaning(lever.ranges[0].to + 1e-9) is lever.ranges[1]
    assert lever.meaning(lever.high) is lever.ranges[2]


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ("[{to: 0.02, en: a, zh: 甲, source: judgement}]", "ranges are 3"),
        ("[{to: 0.05, X}, {to: 0.02, X}, {to: 0.1, X}]", "rising from low to high 0.1"),
        ("[{to: 0.02, X}, {to: 0.05, X}, {to: 0.09, X}]", "rising from low to high 0.1"),
        ("[{to: 0.02, X}, {to: 0.05, X}, {to: 0.1, en: a, zh: 甲, source: Solow1958}]", "Did you mean: Solow1957"),
        ("[{to: 0.02, X}, {to: 0.05, X}, {to: 0.1, en: a, source: judgement}]", "Missing: zh"),
    ],
)
def test_ranges_that_cannot_be_right_are_refused_with_what_would_be(tmp_path, toy_city, ranges, words):
    written = ranges.replace("X", "en: a, zh: 甲, source: judgement")
    folder = spoilt(tmp_path, toy_city.folder, "    plan: 0.035\n", f"    plan: 0.035\n    ranges: {written}\n")

    with pytest.raises(CityError, match=words):
        load_city(folder)


def test_a_cost_in_one_language_alone_is_refused(tmp_path, toy_city):
    folder = spoilt(tmp_path, toy_city.folder, "    plan: 0.035\n", "    plan: 0.035\n    cost_en: The city pays.\n")

    with pytest.raises(CityError, match="cost_en and cost_zh go together"):
        load_city(folder)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("{since: 2, of: [sciense_share], en: a, zh: 甲}", "changed, x, of 1.*Did you mean: science_share"),
        ("{since: 1, en: a, zh: 甲}", "since.*greater than or equal to 2"),
        ("{since: 2, en: a}", "Missing: zh"),
        ("{since: 2, en: a, zh: 甲, lever: b}", "not a field here"),
    ],
)
def test_what_is_said_to_have_changed_is_refused_where_it_is_half_said_or_of_nothing(tmp_path, toy_city, entry, words):
    folder = spoilt(tmp_path, toy_city.folder, "levers:\n", f"changed:\n  x: {entry}\nlevers:\n")

    with pytest.raises(CityError, match=f"(?s){words}"):
        load_city(folder)


def test_a_city_that_says_nothing_changed_is_whole(toy_city):
    assert toy_city.changed == {}


PRACTICE = {  # what 2010 practice is stated as a second time, so that a lever's cost beyond it can be told
    "science share of practice": "fiscal science share",
    "venture part of practice": "guidance to venture share",
    "deduction of practice": "super deduction",
    "post subsidy of practice": "post subsidy share",
    "attraction share of practice": "attraction share of talent money",
    "multiplier of practice": "guarantee multiplier",
    "reference digestion ratio": "digestion ratio",
}


@pytest.mark.parametrize("name", PRACTICE)
def test_practice_is_where_its_lever_stands(city, name):
    assert city.nominal(name) == city.nominal(PRACTICE[name])


def test_practice_splits_money_as_the_levers_do(city):
    weights = [city.nominal(cell) for cell in city.elements("weight of practice")]
    levers = [lever.constant for lever in city.levers.values() if lever.share_of == "mix"]

    assert len(levers) == 6
    assert weights == [city.nominal(constant) for constant in levers]

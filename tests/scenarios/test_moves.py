"""What single changes move by 2015, whether the page's words follow from its numbers, and how moves.yaml is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from innovation.model.city import City
from innovation.model.loading import CityError, load_city
from innovation.scenarios.composing import with_changes
from innovation.scenarios.documents.generated_pages import pages
from innovation.scenarios.levers.single_changes import MOVES, findings, read_moves
from innovation.scenarios.levers.what_moves_what import LITTLE, what_moves_what_page
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import PolicyChange
from innovation.scenarios.simulation.run import simulate
from innovation.scenarios.simulation.tensions import tensions_json


@pytest.fixture(scope="module")
def found(city):
    return findings(city)


@pytest.fixture(scope="module")
def page(city) -> str:
    return what_moves_what_page(city)


def changed(city: City, folder: Path, old: str, new: str) -> City:
    copy = Path(shutil.copytree(city.folder, folder / "model"))
    text = (copy / MOVES).read_text(encoding="utf-8")
    assert text.count(old) >= 1
    (copy / MOVES).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_city(copy)


def test_city_science_money_moves_every_headline_target_little(found):
    moved = {figure: abs(found.relative(figure, found.moves.city_money)) for figure in found.moves.headline}

    assert {figure: percent for figure, percent in moved.items() if percent >= LITTLE} == {}


def test_investment_moves_the_contribution_rate_most_and_ten_times_more_than_city_money(found):
    moved = {move: abs(effect.figures["contribution_rate"]) for move, effect in found.single.items()}

    assert found.moves.moves[found.mover("contribution_rate")].group == "investment"
    assert max(moved.values()) > 10 * max(
        size for move, size in moved.items() if found.moves.moves[move].group == "city"
    )


def test_a_move_does_what_the_same_change_does_in_a_scenario(city, found):
    baseline = load_scenario(city, "baseline")
    change = PolicyChange(lever="tax_relief", start=2011, to=1, ramp=2.5)
    dataset = simulate(city, [baseline, with_changes(city, baseline, [change], id="relief")]).sel(member=0, year=2015)

    moved = dataset.rd_intensity.sel(scenario="relief") - dataset.rd_intensity.sel(scenario="baseline")

    assert found.single["tax_relief"].figures["rd_intensity"] == pytest.approx(float(moved))


def test_every_use_of_the_added_money_costs_the_city_the_same(found):
    moves = found.moves.moves
    added = {name: found.single[name].costs["cost_city"][1] for name, move in moves.items() if move.added_to}
    whole = found.single["science_share"].costs["cost_city"][1]
    returned = {name for name in added if "building" in name}  # platforms give back what they cannot use
    beside = {name for name in added if "guidance" in name}  # the city bears its part of losses and fees

    alike = [cost for name, cost in added.items() if name not in returned | beside]
    assert alike == pytest.approx([whole] * 4, rel=0.01)
    assert all(whole < added[name] < 1.05 * whole for name in beside) and len(beside) == 1
    assert all(0 < added[name] < 0.9 * whole for name in returned) and len(returned) == 2


def test_money_added_to_one_use_leaves_what_the_other_uses_do_nearly_where_it_was(found):
    # Platforms pay for no research: left are the grants that better ones win, and what others lose or gain on the way.
    left = found.single["added_to_building"].figures["rd_intensity"]

    assert abs(left) < 0.1 * abs(found.single["added_to_grants"].figures["rd_intensity"])


def test_more_and_less_of_the_same_move_the_output_opposite_ways(found):
    for up, down in (("investment_up", "investment_down"), ("national_growth_up", "national_growth_down")):
        assert found.single[up].figures["gdp"] > 0 > found.single[down].figures["gdp"]


def test_the_words_above_the_tables_are_the_numbers(found, page):
    money = found.single[found.moves.city_money]
    cost, intensity = money.costs["cost_city"][1], money.figures["rd_intensity"]
    largest = found.single[found.mover("contribution_rate")].figures["contribution_rate"]

    words = page[: page.index("## At a glance")]

    assert f"costs the city {cost:.1f} more" in words
    assert f"{intensity:+.3f} points" in words
    assert f"{largest:+.2f} points" in words
    assert "moves the headline targets little" in words


def test_the_words_change_where_the_numbers_do(city, tmp_path):
    other = changed(city, tmp_path, "city_money: science_share", "city_money: investment_down")

    words = what_moves_what_page(other)

    assert "**Fixed investment moves some headline targets noticeably within five years.**" in words
    assert "little within five years" not in words


def test_the_page_says_all_in_english_and_then_all_in_chinese(city, found, page):
    english, chinese = page.split("# 什么影响什么")

    for move in found.moves.moves.values():
        assert english.count(f"| {move.en} |") >= 2
        assert chinese.count(f"| {move.zh} |") >= 2
    told = tensions_json(city, found.figure)
    assert len(told) > 3
    assert all(text["en"] in english and text["zh"] in chinese for text in told.values())


def test_a_row_of_the_page_is_as_wide_as_its_head(page):
    blocks = [block.splitlines() for block in page.split("\n\n") if block.startswith("|")]

    assert len(blocks) == 6
    assert [len({line.count(" | ") for line in block if "**" not in line}) for block in blocks] == [1] * 6


def test_a_move_that_someone_adds_makes_the_page_stale(city, tmp_path, page):
    added = '  more:\n    group: city\n    en: More\n    zh: 更多\n    set: {"gap effort": 1}\n'
    other = changed(city, tmp_path, "moves:\n", f"moves:\n{added}")

    current = pages(other)["what-moves-what.md"].is_current(other, page)

    assert not current


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("set: {super deduction: 1}", "set: {super deductoin: 1}", "super deduction"),
        ("group: nation", "group: natoin", "nation"),
        ("set: {super deduction: 1}", "set: {}", "changes nothing"),
        ('added_to: "mix weight[grants]"', "added_to: inflation", "not a share of money"),
        ("times: {investment path: 0.75}", "times: {investment path: 0.75}\n    added_to: inflation", "needs a new"),
        ("headline: [contribution_rate, ", "headline: [contribution_rat, ", "contribution_rate"),
        ("costs: [cost_city, ", "costs: [", "cost_city"),
        ("city_money: science_share", "city_money: sience_share", "science_share"),
        ("headline: [", "headline: [population, ", "No target: population"),
        ("note_zh: 由国家决定；部分增量只是其他支出改列研发。", "", "both languages"),
    ],
)
def test_a_fault_in_the_file_is_told_with_what_would_be_right(city, tmp_path, old, new, words):
    other = changed(city, tmp_path, old, new)

    with pytest.raises(CityError, match=words):
        read_moves(other)

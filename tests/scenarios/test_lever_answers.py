"""The table of lever answers: paired over members, read against what is expected, with marks where it is otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from innovation.model.city import City
from innovation.model.files.faults import fault
from innovation.model.files.phrases import Term
from innovation.model.loading import CityError
from innovation.scenarios.checks.expected_signs import EXPECTED, read_expected
from innovation.scenarios.levers.lever_answers import ENDS, YEARS, LeverAnswer, ends_of, lever_answers
from innovation.scenarios.levers.lever_answers_page import KeptAnswers, lever_answers_text
from innovation.scenarios.levers.single_changes import read_moves
from innovation.scenarios.simulation.cases import Members
from innovation.scenarios.simulation.failures import TooManyFailed
from tests.fragile import fragile_toy, limits

MEMBERS = Members.of({"knowledge elasticity": np.array([0.0, 0.05, 0.1])}, "draws")


def found(city: City, members: Members = MEMBERS) -> dict[tuple[str, str, str, int], LeverAnswer]:
    figures = dict.fromkeys((*city.levers, *city.inputs), ("output", "science_share"))
    rows = lever_answers(city, members, figures)
    return {(row.lever, row.end, row.figure, row.year): row for row in rows}


def test_each_end_is_held_against_practice_member_by_member(toy_city):
    rows = found(toy_city)

    assert len(rows) == 4 * 2 * 2 * 2
    high = rows["science_share", "high", "output", 2025]
    assert high.low < high.middle < high.high
    assert (high.up, high.down, high.still) == (pytest.approx(2 / 3), 0, pytest.approx(1 / 3))
    low = rows["science_share", "low", "output", 2025]
    assert (low.up, low.down) == (0, pytest.approx(2 / 3))


def test_changes_of_percentages_are_points(toy_city):
    row = found(toy_city)["science_share", "high", "science_share", 2015]

    assert row.middle == pytest.approx(8, abs=1e-6)  # from 2 to 10 per cent of output
    assert row.low == pytest.approx(row.high)


def test_a_share_moves_the_others_of_its_sum(toy_city):
    rows = found(toy_city)

    research, platforms = (rows[name, "high", "output", 2025] for name in ("research_share", "platform_share"))
    assert research.up == platforms.down == pytest.approx(2 / 3)
    assert rows["research_share", "low", "output", 2025].middle == pytest.approx(platforms.middle)


def test_a_lever_that_does_nothing_alone_is_tried_and_held_against_others_in_place(toy_city):
    figures = dict.fromkeys((*toy_city.levers, *toy_city.inputs), ("output",))
    beside = {"research_share": {"science_share": toy_city.levers["science_share"].high}}

    alone, with_money = (
        {(row.lever, row.end, row.year): row for row in lever_answers(toy_city, MEMBERS, figures, given)}
        for given in ({}, beside)
    )

    place = ("research_share", "high", 2025)
    assert with_money[place].middle > alone[place].middle > 0  # a share of more money moves more
    assert with_money["platform_share", "high", 2025] == alone["platform_share", "high", 2025]


def test_members_that_fail_at_one_end_are_left_out_of_all_and_counted(tmp_path):
    city = fragile_toy(tmp_path / "toy")
    drawn = {**limits(4, (2, 0.05)), "knowledge elasticity": np.array([0.05, 0.1, 0.05, 0.05])}

    rows = found(city, Members.of(drawn, "draws"))

    without = found(city, Members.of({name: np.delete(values, 1) for name, values in drawn.items()}, "draws"))
    assert {row.failed for row in rows.values()} == {1}
    assert rows == {place: replace(row, failed=1) for place, row in without.items()}
    assert rows["science_share", "high", "output", 2015].up == 1


def test_an_end_at_which_too_many_members_fail_refuses_the_table_by_its_name(tmp_path):
    broken = Members.of(limits(4, (2, 0.05), (3, 0.05)), "draws")

    with pytest.raises(
        TooManyFailed, match=r"Not shown: science_share high\. 2 of 4 members gave no result, and at most"
    ):
        found(fragile_toy(tmp_path / "toy"), broken)


@pytest.mark.parametrize("failed", [0, 2])
def test_the_page_says_how_many_draws_are_left_out_where_some_are(city, figures, failed):
    rows = [replace(row, failed=failed) for row in rows_of(city, figures)]

    page = lever_answers_text(city, KeptAnswers(rows, {"members": "200"}, None))

    assert page.count("Left out: 2 of 200 members, with no result; 198 are used.") == (failed > 0)
    assert page.count("200个成员中有2个算不出结果，不予计入，实际采用198个。") == (failed > 0)


@pytest.fixture(scope="module")
def figures(city):
    return read_moves(city).headline


def rows_of(city: City, figures) -> list[LeverAnswer]:
    """Numbers under which every figure rises with every lever, in all members."""
    expected = read_expected(city, figures)
    return [
        LeverAnswer(name, end, figure, year, -0.5, 0.25, 1.5, float(end == "high"), float(end == "low"), 0.0, 0)
        for name, end, _ in ends_of(city)
        for figure in (*figures, *expected[name].further(figures))
        for year in YEARS
    ]


def lines(text: str, heading: str) -> list[str]:
    part = text[text.index(f"### {heading}\n") :].split("\n### ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][2:]


def test_a_line_that_is_not_as_expected_is_marked_and_counted_in_both_languages(city, figures):
    expected = read_expected(city, figures)
    text = lever_answers_text(city, KeptAnswers(rows_of(city, figures), {"members": "3"}, None))

    wrong = [
        (name, figure) for name, one in expected.items() for figure in (*one.down, *one.none) if figure not in one.said
    ]
    judged = sum(len((*one.up, *one.down, *one.none)) for one in expected.values())
    assert f"**{len(wrong)} of {judged} lines" in text and f"**共{judged}行中有{len(wrong)}行" in text
    assert text.count("?**") == 2 * len(wrong)
    rate, dependence, *_ = lines(text, "Science share of city spending")
    assert rate.endswith("| +0.25 (-0.50 … +1.50) | up | 100 % |")
    assert dependence.endswith("| down | **0 % ?** |")


def test_a_sentence_takes_the_mark_away_and_stands_in_its_language(city, figures, tmp_path):
    text = (city.folder / EXPECTED).read_text(encoding="utf-8")
    said = "patent_criteria:\n  said: {gdp: {en: For a reason., zh: 有原因。}}\n"
    (tmp_path / EXPECTED).write_text(text.replace("patent_criteria:\n", said), encoding="utf-8")
    (tmp_path / "moves.yaml").write_bytes((city.folder / "moves.yaml").read_bytes())
    rows = rows_of(city, figures)

    page = lever_answers_text(replace(city, folder=tmp_path), KeptAnswers(rows, {}, None))

    assert page.count("?**") == lever_answers_text(city, KeptAnswers(rows, {}, None)).count("?**") - 2
    assert "- Gross regional product: For a reason." in page and "：有原因。" in page


def test_a_programme_is_judged_by_its_own_industry_too(city, figures):
    text = lever_answers_text(city, KeptAnswers(rows_of(city, figures), {}, None))

    own = lines(text, city.levers["programme_biomedicine"].en)[-1]
    assert own.startswith(f"| {city.indicators['industry_bio'].en}") and own.endswith("| up | 100 % |")


def test_an_end_that_is_practice_has_no_cells_and_stale_numbers_say_so(city, figures):
    other = fault("calibration.other_mark", "x.csv", other=Term("calibration.mark", "model"))
    text = lever_answers_text(city, KeptAnswers(rows_of(city, figures), {}, other))

    assert "| – | – | +0.25" in lines(text, "Effort when targets are missed")[0]
    assert "It belongs to another model. Run `cli.py findings`" in text and "已过时。它所依据的模型与现在不同。" in text
    missing = KeptAnswers([], {}, fault("calibration.not_kept", "x.csv"))
    assert "**" not in lines(lever_answers_text(city, missing), "Fixed investment")[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tax_relief:", "tax_releif:", "Did you mean: tax_relief"),
        ("tax_relief:", "tax_releif:", "Nothing is said of tax_relief"),
        ("  down: [external_dependence]\n", "", "Nothing is said of external_dependence"),
        ("  down: [external_dependence]\n", "  down: [external_dependence, gdp]\n", "gdp stands twice"),
        ("  down: [external_dependence]\n", "  down: [external_dependance]\n", "Did you mean: external_dependence"),
        ("  down: [external_dependence]\n", "  downwards: [external_dependence]\n", "not a field here"),
        ("beside: {science_money: 20}", "beside: {sience_money: 20}", "Did you mean: science_money"),
        ("beside: {science_money: 20}", "beside: {science_money: 200}", "science_money goes to 200, outside its range"),
    ],
)
def test_a_wrong_file_of_what_is_expected_is_told_with_its_line(city, figures, tmp_path, old, new, said):
    text = (city.folder / EXPECTED).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / EXPECTED).write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(CityError) as error:
        read_expected(replace(city, folder=Path(tmp_path)), figures)

    assert said in str(error.value)
    assert EXPECTED in str(error.value)


def test_every_end_of_the_city_is_a_case_of_its_own(city):
    ends = ends_of(city)

    assert {end for _, end, _ in ends} == set(ENDS)
    assert all(to != city.practice(name) for name, _, to in ends if name in city.levers)
    assert {name for name, _, _ in ends} == {*city.levers, *city.inputs}

"""The published record is read strictly, whole, and holds no fact twice."""

from __future__ import annotations

import csv
import math
from dataclasses import replace
from pathlib import Path

import pytest

from innovation.calibration.record.observations import (
    OBSERVATIONS,
    Observation,
    ObservationError,
    read_observations,
    read_record,
)
from innovation.model import RECORD_ENDS

PLAN = Path(__file__).parents[3] / "shared" / "plan"
COLUMNS = ",".join(Observation.model_fields)
LEVEL = "works,level,platforms,,2010,20,exact,,institution,log,accounts,labs,yes,Plan2012,一,"
NAMED, SPELLED = ",electronics_output,", ",industry output[electronics],"
MADE = f"made,level{NAMED},2010,430,exact,,1e8 CNY/year,log,accounts,parts,yes,Plan2012,一,"
SHARE = "part,share,electronics_output / output,,2010,3,exact,,percent,logit,accounts,economy,yes,Plan2012,一,"
GROWTH = "grew,compound_growth,output,2006,2010,7,at_least,,percent,growth,accounts,economy,yes,Plan2012,一,"
EVENTS = "opened,increment,platforms,2005,2010,6,exact,,institution,count,events,labs,yes,Plan2012,一,"
SUM = "flowed,sum,total output * science share,2006,2010,55,exact,,1e8 CNY,normal,sum,money,yes,Plan2012,一,"


@pytest.fixture(scope="module")
def record(city):
    return read_record(city)


def told(toy_city, folder: Path, *rows: str) -> str:
    file = folder / "rows.csv"
    file.write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(ObservationError) as caught:
        read_observations(toy_city, file)
    return str(caught.value)


def test_right_rows_are_read_in_their_order(toy_city, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([COLUMNS, LEVEL, GROWTH, SUM]) + "\n", encoding="utf-8")

    found = read_observations(toy_city, file)

    assert [figure.id for figure in found] == ["works", "grew", "flowed"]
    assert found[0].value == 20
    assert found[2].terms == ("total output", "science share")


@pytest.mark.parametrize(
    ("row", "old", "new", "words"),
    [
        (LEVEL, ",institution,", ",,", ["line 2, unit", "must not be empty"]),
        (LEVEL, ",institution,", ",firm,", ['The unit is "firm"', '"institution"']),
        (LEVEL, ",platforms,", ",platfroms,", ['no indicator or variable "platfroms"', "Did you mean: platforms"]),
        (LEVEL, ",platforms,", ",industry output,", ["does not name one number"]),
        (LEVEL, ",2010,", ",2011,", ["The year 2011 lies outside the record", "2005 to 2010"]),
        (LEVEL, ",2010,", ",2004,", ["The year 2004 lies outside the record"]),
        (LEVEL, ",20,", ",twenty,", ["line 2, value", 'the text "twenty"']),
        (LEVEL, ",20,", ",1_000,", ['the text "1_000"']),
        (LEVEL, ",20,", ",,", ["found nothing"]),
        (LEVEL, ",20,", ",nan,", ["must be a finite number"]),
        (LEVEL, ",20,", ",-inf,", ["must be a finite number"]),
        (LEVEL, ",20,", ",-20,", ['"log" needs a figure above 0']),
        (LEVEL, ",level,", ",levle,", ["line 2, operator", "Did you mean: level"]),
        (LEVEL, ",log,", ",logs,", ["line 2, error", "Did you mean: log"]),
        (LEVEL, ",log,", ",logit,", ["percent between 0 and 100"]),
        (LEVEL, ",exact,", ",rounded,", ['"rounding" belongs to']),
        (LEVEL, ",yes,", ",no,", ["says why"]),
        (LEVEL, ",Plan2012,", ",Plan2013,", ["Did you mean: Plan2012"]),
        (LEVEL, ",一,", ",一", ["15 values stand here, 16 are expected"]),
        (GROWTH, ",2006,2010,", ",2010,2010,", ["must be before last"]),
        (GROWTH, ",2006,2010,", ",,2010,", ['"first" belongs to']),
        (GROWTH, ",growth,", ",log,", ["Growth has the error"]),
        (SUM, ",1e8 CNY,", ",1e8 CNY/year,", ['this is shown in "1e8 CNY"']),
        (SUM, ",normal,sum,", ",normal,accounts,", ['"normal" is that of']),
        (SUM, ",sum,total", ",increment,total", ["'a * b' belongs to a sum"]),
        (SUM, ",55,", ",0,", ['"normal" needs a figure above 0']),
        (SUM, ",2006,2010,", ",,2010,", ['"first" belongs to']),
        (LEVEL, ",20,", ",0,", ['"log" needs a figure above 0']),
        (LEVEL, ",20,exact,", ",-20,at_least,", ['"log" needs a figure above 0']),
        (LEVEL, ",20,exact,,", ",-0.2,rounded,0.5,", ['"log" needs a figure above 0']),
        (LEVEL, ",2010,", ",,", ["line 2, last", "found nothing"]),
        (LEVEL, ",2010,", ",2009.5,", ["line 2, last"]),
        (LEVEL, ",log,", ",count,", ['"count" is that of an exact figure of the size "events"']),
        (EVENTS, ",count,", ",log,", ['"count" is that of an exact figure of the size "events"']),
        (EVENTS, ",exact,,", ",at_least,,", ['"count" is that of an exact figure']),
        (EVENTS, ",exact,,", ",rounded,0.5,", ['"count" is that of an exact figure']),
        (EVENTS, ",6,", ",-6,", ['"count" needs a whole number of events, 0 or above']),
        (EVENTS, ",6,", ",6.5,", ['"count" needs a whole number of events, 0 or above']),
        (EVENTS, ",increment,", ",growth,", ['Growth has the error "growth"']),
        (EVENTS, ",2005,", ",,", ['"first" belongs to']),
        (EVENTS, ",2005,2010,", ",2005,2011,", ["The year 2011 lies outside the record"]),
        (EVENTS, ",institution,", ",percent,", ['"count" is that of a number of events', "no percent"]),
        (SHARE, ",logit,accounts,", ",count,events,", ['"count" is that of a number of events']),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_remedy(toy_city, tmp_path, row, old, new, words):
    assert row.count(old) == 1

    message = told(toy_city, tmp_path, row.replace(old, new))

    assert "rows.csv, line 2" in message
    assert all(word in message for word in words), message


def test_bad_rows_are_refused_together(toy_city, tmp_path):
    message = told(
        toy_city,
        tmp_path,
        LEVEL.replace(",institution,", ",,"),
        GROWTH.replace(",output,", ",outptu,"),
        SUM.replace(",55,", ",many,"),
        LEVEL.replace(",2010,", ",2015,"),
    )

    assert message.startswith("4 faults")
    assert all(f"rows.csv, line {line}" in message for line in (2, 3, 4, 5))


def test_a_fact_given_twice_is_refused_with_both_lines(toy_city, tmp_path):
    message = told(toy_city, tmp_path, LEVEL, GROWTH, LEVEL.replace("works", "works_too").replace(",20,", ",21,"))

    assert "line 4" in message
    assert "The fact stands here a second time; first in line 2 (works)" in message


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (
            LEVEL,
            LEVEL.replace(",20,exact,,", ",21,rounded,0.5,"),
            ["rounded 21", "20 in line 2 (works)", "they disagree"],
        ),
        (LEVEL, LEVEL.replace(",20,exact,", ",19,at_most,"), ["at most 19", "20 in line 2 (works)", "they disagree"]),
        (MADE, MADE.replace(NAMED, SPELLED).replace(",430,", ",440,"), ["440 stands here", "they disagree"]),
        (MADE, MADE.replace(NAMED, SPELLED), ["counts here a second time", "line 2 (made)"]),
        (LEVEL, LEVEL.replace(",20,exact,,", ",20.2,rounded,0.5,"), ["counts here a second time", "line 2 (works)"]),
        (
            EVENTS,
            EVENTS.replace(",count,events,", ",log,accounts,").replace(",6,exact,,", ",8,rounded,1,"),
            ["disagree"],
        ),
    ],
)
def test_two_counted_figures_of_one_year_that_disagree_or_repeat_each_other_are_refused(
    toy_city, tmp_path, first, second, words
):
    message = told(toy_city, tmp_path, first, second.replace(first.split(",")[0], "too", 1))

    assert "rows.csv, line 3" in message
    assert "conflicts.csv" in message
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    "beside",
    [
        LEVEL.replace(",20,exact,,", ",21,rounded,0.5,").replace(
            ",yes,Plan2012,一,", ",no,Plan2012,一,of another scope"
        ),
        LEVEL.replace(",20,exact,", ",19,at_least,"),
        LEVEL.replace(",20,exact,", ",19,at_most,").replace(",2010,", ",2009,"),
    ],
)
def test_figures_that_do_not_count_bounds_that_are_kept_and_other_years_may_stand_beside_one(
    toy_city, tmp_path, beside
):
    file = tmp_path / "rows.csv"
    file.write_text("\n".join([COLUMNS, LEVEL, beside.replace("works", "too", 1)]) + "\n", encoding="utf-8")

    assert len(read_observations(toy_city, file)) == 2


def test_an_id_given_twice_is_refused(toy_city, tmp_path):
    assert 'The id "works" stands here a second time' in told(
        toy_city, tmp_path, LEVEL, LEVEL.replace(",2010,", ",2009,")
    )


@pytest.mark.parametrize(
    ("reading", "rounding", "interval"),
    [
        ("exact", "", (20, 20)),
        ("at_least", "", (20, math.inf)),
        ("at_most", "", (-math.inf, 20)),
        ("rounded", "0.5", (19.5, 20.5)),
        ("nearly", "3", (17, 20)),
    ],
)
def test_a_reading_says_where_the_measured_figure_lies(toy_city, tmp_path, reading, rounding, interval):
    file = tmp_path / "rows.csv"
    file.write_text(f"{COLUMNS}\n{LEVEL.replace(',exact,,', f',{reading},{rounding},')}\n", encoding="utf-8")

    (figure,) = read_observations(toy_city, file)

    assert figure.interval == interval


def test_the_record_names_the_conflicts_and_what_is_chosen(record):
    known = {conflict.id: conflict for conflict in record.conflicts}

    assert {"announced_product", "census_population", "certified_firms", "scope_of_fiscal_science"} <= set(known)
    assert all(conflict.chosen and conflict.en and conflict.zh for conflict in record.conflicts)


def test_nothing_in_the_record_is_later_than_2010(record):
    assert max(figure.last for figure in record.observations) == RECORD_ENDS == 2010


def test_no_growth_or_increment_counts_beside_the_two_levels_it_follows_from(record):
    levels = {(figure.of, figure.last) for figure in record.counted if figure.operator in ("level", "share")}

    twice = [
        figure.id
        for figure in record.counted
        if figure.operator in ("growth", "compound_growth", "increment") and figure.reading == "exact"
        if {(figure.of, figure.first), (figure.of, figure.last)} <= levels
    ]

    assert twice == []


def test_no_events_count_beside_a_level_that_holds_them(record):
    levels = {(figure.of, figure.last) for figure in record.counted if figure.operator == "level"}
    earlier = {(figure.of, figure.last) for figure in record.observations if figure.operator == "level"}
    counts = [figure for figure in record.counted if figure.is_count]

    twice = [figure.id for figure in counts if figure.operator == "increment" and (figure.of, figure.last) in levels]
    known_before = [
        figure.id
        for figure in counts
        if figure.operator == "level" and any(of == figure.of and year < figure.last for of, year in earlier)
    ]

    assert len(counts) >= 6
    assert twice == []
    assert known_before == []  # of what was counted before, only what came since is events


def test_no_sum_counts_beside_all_its_years(record):
    levels = {(figure.of, figure.last) for figure in record.counted if figure.operator == "level"}

    twice = [
        figure.id
        for figure in record.counted
        if figure.operator == "sum" and {(figure.of, year) for year in range(figure.first, figure.last + 1)} <= levels
    ]

    assert twice == []


def test_a_ratio_does_not_count_beside_its_numerator(record):
    counted = {figure.of for figure in record.counted if figure.reading == "exact"}

    assert not {"rd_intensity", "rd_expenditure"} <= counted
    assert not {"tech_contract_value", "tech_contract_per_10k"} <= counted
    assert not {"gdp", "gdp_growth_real"} <= counted


@pytest.mark.parametrize("name", ["plan_facts.csv", "statistics_to_2010.csv"])
def test_every_figure_of_the_sources_is_observed_or_left_aside_by_name(record, name):
    if not (PLAN / name).exists():
        pytest.skip(f"the plan's {name} is not beside this repository")
    with (PLAN / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    aside = {part.strip() for left in record.left_aside for part in left.figures.split(";")}
    values = [figure.value for figure in record.observations]

    missing = [
        row
        for row in rows
        if not {key := row.get("id") or row["indicator"], f"{key}_{row.get('year')}"} & aside
        and not any(math.isclose(float(row["value"].strip("><~")), value, rel_tol=2e-4) for value in values)
    ]

    assert missing == []


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_levels_of_a_year_the_one_that_counts_is_shown_and_years_rise(record, turned):
    one = next(figure for figure in record.observations if figure.id == "gdp_2007")
    other = one.model_copy(update={"value": 4000.0, "counts": "no", "reading": "rounded", "rounding": 5.0})
    rows = (*record.observations[::-1], other)

    levels = replace(record, observations=rows[::-1] if turned else rows).levels("gdp")

    assert levels == record.levels("gdp")
    assert list(levels) == list(range(2005, RECORD_ENDS + 1))


def test_published_levels_of_the_plan_stand_in_the_record_with_their_unit(city, record):
    if not (PLAN / "plan_facts.csv").exists():
        pytest.skip("the plan's plan_facts.csv is not beside this repository")
    with (PLAN / "plan_facts.csv").open(encoding="utf-8", newline="") as file:
        facts = {row["id"]: row for row in csv.DictReader(file)}
    published = {
        (name, int(row["start_year"])): (float(row["value"]), row["unit"])
        for name in city.indicators
        for key, row in facts.items()
        if row["kind"] == "level" and key == f"{name}_{row['start_year']}"
    }

    units = {name: indicator.unit for name, indicator in city.indicators.items()}

    assert len(published) > 15
    assert {key: (record.levels(key[0]).get(key[1]), units[key[0]]) for key in published} == published


def test_charts_are_given_no_bound_and_nothing_of_another_place(record):
    assert record.levels("hightech_output") == {2005: 840.4, 2009: 2054.99, 2010: 2564.6}
    assert record.levels("external_dependence") == {}


def test_the_files_lines_end_as_git_keeps_them():
    assert b"\r" not in OBSERVATIONS.read_bytes()

"""Figures of other places and the class's numbers are read strictly, and the numbers follow from the figures."""

from __future__ import annotations

import gzip
from dataclasses import replace

import numpy as np
import pytest

from innovation.calibration.reference_class.classes import reference_cases
from innovation.calibration.reference_class.places import CHINA, LARGEST_TEXT, WORLD, PlacesError, read_places
from innovation.calibration.reference_class.records import Cases
from innovation.calibration.reference_class.rule import fit_line, scale_a_year
from innovation.calibration.reference_class.tables import (
    CORRELATIONS,
    REFERENCE,
    ReferenceClassError,
    read_reference_class,
)
from innovation.model import RECORD_ENDS

ROWS = "place,indicator,year,value\nHere,output,2004,10\nHere,output,2005,12\nThere,output,2005,7\n"


@pytest.fixture(scope="module")
def table():
    return read_reference_class()


@pytest.fixture(scope="module")
def classes():
    return {one.name: one.cases for one in reference_cases(read_places(WORLD), read_places(CHINA))}


def told(folder, text: str) -> str:
    file = folder / "places.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlacesError) as caught:
        read_places(file)
    return str(caught.value)


def test_figures_stand_by_place_and_year(tmp_path):
    plain, packed = tmp_path / "places.csv", tmp_path / "places.csv.gz"
    plain.write_text(ROWS, encoding="utf-8")
    packed.write_bytes(gzip.compress(ROWS.encode()))

    found = read_places(packed)

    assert found.names == ("Here", "There")
    assert found.years.tolist() == [2004, 2005]
    assert found.figures["output"] == pytest.approx(np.array([[10, 12], [np.nan, 7]]), nan_ok=True)
    assert found.figures["output"] == pytest.approx(read_places(plain).figures["output"], nan_ok=True)
    assert found.readings("output")[0] == pytest.approx(np.log([10, 12]))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "place,indicator,year,value",
            "place,indicator,year",
            ["line 1", "Missing: value", "place,indicator,year,value"],
        ),
        ("place,indicator,year,value", "place,indicator,year,value,unit", ['no column "unit"']),
        ("place,indicator,year,value", "indicator,place,year,value", ["another order"]),
        ("2005,12", "2005,many", ["line 3, value", 'the text "many"', "finite number"]),
        ("2005,12", "2005,nan", ["line 3, value", "finite number"]),
        ("2005,12", "2005,", ["line 3, value", "finite number"]),
        ("2005,12", "2005,1_2", ["line 3, value", 'the text "1_2"', "finite number"]),
        ("2005,12", "2005,1e999", ["line 3, value", "finite number"]),
        ("2005,12", "2011,12", ["line 3, year", "dated 2011", "nothing after 2010", "Take it out"]),
        ("2005,12", "05,12", ["line 3, year", "four digits"]),
        ("2005,12", "2004,11", ["line 3", "A second output of Here in 2004", "11, and 10 in line 2"]),
        ("2005,12", "2004,10", ["line 3", "A second output of Here in 2004"]),
        ("2005,12", "2005,12,1", ["line 3", "5 values stand here, 4 are expected"]),
        ("There,", ",", ["line 4", "The place or the indicator is missing"]),
        (ROWS.partition("\n")[2], "", ["No figure stands here"]),
    ],
)
def test_wrong_figures_are_told(tmp_path, old, new, words):
    said = told(tmp_path, ROWS.replace(old, new))

    assert "places.csv" in said
    assert [word for word in words if word not in said] == []


def test_every_wrong_figure_is_told_at_once(tmp_path):
    said = told(tmp_path, ROWS.replace("2005,12", "2011,12").replace("2005,7", "2005,few"))

    assert said.startswith("2 faults")
    assert "line 3" in said and "line 4" in said


def test_a_file_that_is_not_packed_or_not_there_is_told(tmp_path):
    file = tmp_path / "places.csv.gz"
    file.write_text(ROWS, encoding="utf-8")

    with pytest.raises(PlacesError, match="packed with gzip"):
        read_places(file)
    with pytest.raises(PlacesError, match="no such file"):
        read_places(tmp_path / "absent.csv")


@pytest.mark.parametrize("start", [10, 40])
def test_a_packed_file_that_is_damaged_inside_is_told(tmp_path, start):
    file = tmp_path / "places.csv.gz"
    content = bytearray(WORLD.read_bytes())
    content[start : start + 50] = b"\xff" * 50
    file.write_bytes(content)

    with pytest.raises(PlacesError, match="packed with gzip"):
        read_places(file)


def test_a_packed_file_is_unpacked_no_further_than_is_sensible(tmp_path):
    file = tmp_path / "places.csv.gz"
    file.write_bytes(gzip.compress(b"\n" * (LARGEST_TEXT + 1)))

    with pytest.raises(PlacesError, match="larger than 50,000,000 bytes"):
        read_places(file)


def test_figures_without_a_log_are_left_out_and_counted(tmp_path):
    file = tmp_path / "places.csv"
    file.write_text(
        ROWS.replace("2005,12", "2005,0").replace("2005,7", "2005,-1")
        + "Here,part_share,2004,100\nHere,part_share,2005,20\n",
        encoding="utf-8",
    )

    found = read_places(file)

    assert found.readings("output") == pytest.approx(np.array([[np.log(10), np.nan], [np.nan, np.nan]]), nan_ok=True)
    assert found.readings("part_share")[0] == pytest.approx([np.nan, np.log(0.25)], nan_ok=True)
    assert (found.unreadable("output"), found.unreadable("part_share")) == (2, 1)


@pytest.mark.parametrize(
    ("world", "china", "said"),
    [
        ("gdp_nominal", "", "places_world.csv.gz\n  No figure of gdp_nominal stands here"),
        ("rd_gdp_share", "", "places_world.csv.gz\n  No figure of rd_gdp_share stands here"),
        ("", "rd_gdp_share", "places_china.csv\n  No figure of rd_gdp_share stands here"),
        ("", "inventions_applied", "No series of inventions_applied of Fujian stands here"),
        ("", "China", "No series of patents_granted of China stands here"),
    ],
)
def test_a_file_without_an_indicator_or_a_long_series_is_told(world, china, said):
    both = read_places(WORLD), read_places(CHINA)
    nations, provinces = (
        replace(
            one,
            names=tuple("elsewhere" if place == without else place for place in one.names),
            figures={name: figures for name, figures in one.figures.items() if name != without},
        )
        for one, without in zip(both, (world, china), strict=True)
    )

    with pytest.raises(PlacesError) as caught:
        reference_cases(nations, provinces)

    assert said in str(caught.value)


def test_nothing_of_other_places_is_known_after_the_record_ends():
    assert max(read_places(path).years[-1] for path in (WORLD, CHINA)) == RECORD_ENDS


def test_the_class_says_what_was_measured(table):
    product, patents = table.indicators["gdp_real"], table.indicators["patents_granted"]

    assert (product.a, product.b, product.scale) == pytest.approx((0.0438, 0.4651, 0.0229), abs=1e-4)
    assert product.common_share == pytest.approx(0.8722, abs=1e-3)
    assert patents.city_x == pytest.approx(1.7867, abs=2e-3)
    assert patents.city_factor == pytest.approx(1.4063, abs=1e-3)
    assert table.indicators["employment"].city_x is None
    assert set(table.indicators["hightech_output"].lines) == {"world"}


def test_correlations_are_of_pairs_in_any_order(table):
    assert table.correlation("patents_granted", "rd_expenditure") == table.correlation(
        "rd_expenditure", "patents_granted"
    )
    assert table.correlation("rd_expenditure", "patents_granted") == 0.4
    assert table.correlation("employment", "articles") == 0.0
    assert table.correlation("articles", "articles") == 1.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",scale_common", "", ["line 1", "Expected: indicator,name"]),
        ("0.0214,0.0082", "0.0214,small", ["line 2, scale_place", 'the text "small"']),
        ("0.0214,0.0082", "0.0214,-0.0082", ["line 2", "scale_place is -0.0082", "0 or more"]),
        ("0.0214,0.0082", "0,0", ["line 2", "must be above 0"]),
        ("0.0219,0.3997", "0.0219,", ["line 2", "both an a and a b"]),
        ("0.0219,0.3997,0.0657,0.5306", ",,,", ["line 2", "Give a_world and b_world"]),
        ("0.0082,1,", "0.0082,0.5,", ["line 2", "widened is 0.5"]),
        ("0.0082,1,", "0.0082,100,", ["line 2", "widened is 100", "to 10"]),
        ("0.0214,0.0082", "2.14,0.0082", ["line 2", "scale_common is 2.14", "in logs, no per cent"]),
        ("0.0214,0.0082", "1e300,0.0082", ["line 2", "scale_common is 1e+300"]),
        ("0.0219,0.3997", "0.0219,39.97", ["line 2", "b_world is 39.97"]),
        ("0.0731,0.1378", "0.0731,13.78", ["line 2", "city_growth is 13.78"]),
        ("1111,good", "-1111,good", ["line 2", "cases is -1111"]),
        (
            "gdp_nominal,GDP nominal",
            "gdp_real,GDP nominal",
            ['class.csv, line 3\n  "gdp_real" stands here a second time; first in line 2'],
        ),
    ],
)
def test_wrong_numbers_of_the_class_are_told(tmp_path, old, new, words):
    file, text = tmp_path / "class.csv", REFERENCE.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ReferenceClassError) as caught:
        read_reference_class(file)

    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("rd_expenditure,0.6", "rd_expenditure,1.6", "between -1 and 1"),
        ("gdp_nominal,rd_expenditure", "gdp_nominal,gdp_nominal", "named twice"),
        ("gdp_nominal,public_spending", "rd_expenditure,gdp_nominal", "stands here a second time"),
        (
            "gdp_nominal,public_spending",
            "gdp_nominl,public_spending",
            'no indicator "gdp_nominl". Did you mean: gdp_nominal',
        ),
        ("hightech_exports,exports", "hightech_exports,export", 'no indicator "export". Did you mean: exports'),
    ],
)
def test_wrong_correlations_are_told(tmp_path, old, new, word):
    file, text = tmp_path / "pairs.csv", CORRELATIONS.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ReferenceClassError, match=word):
        read_reference_class(correlations=file)


def fitted(cases: Cases, indicator: str, horizon: int = 5) -> tuple[float, float, float]:
    some = cases.pick((cases.indicator == indicator) & (cases.horizon == horizon))
    line = fit_line(some.added_a_year, np.column_stack([np.ones(len(some)), some.growth]))
    return (*line.numbers, float(scale_a_year(line.scale, horizon)))


@pytest.mark.parametrize(
    ("indicator", "nations"),
    [
        ("gdp_real", "gdp_real"),
        ("gdp_nominal", "gdp_nominal"),
        ("rd_expenditure", "rd_expenditure"),
        ("rd_gdp_share", "rd_gdp_share"),
        ("rd_personnel", "researchers"),
        ("patents_granted", "patents_resident"),
        ("technology_contracts", "rd_expenditure"),
        ("hightech_exports", "hightech_exports"),
        ("public_science", "public_spending"),
        ("fixed_investment", "industry_nominal"),
        ("trademarks", "trademarks_resident"),
        ("articles", "articles"),
        ("firms", "listed_companies"),
    ],
)
def test_lines_and_common_scales_follow_from_the_figures_of_nations(table, classes, indicator, nations):
    one = table.indicators[indicator]

    # the table has four digits, the figures six
    assert fitted(classes["nations"], nations) == pytest.approx((*one.lines["world"], one.scale_common), abs=1e-3)


@pytest.mark.parametrize(
    ("indicator", "provinces", "horizon", "own"),
    [
        ("gdp_real", "gdp_real", 5, False),
        ("gdp_nominal", "gdp_nominal", 5, True),
        ("rd_gdp_share", "rd_gdp_share", 2, True),
        ("rd_personnel", "rd_personnel", 2, True),
        ("technology_contracts", "contracts_sold", 5, True),
        ("public_science", "public_spending", 5, False),
        ("fixed_investment", "fixed_investment_nominal", 5, False),
        ("employment", "employment", 5, True),
    ],
)
def test_chinese_lines_and_own_scales_follow_from_the_figures_of_provinces(
    table, classes, indicator, provinces, horizon, own
):
    one = table.indicators[indicator]

    *line, scale = fitted(classes["provinces"], provinces, horizon)

    assert line == pytest.approx(one.lines["china"], abs=2e-3)  # two years are noisier in the last of four digits
    assert (scale == pytest.approx(one.scale_place, abs=2e-4)) is own  # the others are told in the data's README


def test_the_chinese_line_of_patents_is_that_of_the_long_series(table, classes):
    assert fitted(classes["patents"], "patents_long")[:2] == pytest.approx(
        table.indicators["patents_granted"].lines["china"], abs=2e-4
    )

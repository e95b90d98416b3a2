"""Discrepancies: sizes, courses, counts and errors between the city's own figures and those that are published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from innovation.calibration.discrepancy import loading as kept_sizes
from innovation.calibration.discrepancy.courses import courses
from innovation.calibration.discrepancy.entries import DISCREPANCY, Assumed, DiscrepancyError, Quantity, read_assumed
from innovation.calibration.discrepancy.events import MOST, Arrivals
from innovation.calibration.discrepancy.instrument import COUNTS, MEASUREMENT, DiscrepancyInstrument
from innovation.calibration.discrepancy.instrument import DISCREPANCY as STRAYS
from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.discrepancy.makeup import PARTS, makeups
from innovation.calibration.discrepancy.sizes import OWN, QUARTILE, Sizes, size_rows
from innovation.calibration.kept_results import keep, read
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.draws import PosteriorDraws
from innovation.calibration.record.observations import Record, read_record
from innovation.calibration.reference_class.rule import CITY_FACTOR, spread
from innovation.calibration.reference_class.tables import read_reference_class
from innovation.model import RECORD_ENDS
from innovation.model.city import City
from innovation.model.files.faults import DocumentError
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.bands import CITY, LINE_VIEW, PUBLISHED, line_of, published_result
from innovation.scenarios.simulation.run import simulate

MEMBERS = 120
LEVEL = 0.9


@dataclass(frozen=True)
class Drawn:
    """The posterior, its instrument, and two scenarios of a few members."""

    draws: PosteriorDraws
    instrument: DiscrepancyInstrument
    result: xr.Dataset

    def own(self, name: str, scenario: int = 0) -> np.ndarray:
        return self.result[name].values[scenario]

    def published(self, name: str, scenario: int = 0, **asked: object) -> np.ndarray:
        line = line_of(self.result, scenario)
        members = self.result.member.values
        return self.instrument.published(name, self.own(name, scenario), members, line, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def record(city: City) -> Record:
    return read_record(city)


@pytest.fixture(scope="module")
def assumed(city: City) -> Assumed:
    return read_assumed(city)


@pytest.fixture(scope="module")
def drawn(city: City) -> Drawn:
    draws = kept_draws.load(city)
    instrument = instrument_of(city, draws)
    assert instrument is not None
    scenarios = [load_scenario(city, name) for name in ("baseline", "plan_as_written")]
    return Drawn(draws, instrument, simulate(city, scenarios, draws.members(MEMBERS), draws.attrs(MEMBERS)))


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[str, str], Path]:
    """The file of assumptions with a piece of its text replaced."""

    def change(old: str, new: str) -> Path:
        text = DISCREPANCY.read_text(encoding="utf-8")
        assert text.count(old) >= 1
        path = tmp_path / "discrepancy.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return change


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("class: gdp_real,", "class: gdp_rael,", 'There is no class "gdp_rael"'),
        ("of: rd_expenditure, weight", "of: rd_expenditur, weight", 'There is no indicator "rd_expenditur"'),
        ("of: {research: 1, gdp: -1}", "of: {reserch: 1, gdp: -1}", 'There is no quantity "reserch"'),
        ("  price_level: {of", "  price_levels: {of", 'There is no indicator "price_levels"'),
        (
            "  price_level: {of: {gdp: 1, gdp_real: -1}, error: accounts, group: economy}\n",
            "",
            "Nothing is said of price_",
        ),
        ("unpublished: [", "unpublished: [gdp, ", '"gdp" is told of 2 times'),
        ("gdp ~ industry: 0.8", "gdp ~ industri: 0.8", "This is no pair of quantities"),
        ("gdp ~ industry: 0.8", "gdp ~ industry: 1.8", "must be less than or equal to 1"),
        ("gdp ~ industry: 0.8", "gdp ~ industry: -0.8", "No quantities can have all these correlations"),
        ("counts:", "count:", '"count"'),
        ("events: 83", "events: -83", "must be greater than or equal to 0"),
        ("error: surveys, sum: true}", "error: surveys, sum: true, growth: true}", "a growth or a sum, not both"),
        ("weight: 0.75", "weight: 1.75", "must be less than or equal to 1"),
        ("strays_as: hightech_exports", "strays_as: hightech_export", 'Nothing strays as "hightech_export"'),
        ("gdp ~ industry: 0.8", "gdp ~ industry: 0.8\n  industry ~ gdp: 0.1", "a second time"),
    ],
)
def test_what_is_wrong_with_the_file_is_told(
    city: City, changed: Callable[[str, str], Path], old: str, new: str, said: str
) -> None:
    with pytest.raises(DiscrepancyError) as error:
        read_assumed(city, changed(old, new))
    assert said in str(error.value)


def test_courses_are_students_of_scale_one_at_every_horizon(assumed: Assumed) -> None:
    found = courses(assumed, 20_000, 15, 7)
    for course in (found["gdp"], found["industry_bio"]):
        low, high = np.percentile(course, (25, 75), axis=0)
        assert np.abs((high - low) / 2 - QUARTILE).max() < 0.03
        beyond = np.abs(course) > stats.t.ppf(0.95, 4)
        assert np.abs(beyond.mean(axis=0) - 0.1).max() < 0.01


def test_courses_go_together_as_the_file_says(assumed: Assumed) -> None:
    found = courses(assumed, 20_000, 5, 7)
    names = list(assumed.quantities)
    for one, other in (("gdp", "research"), ("patents", "applications"), ("gdp_real", "venture")):
        asked = assumed.correlations[names.index(one), names.index(other)]
        has = stats.spearmanr(found[one][:, -1], found[other][:, -1]).statistic
        assert 0.65 * asked - 0.03 < has < asked + 0.03


def test_a_new_quantity_changes_no_others_draws(assumed: Assumed) -> None:
    more = {**assumed.quantities, "new": Quantity.model_validate({"class": "articles", "of": "gdp"})}
    size = len(more)
    matrix = np.eye(size)
    matrix[: size - 1, : size - 1] = assumed.correlations
    matrix[-1, 0] = matrix[0, -1] = 0.3
    classes = {**assumed.classes, "new": assumed.classes["firms"]}
    other = replace(assumed, quantities=more, classes=classes, correlations=matrix)
    before, after = courses(assumed, 50, 15, 7), courses(other, 50, 15, 7)
    assert "new" in after and all(np.array_equal(values, after[name]) for name, values in before.items())


def test_draws_of_the_first_members_do_not_depend_on_how_many_there_are(assumed: Assumed) -> None:
    few, many = courses(assumed, 10, 15, 7), courses(assumed, 50, 15, 7)
    assert all(np.array_equal(values, many[name][:10]) for name, values in few.items())


def test_no_published_figure_spreads_less_than_its_class(drawn: Drawn) -> None:
    for name, size in drawn.instrument.sizes.quantities.items():
        if drawn.instrument.assumed.quantities[name].part == "place":
            assert np.array_equal(size.added, size.reference)
        else:
            assert (size.total >= size.reference * (1 - 1e-5)).all()
            narrow = size.own < size.reference
            assert np.allclose(size.total[narrow], size.reference[narrow], rtol=1e-4)
            assert (size.added[~narrow] == 0).all()


def test_the_class_of_research_over_output_is_met_by_its_parts(drawn: Drawn, assumed: Assumed) -> None:
    """The share has a class of its own; what its numerator and denominator stray by spreads it at least as far."""
    share = read_reference_class().indicators["rd_gdp_share"]
    wanted = spread(5, CITY_FACTOR * share.widened * share.scale, share.city_x or 0.0)
    place = drawn.instrument.city.years.index(RECORD_ENDS + 5)
    figures = drawn.published("rd_intensity", parts=(STRAYS,))[1:, place]
    low, high = np.percentile(np.log(figures / (100 - figures)), (25, 75))
    assert (high - low) / 2 > 0.9 * QUARTILE * wanted


def test_without_a_class_the_roughness_of_the_record_decides(city: City, changed: Callable[[str, str], Path]) -> None:
    found = read_assumed(city, changed("gdp: {class: gdp_nominal, of: gdp,", "gdp: {strays_as: gdp_nominal, of: gdp,"))
    sizes = kept_sizes.measure(city, kept_draws.load(city), read_record(city), found, 60).quantities
    assert sizes["gdp"].of == OWN and 0.05 < sizes["gdp"].reference[4] < 0.5


def test_without_class_and_series_the_pooled_class_of_no_evidence_decides(
    city: City, changed: Callable[[str, str], Path]
) -> None:
    found = read_assumed(city, changed("venture: {class: no_evidence, of", "venture: {of"))
    sizes = kept_sizes.measure(city, kept_draws.load(city), read_record(city), found, 60).quantities
    assert sizes["venture"].of == sizes["credit"].of and sizes["venture"].reference[4] > 0.3


def test_what_one_scenario_does_is_the_same_in_published_figures(drawn: Drawn) -> None:
    """Every member's deviation is one for all scenarios: on its scale the difference is the city's, to rounding."""
    for name in ("gdp", "patent_grants", "hightech_output", "fiscal_science"):
        own = np.log(drawn.own(name, 1)) - np.log(drawn.own(name, 0))
        told = np.log(drawn.published(name, 1)) - np.log(drawn.published(name, 0))
        assert np.allclose(own, told, rtol=0, atol=1e-12)


def test_to_the_records_end_and_in_the_nominal_run_figures_are_the_citys(city: City, drawn: Drawn) -> None:
    last = city.years.index(RECORD_ENDS)
    for name in city.indicators:
        own, told = drawn.own(name), drawn.published(name)
        assert np.array_equal(own[:, : last + 1], told[:, : last + 1], equal_nan=True)
        assert np.array_equal(own[0], told[0], equal_nan=True)
        if drawn.instrument.is_published(name):
            assert not np.array_equal(own[1:, last + 1 :], told[1:, last + 1 :])
        else:
            assert np.array_equal(own, told, equal_nan=True)


def test_members_beyond_the_draws_repeat_in_order(drawn: Drawn) -> None:
    figures = np.repeat(drawn.own("patent_grants")[1:2], 2, axis=0)
    again = drawn.instrument.published("patent_grants", figures, np.array([1, 1 + drawn.draws.distinct]))
    assert np.array_equal(again[0], again[1])


def test_parts_left_out_leave_the_citys_figures(city: City, drawn: Drawn) -> None:
    for name in city.indicators:
        assert np.array_equal(drawn.published(name, parts=()), drawn.own(name), equal_nan=True)


def test_shares_stay_shares_and_money_stays_above_nothing(city: City, drawn: Drawn) -> None:
    for name, indicator in city.indicators.items():
        told = drawn.published(name)[1:]
        told = told[np.isfinite(told)]
        if indicator.unit.startswith("percent") and name != "gdp_growth_real" and "contribution" not in name:
            assert ((told >= 0) & (told <= 100)).all(), name
        elif drawn.instrument.is_published(name) and indicator.unit.startswith("1e8"):
            assert (told >= 0).all(), name


def test_what_is_counted_is_whole_and_never_falls(city: City, drawn: Drawn) -> None:
    last = city.years.index(RECORD_ENDS)
    for name, one in drawn.instrument.assumed.counts.items():
        told = drawn.published(name, 1)[1:, last + 1 :]
        assert np.array_equal(told, np.round(told))
        if not one.level:
            assert (np.diff(told, axis=1) >= 0).all()
            levels = drawn.instrument.record.levels(name)
            if RECORD_ENDS in levels:
                assert (told >= levels[RECORD_ENDS]).all()


def test_a_number_pursued_changes_what_is_expected_and_not_how_far_it_strays(city: City, drawn: Drawn) -> None:
    """Engineering centres: none fewer where no fewer are expected, and log spread of what is added as wide."""
    name, place = "national_engineering_centres", city.years.index(2015)
    left, pursued = (drawn.published(name, scenario)[1:, place] for scenario in (0, 1))
    expected = [np.diff(drawn.own(name, scenario)[1:, : place + 1], axis=1) for scenario in (0, 1)]
    no_fewer = (np.nan_to_num(expected[1]) >= np.nan_to_num(expected[0]) - 1e-9).all(axis=1)
    assert no_fewer.mean() > 0.9
    assert (pursued >= left)[no_fewer].all() and pursued.mean() > left.mean() + 1
    widths = [np.subtract(*np.percentile(np.log(values - 20 + 0.5), (75, 25))) for values in (left, pursued)]
    assert 0.5 < widths[1] / widths[0] < 2


def test_counts_are_poisson_of_what_is_expected() -> None:
    arrivals = Arrivals("things", 4000, 3)
    expected = np.tile([0.5, 6.0, 300.0], (4000, 1))
    found = arrivals.counted(expected, np.arange(4000))
    assert np.allclose(found.mean(axis=0), expected[0], rtol=0.06)
    assert np.allclose(found.var(axis=0), expected[0], rtol=0.12)
    assert (np.diff(found, axis=1) >= 0).all()
    assert arrivals.counted(np.array([[MOST + 1.4]]), np.array([0]))[0, 0] == MOST + 1
    assert arrivals.counted(np.array([[0.0]]), np.array([0]))[0, 0] == 0


def test_errors_go_on_from_what_the_record_leaves_over(city: City, drawn: Drawn) -> None:
    """Where the city lies below what was published in 2010, next year's published figure lies above it on average."""
    name, last = "rd_intensity", city.years.index(RECORD_ENDS)
    level = drawn.instrument.record.levels(name)[RECORD_ENDS]
    own, told = drawn.own(name)[1:], drawn.published(name, parts=(MEASUREMENT,))[1:]
    low = own[:, last] < 0.93 * level
    assert low.sum() > 10
    share = np.log(told[low, last + 1] / own[low, last + 1]).mean()
    assert share > 0.01


def test_what_a_band_is_made_of_sums_to_one(city: City, drawn: Drawn) -> None:
    wanted = {"gdp": 2015, "national_labs": 2015, "fiscal_science_share": 2015, "gdp_growth_real": 2015}
    plan = load_scenario(city, "plan_as_written")
    found = {one.indicator: one for one in makeups(city, plan, drawn.draws.members(60), drawn.instrument, wanted)}
    for one in found.values():
        assert tuple(one.shares) == PARTS
        assert sum(one.shares.values()) == pytest.approx(1)
    assert found["national_labs"].shares[COUNTS] > 0.5 and found["national_labs"].shares[MEASUREMENT] == 0
    assert found["gdp"].shares[COUNTS] == 0 < found["gdp"].shares[STRAYS]
    assert found["gdp"].published[1] > found["gdp"].city[1] > found["gdp"].city[0] > found["gdp"].published[0]


def test_a_result_says_which_band_it_has(drawn: Drawn) -> None:
    told = published_result(drawn.result, drawn.instrument)
    assert told.attrs["band"] == PUBLISHED and told.attrs["instrument_hash"] == drawn.instrument.hash
    assert drawn.result.attrs.get("band", CITY) == CITY
    assert np.array_equal(told["gdp"].values[0], drawn.published("gdp"), equal_nan=True)


def test_views_of_the_line_move_the_middle_apart(drawn: Drawn) -> None:
    figures, members = np.repeat(drawn.own("gdp_growth_real")[1:2], 2, axis=0), np.array([1, 1])
    on, back = drawn.instrument.published("gdp_growth_real", figures, members, np.array([0.0, 1.0]), (STRAYS,))
    place = drawn.instrument.city.years.index(2015)
    assert on[place] > back[place]
    assert LINE_VIEW in drawn.instrument.city.variants


def test_kept_sizes_are_read_where_they_belong_and_measured_where_not(
    city: City, drawn: Drawn, record: Record, assumed: Assumed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = drawn.instrument.sizes
    marks = kept_sizes.marks(city, drawn.draws, record)
    keep("discrepancy", list(size_rows(sizes)), marks, tmp_path)
    monkeypatch.setattr(kept_sizes, "read", lambda part: read(part, tmp_path))
    monkeypatch.setattr(kept_sizes, "measure", lambda *_: Sizes({}, {}))
    again = instrument_of(city, drawn.draws, record)
    assert again is not None
    assert np.allclose(again.sizes.quantities["gdp"].added, sizes.quantities["gdp"].added, rtol=1e-5)
    keep("discrepancy", list(size_rows(sizes)), {**marks, "record": "another"}, tmp_path)
    other = instrument_of(city, drawn.draws, record)
    assert other is not None and not other.sizes.quantities  # measured anew, here by a stand-in


def _first_of_product(**cells: object) -> Callable[[list[dict[str, object]]], list[dict[str, object]]]:
    """Damage: the first row of nominal product with other cells."""

    def change(rows: list[dict[str, object]]) -> list[dict[str, object]]:
        place = next(place for place, row in enumerate(rows) if row["name"] == "gdp")
        return [*rows[:place], {**rows[place], **cells}, *rows[place + 1 :]]

    return change


def _count_of(value: object) -> Callable[[list[dict[str, object]]], list[dict[str, object]]]:
    """Damage: another spread added to what is counted."""
    return lambda rows: [{**row, "added": value} if row["kind"] == "count" else row for row in rows]


def _own_for_added(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{**row, "own": row["added"], "added": row["own"]} for row in rows]


def _reference_for_total(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [{**row, "reference": row["added"], "added": row["reference"]} for row in rows]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_first_of_product(added="no number"), "could not convert"),
        (_first_of_product(added=""), "added of gdp 2011 is missing"),
        (_first_of_product(added=-0.1), "a size is 0 or more"),
        (_first_of_product(added=1e300), "added of gdp 2011 is missing, or no size"),
        (_first_of_product(own=0.5), "do not fit each other"),
        (_first_of_product(shift_0=""), "shift_0 of gdp 2011 is missing"),
        (_first_of_product(shift_1=float("inf")), "shift_1 of gdp 2011 is missing"),
        (_first_of_product(shift_1=0.2), "not the same in all years"),
        (_first_of_product(x=""), "x of gdp 2011 is missing"),
        (_first_of_product(year=2012), "a year of gdp"),
        (_first_of_product(kind="quantities"), "there is no kind quantities"),
        (_first_of_product(name="gdq"), "a quantity, or something counted, is missing"),
        (_count_of(""), "added of leading_firms 2015 is missing"),
        (_count_of(-0.3), "a size is 0 or more"),
        (_own_for_added, "do not fit each other"),
        (_reference_for_total, "do not fit each other"),
        (lambda rows: rows[::-1], "a year of"),
        (lambda rows: [row for row in rows for _ in range(2)], "a year of|twice"),
        (lambda rows: [*rows, rows[-1]], "twice"),
        (lambda rows: rows[:3] + rows[4:], "a year of gdp_real"),
        (lambda rows: [row for row in rows if row["year"] != 2025], "a year of"),
        (lambda rows: [row for row in rows if row["name"] != "gdp"], "something counted, is missing"),
        (lambda rows: [row for row in rows if row["kind"] != "count"], "something counted, is missing"),
    ],
)
def test_kept_sizes_that_are_damaged_are_refused(
    city: City, drawn: Drawn, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[list[dict[str, object]]], list[dict[str, object]]], said: str,
) -> None:  # fmt: skip
    keep(
        "discrepancy",
        damage(list(size_rows(drawn.instrument.sizes))),
        kept_sizes.marks(city, drawn.draws, record),
        tmp_path,
    )
    monkeypatch.setattr(kept_sizes, "read", lambda part: read(part, tmp_path))
    with pytest.raises(DiscrepancyError, match=f"damaged: .*({said})"):
        instrument_of(city, drawn.draws, record)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"GDP", b"G\xc4P", "no text|not text in UTF-8"),
        (b",1\n", b"\n", "line 3.*\n.*2 values are expected in a row"),
        (b",1\n", b",1,2\n", "line 3.*\n.*2 values are expected in a row"),
        (b"GDP", b'"GDP', "not valid CSV"),
        (b"GDP", b"G" * 200_000, "not valid CSV"),
    ],
)
def test_a_kept_result_that_is_no_table_is_refused_with_what_makes_it(
    tmp_path: Path, old: bytes, new: bytes, said: str
) -> None:
    path = keep("fits", [{"of": "GDP", "value": 1}], {}, tmp_path)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    with pytest.raises(DocumentError, match=said) as error:
        read("fits", tmp_path)
    assert "Make it again: `python -m innovation.calibration.evidence fits`" in str(error.value)


def test_a_group_that_no_figure_of_the_record_has_is_told(
    city: City, drawn: Drawn, changed: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = changed("{of: {gdp: 1}, error: accounts, group: economy}", "{of: {gdp: 1}, error: accounts, group: econmy}")
    monkeypatch.setattr(kept_sizes, "read_assumed", lambda _: read_assumed(city, file))
    with pytest.raises(DiscrepancyError, match=r'(?s)readings, gdp, group.*"econmy". Did you mean: economy'):
        instrument_of(city, drawn.draws)


def test_a_city_of_other_files_has_no_instrument(toy_city: City, drawn: Drawn) -> None:
    assert instrument_of(toy_city, drawn.draws) is None

"""Bands and chances are of published figures, the city alone is one step away, and each page says which it shows."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from markupsafe import escape

from innovation.calibration.discrepancy.entries import DiscrepancyError
from innovation.calibration.discrepancy.makeup import PARTS, Makeup, makeups
from innovation.model.files.faults import DocumentError, fault
from innovation.scenarios.levers.nudges import nudges
from innovation.scenarios.scenario_files import load_scenario, scenario_text
from innovation.scenarios.simulation.bands import CITY, PUBLISHED, band_name
from innovation.scenarios.simulation.failures import DesignFailures, checked
from innovation.ui import draft, frame
from innovation.ui.links import Work, packed, unpacked
from innovation.ui.outcomes import Ensemble, compare, outcome
from innovation.ui.render.charts import LAST_WHOLE, height_of, indicator_chart, rows
from innovation.ui.render.report import report
from innovation.ui.render.spending import costs
from innovation.ui.render.workbook import workbook
from innovation.ui.state import cache
from innovation.ui.text import phrases
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.widgets import makeup, sharebox
from tests.standin import draws_of, instrument

from .test_lab import face, opened
from .test_sharing import document, parameter_of
from .visitor import few_draws

MEMBERS = 60
AFTER = 2011 - 2005  # the place of the first year after the record


@pytest.fixture
def drawn(monkeypatch):
    with few_draws(monkeypatch, members=MEMBERS, beside=(cache._made_of, cache._nudges)):
        yield


@pytest.fixture(scope="module")
def ensemble(city):
    return Ensemble(draws_of(city).members(MEMBERS), MEMBERS, "0" * 64, instrument(city))


@pytest.fixture(scope="module")
def scenarios(city):
    return [load_scenario(city, name) for name in ("plan_as_written", "baseline")]


@pytest.fixture(scope="module")
def found(city, scenarios, ensemble):
    """The plan and the baseline, with both bands."""
    return [outcome(city, one, ensemble) for one in scenarios]


@pytest.fixture(scope="module")
def bare(city, scenarios, ensemble):
    """The same of an ensemble that knows nothing of published figures."""
    return [outcome(city, one, replace(ensemble, instrument=None)) for one in scenarios]


def wide(one, name, year=2015):
    low, high = one.range(name, year)
    return high - low


def test_published_is_what_an_outcome_shows(city, found):
    plan, _ = found

    assert (plan.shows, plan.alone().shows) == (PUBLISHED, CITY)
    for name in ("rd_intensity", "hightech_output", "tech_contract_per_10k", "national_engineering_centres"):
        assert wide(plan, name) > wide(plan.alone(), name)
    assert any(plan.chances[name].chance != plan.alone().chances[name].chance for name in city.judgeable)
    assert plan.counts().all.met != plan.alone().counts().all.met


def test_to_the_records_end_and_where_nobody_publishes_a_figure_both_bands_are_one(city, found):
    plan, _ = found
    unpublished = [name for name in city.indicators if not plan.instrument.is_published(name)]

    assert unpublished
    for name in city.indicators:
        np.testing.assert_array_equal(plan.band(name)[:, :AFTER], plan.alone().band(name)[:, :AFTER])
    for name in unpublished:
        np.testing.assert_array_equal(plan.band(name), plan.alone().band(name))
    assert costs(plan) == costs(plan.alone())


def test_the_city_alone_is_what_it_was_to_the_bit(city, found, bare):
    for ours, before in zip(found, bare, strict=True):
        alone = ours.alone()
        assert alone.chances == before.chances
        assert alone.views() == before.views()
        assert alone.counts() == before.counts()
        assert alone.weakest(()) == before.weakest(())
        assert alone.together(city.judgeable) == before.together(city.judgeable)
        for name in city.indicators:
            np.testing.assert_array_equal(alone.figures[name], before.figures[name])
            np.testing.assert_array_equal(alone.band(name), before.band(name))
    assert before.alone() is before


def test_what_a_policy_changes_is_the_same_in_both_bands(city, found, bare):
    plan, baseline = found

    for name in city.indicators:
        ours = plan.alone().shown(name) - baseline.alone().shown(name)
        np.testing.assert_array_equal(ours, bare[0].shown(name) - bare[1].shown(name))
    for name in ("gdp", "rd_expenditure", "hightech_output"):  # what logs stray by is no part of a ratio
        published, own = plan.shown(name) / baseline.shown(name), plan.figures[name][1:] / baseline.figures[name][1:]
        np.testing.assert_allclose(published, own, rtol=1e-9)


def test_hits_counts_and_chances_are_of_the_same_figures(city, found):
    plan, _ = found

    for one in (plan, plan.alone()):
        for name, chance in one.chances.items():
            assert one.hits(name).mean() == chance.chance
        year = 2015 - city.years[0]
        assert (one.hits("gdp") == (one.shown("gdp")[:, year] >= city.targets["gdp"].value)).all()


def test_members_keep_their_draws_where_others_are_left_out(city, found):
    plan, _ = found
    kept = np.ones(MEMBERS + 1, bool)
    kept[[3, 17]] = False

    fewer = replace(
        plan,
        figures={name: values[kept] for name, values in plan.figures.items()},
        held={name: values[kept] for name, values in plan.held.items()},
        numbers=plan.numbers[kept],
    )

    for name in city.targets:
        np.testing.assert_array_equal(fewer.shown(name), plan.shown(name)[kept[1:]])


def test_scenarios_side_by_side_change_their_band_together(found):
    plan, baseline = found

    side = compare({"plan": plan, "baseline": baseline})

    assert {one.shows for one in side.outcomes.values()} == {PUBLISHED}
    assert {one.shows for one in side.alone().outcomes.values()} == {CITY}
    assert side.alone().outcomes["plan"] is plan.alone()


def test_a_nudge_gains_chance_of_published_figures_and_moves_the_city(city, scenarios, ensemble):
    members = draws_of(city).members(8)

    both = nudges(city, scenarios[1], members, instrument=ensemble.instrument)
    own = nudges(city, scenarios[1], members)

    assert any((both.values[name] != both.own[name]).any() for name in city.judgeable)
    for name in city.judgeable:
        assert both.alone().of(name) == own.of(name)
        shifts = {(one.lever, one.to): one.shift for one in own.of(name)}
        moved = {(one.lever, one.to): one.shift for one in both.of(name)}
        assert all(moved[key] == shifts[key] for key in moved.keys() & shifts.keys())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_says_what_its_bands_are_of(city, found, language):
    words = catalogue(language)

    for one in (found[0], found[0].alone()):
        drawn_rows = rows({}, "rd_intensity", one, found[1], words)
        text = str(indicator_chart(city, "rd_intensity", drawn_rows, one.shows, words))
        other = CITY if one.shows == PUBLISHED else PUBLISHED
        assert band_name(one.shows, language) in text
        assert band_name(other, language) not in text


def test_a_chart_is_high_enough_for_all_but_the_far_end_of_a_wide_band(city, found):
    words = catalogue("en")
    drawn_rows = rows({}, "hightech_output", *found, words)

    low, high = height_of(city, "hightech_output", drawn_rows, words)
    spec = indicator_chart(city, "hightech_output", drawn_rows, PUBLISHED, words)

    near = [row for row in drawn_rows if row.year <= LAST_WHOLE]
    assert low <= min(row.ranges[0] for row in near)
    assert high >= max(row.ranges[3] for row in near)
    assert high >= max(max(row.scenario, row.baseline, row.ranges[2]) for row in drawn_rows)
    assert high < max(row.ranges[3] for row in drawn_rows)
    assert spec["encoding"]["y"]["scale"]["domain"] == [low, high]
    assert [layer["mark"]["clip"] for layer in spec["layer"] if layer["mark"]["type"] == "area"] == [True, True]
    assert height_of(city, "hightech_output", near, words) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_workbook_say_which_band_they_show(city, scenarios, found, language):
    words, charts = catalogue(language), ["rd_intensity"]
    published = {"rd_intensity": {}}
    said = {PUBLISHED: words("band.said_published"), CITY: words("band.said_city")}

    for ours, baseline in (found, [one.alone() for one in found]):
        html = report(city, scenarios[0], scenarios[0], ours, baseline, published, charts, charts, words, "")
        file = io.BytesIO(workbook(city, scenarios[0], ours, baseline, [], words, ""))
        book = openpyxl.load_workbook(file)
        cells = [str(cell) for row in book[words("workbook.about")].iter_rows(values_only=True) for cell in row]
        bands = [row[-1] for row in book[words("workbook.targets")].iter_rows(values_only=True)][1:]

        other = CITY if ours.shows == PUBLISHED else PUBLISHED
        assert escape(said[ours.shows]) in html
        assert escape(said[other]) not in html
        assert said[ours.shows] in cells
        assert set(bands) == {band_name(ours.shows, language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lab_shows_published_figures_until_one_asks_for_the_city_alone(drawn, city, language):
    words = catalogue(language)
    page = opened(language)
    captions = [found.value for found in page.caption]
    assert face(page.segmented_control, "band").value == PUBLISHED
    assert words("band.said_published") in captions

    face(page.segmented_control, "band").set_value(CITY).run()

    files = cache.fingerprint()
    baseline = cache.outcome(files, load_scenario(city, "baseline"))
    captions = [found.value for found in page.caption]
    shown = "".join(part.proto.body for part in page.get("html"))
    assert not page.exception
    assert words("band.said_city") in captions
    assert words("band.said_published") not in captions
    assert escape(phrases.met_count(baseline.alone(), words)) in shown
    assert baseline.alone().chances != baseline.chances
    parameter = page.query_params["s"]
    again = opened(language, s=parameter if isinstance(parameter, str) else parameter[0])
    assert face(again.segmented_control, "band").value == CITY


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_nothing_can_be_told_of_published_figures_the_city_stands_alone_and_the_page_says_so(
    drawn, monkeypatch, language
):
    def refuse(*ignored):
        raise DiscrepancyError([fault("model.finite", "discrepancy.yaml", 3, "scale", found="inf")])

    monkeypatch.setattr(cache, "instrument_of", refuse)
    words = catalogue(language)

    page = opened(language)

    assert not page.exception
    assert words("band.none") in [found.value for found in page.warning]
    assert any("discrepancy.yaml" in found.value for found in page.code)
    assert words("band.said_city") in [found.value for found in page.caption]
    assert [one for one in page.segmented_control if one.key == "band"] == []


@pytest.mark.parametrize(
    ("language", "said"), [("en", "2 of 60 members gave no result"), ("zh", "60个成员中有2个算不出结果")]
)
def test_where_too_many_draws_fail_to_measure_what_is_published_the_city_stands_alone_and_the_page_says_so(
    drawn, city, monkeypatch, language, said
):
    monkeypatch.setattr(cache, "instrument_of", lambda *_: checked({"baseline": np.arange(MEMBERS) < 2}))
    words = catalogue(language)

    page = opened(language)

    assert not page.exception
    assert words("band.none") in [found.value for found in page.warning]
    (why,) = [found.value for found in page.code if said in found.value]
    assert words.name(load_scenario(city, "baseline").title) in why
    assert words("band.said_city") in [found.value for found in page.caption]


@pytest.mark.parametrize(("language", "said"), [("en", "1 of 400 members"), ("zh", "400个成员中有1个")])
def test_draws_left_out_of_what_is_published_are_told_on_the_page(drawn, city, monkeypatch, language, said):
    how = replace(instrument(city), sizes=replace(instrument(city).sizes, left_out=DesignFailures(400, 1)))
    monkeypatch.setattr(cache, "instrument_of", lambda *_: how)

    page = opened(language)

    assert not page.exception
    assert [found.value for found in page.warning if said in found.value] != []


@pytest.mark.parametrize(
    ("language", "said"), [("en", "2 of 60 members gave no result"), ("zh", "60个成员中有2个算不出结果")]
)
def test_a_band_of_which_too_many_members_fail_is_not_taken_apart_and_the_page_says_why(
    drawn, monkeypatch, language, said
):
    monkeypatch.setattr(cache, "makeups", lambda *_: checked({"baseline": np.arange(MEMBERS) < 2}))
    page = opened(language)

    page.session_state["made of"] = True
    page.run()

    assert not page.exception
    assert [found.value for found in page.error if said in found.value] != []
    assert 'class="stack"' not in "".join(part.proto.body for part in page.get("html"))


@pytest.mark.parametrize(("language", "said"), [("en", "1 of 60 members"), ("zh", "60个成员中有1个")])
def test_members_left_out_of_a_band_that_is_taken_apart_are_told(drawn, monkeypatch, language, said):
    def some(*asked):
        return (replace(one, left_out=DesignFailures(MEMBERS, 1)) for one in makeups(*asked))

    monkeypatch.setattr(cache, "makeups", some)
    page = opened(language)

    page.session_state["made of"] = True
    page.run()

    assert not page.exception
    assert [found.value for found in page.warning if said in found.value] != []
    assert 'class="stack"' in "".join(part.proto.body for part in page.get("html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_band_is_taken_apart_when_one_asks(drawn, city, language):
    words = catalogue(language)
    page = opened(language)
    assert words("made.parts").split("|")[3] not in "".join(part.proto.body for part in page.get("html"))

    page.session_state["made of"] = True
    page.run()

    assert not page.exception
    html = "".join(part.proto.body for part in page.get("html"))
    assert [part for part in words("made.parts").split("|") if escape(part) not in html] == []
    assert 'class="stack"' in html
    name = page.session_state["chosen"][0]
    made = cache.made_of(cache.fingerprint(), load_scenario(city, "baseline"))[name]
    table = makeup.lines(made, words)
    assert sum(made.shares.values()) == pytest.approx(1, abs=1e-9)
    assert list(made.shares) == list(PARTS)
    assert [line[1] for line in table if escape(line[1]) not in html] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "shares",
    [
        (1 / 6,) * 6,
        (0.1665, 0.1665, 0.1665, 0.1665, 0.1665, 0.1675),
        (0.33349, 0.33349, 0.33302, 0, 0, 0),
        (1, 0, 0, 0, 0, 0),
    ],
)
def test_written_shares_sum_to_a_hundred_and_are_no_further_off_than_a_tenth(shares, language):
    made = Makeup("gdp", 2015, dict(zip(PARTS, shares, strict=True)), (0, 1), (0, 2))

    table = [line[1] for line in makeup.lines(made, catalogue(language))]

    said = [float(one.rstrip(" %")) for one in table]
    assert sum(said) == pytest.approx(100, abs=1e-9)
    assert np.abs(np.array(said) - 100 * np.array(shares)).max() < 0.1
    assert sum(part for part, *_ in makeup.bar(made, catalogue(language))) == pytest.approx(1, abs=1e-9)


def test_a_file_is_of_the_band_that_its_link_shows(drawn, city):
    files = cache.fingerprint()
    here = frame.Opened(city, cache.starts(files)[0], files, catalogue("en"), None)
    work = Work(load_scenario(city, "plan_as_written"), "plan_as_written", ("gdp",), ("gdp",))

    usual, alone = (sharebox._compared(here, one) for one in (work, replace(work, band=CITY)))

    assert [one.shows for one in usual[:2]] == [PUBLISHED, PUBLISHED]
    assert [one.shows for one in alone[:2]] == [CITY, CITY]


def test_a_link_keeps_the_band_and_an_older_one_shows_published_figures(city):
    scenario = draft.moved(city, load_scenario(city, "baseline"), "tax_relief", draft.InputCourse(0.8))
    usual = Work(scenario, "baseline", ("gdp",), ("gdp",))
    alone = replace(usual, band=CITY)

    assert unpacked(city, packed(city, alone)) == (alone, [])
    assert unpacked(city, parameter_of(document(city, scenario_text(scenario))))[0].band == PUBLISHED
    with pytest.raises(DocumentError, match="band"):
        unpacked(city, parameter_of(document(city, scenario_text(scenario), band="widest")))

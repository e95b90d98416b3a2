"""Where members fail pages leave them out and say so; where too many do, nothing stands under the scenario's name."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.failures import TooManyFailed, told
from innovation.scenarios.simulation.run import attempt
from innovation.ui import frame, links
from innovation.ui.outcomes import Ensemble, compare, outcome
from innovation.ui.render.report import report
from innovation.ui.render.workbook import workbook
from innovation.ui.serving.queue import WaitingLine
from innovation.ui.state import cache
from innovation.ui.state.trial import Trial
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.widgets import sharebox
from tests.fragile import LIMIT, fragile_toy, fragile_wuhan, limits, scenario_of
from tests.standin import draws_of

MEMBERS = 100
LEVER, MOVED = "slider fiscal_science_share", 3.2  # per cent; 2010 practice is 1.78
HALF = 0.03  # the limit of members that fail when the lever is moved


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_wuhan(tmp_path_factory.mktemp("fragile"))


@pytest.fixture
def failing(monkeypatch, fragile):
    """Gives the page a city, and draws of which so many fail when the lever is moved."""

    def made(count: int) -> None:
        drawn = limits(400, *((number, HALF) for number in range(7, 7 + count)))[LIMIT]

        def draws(city, *ignored, **settings):
            found = draws_of(city)
            return replace(found, draws={**found.draws, LIMIT: drawn})

        monkeypatch.setattr(cache, "load_city", lambda: fragile)
        monkeypatch.setattr(cache.calibrated, "load", draws)
        monkeypatch.setattr(cache, "MEMBERS", MEMBERS)
        clear()

    kept = (cache.city, cache.record, cache.published, cache.starts, cache.posterior, cache.learned, cache.findings)
    kept = (*kept, cache.instrument, cache.instrument_hash)
    computed = (cache._outcome, cache._nudges)

    def clear() -> None:
        for one in (*kept, *computed):
            one.clear()

    yield made
    clear()


def _lab():
    from innovation.ui.pages import lab

    lab.show()


def _compare():
    from innovation.ui.pages import compare

    compare.show()


def _today():
    from innovation.ui.pages import today

    today.show()


def _evidence():
    from innovation.ui.pages import evidence

    evidence.show()


def opened(page_of, language: str = "en", **state: object) -> AppTest:
    page = AppTest.from_function(page_of, default_timeout=120)
    page.query_params["lang"] = language
    for key, value in {"group money": True, "files box": True, **state}.items():
        page.session_state[key.replace("_", " ")] = value
    return page.run()


def html_of(page: AppTest) -> str:
    return "".join(found.proto.body for found in page.get("html"))


def drawn_on(page: AppTest) -> int:
    """How many charts a page has."""
    return len(page.get("arrow_vega_lite_chart")) + len(page.get("vega_lite_chart"))


def plain(elements) -> list[str]:
    return [str(found.value).replace("\\", "") for found in elements]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_that_fails_is_left_out_of_the_lab_and_told_in_a_line(failing, language):
    failing(1)
    page = opened(_lab, language)

    page.slider(key=LEVER).set_value(MOVED).run()

    assert not page.exception
    line, *others = plain(page.warning)
    assert "decided science share" not in " ".join(others)
    assert "100" in line and "99" in line and "decided science share" in line and "2014" in line
    assert len(line) < 250
    assert "baseline" not in line
    words = catalogue(language)
    assert words("cards.members", count=99) in html_of(page)
    assert words("failed.list") in [found.label for found in page.get("download_button")]
    assert drawn_on(page) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_a_scenario_that_loses_too_many_the_lab_shows_nothing_and_no_other(failing, language):
    failing(2)
    page = opened(_lab, language)
    before = html_of(page)
    words = catalogue(language)

    page.slider(key=LEVER).set_value(MOVED).run()

    assert not page.exception
    (line,) = plain(page.error)
    assert words("scenario.edited") in line
    assert ("2 of 100" if language == "en" else "100个成员中有2个") in line
    assert words("failed.settings") in plain(page.info)
    assert drawn_on(page) == 0
    assert not page.metric and not page.dataframe
    assert [
        words(title) for title in ("cards.met", "target.caption", "cost.source") if words(title) in html_of(page)
    ] == []
    assert page.slider(key=LEVER).value == MOVED
    disabled = {found.label: found.proto.disabled for found in page.get("download_button")}
    assert disabled[words("share.report")] and disabled[words("share.workbook")]
    assert not disabled[words("share.scenario")]

    page.button(key="undo").click().run()

    assert not page.error
    assert html_of(page) == before


def test_the_list_names_each_member_with_its_reason_and_parameters(failing, fragile):
    failing(2)
    files = cache.fingerprint()
    moved = scenario_of(fragile, "moved", 0.04, "fiscal_science_share")

    found = cache.compared(files, {"mine": moved, "baseline": cache.starts(files)[0]["baseline"]})
    head, rows = cache.failed_members(files, found.failures, {"mine": "Mine"}.get)

    assert head[:5] == ["scenario", "member", "variable", "time", "value"]
    assert [row[:4] for row in rows] == [
        ("Mine", 7, "decided science share", 2012),
        ("Mine", 8, "decided science share", 2012),
    ]
    assert [row[head.index(LIMIT)] for row in rows] == [HALF, HALF]


@pytest.mark.parametrize("language", LANGUAGES)
def test_compare_leaves_out_the_scenario_that_loses_too_many_and_shows_the_others(failing, fragile, language):
    failing(2)
    words = catalogue(language)

    page = opened(_compare, language, scenarios_compared=["plan_as_written", "investment_boom"])

    assert not page.exception
    library = cache.starts(cache.fingerprint())[0]
    (line,) = plain(page.error)
    assert words.name(library["plan_as_written"].title) in line
    shown = html_of(page)
    assert f"<th>{words.name(library['plan_as_written'].title)}" not in shown
    assert words.name(library["investment_boom"].title) in shown
    assert drawn_on(page) == 2


def test_compare_leaves_a_member_that_fails_in_one_out_of_all(failing, fragile):
    failing(1)

    page = opened(_compare, scenarios_compared=["plan_as_written", "investment_boom"])

    (line,) = plain(page.warning)
    assert line.startswith("Left out of every scenario: 1 of 100 members")


@pytest.mark.parametrize("language", LANGUAGES)
def test_today_shows_no_other_under_a_plan_that_loses_too_many(failing, language):
    failing(2)
    page = opened(_today, language)
    assert not page.error
    words = catalogue(language)

    page.segmented_control(key="today under").set_value("plan_as_written").run()

    assert not page.exception
    assert len(page.error) == 1
    assert words("today.likely") not in html_of(page)
    assert words("cards.met") not in html_of(page)


@pytest.mark.parametrize("page_of", [_lab, _compare, _today, _evidence])
def test_no_page_breaks_where_2010_practice_itself_loses_too_many(failing, monkeypatch, page_of):
    failing(2)
    usual = cache._outcome

    def broken(files, text, scenario):
        if scenario.id == "baseline":
            found = attempt(cache.city(files), [scenario], {LIMIT: np.full(MEMBERS, -1.0)}).failures
            return WaitingLine(1).take(lambda _: found)
        return usual(files, text, scenario)

    monkeypatch.setattr(cache, "_outcome", broken)

    page = opened(page_of)

    assert not page.exception
    assert page.error
    practice = cache.starts(cache.fingerprint())[0]["baseline"].title.en
    assert plain(page.error)[0].startswith(f"Not shown: {practice}")


def test_what_helps_leaves_out_moves_that_lose_too_many_and_says_so(failing, monkeypatch):
    failing(2)
    monkeypatch.setattr(cache, "NUDGE_MEMBERS", 100)
    page = opened(_lab)
    page.slider(key=LEVER).set_value(2.7).run()  # a tenth of the range more is beyond the limit

    page.toggle(key="help asked").set_value(True).run()

    assert not page.exception
    (line,) = [one for one in plain(page.error) if "2 of 100" in one]
    assert "Science share of city spending → 3.25" in line


def test_report_and_workbook_say_who_is_left_out_and_are_of_the_same_members(fragile):
    drawn = {**draw_priors(fragile, 20, seed=5), **limits(20, (7, HALF))}
    moved, practice = scenario_of(fragile, "moved", 0.04, "fiscal_science_share"), scenario_of(fragile, "practice")
    ensemble = Ensemble(drawn, 20, "0" * 64)

    found = compare({one.id: outcome(fragile, one, ensemble) for one in (moved, practice)})

    ours, theirs = found.outcomes["moved"], found.outcomes["practice"]
    lines = told(found.failures)
    words = catalogue("en")
    html = report(fragile, moved, practice, ours, theirs, {"gdp": {}}, ["gdp"], ["gdp"], words, "", lines)
    book = openpyxl.load_workbook(io.BytesIO(workbook(fragile, moved, ours, theirs, ["gdp"], words, "", lines)))
    assert "19 are used" in html
    assert any(cell.value == lines[0] for row in book.worksheets[0].iter_rows() for cell in row)
    assert (ours.members, theirs.members, ours.draws, theirs.draws) == (19, 19, 19, 19)
    together = chances(fragile, attempt(fragile, [moved, practice], drawn, {"draws": 20}).dataset)
    for one, outcomes in zip(together, (ours, theirs), strict=True):
        assert {name: replace(chance, scenario="") for name, chance in one.targets.items()} == {
            name: replace(chance, scenario="") for name, chance in outcomes.chances.items()
        }


def test_a_report_of_a_scenario_that_loses_too_many_is_none(failing, fragile):
    failing(2)
    files = cache.fingerprint()
    library = cache.starts(files)[0]
    here = frame.Opened(fragile, library, files, catalogue("en"), None)

    with pytest.raises(TooManyFailed, match="2 of 100 members"):
        sharebox._report(here, links.Work(library["plan_as_written"], "baseline", ("gdp",), ("gdp",)))


def test_a_trial_that_loses_too_many_finds_nothing_and_lists_them(tmp_path):
    city = fragile_toy(tmp_path, nominal=HALF)
    begun = Trial(scenario_of(city, "as_now"), "policies", DESIGN)

    begun.start(city, SimpleNamespace(prior=None, posterior=None, posterior_hash=None))
    while begun.runs:
        time.sleep(0.05)

    assert begun.findings is None
    assert isinstance(begun.fault, TooManyFailed)
    head, rows = begun.failed
    assert head == ["member", "variable", "time", "science_share"]
    assert len(rows) == begun.failures.failed > 1
    assert all(row[3] > HALF for row in rows)
    assert rows[0][1] == "total output"


DESIGN = """\
schema: 1
method: latin_hypercube
size: 200
factors:
- {lever: science_share, range: [0.01, 0.05], from: 2012}
outputs: targets
years: [2015]
"""

"""On the pages a view of how the city works is as drawn or chosen for all, and chances are told under each."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import openpyxl
import pytest
from markupsafe import escape

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.chances import Viewed
from innovation.scenarios.simulation.view_words import view_lines
from innovation.scenarios.simulation.views import differing
from innovation.ui import draft
from innovation.ui.outcomes import Ensemble, compare, outcome
from innovation.ui.render.report import report
from innovation.ui.render.target_table import by_view, note
from innovation.ui.render.workbook import workbook
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.text.explained import changed_lines
from innovation.ui.widgets import views

from .test_lab import edited, face, opened
from .visitor import few_draws

NAME = "market_reach"


@pytest.fixture
def drawn(monkeypatch):
    with few_draws(monkeypatch, members=60):
        yield


@pytest.fixture(scope="module")
def baseline(city):
    return load_scenario(city, "baseline")


@pytest.fixture(scope="module")
def found(city, baseline):
    members = draw_priors(city, 40, seed=5)
    one = outcome(city, baseline, Ensemble(members, 40, "0" * 64))
    fixed = draft.viewed(city, baseline, NAME, 0)
    return one, outcome(city, fixed, Ensemble(members, 40, "0" * 64))


def tables(page):
    return "".join(part.proto.body for part in page.get("html"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_view_is_chosen_for_all_members_and_given_back(city, drawn, language):
    words, one = catalogue(language), city.variants[NAME]
    page = opened(language)
    assert face(page.selectbox, f"view of {NAME}").value == "drawn"

    face(page.selectbox, f"view of {NAME}").set_value("1").run()

    assert [(change.name, change.start, change.to, change.ramp) for change in edited(page).changes] == [
        (NAME, 2011, 1, 0)
    ]
    assert escape(words.name(one.views[1])) in tables(page)
    assert words("views.drawn") in tables(page)

    face(page.selectbox, f"view of {NAME}").set_value("drawn").run()
    assert edited(page).changes == ()
    assert not page.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_views_has_every_target_under_both(city, drawn, language):
    words, one = catalogue(language), city.variants[NAME]
    page = opened(language)
    page.session_state["views"] = True

    page.run()

    assert not page.exception
    html = tables(page)
    assert words("views.caption") in html
    part = html[html.index(words("views.caption")) :]
    assert all(escape(words.name(view)) in part for view in one.views)
    assert [name for name in city.judgeable if escape(words.name(city.indicators[name])) not in part] == []


def test_choosing_a_view_is_a_change_even_where_it_is_the_model_files(city, baseline):
    usual = round(city.practice(NAME))

    chosen = draft.viewed(city, baseline, NAME, usual)

    assert draft.view_set(baseline, NAME) is None
    assert draft.view_set(chosen, NAME) == usual
    (line,) = changed_lines(city, chosen, catalogue("en"))
    assert city.variants[NAME].views[usual].en in line[-1]
    assert draft.viewed(city, chosen, NAME, None).changes == ()


def test_an_outcome_has_the_views_of_its_members_and_those_that_a_scenario_sets(found):
    one, fixed = found

    assert {view.value for view in one.views()["gdp"]} == {0, 1}
    assert [(view.value, view.share) for view in fixed.views()["gdp"] if view.variant == NAME] == [(0, 1.0)]
    assert one.held[NAME].shape == (41,)
    assert (fixed.held[NAME] == 0).all()


def test_outcomes_side_by_side_keep_the_views_of_the_members_that_are_left(found):
    one, fixed = found
    together = compare({"one": one, "fixed": fixed}).outcomes

    assert (together["one"].held[NAME] == one.held[NAME]).all()
    assert together["one"].views() == one.views()


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_workbook_tell_the_views(city, baseline, found, language):
    words, charts = catalogue(language), ["rd_intensity"]
    fixed = draft.viewed(city, baseline, NAME, 0)

    html = report(city, fixed, baseline, found[1], found[0], {"rd_intensity": {}}, charts, charts, words, "")
    book = openpyxl.load_workbook(io.BytesIO(workbook(city, baseline, *found, [], words, "")))

    assert escape(words("views.title")) in html
    assert escape(words.name(city.variants[NAME].views[0])) in html
    rows = list(book[words("views.title")].iter_rows(values_only=True))[1:]
    views_of = found[0].views()
    assert len(rows) == sum(map(len, views_of.values()))
    for name in city.judgeable:
        own = [
            row
            for row in rows
            if row[0] == words.name(city.indicators[name]) and row[1] == words.name(city.variants[NAME])
        ]
        assert sum(row[3] * row[4] for row in own) == pytest.approx(found[0].chances[name].chance, abs=1e-12)


def test_draws_tell_views_by_what_they_are_worth_and_members_of_the_priors_tell_nothing(city, baseline, found):
    prior, words = found[0], catalogue("en")
    drawn = replace(prior, worth=12)

    assert prior.independent is None
    assert drawn.independent == 12
    assert replace(prior, worth=900).independent == prior.draws
    called = words.name(city.variants[NAME])
    assert not any(
        "record cannot" in line and called in line for line in view_lines(city, baseline, prior.views(), "en")
    )
    lines = view_lines(city, baseline, drawn.views(), "en", drawn.independent)
    assert any("record cannot" in line and called in line for line in lines)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_target_whose_chance_differs_by_view_has_a_note_and_others_none(city, found, language):
    words, one = catalogue(language), found[0]
    clear = (Viewed(NAME, 0, 0.5, 0.1, 0.1, 0.02, 200), Viewed(NAME, 1, 0.5, 0.1, 0.9, 0.02, 200))
    alike = (clear[0], Viewed(NAME, 1, 0.5, 0.1, 0.12, 0.02, 200))
    chances = dict(one.chances)
    for name, own in (("gdp", clear), ("rd_intensity", alike)):
        chances[name] = type(chances[name])(**{**vars(chances[name]), "views": own})
    other = type(one)(**{**{key: vars(one)[key] for key in vars(one) if key != "_bands"}, "chances": chances})

    assert differing(clear) == [NAME]
    assert words.name(city.variants[NAME].views[1]) in by_view(city, "gdp", other, words)
    assert by_view(city, "gdp", other, words) in note(city, "gdp", other, words)
    assert by_view(city, "rd_intensity", other, words) == ""


def test_a_cell_of_a_view_that_nobody_has_is_a_dash():
    only = (Viewed("a", 1, 1.0, 0.0, 0.5, 0.1, 20),)

    assert views._cell(only, "a", 0, catalogue("en")) == "–"
    assert views._cell(only, "a", 1, catalogue("en")).startswith("50 %")
    assert np.isfinite(only[0].error)

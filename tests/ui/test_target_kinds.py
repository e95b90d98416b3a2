"""Pages, report and workbook count targets by kind, and give no chance to one that nobody can judge."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import openpyxl
import pytest
from markupsafe import escape
from streamlit.testing.v1 import AppTest

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.scenario_files import load_scenario, scenario_text
from innovation.scenarios.simulation.targets import all_unjudged, kind_name, why_unjudged
from innovation.scenarios.simulation.tensions import tension_text
from innovation.ui.links import Work, packed, unpacked
from innovation.ui.outcomes import Ensemble, outcome
from innovation.ui.render.report import report
from innovation.ui.render.target_table import note, target_lines
from innovation.ui.render.workbook import workbook
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.text.phrases import hardest, met_count, met_kinds
from innovation.ui.widgets.plots import said
from innovation.ui.widgets.targets import chip

from .visitor import few_draws

UNJUDGED = "new_energy_consumption_share"


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


@pytest.fixture(scope="module")
def found(city, plan):
    return outcome(city, plan, Ensemble(draw_priors(city, 12, seed=5), 12, "0" * 64))


@pytest.fixture(scope="module")
def nominal(city, plan):
    return outcome(city, plan, None)


def test_what_is_expected_is_the_sum_of_chances_of_each_kind(city, found):
    counts = found.counts()

    for kind, count in counts.kinds.items():
        chances = [one.chance for name, one in found.chances.items() if city.targets[name].kind == kind]
        assert (count.met, count.of) == (pytest.approx(sum(chances)), len(chances))
    assert counts.all.of == len(city.targets) - 2 == len(found.chances)
    assert met_count(found, catalogue("en")) == f"{counts.all.met:.1f} of {len(found.chances)}"
    assert met_kinds(found, catalogue("en")).endswith("; two cannot be judged")


def test_a_nominal_run_counts_the_targets_it_meets_and_never_names_an_unjudged_one(city, nominal):
    met = [name for name, row in nominal.targets.items() if row.met]

    assert nominal.counts().all.met == len(met)
    assert UNJUDGED not in met
    assert re.fullmatch(r"\d+ / 34", met_count(nominal, catalogue("zh")))
    lost = {**nominal.figures, UNJUDGED: nominal.figures[UNJUDGED] * 0}
    assert replace(nominal, figures=lost).weakest([])[0] in city.judgeable


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_says_each_kind_and_why_a_target_cannot_be_judged(city, found, nominal, language):
    words = catalogue(language)

    for one in (found, nominal):
        head, lines = target_lines(city, city.targets, one, one, words)
        rows = dict(zip(city.targets, lines, strict=True))
        assert {len(head)} == {len(line) for line in lines}
        assert rows["incubators"][1] == words("target.kind_count")
        assert rows[UNJUDGED][5:] == [words("target.unjudged")] * 3
        assert words.figure(city.indicators[UNJUDGED], one.at(UNJUDGED, 2015)) in rows[UNJUDGED][4]
        assert words("target.unjudged") not in rows["gdp"]
        assert why_unjudged(city, UNJUDGED, language) in note(city, UNJUDGED, one, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tension_stands_below_its_target_with_this_outcomes_figures(city, found, language):
    words = catalogue(language)
    name = "enterprise_rd_large_medium"
    richer = replace(found, figures={**found.figures, "gdp": 10 * found.figures["gdp"]}, _bands={})

    text = tension_text(city, name, found.at, language)

    whole = 0.03 * found.at("gdp", 2015)
    assert {"en": f"{whole / 10:.2f} billion", "zh": f"{whole:.1f}亿元"}[language] in text
    assert words("target.tension", text=text) in note(city, name, found, words)
    assert note(city, name, richer, words) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chip_and_a_chart_say_that_a_target_cannot_be_judged(city, found, language):
    words = catalogue(language)
    here = SimpleNamespace(city=city, words=words)

    _, chance, lines = chip(here, UNJUDGED, found)

    assert chance is None
    assert lines[0] == words("target.unjudged")
    assert words("target.unjudged") in said(here, UNJUDGED, found, found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_report_and_workbook_count_by_kind(city, plan, found, language):
    words = catalogue(language)

    html = report(city, plan, plan, found, found, {}, [], ["gdp"], words, "")
    book = openpyxl.load_workbook(io.BytesIO(workbook(city, plan, found, found, [], words, "")))

    told = words("cards.met_by_kind", met=met_count(found, words), kinds=met_kinds(found, words))
    assert escape(words("report.met", met=met_count(found, words), kinds=met_kinds(found, words))) in html
    assert told in [cell.value for row in book[words("workbook.about")].iter_rows() for cell in row]
    rows = {row[0].value: [cell.value for cell in row] for row in book[words("workbook.targets")].iter_rows()}
    row = rows[words.name(city.indicators[UNJUDGED])]
    assert row[2] == words("target.kind_result")
    assert row[8:11] == [words("target.unjudged"), None, None]
    assert row[5] == pytest.approx(found.at(UNJUDGED, 2015) * words.scale(city.indicators[UNJUDGED]))
    assert isinstance(rows[words.name(city.indicators["gdp"])][9], float | int)


def test_a_link_that_chose_a_target_without_a_base_opens_without_it(city, plan):
    work = Work(plan, "plan_as_written", ("gdp",), ("gdp", UNJUDGED), ())

    opened, _ = unpacked(city, packed(city, work))

    assert opened.chosen == ("gdp",)
    assert scenario_text(opened.scenario) == scenario_text(plan)


def _today():
    from innovation.ui.pages import today

    today.show()


def _compare():
    from innovation.ui.pages import compare

    compare.show()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_count_34_and_say_that_two_cannot_be_judged(city, language, monkeypatch):
    words = catalogue(language)
    with few_draws(monkeypatch):
        pages = {}
        for name, show in (("today", _today), ("compare", _compare)):
            page = AppTest.from_function(show, default_timeout=120)
            page.query_params["lang"] = language
            pages[name] = page.run()
            assert not page.exception
        html = {name: unescape("".join(one.proto.body for one in page.get("html"))) for name, page in pages.items()}

    assert re.search(r"\d+\.\d of 34" if language == "en" else r"\d+\.\d / 34", html["today"])
    assert not re.search(r"(of|/) 36(?![.\d])", html["today"] + html["compare"])
    for text in all_unjudged(city, language):
        assert text in html["today"]
    unjudged = {"en": "34; two cannot be judged", "zh": "34；另有2项无法判断"}[language]
    assert unjudged in html["compare"]
    for kind, count in (("result", 21), ("count", 9), ("input", 4)):
        row = rf"{words('compare.of_kind', kind=kind_name(kind, language))}</th><td[^>]*>{count}</td><td[^>]*>\d"
        assert re.search(row, html["compare"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_hardest_of_all_is_one_of_those_that_can_be_judged(city, found, language):
    words = catalogue(language)
    chances = {name: replace(one, chance=1.0, distance=0.0) for name, one in found.chances.items()}

    text = hardest(city, [], replace(found, chances=chances), words)

    assert {"en": "of all 34 targets", "zh": "全部34项"}[language] in text

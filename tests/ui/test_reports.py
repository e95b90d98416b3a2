"""Report and workbook hold what the page shows, open by themselves, and obey nothing that a text says."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
from markupsafe import escape

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import Words
from innovation.scenarios.simulation.bands import PUBLISHED
from innovation.ui.outcomes import Ensemble, outcome
from innovation.ui.render.charts import rows
from innovation.ui.render.pictures import picture
from innovation.ui.render.report import report
from innovation.ui.render.spending import unpriced, warning
from innovation.ui.render.target_table import target_lines
from innovation.ui.render.workbook import workbook
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.text.phrases import beside

HOSTILE = '=1+1<script>alert(1)</script>"'


@pytest.fixture(scope="module")
def ensemble(city):
    return Ensemble(draw_priors(city, 12, seed=5), 12, "0" * 64)


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


@pytest.fixture(scope="module")
def found(city, plan, ensemble):
    return outcome(city, plan, ensemble), outcome(city, load_scenario(city, "baseline"), ensemble)


def reported(city, scenario, found, language):
    charts = ["rd_intensity", "external_dependence"]
    published = {name: {2010: 2.5} for name in charts}
    return report(
        city, scenario, scenario, *found, published, charts, charts, catalogue(language), "Model 0123, posterior 4567"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_one_file_with_all_targets_charts_and_hashes(city, plan, found, language):
    html = reported(city, plan, found, language)

    assert [name for name in city.targets if escape(catalogue(language).name(city.indicators[name])) not in html] == []
    assert html.count("<svg") == 2
    _, lines = target_lines(city, city.targets, *found, catalogue(language))
    assert [cell for line in lines for cell in line if escape(cell) not in html] == []
    together = catalogue(language).counted("cards.together", 2)
    assert f"<li>{together}" in html
    assert "posterior 4567" in html
    growth = beside(city, "contribution_rate", 2015, found[0], catalogue(language))
    assert escape(growth) in html
    assert escape(catalogue(language).name(plan.question)) in html
    outside = re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]+|url\((?!#|data:)[^)]+|@import", html)
    assert outside == []
    assert "font-family:'Carried'" in html


def test_a_title_is_text_in_a_report_and_in_a_workbook(city, plan, found):
    named = plan.model_copy(update={"title": Words(en=HOSTILE, zh=HOSTILE)})

    html = reported(city, named, found, "en")
    book = openpyxl.load_workbook(io.BytesIO(workbook(city, named, *found, [], catalogue("en"), "")))

    assert "<script" not in html
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == HOSTILE]
    assert [cell.data_type for cell in cells] == ["s"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_has_the_figures_of_the_page(city, plan, found, language):
    words = catalogue(language)

    book = openpyxl.load_workbook(io.BytesIO(workbook(city, plan, *found, ["gdp"], words, "Model 0123")))

    names = [words(f"workbook.{name}") for name in ("about", "changes", "targets", "figures", "cost")]
    assert book.sheetnames == [*names, words("views.title")]
    indicator = city.indicators["rd_intensity"]
    lines = [
        [cell.value for cell in row]
        for row in book[words("workbook.figures")].iter_rows()
        if row[0].value == words.name(indicator) and row[2].value == words("workbook.middle")
    ]
    shown = found[0].middle("rd_intensity")
    np.testing.assert_allclose(np.array(lines[0][3:], dtype=float), shown, rtol=1e-15)  # sheets hold 16 digits
    targets = list(book[words("workbook.targets")].iter_rows())
    assert len(targets) == 1 + len(city.targets)
    numbers = [cell for row in targets[1:] for cell in (*row[4:8], *row[9:11]) if cell.value is not None]
    assert len(numbers) == 4 * len(city.targets) + 2 * len(city.judgeable)
    assert [cell for cell in numbers if cell.number_format == "General"] == []
    paid = [cell.value for cell in list(book[words("workbook.cost")].iter_rows())[1]]
    ours = found[0].cost("cost_city") * words.scale(city.indicators["cost_city"])
    sums = np.percentile(found[0].cost_sums("cost_city"), (50, 5, 95)) * words.scale(city.indicators["cost_city"])
    np.testing.assert_allclose(np.array(paid[1:9], dtype=float), [*ours, *sums], rtol=1e-15)
    heads = [cell.value for cell in next(book[words("workbook.cost")].iter_rows())]
    assert all(words("cost.money") in head for head in heads[6:9])
    said = [row[0].value for row in book[words("workbook.cost")].iter_rows()]
    assert words("cost.rule") in said


def test_what_arithmetic_leaves_of_no_cost_is_0_in_a_workbook(city, plan, found):
    figures = {**found[0].figures, "cost_city": np.full_like(found[0].figures["cost_city"], -1e-16)}
    ours, words = replace(found[0], figures=figures, _bands={}), catalogue("en")

    book = openpyxl.load_workbook(io.BytesIO(workbook(city, plan, ours, found[1], ["gdp"], words, "Model 0123")))

    paid = [cell.value for cell in list(book[words("workbook.cost")].iter_rows())[1]]
    assert paid == [words.name(city.indicators["cost_city"]), *8 * [0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chart_is_drawn_as_svg_and_png_without_a_box_for_a_letter(city, found, language, recwarn):
    drawn = rows({2010: 2.5}, "rd_intensity", *found, catalogue(language))

    svg = picture(city, "rd_intensity", drawn, PUBLISHED, catalogue(language), "svg")
    png = picture(city, "rd_intensity", drawn, PUBLISHED, catalogue(language), "png")

    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert png.startswith(b"\x89PNG")
    assert [str(one.message) for one in recwarn if "Glyph" in str(one.message)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lever_without_price_is_named_beside_the_cost_and_no_other(city, plan, language):
    words = catalogue(language)
    prices = {name: price for name, price in city.prices.prices.items() if name != "service"}
    bare = replace(city, prices=replace(city.prices, prices=prices))

    assert unpriced(city, [plan], words) == []
    assert unpriced(bare, [plan], words) == [words("cost.unpriced", levers=words.name(city.levers["transfer_service"]))]


def test_money_that_outgrows_revenue_is_warned_of(found):
    plan, baseline = found

    assert warning(plan, catalogue("en")) is not None
    assert warning(baseline, catalogue("en")) is None

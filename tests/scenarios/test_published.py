"""The nominal run and the priors against published figures, and the pages that say so."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model import load_city
from model.facts import read_facts
from scenarios.expectations import read_checks
from scenarios.pages import pages
from scenarios.predictive import draw_and_run
from scenarios.published import compare, figures_page, unexplained
from scenarios.reporting import pinned, reporting_page

DOCS = Path(__file__).parents[2] / "docs"
TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"


@pytest.fixture(scope="module")
def compared(city):
    return compare(city)


def test_every_published_figure_that_counts_is_met_within_15_percent(compared):
    far = [(figure.id, figure.years, figure.difference) for figure in compared if figure.counts]

    assert len(far) > 50
    assert [figure for figure in far if abs(figure[2]) > 15] == []


def test_most_published_figures_are_met_within_10_percent(compared):
    near = [abs(figure.difference) <= 10 for figure in compared if figure.counts]

    assert np.mean(near) > 0.8


def test_every_difference_above_5_percent_has_its_reason(city, compared):
    assert unexplained(city, compared) == []


def test_a_fact_that_repeats_two_levels_does_not_count(city):
    given = {(figure.indicator, figure.year) for figure in city.history}

    twice = [
        name
        for name, fact in read_facts(city).facts.items()
        if fact.counts
        and fact.operator == "growth"
        and {(fact.indicator, fact.first), (fact.indicator, fact.last)} <= given
    ]

    assert twice == []


def test_a_bound_differs_only_on_its_wrong_side(compared):
    figure = next(figure for figure in compared if figure.bound == "at_least")

    above, below = replace(figure, model=figure.published * 1.2), replace(figure, model=figure.published * 0.8)

    assert above.difference == 0
    assert below.difference == pytest.approx(-20)


def test_sum_growth_and_level_of_a_toy_are_what_its_yearly_figures_give(tmp_path):
    shutil.copytree(TOY_CITY, tmp_path / "toy")
    facts = "facts:\n" + "".join(
        f"  {name}: {{{what}, value: 1, unit: u, source: Plan2012, section_or_address: 一}}\n"
        for name, what in (
            ("total", "indicator: output, operator: sum, first: 2006, last: 2008"),
            ("growth", "indicator: output, operator: growth, first: 2005, last: 2009"),
            ("flow", "variable: total output, operator: sum, first: 2007, last: 2007"),
            ("year", "indicator: output, operator: level, last: 2007"),
        )
    )
    (tmp_path / "toy" / "facts.yaml").write_text(facts + "reasons: {}\nconflicts: {}\nunused: {}\n", encoding="utf-8")
    toy = load_city(tmp_path / "toy")
    yearly = toy.model.run(outputs=["output of the year"], times=[year + 1.0 for year in range(2005, 2010)])
    first, *middle, last = yearly.output_of_the_year.values[0]

    found = {figure.id: figure.model for figure in compare(toy) if figure.id in read_facts(toy).facts}

    assert found["total"] == pytest.approx(sum(middle))
    assert found["growth"] == pytest.approx(100 * ((last / first) ** 0.25 - 1))
    assert found["flow"] == pytest.approx(found["year"])


def test_the_page_shows_every_figure_of_the_record_once(city, compared):
    page = figures_page(city)

    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| figure", "| ---"))]
    assert len(rows) == len(compared)
    assert len(compared) == len(city.history) + len(read_facts(city).facts)


def test_the_reporting_table_leaves_no_item_without_an_answer(city):
    rows = [line for line in reporting_page(city).splitlines() if line.startswith("| ") and " --- " not in line]

    assert len(rows) > 20
    assert all(cell.strip() for row in rows for cell in row.strip("| ").split(" | "))
    assert pinned()["numpy"] in reporting_page(city)


def test_no_prior_draw_of_the_checked_seed_is_absurd(city):
    drawn = draw_and_run(city, read_checks(city, city.folder / "checks.yaml"), 2011)

    assert not drawn.failed.any()
    assert {name: int(broken.sum()) for name, broken in drawn.broken.items() if broken.any()} == {}


def test_a_change_of_a_prior_makes_the_page_of_the_priors_stale(city, tmp_path):
    shutil.copytree(city.folder, tmp_path / "model")
    file = tmp_path / "model" / "parameters.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("LN(1.5,.2)", "LN(1.6,.2)", 1), encoding="utf-8")
    page = pages(city)["prior-predictive.md"]
    text = (DOCS / "prior-predictive.md").read_text(encoding="utf-8")

    current, changed = page.is_current(city, text), page.is_current(load_city(tmp_path / "model"), text)

    assert (current, changed) == (True, False)


@pytest.mark.slow
def test_the_page_of_the_priors_says_again_what_it_said(city):
    text = (DOCS / "prior-predictive.md").read_text(encoding="utf-8")

    assert pages(city)["prior-predictive.md"].write(city) == text

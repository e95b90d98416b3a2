"""The nominal run and the priors against published figures, and the pages that say so."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from innovation.calibration.pages import pages
from innovation.calibration.priors.predictive import draw_and_run
from innovation.calibration.published import ComparedObservation, compare, figures_page, unexplained
from innovation.calibration.record.observations import read_record
from innovation.model.loading import load_city
from innovation.model.prior_draws import with_priors
from innovation.scenarios.checks.expectations import read_checks
from innovation.scenarios.documents.reporting import pinned, reporting_page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def record(city):
    return read_record(city)


@pytest.fixture(scope="module")
def compared(city, record):
    return compare(city, record.observations)


def test_every_published_figure_that_counts_is_met_within_15_percent(compared):
    far = [(figure.observation.id, figure.difference) for figure in compared if figure.observation.is_counted]

    assert len(far) > 30
    assert [figure for figure in far if abs(figure[1]) > 15] == []


def test_most_published_figures_are_met_within_10_percent(compared):
    near = [abs(figure.difference) <= 10 for figure in compared if figure.observation.is_counted]

    assert np.mean(near) > 0.8


def test_every_difference_above_5_percent_has_its_reason(record, compared):
    assert unexplained(record, compared) == []


@pytest.mark.parametrize(("reading", "above", "below"), [("at_least", 0, -20), ("at_most", 20, 0), ("exact", 20, -20)])
def test_a_bound_differs_only_on_its_wrong_side(record, reading, above, below):
    figure = record.counted[0].model_copy(update={"reading": reading})

    found = [ComparedObservation(figure, figure.value * part).difference for part in (1.2, 0.8)]

    assert found == pytest.approx([above, below])


def test_the_page_shows_every_figure_of_the_record_once(city, record):
    page = figures_page(city)

    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith(("| figure", "| ---"))]
    assert len(rows) == len(record.observations)


def test_the_page_names_every_conflict_with_what_is_used(city, record):
    page = figures_page(city)

    assert all(f"{conflict.en} Used: {conflict.chosen}." in page for conflict in record.conflicts)


def test_the_reporting_table_leaves_no_item_without_an_answer(city):
    rows = [line for line in reporting_page(city).splitlines() if line.startswith("| ") and " --- " not in line]

    assert len(rows) > 20
    assert all(cell.strip() for row in rows for cell in row.strip("| ").split(" | "))
    assert pinned()["numpy"] in reporting_page(city)


@pytest.mark.parametrize("priors", ["centred", "default", "blind"])
def test_hardly_a_prior_draw_is_absurd(city, priors):
    drawn = draw_and_run(with_priors(city, priors), read_checks(city, city.folder / "checks.yaml"), 2011)

    assert not drawn.failed.any()
    broken = {name: int(found.sum()) for name, found in drawn.broken.items() if found.any()}
    assert sum(broken.values()) <= 2, broken  # of 1 000: wide starts put a few beyond a bound


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

"""Counts on the page of evidence: one owner, the same numbers as the whole evidence, and no success made of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from calibration.observations import read_record
from ui import cache
from ui.catalogue import LANGUAGES, catalogue

from .visitor import few_draws

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"


def _evidence():
    from ui import evidence

    evidence.show()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    monkeypatch.setattr(cache, "learned", lambda files: {})
    with few_draws(monkeypatch):
        yield


@pytest.fixture(scope="module")
def record(city):
    return read_record(city)


def opened(language):
    page = AppTest.from_function(_evidence, default_timeout=60)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_counts_the_figures_as_the_record_does(record, language):
    html = "".join(found.proto.body for found in opened(language).get("html"))
    words = catalogue(language)
    bounds = sum(figure.is_bound for figure in record.counted)

    assert len(record.exact) + bounds == len(record.counted)
    card = words("evidence.figures_more", all=len(record.observations), exact=len(record.exact), bounds=bounds)
    assert f'<div class="says">{len(record.counted)}</div><div class="more">{card}' in html


def test_the_whole_evidence_counts_the_same_figures(record):
    page = " ".join(PAGE.read_text(encoding="utf-8").split())

    told = re.search(
        r"Of (\d+) figures on record (\d+) count in the fit. Of the (\d+) of these that are no bounds", page
    )
    assert [int(found) for found in told.groups()] == [len(record.observations), len(record.counted), len(record.exact)]
    assert "figures that have not been seen" not in page
    assert re.search(rf"Left out group by group, \d+ and \d+ of these {len(record.exact)} figures", page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_inside_the_band_are_told_with_how_many_there_should_be_and_not_as_a_success(city, record, language):
    levels = sum(len(record.levels(name)) for name in city.indicators)
    said = next(found.value for found in opened(language).markdown if str(levels) in found.value)

    assert f"{0.9 * levels:.0f}" in said
    assert "**" not in said
    assert {"en": "no test", "zh": "不是对预测的检验"}[language] in said
    seen = sum(figure.is_level and figure.of in city.indicators for figure in record.exact)
    assert str(seen) in said


def test_conflicts_of_sources_are_told_in_chinese_alone(record):
    for one in record.conflicts:
        for text in (one.found_zh, one.chosen_zh, one.zh):
            assert not re.search(r"[A-Za-z]{3,}", text.replace("R&D", ""))

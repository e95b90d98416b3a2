"""A link, kept work or a file of the first edition opens, and the page names what of it means something else now."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from innovation.scenarios.editions import is_earlier
from innovation.scenarios.scenario_files import load_scenario, scenario_text
from innovation.ui.links import Note, Work, packed, unpacked
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.text.phrases import literal

from .visitor import Visitor, few_draws

FORMER = "0" * 12


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """A posterior of few draws, so that pages have bands and chances at once."""
    with few_draws(monkeypatch):
        yield


@pytest.fixture(scope="module")
def plan(city):
    return load_scenario(city, "plan_as_written")


def first(scenario):
    """The scenario as the first edition wrote it."""
    return scenario.model_copy(update={"schema_number": 1})


def told(visitor: Visitor) -> tuple[list[str], str]:
    """What the page says in boxes, and what it lists below."""
    page, labels = visitor.page, [catalogue(one)("link.changed", count="").rstrip("项）)") for one in LANGUAGES]
    lists = [found.markdown[0].value for found in page.expander if any(map(found.label.startswith, labels))]
    return [found.value for found in page.info], "\n".join(lists)


def former_link(work: Work) -> str:
    """A link to this work from a model of another hash."""
    return packed(SimpleNamespace(model=SimpleNamespace(hash=FORMER)), work)


def test_a_link_of_the_first_edition_opens_as_work_of_today_with_a_note(city, plan):
    kept = first(load_scenario(city, "rebalancing"))
    link = former_link(Work(first(plan), "plan_as_written", ("gdp",), ("gdp",), (kept,)))

    work, notes = unpacked(city, link)

    assert work.scenario == plan
    assert not any(map(is_earlier, (work.scenario, *work.kept)))
    assert notes == [Note("model", (FORMER, city.model.hash[:12])), Note("edition", scenarios=(first(plan), kept))]


def test_only_the_kept_work_of_the_first_edition_is_noted_where_the_rest_is_of_today(city, plan):
    kept = first(load_scenario(city, "rebalancing"))

    _, notes = unpacked(city, packed(city, Work(plan, "plan_as_written", ("gdp",), ("gdp",), (kept,))))

    assert notes == [Note("edition", scenarios=(kept,))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_names_what_changed_for_an_older_link_until_it_is_opened_again(city, plan, language):
    words = catalogue(language)
    link = former_link(Work(first(plan), "plan_as_written", ("gdp",), ("gdp",)))

    visitor = Visitor(lang=language, s=link)

    boxes, listed = told(visitor)
    assert not visitor.page.exception
    assert any(literal(words.name(plan.title)) in box for box in boxes)
    assert words("link.older", old=FORMER, new=city.model.hash[:12]) in boxes
    changed = city.changed["plan_numbers"]
    assert literal(words.name(city.control("pursue_plan_numbers"))) in listed
    assert literal(changed.zh if language == "zh" else changed.en) in listed
    assert told(visitor.refreshed()) == ([], "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_of_the_first_edition_is_opened_as_the_same_with_what_changed(city, plan, language):
    visitor = Visitor("lab", lang=language)

    visitor.folds("files box", True)
    visitor.uploads(scenario_text(first(plan)).encode(), "mine.yaml")

    boxes, listed = told(visitor)
    state = visitor.page.session_state
    assert len(boxes) == 1
    assert literal(catalogue(language).name(city.control("pursue_plan_numbers"))) in listed
    assert (state["scenario"], state["start"]) == (plan, "plan_as_written")
    visitor.folds("files box", False)
    visitor.clicks("undo")
    assert told(visitor) == ([], "")


def test_a_file_of_today_is_opened_without_a_word(plan):
    visitor = Visitor("lab", lang="en")

    visitor.folds("files box", True)
    visitor.uploads(scenario_text(plan).encode(), "mine.yaml")

    assert told(visitor) == ([], "")

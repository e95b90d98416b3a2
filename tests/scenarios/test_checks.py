"""What `check` finds on a city that is in order, and on one that is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from innovation.model.loading import load_city
from innovation.model.pages import pages
from innovation.scenarios.checking import check
from innovation.scenarios.documents.generated_pages import stale_pages
from innovation.scenarios.scenario_files import library

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"


@pytest.fixture
def docs(toy_city, tmp_path: Path) -> Path:
    for name, page in pages(toy_city).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(page(toy_city), encoding="utf-8")
    return tmp_path


@pytest.fixture
def only_baseline(tmp_path: Path) -> Path:
    """The library's one scenario that any city can be asked."""
    folder = tmp_path / "only_baseline"
    folder.mkdir()
    shutil.copy(library()["baseline"], folder)
    return folder


def test_every_law_holds_in_the_toy_city(toy_city, docs, only_baseline):
    outcomes = list(check(toy_city, docs, only_baseline))

    assert [outcome for outcome in outcomes if not outcome.holds] == []
    assert len(outcomes) == 12


def test_a_page_that_someone_edited_or_deleted_is_stale(toy_city, docs):
    (docs / "equations.md").write_text("mine", encoding="utf-8")
    (docs / "parameters.md").unlink()

    assert stale_pages(toy_city, docs) == ["equations.md", "parameters.md"]


@pytest.mark.parametrize(
    ("old", "new", "law", "found"),
    [
        ("TIME STEP = 0.015625", "TIME STEP = 0.5", "half the step", "moves most"),
        (
            "~	Research grows with its money. [judgement: definition]",
            "~	",
            "a unit and a sentence",
            "research completed",
        ),
        ("[Solow1957]", "[Solow1956]", "names a source", "output growth"),
        ("~	CNY100M/institution", "~	CNY100M", "units agree", "platform openings"),
        ("/ platform cost", "/ platform cost / ( 0.1 - science share )", "at either end", "science_share 0.1"),
        ("variable: platforms", "variable: science money", "before 2011", "platforms (science_share 0.1)"),
    ],
)
def test_a_broken_law_is_named_with_what_breaks_it(docs, tmp_path, old, new, law, found):
    folder = tmp_path / "spoilt"
    folder.mkdir()
    texts = {file.name: file.read_text(encoding="utf-8") for file in TOY_CITY.iterdir()}
    assert sum(old in text for text in texts.values()) == 1
    for name, text in texts.items():
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    broken = [outcome for outcome in check(load_city(folder), docs) if not outcome.holds]

    assert any(law in outcome.law and found in outcome.found for outcome in broken), broken


def test_a_faulty_scenario_of_the_library_is_told_and_the_others_still_run(toy_city, docs, only_baseline):
    (only_baseline / "faulty.yaml").write_text("schema: 2\n", encoding="utf-8")

    broken = [outcome for outcome in check(toy_city, docs, only_baseline) if not outcome.holds]

    assert len(broken) == 1
    assert "faulty.yaml" in broken[0].found

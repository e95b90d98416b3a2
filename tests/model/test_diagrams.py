"""The diagrams show what the file says, legibly, and the same to the byte every time."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.structure import normalised_name
from model.diagrams import diagram_pages
from model.diagrams.loops import family, rings
from model.diagrams.stocks import composed
from model.diagrams.view import MODULES, Reading

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
WIDEST, SMALLEST_TEXT = 1600, 11


@pytest.fixture(scope="module")
def reading(city) -> Reading:
    return Reading(city)


@pytest.fixture(scope="module")
def drawings() -> dict[str, str]:
    """As they stand in docs, which are of this model (tests/test_cli.py); drawn anew they take twenty seconds."""
    docs = ROOT / "docs"
    return {path.relative_to(docs).as_posix(): path.read_text("utf-8") for path in docs.glob("diagrams/*.svg")}


def words_of(svg: str) -> list[str]:
    """Every text of a drawing, its lines joined."""
    return [" ".join(line.text or "" for line in text) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_module_that_drives_the_city_has_both_diagrams(drawings):
    assert set(drawings) == {f"diagrams/{letter}-{kind}.svg" for letter in MODULES for kind in ("stocks", "loops")}


@pytest.mark.parametrize("letter", MODULES)
def test_every_stock_and_flow_of_a_module_is_drawn_once(city, drawings, letter):
    expected = [
        variable.name.removeprefix("free ")  # as the value in use, which it is until its loop is cut
        for variable in city.model.variables.values()
        if variable.group.startswith(f"{letter} ") and variable.kind in ("stock", "flow")
    ]

    words = words_of(drawings[f"diagrams/{letter}-stocks.svg"])

    assert {name: words.count(name) for name in expected} == dict.fromkeys(expected, 1)


@pytest.mark.parametrize("letter", MODULES)
def test_every_lever_and_assumption_of_a_module_is_drawn(city, drawings, letter):
    names = {entry.constant.split("[")[0] for entry in (*city.levers.values(), *city.inputs.values())}
    expected = {name for name in names if city.model.variables[name].group.startswith(f"{letter} ")}

    assert expected <= set(words_of(drawings[f"diagrams/{letter}-stocks.svg"]))


def test_links_join_what_reads_to_what_is_read_past_the_machinery_of_cuts(city, reading):
    view = reading.view("A")

    assert ("productive_capital", "potential_output") in view.links
    assert ("output", "output_behind_investment") in view.links
    held = [name.replace(" ", "_") for name in city.model.variables if name.startswith("held ")]
    machinery = {name.replace("held_", "following_", 1) for name in held}
    assert not [
        name for name in view.nodes if name.startswith(("free_", "held_", "cut_", "plan_has")) or name in machinery
    ]


def test_pipes_join_the_stocks_that_a_flow_drains_and_fills(reading):
    ends = {pipe.flow: (pipe.source, pipe.target) for pipe in reading.view("A").pipes}

    assert ends["capital_completions"] == ("capital_under_construction", "productive_capital")
    assert ends["capital_formation"] == (None, "capital_under_construction")


@pytest.mark.slow
@pytest.mark.parametrize("letter", MODULES)
def test_no_box_or_label_of_a_stock_and_flow_diagram_overlaps_another(reading, letter):
    things = composed(reading.view(letter)).things

    overlapping = [
        (a, b) for a, b in combinations(things, 2) if things[a].whole.overlaps(things[b].whole)
    ]  # fmt: skip

    assert overlapping == []


@pytest.mark.parametrize("letter", MODULES)
def test_no_label_of_a_loop_diagram_overlaps_another(reading, letter):
    labels = [(ring.name, stop.key, stop.label) for ring in rings(reading, letter) for stop in ring.stops]

    assert [(a[:2], b[:2]) for a, b in combinations(labels, 2) if a[2].overlaps(b[2])] == []


def test_every_loop_is_drawn_in_the_module_of_its_link(city, reading, drawings):
    for name, loop in city.loops.items():
        letter = reading.letter(normalised_name(loop.link))
        assert name in family(reading, letter)
        assert name in words_of(drawings[f"diagrams/{letter}-loops.svg"])


def test_drawings_are_valid_legible_and_need_nothing_from_elsewhere(drawings):
    for name, svg in drawings.items():
        root = ElementTree.fromstring(svg)
        assert root.findtext(f"{SVG}title") and root.findtext(f"{SVG}desc"), name
        assert float(root.attrib["width"]) <= WIDEST, name
        assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)) >= SMALLEST_TEXT, name
        assert re.findall(r"href|src=|@import|url\((?!#tip\))", svg) == [], name


@pytest.mark.slow
def test_another_process_draws_the_same_to_the_byte(drawings):
    script = (
        "import sys\nfrom model import load_city\nfrom model.diagrams import diagram_pages\n"
        "city = load_city()\nsys.stdout.buffer.write(diagram_pages(city)['diagrams/D-stocks.svg'](city).encode())"
    )

    again = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout

    assert again.decode() == drawings["diagrams/D-stocks.svg"]


def test_a_city_without_some_modules_has_diagrams_of_those_it_has(toy_city):
    pages = {name: page(toy_city) for name, page in diagram_pages(toy_city).items()}

    assert "diagrams/A-stocks.svg" in pages and "diagrams/J-stocks.svg" not in pages
    assert all(f"({name})" in pages["diagrams.md"] for name in pages if name.endswith(".svg"))


def test_no_drawing_is_left_over_from_an_earlier_model(city):
    made = {name for name in diagram_pages(city) if name.startswith("diagrams/")}

    assert {f"diagrams/{path.name}" for path in (ROOT / "docs" / "diagrams").iterdir()} == made

"""The diagrams show what the file says, where its drawing has it, legibly, and the same to the byte every time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from innovation.engine.ir.structure import normalised_name
from innovation.model.diagrams.closing import Span, closed, joined
from innovation.model.diagrams.loops import family, rings
from innovation.model.diagrams.pages import diagram_pages
from innovation.model.diagrams.reading import MODULES, Reading
from innovation.model.diagrams.stocks import placed, way_of
from innovation.model.diagrams.view import DiagramView, view_of
from innovation.model.loading import load_city
from innovation.model.vensim.geometry import Box
from innovation.model.vensim.sketch import with_sketch

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
WIDEST, SMALLEST_TEXT = 1600, 11


@pytest.fixture(scope="module")
def reading(city) -> Reading:
    return Reading(city)


@pytest.fixture(scope="module")
def drawings() -> dict[str, str]:
    """As they stand in docs, which are of this model and its drawing by their hashes (tests/test_cli.py)."""
    docs = ROOT / "docs"
    return {path.relative_to(docs).as_posix(): path.read_text("utf-8") for path in docs.glob("diagrams/*.svg")}


@pytest.fixture(scope="module")
def views(reading) -> dict[str, DiagramView]:
    return {letter: view_of(reading, letter) for letter in MODULES}


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


def test_links_join_what_reads_to_what_is_read_past_the_machinery_of_cuts(city, views):
    view = views["A"]
    links = {(view.nodes[start].key, view.nodes[end].key) for start, end in view.links}

    assert ("productive_capital", "potential_output") in links
    assert ("output", "output_behind_investment") in links
    held = [name.replace(" ", "_") for name in city.model.variables if name.startswith("held ")]
    machinery = {name.replace("held_", "following_", 1) for name in held}
    assert not [
        node.key
        for node in view.nodes.values()
        if node.key.startswith(("free_", "held_", "cut_", "plan_has")) or node.key in machinery
    ]


@pytest.mark.parametrize("letter", MODULES)
def test_all_that_is_read_and_worth_drawing_is_joined_by_a_link_or_a_pipe(reading, views, letter):
    view = views[letter]
    joined_to = {(view.nodes[start].key, view.nodes[end].key) for start, end in view.links}
    for pipe in view.pipes:
        ends = [end for end in (pipe.source, pipe.target) if isinstance(end, int)]
        joined_to |= {(view.nodes[pipe.flow].key, view.nodes[end].key) for end in ends}

    own = [key for key in reading.variables if reading.letter(key) == letter and reading.shown(key)]
    read = {(source, key) for key in own for source in reading.reads(key) if reading.shown(source)}
    drawn = {(source, key) for source, key in read if not reading.variables[key].hidden}
    assert own and drawn - joined_to == set()


def test_pipes_join_the_stocks_that_a_flow_drains_and_fills(views):
    nodes = views["A"].nodes
    ends = {
        nodes[pipe.flow].key: tuple(
            nodes[end].key if isinstance(end, int) else None for end in (pipe.source, pipe.target)
        )
        for pipe in views["A"].pipes
    }

    assert ends["capital_completions"] == ("capital_under_construction", "productive_capital")
    assert ends["capital_formation"] == (None, "capital_under_construction")


@pytest.mark.parametrize("letter", MODULES)
def test_no_box_or_label_of_a_stock_and_flow_diagram_overlaps_another_or_a_cloud(views, letter):
    things, clouds = placed(views[letter])

    overlapping = [(a, b) for a, b in combinations(things, 2) if things[a].whole.overlaps(things[b].whole)]
    covered = [
        thing.node for thing in things.values() for box in thing.boxes if any(map(box.overlaps, clouds.values()))
    ]

    assert things and overlapping == []
    assert covered == [] and not [one for one in combinations(clouds.values(), 2) if one[0].overlaps(one[1])]


@pytest.mark.parametrize("letter", MODULES)
def test_no_name_or_stock_stands_on_a_pipe_but_those_it_joins(views, letter):
    things, clouds = placed(views[letter])
    for pipe in views[letter].pipes:
        others = [thing for number, thing in things.items() if number not in (pipe.flow, pipe.source, pipe.target)]
        for (x0, y0), (x1, y1) in pairwise(way_of(pipe, things, clouds)):
            ground = Box(min(x0, x1) - 3, min(y0, y1) - 3, max(x0, x1) + 3, max(y0, y1) + 3)
            assert [thing.node.key for thing in others for box in thing.boxes if box.overlaps(ground)] == []


@pytest.mark.parametrize("letter", MODULES)
def test_things_stand_beside_each_other_as_in_the_model_files_own_view(views, letter):
    things, _ = placed(views[letter])
    there = {number: (node.valve or node.box.middle)[0] for number, node in views[letter].nodes.items()}

    turned = [(a, b) for a, b in combinations(things, 2) if (there[a] - there[b]) * (_x(things[a]) - _x(things[b])) < 0]

    assert turned == []
    assert all(_x(things[a]) == _x(things[b]) for a, b in combinations(things, 2) if there[a] == there[b])


def _x(thing) -> float:
    return round(thing.middle[0], 6)


def test_closing_keeps_order_and_a_gap_and_moves_together_what_has_one_anchor():
    first, second = Span(10, (0, 20), (0, 9)), Span(500, (490, 510), (0, 9))
    far_below = Span(500, (400, 600), (900, 909))

    assert closed([first, second], 5, 7) == {10: 15, 500: 42}
    assert closed([first, second, far_below], 5, 7)[500] == 105
    assert joined([1, 3, 5, 8], [(4, 6), (2, 4)]) == {1: 1, 3: 2, 5: 2, 8: 8}


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
        "import json\nfrom innovation.model import load_city\nfrom innovation.model.diagrams import diagram_pages\n"
        "city = load_city()\nprint(json.dumps({name: page(city) for name, page in diagram_pages(city).items()}))"
    )

    again = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True).stdout

    assert {name: page for name, page in json.loads(again).items() if name.endswith(".svg")} == drawings


def test_a_city_without_some_modules_has_diagrams_of_those_it_has(toy_city, tmp_path):
    path = Path(shutil.copytree(toy_city.folder, tmp_path / "city")) / toy_city.model.path.name
    path.write_text(with_sketch(path.read_text("utf-8"), toy_city.model.structure), encoding="utf-8")
    city = load_city(path.parent)

    pages = {name: page(city) for name, page in diagram_pages(city).items()}

    assert "diagrams/A-stocks.svg" in pages and "diagrams/J-stocks.svg" not in pages
    assert all(f"({name})" in pages["diagrams.md"] for name in pages if name.endswith(".svg"))


def test_a_model_file_without_a_drawing_has_loops_and_is_told_how_to_get_one(toy_city):
    pages = diagram_pages(toy_city)

    assert not [name for name in pages if name.endswith("-stocks.svg")]
    assert "diagrams/A-loops.svg" in pages or "diagrams/C-loops.svg" in pages
    assert "no view of it: `cli.py sketch` draws one" in pages["diagrams.md"](toy_city)


def test_no_drawing_is_left_over_from_an_earlier_model(city):
    made = {name for name in diagram_pages(city) if name.startswith("diagrams/")}

    assert {f"diagrams/{path.name}" for path in (ROOT / "docs" / "diagrams").iterdir()} == made

"""docs/diagrams.md and the SVG files it shows: for each module its stocks and flows, and its feedback loops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

from innovation.model.city import City

from .loops import family, loop_diagram, rings
from .reading import FLOW, STOCK, Reading
from .stocks import stock_diagram
from .view import DiagramNode, view_of

FOLDER = "diagrams"


def diagram_pages(city: City) -> dict[str, Callable[[City], str]]:
    """Names of the generated files below docs, with what writes each."""
    pages: dict[str, Callable[[City], str]] = {f"{FOLDER}.md": diagrams_page}
    reading = Reading(city)
    for letter in reading.modules:
        if letter in reading.drawing:
            pages[f"{FOLDER}/{letter}-stocks.svg"] = partial(stocks_svg, letter=letter)
        if family(reading, letter):
            pages[f"{FOLDER}/{letter}-loops.svg"] = partial(loops_svg, letter=letter)
    return pages


def stocks_svg(city: City, letter: str) -> str:
    """The stock-and-flow diagram of a module."""
    reading = Reading(city)
    title = f"{_heading(reading, letter)}: stocks and flows"
    return stock_diagram(view_of(reading, letter), title, _inside(reading, letter))


def loops_svg(city: City, letter: str) -> str:
    """The loop diagram of a module."""
    reading = Reading(city)
    ways = [
        f"{ring.name} ({ring.loop.kind}), {ring.loop.en}: "
        + " > ".join(reading.variables[stop.key].name for stop in (*ring.stops, ring.stops[0]))
        for ring in rings(reading, letter)
    ]
    title = f"{_heading(reading, letter)}: feedback loops"
    return loop_diagram(rings(reading, letter), title, ". ".join(ways) + ".")


def diagrams_page(city: City) -> str:
    """The page that shows every diagram."""
    reading = Reading(city)
    files = f"{city.model.path.name}, parameters.yaml, levers.yaml and loops.yaml"
    origin = f"Made from {files} by `cli.py docs`; change those, not this page. Model {city.model.hash[:12]}."
    lines = ["# Diagrams", "", origin, ""]
    lines += [
        "Drawn are stocks, flows, auxiliaries, levers and assumptions. Left out are constants that no one decides, "
        "values of the start, the calendar and prices, and what holds a cut loop; `free X` is drawn as X. A name in "
        "grey italics with a letter is a variable of that module. Things stand as in the model file's own views, which "
        "Vensim opens, closer together.",
        "",
    ]
    for letter in reading.modules:
        heading, loops = _heading(reading, letter), family(reading, letter)
        drawn = letter in reading.drawing
        lines += [f"## {heading}", "", _preface(city, letter) or (_inside(reading, letter) if drawn else heading), ""]
        picture = f"![{heading}: stocks and flows]({FOLDER}/{letter}-stocks.svg)"
        lines += [picture if drawn else "The model file has no view of it: `cli.py sketch` draws one.", ""]
        if loops:
            own = all(reading.letter(_key(reading, loop.link)) == letter for loop in loops.values())
            lead = "Loops that can be cut here" if own else "No loop is cut here; loops that run through its stocks"
            lines += [f"{lead}: {'; '.join(f'{name}, {loop.en}' for name, loop in loops.items())}.", ""]
            lines += [f"![{heading}: feedback loops]({FOLDER}/{letter}-loops.svg)", ""]
    return "\n".join(lines).rstrip() + "\n"


def _heading(reading: Reading, letter: str) -> str:
    return f"{letter} {reading.modules[letter]}"


def _key(reading: Reading, name: str) -> str:
    return reading.city.model.variables[name].key


def _inside(reading: Reading, letter: str) -> str:
    """In words what a stock-and-flow diagram shows."""
    found = {node.key: node for node in view_of(reading, letter).nodes.values()}
    nodes = [found[key] for key in reading.variables if key in found]
    own = [node for node in nodes if not node.letter]
    parts = {
        "Stocks": [node for node in own if node.kind == STOCK],
        "Flows": [node for node in own if node.kind == FLOW],
        "Levers and assumptions": [node for node in own if node.role],
        "Read from other modules": [node for node in nodes if node.letter],
    }
    return " ".join(f"{head}: {_names(found)}." for head, found in parts.items() if found)


def _names(nodes: Iterable[DiagramNode]) -> str:
    return ", ".join(node.text + (f" ({node.letter})" if node.letter else "") for node in nodes)


def _preface(city: City, letter: str) -> str:
    """The sentences under a module's heading in the model file; '' where there are none, or another kind of file."""
    written = city.model.path.read_text(encoding="utf-8", errors="replace")
    found = re.search(rf"^\*{{10,}}\s*\.{letter} [^\n]*\n\*{{10,}}~\s*(.*?)\|", written, re.DOTALL | re.MULTILINE)
    return " ".join(found[1].split()) if found else ""

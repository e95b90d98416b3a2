"""The stock-and-flow diagram of a module: stocks as boxes, flows as pipes with valves, links as thin arrows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from .drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    ORANGE,
    PAPER,
    Arrows,
    Box,
    Point,
    block,
    path,
    rectangle,
    sheet,
    text,
    width,
    wrapped,
)
from .placing import Cell, places
from .view import ASSUMPTION, FLOW, LEVER, STOCK, Node, Pipe, View

_LABEL = 104.0  # widest line of a label
_WIDEST, _TOO_WIDE, _TOLL = 1590, 1_000_000, 3.0  # of a sheet; price of a wider one; weight of what links run over
_GAP, _MARGIN, _HEAD, _FOOT = 26.0, 26.0, 76.0, 48.0
_VALVE, _CLOUD = 10.0, 44.0  # half a valve; from a valve to its cloud
_BENDS = (0.1, -0.1, 0.0, 0.2, -0.2, 0.3, -0.3, 0.42, -0.42, 0.6, -0.6, 0.8, -0.8, 1.0, -1.0)
_PALE = "#e3f0fa"  # of a stock
_FILLS = {LEVER: "#fff1cc", ASSUMPTION: "#d9f2ea"}
_STROKES = {LEVER: ORANGE, ASSUMPTION: GREEN}


@dataclass(frozen=True)
class Placed:
    """A node on the sheet: its centre, its lines of text, the box of its label and the box of its symbol."""

    node: Node
    middle: Point
    lines: tuple[str, ...]
    label: Box
    symbol: Box
    gutters: tuple[float, float] = (0.0, 0.0)  # middles of the gaps beside its column
    boxed: bool = False
    badge: Box | None = None

    @property
    def boxes(self) -> list[Box]:
        """Label (with what it stands on) and symbol, each once and none empty."""
        written = [self.badge or self.label] if self.lines and self.symbol.bottom < self.label.bottom else []
        return [*written, self.symbol]

    @property
    def whole(self) -> Box:
        """Label and symbol together."""
        a, b = self.badge or self.label, self.symbol
        if not self.lines:
            return b
        return Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))


@dataclass(frozen=True)
class Composition:
    """A module ready to be drawn: its nodes on the sheet, the bends of its pipes by flow, its links as SVG."""

    things: Mapping[str, Placed]
    ways: Mapping[str, list[Point]]
    links: tuple[str, ...]

    @property
    def size(self) -> Point:
        """Width and height of the sheet, for which the legend needs the least width."""
        right = [thing.whole.right for thing in self.things.values()]
        wide = max([*right, *(x + 18 for way in self.ways.values() for x, _ in way), 800])
        return wide + _MARGIN, _bottom(self.things)


@lru_cache(maxsize=64)
def composed(view: View) -> Composition:
    """Of the good places for a view, those whose links are short and, once drawn, run over little."""
    best: tuple[float, Composition] | None = None
    for length, cells in places(view):
        things = _placed(view, cells)
        ways = {pipe.flow: _way(pipe, things) for pipe in view.pipes}
        arrows = Arrows(_walls(view, things, ways))
        pairs = sorted(((things[a], things[b]) for a, b in view.links), key=lambda pair: _apart(*pair))
        links = tuple(_link(start, end, arrows) for start, end in pairs)
        found = Composition(things, ways, links)
        price = length + _TOLL * arrows.price + (_TOO_WIDE if found.size[0] > _WIDEST else 0)
        if best is None or price < best[0]:
            best = price, found
    assert best is not None
    return best[1]


def _walls(view: View, things: Mapping[str, Placed], ways: Mapping[str, list[Point]]) -> Iterator[tuple[Box, int]]:
    """What links should not run over, each with its price: text and boxes, clouds, pipes, the edges of the sheet."""
    yield from ((box.grown(2), 100) for thing in things.values() for box in thing.boxes)
    for pipe in view.pipes:
        way = ways[pipe.flow]
        yield from ((_hull(a, b).grown(6), 40) for a, b in pairwise(way))
        clouds = [end for end, stock in ((way[0], pipe.source), (way[-1], pipe.target)) if stock is None]
        yield from ((_hull(end, end).grown(16), 100) for end in clouds)
    high = _bottom(things)
    yield from ((Box(*edge), 200) for edge in ((0, 0, 1e4, 42), (-1e4, -1e4, 6, 1e4), (-1e4, high - 40, 1e4, 1e4)))


def _bottom(things: Mapping[str, Placed]) -> float:
    return max(thing.whole.bottom for thing in things.values()) + _FOOT


def _placed(view: View, cells: Mapping[str, Cell]) -> dict[str, Placed]:
    """Every node of a view with its place on the sheet, in pixels."""
    ends = [(side, end) for pipe in view.pipes for side, end in ((-1, pipe.source), (1, pipe.target)) if end]
    piped = {name: max(ends.count((-1, name)), ends.count((1, name))) for name in view.nodes}
    bare = {name: _formed(node, (0.0, 0.0), piped[name]) for name, node in view.nodes.items()}
    clouds = {(pipe.flow, -1) for pipe in view.pipes if not pipe.source}
    clouds |= {(pipe.flow, 1) for pipe in view.pipes if not pipe.target}
    left: dict[int, float] = {}
    right: dict[int, float] = {}
    above: dict[int, float] = {}
    below: dict[int, float] = {}
    for name, (row, column) in cells.items():
        box = bare[name].whole
        reach = {side: _CLOUD + 16 if (name, side) in clouds else 0.0 for side in (-1, 1)}
        left[column] = max(left.get(column, 30.0), -box.left, reach[-1])
        right[column] = max(right.get(column, 30.0), box.right, reach[1])
        above[row] = max(above.get(row, 14.0), -box.top)
        below[row] = max(below.get(row, 14.0), box.bottom)
    across = _centres(left, right, _MARGIN)
    down = _centres(above, below, _HEAD)
    found = {}
    for name, (row, column) in cells.items():
        x = across[column]
        gutters = (x - left[column] - _GAP / 2, x + right[column] + _GAP / 2)
        found[name] = replace(_formed(view.nodes[name], (x, down[row]), piped[name]), gutters=gutters)
    return found


def _centres(before: Mapping[int, float], after: Mapping[int, float], start: float) -> dict[int, float]:
    found, edge = {}, start
    for number in sorted(before):
        found[number] = edge + before[number]
        edge = found[number] + after[number] + _GAP
    return found


def _formed(node: Node, middle: Point, pipes: int) -> Placed:
    """A node drawn around a point: text in its box, or under its valve."""
    x, y = middle
    words = f"{node.text} ({node.letter})" if node.letter else node.text
    lines = tuple(wrapped(words, _LABEL))
    if node.kind == FLOW:
        symbol = Box(x - _VALVE, y - _VALVE, x + _VALVE, y + _VALVE)
        label = block(lines, (x, y + _VALVE + (9 if node.role else 5) + len(lines) * LINE / 2))
        badge = Box(label.left - 10, label.top - 3, label.right + 10, label.bottom + 3) if node.role else None
        return Placed(node, middle, lines, label, symbol, badge=badge)
    label = block(lines, middle)
    if node.kind == STOCK and (pipes or not node.letter):
        half = max(44.0, label.right - x + 9)
        tall = max(25.0 if pipes > 1 else 0.0, label.bottom - y + 7)
        box = Box(x - half, y - tall, x + half, y + tall)
        return Placed(node, middle, lines, label, box, boxed=True)
    if node.role and not node.letter:
        side = 12.0 if node.role == ASSUMPTION else 9.0
        box = Box(label.left - side, label.top - 4, label.right + side, label.bottom + 4)
        return Placed(node, middle, lines, label, box)
    return Placed(node, middle, lines, label, label)


def stock_diagram(view: View, title: str, description: str) -> str:
    """The SVG of a module."""
    found = composed(view)
    parts = [text([title], (_MARGIN, 28), "start", 18, 'font-weight="bold"')]
    for pipe in view.pipes:
        parts += _pipe(pipe, found.ways[pipe.flow], found.things)
    parts += [f'<g fill="none" stroke="{GREY}" stroke-width="1.1" marker-end="url(#tip)">', *found.links, "</g>"]
    for thing in found.things.values():
        parts += _drawn(thing)
    parts += _legend(found.size[1] - 22)
    return sheet(found.size, title, description, parts)


def _apart(a: Placed, b: Placed) -> float:
    return abs(a.middle[0] - b.middle[0]) + abs(a.middle[1] - b.middle[1])


def _link(start: Placed, end: Placed, arrows: Arrows) -> str:
    """An arrow to a label, or to a valve or what is written under it."""
    beside = abs(start.middle[1] - end.middle[1]) < 1 and end.node.kind == FLOW
    if beside and start.node.kind == STOCK and start.boxed:
        over = 0.5 if end.middle[0] > start.middle[0] else -0.5
        return arrows.draw([start.symbol], [end.symbol], (over, over * 1.4))
    return arrows.draw(start.boxes, end.boxes, _BENDS)


def _way(pipe: Pipe, things: Mapping[str, Placed]) -> list[Point]:
    """The bends of a pipe from its source to its target, through the valve."""
    valve = things[pipe.flow].middle
    return [
        *reversed(_half(things.get(pipe.source or ""), valve, -1)),
        *_half(things.get(pipe.target or ""), valve, 1),
    ]


def _half(stock: Placed | None, valve: Point, side: int) -> list[Point]:
    """From the valve to a stock or a cloud on one side."""
    x, y = valve
    if stock is None:
        return [valve, (x + side * _CLOUD, y)]
    box = stock.symbol
    edge = box.left if side == 1 else box.right
    if abs(stock.middle[1] - y) < 1:
        return [valve, (edge, y)]
    up = -1 if y < stock.middle[1] else 1
    entry = stock.middle[1] + up * (box.bottom - box.top) * 0.33
    turn = stock.gutters[0 if side == 1 else 1]
    return [valve, (turn, y), (turn, entry), (edge, entry)]


def _hull(a: Point, b: Point) -> Box:
    return Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def _pipe(pipe: Pipe, way: list[Point], things: Mapping[str, Placed]) -> Iterator[str]:
    colour = GREY if things[pipe.flow].node.letter else INK
    yield path(way, f'fill="none" stroke="{colour}" stroke-width="7" stroke-linejoin="round"')
    yield path(way, f'fill="none" stroke="{PAPER}" stroke-width="4.4" stroke-linejoin="round"')
    if pipe.target:
        (x0, _), (x, y) = way[-2], way[-1]
        side = 1 if x > x0 else -1
        yield path([(x, y), (x - side * 10, y - 7), (x - side * 10, y + 7)], f'fill="{colour}"', closed=True)
    else:
        (x, y), side = way[-1], 1
        yield path([(x - 12, y), (x - 22, y - 7), (x - 22, y + 7)], f'fill="{colour}"', closed=True)
        yield _cloud((x + 2, y), colour)
    if not pipe.source:
        yield _cloud((way[0][0] - 2, way[0][1]), colour)


def _cloud(at: Point, colour: str) -> str:
    x, y = at
    bumps = "a6 6 0 0 1 7 -7a7 7 0 0 1 12 0a6 6 0 0 1 5 9a5 5 0 0 1 -6 6a8 8 0 0 1 -12 0a5 5 0 0 1 -6 -8Z"
    return f'<path d="M{x - 12:.1f} {y:.1f}{bumps}" fill="{PAPER}" stroke="{colour}" stroke-width="1.2"/>'


def _drawn(thing: Placed) -> Iterator[str]:
    """The symbol and the label of a node."""
    node, box = thing.node, thing.symbol
    colour = GREY if node.letter else INK
    style = 'font-style="italic"' if node.letter else ""
    if node.kind == STOCK and thing.boxed:
        look = f'fill="{_PALE}" stroke="{BLUE}" stroke-width="1.8"'
        if node.letter:
            look = f'fill="{PAPER}" stroke="{GREY}" stroke-width="1.8" stroke-dasharray="4 3"'
        style = style or 'font-weight="bold"'
        if node.array:
            yield rectangle(Box(box.left + 4, box.top + 4, box.right + 4, box.bottom + 4), look)
        yield rectangle(box, look)
    elif node.kind == FLOW:
        yield _bow_tie(thing.middle, _FILLS.get(node.role, PAPER), colour)
        if thing.badge:
            yield _badge(thing.badge, node.role)
    elif node.role and not node.letter:
        yield _badge(box, node.role)
    if thing.lines:
        inside = (node.kind == STOCK and thing.boxed) or bool(node.role and not node.letter)
        yield text(thing.lines, thing.label.middle, style=style + (' class="in"' if inside else ""), colour=colour)


def _bow_tie(at: Point, fill: str, colour: str) -> str:
    (x, y), s = at, _VALVE
    look = f'fill="{fill}" stroke="{colour}" stroke-width="1.4" stroke-linejoin="round"'
    return path([(x - s, y - s), (x + s, y + s), (x + s, y - s), (x - s, y + s)], look, closed=True)


def _badge(box: Box, role: str) -> str:
    """What is under the words of a lever (a rounded plate) or of an assumption (a plate with pointed ends)."""
    look = f'fill="{_FILLS[role]}" stroke="{_STROKES[role]}" stroke-width="1.8"'
    if role == LEVER:
        return rectangle(box, look, 9)
    left, right, middle = box.left + 8, box.right - 8, (box.top + box.bottom) / 2
    top = [(box.left, middle), (left, box.top), (right, box.top), (box.right, middle)]
    return path([*top, (right, box.bottom), (left, box.bottom)], look, closed=True)


def _legend(y: float) -> Iterator[str]:
    """A line that says what the shapes mean."""
    x = _MARGIN

    def words(said: str) -> str:
        nonlocal x
        drawn = text([said], (x, y), "start", 11)
        x += width(said, 11) + 20
        return drawn

    yield rectangle(Box(x, y - 8, x + 26, y + 8), f'fill="{_PALE}" stroke="{BLUE}" stroke-width="1.8"')
    x += 32
    yield words("stock (shadow: one an element)")
    yield path([(x, y), (x + 40, y)], f'fill="none" stroke="{INK}" stroke-width="7"')
    yield path([(x, y), (x + 40, y)], f'fill="none" stroke="{PAPER}" stroke-width="4.4"')
    yield _bow_tie((x + 20, y), PAPER, INK)
    x += 46
    yield words("flow")
    for role, said in ((LEVER, "lever"), (ASSUMPTION, "assumption")):
        yield _badge(Box(x, y - 8, x + 30, y + 8), role)
        x += 36
        yield words(said)
    yield text(["name (B)"], (x, y), "start", 11, 'font-style="italic"', GREY)
    x += width("name (B)", 11) + 8
    yield words("variable of module B")
    yield f'<path d="M{x:.1f} {y:.1f}h26" fill="none" stroke="{GREY}" stroke-width="1.1" marker-end="url(#tip)"/>'
    x += 32
    yield words("is read by")

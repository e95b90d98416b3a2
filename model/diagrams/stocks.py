"""The stock-and-flow diagram of a module, as the model file's drawing has it: boxes, pipes with valves, thin arrows.

Things stand as in the drawing, but that ground on which nothing shown stands is closed up; arrows bend anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from innovation.model.vensim.geometry import Arrows, Box, Point, block, width, wrapped

from .closing import Span, closed, joined
from .drawing import BLUE, GREEN, GREY, INK, ORANGE, PAPER, path, rectangle, sheet, text
from .reading import ASSUMPTION, LEVER, STOCK
from .view import DiagramNode, DiagramPipe, DiagramView

_LABEL = 104.0  # widest line of a label
_GAP, _MARGIN, _HEAD, _FOOT = 24.0, 26.0, 62.0, 48.0
_VALVE, _CLOUD, _CLOUD_HIGH = 10.0, 15.0, 11.0  # halves of a valve, of a cloud's width and height
_BENDS = (0.1, -0.1, 0.0, 0.2, -0.2, 0.3, -0.3, 0.42, -0.42, 0.6, -0.6, 0.8, -0.8, 1.0, -1.0)
_PLATE = 4.0  # of the plate under a lever or an assumption, above and below its words
_PALE = "#e3f0fa"  # of a stock
_FILLS = {LEVER: "#fff1cc", ASSUMPTION: "#d9f2ea"}
_STROKES = {LEVER: ORANGE, ASSUMPTION: GREEN}


@dataclass(frozen=True)
class Placed:
    """A node on the sheet: its lines of text, its ground (a stock's box, a name, a plate), and that of its valve."""

    node: DiagramNode
    lines: tuple[str, ...]
    label: Box
    valve: Box | None

    @property
    def boxes(self) -> list[Box]:
        """All the ground that it takes."""
        return [self.label, self.valve] if self.valve else [self.label]

    @property
    def middle(self) -> Point:
        """That of the valve or, without one, of the label."""
        return (self.valve or self.label).middle

    @property
    def whole(self) -> Box:
        """The box around all of it."""
        return Box(
            min(box.left for box in self.boxes),
            min(box.top for box in self.boxes),
            max(box.right for box in self.boxes),
            max(box.bottom for box in self.boxes),
        )

    def moved(self, across: float, down: float) -> Placed:
        """The same elsewhere."""
        label, valve = _moved(self.label, across, down), self.valve and _moved(self.valve, across, down)
        return Placed(self.node, self.lines, label, valve)


@dataclass(frozen=True)
class Composition:
    """A module ready to be drawn: its nodes by number, the bends of its pipes, its links as SVG, width and height."""

    things: Mapping[int, Placed]
    ways: tuple[tuple[DiagramPipe, list[Point]], ...]
    links: tuple[str, ...]
    size: Point


def composed(view: DiagramView) -> Composition:
    """A view laid on the sheet."""
    things, clouds = placed(view)
    ways = tuple((pipe, way_of(pipe, things, clouds)) for pipe in view.pipes)
    ground = [*(box for thing in things.values() for box in thing.boxes), *clouds.values()]
    size = max(*(box.right for box in ground), 800) + _MARGIN, max(box.bottom for box in ground) + _FOOT
    wide, high = size
    edges = Box(0, 0, 1e4, 42), Box(-1e4, -1e4, 6, 1e4), Box(wide - 6, -1e4, 1e4, 1e4), Box(-1e4, high - 40, 1e4, 1e4)
    walls = [(box.grown(2), 100) for box in ground] + [(edge, 200) for edge in edges]
    walls += [(_hull(a, b).grown(6), 40) for _, way in ways for a, b in pairwise(way)]
    arrows = Arrows(walls)
    piped = {(end, pipe.flow) for pipe in view.pipes for end in (pipe.source, pipe.target)}
    links = sorted(view.links, key=lambda link: _apart(things[link[0]], things[link[1]]))
    drawn = tuple(_link(things[start], things[end], arrows, (start, end) in piped) for start, end in links)
    return Composition(things, ways, drawn, size)


def placed(view: DiagramView) -> tuple[dict[int, Placed], dict[Point, Box]]:
    """The things of a view by number and its clouds by their places there, close to each other on the sheet."""
    things = {number: _formed(node) for number, node in view.nodes.items()}
    ends = [end for pipe in view.pipes for end in (pipe.source, pipe.target)]
    clouds = {end: _about(end, _CLOUD, _CLOUD_HIGH) for end in ends if isinstance(end, tuple)}
    found = [*((one.middle[0], one.whole) for one in things.values()), *((end[0], box) for end, box in clouds.items())]
    x = closed([Span(at, (box.left, box.right), (box.top, box.bottom)) for at, box in found], _MARGIN, _GAP)
    things = {number: one.moved(x[one.middle[0]] - one.middle[0], 0) for number, one in things.items()}
    clouds = {end: _moved(box, x[end[0]] - end[0], 0) for end, box in clouds.items()}
    down = _lifted(view, things, clouds)
    things = {number: one.moved(0, down[one.middle[1]]) for number, one in things.items()}
    return things, {end: _moved(box, 0, down[end[1]]) for end, box in clouds.items()}


def _lifted(view: DiagramView, things: Mapping[int, Placed], clouds: Mapping[Point, Box]) -> dict[float, float]:
    """How far down each row moves; a stock goes with the valves at its side and what stands between them."""
    found = [(one.middle[1], one.whole) for one in things.values()]
    bands = []
    for pipe in view.pipes:
        valve = things[pipe.flow].middle
        for end in (pipe.source, pipe.target):
            box = things[end].label if isinstance(end, int) else clouds[end]
            found.append((valve[1], _hull(valve, (box.middle[0], valve[1])).grown(_CLOUD)))
            if box.top < valve[1] < box.bottom:
                bands.append((min(valve[1], box.middle[1]), max(valve[1], box.middle[1])))
    rows = joined((at for at, _ in found), bands)
    y = closed([Span(rows[at], (box.top, box.bottom), (box.left, box.right)) for at, box in found], _HEAD, _GAP)
    return {at: y[row] - row for at, row in rows.items()}


def _moved(box: Box, across: float, down: float) -> Box:
    return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)


def _formed(node: DiagramNode) -> Placed:
    """A node with its text, where the drawing has it."""
    lines = tuple(wrapped(f"{node.text} ({node.letter})" if node.letter else node.text, _LABEL))
    x, y = node.box.middle
    drop = _PLATE if node.role and node.valve else 0.0
    label = node.box if node.kind == STOCK and not node.letter else block(lines, (x, y + drop))
    if node.role and not node.letter:
        side = 12.0 if node.role == ASSUMPTION else 9.0
        label = Box(label.left - side, label.top - _PLATE, label.right + side, label.bottom + _PLATE)
    return Placed(node, lines, label, _about(node.valve, _VALVE, _VALVE) if node.valve else None)


def stock_diagram(view: DiagramView, title: str, description: str) -> str:
    """The SVG of a module."""
    found = composed(view)
    parts = [text([title], (_MARGIN, 28), "start", 18, 'font-weight="bold"')]
    for pipe, way in found.ways:
        parts += _pipe(pipe, way)
    parts += [f'<g fill="none" stroke="{GREY}" stroke-width="1.1" marker-end="url(#tip)">', *found.links, "</g>"]
    for thing in found.things.values():
        parts += _drawn(thing)
    parts += _legend(found.size[1] - 22)
    return sheet(found.size, title, description, parts)


def _apart(a: Placed, b: Placed) -> float:
    return abs(a.middle[0] - b.middle[0]) + abs(a.middle[1] - b.middle[1])


def _link(start: Placed, end: Placed, arrows: Arrows, piped: bool) -> str:
    """An arrow; one from a stock to the valve of a pipe of its own is an arc over the pipe."""
    starts, ends = _faces(start, end), _faces(end, start)
    bends: tuple[float, ...] = _BENDS
    if piped and end.valve and start.label.top < end.middle[1] < start.label.bottom:
        over = 0.5 if end.middle[0] > start.middle[0] else -0.5
        ends, bends = [end.valve], (over, -over, over * 1.6, -over * 1.6)
    (x0, y0), (x1, y1), (x2, y2) = arrows.bent(starts, ends, bends)
    return f'<path d="M{x0:.1f} {y0:.1f}Q{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f}"/>'


def _faces(thing: Placed, other: Placed) -> list[Box]:
    """Where an arrow may touch: of a flow its valve or its name, but from below the name, which stands there."""
    return [thing.label] if other.middle[1] > thing.label.bottom else thing.boxes


def way_of(pipe: DiagramPipe, things: Mapping[int, Placed], clouds: Mapping[Point, Box]) -> list[Point]:
    """The bends of a pipe from its source to its target, through the valve."""
    valve = things[pipe.flow].middle
    source, target = (
        _half(valve, things[end].label) if isinstance(end, int) else [clouds[end].middle]
        for end in (pipe.source, pipe.target)
    )
    return [*reversed(source), valve, *target]


def _half(valve: Point, box: Box) -> list[Point]:
    """From the valve to the side of a stock, with two bends where it stands higher or lower."""
    x, y = valve
    edge = box.left if box.middle[0] > x else box.right
    if box.top < y < box.bottom:
        return [(edge, y)]
    turn = edge + (_GAP / 2 if edge < x else -_GAP / 2)
    entry = box.middle[1] + (box.bottom - box.top) * (0.33 if y > box.middle[1] else -0.33)
    return [(turn, y), (turn, entry), (edge, entry)]


def _about(middle: Point, half: float, high: float) -> Box:
    return Box(middle[0] - half, middle[1] - high, middle[0] + half, middle[1] + high)


def _hull(a: Point, b: Point) -> Box:
    return Box(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def _pipe(pipe: DiagramPipe, way: list[Point]) -> Iterator[str]:
    yield path(way, f'fill="none" stroke="{INK}" stroke-width="7" stroke-linejoin="round"')
    yield path(way, f'fill="none" stroke="{PAPER}" stroke-width="4.4" stroke-linejoin="round"')
    (x0, _), (x, y) = way[-2:]
    side = 1 if x > x0 else -1
    tip = x if isinstance(pipe.target, int) else x - side * _CLOUD
    yield path([(tip, y), (tip - side * 10, y - 7), (tip - side * 10, y + 7)], f'fill="{INK}"', closed=True)
    for end, (x, y) in ((pipe.source, way[0]), (pipe.target, way[-1])):
        if not isinstance(end, int):
            yield _cloud((x, y))


def _cloud(at: Point) -> str:
    x, y = at
    bumps = "a6 6 0 0 1 7 -7a7 7 0 0 1 12 0a6 6 0 0 1 5 9a5 5 0 0 1 -6 6a8 8 0 0 1 -12 0a5 5 0 0 1 -6 -8Z"
    return f'<path d="M{x - 12:.1f} {y:.1f}{bumps}" fill="{PAPER}" stroke="{INK}" stroke-width="1.2"/>'


def _drawn(thing: Placed) -> Iterator[str]:
    """The symbol and the label of a node."""
    node, box = thing.node, thing.label
    inside = not node.letter and bool(node.role or node.kind == STOCK)
    style = 'font-style="italic"' if node.letter else 'font-weight="bold"' if node.kind == STOCK else ""
    if thing.valve:
        yield _bow_tie(thing.valve.middle)
    if inside and node.kind == STOCK:
        look = f'fill="{_PALE}" stroke="{BLUE}" stroke-width="1.8"'
        if node.array:
            yield rectangle(Box(box.left + 4, box.top + 4, box.right + 4, box.bottom + 4), look)
        yield rectangle(box, look)
    elif inside:
        yield _badge(box, node.role)
    colour = GREY if node.letter else INK
    yield text(thing.lines, box.middle, style=style + (' class="in"' if inside else ""), colour=colour)


def _bow_tie(at: Point) -> str:
    (x, y), s = at, _VALVE
    look = f'fill="{PAPER}" stroke="{INK}" stroke-width="1.4" stroke-linejoin="round"'
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
    yield _bow_tie((x + 20, y))
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

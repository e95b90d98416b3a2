"""The loop diagram of a module: each loop a ring of its variables in the order they act, its id and name inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import atan2, cos, hypot, pi, sin, sqrt

from innovation.engine.ir import normalised_name
from innovation.model.entries import FeedbackLoop
from innovation.model.vensim.geometry import SIZE, Box, Point, block, width, wrapped

from .drawing import BLUE, GREY, INK, ORANGE, PAPER, VERMILION, path, sheet, text
from .reading import Reading

_LABEL, _STEP = 132.0, 31.0  # widest line of a label; distance of labels beside a ring
_SMALLEST, _DOT, _OUT = 74.0, 4.0, 11.0  # radius of a ring, of a dot; from the ring to a label
_GAP, _MARGIN, _HEAD, _FOOT, _WIDEST = 30.0, 26.0, 62.0, 44.0, 1590.0


@dataclass(frozen=True)
class Stop:
    """A variable on a ring: its dot, its label and the side of the dot on which the label stands.

    `letter` is the module of a variable of another module, else ''; `cut` marks the link that can be held.
    """

    key: str
    dot: Point
    lines: tuple[str, ...]
    label: Box
    anchor: str
    letter: str
    cut: bool


@dataclass(frozen=True)
class Ring:
    """A loop drawn: its centre and radius, its stops in order, and the words in its middle."""

    name: str
    loop: FeedbackLoop
    centre: Point
    radius: float
    stops: tuple[Stop, ...]
    inside: tuple[str, ...]
    room: Box


def family(reading: Reading, letter: str) -> dict[str, FeedbackLoop]:
    """Loops whose link lies in a module; where there are none, those that run through one of its stocks."""
    loops = reading.city.loops
    own = {name: loop for name, loop in loops.items() if reading.letter(normalised_name(loop.link)) == letter}
    if own:
        return own
    stocks = {key for key, variable in reading.variables.items() if variable.kind == "stock"}
    return {
        name: loop
        for name, loop in loops.items()
        if any(reading.letter(key) == letter for key in stocks & set(map(normalised_name, loop.variables)))
    }


def rings(reading: Reading, letter: str) -> list[Ring]:
    """The loops of a module as rings, the large first, in rows of a page."""
    bare = [_ring(reading, letter, name, loop) for name, loop in family(reading, letter).items()]
    left, top, deep = _MARGIN, _HEAD, 0.0
    placed = []
    for ring in sorted(bare, key=lambda ring: -ring.radius):
        wide, high = ring.room.right - ring.room.left, ring.room.bottom - ring.room.top
        if left > _MARGIN and left + wide + _MARGIN > _WIDEST:
            left, top, deep = _MARGIN, top + deep + _GAP, 0.0
        placed.append(_moved(ring, left - ring.room.left, top - ring.room.top))
        left, deep = left + wide + _GAP, max(deep, high)
    return placed


def _ring(reading: Reading, letter: str, name: str, loop: FeedbackLoop) -> Ring:
    """A ring around (0, 0): the first variable on top, the others down the right side and up the left."""
    keys = [normalised_name(variable) for variable in loop.variables]
    keys = list(dict.fromkeys(reading.folded.get(key, key) for key in keys))
    inside = wrapped(loop.en, 96 if len(keys) < 7 else 150)
    words = max(width(line) for line in inside)
    radius = max(_SMALLEST, (len(keys) // 2) * _STEP / 2 + 12, hypot(words / 2, (len(inside) + 2) * 8) + 14)
    link = normalised_name(loop.link)
    stops = []
    for place, (x, y) in enumerate(_dots(len(keys), radius)):
        key = keys[place]
        home = reading.letter(key)
        ghost = "" if home == letter else home
        words_of = reading.variables[key].name + (f" ({ghost})" if ghost else "")
        lines = tuple(wrapped(words_of, _LABEL))
        half = len(lines) * 7.0
        if abs(x) < 1:
            at, anchor = (0.0, y + (-1 if y < 0 else 1) * (half + _OUT - 2)), "middle"
            label = block(lines, at)
        else:
            side = 1 if x > 0 else -1
            long = max(map(width, lines))
            slope = y / radius
            height = y + slope * (half - 7)  # of two lines, the one nearer to the ring's middle stands at the dot
            inner = max(0.0, abs(height) - half)
            edge = side * max(abs(x) + _OUT, sqrt(max(0.0, radius * radius - inner * inner)) + 6)
            label = Box(min(edge, edge + side * long), height - half, max(edge, edge + side * long), height + half)
            anchor = "start" if side == 1 else "end"
        stops.append(Stop(key, (x, y), lines, label, anchor, ghost, key == link))
    across = [edge for stop in stops for edge in (stop.label.left, stop.label.right)] + [-radius, radius]
    down = [edge for stop in stops for edge in (stop.label.top, stop.label.bottom)] + [-radius, radius]
    room = Box(min(across), min(down), max(across), max(down))
    return Ring(name, loop, (0.0, 0.0), radius, tuple(stops), tuple(inside), room)


def _dots(count: int, radius: float) -> Iterator[Point]:
    """Places round a ring, clockwise from the top, whose heights on either side are evenly apart."""
    right = (count - 1 + 1) // 2 if count % 2 else count // 2 - 1
    left = count - 1 - right - (0 if count % 2 else 1)
    yield 0.0, -radius
    for number in range(right):
        y = _height(number, right, radius, count % 2 == 1)
        yield sqrt(radius * radius - y * y), y
    if count % 2 == 0:
        yield 0.0, radius
    for number in reversed(range(left)):
        y = _height(number, left, radius, count % 2 == 1)
        yield -sqrt(radius * radius - y * y), y


def _height(number: int, of: int, radius: float, open_below: bool) -> float:
    """Height of a dot on one side; without a dot at the bottom the lowest may stand nearer to it."""
    reach = 2 * radius / (of + (0.6 if open_below else 1))
    return -radius + reach * (number + 1)


def _moved(ring: Ring, right: float, down: float) -> Ring:
    def box(old: Box) -> Box:
        return Box(old.left + right, old.top + down, old.right + right, old.bottom + down)

    stops = tuple(
        replace(stop, dot=(stop.dot[0] + right, stop.dot[1] + down), label=box(stop.label)) for stop in ring.stops
    )
    return replace(ring, centre=(right, down), stops=stops, room=box(ring.room))


def loop_diagram(found: Sequence[Ring], title: str, description: str) -> str:
    """The SVG of a module's loops."""
    parts = [text([title], (_MARGIN, 28), "start", 18, 'font-weight="bold"')]
    for ring in found:
        parts += _drawn(ring)
    wide = max([ring.room.right for ring in found] + [720.0]) + _MARGIN
    high = max(ring.room.bottom for ring in found) + _FOOT
    parts += _legend(high - 18)
    return sheet((wide, high), title, description, parts)


def _drawn(ring: Ring) -> Iterator[str]:
    reinforcing = ring.loop.kind == "reinforcing"
    colour = BLUE if reinforcing else VERMILION
    x, y = ring.centre
    yield f'<g fill="none" stroke="{colour}" stroke-width="1.6" marker-end="url(#tip)">'
    for start, end in zip(ring.stops, [*ring.stops[1:], ring.stops[0]], strict=True):
        yield _arc(ring, start.dot, end.dot)
    yield "</g>"
    high = (len(ring.inside) * 14 + 26) / 2
    yield text([ring.name], (x, y - high + 12), size=22, style='font-weight="bold"', colour=colour)
    yield text(ring.inside, (x, y + 15))
    for stop in ring.stops:
        yield _stop(stop, colour)


def _arc(ring: Ring, start: Point, end: Point) -> str:
    """The part of the ring from one dot to the next, clockwise, clear of both dots."""
    (x, y), radius = ring.centre, ring.radius
    first = atan2(start[1] - y, start[0] - x) + 7 / radius
    last = atan2(end[1] - y, end[0] - x) - 7 / radius
    while last < first:
        last += 2 * pi
    a, b = ((x + radius * cos(turn), y + radius * sin(turn)) for turn in (first, last))
    long = 1 if last - first > pi else 0
    return f'<path d="M{a[0]:.1f} {a[1]:.1f}A{radius:.1f} {radius:.1f} 0 {long} 1 {b[0]:.1f} {b[1]:.1f}"/>'


def _stop(stop: Stop, colour: str) -> str:
    x, y = stop.dot
    at = {"middle": stop.label.middle[0], "start": stop.label.left, "end": stop.label.right}[stop.anchor]
    ghost = bool(stop.letter)
    style = " ".join(filter(None, ('font-style="italic"' * ghost, 'font-weight="bold"' * stop.cut)))
    words = text(stop.lines, (at, stop.label.middle[1]), stop.anchor, SIZE, style, GREY if ghost else INK)
    if stop.cut:
        return path([(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], f'fill="{ORANGE}" stroke="{INK}"', True) + words
    look = f'r="{_DOT:g}" fill="{PAPER if ghost else colour}" stroke="{colour}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" {look}/>{words}'


def _legend(y: float) -> Iterator[str]:
    x = _MARGIN + 7
    yield path([(x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)], f'fill="{ORANGE}" stroke="{INK}"', True)
    said = "link where the loop can be cut"
    yield text([said], (x + 14, y), "start", 11)
    x += 14 + width(said, 11) + 24
    yield text(["name (B)"], (x, y), "start", 11, 'font-style="italic"', GREY)
    x += width("name (B)", 11) + 8
    said = "variable of module B"
    yield text([said], (x, y), "start", 11)
    x += width(said, 11) + 24
    yield text(["R: reinforcing, B: balancing; arrows go from cause to effect"], (x, y), "start", 11)

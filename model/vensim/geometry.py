"""What a drawing measures by: boxes, the width of words, and arrows that bend around what stands in their way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

Point = tuple[float, float]

SIZE, LINE = 12.0, 14.0  # of labels, in pixels
NARROW, WIDE = "fijlrt .,:;-()'", "mwMWGOQCDHNRU"


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the top left of the sheet."""

    left: float
    top: float
    right: float
    bottom: float

    def grown(self, by: float) -> Box:
        """The box with a margin around it."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def holds(self, point: Point) -> bool:
        """Whether a point lies inside."""
        return self.left < point[0] < self.right and self.top < point[1] < self.bottom

    def overlaps(self, other: Box) -> bool:
        """Whether two boxes share ground; touching is not overlapping."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    @property
    def middle(self) -> Point:
        """The centre."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def width(text: str, size: float = SIZE) -> float:
    """Width of a text, a little above that of Helvetica, so that a wider fallback font still fits."""
    ems = sum(0.32 if letter in NARROW else 0.84 if letter in WIDE else 0.585 for letter in text)
    return ems * size


def wrapped(text: str, widest: float, size: float = SIZE) -> list[str]:
    """A text in as few lines as fit, none much longer than the others; a word too long stands alone."""
    few = len(_filled(text, widest, size))
    while len(_filled(text, widest - 4, size)) == few and widest > 40:
        widest -= 4
    return _filled(text, widest, size)


def _filled(text: str, widest: float, size: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and width(f"{lines[-1]} {word}", size) <= widest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def block(lines: Sequence[str], middle: Point, size: float = SIZE) -> Box:
    """The box that centred lines of text fill."""
    half, high = max((width(line, size) for line in lines), default=0.0) / 2, len(lines) * LINE * size / SIZE / 2
    return Box(middle[0] - half, middle[1] - high, middle[0] + half, middle[1] + high)


Curve = tuple[Point, Point, Point]


class Arrows:
    """Curved arrows drawn one after another, each by the bend that runs over least: walls, or arrows drawn before."""

    def __init__(self, walls: Iterable[tuple[Box, int]]) -> None:
        self.walls = list(walls)
        self.traces: dict[tuple[int, int], int] = {}

    def bent(self, starts: Sequence[Box], ends: Sequence[Box], bends: Sequence[float]) -> Curve:
        """The same as a quadratic curve: its start, the point it is drawn to, its end."""
        found: list[tuple[float, int, Curve]] = []
        for start, end, bend in product(starts, ends, bends):
            curve = _clipped(_curve(start.middle, end.middle, bend), start.grown(1), end.grown(3))
            found.append((self._toll(curve) + 60 * abs(abs(bend) - _usual(start, end)), len(found), curve))
        best = min(found)[2]
        for point in _points(best):
            self.traces[_spot(point)] = self.traces.get(_spot(point), 0) + 1
        return best

    def _toll(self, curve: Curve) -> int:
        points = _points(curve)
        near = [(wall, price) for wall, price in self.walls if wall.overlaps(_hull(curve))]
        over = sum(price for wall, price in near for point in points if wall.holds(point))
        return over + _BESIDE * sum(self.traces.get(_spot(point), 0) for point in points)


_STEP, _BESIDE = 7, 12  # pixels between points of a curve; price of a point where another arrow runs


def _usual(start: Box, end: Box) -> float:
    """The bend an arrow has if nothing is in its way: none where it runs along the rows or columns."""
    aligned = any(abs(a - b) < 2 for a, b in zip(start.middle, end.middle, strict=True))
    return 0.0 if aligned else 0.1


def _spot(point: Point) -> tuple[int, int]:
    return int(point[0] // _STEP), int(point[1] // _STEP)


def _hull(curve: Curve) -> Box:
    across, down = ([point[axis] for point in curve] for axis in (0, 1))
    return Box(min(across) - 1, min(down) - 1, max(across) + 1, max(down) + 1)


def _curve(start: Point, end: Point, bend: float) -> Curve:
    """A quadratic curve whose middle lies off the straight line by half of `bend` times its length."""
    across, down = end[0] - start[0], end[1] - start[1]
    middle = ((start[0] + end[0]) / 2 + down * bend, (start[1] + end[1]) / 2 - across * bend)
    return start, middle, end


def _point(curve: Curve, part: float) -> Point:
    a, b, c = (1 - part) ** 2, 2 * part * (1 - part), part * part
    (x0, y0), (x1, y1), (x2, y2) = curve
    return a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2


def _points(curve: Curve) -> list[Point]:
    """Points along a curve, about a step from one another."""
    steps = max(6, int(sqrt((curve[2][0] - curve[0][0]) ** 2 + (curve[2][1] - curve[0][1]) ** 2) / _STEP))
    return [_point(curve, step / steps) for step in range(1, steps)]


def _clipped(curve: Curve, start: Box, end: Box) -> Curve:
    """The part of a curve between two boxes."""
    steps = 80
    first = next((n for n in range(steps) if not start.holds(_point(curve, n / steps))), 0) / steps
    last = next((n for n in range(steps, 0, -1) if not end.holds(_point(curve, n / steps))), steps) / steps
    if last <= first:
        return curve
    a, b = _point(curve, first), _point(curve, last)
    weights = (1 - first) * (1 - last), first * (1 - last) + last * (1 - first), first * last
    across, down = (sum(w * point[axis] for w, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return a, (across, down), b

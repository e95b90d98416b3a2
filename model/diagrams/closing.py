"""Ground on which nothing shown stands is closed up: things keep their order along an axis, and a gap to those beside.

What has the same anchor moves together, so that rows and columns stay straight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

_BESIDE = 8.0  # how near the sides of two things may pass each other without keeping a gap


@dataclass(frozen=True)
class Span:
    """The ground of a thing: the anchor with which it moves, its ends along the axis, its ends across."""

    anchor: float
    along: tuple[float, float]
    across: tuple[float, float]


def closed(spans: Sequence[Span], start: float, gap: float) -> dict[float, float]:
    """Where each anchor goes, the first thing to `start`: halfway between its nearest and its farthest place."""
    before: dict[float, list[tuple[float, float]]] = defaultdict(list)
    after: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for a, b in combinations(sorted(spans, key=lambda span: span.anchor), 2):
        if a.anchor < b.anchor and a.across[0] < b.across[1] + _BESIDE and b.across[0] < a.across[1] + _BESIDE:
            apart = min(b.anchor - a.anchor, a.along[1] - a.anchor + gap + b.anchor - b.along[0])
            before[b.anchor].append((a.anchor, apart))
            after[a.anchor].append((b.anchor, apart))
    anchors = sorted({span.anchor for span in spans})
    left = {at: max(span.anchor - span.along[0] for span in spans if span.anchor == at) for at in anchors}
    right = {at: max(span.along[1] - span.anchor for span in spans if span.anchor == at) for at in anchors}
    near: dict[float, float] = {}
    for at in anchors:
        near[at] = max([start + left[at], *near.values(), *(near[other] + apart for other, apart in before[at])])
    end = max(near[at] + right[at] for at in anchors)
    far: dict[float, float] = {}
    for at in reversed(anchors):
        far[at] = min([end - right[at], *far.values(), *(far[other] - apart for other, apart in after[at])])
    return {at: (near[at] + far[at]) / 2 for at in anchors}


def joined(places: Iterable[float], bands: Iterable[tuple[float, float]]) -> dict[float, float]:
    """The anchor of each place: the beginning of the bands, first and last place, that it stands in, or else itself."""
    whole: list[list[float]] = []
    for first, last in sorted(bands):
        if whole and first <= whole[-1][1]:
            whole[-1][1] = max(whole[-1][1], last)
        else:
            whole.append([first, last])
    return {at: next((first for first, last in whole if first <= at <= last), at) for at in places}

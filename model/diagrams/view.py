"""What a module's diagram shows: words of its view in the model file's drawing, their places, what joins them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from innovation.model.vensim.geometry import Box, Point

from .reading import AUXILIARY, FLOW, STOCK, Reading


@dataclass(frozen=True)
class DiagramNode:
    """A word shown. `kind`: 'stock', 'flow' or 'auxiliary'; `role`: 'lever', 'assumption' or ''.

    `letter` is the module of a ghost, a variable of another module, else ''; there is one for each reader.

    `box` is the ground of a stock, and of all else that of its name, in pixels; `valve` the middle of a flow's valve.
    """

    key: str
    kind: str
    text: str
    role: str
    letter: str
    array: bool
    box: Box
    valve: Point | None = None


@dataclass(frozen=True)
class DiagramPipe:
    """A flow with the stocks at its ends, by number, or the middles of clouds."""

    flow: int
    source: int | Point
    target: int | Point


@dataclass(frozen=True)
class DiagramView:
    """What is drawn of a module: nodes by number, ghosts last; links go from what is read to what reads it."""

    nodes: dict[int, DiagramNode]
    pipes: tuple[DiagramPipe, ...]
    links: tuple[tuple[int, int], ...]


def view_of(reading: Reading, letter: str) -> DiagramView:
    """What the model file's drawing has of a module, without what is not worth drawing."""
    return _Picked(reading, letter).view()


class _Picked:
    """A view on its way from the drawing to a diagram."""

    def __init__(self, reading: Reading, letter: str) -> None:
        self.reading, self.letter, self.drawn = reading, letter, reading.drawing[letter]
        self.places = {one.number: one for one in self.drawn.objects}
        self.valves = {word.number: self.places[valve] for valve, word in self.drawn.valves.items()}

    def _name(self, number: int) -> str:
        """The variable that a word shows, the same for `free X` and X; '' where the model has none of that name."""
        word = self.drawn.words.get(number) or self.drawn.valves.get(number)
        key = self.reading.folded.get(word.key, word.key) if word else ""
        return key if key in self.reading.variables else ""

    @cached_property
    def own(self) -> dict[str, int]:
        """The word of each variable of the module that is shown: of X and `free X` the stock, or else X."""
        found: dict[str, tuple[bool, bool, int]] = {}
        for number, word in self.drawn.words.items():
            name = self._name(number)
            if word.itself and name and self.reading.shown(name):
                free = self.reading.variables[word.key].kind == STOCK
                found[name] = max(found.get(name, (False, False, 0)), (free, word.key == name, number))
        return {name: number for name, (_, _, number) in found.items()}

    @cached_property
    def ghosts(self) -> dict[tuple[str, str], int]:
        """The shadow of a variable that stands with a reader, by both names."""
        ends = {one.ends for one in self.drawn.arrows if one.ends[0] in self.drawn.words}
        return {
            (self._name(start), self._name(end)): start
            for start, end in sorted(ends)
            if not self.drawn.words[start].itself
        }

    def view(self) -> DiagramView:
        pipes = list(self._pipes())
        piped = {(self._name(pipe.flow), end) for pipe in pipes for end in (pipe.source, pipe.target)}
        nodes = {number: self._node(number, pipes) for number in self.own.values()}
        links = []
        for name, number in self.own.items():
            for source in filter(self.reading.shown, self.reading.reads(name)):
                start = self.own.get(source) or self.ghosts.get((source, name))
                if start and (source, number) not in piped:
                    links.append((start, number))
        for number in dict.fromkeys(start for start, _ in links if start not in nodes):
            nodes[number] = self._node(number, pipes)
        return DiagramView(nodes, tuple(pipes), tuple(links))

    def _pipes(self) -> Iterator[DiagramPipe]:
        """Pipes of the flows shown, each drawn in two halves from its valve."""
        halves: dict[int, dict[bool, int]] = {}
        for one in self.drawn.arrows:
            if one.ends[0] in self.drawn.valves:
                halves.setdefault(self.drawn.valves[one.ends[0]].number, {})[one.leaves] = one.ends[1]
        for flow, ends in halves.items():
            if flow in self.own.values() and len(ends) == 2:
                yield DiagramPipe(flow, self._end(ends[True]), self._end(ends[False]))

    def _end(self, number: int) -> int | Point:
        return number if number in self.own.values() else self.places[number].box.middle

    def _node(self, number: int, pipes: Iterable[DiagramPipe]) -> DiagramNode:
        name, word = self._name(number), self.drawn.words[number]
        variable, home = self.reading.variables[name], self.reading.letter(name)
        stock = STOCK in (variable.kind, self.reading.variables[word.key].kind)
        flow = any(pipe.flow == number for pipe in pipes)
        kind = FLOW if flow else STOCK if stock else AUXILIARY
        letter = "" if home == self.letter and word.itself else home
        valve = self.valves[number].box.middle if flow else None
        return DiagramNode(
            name, kind, variable.name, self.reading.role(name), letter, bool(variable.dims), word.box, valve
        )

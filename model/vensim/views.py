"""What stands where in the drawing of a module: its elements on the grid of the diagrams, what only they read beside.

A cell of the grid holds an auxiliary, a stock, or the valves that stand between two stocks, one above the other; above
and below each stand the constants that nothing else in the module reads and shadows of other modules' variables.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from innovation.engine.ir import Call, Expression, Reference, Stock, Structure, children, normalised_name

from .geometry import Arrows, Box, Point, block, wrapped
from .placing import Cell, FlowPipe, places
from .written import Written

STOCK, FLOW, AUXILIARY = "stock", "flow", "auxiliary"

TIME = "Time"
_LABEL, _PAD = 104.0, 4.0  # widest line of a label; around it
_VALVE, _CLOUD, _REACH = 8.0, 62.0, 12.0  # half a valve's height; from a valve to its cloud; half a cloud
_GAP, _ROW, _MARGIN = 16.0, 26.0, 60.0  # between things beside each other; above each other; around the sheet
_AISLE = 9.0  # half of what is left free above and below a word
_STOCK_WIDTH, _STOCK_HEIGHT = 40.0, 20.0  # halves of the smallest box
_BENDS = (0.0, 0.15, -0.15, 0.3, -0.3, 0.5, -0.5)
_BESIDE_PIPE = (0.5, -0.5, 0.8, -0.8)
_EDGES = (Box(-1e4, -1e4, 20, 1e4), Box(-1e4, -1e4, 1e4, 20))  # of the sheet, left and on top
_STRAIGHT = 3.0  # how far the middle of an arrow may lie off the line


@dataclass(frozen=True)
class SheetName:
    """A name on the sheet, in pixels: `shape` is 'stock', 'flow' (its name stands under a valve) or 'auxiliary'.

    `shadow` marks what is defined in another module. `valve` is the place of a flow's valve.
    """

    name: str
    shape: str
    box: Box
    shadow: bool = False
    valve: Point | None = None


@dataclass(frozen=True)
class Arrow:
    """A cause: the places of two words in the list of words, and the point that the arrow runs through."""

    start: int
    end: int
    through: Point
    bent: bool = False


@dataclass(frozen=True)
class Flow:
    """A pipe: the places of the flow's word and of the stocks at its ends, None for a cloud."""

    flow: int
    source: int | None
    target: int | None


@dataclass(frozen=True)
class Sheet:
    """The drawing of one module."""

    title: str
    words: tuple[SheetName, ...]
    flows: tuple[Flow, ...]
    arrows: tuple[Arrow, ...]


def sheets(written: Written, structure: Structure) -> Iterator[Sheet]:
    """A sheet for each group of the file that has variables, in its order."""
    causes = {key: causes_of(written, key) for key in written.defined}
    groups: dict[str, list[str]] = defaultdict(list)
    for key, equations in written.defined.items():
        groups[equations[0].element.group].append(key)
    for group, own in groups.items():
        yield _Module(written, structure, causes, own).sheet(group)


def causes_of(written: Written, key: str) -> list[str]:
    """Keys of what a variable reads, in the order of reading; itself is left out."""
    read = [
        normalised_name(name)
        for equation in written.defined[key]
        for name in (*equation.names, *(call.name for call in equation.calls))
    ]
    known = {*written.defined, normalised_name(TIME)}
    return [name for name in dict.fromkeys(read) if name in known and name != key]


@dataclass(frozen=True)
class _Bit:
    """A word with its centre relative to that of its cell, and that of its valve."""

    key: str
    word: SheetName
    owner: str


class _Module:
    """One module on its way to a sheet."""

    def __init__(
        self, written: Written, structure: Structure, causes: Mapping[str, list[str]], own: Sequence[str]
    ) -> None:
        self.names = {key: equations[0].name for key, equations in written.defined.items()}
        self.names[normalised_name(TIME)] = TIME
        self.own, self.causes = dict.fromkeys(own), causes
        self.stocks = {key for key in own if structure.variables[key].kind == STOCK}
        self.pipes = {pipe.flow: pipe for pipe in self._pipes(structure)}
        readers: dict[str, list[str]] = defaultdict(list)
        for key in own:
            for cause in causes[key]:
                readers[cause].append(key)
        self.beside: dict[str, list[str]] = defaultdict(list)  # by reader: what stands with it
        self.leaning: set[str] = set()
        for key in own:
            for cause in causes[key]:
                alone = not causes.get(cause) and len(readers[cause]) == 1 and cause not in self.pipes
                if cause not in self.own or alone:
                    self.beside[key].append(cause)
                    self.leaning |= {cause} & set(own)
        self.leader = self._bundles()
        self.bundle: dict[str, list[str]] = defaultdict(list)
        for key in own:
            if key not in self.leaning:
                self.bundle[self.leader.get(key, key)].append(key)

    def _pipes(self, structure: Structure) -> Iterator[FlowPipe]:
        """Flows of this module beside stocks of it; a further stock that a flow enters reads it by an arrow."""
        ends: dict[str, dict[int, str]] = {}
        for stock in self.own:
            if stock not in self.stocks:
                continue
            rates = [piece.rule.rate for piece in structure.variables[stock].pieces if isinstance(piece.rule, Stock)]
            terms = list(dict.fromkeys(term for rate in rates for term in signed_terms(rate)))
            for name, sign in terms:
                both = (name, -sign) in terms
                if name in self.own and name not in self.stocks and not both:
                    ends.setdefault(name, {}).setdefault(sign, stock)
        return (FlowPipe(flow, end.get(-1), end.get(1)) for flow, end in ends.items())

    def _bundles(self) -> dict[str, str]:
        """Flows that stand in one cell with another, by name: those beside the same stock or between the same two."""
        leader: dict[str, str] = {}
        between: dict[tuple[str, str], str] = {}
        side: dict[tuple[str, int], str] = {}
        for flow, pipe in self.pipes.items():
            if pipe.source and pipe.target:
                leader[flow] = between.setdefault((pipe.source, pipe.target), flow)
                side.setdefault((pipe.source, 1), leader[flow])
                side.setdefault((pipe.target, -1), leader[flow])
        for flow, pipe in self.pipes.items():
            if not (pipe.source and pipe.target):
                at = (pipe.source, 1) if pipe.source else (pipe.target or "", -1)
                leader[flow] = side.setdefault(at, flow)
        return leader

    def _kind(self, key: str) -> str:
        return FLOW if key in self.pipes else STOCK if key in self.stocks else AUXILIARY

    def _places(self) -> dict[str, Cell]:
        """The cells, by their leaders."""
        lead = {key: leader for leader, keys in self.bundle.items() for key in keys}
        links: dict[tuple[str, str], None] = {}
        for key in lead:
            for cause in self.causes[key]:
                if cause in lead and lead[cause] != lead[key]:
                    links[lead[cause], lead[key]] = None
        pipes = [pipe for flow, pipe in self.pipes.items() if flow in self.bundle]
        joined = {(a, b) for p in pipes for a, b in ((p.source, p.flow), (p.flow, p.target))}
        return places(list(self.bundle), pipes, [link for link in links if link not in joined])

    def sheet(self, title: str) -> Sheet:
        """The module drawn."""
        cells = self._places()
        drawn = {leader: self._cell(leader) for leader in self.bundle if leader in self.pipes}
        drawn |= {leader: self._cell(leader, tall) for leader, tall in self._tall(drawn, cells).items()}
        bits = _on_sheet(drawn, cells)
        index = {bit.key: place for place, bit in enumerate(bits) if not bit.word.shadow}
        words = tuple(bit.word for bit in bits)
        flows = tuple(
            Flow(index[p.flow], index[p.source] if p.source else None, index[p.target] if p.target else None)
            for p in self.pipes.values()
        )
        return Sheet(title, words, flows, tuple(self._arrows(bits, index)))

    def _tall(self, drawn: Mapping[str, list[_Bit]], cells: Mapping[str, Cell]) -> dict[str, float]:
        """Half the height of every stock, so that the valves in its row stand at its side; 0 for auxiliaries."""
        tall = dict.fromkeys((leader for leader in self.bundle if leader not in self.pipes), 0.0)
        for flow, pipe in self.pipes.items():
            leader = self.leader[flow]
            valves = [bit.word.valve for bit in drawn[leader] if bit.key == flow and bit.word.valve]
            for stock in filter(None, (pipe.source, pipe.target)):
                if cells[stock][0] == cells[leader][0]:
                    tall[stock] = max(tall[stock], *(abs(y) + _REACH for _, y in valves))
        return tall

    def _cell(self, leader: str, tall: float = 0.0) -> list[_Bit]:
        """A cell's words around its middle: members one above the other, each with what stands beside it."""
        stacks = [self._stack(key, tall) for key in self.bundle[leader]]
        high = sum(_hull(stack).bottom - _hull(stack).top for stack in stacks) + _ROW * (len(stacks) - 1)
        found, top = [], -high / 2
        if len(stacks) == 1:
            top = _hull(stacks[0]).top  # one member stands in the middle, whatever is above it
        for stack in stacks:
            found += [_moved(bit, 0, top - _hull(stack).top) for bit in stack]
            top += _hull(stack).bottom - _hull(stack).top + _ROW
        return found

    def _stack(self, key: str, tall: float) -> list[_Bit]:
        """A member around (0, 0), with a row of words above it and one below; arrows pass between their halves."""
        main = self._word(key, tall)
        around = self.beside[key]
        above, below = around[: (len(around) + 1) // 2], around[(len(around) + 1) // 2 :]
        top = min(main.box.top, -_VALVE if main.valve else 0.0)
        found = [_Bit(key, main, key)]
        for row, edge, way in ((above, top, -1), (below, main.box.bottom, 1)):
            words = [(cause, self._leaf(cause)) for cause in row]
            deep = max((word.box.bottom for _, word in words), default=0.0)
            ends = {1: _AISLE, -1: -_AISLE}
            for place, (cause, word) in enumerate(words):
                side = way if place % 2 else -way
                long = side * (word.box.right - word.box.left)
                across = ends[side] + long / 2
                found.append(_moved(_Bit(cause, word, key), across, edge + way * (_ROW + deep)))
                ends[side] += long + side * _GAP
        return found

    def _leaf(self, cause: str) -> SheetName:
        shadow = cause not in self.own
        lines = wrapped(f"<{self.names[cause]}>" if shadow else self.names[cause], _LABEL)
        return SheetName(self.names[cause], AUXILIARY, block(lines, (0.0, 0.0)).grown(_PAD), shadow)

    def _word(self, key: str, tall: float) -> SheetName:
        """A member's own word around (0, 0), or under a valve there."""
        kind, label = self._kind(key), block(wrapped(self.names[key], _LABEL), (0.0, 0.0)).grown(_PAD)
        if kind == STOCK:
            half = max(_STOCK_WIDTH, label.right + _PAD), max(_STOCK_HEIGHT, tall, label.bottom + _PAD)
            label = Box(-half[0], -half[1], half[0], half[1])
        if kind == FLOW:
            return SheetName(self.names[key], kind, _shifted(label, 0, _VALVE + label.bottom), valve=(0.0, 0.0))
        return SheetName(self.names[key], kind, label)

    def _arrows(self, bits: Sequence[_Bit], index: Mapping[str, int]) -> Iterator[Arrow]:
        """Every cause that no pipe shows: those beside straight, the others by the bend that runs over least."""
        walls = [(bit.word.box.grown(2), 100) for bit in bits]
        walls += [(_about(bit.word.valve, _VALVE + 2), 100) for bit in bits if bit.word.valve]
        drawing = Arrows([*walls, *((edge, 200) for edge in _EDGES)])
        far: list[tuple[float, int, int]] = []
        for place, bit in enumerate(bits):
            if bit.key != bit.owner:
                end = index[bit.owner]
                yield Arrow(place, end, _middle(bit.word.box.middle, _entry(bits[end].word, bit.word)))
            else:
                for cause in self.causes[bit.key]:
                    if cause in index and cause not in self.beside[bit.key] and not self._piped(cause, bit.key):
                        start = index[cause]
                        far.append((_distance(bits[start].word, bit.word), start, place))
        for _, start, end in sorted(far):
            boxes = bits[start].word.box, _target(bits[end].word, bits[start].word)
            beside = self._piped(bits[end].key, bits[start].key)
            first, bend, last = drawing.bent(boxes[:1], boxes[1:], _BESIDE_PIPE if beside else _BENDS)
            straight = _middle(first, last)
            through = _middle(straight, bend)
            bent = abs(through[0] - straight[0]) + abs(through[1] - straight[1]) > _STRAIGHT
            yield Arrow(start, end, through if bent else straight, bent)

    def _piped(self, cause: str, key: str) -> bool:
        """Whether a pipe joins a flow to a stock that reads it."""
        pipe = self.pipes.get(cause)
        return pipe is not None and key in (pipe.source, pipe.target)


def _on_sheet(drawn: Mapping[str, list[_Bit]], cells: Mapping[str, Cell]) -> list[_Bit]:
    """All words with their places on the sheet."""
    reach = {leader: _hull(bits) for leader, bits in drawn.items()}
    left: dict[int, float] = defaultdict(float)
    right: dict[int, float] = defaultdict(float)
    above: dict[int, float] = defaultdict(float)
    below: dict[int, float] = defaultdict(float)
    for leader, (row, column) in cells.items():
        box = reach[leader]
        left[column], right[column] = max(left[column], -box.left), max(right[column], box.right)
        above[row], below[row] = max(above[row], -box.top), max(below[row], box.bottom)
    across, down = _centres(left, right), _centres(above, below)
    return [_moved(bit, across[column], down[row]) for leader, (row, column) in cells.items() for bit in drawn[leader]]


def _centres(before: Mapping[int, float], after: Mapping[int, float]) -> dict[int, float]:
    found, edge = {}, _MARGIN
    for number in sorted(before):
        found[number] = edge + before[number]
        edge = found[number] + after[number] + _ROW
    return found


def _hull(bits: Iterable[_Bit]) -> Box:
    """The box around words, their valves and the clouds that may stand beside these."""
    boxes = []
    for bit in bits:
        boxes.append(bit.word.box)
        if bit.word.valve:
            x, y = bit.word.valve
            boxes.append(Box(x - _CLOUD - _REACH, y - _REACH, x + _CLOUD + _REACH, y + _REACH))
    return Box(
        min(b.left for b in boxes), min(b.top for b in boxes), max(b.right for b in boxes), max(b.bottom for b in boxes)
    )


def _moved(bit: _Bit, across: float, down: float) -> _Bit:
    word = bit.word
    valve = (word.valve[0] + across, word.valve[1] + down) if word.valve else None
    return replace(bit, word=replace(word, box=_shifted(word.box, across, down), valve=valve))


def _shifted(box: Box, across: float, down: float) -> Box:
    return Box(box.left + across, box.top + down, box.right + across, box.bottom + down)


def _about(point: Point, half: float) -> Box:
    return Box(point[0] - half, point[1] - half, point[0] + half, point[1] + half)


def _middle(a: Point, b: Point) -> Point:
    return (a[0] + b[0]) / 2, (a[1] + b[1]) / 2


def enters_valve(word: SheetName, start: SheetName) -> bool:
    """Whether an arrow ends at a flow's valve; from below it ends at the name, which stands there."""
    return word.valve is not None and start.box.middle[1] <= word.box.bottom


def _target(word: SheetName, start: SheetName) -> Box:
    return _about(word.valve, _VALVE) if word.valve and enters_valve(word, start) else word.box


def _entry(word: SheetName, start: SheetName) -> Point:
    return _target(word, start).middle


def _distance(a: SheetName, b: SheetName) -> float:
    return abs(a.box.middle[0] - b.box.middle[0]) + abs(a.box.middle[1] - b.box.middle[1])


def signed_terms(rate: Expression, sign: int = 1) -> Iterator[tuple[str, int]]:
    """Plain references that a rate adds (1) or takes away (-1)."""
    if isinstance(rate, Reference):
        yield rate.name, sign
    function = rate.function if isinstance(rate, Call) else ""
    for place, part in enumerate(children(rate) if function in ("+", "-", "negative") else ()):
        minus = function == "negative" or (function == "-" and place == 1)
        yield from signed_terms(part, -sign if minus else sign)

"""Where things go in a view: cells of a grid, by exchanges that shorten links and keep them off other things.

Whole numbers and a fixed sequence of trials: the same module gives the same places on every machine.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt

Cell = tuple[int, int]  # row, column

WIDEST = 11  # columns
CELL_WIDTH, CELL_HEIGHT = 128, 84  # how far apart cells count as being, in pixels
_COVERED, _CROSSED, _BACKWARD, _OUTWARD = 600, 20, 25, 3  # prices, in pixels of link
_STRIDE = 64  # more than the rows or columns of any board
_STARTS, _TRIALS = 400, 130  # boards begun times blocks, of which one is gone on with; trials a block and board


@dataclass(frozen=True)
class FlowPipe:
    """A flow with the stocks at its ends; None is a cloud."""

    flow: str
    source: str | None
    target: str | None


@dataclass(frozen=True)
class Block:
    """Things that move together: a chain of stocks and flows, or one auxiliary; cells are relative to the first."""

    cells: Mapping[str, Cell]


def places(names: Sequence[str], pipes: Sequence[FlowPipe], links: Sequence[tuple[str, str]]) -> dict[str, Cell]:
    """Good cells for things, their pipes and their links; the smallest row and column are 0."""
    chained = _chains(names, pipes)
    inside = {name for block in chained for name in block.cells}
    blocks = [*chained, *(Block({name: (0, 0)}) for name in names if name not in inside)]
    boards = [_Board(links, blocks, start) for start in range(min(14, max(8, _STARTS // len(blocks))))]
    for board in boards:
        board.improve(_TRIALS, 120)
    best = min(boards, key=lambda board: board.price)
    best.improve(_TRIALS * 4, 90)
    return _pressed(best.at)


def _pressed(found: Mapping[str, Cell]) -> dict[str, Cell]:
    """The same without empty rows and columns."""
    rows, columns = ({cell[axis] for cell in found.values()} for axis in (0, 1))
    return {name: (sorted(rows).index(row), sorted(columns).index(column)) for name, (row, column) in found.items()}


def _chains(names: Sequence[str], pipes: Sequence[FlowPipe]) -> list[Block]:
    """Stocks in a row with their flows between them, from left to right; further flows stand above and below."""
    into: dict[str, list[FlowPipe]] = defaultdict(list)
    out: dict[str, list[FlowPipe]] = defaultdict(list)
    for pipe in pipes:
        if pipe.target:
            into[pipe.target].append(pipe)
        if pipe.source:
            out[pipe.source].append(pipe)
    blocks = []
    placed: set[str] = set()
    stocks = [name for name in names if name in into or name in out]
    for stock in sorted(stocks, key=lambda name: any(pipe.source for pipe in into[name])):
        if stock not in placed:
            cells: dict[str, Cell] = {}
            _lay(stock, (0, 0), into, out, cells)
            placed |= set(cells)
            blocks.append(Block(cells))
    return blocks


def _lay(
    stock: str,
    cell: Cell,
    into: Mapping[str, list[FlowPipe]],
    out: Mapping[str, list[FlowPipe]],
    cells: dict[str, Cell],
) -> None:
    """Put a stock at a cell, its flows beside it, and what they lead to further on."""
    cells[stock] = cell
    row, column = cell
    for side, pipes in ((1, out.get(stock, [])), (-1, into.get(stock, []))):
        ends = [(pipe, pipe.target if side == 1 else pipe.source) for pipe in pipes if pipe.flow not in cells]
        for pipe, end in sorted(ends, key=lambda found: found[1] is None):
            taken = set(cells.values())
            reach = (1, 2) if end and end not in cells else (1,)
            for step in (0, 1, -1, 2, -2, 3, -3, 4, -4):
                free = [(row + step, column + side * far) for far in reach]
                if not taken & set(free):
                    break
            cells[pipe.flow] = free[0]
            if end and end not in cells:
                _lay(end, free[1], into, out, cells)


def _between(rows: int, columns: int) -> tuple[Cell, ...]:
    """Cells that a straight line from (0, 0) to (rows, columns) runs over on its way."""
    steps = 4 * max(abs(rows), abs(columns))
    run: dict[Cell, None] = {}
    for step in range(1, steps):
        # The nearest cell to the point of the line, where the line passes through its inner part.
        row, row_off = _nearest(rows * step, steps)
        column, column_off = _nearest(columns * step, steps)
        if row_off * 20 <= steps * 7 and column_off * 20 <= steps * 8:
            run[row, column] = None
    return tuple(cell for cell in run if cell not in ((0, 0), (rows, columns)))


def _nearest(part: int, whole: int) -> tuple[int, int]:
    near = (2 * part + whole) // (2 * whole)
    return near, abs(part - near * whole)


def _length(rows: int, columns: int) -> int:
    far = isqrt((rows * CELL_HEIGHT) ** 2 + (columns * CELL_WIDTH) ** 2)
    return far + far * far // 900 + (_BACKWARD if columns < 0 else 0)


class _Board:
    """Blocks on a grid, with the running price of where they stand."""

    def __init__(self, links: Sequence[tuple[str, str]], blocks: Sequence[Block], start: int) -> None:
        self.blocks = blocks
        self.block_of = {name: number for number, block in enumerate(blocks) for name in block.cells}
        self.links: dict[int, list[tuple[str, str]]] = defaultdict(list)
        self.all_links = links
        for a, b in self.all_links:
            for number in dict.fromkeys((self.block_of[a], self.block_of[b])):
                self.links[number].append((a, b))
        self.outward = {  # links of a block to others, its own end first
            number: [(a, b) if self.block_of[a] == number else (b, a) for a, b in links]
            for number, links in (
                (n, [link for link in self.links[n] if self.block_of[link[0]] != self.block_of[link[1]]])
                for n in range(len(blocks))
            )
        }
        self.at: dict[str, Cell] = {}
        self.thing: dict[Cell, str] = {}
        self.lines: dict[Cell, tuple[int, tuple[int, ...]]] = {}
        self.through = [0] * (_STRIDE * _STRIDE)  # links over each cell, row by row
        self.filled = [False] * (_STRIDE * _STRIDE)
        self.price = 0
        widest = max(self._span(block, 1) for block in blocks)
        count = sum(len(block.cells) for block in blocks)
        self.columns = max(widest, min(WIDEST, isqrt(count * 2) + 1 + start % 3))
        tall = sum(self._span(block, 0) * self._span(block, 1) for block in blocks)
        self.rows = max(3, -(-tall * 17 // (10 * self.columns)))
        self.chance = random.Random(start)
        self._start()
        for a, b in self.all_links:
            self._draw(a, b, 1)
        self.price += sum(self._depth(name) for name in self.at)

    @staticmethod
    def _span(block: Block, axis: int) -> int:
        along = [cell[axis] for cell in block.cells.values()]
        return max(along) - min(along) + 1

    def improve(self, each: int, slack: int) -> None:
        """Try `each` exchanges a block, at first also some that cost up to `slack`; keep the best places found."""
        trials = each * len(self.blocks)
        best, places = self.price, dict(self.at)
        for trial in range(trials):
            number = int(self.chance.random() * len(self.blocks))
            self._try(number, self._aim(number), max(0, slack - slack * 5 * trial // (trials * 4)))
            if self.price < best:
                best, places = self.price, dict(self.at)
        self._shift(places, self.all_links)

    def _start(self) -> None:
        """Chains below one another in any order, the rest near what it is linked to."""
        for block in sorted(self.blocks, key=lambda _: self.chance.random()):
            if len(block.cells) > 1:
                rows = [cell[0] for cell in block.cells.values()]
                columns = [cell[1] for cell in block.cells.values()]
                high, wide = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
                spot = self._room(high, wide)
                for name, (r, c) in block.cells.items():
                    self._put(name, (r - min(rows) + spot[0], c - min(columns) + spot[1]))
        waiting = [name for block in self.blocks if len(block.cells) == 1 for name in block.cells]
        while waiting:
            waiting.sort(key=lambda name: -len(self._neighbours(name)))
            name = waiting.pop(0)
            near = self._neighbours(name) or [(self.rows // 2, self.columns // 2)]
            middle = (sum(r for r, _ in near) // len(near), sum(c for _, c in near) // len(near))
            free = [(r, c) for r in range(self.rows) for c in range(self.columns) if (r, c) not in self.thing]
            self._put(name, min(free, key=lambda cell: (_length(cell[0] - middle[0], cell[1] - middle[1]), cell)))

    def _room(self, high: int, wide: int) -> Cell:
        """The first place from the top, in the middle, where a chain fits; the board grows if there is none."""
        for top in range(self.rows * 3):
            self.rows = max(self.rows, top + high)
            for shift in range(self.columns - wide + 1):
                left = (self.columns - wide) // 2 + (shift + 1) // 2 * (-1 if shift % 2 else 1)
                cells = [(top + r, left + c) for r in range(high) for c in range(wide)]
                if 0 <= left <= self.columns - wide and not any(cell in self.thing for cell in cells):
                    return top, left
        return self.rows, 0

    def _neighbours(self, name: str) -> list[Cell]:
        ends = (b if a == name else a for a, b in self.links[self.block_of[name]] if name in (a, b))
        return [self.at[end] for end in ends if end in self.at]

    def _put(self, name: str, cell: Cell) -> None:
        self.at[name] = cell
        self.thing[cell] = name
        self.filled[cell[0] * _STRIDE + cell[1]] = True

    def _depth(self, name: str) -> int:
        """Price of standing far from the middle."""
        row, column = self.at[name]
        return _OUTWARD * (abs(2 * row - self.rows + 1) + abs(2 * column - self.columns + 1))

    def _line(self, rows: int, columns: int) -> tuple[int, tuple[int, ...]]:
        """Price of the length of a link, and how far from its start the cells lie that it runs over."""
        found = self.lines.get((rows, columns))
        if found is None:
            offsets = tuple(row * _STRIDE + column for row, column in _between(rows, columns))
            found = self.lines[rows, columns] = (_length(rows, columns), offsets)
        return found

    def _draw(self, a: str, b: str, way: int) -> None:
        """Count a link (way 1) or take it out (-1)."""
        (row, column), (to_row, to_column) = self.at[a], self.at[b]
        price, offsets = self._line(to_row - row, to_column - column)
        start = row * _STRIDE + column
        through, filled = self.through, self.filled
        for offset in offsets:
            cell = start + offset
            crossed = through[cell]
            through[cell] = crossed + way
            price += _CROSSED * (crossed if way > 0 else crossed - 1) + (_COVERED if filled[cell] else 0)
        self.price += way * price

    def _occupy(self, names: Iterable[str], way: int) -> None:
        for name in names:
            row, column = self.at[name]
            cell = row * _STRIDE + column
            self.price += way * (self._depth(name) + _COVERED * self.through[cell])
            self.filled[cell] = way > 0
            if way > 0:
                self.thing[row, column] = name
            else:
                del self.thing[row, column]

    def _aim(self, number: int) -> Cell:
        """How far to move a block: near to the middle of what it is linked to, or anywhere."""
        block = self.blocks[number]
        first = next(iter(block.cells))
        row, column = self.at[first]
        linked = self.outward[number]
        if linked and self.chance.random() < 0.75:
            down = right = 0
            for inner, outer in linked:
                (r, c), (to_r, to_c) = self.at[inner], self.at[outer]
                down, right = down + to_r - r, right + to_c - c
            down, right = down // len(linked), right // len(linked)
            return down + int(self.chance.random() * 6) - 2, right + int(self.chance.random() * 6) - 2
        return int(self.chance.random() * self.rows) - row, int(self.chance.random() * self.columns) - column

    def _try(self, number: int, move: Cell, slack: int) -> None:
        """Move a block, what stands in its way going to the cells it leaves; back again if the price rises too far."""
        names = list(self.blocks[number].cells)
        old = {name: self.at[name] for name in names}
        new = {name: (row + move[0], column + move[1]) for name, (row, column) in old.items()}
        if move == (0, 0) or any(not (0 <= r < self.rows and 0 <= c < self.columns) for r, c in new.values()):
            return
        left = [cell for cell in old.values() if cell not in new.values()]
        pushed = [self.thing[cell] for cell in new.values() if cell in self.thing and self.thing[cell] not in old]
        if any(len(self.blocks[self.block_of[name]].cells) > 1 for name in pushed):
            return
        for name, cell in zip(pushed, left, strict=False):
            old[name], new[name] = self.at[name], cell
        before = self.price
        links = self._links_of(new)
        self._shift(new, links)
        if self.price > before + slack:
            self._shift(old, links)

    def _links_of(self, names: Iterable[str]) -> Iterable[tuple[str, str]]:
        numbers = {self.block_of[name]: None for name in names}
        if len(numbers) == 1:
            return self.links[next(iter(numbers))]
        return dict.fromkeys(link for number in numbers for link in self.links[number])

    def _shift(self, to: Mapping[str, Cell], links: Iterable[tuple[str, str]]) -> None:
        for a, b in links:
            self._draw(a, b, -1)
        self._occupy(to, -1)
        self.at.update(to)
        self._occupy(to, 1)
        for a, b in links:
            self._draw(a, b, 1)

"""A kernel's text made readable: the model's own equation above its lines, its own names, numbers in decimals."""

from __future__ import annotations

import re
import struct

from innovation.engine.ir.program import Program
from innovation.engine.ir.schedule import Cell

from .lanes import Lanes

_BITS = re.compile(r"double 0x([0-9A-F]{16})")


class Annotations:
    """What stands above and on the lines of a program's text."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._cells = {number: cell for cell, number in reversed(program.at.items()) if number >= 0}
        self._last: Cell | None = None

    def equation(self, cell: Cell) -> str:
        """A cell and its variable's equation, on one line."""
        variable = self.program.of.structure.variables[cell[0]]
        label, text = (" ".join(part.split()) for part in (self.program.of.label(cell), variable.equation))
        return f"{label}: {text}" if text else label

    def merged(self) -> list[str]:
        """Equations that have no line of their own, because others have taken them in."""
        schedule = self.program.schedule
        cells = [cell for cell in (*schedule.step, *schedule.record) if self.program.at[cell] < 0]
        return [f"; taken into others' lines: {self.equation(cell)}" for cell in cells]

    def above(self, w: Lanes, number: int) -> None:
        """The equation that a node belongs to, where the line before belonged to another."""
        cell = self._cells.get(number) or self.program.graph.owners[number]
        if cell is not None and cell != self._last:
            w.lines.append(f"  ; {self.equation(cell)}")
            self._last = cell

    def state(self, w: Lanes, cell: Cell) -> None:
        """The equation of a state, above its next value."""
        if cell != self._last:
            w.lines.append(f"  ; {self.equation(cell)}")
            self._last = cell

    def named(self, w: Lanes, number: int, name: str) -> str:
        """The name of a value on the line just written: the cell's own, where it is a cell's."""
        cell = self._cells.get(number)
        if cell is None or not w.lines[-1].startswith(f"  {name} = "):
            return name
        label = self.program.of.label(cell).replace("\\", "/").replace('"', "'").replace("\n", " ")
        own = f'%"{label}"'
        if any(line.startswith(f"  {own} = ") for line in w.lines):
            return name
        w.lines[-1] = w.lines[-1].replace(name, own, 1)
        return own


def with_decimals(text: str) -> str:
    """LLVM text whose lines with numbers as bits end with the same numbers in decimals."""
    lines = []
    for line in text.split("\n"):
        numbers = [struct.unpack("<d", struct.pack("<Q", int(bits, 16)))[0] for bits in _BITS.findall(line)]
        lines.append(f"{line}  ; {', '.join(f'{one:.6g}' for one in numbers)}" if numbers else line)
    return "\n".join(lines)

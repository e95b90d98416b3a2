"""A thread's memory: where the values of a program stand between its functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from innovation.engine.ir.graph import reachable
from innovation.engine.ir.program import Program
from innovation.engine.ir.schedule import ONCE, STEP, TIMED

from .lanes import Lanes


@dataclass(frozen=True)
class Layout:
    """What the caller of the code must know; it is kept beside it.

    Attributes
    ----------
    lanes
        Members side by side.
    parameters, dated, outputs, steps
        Rows of the array of named values (starts and lookups' points after the named); dated parameters; outputs;
        steps of a run.
    rows
        Length of the timed table's columns: a time each step, three under RK4, rounded up to whole vectors.
    columns, checked
        Of the timed table; and those among them that must be finite.
    scratch
        Doubles of memory that a thread needs; courses of dated parameters stand after it, ``rows`` vectors each.
    operations
        Arithmetic operations of a step, each on one vector; exp, ln and a power count as one.
    """

    lanes: int
    parameters: int
    dated: int
    outputs: int
    steps: int
    rows: int
    columns: int
    checked: tuple[int, ...]
    scratch: int
    operations: int

    def record(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


class Regions:
    """Slots of a program's values; ``each_step`` are the nodes computed at every step, ``recorded`` also the others."""

    def __init__(self, program: Program, count: int) -> None:
        self.program, self.count = program, count
        graph = program.graph
        self.rows = -(-(program.request.rows_a_step * program.request.steps + 1) // count) * count
        step = [*program.following, *program.checks]
        record = [*program.outputs, *program.record_checks]
        self.each_step = set(reachable(graph, step))
        self.recorded = set(reachable(graph, [*step, *record]))
        read = {*step, *record}
        for number in self.recorded:
            if graph.nodes[number].phase == STEP:
                read |= set(graph.nodes[number].inputs)
        self.once = self._numbered(read, ONCE)
        self.columns = self._numbered({*read, *program.timed_checks}, TIMED)
        self.points = sum(len(table.x) for table in program.tables)
        self.rings: dict[int, list[int]] = {}  # delays of a length stand together, step by step: memory in one stream
        for number, delay in enumerate(program.delays):
            if delay.steps:
                self.rings.setdefault(delay.steps, []).append(number)
        self.places: dict[str, int] = {}
        self.size = 0
        self._lay_out()

    def _numbered(self, numbers: Iterable[int], phase: int) -> dict[int, int]:
        found = [number for number in sorted(numbers) if self.program.graph.nodes[number].phase == phase]
        return {number: place for place, number in enumerate(found)}

    def _lay_out(self) -> None:
        program, states = self.program, len(self.program.following)
        vectors = {"finite": 1, "once": len(self.once), "tables": self.points, "now": states, "next": states}
        if program.of.structure.method == "rk4":
            vectors |= {"base": states, "slope": states}
        for steps, members in self.rings.items():
            vectors[f"ring {steps}"] = steps * len(members)
        for number, delay in enumerate(program.delays):
            if not delay.steps:
                vectors |= {f"history {number}": program.request.steps + 1, f"length {number}": 1}
        sizes = {"dated": 2 * len(program.request.dated), "counters": len(self.rings)}
        for name, size in (sizes | {name: size * self.count for name, size in vectors.items()}).items():
            self.places[name] = self.size
            self.size += -(-size // 8) * 8

    def pointer(self, w: Lanes, region: str) -> str:
        """The beginning of a region of %memory."""
        return w.offset("%memory", self.places[region])

    def slot(self, w: Lanes, region: str, place: int) -> str:
        """A vector of a region of %memory."""
        return w.offset("%memory", self.places[region] + place * self.count)

    def layout(self, operations: int) -> Layout:
        """What the caller must know."""
        program, request = self.program, self.program.request
        checked = tuple(self.columns[one] for one in program.timed_checks if one in self.columns)
        return Layout(
            self.count, len(request.named) + len(request.starts) + self.points, len(request.dated),
            len(program.outputs), request.steps, self.rows, len(self.columns), checked, self.size, operations,
        )  # fmt: skip

"""One use of a model as operations in phases: what a compiler writes, knowing nothing more of cells and subscripts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from innovation.engine.backends.numpy.kernels import Request
from innovation.engine.backends.numpy.python_text import carriers, shown_elsewhere

from .graph import Graph, Lowering
from .regrouping import regrouped
from .schedule import ONCE, STEP, Cell, Cells, make_schedule, step_expressions
from .structure import FixedDelay, Formula, Held, Initial, Stock, Table


@dataclass(frozen=True)
class Delay:
    """A DELAY FIXED: its state, the node of its input, and how many steps it lasts (0: each lane's own, a node)."""

    state: int
    input: int
    steps: int
    length: int


def table_of(cells: Cells, cell: Cell) -> Table:
    """The table of a lookup's cell."""
    rule = cells.rules[cell][0]
    assert isinstance(rule, Table)
    return rule


class Program:
    """The operations of a request, in phases, ready to be written.

    Attributes
    ----------
    graph
        Regrouped nodes; the others are numbers of nodes in it.
    initial, following
        By state: its value at the start, and the node its next value comes from (a stock's rate, a held value).
    delays
        The fixed delays among the states.
    outputs, checks, record_checks, once_checks, timed_checks
        What is recorded; what must be finite at each step, at recorded times, before the run, and in the timed table.
    at
        The node of each cell; -1 where a larger sum or product has taken it in.
    """

    def __init__(self, cells: Cells, request: Request) -> None:
        self.of, self.request = cells, request
        self.schedule = make_schedule(
            cells, request.outputs, set(request.named), set(request.dated), request.starts, request.tables
        )
        self.raw = Graph()
        self.tables = [table_of(cells, cell) for cell in request.tables]
        at = self._leaves()
        begin = dict(at)
        firsts = enumerate(request.dated)
        begin |= {cell: self.raw.leaf("first", place, ONCE) for place, cell in firsts}
        lengths = self._begin(begin, at)
        for group in (self.schedule.once, self.schedule.timed, self.schedule.step, self.schedule.record):
            self._lower(group, at)
        self._gather(at, begin, lengths)

    def _leaves(self) -> dict[Cell, int]:
        request, raw = self.request, self.raw
        at = {cell: raw.leaf("named", place, ONCE) for place, cell in enumerate(request.named)}
        at |= {cell: raw.leaf("dated", place, STEP) for place, cell in enumerate(request.dated)}
        at |= {cell: raw.leaf("state", place, STEP) for place, cell in enumerate(self.schedule.states)}
        fixed = dict(request.fixed)
        for cell in self.schedule.constant:
            if cell in fixed:
                at[cell] = raw.number(fixed[cell])
            else:
                self._lower([cell], at)
        return at

    def _lowering(self, at: dict[Cell, int], start: float | None = None) -> Lowering:
        tables = {cell: place for place, cell in enumerate(self.request.tables)}
        return Lowering(self.of, self.raw, at, tables, start)

    def _lower(self, group: Iterable[Cell], at: dict[Cell, int]) -> None:
        lowering = self._lowering(at)
        for cell in group:
            rule, steps = self.of.rules[cell]
            assert isinstance(rule, Formula)
            self.raw.owner = cell
            at[cell] = lowering.number(rule.expression, steps)

    def _begin(self, begin: dict[Cell, int], at: dict[Cell, int]) -> dict[Cell, int]:
        """Initial values in their own order; answers the lengths of the fixed delays."""
        lowering = self._lowering(begin, self.request.start)
        given = {cell: len(self.request.named) + place for place, cell in enumerate(self.request.starts)}
        lengths = {}
        for cell in self.schedule.start:
            rule, steps = self.of.rules[cell]
            self.raw.owner = cell
            if cell in given:
                begin[cell] = self.raw.leaf("named", given[cell], ONCE)
            elif isinstance(rule, Formula | Initial):
                begin[cell] = lowering.number(rule.expression, steps)
            elif isinstance(rule, Stock | Held | FixedDelay):
                begin[cell] = lowering.number(rule.initial, steps)
            if isinstance(rule, Initial):
                at[cell] = begin[cell]
            if isinstance(rule, FixedDelay):
                lengths[cell] = lowering.number(rule.delay, steps)
        return lengths

    def _gather(self, at: dict[Cell, int], begin: dict[Cell, int], lengths: dict[Cell, int]) -> None:
        """Regroup what the roots need, and keep the roots."""
        lowering, schedule = self._lowering(at), self.schedule
        following, shown = [], set()
        for cell in schedule.states:
            rule, steps = self.of.rules[cell]
            (expression,) = step_expressions(rule)
            self.raw.owner = cell
            following.append(lowering.number(expression, steps))
            shown |= carriers(self.of, expression, steps)
        fixed = [cell for cell in schedule.states if cell in lengths]
        checks = [following[schedule.states.index(cell)] for cell in schedule.states if self._forgets(cell)]
        shown |= shown_elsewhere(self.of, schedule.step)
        checks += [at[cell] for cell in schedule.step if cell not in shown]
        shown = shown_elsewhere(self.of, schedule.record)
        record_checks = [at[cell] for cell in schedule.record if cell not in shown]
        initials = [cell for cell in schedule.start if isinstance(self.of.rules[cell][0], Initial)]
        once_checks = [at[cell] for cell in (*initials, *schedule.once)]
        constants = [at[cell] for cell in schedule.constant]
        once_checks += [one for one in constants if not abs(self.raw.nodes[one].value) < float("inf")]
        roots = {
            "initial": [begin[cell] for cell in schedule.states], "following": following,
            "lengths": [lengths[cell] for cell in fixed], "outputs": [at[cell] for cell in self.request.outputs],
            "checks": checks, "record_checks": record_checks, "once_checks": once_checks,
            "timed_checks": [at[cell] for cell in schedule.timed],
        }  # fmt: skip
        self.graph, new = regrouped(self.raw, [one for group in roots.values() for one in group])
        self.initial, self.following, self.outputs, self.checks, self.record_checks, self.once_checks, timed = (
            [new[one] for one in roots[name]]
            for name in (
                "initial", "following", "outputs", "checks", "record_checks", "once_checks", "timed_checks",
            )
        )  # fmt: skip
        self.timed_checks = timed
        self.delays = []
        for cell, length in zip(fixed, roots["lengths"], strict=True):
            place = schedule.states.index(cell)
            self.delays.append(Delay(place, self.following[place], self._steps(new[length]), new[length]))
        self.at = {cell: new.get(number, -1) for cell, number in at.items()}

    def _forgets(self, cell: Cell) -> bool:
        """Whether a state loses what it held, so that a value that is not finite would not show in it at the end."""
        return not isinstance(self.of.rules[cell][0], Stock)

    def _steps(self, length: int) -> int:
        """How many steps a delay lasts, if that is a finite number; at least one."""
        node = self.graph.nodes[length]
        if node.operation != "number" or not abs(node.value) < 1e9:
            return 0
        return max(1, int(node.value / self.request.dt + 0.5 + 1e-6))

"""A program as LLVM text: what time alone gives, what is known before a run, one step; ``driver`` has the loop.

All functions share a thread's memory, laid out by ``Regions``; in it values stand with the lanes side by side.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Mapping

from innovation.engine.ir.graph import Node
from innovation.engine.ir.instruction_order import in_order
from innovation.engine.ir.program import Delay, Program
from innovation.engine.ir.schedule import ONCE, STEP, TIMED, Cell
from innovation.engine.ir.structure import Stock

from .annotations import Annotations
from .driver import driver_text
from .lanes import Lanes
from .long_functions import declarations, write_functions
from .nodes import Functions, NodeWriter
from .regions import Regions

_PARAMETERS = (
    "ptr noalias readonly %once, ptr noalias readonly %now, ptr noalias %next, ptr noalias readonly %timed, "
    "ptr noalias readonly %dated, i64 %row, i64 %step, ptr noalias %memory, ptr noalias %out, i64 %stride, "
    "i1 %recording"
)
_STAGES = ", ptr noalias readonly %base, ptr noalias %slope, i1 %begins, i1 %ends, double %a, double %b, double %weight"
_SUMS = 8


class Writer:
    """Writes a program for so many lanes, annotated for people where ``annotations`` are given."""

    def __init__(self, program: Program, count: int, fused: bool, annotations: Annotations | None = None) -> None:
        self.program = program
        self.regions = Regions(program, count)
        self.count, self.fused, self.annotations = count, fused, annotations
        self.functions = Functions(program, count, fused)
        self.runge_kutta = program.of.structure.method == "rk4"
        self.operations = 0

    def text(self) -> str:
        """The whole module."""
        parts = [
            self._header(),
            declarations(self.count),
            write_functions(self.count, self.fused),
        ]
        body = [self._timed(), self._start(), self._advance(), self._finish()]
        regions = self.regions
        driver = driver_text(regions, self.runge_kutta, self.program.request.dt)
        return "\n".join(line for part in (*parts, self.functions.lines, *body, [driver]) for line in part) + "\n"

    def _nodes(
        self,
        w: Lanes,
        leaves: Mapping[str, Callable[[Node], str]],
        kept: Mapping[int, Callable[[int], str]] | None = None,
        tables: str = "",
    ) -> NodeWriter:
        return NodeWriter(self.program, w, self.functions, leaves, kept, tables, self.annotations)

    def _header(self) -> list[str]:
        request = self.program.request
        head = f"; {self.program.of.structure.method}, {request.steps} steps of {request.dt:g}, {self.count} lanes"
        return [head, *(self.annotations.merged() if self.annotations else ())]

    # what time alone gives

    def _timed(self) -> list[str]:
        """@timed(times, held, table): a row of columns for each time, so many times at once as there are lanes."""
        w = Lanes(self.count, self.fused, exact=True)
        leaves = {"time": lambda node: w.load("%here"), "step time": lambda node: w.load("%held.here")}
        nodes = self._nodes(w, leaves)
        head = "define void @timed(ptr noalias %times, ptr noalias %held, ptr noalias %table) nounwind {"
        w.do("br label %more")
        w.block("more")
        w.do("%row = phi i64 [ 0, %0 ], [ %after, %more ]")
        w.do("%here = getelementptr double, ptr %times, i64 %row")
        w.do("%held.here = getelementptr double, ptr %held, i64 %row")
        w.do(f"%to.place = mul i64 %row, {len(self.regions.columns)}")
        w.do("%to = getelementptr double, ptr %table, i64 %to.place")
        for number, column in self.regions.columns.items():
            value = nodes.as_number(number)
            for lane in range(self.count):
                one = w.emit(f"extractelement {w.vector} {value}, i64 {lane}")
                w.do(f"store double {one}, ptr {w.offset('%to', lane * len(self.regions.columns) + column)}, align 8")
        w.do(f"%after = add i64 %row, {self.count}")
        w.do(f"%again = icmp ult i64 %after, {self.regions.rows}")
        w.do("br i1 %again, label %more, label %done")
        w.block("done")
        return [head, *w.lines, "  ret void", "}"]

    # what is known before a run

    def _start(self) -> list[str]:
        """@start(named, stride, dated, memory): values that stay, and the states at the start."""
        program, regions = self.program, self.regions
        w = Lanes(self.count, self.fused, exact=True)

        def named(place: int) -> str:
            far = w.emit(f"mul i64 %stride, {place}")
            return w.load(w.emit(f"getelementptr i8, ptr %named, i64 {far}"))

        leaves = {"named": lambda node: named(node.value), "first": lambda node: self._first(w, node.value)}
        nodes = self._nodes(w, leaves, tables=regions.pointer(w, "tables"))
        first_point = len(program.request.named) + len(program.request.starts)
        for point in range(regions.points):
            w.store(named(first_point + point), regions.slot(w, "tables", point))
        for number, place in regions.once.items():
            w.store(nodes.as_number(number), regions.slot(w, "once", place))
        for place, number in enumerate(program.initial):
            w.store(nodes.as_number(number), regions.slot(w, "now", place))
        finite = self._watched(w, nodes, program.once_checks, w.splat(0.0))
        for number, delay in enumerate(program.delays):
            if not delay.steps:
                finite = self._length(w, nodes, number, delay, finite)
        w.store(finite, regions.slot(w, "finite", 0))
        head = (
            "define internal void @start(ptr %named, i64 %stride, ptr %dated, ptr noalias %memory) noinline nounwind {"
        )
        return [head, *w.lines, "  ret void", "}"]

    def _first(self, w: Lanes, place: int) -> str:
        return w.load(w.emit(f"load ptr, ptr {w.offset('%dated', 2 * place, 'i64')}, align 8"))

    def _length(self, w: Lanes, nodes: NodeWriter, number: int, delay: Delay, finite: str) -> str:
        """The steps of a delay whose length the members bring, as a whole number of at least 1."""
        length = nodes.get(delay.length)
        steps = w.divide(length, w.splat(self.program.request.dt))
        nearest = w.truncate(w.add(steps, w.splat(0.5 + 1e-6)))
        bounded = w.minimum(w.maximum(nearest, w.splat(1.0)), w.splat(float(self.program.request.steps + 1)))
        w.store(bounded, self.regions.slot(w, f"length {number}", 0))
        return self._watched(w, nodes, [delay.length], finite)

    def _watched(self, w: Lanes, nodes: NodeWriter, numbers: Iterable[int], total: str) -> str:
        """A sum that is NaN from where one of the values is not finite."""
        watched = [one for one in dict.fromkeys(numbers) if not nodes.is_finite(one)]
        sums = [total]  # several, so that they need not wait for one another
        for place, number in enumerate(watched):
            before = sums.pop(0) if place >= _SUMS else w.splat(0.0)
            sums.append(w.multiply_add(nodes.as_number(number), w.splat(0.0), before))
        return functools.reduce(w.add, sums)

    # one step

    def _advance(self) -> list[str]:
        """@advance: the states' next values, and what is recorded where this time is."""
        program, regions, schedule = self.program, self.regions, self.program.schedule
        w = Lanes(self.count, self.fused)
        leaves = {
            "state": lambda node: w.load(w.offset("%now", node.value * self.count)),
            "dated": lambda node: self._dated(w, node.value),
        }
        kept = {
            ONCE: lambda number: w.load(w.offset("%once", regions.once[number] * self.count)),
            TIMED: lambda number: w.spread(w.offset("%timed", regions.columns[number])),
        }
        nodes = self._nodes(w, leaves, kept, regions.pointer(w, "tables"))
        stocks: dict[int, list[tuple[int, Cell]]] = {}
        for place, cell in enumerate(schedule.states):
            if isinstance(program.of.rules[cell][0], Stock):
                stocks.setdefault(program.following[place], []).append((place, cell))
        order = in_order(program.graph, regions.each_step)
        pairs = {first: second for first, second in itertools.pairwise(order) if nodes.paired(first, second)}
        for number in [one for one in stocks if program.graph.nodes[one].phase != STEP] + order:
            nodes.get(number, pairs.get(number))
            for place, cell in stocks.get(number, ()):
                self._integrate(w, nodes, place, cell)
        if self.runge_kutta:
            w.do("br i1 %begins, label %once.a.step, label %done")
            w.block("once.a.step")
        self._discrete(w, nodes)
        finite = self._watched(w, nodes, program.checks, w.load(regions.slot(w, "finite", 0)))
        w.store(finite, regions.slot(w, "finite", 0))
        self.operations = nodes.operations
        self._record(w, nodes, finite)
        if self.runge_kutta:
            self._hold(w)
        head = f"define internal void @advance({_PARAMETERS}{_STAGES if self.runge_kutta else ''}) noinline nounwind {{"
        return [head, *w.lines, "  ret void", "}"]

    def _dated(self, w: Lanes, place: int) -> str:
        start = w.emit(f"load ptr, ptr {w.offset('%dated', 2 * place, 'i64')}, align 8")
        stride = w.emit(f"load i64, ptr {w.offset('%dated', 2 * place + 1, 'i64')}, align 8")
        far = w.emit(f"mul i64 {stride}, %row")
        return w.load(w.emit(f"getelementptr i8, ptr {start}, i64 {far}"))

    def _integrate(self, w: Lanes, nodes: NodeWriter, place: int, cell: Cell) -> None:
        rule = self.program.of.rules[cell][0]
        assert isinstance(rule, Stock)
        rate = nodes.get(self.program.following[place])
        self._comment(w, cell)
        next_place = w.offset("%next", place * self.count)
        nodes.operations += 2
        if self.runge_kutta:
            slope_place = w.offset("%slope", place * self.count)
            slope = w.multiply_add(w.broadcast("%weight"), rate, w.load(slope_place))
            w.store(slope, slope_place)
            part = w.multiply_add(w.broadcast("%a"), rate, w.load(w.offset("%base", place * self.count)))
            after = w.multiply_add(w.broadcast("%b"), slope, part)
        else:
            dt, now = w.splat(self.program.request.dt), w.load(w.offset("%now", place * self.count))
            after = w.add(w.multiply(dt, rate), now)
        if rule.non_negative:
            allowed = w.multiply(w.absolute(rate), w.splat(-1e-9 * self.program.request.dt))
            fine = w.compare("uge", after, allowed)
            after = w.choose(fine, w.maximum(after, w.splat(0.0)), w.splat(float("nan")))
        w.store(after, next_place)

    def _discrete(self, w: Lanes, nodes: NodeWriter) -> None:
        """The states that are no integrals: a ring or a history for each fixed delay, and values held for one step."""
        program, regions = self.program, self.regions
        fixed = {delay.state for delay in program.delays}
        target = "%slope" if self.runge_kutta else "%next"
        following = {}
        for place, cell in enumerate(program.schedule.states):
            if place not in fixed and not isinstance(program.of.rules[cell][0], Stock):
                self._comment(w, cell)
                following[place] = nodes.as_number(program.following[place])
        for ring, (steps, members) in enumerate(regions.rings.items()):
            now, after = self._turn(w, ring, steps)
            row = f"[{len(members)} x {w.vector}]"
            pipes = regions.pointer(w, f"ring {steps}")
            now, after = (w.emit(f"getelementptr {row}, ptr {pipes}, i64 {one}") for one in (now, after))
            for place, number in enumerate(members):
                delay = program.delays[number]
                self._comment(w, program.schedule.states[delay.state])
                w.store(nodes.as_number(delay.input), w.offset(now, place * self.count))
                following[delay.state] = w.load(w.offset(after, place * self.count))
        for number, delay in enumerate(program.delays):
            if not delay.steps:
                self._comment(w, program.schedule.states[delay.state])
                pipe = regions.pointer(w, f"history {number}")
                w.store(nodes.as_number(delay.input), w.offset(pipe, "%step", w.vector))
                following[delay.state] = self._from_history(w, number, delay, pipe)
        for place, value in following.items():
            w.store(value, w.offset(target, place * self.count))

    def _turn(self, w: Lanes, ring: int, steps: int) -> tuple[str, str]:
        """The row of a ring to be filled now, and the one that the next step reads."""
        pointer = w.offset(self.regions.pointer(w, "counters"), ring, "i64")
        now = w.emit(f"load i64, ptr {pointer}, align 8")
        more = w.emit(f"add i64 {now}, 1")
        wraps = w.emit(f"icmp eq i64 {more}, {steps}")
        after = w.emit(f"select i1 {wraps}, i64 0, i64 {more}")
        w.do(f"store i64 {after}, ptr {pointer}, align 8")
        return now, after

    def _from_history(self, w: Lanes, number: int, delay: Delay, pipe: str) -> str:
        """What went in so many steps before the next one, each lane by its own count; before that, the first value."""
        length = w.load(self.regions.slot(w, f"length {number}", 0))
        steps = w.emit(f"fptosi {w.vector} {length} to {w.whole}")
        next_step = w.emit("add i64 %step, 1")
        place = w.on_bits("sub", w.broadcast(next_step, "i64"), steps)
        known = w.emit(f"icmp sge {w.whole} {place}, zeroinitializer")
        safe = w.emit(f"select {w.truth} {known}, {w.whole} {place}, {w.whole} zeroinitializer")
        past = w.fetch(pipe, w.by_lane(safe))
        return w.choose(known, past, w.load(w.offset("%now", delay.state * self.count)))

    def _hold(self, w: Lanes) -> None:
        """Under RK4 a state that is no integral keeps its value through the stages, and changes after the last."""
        for place, cell in enumerate(self.program.schedule.states):
            if not isinstance(self.program.of.rules[cell][0], Stock):
                new, old = (w.load(w.offset(one, place * self.count)) for one in ("%slope", "%now"))
                value = w.emit(f"select i1 %ends, {w.vector} {new}, {w.vector} {old}")
                w.store(value, w.offset("%next", place * self.count))

    def _record(self, w: Lanes, nodes: NodeWriter, finite: str) -> None:
        program = self.program
        w.do("br i1 %recording, label %record, label %done")
        w.block("record")
        for cell in program.schedule.record:
            number = program.at[cell]
            if number in self.regions.recorded and program.graph.nodes[number].phase == STEP:
                nodes.get(number)
        finite = self._watched(w, nodes, program.record_checks, finite)
        w.store(finite, self.regions.slot(w, "finite", 0))
        pointer = "%out"
        for number in program.outputs:
            w.store(nodes.as_number(number), pointer)
            pointer = w.emit(f"getelementptr i8, ptr {pointer}, i64 %stride")
        w.do("br label %done")
        w.block("done")

    def _finish(self) -> list[str]:
        """@finish(states, memory, failed): not a number where a stock or anything before was not finite."""
        w = Lanes(self.count, self.fused)
        total = w.load(self.regions.slot(w, "finite", 0))
        for place, cell in enumerate(self.program.schedule.states):
            if isinstance(self.program.of.rules[cell][0], Stock):
                total = w.multiply_add(w.load(w.offset("%now", place * self.count)), w.splat(0.0), total)
        w.store(total, "%failed")
        head = "define internal void @finish(ptr %now, ptr %memory, ptr %failed) noinline nounwind {"
        return [head, *w.lines, "  ret void", "}"]

    def _comment(self, w: Lanes, cell: Cell) -> None:
        """The model's own equation of a state."""
        if self.annotations is not None:
            self.annotations.state(w, cell)

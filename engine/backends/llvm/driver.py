"""The loop over blocks of members and steps, and the courses of dated parameters, as LLVM text."""

from __future__ import annotations

from .lanes import Lanes, number_text
from .regions import Regions

ARGUMENTS = (  # the 8-byte fields of the array that @simulate gets
    "named", "named_stride", "dated", "courses", "course_count", "course_rows", "times", "timed", "marks", "last_step",
    "out", "out_stride", "mark_stride", "failed",
)  # fmt: skip
COURSE_FIELDS = ("changes", "count", "stride", "base", "base_stride", "dated")  # of each course, 8 bytes each
_POINTERS = {"named", "dated", "courses", "times", "timed", "marks", "out", "failed"}


def driver_text(regions: Regions, runge_kutta: bool, dt: float) -> str:
    """@course and @simulate."""
    return "\n".join([*_course(regions.count), *_fill(regions.count), *_simulate(regions, runge_kutta, dt)])


def _course(count: int) -> list[str]:
    """@course(out, rows, times, base, changes, count, stride): a dated parameter's value at each row.

    A change is three vectors, ``stride`` bytes from one to the next: its start, its inverse length, and where it goes.
    """
    w = Lanes(count, False, exact=True)
    w.do(f"%first = load {w.vector}, ptr %base, align 8")
    w.do("%any = icmp sgt i64 %count, 0")
    w.do("br label %row")
    w.block("row")
    w.do("%r = phi i64 [ 0, %0 ], [ %r.after, %end ]")
    time = w.spread(w.emit("getelementptr double, ptr %times, i64 %r"))
    w.do("br i1 %any, label %change, label %end")
    w.block("change")
    w.do("%c = phi i64 [ 0, %row ], [ %c.after, %change ]")
    w.do(f"%v = phi {w.vector} [ %first, %row ], [ %moved, %change ]")
    at = w.emit("mul i64 %c, %stride")
    start_place = w.emit(f"getelementptr i8, ptr %changes, i64 {w.emit(f'mul i64 {at}, 3')}")
    pace_place = w.emit(f"getelementptr i8, ptr {start_place}, i64 %stride")
    to = w.load(w.emit(f"getelementptr i8, ptr {pace_place}, i64 %stride"))
    share = w.multiply(w.subtract(time, w.load(start_place)), w.load(pace_place))
    share = w.choose(w.compare("ogt", share, w.splat(0.0)), share, w.splat(0.0))
    part = w.add("%v", w.multiply(w.subtract(to, "%v"), share))
    w.emit(f"select {w.truth} {w.compare('>=', share, w.splat(1.0))}, {w.vector} {to}, {w.vector} {part}", "%moved")
    w.do("%c.after = add i64 %c, 1")
    w.do("%more = icmp slt i64 %c.after, %count")
    w.do("br i1 %more, label %change, label %end")
    w.block("end")
    w.do(f"%value = phi {w.vector} [ %first, %row ], [ %moved, %change ]")
    w.store("%value", w.emit(f"getelementptr {w.vector}, ptr %out, i64 %r"))
    w.do("%r.after = add i64 %r, 1")
    w.do("%again = icmp slt i64 %r.after, %rows")
    w.do("br i1 %again, label %row, label %done")
    w.block("done")
    head = (
        "define void @course(ptr noalias %out, i64 %rows, ptr %times, ptr %base, ptr %changes, i64 %count, i64 %stride)"
    )
    return [f"{head} nounwind {{", *w.lines, "  ret void", "}"]


def _simulate(regions: Regions, runge_kutta: bool, dt: float) -> list[str]:
    """@simulate(first, last, arguments, memory): the blocks from first to before last."""
    w = Lanes(regions.count, False)
    for place, name in enumerate(ARGUMENTS):
        kind = "ptr" if name in _POINTERS else "i64"
        w.do(f"%{name} = load {kind}, ptr {w.offset('%arguments', place, 'i64')}, align 8")
    for region in ("dated", "once", "now", "next", "finite", "counters", "base", "slope"):
        if region in regions.places:
            w.do(f"%my.{region} = getelementptr double, ptr %memory, i64 {regions.places[region]}")
    w.do(f"%my.courses = getelementptr double, ptr %memory, i64 {regions.size}")
    w.do("br label %block")
    w.block("block")
    w.do("%b = phi i64 [ %first, %0 ], [ %b.after, %block.end ]")
    w.do(f"%shift = mul i64 %b, {8 * regions.count}")
    _place_dated(w, regions)
    w.do("%my.named = getelementptr i8, ptr %named, i64 %shift")
    w.do("call void @start(ptr %my.named, i64 %named_stride, ptr %my.dated, ptr %memory)")
    _fill_delays(w, regions)
    w.do("%my.out = getelementptr i8, ptr %out, i64 %shift")
    w.do("br label %step")
    _runge_kutta_step(w, regions, dt) if runge_kutta else _euler_step(w, regions)
    w.do("%my.failed = getelementptr i8, ptr %failed, i64 %shift")
    w.do(f"call void @finish(ptr {'%my.base' if runge_kutta else '%now'}, ptr %memory, ptr %my.failed)")
    w.do("br label %block.end")
    w.block("block.end")
    w.do("%b.after = add i64 %b, 1")
    w.do("%more.blocks = icmp slt i64 %b.after, %last")
    w.do("br i1 %more.blocks, label %block, label %done")
    w.block("done")
    copies = [
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
        "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)",
    ]
    head = "define void @simulate(i64 %first, i64 %last, ptr %arguments, ptr %memory) nounwind {"
    return [*copies, head, *w.lines, "  ret void", "}"]


def _place_dated(w: Lanes, regions: Regions) -> None:
    """Where this block's dated parameters begin and how far a row is; those with courses of their own compute them."""
    dated = len(regions.program.request.dated)
    for place in range(dated):
        start, block, row = (
            w.emit(f"load i64, ptr {w.offset('%dated', 3 * place + part, 'i64')}, align 8") for part in range(3)
        )
        far = w.emit(f"mul i64 {block}, %b")
        w.do(f"store i64 {w.emit(f'add i64 {start}, {far}')}, ptr {w.offset('%my.dated', 2 * place, 'i64')}, align 8")
        w.do(f"store i64 {row}, ptr {w.offset('%my.dated', 2 * place + 1, 'i64')}, align 8")
    w.do("%any.course = icmp sgt i64 %course_count, 0")
    w.do("br i1 %any.course, label %course, label %begin")
    w.block("course")
    w.do("%k = phi i64 [ 0, %block ], [ %k.after, %course ]")
    w.do(f"%k.size = mul i64 %course_rows, {regions.count}")
    out = w.emit(f"getelementptr double, ptr %my.courses, i64 {w.emit('mul i64 %k, %k.size')}")
    entry = w.emit(f"getelementptr i64, ptr %courses, i64 {w.emit(f'mul i64 %k, {len(COURSE_FIELDS)}')}")
    fields = {
        name: w.emit(
            f"load {'ptr' if name in ('changes', 'base') else 'i64'}, ptr {w.offset(entry, number, 'i64')}, align 8"
        )
        for number, name in enumerate(COURSE_FIELDS)
    }
    far = w.emit(f"mul i64 %b, {fields['base_stride']}")
    base = w.emit(f"getelementptr i8, ptr {fields['base']}, i64 {far}")
    changes = w.emit(f"getelementptr i8, ptr {fields['changes']}, i64 %shift")
    w.do(
        f"call void @course(ptr {out}, i64 %course_rows, ptr %times, ptr {base}, ptr {changes}, "
        f"i64 {fields['count']}, i64 {fields['stride']})"
    )
    far = w.emit(f"mul i64 {fields['dated']}, 2")
    target = w.emit(f"getelementptr i64, ptr %my.dated, i64 {far}")
    w.do(f"store ptr {out}, ptr {target}, align 8")
    w.do(f"store i64 {8 * regions.count}, ptr {w.offset(target, 1, 'i64')}, align 8")
    w.do("%k.after = add i64 %k, 1")
    w.do("%k.more = icmp slt i64 %k.after, %course_count")
    w.do("br i1 %k.more, label %course, label %begin")
    w.block("begin")


def _fill_delays(w: Lanes, regions: Regions) -> None:
    """Every fixed delay holds its first value all along."""
    for ring in range(len(regions.rings)):
        w.do(f"store i64 0, ptr {w.offset('%my.counters', ring, 'i64')}, align 8")
    for steps, members in regions.rings.items():
        for place, number in enumerate(members):
            value = w.offset("%my.now", regions.program.delays[number].state * regions.count)
            pipe = w.offset(regions.pointer(w, f"ring {steps}"), place * regions.count)
            w.do(f"call void @fill(ptr {pipe}, ptr {value}, i64 {steps}, i64 {len(members)})")


def _fill(count: int) -> list[str]:
    """@fill(pipe, value, steps, stride): a value into every row of a ring."""
    w = Lanes(count, False)
    value = w.load("%value")
    w.do("br label %more")
    w.block("more")
    w.do("%i = phi i64 [ 0, %0 ], [ %i.after, %more ]")
    w.store(value, w.emit(f"getelementptr {w.vector}, ptr %pipe, i64 {w.emit('mul i64 %i, %stride')}"))
    w.do("%i.after = add i64 %i, 1")
    w.do("%again = icmp slt i64 %i.after, %steps")
    w.do("br i1 %again, label %more, label %done")
    w.block("done")
    head = (
        "define internal void @fill(ptr noalias %pipe, ptr noalias %value, i64 %steps, i64 %stride) noinline nounwind {"
    )
    return [head, *w.lines, "  ret void", "}"]


def _euler_step(w: Lanes, regions: Regions) -> None:
    w.block("step")
    w.do("%i = phi i64 [ 0, %begin ], [ %i.after, %step.end ]")
    w.do("%now = phi ptr [ %my.now, %begin ], [ %next, %step.end ]")
    w.do("%next = phi ptr [ %my.next, %begin ], [ %now, %step.end ]")
    w.do("%to = phi ptr [ %my.out, %begin ], [ %to.after, %step.end ]")
    recording = _recording(w)
    w.do(f"%row.place = mul i64 %i, {len(regions.columns)}")
    w.do("%row.timed = getelementptr double, ptr %timed, i64 %row.place")
    w.do(
        "call void @advance(ptr %my.once, ptr %now, ptr %next, ptr %row.timed, ptr %my.dated, i64 %i, i64 %i, "
        f"ptr %memory, ptr %to, i64 %out_stride, i1 {recording})"
    )
    _next_step(w, recording)


def _recording(w: Lanes) -> str:
    mark = w.emit(f"load i8, ptr {w.emit('getelementptr i8, ptr %marks, i64 %i')}, align 1")
    return w.emit(f"icmp ne i8 {mark}, 0")


def _next_step(w: Lanes, recording: str) -> None:
    w.do("br label %step.end")
    w.block("step.end")
    w.do("%to.next = getelementptr i8, ptr %to, i64 %mark_stride")
    w.do(f"%to.after = select i1 {recording}, ptr %to.next, ptr %to")
    w.do("%i.after = add i64 %i, 1")
    w.do("%more.steps = icmp sle i64 %i.after, %last_step")
    w.do("br i1 %more.steps, label %step, label %run.end")
    w.block("run.end")


def _runge_kutta_step(w: Lanes, regions: Regions, dt: float) -> None:
    size = 8 * len(regions.program.following) * regions.count
    w.block("step")
    w.do("%i = phi i64 [ 0, %begin ], [ %i.after, %step.end ]")
    w.do("%to = phi ptr [ %my.out, %begin ], [ %to.after, %step.end ]")
    recording = _recording(w)
    w.do(f"call void @llvm.memcpy.p0.p0.i64(ptr %my.base, ptr %my.now, i64 {size}, i1 false)")
    w.do(f"call void @llvm.memset.p0.i64(ptr %my.slope, i8 0, i64 {size}, i1 false)")
    stages = ((0, dt / 2, 0.0, dt / 6), (1, dt / 2, 0.0, dt / 3), (1, dt, 0.0, dt / 3), (2, 0.0, 1.0, dt / 6))
    states = ["%my.now", "%my.next"]
    w.do("%i.rows = mul i64 %i, 3")
    for number, (row, a, b, weight) in enumerate(stages):
        here = w.emit(f"add i64 %i.rows, {row}")
        far = w.emit(f"mul i64 {here}, {len(regions.columns)}")
        timed = w.emit(f"getelementptr double, ptr %timed, i64 {far}")
        flags = [recording if number == 0 else "false", str(number == 0).lower(), str(number == 3).lower()]
        numbers = ", ".join(f"double {number_text(one)}" for one in (a, b, weight))
        w.do(
            f"call void @advance(ptr %my.once, ptr {states[0]}, ptr {states[1]}, ptr {timed}, ptr %my.dated, "
            f"i64 {here}, i64 %i, ptr %memory, ptr %to, i64 %out_stride, i1 {flags[0]}, ptr %my.base, ptr %my.slope, "
            f"i1 {flags[1]}, i1 {flags[2]}, {numbers})"
        )
        states.reverse()
    _next_step(w, recording)

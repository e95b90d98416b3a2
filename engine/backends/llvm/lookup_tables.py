"""Lookups as vector code: the place between two points, found lane by lane, and a straight line there."""

from __future__ import annotations

from itertools import pairwise

from innovation.engine.ir.arithmetic import segment_slopes
from innovation.engine.ir.structure import Table

from .lanes import Lanes, number_text

_SHORT = 16  # up to so many segments each point is compared; longer tables are halved


def table_function(name: str, table: Table, count: int, fused: bool, given: bool = False) -> list[str]:
    """A function of the argument; where the caller gives the values, of the memory (points, lanes) that holds them."""
    w = Lanes(count, fused, exact=True)
    points = len(table.x)
    head = f"define internal {w.vector} @{name}({w.vector} %x{', ptr %values' if given else ''}) noinline nounwind {{"
    arrays = [_array(f"{name}.x", table.x)]
    if not given:
        arrays += [_array(f"{name}.y", table.y), _array(f"{name}.slope", segment_slopes(table))]
    place = _place(w, name, table)
    left = w.fetch(f"@{name}.x", place)
    if given:
        after = w.on_bits("add", place, w.whole_splat(1 if points > 1 else 0))
        value, next_value = (w.fetch("%values", w.by_lane(one)) for one in (place, after))
        width = w.subtract(w.fetch(f"@{name}.x", after), left) if points > 1 else w.splat(1.0)
        slope = w.divide(w.subtract(next_value, value), width)
        first, last = w.load("%values"), w.load(w.offset("%values", count * (points - 1)))
    else:
        value, slope = (w.fetch(f"@{name}.{part}", place) for part in ("y", "slope"))
        first, last = w.splat(table.y[0]), w.splat(table.y[-1])
    if table.method == "hold_backward":
        result = value
    else:
        result = w.add(value, w.multiply(slope, w.subtract("%x", left)))
    if table.method != "extrapolate":
        result = w.choose(w.compare(">=", "%x", w.splat(table.x[-1])), last, result)
        result = w.choose(w.compare("<=", "%x", w.splat(table.x[0])), first, result)
    result = w.choose(w.compare("uno", "%x", "%x"), "%x", result)
    return [*arrays, head, *w.lines, f"  ret {w.vector} {result}", "}"]


def _array(name: str, values: tuple[float, ...] | list[float]) -> str:
    listed = ", ".join(f"double {number_text(value)}" for value in values)
    return f"@{name} = internal constant [{len(values)} x double] [{listed}]"


def _place(w: Lanes, name: str, table: Table) -> str:
    """The number of the last point not beyond x, 0 to the last but one, as whole numbers."""
    last = max(len(table.x) - 2, 0)
    if last <= _SHORT:
        place = "zeroinitializer"
        for point in table.x[1 : last + 1]:
            reached = w.compare(">=", "%x", w.splat(point))
            place = w.on_bits("add", place, w.emit(f"zext {w.truth} {reached} to {w.whole}"))
        return place
    step = _uniform_step(table)
    if step:
        raw = w.divide(w.subtract("%x", w.splat(table.x[0])), w.splat(step))
        low = w.choose(w.compare("ogt", raw, w.splat(0.0)), raw, w.splat(0.0))
        bound = w.choose(w.compare("olt", low, w.splat(float(last))), low, w.splat(float(last)))
        place = w.emit(f"fptosi {w.vector} {bound} to {w.whole}")
        return _corrected(w, name, place, last)
    place, width = "zeroinitializer", 1
    while width * 2 <= last:
        width *= 2
    while width:
        tried = w.on_bits("add", place, w.whole_splat(width))
        inside = w.emit(f"icmp sle {w.whole} {tried}, {w.whole_splat(last)}")
        safe = w.emit(f"select {w.truth} {inside}, {w.whole} {tried}, {w.whole} zeroinitializer")
        reached = w.compare(">=", "%x", w.fetch(f"@{name}.x", safe))
        place = w.emit(f"select {w.truth} {w.logic('and', inside, reached)}, {w.whole} {tried}, {w.whole} {place}")
        width //= 2
    return place


def _uniform_step(table: Table) -> float:
    """The distance of the points where it is everywhere the same to rounding, else 0."""
    step = (table.x[-1] - table.x[0]) / (len(table.x) - 1)
    even = all(abs(after - before - step) <= 1e-9 * step for before, after in pairwise(table.x))
    return step if even else 0.0


def _corrected(w: Lanes, name: str, place: str, last: int) -> str:
    """A computed place moved by one where rounding has put it on the wrong side of a point."""
    here = w.fetch(f"@{name}.x", place)
    back = w.emit(f"zext {w.truth} {w.compare('olt', '%x', here)} to {w.whole}")
    place = w.on_bits("sub", place, back)
    place = w.emit(f"call {w.whole} @llvm.smax.v{w.count}i64({w.whole} {place}, {w.whole} zeroinitializer)")
    after = w.on_bits("add", place, w.whole_splat(1))
    on = w.logic(
        "and", w.compare(">=", "%x", w.fetch(f"@{name}.x", after)),
        w.emit(f"icmp slt {w.whole} {place}, {w.whole_splat(last)}"),
    )  # fmt: skip
    return w.emit(f"select {w.truth} {on}, {w.whole} {after}, {w.whole} {place}")

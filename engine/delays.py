"""Smooths, delays, trends and forecasts as chains of stocks, as Vensim's manual and XMILE 1.0 (3.5.3) write them."""

from __future__ import annotations

from engine.context import ExpansionContext
from engine.primitives import NOT_A_NUMBER, ONE, ZERO, call, either, xidz
from engine.structure import Expression, Formula, Held, Number, Reference, Stock


def _stages(w: ExpansionContext, function: str, time: Expression, order: Expression) -> int:
    """How many stages a SMOOTH N or DELAY N has: Vensim takes the order once, when the run starts."""
    stages = w.whole_number(order, f"the order of a {function}")
    if w.xmile:
        return stages
    if w.method != "euler":
        raise w.refuse_part(f"{function} under RK4 is not supported. Choose Euler, or write {function[:-2]}3.")
    length, step = w.at_start(time), w.at_start(Reference("time_step"))
    if length is not None and step is not None and stages * step > length * (1 + 1e-9):
        shown = f"an order of {stages} needs a time of at least {stages} TIME STEPs"
        raise w.refuse_part(f"{function} of a time of {length:g}: {shown}; Vensim would lower it. Write a lower order.")
    return stages


def smooth_n(
    w: ExpansionContext, value: Expression, time: Expression, initial: Expression, order: Expression
) -> Expression:
    """A smooth of an order that the model may compute, from its value when the run starts."""
    return smooth(w, value, time, initial, Number(float(_stages(w, "SMOOTH N", time, order))))


def _pace(w: ExpansionContext, function: str, time: Expression, stages: int) -> Expression:
    """The time of each stage. In XMILE it is a step at least: below, the figures would be those of the step alone."""
    each = call("/", time, Number(float(stages)))
    if not w.xmile:
        return w.name_once(each)
    length, step = w.at_start(time), w.at_start(Reference("time_step"))
    if length is not None and step is not None and stages * step > length * (1 + 1e-9):
        steps = "a step" if stages == 1 else f"{stages} steps"
        raise w.refuse_part(
            f"{function} over a time of {length:g} needs {steps} of time, and a step is {step:g}: it would swing by "
            "itself, and tools give different figures. Write a smaller <dt> or a longer time, or use DELAY."
        )
    time = w.name_once(time)
    enough = call(">=", call("*", time, Number(1 + 1e-9)), call("*", Number(float(stages)), Reference("time_step")))
    return w.add(f"stage of {function} (nan where shorter than a step)", Formula(either(enough, each, NOT_A_NUMBER)))


def _named(function: str, stages: int) -> str:
    return f"{function}{stages}" if stages in (1, 3) else f"{function}N of order {stages}"


def smooth(
    w: ExpansionContext, value: Expression, time: Expression, initial: Expression, order: Expression
) -> Expression:
    """An average that follows its input through so many stages (Vensim: SMOOTH, SMOOTH3; XMILE: SMTH1, SMTH3)."""
    stages = w.whole_number(order, "the order of a SMOOTH")
    pace = _pace(w, _named("SMTH", stages), time, stages)
    level: Expression = value
    for _ in range(stages):
        stock = w.reserve("SMOOTH")
        w.fill(stock, Stock(call("/", call("-", level, stock), pace), initial))
        level = stock
    return level


def delay(
    w: ExpansionContext, value: Expression, time: Expression, initial: Expression, order: Expression
) -> Expression:
    """What goes in comes out, through so many stages (Vensim: DELAY1, DELAY3; XMILE the same)."""
    stages = w.whole_number(order, "the order of a DELAY")
    pace = _pace(w, _named("DELAY", stages), time, stages)
    start = w.name_once(initial)
    flow = value
    for _ in range(stages):
        stock = w.reserve("DELAY")
        out = call("/", stock, pace)
        w.fill(stock, Stock(call("-", flow, out), call("*", start, pace)))
        flow = w.name_once(out)
    return flow


def delay_n(
    w: ExpansionContext, value: Expression, time: Expression, initial: Expression, order: Expression
) -> Expression:
    """Vensim's last stage lets out by the delay time of the step before; how it moves between stages is not written."""
    stages = _stages(w, "DELAY N", time, order)
    if w.xmile or stages > 2:
        w.must_not_move(
            time, "the delay time of a DELAY N of order 3 or more" if not w.xmile else "the time of a DELAYN"
        )
        return delay(w, value, time, initial, Number(float(stages)))
    now = w.name_once(call("/", time, Number(float(stages))))
    before = w.add("DELAY", Held(now, now))
    start = call("*", w.name_once(initial), now)
    flow = value
    for pace in [now, before][2 - stages :]:
        stock = w.reserve("DELAY")
        out = call("/", stock, pace)
        w.fill(stock, Stock(call("-", flow, out), start))
        flow = w.name_once(out)
    return flow


def _average(w: ExpansionContext, label: str, value: Expression, time: Expression, initial: Expression) -> Reference:
    stock = w.reserve(label)
    over = _pace(w, {"FORECAST": "FORCST"}.get(label, label), time, 1) if w.xmile else time
    w.fill(stock, Stock(call("/", call("-", value, stock), over), initial))
    return stock


def trend(w: ExpansionContext, value: Expression, time: Expression, initial: Expression) -> Expression:
    """The fractional growth rate of an input against its average (Vensim: TREND)."""
    value, time = w.name_once(value), w.name_once(time)
    start = call("/", value, call("+", ONE, call("*", initial, time)))
    average = _average(w, "TREND", value, time, start)
    return xidz(w, call("-", value, average), call("*", time, call("abs", average)), ZERO)


def forecast(
    w: ExpansionContext, value: Expression, time: Expression, horizon: Expression, trend: Expression | None
) -> Expression:
    """An input drawn on along its trend (Vensim: FORECAST; XMILE: FORCST, which may be given a trend to begin with)."""
    value, time = w.name_once(value), w.name_once(time)
    start = value if trend is None else call("/", value, call("+", ONE, call("*", trend, time)))
    average = _average(w, "FORECAST", value, time, start)
    growth = xidz(w, call("-", value, average), call("*", time, average), ZERO)
    return call("*", value, call("+", ONE, call("*", growth, horizon)))

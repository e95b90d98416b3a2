"""Smooths, delays, trends and forecasts as chains of stocks, as Vensim's manual and XMILE 1.0 (3.5.3) write them."""

from __future__ import annotations

from collections.abc import Callable

from innovation.engine.ir.primitives import NEARLY_ZERO, NOT_A_NUMBER, ONE, OPERATORS, PRIMITIVES, ZERO, call, either
from innovation.engine.ir.structure import (
    Expression,
    FixedDelay,
    Formula,
    Held,
    Initial,
    Number,
    Reference,
    StepTime,
    Stock,
    Time,
)

from .context import ExpansionContext

REDUCTIONS = {"sum": "+", "prod": "*", "vmin": "min", "vmax": "max"}
PI = Number(3.141592653589793)


def xidz(w: ExpansionContext, numerator: Expression, denominator: Expression, otherwise: Expression) -> Expression:
    """A quotient, and another value where the divisor is nearly 0."""
    below = w.name_once(denominator)
    return either(call("<", call("abs", below), NEARLY_ZERO), otherwise, call("/", numerator, below))


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


def _now(w: ExpansionContext) -> Expression:
    """The time that inputs see: RK4 holds them over a step (Vensim's documentation, page rungekutta)."""
    return StepTime() if w.method == "rk4" else Time()


def _clock(w: ExpansionContext) -> Expression:
    """The middle of the current step: events are compared with it, so that rounding cannot move them."""
    return call("+", _now(w), call("/", Reference("time_step"), Number(2.0)))


def _quantum(w: ExpansionContext, value: Expression, size: Expression) -> Expression:
    value, size = w.name_once(value), w.name_once(size)
    whole = call("*", size, call("truncate", call("/", value, size)))
    return either(call("<", size, NEARLY_ZERO), value, whole)


def _modulo(w: ExpansionContext, value: Expression, size: Expression) -> Expression:
    value = w.name_once(value)
    return call("-", value, _quantum(w, value, size))


def _floor(w: ExpansionContext, value: Expression) -> Expression:
    """XMILE's INT: the next whole number below, also for negative numbers (XMILE 1.0, section 3.5.1)."""
    value = w.name_once(value)
    whole = w.name_once(call("truncate", value))
    return either(call(">", whole, value), call("-", whole, ONE), whole)


def _floored_modulo(w: ExpansionContext, value: Expression, size: Expression) -> Expression:
    """XMILE's MOD, which has the sign of the divisor (XMILE 1.0, section 3.3.1)."""
    value, size = w.name_once(value), w.name_once(size)
    return call("-", value, call("*", size, _floor(w, call("/", value, size))))


def _safediv(
    w: ExpansionContext, numerator: Expression, denominator: Expression, otherwise: Expression = ZERO
) -> Expression:
    """XMILE knows no nearly 0: only a divisor of 0 itself is passed over."""
    below = w.name_once(denominator)
    return either(call("=", below, ZERO), otherwise, call("/", numerator, below))


def _step(w: ExpansionContext, height: Expression, start: Expression) -> Expression:
    return either(call(">", _clock(w), start), height, ZERO)


def _ramp(w: ExpansionContext, slope: Expression, start: Expression, end: Expression | None = None) -> Expression:
    start = w.name_once(start)
    now: Expression = _now(w) if end is None else call("min", _now(w), end)
    return either(call(">", _now(w), start), call("*", slope, call("-", now, start)), ZERO)


def _width(width: Expression) -> Expression:
    """A pulse lasts one step at least."""
    return call("max", width, Reference("time_step"))


def _pulse(w: ExpansionContext, start: Expression, width: Expression) -> Expression:
    start = w.name_once(start)
    inside = call("and", call(">", _clock(w), start), call("<", _clock(w), call("+", start, _width(width))))
    return either(inside, ONE, ZERO)


def _pulse_train(
    w: ExpansionContext, start: Expression, width: Expression, interval: Expression, end: Expression
) -> Expression:
    """The end is a part of it: a pulse that begins there is given for that step (Vensim's own output)."""
    start = w.name_once(start)
    last = call("-", _now(w), call("/", Reference("time_step"), Number(1024.0)))  # no step is lost to rounding
    begun = call("and", call(">", _clock(w), start), call("<=", last, end))
    interval, lasting = w.name_once(interval), w.name_once(_width(width))
    into = w.name_once(_modulo(w, call("-", _clock(w), start), interval))
    inside = call("and", call(">", into, ZERO), call("<=", into, lasting))  # no pulse is lost that begins between steps
    return either(call("and", begun, call("or", inside, call("<=", interval, lasting))), ONE, ZERO)


def _impulse(w: ExpansionContext, start: Expression, amount: Expression) -> Expression:
    """XMILE's PULSE: an amount delivered within one step, the first that is not before the start."""
    return _impulse_train(w, start, ZERO, amount)


def _impulse_train(w: ExpansionContext, start: Expression, interval: Expression, amount: Expression) -> Expression:
    start, interval = w.name_once(start), w.name_once(interval)
    single = call("and", call(">", _clock(w), start), call("<=", _clock(w), call("+", start, Reference("time_step"))))
    train = _pulse_train(w, start, ZERO, interval, Number(float("inf"))) if interval != ZERO else ZERO
    pulse = either(call(">", interval, ZERO), train, either(single, ONE, ZERO))
    return call("*", pulse, call("/", amount, Reference("time_step")))


def _sample(w: ExpansionContext, condition: Expression, value: Expression, initial: Expression) -> Expression:
    before = w.reserve("SAMPLE")
    now = w.add("SAMPLE", Formula(either(condition, value, before)))
    w.fill(before, Held(now, initial))
    return now


def _primitive(name: str) -> Callable[..., Expression]:
    return lambda w, *arguments: call(name, *arguments)


# By the names that ``vocabulary`` gives them; each takes the equation it stands in and its arguments.
FUNCTIONS: dict[str, Callable[..., Expression]] = {
    **{name: _primitive(name) for name in PRIMITIVES if name not in OPERATORS},
    "same": lambda w, value: value,
    "power": lambda w, base, exponent: call("^", base, exponent),
    "integer": lambda w, value: call("truncate", value),
    "floor": _floor,
    "log": lambda w, value, base: call("/", call("ln", value), call("ln", base)),
    "log10": lambda w, value: call("/", call("ln", value), call("ln", Number(10.0))),
    "pi": lambda w: PI,
    "zidz": lambda w, a, b: xidz(w, a, b, ZERO),
    "xidz": xidz,
    "safediv": _safediv,
    "quantum": _quantum,
    "modulo": _modulo,
    "mod": _floored_modulo,
    "step": _step,
    "ramp": _ramp,
    "pulse": _pulse,
    "pulse_train": _pulse_train,
    "impulse": _impulse,
    "impulse_train": _impulse_train,
    "smooth": smooth,
    "smooth_n": smooth_n,
    "delay": delay,
    "delay_n": delay_n,
    "trend": trend,
    "forecast": lambda w, value, time, horizon: forecast(w, value, time, horizon, None),
    "forecast_from": forecast,
    "sample_if_true": _sample,
    "previous": lambda w, value, start: w.add("PREVIOUS", Held(value, start)),
    "delay_fixed": lambda w, value, time, start: w.add("DELAY FIXED", FixedDelay(value, time, start)),
    "initial": lambda w, value: w.add("INITIAL", Initial(value)),
}

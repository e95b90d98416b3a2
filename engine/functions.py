"""The system-dynamics functions the engine computes, each written out in primitives and stocks.

A back-end knows the primitives alone; what SMOOTH, STEP or ZIDZ mean is said here once, for all of them.
Sources: Vensim reference manual (Ventana Systems), XMILE 1.0 (OASIS 2015, section 3.5).
"""

from __future__ import annotations

from collections.abc import Callable

from engine.context import ExpansionContext
from engine.delays import delay, delay_n, forecast, smooth, smooth_n, trend
from engine.primitives import NEARLY_ZERO, ONE, ZERO, call, either, xidz
from engine.structure import (
    Expression,
    FixedDelay,
    Formula,
    Held,
    Initial,
    Number,
    Reference,
    StepTime,
    Time,
)

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
LOGICAL = COMPARISONS | {"and", "or", "not"}
OPERATORS = LOGICAL | {"+", "-", "*", "/", "^", "negative", "truncate"}  # not called by name
PRIMITIVES = {
    **dict.fromkeys(("+", "-", "*", "/", "^", "min", "max", "and", "or", "active_initial", *sorted(COMPARISONS)), 2),
    **dict.fromkeys(("negative", "not", "abs", "exp", "ln", "sqrt", "truncate", "sin", "cos", "tan"), 1),
    **dict.fromkeys(("arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"), 1),
    "if_then_else": 3,
}
REDUCTIONS = {"sum": "+", "prod": "*", "vmin": "min", "vmax": "max"}
NOT_AVAILABLE = -(2.0**109)  # Vensim's :NA:
PI = Number(3.141592653589793)


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

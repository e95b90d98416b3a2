"""The system-dynamics functions the engine computes, each written out in primitives and stocks.

A back-end knows the primitives alone; what SMOOTH, STEP or ZIDZ mean is said here once, for all of them.
Sources: Vensim reference manual (Ventana Systems), XMILE 1.0 (OASIS 2015, section 3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.structure import (
    Call,
    Expression,
    FixedDelay,
    Formula,
    Held,
    Initial,
    Number,
    Reference,
    Rule,
    StepTime,
    Stock,
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
NEARLY_ZERO = Number(1e-6)  # below this ZIDZ, XIDZ and QUANTUM take a divisor as 0 (Vensim manual)
ZERO, ONE = Number(0.0), Number(1.0)
PI = Number(3.141592653589793)
NOT_A_NUMBER = Call("sqrt", (Number(-1.0),))  # ends a run with the name of what it stands in


class Workshop(Protocol):
    """What an expansion may ask of the equation it stands in: how stocks are integrated, and new inner variables."""

    @property
    def method(self) -> str:
        """'euler' or 'rk4'."""
        ...

    @property
    def xmile(self) -> bool:
        """Whether the file is XMILE, and not Vensim's: some functions of one name differ."""
        ...

    def name_once(self, expression: Expression) -> Expression:
        """The expression as a reference, so that it is computed once however often it is used."""
        ...

    def add(self, label: str, rule: Rule) -> Reference:
        """A new inner variable with this rule."""
        ...

    def reserve(self, label: str) -> Reference:
        """A reference to an inner variable whose rule follows by ``fill``."""
        ...

    def fill(self, reference: Reference, rule: Rule) -> None:
        """Give a reserved inner variable its rule."""
        ...

    def whole_number(self, expression: Expression, meaning: str) -> int:
        """The value of an expression that must be a whole number known from the file."""
        ...

    def at_start(self, expression: Expression) -> float | None:
        """The value of an expression at the start, where the file alone tells it."""
        ...

    def refuse_part(self, message: str) -> Exception:
        """The exception to raise where a function is used in a way that is not supported."""
        ...

    def must_not_move(self, expression: Expression, meaning: str) -> None:
        """Refuse the model if the expression changes during a run."""
        ...


def call(function: str, *arguments: Expression) -> Call:
    """A primitive applied to expressions."""
    return Call(function, arguments)


def _now(w: Workshop) -> Expression:
    """The time that inputs see: RK4 holds them over a step (Vensim's documentation, page rungekutta)."""
    return StepTime() if w.method == "rk4" else Time()


def _clock(w: Workshop) -> Expression:
    """The middle of the current step: events are compared with it, so that rounding cannot move them."""
    return call("+", _now(w), call("/", Reference("time_step"), Number(2.0)))


def _either(condition: Expression, yes: Expression, no: Expression) -> Expression:
    return call("if_then_else", condition, yes, no)


def _xidz(w: Workshop, numerator: Expression, denominator: Expression, otherwise: Expression) -> Expression:
    below = w.name_once(denominator)
    return _either(call("<", call("abs", below), NEARLY_ZERO), otherwise, call("/", numerator, below))


def _quantum(w: Workshop, value: Expression, size: Expression) -> Expression:
    value, size = w.name_once(value), w.name_once(size)
    whole = call("*", size, call("truncate", call("/", value, size)))
    return _either(call("<", size, NEARLY_ZERO), value, whole)


def _modulo(w: Workshop, value: Expression, size: Expression) -> Expression:
    value = w.name_once(value)
    return call("-", value, _quantum(w, value, size))


def _floor(w: Workshop, value: Expression) -> Expression:
    """XMILE's INT: the next whole number below, also for negative numbers (XMILE 1.0, section 3.5.1)."""
    value = w.name_once(value)
    whole = w.name_once(call("truncate", value))
    return _either(call(">", whole, value), call("-", whole, ONE), whole)


def _floored_modulo(w: Workshop, value: Expression, size: Expression) -> Expression:
    """XMILE's MOD, which has the sign of the divisor (XMILE 1.0, section 3.3.1)."""
    value, size = w.name_once(value), w.name_once(size)
    return call("-", value, call("*", size, _floor(w, call("/", value, size))))


def _safediv(w: Workshop, numerator: Expression, denominator: Expression, otherwise: Expression = ZERO) -> Expression:
    """XMILE knows no nearly 0: only a divisor of 0 itself is passed over."""
    below = w.name_once(denominator)
    return _either(call("=", below, ZERO), otherwise, call("/", numerator, below))


def _step(w: Workshop, height: Expression, start: Expression) -> Expression:
    return _either(call(">", _clock(w), start), height, ZERO)


def _ramp(w: Workshop, slope: Expression, start: Expression, end: Expression | None = None) -> Expression:
    start = w.name_once(start)
    now: Expression = _now(w) if end is None else call("min", _now(w), end)
    return _either(call(">", _now(w), start), call("*", slope, call("-", now, start)), ZERO)


def _width(width: Expression) -> Expression:
    """A pulse lasts one step at least."""
    return call("max", width, Reference("time_step"))


def _pulse(w: Workshop, start: Expression, width: Expression) -> Expression:
    start = w.name_once(start)
    inside = call("and", call(">", _clock(w), start), call("<", _clock(w), call("+", start, _width(width))))
    return _either(inside, ONE, ZERO)


def _pulse_train(
    w: Workshop, start: Expression, width: Expression, interval: Expression, end: Expression
) -> Expression:
    """The end is a part of it: a pulse that begins there is given for that step (Vensim's own output)."""
    start = w.name_once(start)
    last = call("-", _now(w), call("/", Reference("time_step"), Number(1024.0)))  # no step is lost to rounding
    begun = call("and", call(">", _clock(w), start), call("<=", last, end))
    interval, lasting = w.name_once(interval), w.name_once(_width(width))
    into = w.name_once(_modulo(w, call("-", _clock(w), start), interval))
    inside = call("and", call(">", into, ZERO), call("<=", into, lasting))  # no pulse is lost that begins between steps
    return _either(call("and", begun, call("or", inside, call("<=", interval, lasting))), ONE, ZERO)


def _impulse(w: Workshop, start: Expression, amount: Expression) -> Expression:
    """XMILE's PULSE: an amount delivered within one step, the first that is not before the start."""
    return _impulse_train(w, start, ZERO, amount)


def _impulse_train(w: Workshop, start: Expression, interval: Expression, amount: Expression) -> Expression:
    start, interval = w.name_once(start), w.name_once(interval)
    single = call("and", call(">", _clock(w), start), call("<=", _clock(w), call("+", start, Reference("time_step"))))
    train = _pulse_train(w, start, ZERO, interval, Number(float("inf"))) if interval != ZERO else ZERO
    pulse = _either(call(">", interval, ZERO), train, _either(single, ONE, ZERO))
    return call("*", pulse, call("/", amount, Reference("time_step")))


def _stages(w: Workshop, function: str, time: Expression, order: Expression) -> int:
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


def _smooth_n(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
    return _smooth(w, value, time, initial, Number(float(_stages(w, "SMOOTH N", time, order))))


def _pace(w: Workshop, function: str, time: Expression, stages: int) -> Expression:
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
    return w.name_once(_either(enough, each, NOT_A_NUMBER))


def _named(function: str, stages: int) -> str:
    return f"{function}{stages}" if stages in (1, 3) else f"{function}N of order {stages}"


def _smooth(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
    stages = w.whole_number(order, "the order of a SMOOTH")
    pace = _pace(w, _named("SMTH", stages), time, stages)
    level: Expression = value
    for _ in range(stages):
        stock = w.reserve("SMOOTH")
        w.fill(stock, Stock(call("/", call("-", level, stock), pace), initial))
        level = stock
    return level


def _delay(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
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


def _delay_n(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
    """Vensim's last stage lets out by the delay time of the step before; how it moves between stages is not written."""
    stages = _stages(w, "DELAY N", time, order)
    if w.xmile or stages > 2:
        w.must_not_move(
            time, "the delay time of a DELAY N of order 3 or more" if not w.xmile else "the time of a DELAYN"
        )
        return _delay(w, value, time, initial, Number(float(stages)))
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


def _average(w: Workshop, label: str, value: Expression, time: Expression, initial: Expression) -> Reference:
    stock = w.reserve(label)
    over = _pace(w, {"FORECAST": "FORCST"}.get(label, label), time, 1) if w.xmile else time
    w.fill(stock, Stock(call("/", call("-", value, stock), over), initial))
    return stock


def _trend(w: Workshop, value: Expression, time: Expression, initial: Expression) -> Expression:
    value, time = w.name_once(value), w.name_once(time)
    start = call("/", value, call("+", ONE, call("*", initial, time)))
    average = _average(w, "TREND", value, time, start)
    return _xidz(w, call("-", value, average), call("*", time, call("abs", average)), ZERO)


def _forecast(
    w: Workshop, value: Expression, time: Expression, horizon: Expression, trend: Expression | None
) -> Expression:
    value, time = w.name_once(value), w.name_once(time)
    start = value if trend is None else call("/", value, call("+", ONE, call("*", trend, time)))
    average = _average(w, "FORECAST", value, time, start)
    growth = _xidz(w, call("-", value, average), call("*", time, average), ZERO)
    return call("*", value, call("+", ONE, call("*", growth, horizon)))


def _sample(w: Workshop, condition: Expression, value: Expression, initial: Expression) -> Expression:
    before = w.reserve("SAMPLE")
    now = w.add("SAMPLE", Formula(_either(condition, value, before)))
    w.fill(before, Held(now, initial))
    return now


def _primitive(name: str) -> Callable[..., Expression]:
    return lambda w, *arguments: call(name, *arguments)


# By the names that ``vocabulary`` gives them; each takes the workshop and its arguments.
FUNCTIONS: dict[str, Callable[..., Expression]] = {
    **{name: _primitive(name) for name in PRIMITIVES if name not in OPERATORS},
    "same": lambda w, value: value,
    "power": lambda w, base, exponent: call("^", base, exponent),
    "integer": lambda w, value: call("truncate", value),
    "floor": _floor,
    "log": lambda w, value, base: call("/", call("ln", value), call("ln", base)),
    "log10": lambda w, value: call("/", call("ln", value), call("ln", Number(10.0))),
    "pi": lambda w: PI,
    "zidz": lambda w, a, b: _xidz(w, a, b, ZERO),
    "xidz": _xidz,
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
    "smooth": _smooth,
    "smooth_n": _smooth_n,
    "delay": _delay,
    "delay_n": _delay_n,
    "trend": _trend,
    "forecast": lambda w, value, time, horizon: _forecast(w, value, time, horizon, None),
    "forecast_from": _forecast,
    "sample_if_true": _sample,
    "previous": lambda w, value, start: w.add("PREVIOUS", Held(value, start)),
    "delay_fixed": lambda w, value, time, start: w.add("DELAY FIXED", FixedDelay(value, time, start)),
    "initial": lambda w, value: w.add("INITIAL", Initial(value)),
}

"""The system-dynamics functions the engine computes, each written out in primitives and stocks.

A back-end knows the primitives alone; what SMOOTH, STEP or ZIDZ mean is said here once, for all of them.
Sources: Vensim reference manual (Ventana Systems), XMILE 1.0 (OASIS 2015, section 3.5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
OPERATORS = LOGICAL | {"+", "-", "*", "/", "^", "negative", "truncate"}  # no function of the vocabulary
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


@dataclass(frozen=True)
class Function:
    """A function of the vocabulary: how many arguments it takes, and its expansion into primitives."""

    arguments: tuple[int, ...]
    expand: Callable[..., Expression]


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
    w: Workshop, start: Expression, interval: Expression, width: Expression, end: Expression
) -> Expression:
    start = w.name_once(start)
    begun = call("and", call(">", _clock(w), start), call("<", _clock(w), end))
    inside = call("<", _modulo(w, call("-", _clock(w), start), interval), _width(width))
    return _either(call("and", begun, inside), ONE, ZERO)


def _impulse(w: Workshop, start: Expression, amount: Expression) -> Expression:
    """XMILE's PULSE: an amount delivered within one step."""
    return call("*", _pulse(w, start, ZERO), call("/", amount, Reference("time_step")))


def _impulse_train(w: Workshop, start: Expression, interval: Expression, amount: Expression) -> Expression:
    train = _pulse_train(w, start, interval, ZERO, Number(float("inf")))
    single = _pulse(w, start, ZERO)
    pulse = _either(call(">", interval, ZERO), train, single)
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


def _smooth(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
    stages = w.whole_number(order, "the order of a SMOOTH")
    pace = w.name_once(call("/", time, Number(float(stages))))
    level: Expression = value
    for _ in range(stages):
        stock = w.reserve("SMOOTH")
        w.fill(stock, Stock(call("/", call("-", level, stock), pace), initial))
        level = stock
    return level


def _delay(w: Workshop, value: Expression, time: Expression, initial: Expression, order: Expression) -> Expression:
    stages = w.whole_number(order, "the order of a DELAY")
    pace = w.name_once(call("/", time, Number(float(stages))))
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
    w.fill(stock, Stock(call("/", call("-", value, stock), time), initial))
    return stock


def _trend(w: Workshop, value: Expression, time: Expression, initial: Expression) -> Expression:
    value, time = w.name_once(value), w.name_once(time)
    start = call("/", value, call("+", ONE, call("*", initial, time)))
    average = _average(w, "TREND", value, time, start)
    return _xidz(w, call("-", value, average), call("*", time, call("abs", average)), ZERO)


def _forecast(w: Workshop, value: Expression, time: Expression, horizon: Expression) -> Expression:
    value, time = w.name_once(value), w.name_once(time)
    average = _average(w, "FORECAST", value, time, value)
    growth = _xidz(w, call("-", value, average), call("*", time, average), ZERO)
    return call("*", value, call("+", ONE, call("*", growth, horizon)))


def _sample(w: Workshop, condition: Expression, value: Expression, initial: Expression) -> Expression:
    before = w.reserve("SAMPLE")
    now = w.add("SAMPLE", Formula(_either(condition, value, before)))
    w.fill(before, Held(now, initial))
    return now


def _primitive(name: str) -> Function:
    return Function((PRIMITIVES[name],), lambda w, *arguments: call(name, *arguments))


FUNCTIONS: dict[str, Function] = {
    **{name: _primitive(name) for name in PRIMITIVES if name not in OPERATORS},
    "power": Function((2,), lambda w, base, exponent: call("^", base, exponent)),
    "integer": Function((1,), lambda w, value: call("truncate", value)),
    "log": Function((2,), lambda w, value, base: call("/", call("ln", value), call("ln", base))),
    "log10": Function((1,), lambda w, value: call("/", call("ln", value), call("ln", Number(10.0)))),
    "pi": Function((0,), lambda w: Number(3.141592653589793)),
    "zidz": Function((2,), lambda w, a, b: _xidz(w, a, b, ZERO)),
    "xidz": Function((3,), _xidz),
    "quantum": Function((2,), _quantum),
    "modulo": Function((2,), _modulo),
    "step": Function((2,), _step),
    "ramp": Function((2, 3), _ramp),
    "xramp": Function((2,), _ramp),
    "pulse": Function((2,), _pulse),
    "pulse_train": Function((4,), _pulse_train),
    "xpulse": Function((2,), _impulse),
    "xpulse_train": Function((3,), _impulse_train),
    "smooth": Function((4,), _smooth),
    "smooth_n": Function((4,), _smooth_n),
    "delay1": Function((4,), _delay),
    "delay_n": Function((4,), _delay_n),
    "trend": Function((3,), _trend),
    "forecast": Function((3,), _forecast),
    "sample_if_true": Function((3,), _sample),
    "delay_fixed": Function((3,), lambda w, value, time, start: w.add("DELAY FIXED", FixedDelay(value, time, start))),
    "initial": Function((1,), lambda w, value: w.add("INITIAL", Initial(value))),
}

"""Random expressions, each as Vensim writes it and as NumPy computes it, with how far rounding may move its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as some
from numpy.typing import NDArray

Array = NDArray[np.float64]
Known = tuple[Array, Array]
ROUNDING = 16 * np.finfo(float).eps  # what one operation may lose, some regrouping allowed for
EQUATIONS = "a = 1 ~~|\nb = 1 ~~|\np = 1 ~~|\nq = 1 ~~|\nk = 1.7 ~~|\ns = INTEG(0.25, 1.5) ~~|\n"
NAMES = ("a", "b", "p", "q", "k", "s", "Time")  # two a member, one for all, a path, folded, a stock, the clock


@dataclass(frozen=True, repr=False)
class Tree:
    """An expression: its text, and its value and possible error for given values of the names."""

    text: str
    known: Callable[[Mapping[str, Array]], Known]

    def __repr__(self) -> str:
        return self.text


def node(template: str, function: Callable[..., Array], *parts: Tree) -> Tree:
    """A function of parts; its error is seen by moving them: large where a step or a cancellation is near."""

    def known(values: Mapping[str, Array]) -> Known:
        inputs = [part.known(values) for part in parts]
        with np.errstate(all="ignore"):
            value = np.asarray(function(*(at for at, _ in inputs)), float)
            error = ROUNDING * np.abs(value)
            finite = np.isfinite(value)
            sure = ~finite
            for signs in product((-1, 1), repeat=len(parts)):
                moved = function(*(at + sign * by for sign, (at, by) in zip(signs, inputs, strict=True)))
                sure &= ~np.isfinite(moved)
                error = np.maximum(error, ROUNDING * np.abs(value) + np.abs(moved - value))
        return value, np.where(sure, 0.0, np.where(finite, error, np.nan))

    return Tree(template.format(*(part.text for part in parts)), known)


def name(text: str) -> Tree:
    return Tree(text, lambda values: (values[text], np.zeros_like(values[text])))


def number(value: float) -> Tree:
    return Tree(repr(value), lambda values: (np.full_like(values["a"], value), np.zeros_like(values["a"])))


def truth(array: Array) -> NDArray[np.bool_]:
    return np.abs(array) > 0.5


def quantum(value: Array, size: Array) -> Array:
    return np.where(size < 1e-6, value, size * np.trunc(value / size))


def xidz(above: Array, below: Array, otherwise: Array) -> Array:
    return np.where(np.abs(below) < 1e-6, otherwise, above / below)


ONE = {
    "ABS({})": np.abs, "EXP({})": np.exp, "LN({})": np.log, "SQRT({})": np.sqrt, "INTEGER({})": np.trunc,
    "SIN({})": np.sin, "COS({})": np.cos, "TAN({})": np.tan, "SINH({})": np.sinh, "COSH({})": np.cosh,
    "TANH({})": np.tanh, "ARCSIN({})": np.arcsin, "ARCCOS({})": np.arccos, "ARCTAN({})": np.arctan,
    "(-{})": np.negative, "LN(1+ABS({}))": lambda x: np.log(1 + np.abs(x)),
    "EXP(-ABS({}))": lambda x: np.exp(-np.abs(x)), "({}^2)": np.square, "({}^0.5)": np.sqrt,
    "({}^3)": lambda x: x**3.0, "(1.5^{})": lambda x: 1.5**x,
}  # fmt: skip
TWO = {
    "({}+{})": np.add, "({}-{})": np.subtract, "({}*{})": np.multiply, "({}/{})": np.divide, "({}^{})": np.power,
    "POWER(ABS({}),{})": lambda x, y: np.abs(x) ** y, "MIN({},{})": np.minimum, "MAX({},{})": np.maximum,
    "ZIDZ({},{})": lambda x, y: xidz(x, y, np.zeros_like(x)), "MODULO({},{})": lambda x, y: x - quantum(x, y),
    "QUANTUM({},{})": quantum, "LOG(1+ABS({}),2+ABS({}))": lambda x, y: np.log(1 + np.abs(x)) / np.log(2 + np.abs(y)),
}  # fmt: skip
COMPARED = {
    "({}<{})": np.less, "({}<={})": np.less_equal, "({}>{})": np.greater, "({}>={})": np.greater_equal,
    "({}={})": np.equal, "({}<>{})": np.not_equal,
}  # fmt: skip
JOINED = {
    "({}:AND:{})": lambda x, y: truth(x) & truth(y), "({}:OR:{})": lambda x, y: truth(x) | truth(y),
}  # fmt: skip


@some.composite
def expressions(draw: some.DrawFn, depth: int = 4) -> Tree:
    """A random expression of at most this depth."""

    def part() -> Tree:
        return draw(expressions(depth - 1))

    def of(table: Mapping[str, Callable[..., Array]], *parts: Tree) -> Tree:
        text = draw(some.sampled_from(sorted(table)))
        return node(text, table[text], *parts)

    def condition() -> Tree:
        kind = draw(some.sampled_from(["plain", "plain", "joined", "not"]))
        if kind == "joined":
            return of(JOINED, condition(), condition())
        compared = of(COMPARED, part(), part())
        return node("(:NOT:{})", lambda x: ~truth(x), compared) if kind == "not" else compared

    kind = draw(some.sampled_from(["one", "two", "two", "xidz", "choice", "name", "number"] if depth else ["name"]))
    if kind == "one":
        return of(ONE, part())
    if kind == "two":
        return of(TWO, part(), part())
    if kind == "xidz":
        return node("XIDZ({},{},{})", xidz, part(), part(), part())
    if kind == "choice":
        choose = "IF THEN ELSE({},{},{})"
        return node(choose, lambda c, x, y: np.where(truth(c), x, y), condition(), part(), part())
    return name(draw(some.sampled_from(NAMES))) if kind == "name" else number(draw(some.integers(1, 90)) / 10)

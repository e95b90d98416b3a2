"""The primitives on plain floats and on NumPy arrays, bit for bit the same: both go through the same NumPy loops."""

from __future__ import annotations

import functools
import itertools
import operator
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .structure import Table

_UNARY = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "trunc": np.trunc, "sin": np.sin, "cos": np.cos, "tan": np.tan,
    "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh,
}  # fmt: skip
_SPECIAL_EXPONENTS = (-1.0, 0.5, 2.0)  # np.power takes short cuts for these where the exponent is one number


def scalar_namespace() -> dict[str, Any]:
    """Names that generated code for one member calls."""
    names: dict[str, Any] = {name: _on_float(function) for name, function in _UNARY.items()}
    return names | {
        "power": lambda base, exponent: float(np.power(base, exponent)),
        "minimum": _minimum, "maximum": _maximum, "absolute": abs, "inf": np.inf, "nan": np.nan,
        "least": _chain(_minimum), "greatest": _chain(_maximum),
        "add_all": _chain(operator.add), "multiply_all": _chain(operator.mul),
    }  # fmt: skip


def array_namespace() -> dict[str, Any]:
    """Names that generated code for many members calls."""
    names: dict[str, Any] = dict(_UNARY)
    return names | {
        "power": _power, "minimum": np.minimum, "maximum": np.maximum, "absolute": np.abs, "inf": np.inf, "nan": np.nan,
        "where": np.where, "divide": np.divide, "logical_not": np.logical_not,
        "least": _chain(np.minimum), "greatest": _chain(np.maximum),
        "add_all": _chain(operator.add), "multiply_all": _chain(operator.mul),
    }  # fmt: skip


def _on_float(function: Callable[[float], Any]) -> Callable[[float], float]:
    return lambda value: float(function(value))


def _chain(function: Callable[[Any, Any], Any]) -> Callable[[Iterable[Any]], Any]:
    return lambda values: functools.reduce(function, values)


def _minimum(a: float, b: float) -> float:
    """The lesser, or a NaN where one is: as np.minimum."""
    return a if a <= b or a != a else b


def _maximum(a: float, b: float) -> float:
    return a if a >= b or a != a else b


def _power(base: Any, exponent: Any) -> Any:
    """np.power with the bits it gives for a single exponent, however many exponents come at once."""
    if np.ndim(exponent) == 0 or np.size(exponent) == 1:
        return np.power(base, float(np.reshape(exponent, ())) if np.ndim(exponent) else exponent)
    result = np.power(base, exponent)
    for special in _SPECIAL_EXPONENTS:
        if np.any(found := exponent == special):
            result = np.where(found, np.power(base, special), result)
    return result


def scalar_lookup(table: Table) -> Callable[[float], float]:
    """A lookup for one float: straight lines between points, the end values beyond."""
    xs, ys, slopes = table.x, table.y, segment_slopes(table)
    low, high, last = xs[0], xs[-1], max(len(xs) - 2, 0)
    extrapolate, staircase = table.method == "extrapolate", table.method == "hold_backward"

    def lookup(x: float) -> float:
        if x != x:
            return x
        if not extrapolate:
            if x <= low:
                return ys[0]
            if x >= high:
                return ys[-1]
        place = min(max(bisect_right(xs, x) - 1, 0), last)
        return ys[place] if staircase else ys[place] + slopes[place] * (x - xs[place])

    return lookup


def array_lookup(table: Table, points: NDArray[np.float64] | None = None) -> Callable[[Any], Any]:
    """The same lookup for arrays, by the same formula; ``points`` of shape (points,) or (members, points) replace y."""
    xs = np.array(table.x)
    ys = np.atleast_2d(np.array(table.y) if points is None else points).T  # (points, 1 or members)
    slopes = np.diff(ys, axis=0) / np.diff(xs)[:, None] if len(xs) > 1 else np.zeros_like(ys)
    low, high, last = xs[0], xs[-1], max(len(xs) - 2, 0)
    extrapolate, staircase = table.method == "extrapolate", table.method == "hold_backward"
    member = np.arange(ys.shape[1]) if ys.shape[1] > 1 else 0

    def lookup(x: Any) -> Any:
        place = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, last)
        left = ys[place, member]
        value = left if staircase else left + slopes[place, member] * (x - xs[place])
        if not extrapolate:
            value = np.where(x <= low, ys[0, member], np.where(x >= high, ys[-1, member], value))
        return np.where(np.isnan(x), x, value)

    return lookup


def segment_slopes(table: Table) -> list[float]:
    """The slope between each point and the next; one of 0 for a single point."""
    points = list(zip(table.x, table.y, strict=True))
    return [(after[1] - before[1]) / (after[0] - before[0]) for before, after in itertools.pairwise(points)] or [0.0]

"""What callers give, checked before anything runs: each error names the argument, what it is and what would do."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from innovation.model import City, load_city

T = TypeVar("T")

MOST_MEMBERS = 1_000_000  # in memory; a batch takes as many as the disk holds
MOST_IN_FOLDERS = 1_000_000_000
LARGEST_SEED = 2**63 - 1


class ArgumentError(ValueError, TypeError):
    """An argument cannot be used; the text says which, what it is, and what is expected."""


def wrong(name: str, value: object, expected: str) -> ArgumentError:
    """The error that an argument is not what is expected."""
    said = repr(value)
    return ArgumentError(f"{name} is {said if len(said) < 80 else f'{said[:80]}…'}; expected {expected}.")


@cache
def own_city() -> City:
    """The city as its files have it, read once."""
    return load_city()


def city_or_own(city: City | None) -> City:
    """The city that is given, or the project's own."""
    if city is not None and not isinstance(city, City):
        raise wrong("city", city, "a City, as load_city gives it, or None")
    return own_city() if city is None else city


def whole(name: str, value: Any, least: int, most: int) -> int:
    """A whole number between two; NumPy's are taken, truth values are not."""
    expected = f"a whole number from {least} to {most:,}"
    if isinstance(value, bool | np.bool_):
        raise wrong(name, value, expected)
    try:
        number = operator.index(value)
    except TypeError:
        raise wrong(name, value, expected) from None
    if not least <= number <= most:
        raise wrong(name, value, expected)
    return number


def threads_of(value: Any) -> int | None:
    """How many threads, 1 or more; None for one a processor."""
    return None if value is None else whole("threads", value, 1, 10_000)


def number(name: str, value: Any, least: float = -math.inf) -> float:
    """A finite number, `least` or more."""
    expected = "a finite number" + ("" if math.isinf(least) else f" from {least:g} on")
    if isinstance(value, bool | str | bytes | np.bool_):
        raise wrong(name, value, expected)
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise wrong(name, value, expected) from None
    if not math.isfinite(found) or found < least:
        raise wrong(name, value, expected)
    return found


def choice(name: str, value: T, allowed: Sequence[T]) -> T:
    """One of the allowed values."""
    if not isinstance(value, str | bool) or value not in allowed:
        raise wrong(name, value, " or ".join(map(repr, allowed)))
    return value


def text(name: str, value: Any) -> str:
    """A name or an id."""
    if not isinstance(value, str):
        raise wrong(name, value, "a name")
    return str(value)


def names(name: str, value: Any) -> list[str]:
    """Names or ids; a single one stands for itself."""
    if isinstance(value, str):
        return [str(value)]
    return [text(f"{name}[{place}]", one) for place, one in enumerate(_listed(name, value, "names"))]


def years_of(value: Any, known: Iterable[int]) -> list[int]:
    """Different years of those that have figures, in the order given."""
    years = list(known)
    if isinstance(value, int | np.integer):
        value = [value]
    found = [whole(f"years[{place}]", one, years[0], years[-1]) for place, one in enumerate(_listed("years", value))]
    if not found:
        raise wrong("years", value, "one year at least, or None for all")
    return list(dict.fromkeys(found))


def path(name: str, value: Any) -> Path:
    """The place of a file or folder."""
    if not isinstance(value, str | Path):
        raise wrong(name, value, "a path")
    return Path(value)


def listener(value: T | None) -> T | None:
    """A function that is told of progress, or None."""
    if value is not None and not isinstance(value, Callable):  # type: ignore[arg-type]
        raise wrong("on_progress", value, "a function of one argument, or None")
    return value


def _listed(name: str, value: Any, of: str = "years") -> list[Any]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise wrong(name, value, f"a list of {of}, or None")
    return list(value)

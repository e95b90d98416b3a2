"""Growth of high-tech markets by industry: differences from their mean, so that a draw of them has none of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .calendar import PLAN_BEGINS, RECORD_BEGINS
from .city import City

Floats = NDArray[np.float64]

START, BEFORE, AFTER = "initial industry output", "market difference to 2010", "market difference"
YEARS = PLAN_BEGINS - RECORD_BEGINS  # of the record, from the start to the first day of the plan


def less_their_mean(city: City, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
    """Draws with the differences of market growth after 2010 moved together, until their mean is the model file's own.

    The mean is weighted by each industry's output as the plan begins; the file's is none, but for rounding. So the
    pace of all high-tech markets is that of `market growth` alone.

    Parameters
    ----------
    drawn
        'Name' or 'Name[element]' -> shape (members,). Left as they are where no such difference is among them.
    """
    names = city.elements(AFTER) if AFTER in city.model.constants else []
    if not any(name in drawn for name in names):
        return dict(drawn)
    after, start, before = (_columns(city, name, drawn) for name in (AFTER, START, BEFORE))
    nominal = {name: np.array([city.nominal(name)]) for name in (*names, *city.elements(START), *city.elements(BEFORE))}
    own = _mean(*(_columns(city, name, nominal) for name in (AFTER, START, BEFORE)))
    moved = after - (_mean(after, start, before) - own)[:, None]
    return {**drawn, **{name: np.ascontiguousarray(moved[:, place]) for place, name in enumerate(names)}}


def _mean(after: Floats, start: Floats, before: Floats) -> Floats:
    """The mean of each member's differences, shape (members,), from arrays of shape (members or 1, industries)."""
    output = start * np.exp(YEARS * before)
    return np.asarray((after * output).sum(axis=1) / output.sum(axis=1))


def _columns(city: City, name: str, drawn: Mapping[str, Floats]) -> Floats:
    """A constant's elements as columns, shape (members, elements); those not drawn as the model file has them."""
    found = [np.atleast_1d(drawn.get(element, city.nominal(element))) for element in city.elements(name)]
    return np.stack(np.broadcast_arrays(*found), axis=1)

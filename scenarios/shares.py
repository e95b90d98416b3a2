"""Levers that are shares of one sum: which they are, and how the others give way when some of them are set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from innovation.model import City

from .schema import Scenario

Value = float | NDArray[np.float64]


def shares_of(city: City, group: str) -> list[str]:
    """The levers that are shares of one sum, in the order of levers.yaml."""
    return [name for name, lever in city.levers.items() if lever.share_of == group]


def with_others(city: City, given: Mapping[str, float]) -> dict[str, float]:
    """All that is set, and beside shares of a sum the others of it, which give way from 2010 practice in proportion."""
    found = dict(given)
    groups = dict.fromkeys(lever.share_of for name, lever in city.levers.items() if name in given)
    for group in filter(None, groups):
        now = {name: city.practice(name) for name in shares_of(city, group)}
        if now.keys() - given.keys():
            own = {name: to for name, to in given.items() if name in now}
            found |= {name: float(share) for name, share in given_way(now, own).items()}
    return found


def destination(city: City, scenario: Scenario, name: str) -> float:
    """Where a scenario takes a lever or an assumption in the end, in the model's unit; practice where it does not."""
    changes = scenario.changes_of(name)
    return changes[-1].to if changes else city.practice(name)


def given_way(now: Mapping[str, float], given: Mapping[str, Value]) -> dict[str, Value]:
    """All shares of a sum once some are set: the others keep their proportions, and the sum is 1.

    Parameters
    ----------
    now
        Every share as it stands.
    given
        New values of some, but not all, of them, at most 1 together: numbers, or arrays of one shape. Others that are
        all 0 now share alike what is left.
    """
    others = {name: share for name, share in now.items() if name not in given}
    left, whole = 1 - sum(given.values()), sum(others.values())
    return {
        name: given[name] if name in given else left * (share / whole if whole > 0 else 1 / len(others))
        for name, share in now.items()
    }

"""Levers that are shares of one sum: which they are, and how the others give way when some of them are set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from model import City

from .schema import Scenario

Value = float | NDArray[np.float64]


def shares_of(city: City, group: str) -> list[str]:
    """The levers that are shares of one sum, in the order of levers.yaml."""
    return [name for name, lever in city.levers.items() if lever.share_of == group]


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

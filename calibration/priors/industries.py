"""The split of high-tech output over the plan's industries, which no figure gives: a table of judgement with a prior.

The plan reports older categories for 2010 and sets targets for other industries. How a category falls on industries is
judged; its shares are Dirichlet. Outputs at the start and each market's growth to 2010 follow from them, so that they
move together. The middle of the prior is the model file's own numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.record.observations import DATA, ObservationError
from innovation.model import BEFORE, RECORD_BEGINS, RECORD_ENDS, START, City, Text
from innovation.model.files import Entry, read_table

Floats = NDArray[np.float64]

ALLOCATION = DATA / "industry_allocation.csv"
CONCENTRATION = 60.0  # of each category's Dirichlet: judgement
PUBLISHED_GROWTH, ROUNDING = 0.25, 0.005  # of high-tech output over the record, rounded in the plan
YEARS = RECORD_ENDS - RECORD_BEGINS
ROUNDED = "growth of high tech output before rounding"


class Category(Entry):
    """An older category of high-tech industry: its parts of output, and the parts of it that fall on each industry."""

    category: Text
    share_2005: float
    output_2010: float
    IT: float
    environment: float
    biology: float
    materials: float
    energy: float
    equipment: float
    rest: float
    source: Text
    note: str


class Industries:
    """Turns shares of the categories into constants of the model.

    Attributes
    ----------
    sticks
        For each uncertain number its name, and the two weights of its beta: the part of what is left of a category
        that falls on an industry, given those before it. The last industry of a category takes the rest.
    """

    def __init__(self, city: City, categories: Sequence[Category]) -> None:
        self._elements: tuple[str, ...] = city.model.subscripts["industry"]
        self._allocation = np.array([[getattr(row, name) for name in self._elements] for row in categories])
        self._output_2010 = np.array([row.output_2010 for row in categories])
        total_2005 = self._output_2010.sum() / (1 + PUBLISHED_GROWTH) ** YEARS
        self._output_2005 = total_2005 * np.array([row.share_2005 for row in categories])
        self._nominal = {name: np.asarray(city.model.constants[name], float) for name in (START, BEFORE)}
        self.sticks = dict(self._sticks([row.category for row in categories]))

    def _sticks(self, categories: Sequence[str]) -> Iterator[tuple[str, tuple[float, float]]]:
        for row, industry, left in self._broken:
            here = CONCENTRATION * self._allocation[row, industry]
            yield (
                f"allocation[{categories[row]},{self._elements[industry]}]",
                (here, CONCENTRATION * float(self._allocation[row, left].sum())),
            )

    @cached_property
    def _broken(self) -> list[tuple[int, int, list[int]]]:
        """Category, industry, and the industries left after it, for every stick."""
        return [
            (row, int(place), [int(other) for other in places[number + 1 :]])
            for row, shares in enumerate(self._allocation)
            for places in [np.flatnonzero(shares)]
            for number, place in enumerate(places[:-1])
        ]

    def middle(self) -> dict[str, float]:
        """The sticks that break the table as it stands, and the growth as printed."""
        sticks = {name: weights[0] / sum(weights) for name, weights in self.sticks.items()}
        return {**sticks, ROUNDED: PUBLISHED_GROWTH}

    def implied(self) -> tuple[Floats, Floats]:
        """What the table as it stands says of each industry: output of 2005 (1e8 CNY), growth a year (nominal, log)."""
        output, growth = self._differences(self._allocation[None])
        return output[0], growth[0]

    def shares(self, sticks: Mapping[str, Floats]) -> Floats:
        """Allocation of each member, shape (members, categories, industries); rows sum to one."""
        first = next(iter(sticks.values()))
        shares = np.zeros((len(first), *self._allocation.shape))
        rest = np.ones((len(first), len(self._allocation)))
        for (row, industry, left), broken in zip(self._broken, sticks.values(), strict=True):
            shares[:, row, industry] = rest[:, row] * broken
            rest[:, row] *= 1 - broken
            if len(left) == 1:
                shares[:, row, left[0]] = rest[:, row]
        return shares

    def constants(self, values: Mapping[str, Floats]) -> dict[str, Floats]:
        """Constants 'name[industry]' -> shape (members,), from the sticks and the growth before rounding."""
        shares = self.shares({name: values[name] for name in self.sticks})
        start, before = self._differences(shares)
        middle = self._differences(self._allocation[None])
        scale = ((1 + PUBLISHED_GROWTH) / (1 + values[ROUNDED])) ** YEARS
        found = {
            START: self._nominal[START] * start / middle[0] * scale[:, None],
            BEFORE: self._nominal[BEFORE] + before - middle[1],
        }
        return {
            f"{name}[{element}]": np.ascontiguousarray(columns[:, place])
            for name, columns in found.items()
            for place, element in enumerate(self._elements)
        }

    def _differences(self, shares: Floats) -> tuple[Floats, Floats]:
        """Output in 2005 and growth to 2010 by industry, each (members, industries)."""
        output_2005 = self._output_2005 @ shares
        output_2010 = self._output_2010 @ shares
        growth = np.log(output_2010 / output_2005) / YEARS
        return output_2005, growth


def read_industries(city: City) -> Industries | None:
    """The project's table of industries; None for a city without them.

    Raises ObservationError with every fault of the table.
    """
    if any(name not in city.model.constants for name in (START, BEFORE)):
        return None
    categories, _, faults = read_table(ALLOCATION, Category)
    if faults:
        raise ObservationError(faults)
    return Industries(city, categories)

"""The members that checks are tried over: draws of the posterior or of the priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.model import City

Floats = NDArray[np.float64]

BLOCK = 250  # members in memory at a time: of all variables, quarter by quarter, some 50 MB


@dataclass(frozen=True)
class Members:
    """Values of constants, one a member, what they are called, and which draws they are, counted from 1."""

    values: Mapping[str, Floats]
    called: str
    numbers: NDArray[np.int64]

    @staticmethod
    def of(values: Mapping[str, Floats], called: str) -> Members:
        """All draws there are."""
        return Members(values, called, np.arange(1, len(next(iter(values.values()))) + 1))

    @staticmethod
    def nominal(city: City) -> Members:
        """The nominal run alone: one constant with the value that the model file gives it."""
        name = next(name for name in city.model.constants if not city.model.variables[name].dims)
        return Members.of({name: np.array([city.nominal(name)])}, "nominal run")

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def spread(self, number: int) -> Members:
        """So many of them, evenly from the first to the last; all where there are no more."""
        if number >= len(self):
            return self
        places = np.linspace(0, len(self) - 1, number).round().astype(int)
        some = {name: values[places] for name, values in self.values.items()}
        return Members(some, f"{self.called}, spread", self.numbers[places])

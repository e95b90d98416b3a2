"""What a published figure observes of a run: one small operator a kind, and the outputs and times they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine.ir import normalised_name
from innovation.model import City

from .observations import Observation

if TYPE_CHECKING:
    from innovation.engine import Arrays

Floats = NDArray[np.float64]

PARTS = 4  # of a year, between whose ends a flow is integrated by Simpson's rule; a price may bend at mid-year
WEIGHTS = np.array([1, 4, 2, 4, 1]) / 12


def growth(first: Floats, last: Floats) -> Floats:
    """Growth from one figure to another, in per cent of the first."""
    return 100 * (last / first - 1)


def compound_growth(first: Floats, last: Floats, years: int) -> Floats:
    """The yearly growth that leads from one figure to another, in per cent."""
    return 100 * ((last / first) ** (1 / years) - 1)


def increment(first: Floats, last: Floats) -> Floats:
    """What a figure gained."""
    return last - first


def share(part: Floats, whole: Floats) -> Floats:
    """A part of a whole, in per cent."""
    return 100 * part / whole


def total(yearly: Floats) -> Floats:
    """The sum of yearly figures, shape (years, …)."""
    return np.asarray(yearly.sum(axis=0))


def integral(flow: Floats) -> Floats:
    """A flow over a year from its values at the ends of the year's quarters, shape (5, …), by Simpson's rule."""
    return np.asarray(np.tensordot(WEIGHTS, flow, axes=1))


@dataclass(frozen=True)
class _Place:
    """One number of the model file: the name to ask for, and how the engine labels it."""

    name: str
    label: str
    is_indicator: bool


class Reader:
    """Reads observations from runs of a city.

    Attributes
    ----------
    observations
        In the order of the figures.
    outputs, times
        What a run must record for them, as ``Model.arrays`` takes it.
    """

    def __init__(
        self, city: City, observations: Sequence[Observation], reads: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        """`reads`: where each term was read, as `reads` told it; None: where the city has it now."""
        self.observations = tuple(observations)
        names = dict.fromkeys(name for figure in observations for name in figure.terms)
        self._places = {name: _place(city, name) if reads is None else _Place(*reads[name]) for name in names}
        self.outputs = sorted({place.name for place in self._places.values()})
        self.times: list[float] = sorted({time for figure in observations for time in self._times(figure)})
        self._at = {time: number for number, time in enumerate(self.times)}

    @property
    def reads(self) -> dict[str, list[Any]]:
        """Where each term of the figures is read, as plain data."""
        return {name: [place.name, place.label, place.is_indicator] for name, place in self._places.items()}

    def read(self, run: Arrays) -> Floats:
        """The figures of a run with these outputs and times: shape (observations, members), in published units.

        Values that are not finite, or a growth from nothing, give figures that are not finite; nothing is raised.
        """
        rows = {normalised_name(label): number for number, label in enumerate(run.columns)}
        found = {name: run.values[rows[normalised_name(place.label)]].T for name, place in self._places.items()}
        with np.errstate(all="ignore"):
            return np.array([self._figure(figure, found) for figure in self.observations]).reshape(
                len(self.observations), run.values.shape[1]
            )

    def _times(self, figure: Observation) -> list[float]:
        if self._integrates(figure):
            first = figure.last if figure.first is None else figure.first
            return [first + part / PARTS for part in range(PARTS * (figure.last + 1 - first) + 1)]
        first = figure.last if figure.first is None else figure.first
        years = range(first, figure.last + 1) if figure.operator == "sum" else (first, figure.last)
        return [year + 1.0 for year in years]

    def _integrates(self, figure: Observation) -> bool:
        return figure.operator == "sum" and not self._places[figure.terms[0]].is_indicator

    def _figure(self, figure: Observation, found: Mapping[str, Floats]) -> Floats:
        """One observation, shape (members,); `found` has the values (time, member) of every name."""
        values = [found[name] for name in figure.terms]

        def at(year: int, of: Floats = values[0]) -> Floats:
            return np.asarray(of[self._at[year + 1.0]])

        last = at(figure.last)
        if figure.first is None:
            return share(last, at(figure.last, values[1])) if figure.operator == "share" else last
        if figure.operator == "sum":
            years = range(figure.first, figure.last + 1)
            yearly = self._yearly(years, values) if self._integrates(figure) else [at(year) for year in years]
            return total(np.array(yearly))
        first, span = at(figure.first), figure.last - figure.first
        if figure.operator == "compound_growth":
            return compound_growth(first, last, span)
        return growth(first, last) if figure.operator == "growth" else increment(first, last)

    def _yearly(self, years: range, values: Sequence[Floats]) -> list[Floats]:
        """A product of variables over each year."""
        flow: Any = np.prod(values, axis=0)
        quarters = [[self._at[year + part / PARTS] for part in range(PARTS + 1)] for year in years]
        return [integral(flow[rows]) for rows in quarters]


def _place(city: City, name: str) -> _Place:
    indicator = city.indicators.get(name)
    variable, position = city.locate(indicator.variable if indicator else name)
    return _Place(variable, city.spelling(variable, position), indicator is not None)

"""How published figures differ from a run's: sizes of errors, what persists of them in a series, densities, draws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from .observations import ESTIMATED, FIXED, GROWTHS, Observation

Floats = NDArray[np.float64]

FLOOR = 0.005  # no figure is trusted further: the model's own step moves figures by as much
LARGEST_PERSISTENCE = 0.95
LOG_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class Errors:
    """Error sizes by (group, size) and the persistence of errors by group, each of shape (members,)."""

    sizes: dict[tuple[str, str], Floats]
    persistence: dict[str, Floats]

    def size(self, figure: Observation) -> Floats:
        """Standard deviation of one figure's error on its scale, before what growth makes of it; shape (members,)."""
        return self.sizes[figure.group, figure.size]

    def spread(self, figure: Observation) -> Floats:
        """Standard deviation of one figure on its scale: of growth, that of the difference of two persistent errors."""
        if figure.error != "growth":
            return self.size(figure)
        persistence = self.persistence.get(figure.group, np.zeros(1))
        return np.asarray(self.size(figure) * np.sqrt(2 * (1 - persistence ** _years(figure))))


class Measurement:
    """The measurement model of a set of observations.

    Exact levels of one thing are a series: their errors follow a stationary AR(1) from year to year. Every other figure
    stands alone. One error size is estimated for each group of figures and class of error, its prior half-normal; one
    persistence for each group that has a series, uniform up to LARGEST_PERSISTENCE. A number of events is Poisson
    around what the run expects, and nothing of it is estimated.

    Attributes
    ----------
    names
        The uncertain numbers of the measurement, each standard normal under its prior.
    """

    def __init__(self, observations: Sequence[Observation]) -> None:
        self.observations = tuple(observations)
        self._before = _predecessors(self.observations)
        self._sized = list(dict.fromkeys((f.group, f.size) for f in self.observations if f.size in ESTIMATED))
        self._persistent = list(dict.fromkeys(self.observations[place].group for place in self._before))
        self.names: tuple[str, ...] = (
            *(f"error size[{group},{size}]" for group, size in self._sized),
            *(f"persistence of errors[{group}]" for group in self._persistent),
        )

    @property
    def d(self) -> int:
        """The number of uncertain numbers."""
        return len(self.names)

    def errors(self, z: Floats) -> Errors:
        """Error sizes and persistences from z of shape (members, d)."""
        members = len(z)
        count = len(self._sized)
        sizes: dict[tuple[str, str], Floats] = {}
        sizes |= {(f.group, f.size): np.full(members, FIXED[f.size]) for f in self.observations if f.size in FIXED}
        for (group, size), column in zip(self._sized, z.T[:count], strict=True):
            estimated = -ESTIMATED[size] * special.ndtri(0.5 * special.ndtr(-column))
            sizes[group, size] = np.hypot(estimated, FLOOR)
        persistence = LARGEST_PERSISTENCE * special.ndtr(z.T[count:])
        return Errors(sizes, dict(zip(self._persistent, persistence, strict=True)))

    def terms(self, figures: Floats, errors: Errors) -> Floats:
        """Log density of each observation, given those before it in its series; shape (observations, members).

        Parameters
        ----------
        figures
            What the runs say, in published units; shape (observations, members). A figure that is not finite, or that
            its scale cannot hold, has the log density minus infinity.
        """
        with np.errstate(all="ignore"):
            found = np.array([self._term(place, figures, errors) for place in range(len(self.observations))])
        found[~np.isfinite(found)] = -np.inf
        return found.reshape(len(self.observations), figures.shape[1])

    def log_density(self, figures: Floats, errors: Errors) -> Floats:
        """Log density of all observations, shape (members,)."""
        return np.asarray(self.terms(figures, errors).sum(axis=0))

    def expected(self, figures: Floats, errors: Errors) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each measured figure on its scale, given those before it in its series.

        Both have the shape of `figures`, (observations, members). A figure that stands alone has its run's figure and
        its own error. Of a number of events this is the normal that its Poisson resembles, on the scale 2√.
        """
        with np.errstate(all="ignore"):
            pairs = [self._expected(place, figures, errors) for place in range(len(self.observations))]
        middles = np.array([middle for middle, _ in pairs]).reshape(figures.shape)
        spreads = [np.broadcast_to(spread, figures.shape[1:]) for _, spread in pairs]
        return middles, np.array(spreads).reshape(figures.shape)

    def _term(self, place: int, figures: Floats, errors: Errors) -> Floats:
        figure = self.observations[place]
        if figure.is_count:
            return log_poisson(figure.value, figures[place])
        middle, spread = self._expected(place, figures, errors)
        if figure.reading != "exact":
            low, high = (_edge(figure, edge) for edge in figure.interval)
            return log_interval((low - middle) / spread, (high - middle) / spread)
        residual = float(scaled(figure, np.array(figure.value))) - middle
        return -0.5 * (residual / spread) ** 2 - np.log(spread) - LOG_ROOT

    def _expected(self, place: int, figures: Floats, errors: Errors) -> tuple[Floats, Floats]:
        figure = self.observations[place]
        middle, spread = scaled(figure, figures[place]), errors.spread(figure)
        if place not in self._before:
            return middle, spread
        earlier = self.observations[self._before[place]]
        kept = errors.persistence[figure.group] ** (figure.last - earlier.last)
        before = float(scaled(earlier, np.array(earlier.value))) - scaled(earlier, figures[self._before[place]])
        return middle + kept * before, spread * np.sqrt(1 - kept**2)

    def draw(self, figures: Floats, errors: Errors, random: np.random.Generator) -> Floats:
        """Measured figures before rounding, of shape (observations, members), as the measurement model has them.

        Numbers of events are whole, and none where the run expects none.
        """
        noise = random.standard_normal(figures.shape)
        drawn = np.empty(figures.shape)
        for place, figure in enumerate(self.observations):
            spread = errors.spread(figure)
            if place in self._before:
                earlier = self._before[place]
                kept = errors.persistence[figure.group] ** (figure.last - self.observations[earlier].last)
                noise[place] = kept * noise[earlier] + np.sqrt(1 - kept**2) * noise[place]
            if figure.is_count:
                drawn[place] = stats.poisson.ppf(special.ndtr(noise[place]), np.maximum(figures[place], 0))
            elif figure.error == "normal":  # its size is a part of the figure drawn, as it is of one that is published
                drawn[place] = figures[place] * (1 + spread * noise[place])
            else:
                drawn[place] = unscaled(figure, scaled(figure, figures[place]) + spread * noise[place])
        return drawn

    def published(self, drawn: Floats) -> tuple[Observation, ...]:
        """Observations laid out like these from one set of measured figures, shape (observations,).

        A rounded figure is rounded again; a bound that the measured figure breaks becomes the opposite bound.
        """
        pairs = zip(self.observations, drawn, strict=True)
        return tuple(_as_published(figure, float(value)) for figure, value in pairs)


def scaled(figure: Observation, values: Floats) -> Floats:
    """Figures in published units on the scale where their error is normal; nearly so that of a number of events."""
    if figure.error == "log":
        return np.log(values)
    if figure.error == "logit":
        return np.log(values / (100 - values))
    if figure.error == "growth":
        return np.log1p(values / 100) * (_years(figure) if figure.operator == "compound_growth" else 1)
    if figure.is_count:
        return np.asarray(2 * np.sqrt(values))
    return np.asarray(values / figure.value)


def unscaled(figure: Observation, values: Floats) -> Floats:
    """The inverse of `scaled`."""
    if figure.error == "log":
        return np.exp(values)
    if figure.error == "logit":
        return 100 * special.expit(values)
    if figure.error == "growth":
        return 100 * np.expm1(values / (_years(figure) if figure.operator == "compound_growth" else 1))
    if figure.is_count:
        return np.asarray(np.square(values) / 4)
    return np.asarray(values * figure.value)


def log_poisson(count: float, expected: Floats) -> Floats:
    """Log chance of a number of events where so many are expected, shape (members,): none where none are."""
    with np.errstate(all="ignore"):
        found = count * np.log(expected) - expected - special.gammaln(count + 1)
    return np.where(expected > 0, found, -np.inf)


def log_interval(low: Floats, high: Floats) -> Floats:
    """log(Φ(high) − Φ(low)), exact far out in either tail."""
    if np.isneginf(low).all():
        return np.asarray(special.log_ndtr(high))
    if np.isposinf(high).all():
        return np.asarray(special.log_ndtr(-low))
    flip = low > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    above, below = special.log_ndtr(high), special.log_ndtr(low)
    return np.asarray(above + np.log1p(-np.exp(below - above)))


def _years(figure: Observation) -> int:
    return figure.last - figure.first if figure.first is not None and figure.operator in GROWTHS else 1


def _edge(figure: Observation, edge: float) -> float:
    """A bound on the scale of the figure's error: the end of the scale where it lies at or beyond it."""
    lowest, highest = {"log": (0.0, np.inf), "logit": (0.0, 100.0), "growth": (-100.0, np.inf)}[figure.error]
    if edge <= lowest or edge >= highest:
        return float("-inf") if edge <= lowest else float("inf")
    return float(scaled(figure, np.array(edge)))


def _predecessors(observations: Sequence[Observation]) -> dict[int, int]:
    """Place of the observation before, for every later one of a series."""
    return dict(_pairs(observations))


def _pairs(observations: Sequence[Observation]) -> Iterator[tuple[int, int]]:
    series: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    for place, figure in enumerate(observations):
        if figure.reading == "exact" and figure.first is None and figure.error in ("log", "logit"):
            series.setdefault((figure.operator, figure.of, figure.error), []).append((figure.last, place))
    for members in series.values():
        members.sort()
        yield from ((later, earlier) for (_, earlier), (_, later) in pairwise(members))


def _as_published(figure: Observation, value: float) -> Observation:
    if figure.reading in ("at_least", "at_most"):
        holds = value >= figure.value if figure.reading == "at_least" else value <= figure.value
        other = {"at_least": "at_most", "at_most": "at_least"}[figure.reading]
        return figure if holds else figure.model_copy(update={"reading": other})
    if figure.rounding is not None:
        step = figure.rounding * (2 if figure.reading == "rounded" else 1)
        count = np.round(value / step) if figure.reading == "rounded" else np.ceil(value / step)
        return figure.model_copy(update={"value": float(count * step)})
    return figure.model_copy(update={"value": value})

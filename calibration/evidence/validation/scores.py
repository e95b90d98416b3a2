"""How well forecasts did: where a figure lies in its predictive distribution, log score, CRPS, coverage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from innovation.calibration.kept_results import Row
from innovation.calibration.kept_results import number as cell
from innovation.calibration.record.measurement import Errors, Measurement, log_poisson, scaled
from innovation.calibration.record.observations import Observation
from innovation.calibration.reference_class.scoring import student_crps

Floats = NDArray[np.float64]

NODES = 1001  # of the integral of a mixture's CRPS
TAIL = 1e-12  # of the chance that a count's CRPS leaves out
BEYOND = 8.0  # standard deviations of a part of the mixture, to which the integral goes


@dataclass(frozen=True)
class Forecast:
    """A mixture of equally likely normals, of a figure on the scale where its error is normal.

    `middles` and `spreads` have the shape (members,): what one member expects, and the error it expects of it.
    """

    middles: Floats
    spreads: Floats

    def below(self, edge: float) -> float:
        """The chance of a value below `edge`."""
        return float(special.ndtr((edge - self.middles) / self.spreads).mean())

    def density(self, value: float) -> float:
        """The density at `value`."""
        return float(stats.norm.pdf(value, self.middles, self.spreads).mean())

    def crps(self, value: float) -> float:
        """Continuous ranked probability score, the integral of (F − 1{x ≥ value})², in the unit of the scale."""
        low = min(float((self.middles - BEYOND * self.spreads).min()), value)
        high = max(float((self.middles + BEYOND * self.spreads).max()), value)
        ends = np.union1d(np.linspace(low, high, NODES), value)
        centres = 0.5 * (ends[1:] + ends[:-1])
        chances = np.array([self.below(centre) for centre in centres])
        return float((np.diff(ends) * (chances - (centres >= value)) ** 2).sum())


@dataclass(frozen=True)
class CountForecast:
    """A mixture of equally likely Poissons, of a number of events; `means`, shape (members,), is what each expects."""

    means: Floats

    def below(self, edge: float) -> float:
        """The chance of a number of events below `edge`."""
        return float(stats.poisson.cdf(math.ceil(edge) - 1, self.means).mean())

    def density(self, value: float) -> float:
        """The chance of so many events."""
        return float(np.exp(log_poisson(value, self.means)).mean())

    def crps(self, value: float) -> float:
        """Continuous ranked probability score in parts of the number that came, as near a logarithm as counts go.

        The distribution is flat between whole numbers, so that the integral is a sum.
        """
        last = math.ceil(max(value, float(stats.poisson.ppf(1 - TAIL, self.means.max()))))
        chances = np.array([stats.poisson.cdf(count, self.means).mean() for count in range(last)])
        return float(((chances - (np.arange(last) >= value)) ** 2).sum()) / max(value, 1.0)


def forecasts(
    measurement: Measurement, figures: Floats, errors: Errors, given: bool = False
) -> list[Forecast | CountForecast]:
    """A forecast of each observation: of itself, or (`given`) as it follows from those before it in its series."""
    found: list[Forecast | CountForecast] = []
    middles, spreads = measurement.expected(figures, errors)
    for place, (figure, said) in enumerate(zip(measurement.observations, figures, strict=True)):
        if figure.is_count:
            found.append(CountForecast(np.maximum(said, 0)))
        elif given:
            found.append(Forecast(middles[place], spreads[place]))
        else:
            with np.errstate(all="ignore"):
                alone = scaled(figure, said)
            found.append(Forecast(alone, np.broadcast_to(errors.spread(figure), alone.shape)))
    return found


def at(figure: Observation) -> float:
    """The published value where a forecast has it: on the scale of its error; a number of events is itself."""
    return figure.value if figure.is_count else float(scaled(figure, np.array(figure.value)))


def edges(figure: Observation) -> tuple[float, float]:
    """Between which values the measured figure lies, on the scale of its error; a number of events between halves."""
    if figure.is_count:
        return figure.value - 0.5, figure.value + 0.5
    with np.errstate(all="ignore"):
        low, high = (float(scaled(figure, np.array(edge))) for edge in figure.interval)
    return (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)


def place(figure: Observation, forecast: Forecast | CountForecast | StudentForecast) -> float:
    """How far up its predictive distribution a figure lies, 0 to 1 (its probability integral transform).

    Of a rounded figure and of a number of events the middle of what its interval covers; of a bound the chance that
    it holds.
    """
    low, high = (forecast.below(edge) for edge in edges(figure))
    return high - low if figure.is_bound else 0.5 * (low + high)


def log_score(figure: Observation, forecast: Forecast | CountForecast | StudentForecast) -> float:
    """Log density of an exact figure on its scale; log chance of a number of events, an interval or a bound."""
    low, high = edges(figure)
    is_exact = figure.reading == "exact"
    chance = forecast.density(at(figure)) if is_exact else forecast.below(high) - forecast.below(low)
    return math.log(chance) if chance > 0 else -math.inf


def scores_of(figure: Observation, forecast: Forecast | CountForecast | StudentForecast | None) -> dict[str, float]:
    """Log score, CRPS (not of a bound) and place of a figure by name; none is a number without a forecast."""
    if forecast is None:
        return dict.fromkeys(("log", "crps", "place"), math.nan)
    crps = math.nan if figure.is_bound else forecast.crps(at(figure))
    return {"log": log_score(figure, forecast), "crps": crps, "place": place(figure, forecast)}


def inside(places: Iterable[float], level: float) -> int:
    """How many places lie in the central interval of a level."""
    return sum(abs(where - 0.5) <= level / 2 for where in places)


def rows_under(rows: Sequence[Row], name: str) -> list[Row]:
    """The rows of a set of priors."""
    return [row for row in rows if row["priors"] == name]


def places_of(rows: Sequence[Row], column: str) -> list[float]:
    """A column of the rows that are no bounds."""
    return [cell(row, column) for row in rows if row["is_bound"] == "0"]


def log_mean(terms: Floats) -> tuple[float, float]:
    """Log of the mean of exp(terms), terms of shape (members,), and how many members it rests on (effective number)."""
    weights = np.exp(terms - terms.max())
    return float(terms.max() + np.log(weights.mean())), float(weights.sum() ** 2 / (weights**2).sum())


@dataclass(frozen=True)
class StudentForecast:
    """A Student forecast on the scale of a figure: degrees of freedom, middle, spread."""

    freedom: float
    middle: float
    spread: float

    def below(self, edge: float) -> float:
        """The chance of a value below `edge`."""
        return float(stats.t.cdf((edge - self.middle) / self.spread, self.freedom))

    def density(self, value: float) -> float:
        """The density at `value`."""
        return float(stats.t.pdf((value - self.middle) / self.spread, self.freedom) / self.spread)

    def crps(self, value: float) -> float:
        """Continuous ranked probability score; infinite where there is no mean (one degree of freedom or less)."""
        return float(student_crps(np.array(value), self.freedom, np.array(self.middle), np.array(self.spread)))


def log_linear_trend(years: Floats, values: Floats, year: float) -> StudentForecast:
    """A straight line through values on their scale, by least squares, with the uncertainty of both its numbers."""
    count, centre = len(years), years.mean()
    squares = ((years - centre) ** 2).sum()
    slope = ((years - centre) * values).sum() / squares
    gaps = values - values.mean() - slope * (years - centre)
    spread = math.sqrt((gaps**2).sum() / (count - 2) * (1 + 1 / count + (year - centre) ** 2 / squares))
    return StudentForecast(count - 2, float(values.mean() + slope * (year - centre)), spread)


def random_walk(years: Floats, values: Floats, year: float) -> StudentForecast:
    """A random walk with drift on the scale of the values, with the uncertainty of drift and step."""
    steps, gaps = np.diff(values), np.diff(years)
    drift, ahead = steps.sum() / gaps.sum(), year - years[-1]
    variance = ((steps - drift * gaps) ** 2 / gaps).sum() / (len(steps) - 1)
    spread = math.sqrt(variance * (ahead + ahead**2 / gaps.sum()))
    return StudentForecast(len(steps) - 1, float(values[-1] + drift * ahead), spread)


NAIVE = {"trend": log_linear_trend, "walk": random_walk}

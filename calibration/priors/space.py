"""Every uncertain constant of the city as a coordinate that is standard normal under its prior."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats
from scipy.interpolate import CubicSpline

from innovation.model import City, Prior, less_their_mean, limits

from .industries import PUBLISHED_GROWTH, ROUNDED, ROUNDING, read_industries

Floats = NDArray[np.float64]

ROLES = ("uncertain", "assumption")
REACH, NODES = 7.0, 449  # the table of quantiles goes to ±REACH; beyond, a value stays at the last
STEP = 2 * REACH / (NODES - 1)
AT_ONCE = 500  # members whose values are looked up together: more leave the processor's cache


@dataclass(frozen=True)
class Marginal:
    """A prior between two limits: a distribution of SciPy, cut and scaled to a whole."""

    distribution: Any
    low: float
    high: float

    def quantile(self, z: Floats) -> Floats:
        """The value that lies as far up the prior as `z` lies up a standard normal."""
        below, above = self.distribution.cdf([self.low, self.high])
        beyond, all_above = self.distribution.sf([self.high, self.low])
        lower = self.distribution.ppf(below + (above - below) * special.ndtr(np.minimum(z, 0)))
        upper = self.distribution.isf(beyond + (all_above - beyond) * special.ndtr(-np.maximum(z, 0)))
        return np.asarray(np.clip(np.where(z < 0, lower, upper), self.low, self.high))

    def position(self, value: Floats) -> Floats:
        """The inverse of `quantile`: infinite at and beyond the limits."""
        below, above = self.distribution.cdf([self.low, self.high])
        beyond, all_above = self.distribution.sf([self.high, self.low])
        lower = (self.distribution.cdf(value) - below) / (above - below)
        upper = (self.distribution.sf(value) - beyond) / (all_above - beyond)
        return np.where(lower < upper, special.ndtri(np.clip(lower, 0, 1)), -special.ndtri(np.clip(upper, 0, 1)))

    def log_density(self, value: Floats) -> Floats:
        """Log density up to a constant; minus infinity beyond the limits."""
        inside = (self.low <= value) & (value <= self.high)
        return np.where(inside, self.distribution.logpdf(value), -np.inf)


@dataclass(frozen=True)
class Switch:
    """A constant that is 0 or 1, and 1 with the weight `one`: 1 above a threshold of z, 0 up to it."""

    one: float
    low: float = 0.0
    high: float = 1.0

    @property
    def threshold(self) -> float:
        """The z above which it is 1; infinite where a value has no weight."""
        return -float(special.ndtri(self.one))

    def quantile(self, z: Floats) -> Floats:
        """1 above the threshold, else 0."""
        return np.asarray(z > self.threshold, float)

    def position(self, value: Floats) -> Floats:
        """The median z of those that have this value; infinite where it has no weight."""
        return np.where(value > 0, -special.ndtri(self.one / 2), special.ndtri((1 - self.one) / 2))

    def log_density(self, value: Floats) -> Floats:
        """Logarithm of the weight that the value has."""
        return np.log(np.where(value > 0, self.one, 1 - self.one))


class Space:
    """The uncertain constants of a city, or some of them, in coordinates z that are N(0, 1) and independent a priori.

    Constants have the priors of parameters.yaml, cut at their bounds; a switch steps from 0 to 1 where z passes its
    threshold, and any z of a side is as good as another. The split of high-tech output over industries is Dirichlet
    (industries.py), broken into betas; its coordinates are named allocation[category,industry]. What markets grow
    beside each other is less its mean (model/prior_draws.py), so its values are not the constants yet.

    Attributes
    ----------
    names
        The coordinates, elements of arrays spelled 'Name[element]'.
    switches
        Which coordinates are of constants that are 0 or 1, shape (d,).
    """

    def __init__(self, city: City) -> None:
        self._city = city
        self._industries = read_industries(city)
        self._middle = self._industries.middle() if self._industries else {}
        priors: dict[str, Marginal | Switch] = _constants(city)
        priors |= _splits(self._industries.sticks) if self._industries else {}
        self.names: tuple[str, ...] = tuple(priors)
        self._marginals = list(priors.values())
        grid = np.linspace(-REACH, REACH, NODES)
        cubics = [_cubics(marginal, grid) for marginal in self._marginals]
        self._cubics = np.array(cubics)  # (coordinates, parts of the grid, powers from none to three)
        self._arrange()

    def _arrange(self) -> None:
        self._table = self._cubics.reshape(-1, 4)
        self._rows = np.arange(len(self.names))[:, None] * (NODES - 1)
        self._lows = np.array([[marginal.low] for marginal in self._marginals])
        self._highs = np.array([[marginal.high] for marginal in self._marginals])
        steps = {place: one.threshold for place, one in enumerate(self._marginals) if isinstance(one, Switch)}
        self.switches = np.isin(np.arange(self.d), list(steps))
        self._thresholds = np.array([[threshold] for threshold in steps.values()])

    @property
    def d(self) -> int:
        """The number of coordinates."""
        return len(self.names)

    def part(self, names: Iterable[str]) -> Space:
        """The space of some of the coordinates; the others stay as the model file has them."""
        other = copy.copy(self)
        other.names = tuple(names)
        places = [self.names.index(name) for name in other.names]
        other._marginals = [self._marginals[place] for place in places]
        other._cubics = self._cubics[places]
        other._arrange()
        return other

    def values(self, z: Floats) -> Floats:
        """Values of the coordinates, shape (d, members), from z of shape (members, d).

        Read from a table of cubics, which no quantile leaves by 1e-6 of its spread.
        """
        if len(z) > AT_ONCE:
            parts = [self.values(z[first : first + AT_ONCE]) for first in range(0, len(z), AT_ONCE)]
            return np.concatenate(parts, axis=1)
        place = (np.clip(z.T, -REACH, REACH) + REACH) / STEP
        part = np.minimum(place.astype(np.intp), NODES - 2)
        beyond = (place - part) * STEP
        cubic = self._table.take(part + self._rows, axis=0)
        found = cubic[..., 3]
        for power in (2, 1, 0):
            found = found * beyond + cubic[..., power]
        found = np.clip(found, self._lows, self._highs)
        if len(self._thresholds):
            found[self.switches] = z.T[self.switches] > self._thresholds
        return np.asarray(found)

    def with_shares(self, ends: Floats, z: Floats | None = None) -> Floats:
        """Low, middle and high values of each coordinate, (d, 3), those of switches given anew: 0, a share, and 1.

        The share is that of the members z, (members, d), which are 1; None: that of the prior.
        """
        found = ends.copy()
        for place in np.flatnonzero(self.switches):
            one = self._marginals[place]
            assert isinstance(one, Switch)
            found[place] = 0.0, one.one if z is None else one.quantile(z[:, place]).mean(), 1.0
        return found

    def to_constants(self, z: Floats) -> dict[str, Floats]:
        """Constants as ``Model.run`` takes them, name -> shape (members,), from z of shape (members, d)."""
        found = dict(zip(self.names, self.values(z), strict=True))
        moved = [name for name in self._middle if name in found]
        if moved and self._industries is not None:
            filled = {name: found.pop(name, np.full(len(z), middle)) for name, middle in self._middle.items()}
            found |= self._industries.constants(filled)
        return less_their_mean(self._city, found)

    def positions(self, values: Mapping[str, Floats]) -> Floats:
        """The z, shape (members, d), of coordinates with these values (name -> (members,)), the inverse of `values`.

        Of a switch it is the middle of the side that has the value.
        """
        pairs = zip(self.names, self._marginals, strict=True)
        return np.stack([marginal.position(np.asarray(values[name])) for name, marginal in pairs], axis=-1)

    def nominal(self) -> Floats:
        """The z of the model file's own values, shape (d,)."""
        values = {name: self._middle.get(name) or self._city.nominal(name) for name in self.names}
        return self.positions({name: np.array([value]) for name, value in values.items()})[0]

    def log_prior(self, z: Floats) -> Floats:
        """Log density of z, shape (members, d): that of independent standard normals, shape (members,)."""
        return log_normal(z)

    def log_density(self, values: Mapping[str, Floats]) -> Floats:
        """Log density, up to a constant, of coordinates with these values (name -> (members,)); shape (members,)."""
        found = np.zeros(len(next(iter(values.values()))))
        for name, marginal in zip(self.names, self._marginals, strict=True):
            found += marginal.log_density(values[name])
        return found

    def same_prior(self, other: Space, name: str) -> bool:
        """Whether a coordinate has the same prior here and in another space that has it too."""
        ours, theirs = (one._marginals[one.names.index(name)] for one in (self, other))
        if isinstance(ours, Switch) or isinstance(theirs, Switch):
            return ours == theirs
        edges = np.linspace(-REACH, REACH, 5)
        return bool(np.array_equal(ours.quantile(edges), theirs.quantile(edges)))

    def draw(self, members: int, seed: int | Sequence[int]) -> Floats:
        """Independent draws from the prior, shape (members, d); the same seed gives the same draws."""
        return np.random.default_rng(seed).standard_normal((members, self.d))


def log_normal(z: Floats) -> Floats:
    """Log density of independent standard normals, shape (members,), at z of shape (members, d)."""
    return -0.5 * (np.einsum("md,md->m", z, z) + z.shape[1] * np.log(2 * np.pi))


def _cubics(marginal: Marginal | Switch, grid: Floats) -> Floats:
    """The table of one coordinate, shape (parts of the grid, 4); of a switch, which steps, nothing."""
    if isinstance(marginal, Switch):
        return np.zeros((len(grid) - 1, 4))
    return np.asarray(CubicSpline(grid, marginal.quantile(grid)).c.T[:, ::-1])


def _constants(city: City) -> dict[str, Marginal | Switch]:
    """The prior of every constant that has one and is uncertain or an assumption, in the order of the registry."""
    found: dict[str, Marginal | Switch] = {}
    for name, parameter in city.parameters.items():
        prior = parameter.parsed_prior()
        if parameter.role in ROLES and prior is not None:
            for reference in [name] if "[" in name else city.elements(name):
                if prior.is_switch:
                    found[reference] = Switch(prior.centre)
                else:
                    found[reference] = Marginal(_distribution(prior), *limits(prior, parameter))
    return found


def _distribution(prior: Prior) -> Any:
    if prior.family == "LN":
        return stats.lognorm(prior.spread, loc=prior.shift, scale=prior.centre)
    if prior.family == "Be":
        weight = prior.centre * (1 - prior.centre) / prior.spread**2 - 1
        return stats.beta(prior.centre * weight, (1 - prior.centre) * weight, loc=prior.shift)
    return stats.norm(prior.shift + prior.centre, prior.spread)


def _splits(sticks: Mapping[str, tuple[float, float]]) -> dict[str, Marginal]:
    """Coordinates of the split over industries, and of the growth that the plan prints rounded."""
    low, width = PUBLISHED_GROWTH - ROUNDING, 2 * ROUNDING
    rounded = Marginal(stats.uniform(low, width), low, low + width)
    return {**{name: Marginal(stats.beta(*weights), 0.0, 1.0) for name, weights in sticks.items()}, ROUNDED: rounded}

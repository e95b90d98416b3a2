"""From a design's names to a city's: every factor and output checked, and points of the unit cube made into runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import special

from innovation.engine import Change, TimePath
from innovation.model import City, Target
from innovation.scenarios import Scenario, given_way
from innovation.scenarios.simulation import parameters

from .design import Design, Factor
from .points import Floats, Plan, make_plan

TAIL = 0.01  # of a prior, left out at both ends by designs that visit the ends of a range (morris, grid)
NEARLY_ZERO = 1e-12
HALF = 0.5  # of the unit range: from here on a switch is 1
BEYOND = 9.0  # standard deviations, where no threshold lies


class PriorCoordinates(Protocol):
    """Priors as coordinates that are independent and standard normal; calibration's Space is one."""

    names: tuple[str, ...]

    def part(self, names: Sequence[str]) -> PriorCoordinates:
        """The priors of some of the coordinates."""

    def values(self, z: Floats) -> Floats:
        """Values of the coordinates, shape (d, members), at z of shape (members, d)."""

    def to_constants(self, z: Floats) -> dict[str, Floats]:
        """Constants, name -> shape (members,), at z of shape (members, d)."""


@dataclass(frozen=True)
class Distributions:
    """What a front door knows of the constants: the prior, and joint draws of the posterior, name -> shape (draws,).

    `record` has name and hash of the record of one's own that the draws belong to, if it is not the city's.
    """

    prior: PriorCoordinates | None = None
    posterior: Mapping[str, NDArray[np.float64]] | None = None
    posterior_hash: str | None = None
    record: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """A column of the results: an indicator's id or a variable's name, and the cell of the model that it is."""

    id: str
    cell: str
    unit: str
    first_year: int
    en: str = ""
    zh: str = ""
    target: Target | None = None


@dataclass(frozen=True)
class Shares:
    """Shares of one sum of which a design varies some: `now` has all of them, in the end of the study's scenario.

    Those that are no factors give way in proportion, at the dates of the factors, which are the same.
    """

    now: Mapping[str, float]
    factors: tuple[Factor, ...]

    @property
    def others(self) -> dict[str, float]:
        """Those that give way."""
        varied = {factor.name for factor in self.factors}
        return {name: share for name, share in self.now.items() if name not in varied}


def is_switch(city: City, factor: Factor) -> bool:
    """Whether a factor is a constant, or an input of one, that is 0 or 1: a range has both, and nothing between."""
    if factor.lever is not None:
        return False
    return _drawn_switch(city, factor.name if factor.input is None else city.inputs[factor.name].constant)


def _drawn_switch(city: City, name: str) -> bool:
    """Whether a constant is a switch; what is none of the city's constants, as a split of shares, is not."""
    try:
        parameter = city.parameter(name)
    except LookupError:
        return False
    prior = parameter.parsed_prior() if parameter else None
    return prior is not None and prior.is_switch


@dataclass(frozen=True, eq=False)
class Study:
    """A design that this city can run.

    Attributes
    ----------
    names
        What varies, in the order of the columns of the members' parameters: ranges, then prior, then posterior.
    """

    city: City
    design: Design
    scenario: Scenario
    distributions: Distributions
    ranges: tuple[Factor, ...]
    priors: tuple[str, ...]
    posteriors: tuple[str, ...]
    outputs: tuple[Output, ...]
    years: tuple[int, ...]
    shares: tuple[Shares, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every factor, as its column is called."""
        return (*(factor.name for factor in self.ranges), *self.priors, *self.posteriors)

    @property
    def variables(self) -> tuple[str, ...]:
        """Variables of the model that the outputs are, or are elements of."""
        return tuple(dict.fromkeys(output.cell.partition("[")[0] for output in self.outputs))

    @property
    def times(self) -> tuple[float, ...]:
        """When the figures of the years stand: at their ends."""
        return tuple(year + 1.0 for year in self.years)

    @cached_property
    def plan(self) -> Plan:
        """The points of the factors that are independent: the ranges, then the prior."""
        return make_plan(self.design, len(self.ranges) + len(self.priors))

    @property
    def is_dependent(self) -> bool:
        """Whether factors depend on each other."""
        return bool(self.posteriors)

    @cached_property
    def _prior(self) -> PriorCoordinates | None:
        prior = self.distributions.prior
        return prior.part(self.priors) if prior is not None and self.priors else None

    def block(self, first: int, last: int) -> tuple[Floats, dict[str, Any]]:
        """Values of the factors, shape (members, names), and the engine's parameters, for some members of one part."""
        unit = self.plan.block(first, last)
        low, high = (np.array([factor.range[end] for factor in self.ranges]) for end in (0, 1))
        ranged = low + (high - low) * unit[:, : len(self.ranges)]
        switched = [is_switch(self.city, factor) for factor in self.ranges]
        ranged[:, switched] = unit[:, : len(self.ranges)][:, switched] >= HALF
        believed, constants = self._believed(unit[:, len(self.ranges) :])
        drawn = self._drawn(first, last)
        constants |= drawn
        moved = dict(zip((factor.name for factor in self.ranges), ranged.T, strict=True))
        constants |= {factor.name: moved[factor.name] for factor in self.ranges if factor.kind == "constant"}
        given = parameters(self.city, self.scenario, constants, nominal=False)
        for name, (factor, values) in self._courses(moved).items():
            constant = self.city.spelling(*self.city.locate(self.city.control(name).constant))
            base = given[constant].base if isinstance(given[constant], TimePath) else None
            given[constant] = TimePath((Change(factor.start, np.ascontiguousarray(values), factor.ramp),), base)
        columns = [ranged, believed, *(values[:, None] for values in drawn.values())]
        return np.concatenate(columns, axis=1), given

    def _courses(self, moved: Mapping[str, Floats]) -> dict[str, tuple[Factor, Floats]]:
        """Every lever and input that changes, with where it goes and the factor that has its dates."""
        courses = {factor.name: (factor, moved[factor.name]) for factor in self.ranges if factor.kind != "constant"}
        for one in self.shares:
            found = given_way(one.now, {factor.name: moved[factor.name] for factor in one.factors})
            courses |= {name: (one.factors[0], np.asarray(found[name])) for name in one.others}
        return courses

    def _believed(self, unit: Floats) -> tuple[Floats, dict[str, Floats]]:
        if self._prior is None:
            return np.empty((len(unit), 0)), {}
        tail = TAIL if self.design.method in ("morris", "grid") else NEARLY_ZERO
        z = special.ndtri(
            np.clip(unit, NEARLY_ZERO, 1 - NEARLY_ZERO) if tail == NEARLY_ZERO else tail + (1 - 2 * tail) * unit
        )
        if tail != NEARLY_ZERO:  # which visits values, not a prior: a switch takes both
            switched = [_drawn_switch(self.city, name) for name in self.priors]
            z[:, switched] = np.where(unit[:, switched] >= HALF, BEYOND, -BEYOND)
        constants = self._prior.to_constants(z)
        others = [name for name in self.priors if name not in constants]  # coordinates that are no constants
        found = dict(constants)
        if others:
            places = [self.priors.index(name) for name in others]
            found |= zip(others, self._prior.part(others).values(z[:, places]), strict=True)
        return np.stack([found[name] for name in self.priors], axis=1), dict(constants)

    def _drawn(self, first: int, last: int) -> dict[str, Floats]:
        """Joint draws: the first members are the first draws, and above their number they repeat in order."""
        posterior = self.distributions.posterior or {}
        return {
            name: np.asarray(posterior[name])[np.arange(first, last) % len(posterior[name])] for name in self.posteriors
        }

    def facts(self) -> dict[str, Any]:
        """Each factor as the manifest tells it."""
        told: dict[str, Any] = {}
        for factor in self.ranges:
            dates = {} if factor.kind == "constant" else {"from": factor.start, "ramp": factor.ramp}
            told[factor.name] = {"kind": factor.kind, "range": list(factor.range), **dates}
        for one in self.shares:
            for factor in one.factors:
                told[factor.name]["give_way"] = one.others
        return told | {name: {"kind": "constant", "range": "prior"} for name in self.priors} | {
            name: {"kind": "constant", "range": "posterior"} for name in self.posteriors
        }  # fmt: skip

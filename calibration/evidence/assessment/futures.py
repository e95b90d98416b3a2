"""The years to the plan's end: headline indicators and targets of every draw under the scenarios that matter most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.model import PLAN_ENDS, City
from innovation.scenarios import Scenario, load_scenarios
from innovation.scenarios.simulation import Failures, meets, parameters, sound_figures

Floats = NDArray[np.float64]

SCENARIOS = ("plan_as_written", "baseline")
HEADLINE = ("contribution_rate", "external_dependence", "rd_intensity", "hightech_output", "gdp")
TOGETHER = "all"  # every target of the plan that can be judged at once
AS_IS, GROUP, SINGLE = "as it is", "group", "single"  # kinds of rows of chances under changed priors
ERRORS = "Error sizes and their persistence"  # priors of the measurement
FAILED = "failed"  # of a row: how many draws it leaves out; kept in the head of its table
FEW = 100  # effective draws below which a chance weighed anew is only a hint


@dataclass(frozen=True)
class Future:
    """One scenario for many members: values of each indicator at the plan's end, and which members meet a target.

    Both have the shape (members that are kept,).
    """

    values: Mapping[str, Floats]
    hits: Mapping[str, NDArray[np.bool_]]
    failures: Failures

    @property
    def failed(self) -> int:
        """How many members are left out."""
        return len(self.failures.lost)

    def of_kept(self, weights: Floats) -> Floats:
        """The weights of the members that are kept, summing to one as those of all do."""
        own = weights[self.failures.kept]
        return own / own.sum() if self.failed else own


def scenarios_of(city: City, names: Sequence[str] = SCENARIOS) -> list[Scenario]:
    """The scenarios of the library that the evidence is about."""
    return load_scenarios(city, names)


def futures(city: City, scenarios: Sequence[Scenario], constants: Mapping[str, Floats]) -> dict[str, Future]:
    """Run scenarios for members with these constants; a member whose run fails under one of them leaves all.

    Raises TooManyFailed where too many fail.
    """
    given = {one.id: [parameters(city, one, constants, nominal=False)] for one in scenarios}
    found, failures = sound_figures(city, given)
    return {name: _future(city, series, failures) for name, (series,) in found.items()}


def _future(city: City, series: Mapping[str, Floats], failures: Failures) -> Future:
    met = {
        name: meets(target, series[name][:, city.years.index(target.year)]) for name, target in city.judgeable.items()
    }
    values = {name: found[:, city.years.index(PLAN_ENDS)] for name, found in series.items()}
    together = np.all(list(met.values()), axis=0)
    return Future(values, {**met, TOGETHER: together}, failures)

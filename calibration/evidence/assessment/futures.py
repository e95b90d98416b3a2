"""The years to the plan's end: headline indicators and targets of every draw under the scenarios that matter most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.model import PLAN_ENDS, City
from innovation.scenarios import Scenario, load_scenarios
from innovation.scenarios.simulation import figures, meets, parameters, yearly_run

Floats = NDArray[np.float64]

SCENARIOS = ("plan_as_written", "baseline")
HEADLINE = ("contribution_rate", "external_dependence", "rd_intensity", "hightech_output", "gdp")
TOGETHER = "all"  # every target of the plan that can be judged at once
AS_IS, GROUP, SINGLE = "as it is", "group", "single"  # kinds of rows of chances under changed priors
ERRORS = "Error sizes and their persistence"  # priors of the measurement
FEW = 100  # effective draws below which a chance weighed anew is only a hint


@dataclass(frozen=True)
class Future:
    """One scenario for many members: values (members,) of each indicator at the plan's end, and which meet a target."""

    values: Mapping[str, Floats]
    hits: Mapping[str, NDArray[np.bool_]]


def scenarios_of(city: City, names: Sequence[str] = SCENARIOS) -> list[Scenario]:
    """The scenarios of the library that the evidence is about."""
    return load_scenarios(city, names)


def future(city: City, scenario: Scenario, constants: Mapping[str, Floats]) -> Future:
    """Run a scenario for members with these constants; a member whose run fails meets nothing and has no values."""
    run = yearly_run(city, parameters(city, scenario, constants), on_failure="mask")
    failed = run.failed.values.astype(bool)[1:]
    series = {name: found[1:] for name, found in figures(city, run).items()}  # the nominal run stands first
    met = {}
    for name, target in city.judgeable.items():
        met[name] = meets(target, series[name][:, city.years.index(target.year)]) & ~failed
    values = {name: np.where(failed, np.nan, found[:, city.years.index(PLAN_ENDS)]) for name, found in series.items()}
    together = np.all(list(met.values()), axis=0)
    return Future(values, {**met, TOGETHER: together})

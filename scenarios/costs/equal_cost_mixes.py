"""Packages that cost as much as the plan, in city money or in social resources: what counts, and how they are kept so.

City money is all that the city pays beyond 2010 practice, the indicator `cost_city`: science money, purchases, lost tax
and its part of every other price, whatever budget it leaves. The library's mixes are equal by that; by the social
resource cost, used up by whom ever, they can be solved too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy.optimize import brentq

from innovation.engine.ir import python_name
from innovation.model import PLAN_BEGINS, PLAN_ENDS, City
from innovation.model.files import fault, read_document, read_text, shown
from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import LIBRARY, library, load_scenario
from innovation.scenarios.schema import PolicyChange, Scenario, ScenarioError
from innovation.scenarios.simulation.run import parameters

from .accounting import LEVEL, RATES, at_base_prices, check, discounted

PLAN = "plan_as_written"
MIXES = ("government_research", "enterprise", "finance", "talent_platforms", "absorption")
SHARE = "fiscal_science_share"
By = Literal["city", "social"]
WAYS: tuple[By, ...] = ("city", "social")
DISCOUNT_RATE = RATES[1]  # a year, real: NDRC2006
TOLERANCE = 0.005
SHARE_DIGITS = 5
_VALUE = re.compile(r"(\bto:\s*)[-+.\deE]+")


@dataclass(frozen=True)
class Mix:
    """A mix: the science share it ends at, what it costs the city and in social resources, and the plan's costs.

    Costs are beyond 2010 practice, worth in 2010 at prices of that year (1e8 CNY). `by` says which of them is equal.
    """

    id: str
    share: float
    city: float
    social: float
    plan_city: float
    plan_social: float
    by: By = "city"

    @property
    def difference(self) -> float:
        """Per cent by which it costs more than the plan, of the cost that is to be equal."""
        ours, plan = (self.city, self.plan_city) if self.by == "city" else (self.social, self.plan_social)
        return 100 * (ours / plan - 1)

    @property
    def is_equal(self) -> bool:
        """Whether it costs what the plan costs, within TOLERANCE."""
        return abs(self.difference) <= 100 * TOLERANCE


def present_value(city: City, scenario: Scenario, by: By = "city") -> float:
    """Cost beyond 2010 practice, worth in 2010 at prices of that year and DISCOUNT_RATE a year, of the nominal run.

    Raises ScenarioError where the city has no prices.
    """
    return _present_values(city, scenario)[WAYS.index(by)]


def _present_values(city: City, scenario: Scenario) -> tuple[float, float]:
    """The cost to the city, and the social resource cost."""
    check(city)
    places = [city.locate(city.indicators[name].variable) for name in (*(f"cost_{by}" for by in WAYS), LEVEL)]
    outputs = list(dict.fromkeys(variable for variable, _ in places))
    ends = [year + 1.0 for year in range(PLAN_BEGINS - 1, PLAN_ENDS + 1)]
    run = city.model.run(parameters(city, scenario), outputs=outputs, times=ends)
    figures = [run[python_name(name)].isel(member=0).transpose(..., "time").values[at] for name, at in places]
    *money, level = (np.asarray(values, float) for values in figures)
    ours, social = (float(discounted(at_base_prices(city, one[1:], level), DISCOUNT_RATE)) for one in money)
    return ours, social


def mixes(city: City, folder: Path = LIBRARY) -> list[Mix]:
    """Every mix of the library as it stands; raises ScenarioError where a file is missing or faulty."""
    plan = _present_values(city, load_scenario(city, PLAN, folder))
    scenarios = [load_scenario(city, name, folder) for name in MIXES]
    return [Mix(s.id, s.policies[_last(s)].to, *_present_values(city, s), *plan) for s in scenarios]


def solved(city: City, by: By, folder: Path = LIBRARY) -> list[Mix]:
    """Every mix of the library at the share at which it costs what the plan costs, the one way or the other.

    A mix that no share within the lever's range brings there stands at the end that comes nearest, and is not equal.
    """
    plan = _present_values(city, load_scenario(city, PLAN, folder))
    found = []
    for scenario in (load_scenario(city, name, folder) for name in MIXES):
        try:
            share = solved_share(city, scenario, plan[WAYS.index(by)], by)
        except ScenarioError:
            share = _nearest_end(city, scenario, plan[WAYS.index(by)], by)
        ours = _present_values(city, _ending_at(city, scenario, _last(scenario), share))
        found.append(Mix(scenario.id, share, *ours, *plan, by))
    return found


def solved_share(city: City, scenario: Scenario, cost: float, by: By = "city") -> float:
    """The science share that a scenario must end at to cost `cost`, rounded to SHARE_DIGITS.

    Raises ScenarioError where no share within the lever's range does.
    """
    place, lever = _last(scenario), city.levers[SHARE]

    def excess(share: float) -> float:
        return present_value(city, _ending_at(city, scenario, place, share), by) - cost

    low, high = excess(lever.low), excess(lever.high)
    if low * high > 0:
        ends = {"low": lever.low, "high": lever.high, "least": cost + low, "most": cost + high}
        raise ScenarioError([fault("scenarios.never_costs", scenario.id, None, SHARE, cost=cost, **ends)])
    return round(float(brentq(excess, lever.low, lever.high, xtol=10.0 ** -(SHARE_DIGITS + 1))), SHARE_DIGITS)


def _nearest_end(city: City, scenario: Scenario, cost: float, by: By) -> float:
    """The end of the share's range at which a mix costs nearest to `cost`."""
    place, lever = _last(scenario), city.levers[SHARE]

    def distance(share: float) -> float:
        return abs(present_value(city, _ending_at(city, scenario, place, share), by) - cost)

    return min((lever.low, lever.high), key=distance)


def solved_files(city: City, folder: Path = LIBRARY, names: Sequence[str] = MIXES) -> dict[Path, str]:
    """The text of every mix with its solved share in place; all else in the file, comments too, stays as it is."""
    cost = present_value(city, load_scenario(city, PLAN, folder))
    return {library(folder)[name]: _rewritten(city, library(folder)[name], folder, cost) for name in names}


def _rewritten(city: City, path: Path, folder: Path, cost: float) -> str:
    scenario = load_scenario(city, path.stem, folder)
    number = read_document(path).line(("policies", _last(scenario), "to")) or 1
    lines = read_text(path)[0].splitlines(keepends=True)
    line, found = _VALUE.subn(rf"\g<1>{solved_share(city, scenario, cost):g}", lines[number - 1])
    if found != 1:
        raise ScenarioError([fault("scenarios.share_line", shown(path), number, SHARE, share=SHARE)])
    return "".join([*lines[: number - 1], line, *lines[number:]])


def _last(scenario: Scenario) -> int:
    """Place among the policies of the last change of the science share."""
    places = [place for place, change in enumerate(scenario.policies) if change.lever == SHARE]
    if not places:
        raise ScenarioError([fault("scenarios.share_unchanged", scenario.id, None, "policies", share=SHARE, plan=PLAN)])
    return max(places, key=lambda place: scenario.policies[place].start)


def _ending_at(city: City, scenario: Scenario, place: int, share: float) -> Scenario:
    last = scenario.policies[place]
    earlier = [change for at, change in enumerate(scenario.policies) if change.lever == SHARE and at != place]
    change = PolicyChange(lever=SHARE, start=last.start, to=share, ramp=last.ramp)
    return with_changes(city, scenario, [*earlier, change])

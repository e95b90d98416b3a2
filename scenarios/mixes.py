"""Packages that cost the city as much science money as the plan: what counts as equal, and how they are kept equal.

City science money is the city's science appropriation, the indicator `fiscal_science`. Added purchases of local
products are city money and no science money: every mix of the library keeps the plan's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np
from scipy.optimize import brentq

from engine import python_name
from model import City, Fault
from model.documents import read_document, read_text, shown

from .composing import with_changes
from .reading import LIBRARY, library, load_scenario
from .schema import PolicyChange, Scenario, ScenarioError
from .simulate import parameters

PLAN = "plan_as_written"
MIXES = ("government_research", "enterprise", "finance", "talent_platforms", "absorption")
MONEY = "fiscal_science"
SHARE = "fiscal_science_share"
DEFLATOR = "deflator"
BASE_YEAR, FIRST, LAST = 2010, 2011, 2015
DISCOUNT_RATE = 0.08  # a year, real [judgement]
TOLERANCE = 0.005
SHARE_DIGITS = 5
_VALUE = re.compile(r"(\bto:\s*)[-+.\deE]+")


@dataclass(frozen=True)
class Mix:
    """A mix as its file has it: the science share it ends at, and its cost beside the plan's (1e8 CNY of 2010)."""

    id: str
    share: float
    cost: float
    plan_cost: float

    @property
    def difference(self) -> float:
        """Per cent by which it costs more than the plan."""
        return 100 * (self.cost / self.plan_cost - 1)

    @property
    def is_equal(self) -> bool:
        """Whether it costs what the plan costs, within TOLERANCE."""
        return abs(self.cost / self.plan_cost - 1) <= TOLERANCE


def present_value(city: City, scenario: Scenario, indicator: str = MONEY) -> float:
    """Worth in 2010 of a yearly sum of money, 2011 to 2015, at prices of 2010 and DISCOUNT_RATE a year.

    The nominal figure of each year is divided by the price level in the middle of that year. Raises ScenarioError where
    the city has no such indicator or no deflator.
    """
    if indicator not in city.indicators or DEFLATOR not in city.model.variables:
        message = f'Equal cost needs the indicator "{indicator}" and the variable "{DEFLATOR}".'
        raise ScenarioError([Fault(scenario.id, None, "", message, "Ask it of a city that has both.")])
    variable, position = city.locate(city.indicators[indicator].variable)
    years = np.arange(FIRST, LAST + 1)
    middles = [year + 0.5 for year in (BASE_YEAR, *years.tolist())]
    ends = [year + 1.0 for year in years.tolist()]
    run = city.model.run(parameters(city, scenario), outputs=[variable, DEFLATOR], times=sorted([*middles, *ends]))
    prices = run[python_name(DEFLATOR)].sel(member=0, time=middles).values
    figures = run[python_name(variable)].sel(member=0, time=ends).transpose(..., "time").values
    money = figures[position]
    real = money * prices[0] / prices[1:]
    return float(np.sum(real / (1 + DISCOUNT_RATE) ** (years - BASE_YEAR)))


def mixes(city: City, folder: FilePath = LIBRARY) -> list[Mix]:
    """Every mix of the library as it stands; raises ScenarioError where a file is missing or faulty."""
    plan_cost = present_value(city, load_scenario(city, PLAN, folder))
    scenarios = [load_scenario(city, name, folder) for name in MIXES]
    return [Mix(s.id, s.policies[_last(s)].to, present_value(city, s), plan_cost) for s in scenarios]


def solved_share(city: City, scenario: Scenario, cost: float) -> float:
    """The science share that a scenario must end at to cost `cost`, rounded to SHARE_DIGITS.

    Raises ScenarioError where no share within the lever's range does.
    """
    place, lever = _last(scenario), city.levers[SHARE]

    def excess(share: float) -> float:
        return present_value(city, _ending_at(city, scenario, place, share), MONEY) - cost

    low, high = excess(lever.low), excess(lever.high)
    if low * high > 0:
        message = f"At a science share of {lever.low:g} … {lever.high:g} it costs {cost + low:.4g} … {cost + high:.4g}"
        wanted = f"{message}, never {cost:.4g} (1e8 CNY of 2010)."
        raise ScenarioError([Fault(scenario.id, None, SHARE, wanted, "Change the dates of the share in the file.")])
    return round(float(brentq(excess, lever.low, lever.high, xtol=10.0 ** -(SHARE_DIGITS + 1))), SHARE_DIGITS)


def solved_files(city: City, folder: FilePath = LIBRARY, names: Sequence[str] = MIXES) -> dict[FilePath, str]:
    """The text of every mix with its solved share in place; all else in the file, comments too, stays as it is."""
    cost = present_value(city, load_scenario(city, PLAN, folder))
    return {library(folder)[name]: _rewritten(city, library(folder)[name], folder, cost) for name in names}


def _rewritten(city: City, path: FilePath, folder: FilePath, cost: float) -> str:
    scenario = load_scenario(city, path.stem, folder)
    number = read_document(path).line(("policies", _last(scenario), "to")) or 1
    lines = read_text(path)[0].splitlines(keepends=True)
    line, found = _VALUE.subn(rf"\g<1>{solved_share(city, scenario, cost):g}", lines[number - 1])
    if found != 1:
        message = f"The value of {SHARE} is not written as one number after `to:`."
        raise ScenarioError([Fault(shown(path), number, SHARE, message, "Write the change on a line of its own.")])
    return "".join([*lines[: number - 1], line, *lines[number:]])


def _last(scenario: Scenario) -> int:
    """Place among the policies of the last change of the science share."""
    places = [place for place, change in enumerate(scenario.policies) if change.lever == SHARE]
    if not places:
        message = f"It does not change {SHARE}, whose last value is solved."
        raise ScenarioError([Fault(scenario.id, None, "policies", message, f"Change it as {PLAN} does.")])
    return max(places, key=lambda place: scenario.policies[place].start)


def _ending_at(city: City, scenario: Scenario, place: int, share: float) -> Scenario:
    last = scenario.policies[place]
    earlier = [change for at, change in enumerate(scenario.policies) if change.lever == SHARE and at != place]
    change = PolicyChange(lever=SHARE, start=last.start, to=share, ramp=last.ramp)
    return with_changes(city, scenario, [*earlier, change])

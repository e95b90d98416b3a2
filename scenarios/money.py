"""Added science money: what its use is told of, that it does not follow from the number alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from innovation.engine import path_values
from innovation.model import PLAN_BEGINS, PLAN_ENDS, PLAN_YEARS, City
from innovation.model.files import Language

from .schema import Scenario, path_of
from .words import section

LEVER, SPLIT, PRACTICE = "science_money", "money", "fiscal_science"
PARTS = 64  # of a year, in which a rise is summed
WORDS = section("money")


def is_added(city: City, scenario: Scenario) -> bool:
    """Whether a scenario adds science money at any time."""
    return LEVER in city.levers and any(change.to > 0 for change in scenario.changes_of(LEVER))


def appropriated(city: City, scenario: Scenario) -> dict[int, float]:
    """Added science money of each year of the plan, 1e8 CNY at current prices: exact but for rises, summed in steps."""
    path = path_of(scenario.changes_of(LEVER))
    moments = PLAN_BEGINS + (np.arange(len(PLAN_YEARS) * PARTS) + 0.5) / PARTS
    amounts = path_values(path, city.practice(LEVER), moments, dt=0.0)
    yearly = np.asarray(amounts, float).reshape(len(PLAN_YEARS), PARTS).mean(axis=1)
    return dict(zip(PLAN_YEARS, yearly.tolist(), strict=True))


def ramps(city: City, scenarios: Sequence[Scenario], language: Language = "en") -> list[str]:
    """A sentence for each scenario in which the amount rises or falls over years: a ramp is allowed, and told."""
    words = WORDS[language]
    found = []
    for scenario in scenarios:
        changes = scenario.changes_of(LEVER) if LEVER in city.levers else ()
        if any(change.ramp and change.start <= PLAN_ENDS for change in changes):
            lever = city.levers[LEVER]
            years = words("and").join(
                words("of_year", year=year, value=f"{value:.1f}")
                for year, value in appropriated(city, scenario).items()
            )
            called, unit = (lever.zh, lever.unit_zh) if language == "zh" else (lever.en, lever.unit)
            found.append(words("ramp", scenario=scenario.id, lever=called, years=years, unit=unit))
    return found


def practice(years: Sequence[int], figures: ArrayLike) -> dict[int, float]:
    """What 2010 practice brings science on average in the plan's years.

    Parameters
    ----------
    figures
        The indicator PRACTICE of the baseline, shape (members, years).
    """
    means = np.asarray(figures, float).mean(axis=0)
    return {year: float(means[list(years).index(year)]) for year in (PLAN_BEGINS, PLAN_ENDS)}

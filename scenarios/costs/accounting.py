"""What policies cost beyond 2010 practice, and whom: by payer, in social resources, by price and by lever.

What payers pay cannot be summed over payers, for much of it passes from one to another: the social resource cost, what
is used up whoever pays, can. Loans and guarantees count by their expected loss. What enterprises and investors then
spend of their own accord, as the economy's answer, is no price of a lever and stands apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from innovation.engine import OnProgress
from innovation.engine.ir import python_name
from innovation.model import (
    PLAN_BEGINS,
    PLAN_ENDS,
    PLAN_YEARS,
    RECORD_ENDS,
    City,
    in_plan,
    payer_shares,
    resource_shares,
)
from innovation.model.files import fault
from innovation.scenarios.composing import with_changes
from innovation.scenarios.schema import Scenario, ScenarioError
from innovation.scenarios.simulation.cases import CaseChanges, CaseRuns, Members, as_drawn, run_cases
from innovation.scenarios.simulation.failures import Failures, checked

Floats = NDArray[np.float64]

BASE_YEAR = RECORD_ENDS  # of prices, and the year to which worth is discounted
RATES = (0.06, 0.08, 0.1)  # a year, real; the middle one is the rule of NDRC2006, the others show what hangs on it
SOCIAL, LEVEL, DEFLATOR = "social", "price_level", "deflator"
MONEY_GROUPS = ("money", "programmes")  # of levers: how much science money there is, and how it is split
EFFECTS = ("hightech_output", "gdp", "rd_expenditure", "consumption")
INVESTMENT = "investment_path"  # the lever that moves consumption apart from GDP
INDUCED = ("rd_expenditure_enterprise", "fixed_asset_investment")
PERCENTS = (5, 50, 95)
WHOLE, NONE, MONEY, OTHERS, PRICED = "whole", "none", "money", "others", "priced"


@dataclass(frozen=True, eq=False)
class Costs:
    """What policies cost by payer, and as `social` in resources, against others: shape (members, plan years).

    `nominal` is in 1e8 CNY of each year, `real` in prices of BASE_YEAR.
    """

    nominal: Mapping[str, Floats]
    real: Mapping[str, Floats]

    def total(self, name: str) -> Floats:
        """Sum over the plan's years at current prices, shape (members,)."""
        return np.asarray(self.nominal[name].sum(axis=1))

    def present_value(self, name: str = SOCIAL, rate: float = RATES[1]) -> Floats:
        """Worth in BASE_YEAR of all years, at prices of that year, shape (members,)."""
        return discounted(self.real[name], rate)


@dataclass(frozen=True, eq=False)
class CostComparison:
    """A scenario against another: costs, what they come of and what they bring, member by member.

    Attributes
    ----------
    prices
        Cost of each price at current prices, shape (members, plan years); all of them, also those of nothing.
    effects
        By figure of EFFECTS at the plan's end and by part (`whole`, `money`, `others`, `priced`): what the levers of
        that part do by themselves, shape (members,). `money` are levers of science money, `others` all others, `priced`
        those with a price or of no cost.
    induced
        Spending of enterprises and investors beyond the other scenario's, sum of the plan's years, shape (members,).
    unpriced
        Levers of the scenario that have no price: no cost here holds what they take.
    failed
        How many members are left out because they failed under it, or under one that it was run beside.
    """

    scenario: Scenario
    costs: Costs
    prices: Mapping[str, Floats]
    effects: Mapping[str, Mapping[str, Floats]]
    induced: Mapping[str, Floats]
    unpriced: tuple[str, ...]
    without_source: Floats
    failed: int

    def part(self, figure: str, part: str) -> float:
        """What a part of the levers does by itself over what all do, in per cent; middle member; NaN of no effect."""
        whole, own = (float(np.median(self.effects[figure][name])) for name in (WHOLE, part))
        return 100 * own / whole if whole else float("nan")

    def by_levers(self, city: City) -> dict[tuple[str, ...], Floats]:
        """Sum over the plan's years at current prices by the levers of the scenario that pay it, shape (members,).

        A price that several of its levers pay is theirs together. What no lever of it pays, as growth's doing, is
        under ().
        """
        moved = {change.lever for change in self.scenario.policies}
        found: dict[tuple[str, ...], Floats] = {}
        for name, yearly in self.prices.items():
            if np.any(yearly):
                payers = tuple(lever for lever in city.prices.prices[name].levers if lever in moved)
                found[payers] = found.get(payers, 0) + yearly.sum(axis=1)
        return found


def discounted(real: Floats, rate: float) -> Floats:
    """Worth in BASE_YEAR of yearly sums of PLAN_YEARS at constant prices, the last axis; each as at its end."""
    years = np.asarray(PLAN_YEARS) - BASE_YEAR
    return np.asarray(np.sum(real / (1 + rate) ** years, axis=-1))


@lru_cache(maxsize=8)
def base_level(city: City) -> float:
    """Price level of the middle of BASE_YEAR, 2005 = 1: history, the same in every member."""
    run = city.model.run(outputs=[DEFLATOR], times=[BASE_YEAR + 0.5])
    return float(run[python_name(DEFLATOR)].values[0, 0])


def cost_band(values: Floats) -> Floats:
    """PERCENTS of a cost over its members, shape (3,)."""
    return np.percentile(values, PERCENTS)


def at_base_prices(city: City, nominal: Floats, level: Floats) -> Floats:
    """Yearly sums of PLAN_YEARS at prices of BASE_YEAR.

    Parameters
    ----------
    level
        Price level as the plan begins and at the ends of PLAN_YEARS; the middle of a year is the geometric mean of
        its two ends.
    """
    return np.asarray(nominal / np.sqrt(level[..., :-1] * level[..., 1:]) * base_level(city))


def costs(
    city: City,
    figures: Mapping[str, Floats],
    other: Mapping[str, Floats] | None = None,
    names: Iterable[str] | None = None,
) -> Costs:
    """Costs from figures as `simulate` and `Outcome` have them, shape (members, years of the city).

    Parameters
    ----------
    other
        Figures of the same members under another scenario that the costs are against. None: 2010 practice, which costs
        nothing.
    names
        Payers that are asked, `social` among them; None: all.

    Raises ScenarioError where the city has no prices.
    """
    check(city)
    plan = in_plan(city.years)
    ends = slice(plan.start - 1, plan.stop)
    nominal: dict[str, Floats] = {}
    real: dict[str, Floats] = {}
    for name in (*city.prices.payers, SOCIAL) if names is None else names:
        for sign, of in ((1, figures), (-1, other)):
            if of is not None:
                money = of[f"cost_{name}"][:, plan]
                nominal[name] = nominal.get(name, 0) + sign * money
                real[name] = real.get(name, 0) + sign * at_base_prices(city, money, of[LEVEL][:, ends])
    return Costs(nominal, real)


def check(city: City) -> None:
    """Raises ScenarioError where the city has no prices, or lacks a figure that costs need."""
    missing = [name for name in (LEVEL, f"cost_{SOCIAL}", *EFFECTS, *INDUCED) if name not in city.indicators]
    if not city.prices.prices:
        raise ScenarioError([fault("scenarios.no_prices", str(city.folder))])
    if missing:
        raise ScenarioError([fault("scenarios.no_cost_figure", str(city.folder), names=tuple(missing))])


def has_costs(city: City) -> bool:
    """Whether costs can be asked of a city."""
    try:
        check(city)
    except ScenarioError:
        return False
    return True


def is_money(city: City, lever: str) -> bool:
    """Whether a lever sets how much science money there is, or how it is split."""
    return city.levers[lever].group in MONEY_GROUPS


def study(
    city: City,
    scenarios: Sequence[Scenario],
    members: Members,
    against: Scenario | None = None,
    threads: int | None = None,
    on_progress: OnProgress | None = None,
) -> dict[str, CostComparison]:
    """Each scenario against the policies of another, in the same world (its own assumptions) and the same members.

    Parameters
    ----------
    against
        None: 2010 practice.
    on_progress
        Told of the runs, as `run_cases` does.

    A member that fails under one of the scenarios, or under what is left of it, leaves all. Raises ScenarioError as
    `check` does, TooManyFailed where too many members fail.
    """
    check(city)
    parts = {one.id: _parts(city, one, against) for one in scenarios}
    cases = {f"{id} {name}": CaseChanges(part) for id, own in parts.items() for name, part in own.items()}
    years = range(PLAN_BEGINS - 1, PLAN_ENDS + 1)
    runs = run_cases(city, cases, members, _cells(city), years, threads, on_progress, views=as_drawn)
    failures = checked({id: np.any([runs.failed[f"{id} {name}"] for name in own], axis=0) for id, own in parts.items()})
    return {one.id: _study(city, one, parts[one.id], runs, failures) for one in scenarios}


def _parts(city: City, scenario: Scenario, against: Scenario | None) -> dict[str, Scenario]:
    """The scenario, and what is left of it where a group of its levers does as the other scenario does."""
    money = {name for name in city.levers if is_money(city, name)}
    unpriced = city.prices.unpriced(_moved(scenario))
    parts = {
        WHOLE: scenario,
        NONE: _swapped(city, scenario, against, city.levers),
        MONEY: _swapped(city, scenario, against, city.levers.keys() - money),
        OTHERS: _swapped(city, scenario, against, money),
    }
    return {**parts, PRICED: _swapped(city, scenario, against, unpriced)} if unpriced else parts


def _moved(scenario: Scenario) -> list[str]:
    return list(dict.fromkeys(change.lever for change in scenario.policies))


def _swapped(city: City, scenario: Scenario, against: Scenario | None, levers: Iterable[str]) -> Scenario:
    """The scenario with these levers as the other has them, at 2010 practice where there is none."""
    names = set(levers)
    others = [change for change in against.policies if change.lever in names] if against else []
    return with_changes(city, scenario, others, without=names)


def _cells(city: City) -> list[str]:
    """What a study reads of the model."""
    figures = [*(f"cost_{name}" for name in (*city.prices.payers, SOCIAL)), LEVEL, *EFFECTS, *INDUCED]
    return [*(_cell(city, name) for name in figures), *city.elements(city.prices.account)]


def _cell(city: City, indicator: str) -> str:
    return city.spelling(*city.locate(city.indicators[indicator].variable))


def _study(
    city: City, scenario: Scenario, parts: Mapping[str, Scenario], runs: CaseRuns, failures: Failures
) -> CostComparison:
    cases = {name: f"{scenario.id} {name}" for name in parts}
    kept, failed = failures.kept, len(failures.lost)

    def read(part: str, cell: str) -> Floats:
        """Figures of PLAN_BEGINS - 1 … PLAN_ENDS, shape (members, years)."""
        return np.asarray(runs.of(cases[part], [cell])[0][kept])

    level = {part: read(part, _cell(city, LEVEL)) for part in (WHOLE, NONE)}
    nominal, real = {}, {}
    for name in (*city.prices.payers, SOCIAL):
        money = {part: read(part, _cell(city, f"cost_{name}"))[:, 1:] for part in (WHOLE, NONE)}
        nominal[name] = money[WHOLE] - money[NONE]
        real[name] = np.subtract(*(at_base_prices(city, money[part], level[part]) for part in (WHOLE, NONE)))
    prices = {
        name: np.diff(read(WHOLE, cell) - read(NONE, cell), axis=1)
        for name, cell in zip(city.prices.prices, _account(city), strict=True)
    }
    effects = {
        figure: {
            part: (read(part, _cell(city, figure)) - read(NONE, _cell(city, figure)))[:, -1]
            for part in parts
            if part != NONE
        }
        for figure in EFFECTS
    }
    induced = {
        figure: (read(WHOLE, _cell(city, figure)) - read(NONE, _cell(city, figure)))[:, 1:].sum(axis=1)
        for figure in INDUCED
    }
    unpriced = tuple(city.prices.unpriced(_moved(scenario)))
    share = _without_source(city, prices)
    return CostComparison(scenario, Costs(nominal, real), prices, effects, induced, unpriced, share, failed)


def _account(city: City) -> list[str]:
    """Cells of the account of prices, in the order of prices.yaml."""
    cells = dict(zip(city.model.subscripts["price"], city.elements(city.prices.account), strict=True))
    return [cells[name] for name in city.prices.prices]


def _without_source(city: City, prices: Mapping[str, Floats]) -> Floats:
    """Part of the money of all prices, gains as if paid, whose unit cost rests on no source; shape (members,)."""
    sums = {name: np.abs(yearly.sum(axis=1)) for name, yearly in prices.items()}
    weak = sum(value for name, value in sums.items() if city.prices.prices[name].kind != "source")
    whole = np.asarray(sum(sums.values()))
    return np.divide(weak, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def paid_by_price(city: City, prices: Mapping[str, Floats]) -> dict[str, Floats]:
    """What each payer pays, from prices and the payers' shares: the model's own sum again, for a check."""
    shares = payer_shares(city.model)
    elements = list(city.model.subscripts["price"])
    return {
        payer: np.asarray(sum(shares[elements.index(name), place] * yearly for name, yearly in prices.items()))
        for place, payer in enumerate(city.model.subscripts["payer"])
    }


def used_up(city: City, prices: Mapping[str, Floats], members: Members | None = None) -> dict[str, Floats]:
    """What of each price is used up, its premium included: their sum is the social resource cost."""
    elements, shares = list(city.model.subscripts["price"]), resource_shares(city.model)
    found = {}
    for name, yearly in prices.items():
        premium: float | Floats = 0.0
        constant = city.prices.prices[name].premium
        if constant:
            drawn = members.values.get(constant) if members else None
            premium = city.nominal(constant) if drawn is None else drawn[:, None]
        found[name] = np.asarray((shares[elements.index(name)] + premium) * yearly)
    return found

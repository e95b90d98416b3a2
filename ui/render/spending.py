"""What a scenario costs beyond 2010 practice, and whom: by year and payer, and what must be said; no streamlit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from markupsafe import Markup

from innovation.model import PLAN_ENDS, PLAN_YEARS, City
from innovation.scenarios import Scenario
from innovation.scenarios.costs import BASE_YEAR, INVESTMENT, RATES, SOCIAL, cost_band, has_costs
from innovation.scenarios.costs import costs as costs_of
from innovation.ui.outcomes import COSTS, Outcome
from innovation.ui.text.catalogue import Catalogue

from .tables import html_table

LEAST = 1.0  # percentage points a year: less is within what is not known of 2010, and not called outgrowing (judgement)


def costs(outcome: Outcome) -> dict[str, list[float]]:
    """Cost by payer in the registry's unit, most likely: each year of the plan and the sum; with members its band."""
    found = {}
    for name in (name for name in COSTS if name in outcome.city.indicators):
        low, middle, high = cost_band(outcome.cost_sums(name))
        band = [float(low), float(high)] if outcome.members else []
        found[name] = [*outcome.cost(name).tolist(), float(middle), *band]
    return found


def cost_head(outcome: Outcome, words: Catalogue) -> list[str]:
    """What the columns of costs are called."""
    band = [words("cost.low"), words("cost.high")] if outcome.members else []
    return [words("cost.source"), *map(str, PLAN_YEARS), words("cost.sum"), *band]


def cost_table(outcome: Outcome, words: Catalogue) -> Markup:
    """The table as HTML."""
    head, indicators = cost_head(outcome, words), outcome.city.indicators
    lines = [
        [words.name(indicators[name]), *(words.figure(indicators[name], figure) for figure in figures)]
        for name, figures in costs(outcome).items()
    ]
    unit = words.unit(indicators[COSTS[0]])
    return html_table(
        words("cost.caption", unit=unit, money=words("cost.money")), head, lines, numbers=range(1, len(head))
    )


def notes(scenario: Scenario, outcome: Outcome, baseline: Outcome, words: Catalogue) -> list[str]:
    """What the table does not say: what may be summed, present values, levers without a price, consumption."""
    city = outcome.city
    if not has_costs(city):
        return []
    own = slice(1, None) if outcome.members else slice(None)
    names = {name: values[own] for name, values in outcome.figures.items()}
    social = costs_of(city, names, names=[SOCIAL])
    money = city.indicators["cost_social"]
    said = [words("cost.rule")]
    values = words("cost.then").join(
        words(
            "cost.at",
            value=words.figure(money, float(np.median(social.present_value(rate=rate)))),
            rate=f"{100 * rate:g}",
        )
        for rate in RATES
    )
    said.append(words("cost.value", base=BASE_YEAR, values=values, money=words("cost.money")))
    said += unpriced(city, [scenario], words)
    if any(change.lever == INVESTMENT for change in scenario.policies):
        last = PLAN_ENDS
        ours, theirs = outcome.alone(), baseline.alone()  # nobody publishes one of the two
        gains = {
            name: words.figure(city.indicators[name], ours.at(name, last) - theirs.at(name, last), sign=True)
            for name in ("gdp", "consumption")
        }
        said.append(words("cost.consumption", year=last, unit=words.unit(city.indicators["gdp"]), **gains))
    return said


def unpriced(city: City, scenarios: Iterable[Scenario], words: Catalogue) -> list[str]:
    """A sentence on the levers of scenarios that have no price; none where all have."""
    moved = dict.fromkeys(change.lever for scenario in scenarios for change in scenario.policies)
    names = [words.name(city.levers[name]) for name in city.prices.unpriced(list(moved))]
    return [words("cost.unpriced", levers=words("cost.then").join(names))] if names else []


def warning(outcome: Outcome, words: Catalogue) -> str | None:
    """What to say where the city's part grows faster than its revenue, as the city does; None where it does not."""
    if not {"city_money", "fiscal_science", "fiscal_science_share"} <= outcome.city.indicators.keys():
        return None
    ours, revenue = outcome.alone().growth("city_money"), outcome.alone().city_spending_growth()
    if ours <= revenue + LEAST:
        return None
    return words("cost.outgrows", ours=f"{ours:.1f}", revenue=f"{revenue:.1f}")

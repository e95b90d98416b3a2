"""What a scenario costs, and whom: money a year by source, and the warning where it outgrows revenue."""

from __future__ import annotations

from .catalogue import Catalogue
from .outcomes import COSTS, PLAN_YEARS, Outcome
from .tables import html_table

LEAST = 1.0  # percentage points a year: less is within what is not known of 2010, and not called outgrowing (judgement)


def costs(outcome: Outcome, baseline: Outcome) -> dict[str, list[float]]:
    """Money by source in the registry's unit: each year of the plan, the sum, and the sum above the baseline's."""
    found = {}
    for name in (name for name in COSTS if name in outcome.city.indicators):
        ours = outcome.cost(name)
        found[name] = [*ours.tolist(), float(ours.sum()), float(ours.sum() - baseline.cost(name).sum())]
    return found


def cost_head(words: Catalogue) -> list[str]:
    """What the columns of money by source are called."""
    return [words("cost.source"), *map(str, PLAN_YEARS), words("cost.sum"), words("cost.more")]


def cost_table(outcome: Outcome, baseline: Outcome, words: Catalogue) -> str:
    """The table as HTML."""
    head, indicators = cost_head(words), outcome.city.indicators
    lines = [
        [
            words.name(indicators[name]),
            *(words.figure(indicators[name], figure) for figure in figures),
            words.figure(indicators[name], more, sign=True),
        ]
        for name, (*figures, more) in costs(outcome, baseline).items()
    ]
    unit = words.unit(indicators[COSTS[0]])
    return html_table(
        words("cost.caption", unit=unit, money=words("cost.money")), head, lines, numbers=range(1, len(head))
    )


def warning(outcome: Outcome, words: Catalogue) -> str | None:
    """What to say where the city's part grows faster than its revenue; None where it does not."""
    if not {"cost_city", "fiscal_science", "fiscal_science_share"} <= outcome.city.indicators.keys():
        return None
    ours, revenue = outcome.growth("cost_city"), outcome.city_spending_growth()
    if ours <= revenue + LEAST:
        return None
    return words("cost.outgrows", ours=f"{ours:.1f}", revenue=f"{revenue:.1f}")

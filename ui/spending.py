"""What a scenario costs, and whom: money a year by source, and the warning where it outgrows revenue."""

from __future__ import annotations

from .catalogue import Catalogue
from .outcomes import COSTS, PLAN_YEARS, Outcome
from .tables import html_table

LEAST = 1.0  # percentage points a year: less is within what is not known of 2010, and not called outgrowing (judgement)


def cost_lines(outcome: Outcome, baseline: Outcome, words: Catalogue) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table of money by source."""
    city = outcome.city
    lines = []
    for name in (name for name in COSTS if name in city.indicators):
        indicator, ours, theirs = city.indicators[name], outcome.cost(name), baseline.cost(name)
        more = float(ours.sum() - theirs.sum())
        lines.append(
            [
                words.name(indicator),
                *(words.figure(indicator, figure) for figure in ours.tolist()),
                words.figure(indicator, float(ours.sum())),
                words.figure(indicator, more, sign=True),
            ]
        )
    return [words("cost.source"), *map(str, PLAN_YEARS), words("cost.sum"), words("cost.more")], lines


def cost_table(outcome: Outcome, baseline: Outcome, words: Catalogue) -> str:
    """The table as HTML."""
    head, lines = cost_lines(outcome, baseline, words)
    unit = words.unit(outcome.city.indicators[COSTS[0]])
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

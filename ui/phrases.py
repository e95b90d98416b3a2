"""What is said of a target in words: what is wanted, how often it is met, by how far it is missed, since when."""

from __future__ import annotations

import math
import re
from typing import Literal

from model import City
from scenarios import Scenario
from scenarios.chances import Chance

from .catalogue import Catalogue
from .outcomes import Outcome

SIGNS = {"at_least": "≥ ", "at_most": "≤ ", "range": ""}
LONGEST_TITLE = 80
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)  # where Markdown sees an address
TOLD_WITH = {"contribution_rate": ("gdp_growth_real", "fixed_asset_investment")}
_JOINER = "\u2060"  # of no width


def literal(text: str) -> str:
    """A text that a visitor may have written, so that Markdown shows it and does nothing else with it."""
    return _MARKS.sub(r"\\\1", _LINKED.sub(_JOINER, " ".join(text.split())))


def called(scenario: Scenario, words: Catalogue) -> str:
    """What a scenario is called on a page: its title, cut where it is very long."""
    title = words.name(scenario.title)
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def wanted(city: City, name: str, words: Catalogue) -> str:
    """What the plan wants, such as '≥ 750' or '6–10'."""
    target, scale = city.targets[name], words.scale(city.indicators[name])
    low = _short(target.value * scale, words)
    if target.high is not None:
        return f"{low}–{_short(target.high * scale, words)}"
    return f"{SIGNS[target.sense]}{low}"


def value(city: City, name: str, figure: float, words: Catalogue) -> str:
    """The figure that the target is held against."""
    return words("target.none") if math.isnan(figure) else words.figure(city.indicators[name], figure)


def beside(city: City, name: str, year: int, outcome: Outcome, words: Catalogue) -> list[str]:
    """Figures without which this one misleads: the contribution rate rises where investment or growth falls."""
    return [
        words(
            "chart.beside",
            label=words.name(city.indicators[other]),
            value=words.figure(city.indicators[other], outcome.at(other, year)),
            unit=words.unit(city.indicators[other]),
        )
        for other in TOLD_WITH.get(name, ())
        if other in city.indicators
    ]


def in_ten(chance: float, words: Catalogue) -> str:
    """A chance as futures out of ten, in words that keep the sure and the impossible apart from the nearly so."""
    if chance in (0, 1):
        return words("chance.always" if chance else "chance.never")
    count = tenths(chance)
    if count in (0, 10):
        return words("chance.over_nine" if count else "chance.under_one")
    return words("chance.of_ten", count=count)


def told(chance: float, error: float, words: Catalogue) -> str:
    """A chance with its error: futures out of ten, and per cent."""
    return words("chance.told", futures=in_ten(chance, words), percent=percent(chance, error, words))


def tenths(chance: float) -> int:
    """Futures out of ten; none and all of them only where fewer than half a future is missing."""
    if chance < 0.05:
        return 0
    return 10 if chance > 0.95 else min(max(round(10 * chance), 1), 9)


def hundredths(chance: float) -> str:
    """A chance in whole per cent, where what is nearly never or always does not look as if it were."""
    if 0 < chance < 0.005:
        return "<1"
    return ">99" if 0.995 <= chance < 1 else f"{100 * chance:.0f}"


def standing(chance: float) -> Literal["likely", "open", "unlikely"]:
    """How a target stands: likely from two futures in three, unlikely up to one in three, open between (judgement)."""
    return "likely" if chance >= 2 / 3 else "open" if chance > 1 / 3 else "unlikely"


def percent(chance: float, error: float, words: Catalogue) -> str:
    """A chance in per cent with its Monte-Carlo error."""
    return words("chance.percent", percent=hundredths(chance), error=f"{max(100 * error, 0.1):.1f}")


def distance(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """Met, or by how far and in which direction most likely missed."""
    target, indicator, year = city.targets[name], city.indicators[name], city.targets[name].year
    figure = outcome.at(name, year)
    if math.isnan(figure):
        return words("target.none")
    over = figure - (target.high if target.high is not None else target.value)
    under = target.value - figure
    gap = max(over if target.sense != "at_least" else 0.0, under if target.sense != "at_most" else 0.0, 0.0)
    if gap == 0:
        return words("target.met")
    nearest = target.high if target.high is not None and over > 0 else target.value
    text = words.figure(indicator, gap)
    rounded = text if float(text.replace(",", "")) else f"{gap * words.scale(indicator):.1g}"
    part = 100 * gap / abs(nearest)
    share = f"{part:.0f}" if part >= 1 else f"{part:.1g}"
    above = target.sense == "at_most" or (target.high is not None and over > 0)
    return words("target.above" if above else "target.below", distance=rounded, percent=share)


def since(first: int | None, last_year: int, words: Catalogue) -> str:
    """The first year in which the target is met."""
    return str(first) if first else words("target.never", year=last_year)


def first_met(name: str, outcome: Outcome) -> int | None:
    """The year by which half of the futures, or the nominal run, have met a target once."""
    chance: Chance | None = outcome.chances.get(name)
    return chance.first_year_met if chance else outcome.targets[name].first_year_met


def _short(number: float, words: Catalogue) -> str:
    return words.number(number, 0 if math.isclose(number, round(number)) else 1)

"""What is said of a target in words: what is wanted, how often it is met, by how far it is missed, since when."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Literal

from innovation.model import City, TargetKind
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import PUBLISHED, Band, Chance, all_met, chance_text, kinds_told
from innovation.scenarios.simulation import bands as published
from innovation.ui.outcomes import Outcome

from .catalogue import Catalogue

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


def asked(scenario: Scenario, start: Scenario, words: Catalogue) -> str:
    """The question of a scenario that has one of its own; of one made here, what it set out from."""
    if scenario == start or scenario.question != start.question:
        return words.name(scenario.question)
    return words("scenario.from", start=words.name(start.title))


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


def beside(city: City, name: str, year: int, outcome: Outcome, words: Catalogue) -> str:
    """Figures without which this one misleads: the contribution rate rises where investment or growth falls; or ''."""
    figures = [
        words(
            "chart.of",
            label=_within(words.name(city.indicators[other])),
            value=words.figure(city.indicators[other], outcome.at(other, year)),
            unit=words.unit(city.indicators[other]),
        )
        for other in TOLD_WITH.get(name, ())
        if other in city.indicators
    ]
    return words("chart.beside", figures=words("chart.and").join(figures)) if figures else ""


def band_name(of: Band, words: Catalogue) -> str:
    """What a band is called."""
    return published.band_name(of, words.language)


def band_said(outcome: Outcome, words: Catalogue) -> str:
    """What bands and chances are of, as a sentence; '' of the nominal run alone, which has none."""
    if not outcome.members:
        return ""
    return words("band.said_published" if outcome.shows == PUBLISHED else "band.said_city")


def _within(label: str) -> str:
    """A label inside a sentence: without a capital, unless the first word is an abbreviation."""
    return label if label.split()[0].isupper() else label[0].lower() + label[1:]


def tenths(chance: float) -> int:
    """Futures out of ten; none and all of them only where fewer than half a future is missing."""
    if chance < 0.05:
        return 0
    return 10 if chance > 0.95 else min(max(round(10 * chance), 1), 9)


def standing(chance: float) -> Literal["likely", "open", "unlikely"]:
    """How a target stands: likely from two futures in three, unlikely up to one in three, open between (judgement)."""
    return "likely" if chance >= 2 / 3 else "open" if chance > 1 / 3 else "unlikely"


def met_count(outcome: Outcome, words: Catalogue) -> str:
    """How many targets are met of how many: a mean over members with a decimal, of the nominal run alone without."""
    return all_met(outcome.counts(), _decimals(outcome), words.language)


def met_kinds(outcome: Outcome, words: Catalogue) -> str:
    """The same of each kind of target, and how many cannot be judged."""
    return kinds_told(outcome.counts(), _decimals(outcome), words.language)


def _decimals(outcome: Outcome) -> int:
    return 1 if outcome.members else 0


def kind_word(kind: TargetKind, words: Catalogue) -> str:
    """What kind a target is of, in a cell: result, count or input."""
    keys = {"result": "target.kind_result", "count": "target.kind_count", "input": "target.kind_input"}
    return words(keys[kind])


def unjudged(city: City, name: str, words: Catalogue) -> str:
    """What stands in place of a verdict on a target that cannot be judged; '' on others."""
    return "" if city.targets[name].has_base else words("target.unjudged")


def hardest(city: City, chosen: Collection[str], outcome: Outcome, words: Catalogue) -> str:
    """Which of the chosen targets, or of all where none is chosen, is least likely, and how many others are as much so.

    Of the nominal run alone, which knows no chances: that which is missed by most.
    """
    name, ties = outcome.weakest(chosen)
    label = words.name(city.indicators[name])
    if not outcome.members:
        return words("cards.farthest", name=label)
    found = outcome.chances[name]
    key, count = ("cards.weakest", len(chosen)) if chosen else ("cards.weakest_all", len(city.judgeable))
    of = words.counted(key, count)
    chance = chance_text(found.chance, found.draws, words.language)
    said = words("cards.hardest", of=of, name=label, chance=chance)
    return said + (words.counted("cards.ties", ties) if ties else "")


def distance(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """Met, or by how far and in which direction most likely missed."""
    target, indicator, year = city.targets[name], city.indicators[name], city.targets[name].year
    figure = outcome.at(name, year)
    if not target.has_base:
        return words("target.unjudged")
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


def median(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """The distance as part of a sentence: that of the median of the members, or of the nominal run."""
    found = distance(city, name, outcome, words)
    return words("chart.median", distance=found) if outcome.members else found


def since(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """The first year in which the target is met, or by which half of the members have met it, as a cell."""
    if not city.targets[name].has_base:
        return words("target.unjudged")
    first = first_met(name, outcome)
    return str(first) if first else words("target.never", year=city.years[-1])


def first_head(outcome: Outcome, words: Catalogue) -> str:
    """What `since` is headed by."""
    return words("target.half" if outcome.members else "target.first")


def since_when(name: str, outcome: Outcome, last_year: int, words: Catalogue) -> str:
    """Since when a target is met, as part of a sentence; that half of the members miss it does not say that all do."""
    first = first_met(name, outcome)
    if outcome.members:
        return words("chart.half", year=first) if first else words("chart.under_half", year=last_year)
    return words("chart.since", year=first) if first else words("chart.never", year=last_year)


def first_met(name: str, outcome: Outcome) -> int | None:
    """The year by which half of the futures, or the nominal run, have met a target once."""
    chance: Chance | None = outcome.chances.get(name)
    return chance.first_year_met if chance else outcome.targets[name].first_year_met


def _short(number: float, words: Catalogue) -> str:
    return words.number(number, 0 if math.isclose(number, round(number)) else 1)

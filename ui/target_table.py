"""The table of targets with chances, figures, distance and year, for the page and the report; imports no streamlit."""

from __future__ import annotations

from collections.abc import Iterable

from model import City
from scenarios.chance_words import chance_text
from scenarios.chances import Chance

from .catalogue import Catalogue
from .outcomes import Outcome
from .phrases import beside, distance, first_head, first_met, since, value, wanted

DIFFERENT = 0.01  # chances that differ by more are told apart (judgement)


def target_lines(
    city: City, names: Iterable[str], outcome: Outcome, baseline: Outcome, words: Catalogue
) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table."""
    head = [*words("target.head").split("|"), first_head(outcome, words)]
    return head, [_line(city, name, outcome, baseline, words) for name in names]


def tension(city: City, name: str, words: Catalogue) -> str:
    """Where the plan's own figures do not go together on this target, or ''."""
    target = city.targets[name]
    text = target.tension_zh if words.language == "zh" else target.tension_en
    return words("target.tension", text=text) if text else ""


def note(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """What stands under a target's row: figures that belong to it, and the plan's own tension; or ''."""
    also = beside(city, name, city.targets[name].year, outcome, words)
    return " ".join(filter(None, [also, tension(city, name, words)]))


def _line(city: City, name: str, outcome: Outcome, baseline: Outcome, words: Catalogue) -> list[str]:
    year, indicator = city.targets[name].year, city.indicators[name]
    chance, other = outcome.chances.get(name), baseline.chances.get(name)
    figure = value(city, name, outcome.at(name, year), words)
    if chance and other:
        low, high = (words.figure(indicator, end) for end in outcome.range(name, year))
        figure = words("target.range", value=figure, low=low, high=high)
        verdict = _verdict(chance, other, words)
    else:
        verdict = words("target.met") if outcome.targets[name].met else words("target.missed")
    return [
        words.name(indicator) + words("target.unit", unit=words.unit(indicator)),
        wanted(city, name, words),
        value(city, name, baseline.at(name, year), words),
        figure,
        verdict,
        distance(city, name, outcome, words),
        since(first_met(name, outcome), city.years[-1], words),
    ]


def _verdict(chance: Chance, baseline: Chance, words: Catalogue) -> str:
    ours, theirs = (chance_text(one.chance, one.draws, words.language) for one in (chance, baseline))
    return ours + words("chance.was", chance=theirs) if abs(chance.chance - baseline.chance) > DIFFERENT else ours

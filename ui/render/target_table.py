"""The table of targets with chances, figures, distance and year, for the page and the report; imports no streamlit."""

from __future__ import annotations

from collections.abc import Iterable

from innovation.model import City
from innovation.scenarios.simulation import Chance, chance_text, differing, parts_text, tension_text, why_unjudged
from innovation.ui.outcomes import Outcome
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import beside, distance, first_head, kind_word, since, unjudged, value, wanted

DIFFERENT = 0.01  # chances that differ by more are told apart (judgement)


def target_lines(
    city: City, names: Iterable[str], outcome: Outcome, baseline: Outcome, words: Catalogue
) -> tuple[list[str], list[list[str]]]:
    """Head and rows of the table."""
    head = [*words("target.head").split("|"), first_head(outcome, words)]
    return head, [_line(city, name, outcome, baseline, words) for name in names]


def tension(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """Where the plan's figures do not go together on this target by the scenario's own, or ''."""
    text = tension_text(city, name, outcome.at, words.language)
    return words("target.tension", text=text) if text else ""


def note(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """What stands under a target's row: figures that belong to it, why it cannot be judged, its tension; or ''."""
    also, why = beside(city, name, city.targets[name].year, outcome, words), why_unjudged(city, name, words.language)
    parts = [also, why, by_view(city, name, outcome, words), tension(city, name, outcome, words)]
    return words("app.gap").join(filter(None, parts))


def by_view(city: City, name: str, outcome: Outcome, words: Catalogue) -> str:
    """The chance under each view of how the city works, where they differ by more than their errors; or ''."""
    views = outcome.views().get(name, ())
    found = [parts_text(city, variant, views, words.language) for variant in differing(views)]
    return words("app.gap").join(words("views.note", parts=parts) for parts in found)


def _line(city: City, name: str, outcome: Outcome, baseline: Outcome, words: Catalogue) -> list[str]:
    year, indicator, kind = city.targets[name].year, city.indicators[name], city.targets[name].kind
    chance, other = outcome.chances.get(name), baseline.chances.get(name)
    figure = value(city, name, outcome.at(name, year), words)
    if outcome.members and baseline.members:
        low, high = (words.figure(indicator, end) for end in outcome.range(name, year))
        figure = words("target.range", value=figure, low=low, high=high)
    verdict = words("target.met") if outcome.targets[name].met else words("target.missed")
    if chance and other:
        verdict = _verdict(chance, other, words)
    return [
        words.name(indicator) + words("target.unit", unit=words.unit(indicator)),
        kind_word(kind, words),
        wanted(city, name, words),
        value(city, name, baseline.at(name, year), words),
        figure,
        unjudged(city, name, words) or verdict,
        distance(city, name, outcome, words),
        since(city, name, outcome, words),
    ]


def _verdict(chance: Chance, baseline: Chance, words: Catalogue) -> str:
    ours, theirs = (chance_text(one.chance, one.draws, words.language) for one in (chance, baseline))
    return ours + words("chance.was", chance=theirs) if abs(chance.chance - baseline.chance) > DIFFERENT else ours

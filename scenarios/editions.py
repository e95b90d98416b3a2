"""Scenarios of an earlier edition of the model: what they mean otherwise now, in both languages.

What changed, and since when, stands in levers.yaml; a scenario's schema is the edition that it was written for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from innovation.model import City, EditionChange
from innovation.model.files import Language

from .schema import SCHEMA, Scenario
from .words import section

WORDS = section("editions")


def is_earlier(scenario: Scenario) -> bool:
    """Whether a scenario was written for an earlier edition of the model."""
    return scenario.schema_number < SCHEMA


def of_today(scenario: Scenario) -> Scenario:
    """The same changes as a scenario of this edition, once what they mean has been told."""
    return scenario.model_copy(update={"schema_number": SCHEMA})


def told(
    city: City,
    scenarios: Sequence[Scenario],
    language: Language = "en",
    called: Callable[[Scenario], str] = lambda scenario: scenario.id,
    named: Callable[[str], str] = str,
) -> list[str]:
    """Which of these are of an earlier edition, then a line for each change that concerns them; nothing where none is.

    `called` names a scenario, `named` a lever or assumption by its id.
    """
    words, earlier = WORDS[language], list(filter(is_earlier, scenarios))
    if not earlier:
        return []
    schema = min(one.schema_number for one in earlier)
    which = words("and").join(dict.fromkeys(map(called, earlier)))
    lines = [words("head", which=which, schema=schema, now=SCHEMA)]
    for names, entry in _changes(city, earlier):
        of = words("and").join(map(named, names)) or words("every")
        lines.append(words("line", names=of, said=entry.zh if language == "zh" else entry.en))
    return lines


def _changes(city: City, earlier: Sequence[Scenario]) -> list[tuple[list[str], EditionChange]]:
    """What changed since these were written, each with the levers and assumptions of theirs that it concerns."""
    found = []
    for entry in city.changed.values():
        theirs = {change.name for one in earlier if one.schema_number < entry.since for change in one.changes}
        names = [name for name in entry.of if name in theirs]
        if names or not entry.of:
            found.append((names, entry))
    return found


def notice(city: City, scenarios: Sequence[Scenario], language: Language = "en") -> str:
    """What a command says of all scenarios of an earlier edition at once, and how to be spared it; or ''."""
    head, *lines = told(city, scenarios, language) or [""]
    if not head:
        return ""
    return "\n".join([head, *(f"  {line}" for line in [*lines, WORDS[language]("remedy", now=SCHEMA)])])

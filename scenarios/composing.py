"""Scenarios made from scenarios: several at once, or one with some of its changes replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from innovation.model import City
from innovation.model.files import LANGUAGES, Document, read_entry

from .rules import broken_rules, placed_changes
from .schema import SCHEMA, AssumptionChange, Change, PolicyChange, Scenario, ScenarioError, Words
from .words import section

WORDS = section("composing")


def combine(city: City, scenarios: Sequence[Scenario]) -> Scenario:
    """All changes of several scenarios at once; id 'a+b', the question of the first, the edition of the oldest.

    Raises ScenarioError where two of them change the same lever at the same time, or shares no longer sum to 1.
    """
    if len(scenarios) == 1:
        return scenarios[0]
    together, faults = read_entry(
        Scenario,
        Document("+".join(scenario.id for scenario in scenarios)),
        (),
        {
            "schema": min(scenario.schema_number for scenario in scenarios),
            "id": "+".join(scenario.id for scenario in scenarios),
            "title": {
                language: " + ".join(getattr(scenario.title, language) for scenario in scenarios)
                for language in ("en", "zh")
            },
            "question": scenarios[0].question,
            "source": "; ".join(dict.fromkeys(scenario.source for scenario in scenarios)),
            "policies": [change for scenario in scenarios for change in scenario.policies],
            "assumptions": [change for scenario in scenarios for change in scenario.assumptions],
        },
    )
    if together is None:
        raise ScenarioError(faults)
    return checked(city, together)


def with_changes(
    city: City,
    scenario: Scenario,
    changes: Iterable[Change] = (),
    *,
    without: Collection[str] = (),
    id: str | None = None,
    title: Words | None = None,
) -> Scenario:
    """The scenario with `changes` in place of all its former changes of the levers and assumptions they name.

    Those named in `without` go back to what the model file says. Raises ScenarioError as a file would.
    """
    new = tuple(changes)
    replaced = {change.name for change in new} | set(without)
    changed = scenario.model_copy(
        update={
            "id": id or scenario.id,
            "title": title or scenario.title,
            "policies": (
                *(change for change in scenario.policies if change.name not in replaced),
                *(change for change in new if isinstance(change, PolicyChange)),
            ),
            "assumptions": (
                *(change for change in scenario.assumptions if change.name not in replaced),
                *(change for change in new if isinstance(change, AssumptionChange)),
            ),
        }
    )
    return checked(city, changed)


def checked(city: City, scenario: Scenario) -> Scenario:
    """The scenario itself; raises ScenarioError where it cannot be asked of this city."""
    faults = broken_rules(city, placed_changes(scenario), Document(scenario.id))
    if faults:
        raise ScenarioError(faults)
    return scenario


def policy_scenario(city: City, changes: Iterable[Change], id: str) -> Scenario:
    """2010 practice but for these changes, under a general title; ScenarioError as a file would."""
    words = {language: WORDS[language]("title") for language in LANGUAGES}
    every = list(changes)
    content = {
        "schema": SCHEMA, "id": id, "title": words, "question": words, "source": "judgement",
        "policies": [one for one in every if isinstance(one, PolicyChange)],
        "assumptions": [one for one in every if isinstance(one, AssumptionChange)],
    }  # fmt: skip
    made, faults = read_entry(Scenario, Document("policy"), (), content)
    if made is None:
        raise ScenarioError(faults)
    return checked(city, made)

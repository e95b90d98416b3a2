"""What a scenario is: dated changes of levers (policies) and of the world outside (assumptions), with its question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from innovation.engine import Change as EngineChange
from innovation.engine import TimePath
from innovation.model import Text
from innovation.model.files import DocumentError, Entry, phrase, strange

SCHEMA: Final = 2  # the edition of the model that the values of a scenario were chosen for
READABLE: Final = (1, 2)
MOST_CHANGES = 1000  # of levers, and of assumptions
LONGEST_ID, LONGEST_TITLE, LONGEST_QUESTION = 64, 300, 1000
LONGEST_RAMP = 100  # years
Ramp = Annotated[float, Field(ge=0, le=LONGEST_RAMP)]
ID_PATTERN = r"^[a-z][a-z0-9_]*(\+[a-z][a-z0-9_]*)*$"


class ScenarioError(DocumentError):
    """A scenario cannot be used; `faults` says why."""


def _plain(text: str) -> str:
    if found := strange(text):
        raise ValueError(phrase("model.character", character=found[1]))
    return text


LongText = Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION), AfterValidator(_plain)]


class Words(Entry):
    """The same words in both languages."""

    en: LongText
    zh: LongText


def _short(title: Words) -> Words:
    if max(len(title.en), len(title.zh)) > LONGEST_TITLE:
        raise ValueError(phrase("model.characters", most=LONGEST_TITLE))
    return title


class DatedChange(Entry):
    """From `start` on, go straight to `to` over `ramp` years (0: at once) and stay; in the file, start is `from`."""

    start: float = Field(validation_alias="from")
    to: float
    ramp: Ramp = 0.0

    @property
    def end(self) -> float:
        """When the new value is reached."""
        return self.start + self.ramp


class PolicyChange(DatedChange):
    """A change of a policy lever, an id of levers.yaml."""

    lever: Text

    @property
    def name(self) -> str:
        """Id of what is changed."""
        return self.lever


class AssumptionChange(DatedChange):
    """A change of an assumption, an id under inputs of levers.yaml."""

    input: Text

    @property
    def name(self) -> str:
        """Id of what is changed."""
        return self.input


Change = PolicyChange | AssumptionChange


class Scenario(Entry):
    """What the city might do and what the world might bring; values in the model's unit, nothing before 2011.

    The schema is the edition of the model that its values were chosen for: 2; of a file of 1 is told what changed.
    """

    schema_number: Literal[1, 2] = Field(validation_alias="schema")
    id: Annotated[str, Field(pattern=ID_PATTERN, max_length=LONGEST_ID)]
    title: Annotated[Words, AfterValidator(_short)]
    question: Words
    source: LongText
    policies: Annotated[tuple[PolicyChange, ...], Field(strict=False, max_length=MOST_CHANGES)] = ()
    assumptions: Annotated[tuple[AssumptionChange, ...], Field(strict=False, max_length=MOST_CHANGES)] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Policies and assumptions together."""
        return (*self.policies, *self.assumptions)

    def changes_of(self, name: str) -> list[Change]:
        """Changes of one lever or assumption, earliest first."""
        return sorted((change for change in self.changes if change.name == name), key=lambda change: change.start)


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of scenario files, for editors that complete and check while one types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema(by_alias=True)}


def path_of(changes: Iterable[Change], base: Any = None) -> TimePath:
    """The engine's path for the changes of one lever or assumption, from `base` (None: the model file's value)."""
    return TimePath(tuple(EngineChange(change.start, change.to, change.ramp) for change in changes), base)

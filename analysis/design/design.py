"""A sweep's design as people write it: what varies between which values, by which method, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from innovation.model import PLAN_BEGINS, Text
from innovation.model.files import (
    Document,
    DocumentError,
    Entry,
    Phrase,
    Value,
    either,
    near,
    parse_document,
    phrase,
    quoted,
    read_document,
    read_entry,
    shortened,
)
from innovation.scenarios import Ramp

SCHEMA: Final = 1
EVERY = "all"
DISTRIBUTIONS = ("prior", "posterior")
OUTPUT_SETS = ("targets", "indicators")
KINDS = ("constant", "lever", "input")
MOST_FACTORS = 2000
LARGEST = 1e300  # of a number in a range, so that the distance of both is one too
LARGEST_SIZE, LONGEST_LISTED = 1_000_000_000, 8
Method = Literal["morris", "sobol", "latin_hypercube", "grid", "monte_carlo"]
_TWO_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_YEARS = {"type": "array", "items": {"type": "integer"}, "minItems": 1}


class DesignError(DocumentError):
    """A design cannot be used; `faults` says why."""


class Factor(Entry):
    """One thing that varies: a constant, a lever or an assumption (input), between two values or by belief.

    `constant: all` with a belief for its range is every uncertain constant and assumption. A lever or an input takes
    its value from `start` on (in the file: from), over `ramp` years; its unit is the model's.
    """

    constant: Text | None = None
    lever: Text | None = None
    input: Text | None = None
    range: Annotated[Any, WithJsonSchema({"anyOf": [{"enum": list(DISTRIBUTIONS)}, _TWO_NUMBERS]})]
    start: Annotated[float, Field(validation_alias="from")] = float(PLAN_BEGINS)
    ramp: Ramp = 0.0

    account: ClassVar[Phrase] = phrase("analysis.factor_fields")

    @field_validator("range")
    @classmethod
    def _two_or_distribution(cls, value: Any) -> Any:
        if value in DISTRIBUTIONS:
            return value
        numbers = isinstance(value, list | tuple) and all(type(one) in (int, float) for one in value)
        if not numbers or len(value) != 2 or not all(abs(one) <= LARGEST for one in value):
            close = near(value, DISTRIBUTIONS) if isinstance(value, str) else ""
            more = phrase("analysis.no_separate_values") if numbers and len(value) > 2 else close
            raise ValueError(
                phrase("analysis.two_numbers", beliefs=either(DISTRIBUTIONS), found=_listed(value), near=more)
            )
        low, high = map(float, value)
        if not low < high:
            raise ValueError(phrase("analysis.inverted" if low > high else "analysis.equal", low=low, high=high))
        return (low, high)

    @model_validator(mode="after")
    def _one_name(self) -> Factor:
        if sum(name is not None for name in (self.constant, self.lever, self.input)) != 1:
            raise ValueError(phrase("analysis.names_one_of", kinds=tuple(KINDS)))
        if self.constant is None and self.range in DISTRIBUTIONS:
            raise ValueError(phrase("analysis.beliefs_of_constants"))
        if self.constant == EVERY and self.range not in DISTRIBUTIONS:
            raise ValueError(phrase("analysis.every_constant", every=EVERY, beliefs=either(DISTRIBUTIONS)))
        if self.constant is not None and {"start", "ramp"} & self.model_fields_set:
            raise ValueError(phrase("analysis.constant_has_no_date"))
        return self

    @property
    def kind(self) -> str:
        """'constant', 'lever' or 'input'."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def name(self) -> str:
        """What is varied."""
        return str(getattr(self, self.kind))


class Design(Entry):
    """A sweep: `size` is trajectories (morris), base points (sobol), points a factor (grid), else members."""

    schema_number: Literal[1] = Field(validation_alias="schema")
    method: Method
    size: Annotated[int, Field(ge=1, le=LARGEST_SIZE)]
    seed: Annotated[int, Field(ge=0)] = 0
    scenario: Text = "baseline"
    factors: Annotated[tuple[Factor, ...], Field(strict=False, min_length=1, max_length=MOST_FACTORS)]
    outputs: Annotated[Any, WithJsonSchema({"anyOf": [{"enum": list(OUTPUT_SETS)}, _NAMES]})] = "targets"
    years: Annotated[Any, WithJsonSchema({"anyOf": [{"enum": [EVERY]}, _YEARS]})] = EVERY
    second_order: bool = False
    levels: Annotated[int, Field(ge=2, le=100)] = 4

    @field_validator("outputs")
    @classmethod
    def _set_or_names(cls, value: Any) -> Any:
        if value in OUTPUT_SETS:
            return value
        if isinstance(value, list | tuple) and value and all(isinstance(one, str) and one for one in value):
            return tuple(value)
        close = near(value, OUTPUT_SETS) if isinstance(value, str) else ""
        raise ValueError(phrase("analysis.outputs", sets=either(OUTPUT_SETS), found=_listed(value), near=close))

    @field_validator("years")
    @classmethod
    def _all_or_years(cls, value: Any) -> Any:
        if value == EVERY:
            return value
        if isinstance(value, list | tuple) and value and all(type(one) is int for one in value):
            return tuple(sorted(set(value)))
        raise ValueError(phrase("analysis.years", every=EVERY, found=_listed(value)))

    @model_validator(mode="after")
    def _fitting(self) -> Design:
        if self.method == "sobol" and self.size & (self.size - 1):
            above, below = 1 << self.size.bit_length(), 1 << (self.size.bit_length() - 1)
            code, size = ("analysis.next", above) if above <= LARGEST_SIZE else ("analysis.below", below)
            raise ValueError(phrase("analysis.powers_of_two", size=self.size, instead=phrase(code, size=size)))
        if self.method in ("morris", "grid") and self.size < 2:
            raise ValueError(phrase("analysis.two_at_least", method=self.method))
        if self.levels % 2:
            raise ValueError(phrase("analysis.even_levels", found=self.levels, next=self.levels + 1))
        if "levels" in self.model_fields_set and self.method != "morris":
            raise ValueError(phrase("analysis.levels_of_morris"))
        if self.second_order and self.method != "sobol":
            raise ValueError(phrase("analysis.second_order_of_sobol"))
        if self.method != "monte_carlo" and any(factor.range == "posterior" for factor in self.factors):
            raise ValueError(phrase("analysis.draws_depend"))
        return self

    def plain(self) -> dict[str, Any]:
        """The design as plain data, everything spelled out: what makes two sweeps the same."""
        return self.model_dump(mode="json")


def _listed(value: Any) -> Value:
    """A found value in a message: a short list with its items."""
    if not isinstance(value, list | tuple):
        return quoted(value)
    items = [one if isinstance(one, str) else json.dumps(one)[: LONGEST_LISTED * 4] for one in value[:LONGEST_LISTED]]
    text = shortened("[" + ", ".join(items) + (", …" if len(value) > LONGEST_LISTED else "") + "]")
    return phrase("analysis.the_list", items=text)


def read_design(path: Path) -> tuple[Design, Document]:
    """Read a design file; its document knows the lines. Raises DesignError with every fault."""
    return _design(read_document(path))


def parse_design(text: str, where: str = "design") -> tuple[Design, Document]:
    """Read a design from text; `where` names it in messages. Raises DesignError with every fault."""
    return _design(parse_document(text, where))


def _design(document: Document) -> tuple[Design, Document]:
    if document.data is None and document.faults:
        raise DesignError(document.faults)
    schema = document.data.get("schema", SCHEMA) if isinstance(document.data, dict) else SCHEMA
    if type(schema) is not int or schema != SCHEMA:
        raise DesignError(
            [*document.faults, document.fault(("schema",), "analysis.schema", found=quoted(schema), schema=SCHEMA)]
        )
    design, faults = read_entry(Design, document, (), document.data)
    if design is None or document.faults:
        raise DesignError([*document.faults, *faults])
    return design, document


def design_schema() -> Mapping[str, Any]:
    """The JSON Schema of design files, for editors that complete and check while one types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Design.model_json_schema(by_alias=True)}

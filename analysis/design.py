"""A sweep's design as people write it: what varies between which values, by which method, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from engine.errors import nearest
from model import Document, DocumentError, parse_document, read_document
from model.entries import Text
from model.faults import quoted, shortened
from model.validation import Entry, read_entry
from scenarios.schema import FIRST_YEAR, Ramp

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
    start: Annotated[float, Field(validation_alias="from")] = float(FIRST_YEAR)
    ramp: Ramp = 0.0

    account: ClassVar[str] = (
        "A factor has one of constant, lever and input, and a range; a lever or an input may have from and ramp."
    )

    @field_validator("range")
    @classmethod
    def _two_or_distribution(cls, value: Any) -> Any:
        if value in DISTRIBUTIONS:
            return value
        numbers = isinstance(value, list | tuple) and all(type(one) in (int, float) for one in value)
        if not numbers or len(value) != 2 or not all(abs(one) <= LARGEST for one in value):
            near = nearest(value, DISTRIBUTIONS) if isinstance(value, str) else ""
            several = numbers and len(value) > 2
            apart = (
                " Separate values are not supported: a factor takes every value from low to high." if several else ""
            )
            raise ValueError(
                f"A range is two finite numbers, [low, high], or {' or '.join(DISTRIBUTIONS)}; found {_listed(value)}."
                f"{near}{apart}"
            )
        low, high = map(float, value)
        if not low < high:
            turned = " They are inverted." if low > high else " They are equal."
            raise ValueError(f"A range goes from low to high, found [{low:g}, {high:g}].{turned}")
        return (low, high)

    @model_validator(mode="after")
    def _one_name(self) -> Factor:
        if sum(name is not None for name in (self.constant, self.lever, self.input)) != 1:
            raise ValueError(f"A factor names one of: {', '.join(KINDS)}.")
        if self.constant is None and self.range in DISTRIBUTIONS:
            raise ValueError("A lever or an input has a range of two numbers; beliefs are of constants.")
        if self.constant == EVERY and self.range not in DISTRIBUTIONS:
            raise ValueError(f"constant: {EVERY} has the range {' or '.join(DISTRIBUTIONS)}.")
        if self.constant is not None and {"start", "ramp"} & self.model_fields_set:
            raise ValueError("from and ramp belong to a lever or an input; a constant has one value for the whole run.")
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
        near = nearest(value, OUTPUT_SETS) if isinstance(value, str) else ""
        raise ValueError(f"Outputs are {' or '.join(OUTPUT_SETS)}, or a list of names; found {_listed(value)}.{near}")

    @field_validator("years")
    @classmethod
    def _all_or_years(cls, value: Any) -> Any:
        if value == EVERY:
            return value
        if isinstance(value, list | tuple) and value and all(type(one) is int for one in value):
            return tuple(sorted(set(value)))
        raise ValueError(f"Years are {EVERY}, or a list such as [2010, 2015, 2020]; found {_listed(value)}.")

    @model_validator(mode="after")
    def _fitting(self) -> Design:
        if self.method == "sobol" and self.size & (self.size - 1):
            above, below = 1 << self.size.bit_length(), 1 << (self.size.bit_length() - 1)
            next_ = f"Next: {above}." if above <= LARGEST_SIZE else f"The one below: {below}."
            raise ValueError(f"Sobol' sequences are balanced at powers of two: size {self.size} is none. {next_}")
        if self.method in ("morris", "grid") and self.size < 2:
            raise ValueError(f"A {self.method} design needs a size of at least 2.")
        if self.levels % 2:
            raise ValueError(f"levels must be even, found {self.levels}. Next: {self.levels + 1}.")
        if "levels" in self.model_fields_set and self.method != "morris":
            raise ValueError("levels belongs to method morris; of a grid, size is how many values a factor takes.")
        if self.second_order and self.method != "sobol":
            raise ValueError("second_order belongs to method sobol.")
        if self.method != "monte_carlo" and any(factor.range == "posterior" for factor in self.factors):
            raise ValueError(
                "Draws from the posterior depend on each other, and this method needs factors that do not. "
                "Use method monte_carlo (analyse then gives the Cramér-von Mises index), or the range prior."
            )
        return self

    def plain(self) -> dict[str, Any]:
        """The design as plain data, everything spelled out: what makes two sweeps the same."""
        return self.model_dump(mode="json")


def _listed(value: Any) -> str:
    """A found value in a message: a short list with its items."""
    if not isinstance(value, list | tuple):
        return quoted(value)
    items = [one if isinstance(one, str) else json.dumps(one)[: LONGEST_LISTED * 4] for one in value[:LONGEST_LISTED]]
    return f"the list {shortened('[' + ', '.join(items) + (', …' if len(value) > LONGEST_LISTED else '') + ']')}"


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
        message = f"The schema is {quoted(schema)}; this version reads schema {SCHEMA}."
        raise DesignError([*document.faults, document.fault(("schema",), message, f'Write "schema: {SCHEMA}".')])
    design, faults = read_entry(Design, document, (), document.data)
    if design is None or document.faults:
        raise DesignError([*document.faults, *faults])
    return design, document


def design_schema() -> Mapping[str, Any]:
    """The JSON Schema of design files, for editors that complete and check while one types."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Design.model_json_schema(by_alias=True)}

"""Published figures that no single year holds, and what has to be said of all of them: facts.yaml, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import model_validator

from engine.errors import nearest

from .city import City
from .documents import Document, read_document
from .entries import Group as Words
from .entries import Text
from .faults import Fault, shortened
from .loading import CityError
from .validation import Entry, read_entries, unknown_fields

FACTS = "facts.yaml"


class Fact(Entry):
    """A published figure of an indicator, or of a variable of the model file, over one or several years."""

    indicator: Text | None = None
    variable: Text | None = None
    price: Text | None = None
    operator: Literal["level", "growth", "sum"]
    first: int | None = None
    last: int
    bound: Literal["at_least", "at_most"] | None = None
    value: float
    unit: Text
    source: Text
    section_or_address: Text
    counts: bool = True
    note_en: Text | None = None
    note_zh: Text | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Fact:
        if (self.indicator is None) == (self.variable is None):
            raise ValueError("A fact names an indicator or a variable of the model file, one of them.")
        if (self.operator == "level") != (self.first is None):
            raise ValueError('"first" belongs to growth and sums, and only there.')
        if self.first is not None and self.first > self.last - (self.operator == "growth"):
            raise ValueError(f"first {self.first} must be before last {self.last}.")
        if self.price is not None and (self.variable is None or self.operator != "sum"):
            raise ValueError('"price" belongs to the sum of a variable, and only there.')
        if self.variable is not None and self.operator == "growth":
            raise ValueError("Growth is that of an indicator.")
        if (self.note_en is None) != (self.note_zh is None):
            raise ValueError("note_en and note_zh go together: a note exists in both languages.")
        if not self.counts and self.note_en is None:
            raise ValueError("A fact that does not count says why: note_en and note_zh.")
        return self


@dataclass(frozen=True)
class Facts:
    """Facts by id; reasons of differences by id of a fact or an indicator; conflicts of sources; figures left aside."""

    facts: Mapping[str, Fact]
    reasons: Mapping[str, Words]
    conflicts: Mapping[str, Words]
    unused: Mapping[str, Words]


def read_facts(city: City) -> Facts:
    """Read facts.yaml of the city's folder; CityError lists every fault, names that the city does not have included."""
    document = read_document(city.folder / FACTS)
    if document.faults:
        raise CityError(document.faults)
    faults = unknown_fields(document, ("facts", "reasons", "conflicts", "unused"))
    facts, wrong = read_entries(Fact, document, ("facts",))
    faults += wrong
    words = {}
    for part in ("reasons", "conflicts", "unused"):
        words[part], wrong = read_entries(Words, document, (part,))
        faults += wrong
    for name, fact in facts.items():
        faults += _unresolved(city, document, name, fact)
    written = document.data.get("facts") if isinstance(document.data, Mapping) else None
    known = [*city.indicators, *(written if isinstance(written, Mapping) else ())]
    for name in words["reasons"]:
        if name not in known:
            message = f'There is no fact or indicator "{shortened(name)}".{nearest(name, known)}'
            faults.append(document.fault(("reasons", name), message, "A reason has the id of what it explains."))
    if faults:
        raise CityError(faults)
    return Facts(facts, **words)


def _unresolved(city: City, document: Document, name: str, fact: Fact) -> Iterator[Fault]:
    """What one fact names and the city does not have: indicator, variables, years, source."""
    if fact.indicator is not None and fact.indicator not in city.indicators:
        message = f'There is no indicator "{shortened(fact.indicator)}".{nearest(fact.indicator, city.indicators)}'
        yield document.fault(("facts", name, "indicator"), message, "Ids are in indicators.yaml.")
    for field, given in (("variable", fact.variable), ("price", fact.price)):
        try:
            if given is not None:
                city.locate(given)
        except LookupError as error:
            yield document.fault(("facts", name, field), str(error.args[0]), "A fact reads one number of the model.")
    indicator = city.indicators.get(fact.indicator or "")
    begins = indicator.first_year if indicator else city.years[0]
    for field, year in (("first", fact.first), ("last", fact.last)):
        if year is not None and not begins <= year <= city.years[-1]:
            message = f"The year {year} has no figure."
            yield document.fault(
                ("facts", name, field), message, f"There are figures for {begins} to {city.years[-1]}."
            )
    if fact.source not in city.sources:
        message = f'source "{shortened(fact.source)}" does not exist.{nearest(fact.source, city.sources)}'
        yield document.fault(("facts", name, "source"), message, "A published figure has a key of sources.bib.")

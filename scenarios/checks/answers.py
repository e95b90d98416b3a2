"""Answers to policies that a modeller asks of the model in model/checks.yaml: cases, statements, and how they are read.

An answer is a paired difference: the same member with a policy and without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from innovation.model import JUDGEMENT, City, Text
from innovation.model.files import Document, Entry, Fault, Place, Term, original, phrase, read_entries, read_entry
from innovation.scenarios.simulation.cases import Case, CaseChanges, course, unchanged

ANSWERS, BASELINE = "answers", "baseline"
Years = Annotated[tuple[int, ...], Field(strict=False, min_length=1)]
Pair = Annotated[tuple[Text, Text], Field(strict=False)]
Span = Annotated[tuple[int, int], Field(strict=False)]


class Within(Entry):
    """Limits of a number, one of them at least."""

    at_least: float = -np.finfo(float).max
    at_most: float = np.finfo(float).max

    @model_validator(mode="after")
    def _limited(self) -> Within:
        if not {"at_least", "at_most"} & self.model_fields_set:
            raise ValueError(phrase("scenarios.no_limit"))
        if self.at_least > self.at_most:
            raise ValueError(phrase("scenarios.limits_crossed", least=self.at_least, most=self.at_most))
        return self

    def __str__(self) -> str:
        ends = {"at least": ("at_least", self.at_least), "at most": ("at_most", self.at_most)}
        return " and ".join(f"{word} {end:g}" for word, (name, end) in ends.items() if name in self.model_fields_set)


class Most(Within):
    """Limits that a share of members keep in every figure of a statement."""

    share: Annotated[float, Field(ge=0, le=1)]


class Statement(Entry):
    """What a believable city answers: a figure under the case `of`, of each member, against another case or by itself.

    The figure is an indicator, a model variable (every element of an array) or the ratio of two, in one year, in
    several or summed from a first to a last year; `discount` a year leads such a sum back to the beginning of 2011.
    `measure` says what is made of it: percent of the figure in `against`, the change in its own unit, or the value
    without a difference. `per` divides a change by that of an indicator over the same years, and `as_part_of` the
    number by that of another statement for the same member; where that is nothing or less, a number above nothing is
    infinitely much of it, and one of nothing or less is none.
    """

    of: Text
    against: Text = BASELINE
    indicator: Text | None = None
    variable: Text | None = None
    ratio: Pair | None = None
    year: int | None = None
    years: Years | None = None
    sum: Span | None = None
    discount: Annotated[float, Field(ge=0, lt=1)] = 0.0
    measure: Literal["percent", "change", "value"]
    per: Text | None = None
    as_part_of: Text | None = None
    median: Within | None = None
    members: Most | None = None
    en: Text
    zh: Text
    source: Text

    @model_validator(mode="after")
    def _complete(self) -> Statement:
        if sum(one is not None for one in (self.indicator, self.variable, self.ratio)) != 1:
            raise ValueError(phrase("scenarios.one_figure"))
        if sum(one is not None for one in (self.year, self.years, self.sum)) != 1:
            raise ValueError(phrase("scenarios.one_period"))
        if self.sum is not None and self.sum[0] > self.sum[1]:
            raise ValueError(phrase("scenarios.sum_ends_early", end=self.sum[1], begin=self.sum[0]))
        if self.sum is not None and self.ratio is not None:
            raise ValueError(phrase("scenarios.ratio_of_sum"))
        if self.discount and self.sum is None:
            raise ValueError(phrase("scenarios.only_sum_discounted"))
        if self.per is not None and self.measure != "change":
            raise ValueError(phrase("scenarios.only_change_divided"))
        if self.measure == "value" and "against" in self.model_fields_set:
            raise ValueError(phrase("scenarios.value_against"))
        if self.median is None and self.members is None:
            raise ValueError(phrase("scenarios.asks_nothing"))
        return self

    @property
    def periods(self) -> list[tuple[int, ...]]:
        """The years of each of its figures: one, or all that a sum counts."""
        if self.sum is not None:
            return [tuple(range(self.sum[0], self.sum[1] + 1))]
        return [(year,) for year in self.years or (self.year or 0,)]

    @property
    def cases(self) -> set[str]:
        """The cases that it needs."""
        return {self.of} if self.measure == "value" else {self.of, self.against}

    def cells(self, city: City) -> list[list[str]]:
        """The cells of its figures: of each variable (two of a ratio) one cell, or one an element of an array."""
        if self.indicator is not None:
            return [cells_of(city, city.indicators[self.indicator].variable)]
        return [cells_of(city, name) for name in self.ratio or (self.variable or "",)]


class _AnswersSettings(Entry):
    """What stands once."""

    members: Annotated[int, Field(ge=1, le=100_000)]
    cases: dict[str, Any]
    statements: dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """The statements by name, what their cases change, and in how many members they are tried."""

    members: int
    cases: Mapping[str, CaseChanges]
    statements: Mapping[str, Statement]


def cells_of(city: City, reference: str) -> list[str]:
    """The cell that 'Name' or 'Name[element]' names, or all of an array's; LookupError where there is none."""
    variable = city.model.variables.get(reference)
    return city.elements(variable.name) if variable else [city.spelling(*city.locate(reference))]


def read_answers(city: City, document: Document, folder: Path) -> tuple[Answers | None, list[Fault]]:
    """What stands under `answers` of checks.yaml, or None and everything wrong with it."""
    top, faults = read_entry(_AnswersSettings, document, (ANSWERS,), document.data[ANSWERS])
    if top is None:
        return None, faults
    cases, faults = read_entries(Case, document, (ANSWERS, "cases"))
    statements, wrong = read_entries(Statement, document, (ANSWERS, "statements"))
    faults += wrong
    if BASELINE in cases:
        faults.append(document.fault((ANSWERS, "cases", BASELINE), "scenarios.case_baseline", name=BASELINE))
    courses = {BASELINE: unchanged()}
    for name, case in cases.items():
        courses[name], wrong = course(city, case, document, (ANSWERS, "cases", name), folder)
        faults += wrong
    for name, statement in statements.items():
        place = (ANSWERS, "statements", name)
        faults += _names(city, document, place, statement, [BASELINE, *top.cases])
        faults += _parts(city, document, place, name, statements, top.statements)
    return (None, faults) if faults else (Answers(top.members, courses, statements), [])


def _names(city: City, document: Document, place: Place, one: Statement, cases: list[str]) -> Iterator[Fault]:
    """Names, years and sources that the city or the file does not have."""

    def unknown(field: str, kind: str, name: str, known: Iterable[str]) -> Fault:
        return document.fault(
            (*place, field), "scenarios.unknown", **document.unknown(name, known), kind=Term("model.kind", kind)
        )

    for field in ("of", "against"):
        if getattr(one, field) not in cases:
            yield unknown(field, "case", getattr(one, field), cases)
    first = city.years[0]
    for field in ("indicator", "per"):
        name = getattr(one, field)
        if name is not None and name not in city.indicators:
            yield unknown(field, "indicator", name, city.indicators)
        elif name is not None:
            first = max(first, city.indicators[name].first_year)
    try:
        if one.indicator is None and len({len(cells) for cells in one.cells(city)}) > 1:
            yield document.fault((*place, "ratio"), "scenarios.ratio_elements")
    except LookupError as error:
        field = "variable" if one.variable else "ratio"
        yield document.fault((*place, field), "scenarios.figure_of", said=original(error))
    for year in sorted({year for period in one.periods for year in (period[0], period[-1])}):
        if not first <= year <= city.years[-1]:
            field = next(name for name in ("year", "years", "sum") if getattr(one, name) is not None)
            yield document.fault((*place, field), "scenarios.no_figure_of", year=year, first=first, last=city.years[-1])
    for key in (key.strip() for key in one.source.replace(";", ",").split(",")):
        if key != JUDGEMENT and key not in city.sources:
            yield unknown("source", "source", key, [JUDGEMENT, *city.sources])


def _parts(
    city: City, document: Document, place: Place, name: str, readable: Mapping[str, Statement], all_names: Iterable[str]
) -> Iterator[Fault]:
    """What is wrong with the statement that another is a part of."""
    part = readable[name].as_part_of
    if part is None:
        return
    where = (*place, "as_part_of")
    if part not in all_names:
        yield document.fault(where, "scenarios.no_statement", **document.unknown(part, all_names))
        return
    way, whole = [name], part
    while whole in readable:
        way.append(whole)
        if whole in way[:-1]:
            yield document.fault(where, "scenarios.statements_in_circle", way=" → ".join(way))
            return
        whole = readable[whole].as_part_of or ""
    other = readable.get(part)
    several = other is not None and (len(other.periods) > 1 or (other.variable or other.ratio))
    if other is not None and several and _figures(city, other) > 1:
        yield document.fault(where, "scenarios.statement_of_several", name=part)


def _figures(city: City, one: Statement) -> int:
    try:
        return len(one.periods) * len(one.cells(city)[0])
    except LookupError:  # told of that statement
        return 1

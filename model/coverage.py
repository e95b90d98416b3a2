"""The plan's numbered items, and what each is in the model: coverage.yaml read, bound to the model and written out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from .city import City
from .entries import Group, Text
from .files.faults import Fault, original
from .files.phrases import Term, phrase
from .files.validation import Entry, read_entries, unknown_fields
from .files.yaml_documents import Document, read_document
from .loading import CityError
from .pages import origin, table

COVERAGE = "coverage.yaml"
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class PlanItem(Entry):
    """One numbered item of the plan: what stands for it in the model; what of it is only described, and why."""

    group: Text
    section: Text
    en: Text
    zh: Text
    stocks: Names = ()
    elements: Names = ()
    levers: Names = ()
    indicators: Names = ()
    account_en: Text | None = None
    account_zh: Text | None = None
    described_en: Text | None = None
    described_zh: Text | None = None

    @model_validator(mode="after")
    def _complete(self) -> PlanItem:
        for what, pair in (
            ("account", (self.account_en, self.account_zh)),
            ("described", (self.described_en, self.described_zh)),
        ):
            if (pair[0] is None) != (pair[1] is None):
                raise ValueError(phrase("model.both_reasons", what=what))
        if not self.simulated and self.described_en is None:
            raise ValueError(phrase("model.item_says_why"))
        return self

    @property
    def simulated(self) -> bool:
        """Whether anything in the model stands for the item."""
        return bool(self.stocks or self.elements or self.levers or self.indicators)


@dataclass(frozen=True)
class Coverage:
    """The items of the plan by id, in the plan's order, and the headings they stand under."""

    groups: Mapping[str, Group]
    items: Mapping[str, PlanItem]


def read_coverage(city: City) -> Coverage:
    """Read coverage.yaml of the city's folder; CityError lists every fault, unknown names included."""
    document = read_document(city.folder / COVERAGE)
    if document.faults:
        raise CityError(document.faults)
    faults = unknown_fields(document, ("groups", "items"))
    groups, wrong = read_entries(Group, document, ("groups",))
    items, more = read_entries(PlanItem, document, ("items",))
    faults += wrong + more
    for name, item in items.items():
        faults += _unresolved(city, document, name, item)
        if item.group not in groups:
            faults.append(
                document.fault(("items", name, "group"), "model.no_group_under", **document.unknown(item.group, groups))
            )
    if faults:
        raise CityError(faults)
    return Coverage(groups, items)


def _unresolved(city: City, document: Document, name: str, item: PlanItem) -> Iterator[Fault]:
    """Names of one item that the model or a registry does not have."""
    for field, kind, ids in (
        ("levers", "lever", list(city.levers)),
        ("indicators", "indicator", list(city.indicators)),
    ):
        for given in getattr(item, field):
            if given not in ids:
                yield document.fault(
                    ("items", name, field),
                    "model.no_such_id",
                    **document.unknown(given, ids),
                    kind=Term("model.kind", kind),
                    field=field,
                )
    for field in ("stocks", "elements"):
        for given in getattr(item, field):
            place = ("items", name, field)
            try:
                variable = city.model.variables[_variable(city, given)]
            except LookupError as error:
                yield document.fault(place, "model.covered_by", said=original(error))
                continue
            if (field == "stocks") != (variable.kind == "stock"):
                yield document.fault(
                    place, "model.other_kind", name=variable.name, kind=Term("model.kind", variable.kind)
                )


def _variable(city: City, given: str) -> str:
    """Spelling of the variable that 'Name' (an array as a whole, too) or 'Name[element]' names; else LookupError."""
    return given if given in city.model.variables else city.locate(given)[0]


def coverage_page(city: City) -> str:
    """What each numbered item of the plan is in the model: docs/plan-coverage.md."""
    coverage = read_coverage(city)
    items = coverage.items.values()
    simulated = sum(item.simulated for item in items)
    described = sum(item.described_en is not None for item in items)
    lines = ["# The plan's items in the model", "", origin(city, COVERAGE), ""]
    lines += [
        f"The plan has {len(items)} numbered items. Something of {simulated} is in the model,",
        f"{len(items) - simulated} is only described; {described} have a part that is not simulated, with the reason.",
        "Names are ours, section numbers the plan's.",
        "",
        "**S** stock · **E** other element of the model file · **L** lever · **I** indicator.",
        "",
    ]
    for group, heading in coverage.groups.items():
        rows = [_row(city, item) for item in items if item.group == group]
        lines += [f"## {heading.en} · {heading.zh}", ""]
        lines += [*table(("section", "item", "in the model", "described, not simulated"), rows), ""]
    return "\n".join(lines).rstrip() + "\n"


def _row(city: City, item: PlanItem) -> tuple[str, ...]:
    parts = [
        f"**{sign}** {', '.join(names)}"
        for sign, names in (
            ("S", item.stocks),
            ("E", item.elements),
            ("L", [city.levers[name].en for name in item.levers]),
            ("I", [city.indicators[name].en for name in item.indicators]),
        )
        if names
    ]
    account = [text for text in (item.account_en, item.account_zh) if text]
    described = [text for text in (item.described_en, item.described_zh) if text]
    return (
        item.section,
        f"{item.en}<br>{item.zh}",
        "<br>".join([*account, *parts]) or "nothing",
        "<br>".join(described),
    )

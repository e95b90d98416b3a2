"""What levers cost: names, levers and sources of the model's prices (prices.yaml), and whether the model agrees."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from innovation.engine import Model
from innovation.engine.ir import normalised_name, references, rule_expressions

from .entries import JUDGEMENT, Text, keys_of
from .files.faults import Fault, near
from .files.phrases import Value, phrase, shortened
from .files.validation import Entry, read_entries, read_entry, unknown_fields
from .files.yaml_documents import Document, Place

PRICES = "prices.yaml"
PRICE, PAYER = "price", "payer"  # dimensions of the model
COST, PAYER_SHARE, RESOURCE_SHARE = "cost", "payer share", "resource share"  # its variables
TOLERANCE = 1e-9
Kind = Literal["source", "analogy", "judgement"]
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class Payer(Entry):
    """Who pays: an element of the model's `payer`; the indicator cost_ID has what it pays in a year."""

    en: Text
    zh: Text


class Price(Entry):
    """A thing that is paid for: an element of the model's `price`, with the levers that pay it.

    `kind` says what the unit cost rests on, `timing` whether it is paid as long as the lever stands or once. `premium`
    names the constant by which what is bought costs more than what it replaces: that part is used up too.
    """

    en: Text
    zh: Text
    levers: Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]
    kind: Kind
    timing: Literal["running", "once"]
    source: Text
    premium: Text | None = None


class _PriceSettings(Entry):
    """The names beside payers and prices."""

    total: Text = Field(validation_alias="account")
    free: Names = ()


@dataclass(frozen=True)
class Prices:
    """What levers cost, in the order of the model's elements.

    `account` is the model's sum of each price since the plan began, at current prices; `free` are levers that only move
    parts of one sum. A city without prices.yaml has none of these.
    """

    account: str = ""
    payers: Mapping[str, Payer] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    free: tuple[str, ...] = ()

    def of(self, lever: str) -> list[str]:
        """The prices that a lever pays."""
        return [name for name, price in self.prices.items() if lever in price.levers]

    def unpriced(self, levers: Sequence[str]) -> list[str]:
        """Those of these levers that stand neither in a price nor under free: costs do not hold what they take."""
        return [name for name in levers if name not in self.free and not self.of(name)]


def read_prices(document: Document) -> tuple[Prices, list[Fault]]:
    """What prices.yaml says, and everything wrong with it by itself."""
    top, faults = read_entry(_PriceSettings, document, (), _only(document, ("account", "free")))
    faults += unknown_fields(document, ("account", "payers", "prices", "free"))
    payers, wrong_payers = read_entries(Payer, document, ("payers",))
    prices, wrong_prices = read_entries(Price, document, ("prices",))
    faults += [*wrong_payers, *wrong_prices]
    return Prices(top.total if top else "", payers, prices, top.free if top else ()), faults


def _only(document: Document, names: Sequence[str]) -> object:
    data = document.data
    return {name: data[name] for name in names if name in data} if isinstance(data, Mapping) else data


def price_faults(
    prices: Prices,
    model: Model,
    levers: Sequence[str],
    indicators: Sequence[str],
    sources: Collection[str],
    document: Document,
) -> Iterator[Fault]:
    """Everything on which prices.yaml and the model, levers, indicators and sources disagree."""
    if document.data is None or document.faults:
        return
    yield from _elements(model, document, PRICE, "prices")
    yield from _elements(model, document, PAYER, "payers")
    for name in (prices.account, COST, PAYER_SHARE, RESOURCE_SHARE):
        if name and name not in model.variables:
            yield document.fault(
                ("account",), "model.cost_variable", name=shortened(name), near=near(name, model.variables)
            )
            return
    for name in prices.payers:
        if (figure := f"cost_{name}") not in indicators:
            yield document.fault(("payers", name), "model.payer_figure", **document.unknown(figure, indicators))
    yield from _levers(prices, levers, document)
    for name, price in prices.prices.items():
        for key in keys_of(price.source):
            if key not in (known := {*sources, JUDGEMENT}):
                yield document.fault(
                    ("prices", name, "source"),
                    "model.no_source",
                    key=shortened(key),
                    near=document.nearest(key, known),
                    judgement=JUDGEMENT,
                )
        if price.premium is not None and price.premium not in model.constants:
            close = near(price.premium, model.constants)
            place = ("prices", name, "premium")
            yield document.fault(place, "model.premium", name=shortened(price.premium), near=close)
    yield from _numbers(prices, model, document)
    yield from _units(prices, model, document)


def _written(document: Document, part: str) -> list[str]:
    data = document.data.get(part) if isinstance(document.data, Mapping) else None
    return list(data) if isinstance(data, Mapping) else []


def _elements(model: Model, document: Document, dimension: str, part: str) -> Iterator[Fault]:
    """Entries are exactly the elements of a dimension of the model."""
    elements, written = list(model.subscripts.get(dimension, ())), _written(document, part)
    of: dict[str, Value] = {"dimension": dimension, "elements": tuple(elements) or phrase("model.has_none")}
    for name in written:
        if name not in elements:
            close = document.nearest(name, elements)
            yield document.fault((part, name), "model.no_element", name=shortened(name), near=close, **of)
    missing = [name for name in elements if name not in written]
    if missing:
        yield document.fault((part,), "model.elements_lacking", names=tuple(missing), **of)


def _levers(prices: Prices, levers: Sequence[str], document: Document) -> Iterator[Fault]:
    paying: list[tuple[Place, str]] = [
        (("prices", name, "levers", number), lever)
        for name, price in prices.prices.items()
        for number, lever in enumerate(price.levers)
    ]
    for place, lever in [*paying, *((("free", number), name) for number, name in enumerate(prices.free))]:
        if lever not in levers:
            yield document.fault(place, "model.priced_lever", **document.unknown(lever, levers))
    for number, lever in enumerate(prices.free):
        if prices.of(lever):
            yield document.fault(("free", number), "model.free_and_paying", lever=lever, prices=tuple(prices.of(lever)))


def _numbers(prices: Prices, model: Model, document: Document) -> Iterator[Fault]:
    """Payers' shares sum to one, and no more of a cost is used up than it is."""
    elements = list(model.subscripts.get(PRICE, ()))
    for place, name in enumerate(elements):
        if name not in prices.prices:
            continue
        shares, used = payer_shares(model)[place], resource_shares(model)[place]
        if not np.any(shares):
            yield document.fault(("prices", name), "model.nobody_pays", name=name, payer_share=PAYER_SHARE)
        elif abs(shares.sum() - 1) > TOLERANCE or shares.min() < 0:
            code, value = "model.payer_shares", shares.sum()
            if shares.min() < 0:
                code, value = "model.payer_share_below", shares.min()
            yield document.fault(("prices", name), code, name=name, value=float(value), payer_share=PAYER_SHARE)
        if not 0 <= used <= 1:
            yield document.fault(
                ("prices", name), "model.resource_share", resource_share=RESOURCE_SHARE, name=name, used=used
            )


def _units(prices: Prices, model: Model, document: Document) -> Iterator[Fault]:
    """Every constant that a cost reads has a unit."""
    elements = list(model.subscripts.get(PRICE, ()))
    for piece in model.variables[COST].pieces:
        read = {found.name for rule in rule_expressions(piece.rule) for found in references(rule)}
        for constant in model.constants:
            variable = model.variables[constant]
            if normalised_name(constant) in map(normalised_name, read) and not variable.unit:
                priced = ", ".join(elements[place] for place in piece.over[0])
                place = ("prices", priced) if priced in prices.prices else ("prices",)
                yield document.fault(
                    place, "model.constant_without_unit", constant=constant, of_model=variable.line, priced=priced
                )


def payer_shares(model: Model) -> NDArray[np.float64]:
    """Who pays which part of each price, shape (prices, payers)."""
    return np.asarray(model.constants[PAYER_SHARE], float)


def resource_shares(model: Model) -> NDArray[np.float64]:
    """Which part of each price is used up, shape (prices,)."""
    return np.asarray(model.constants[RESOURCE_SHARE], float)

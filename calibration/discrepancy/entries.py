"""What is assumed of how published figures part from the city's own: data/discrepancy.yaml, and its faults."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from innovation.calibration.record.observations import DATA
from innovation.calibration.reference_class.classes import NATIONS, PROVINCES
from innovation.calibration.reference_class.tables import IndicatorReference, ReferenceClass, read_reference_class
from innovation.model import City, Text
from innovation.model.files import (
    Document,
    DocumentError,
    Entry,
    Fault,
    phrase,
    read_document,
    read_entries,
    read_entry,
    unknown_fields,
)

Floats = NDArray[np.float64]

DISCREPANCY = DATA / "discrepancy.yaml"
SECTIONS = ("quantities", "readings", "counts", "unpublished", "correlations")
PAIR = " ~ "
Weight = Annotated[float, Field(ge=0, le=1)]


class DiscrepancyError(DocumentError):
    """What is assumed of published figures cannot be used."""


class Quantity(Entry):
    """Something that strays by itself: its class elsewhere, and the indicator whose own spread counts towards its size.

    `class` is a row of reference_class.csv; without one the record's own roughness decides. `weight` is that of the
    model's growth in the middle of what is forecast, 1 where the class has no line. With `part` place it is the class's
    place part, in full. `strays_as` is its name in reference_correlations.csv where that is not its class. `growth`
    says that the indicator is a yearly growth in per cent, `sum` that it is counted from 2011 on.
    """

    class_: Text | None = Field(default=None, validation_alias="class")
    of: Text
    weight: Weight | None = None
    part: Literal["whole", "place"] = "whole"
    widen: Annotated[float, Field(gt=0, le=10)] = 1.0
    strays_as: Text | None = None
    growth: bool = False
    sum: bool = False
    note: Text | None = None

    @property
    def called(self) -> str | None:
        """By which name reference_correlations.csv knows it."""
        return self.strays_as or self.class_


class ReadingOf(Entry):
    """By what an indicator's published figure parts from the city's own: quantities times loads, error of measurement.

    `error` is the class of error of observations.csv, `group` the group of its figures there, whose size and
    persistence the fit has learned. `growth` and `sum` as of a quantity.
    """

    of: Annotated[dict[str, float], Field(min_length=1)]
    error: Literal["accounts", "surveys", "finance"]
    group: Text | None = None
    growth: bool = False
    sum: bool = False
    note: Text | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> ReadingOf:
        if self.growth and self.sum:
            raise ValueError(phrase("calibration.growth_or_sum"))
        return self


class Counted(Entry):
    """A figure that is counted: `events` added in the five years to 2010; with `level` all there are is one count."""

    events: Annotated[float, Field(ge=0, le=1e6)]
    level: bool = False
    note: Text | None = None


@dataclass(frozen=True)
class Assumed:
    """All that is assumed: entries by name, the class of each quantity, correlations (quantities, quantities)."""

    quantities: Mapping[str, Quantity]
    classes: Mapping[str, IndicatorReference | None]
    readings: Mapping[str, ReadingOf]
    counts: Mapping[str, Counted]
    correlations: Floats


class _Head(Entry):
    """What stands in the file beside its mappings of entries."""

    unpublished: list[Text] = Field(default_factory=list)
    correlations: dict[str, Annotated[float, Field(ge=-1, le=1)]] = Field(default_factory=dict)


def read_assumed(city: City, path: Path = DISCREPANCY) -> Assumed:
    """Read the file for a city. Raises DiscrepancyError with every fault of it."""
    document = read_document(path)
    faults = [*document.faults]
    if document.data is not None:
        faults += unknown_fields(document, SECTIONS)
    if faults:
        raise DiscrepancyError(faults)
    rest = {name: content for name, content in document.data.items() if name in _Head.model_fields}
    head, faults = read_entry(_Head, document, (), rest)
    quantities, wrong = read_entries(Quantity, document, ("quantities",))
    readings, wrong_too = read_entries(ReadingOf, document, ("readings",))
    counts, wrong_as_well = read_entries(Counted, document, ("counts",))
    faults += [*wrong, *wrong_too, *wrong_as_well]
    if head is None or faults:
        raise DiscrepancyError(faults)
    known = read_reference_class()
    classes = known.indicators
    faults += [*_quantity_faults(city, document, quantities, classes), *_reading_faults(document, readings, quantities)]
    faults += _indicator_faults(city, document, (*readings, *counts, *head.unpublished))
    matrix, wrong = _matrix(document, quantities, known, head.correlations)
    if faults := [*faults, *wrong]:
        raise DiscrepancyError(faults)
    found = {name: classes[one.class_] if one.class_ else None for name, one in quantities.items()}
    return Assumed(quantities, found, readings, counts, matrix)


def _quantity_faults(
    city: City, document: Document, quantities: Mapping[str, Quantity], classes: Mapping[str, IndicatorReference]
) -> Iterator[Fault]:
    for name, one in quantities.items():
        if one.class_ and one.class_ not in classes:
            near = document.nearest(one.class_, classes)
            yield document.fault(("quantities", name, "class"), "calibration.no_class", name=one.class_, near=near)
        known = {*NATIONS, *PROVINCES, *classes, name}
        if one.strays_as and one.strays_as not in known:
            near = document.nearest(one.strays_as, known)
            yield document.fault(
                ("quantities", name, "strays_as"), "calibration.strays_as", name=one.strays_as, near=near
            )
        if one.of not in city.indicators:
            near = document.nearest(one.of, city.indicators)
            yield document.fault(("quantities", name, "of"), "calibration.no_indicator", name=one.of, near=near)


def _reading_faults(
    document: Document, readings: Mapping[str, ReadingOf], quantities: Mapping[str, Quantity]
) -> Iterator[Fault]:
    for name, one in readings.items():
        for quantity in one.of:
            if quantity not in quantities:
                near = document.nearest(quantity, quantities)
                yield document.fault(("readings", name, "of"), "calibration.no_quantity", name=quantity, near=near)


def _indicator_faults(city: City, document: Document, named: Sequence[str]) -> Iterator[Fault]:
    """Every indicator is told of once: how it is read, that it is counted, or that nobody publishes it."""
    for name, times in Counter(named).items():
        if name not in city.indicators:
            near = document.nearest(name, city.indicators)
            yield document.fault((), "calibration.no_registered_indicator", name=name, near=near)
        elif times > 1:
            yield document.fault((), "calibration.told_twice", name=name, times=times)
    if missing := [name for name in city.indicators if name not in named]:
        yield document.fault((), "calibration.nothing_said", names=tuple(missing))


def _matrix(
    document: Document, quantities: Mapping[str, Quantity], known: ReferenceClass, pairs: Mapping[str, float]
) -> tuple[Floats, list[Fault]]:
    """Correlations of all quantities, shape (quantities, quantities): the class's, or those of `pairs`, or none."""
    names, faults = list(quantities), []
    called = [one.called for one in quantities.values()]
    found = np.array(
        [[known.correlation(a, b) if a and b and a != b else 0.0 for a in called] for b in called]
    )  # fmt: skip
    np.fill_diagonal(found, 1.0)
    written: dict[frozenset[str], str] = {}
    for pair, value in pairs.items():
        both = pair.split(PAIR)
        if len(both) != 2 or both[0] == both[1] or not set(both) <= set(names):
            faults.append(document.fault(("correlations", pair), "calibration.no_pair", between=PAIR))
            continue
        if (before := written.setdefault(frozenset(both), pair)) != pair:
            faults.append(document.fault(("correlations", pair), "calibration.pair_again", before=before))
            continue
        first, second = (names.index(one) for one in both)
        found[first, second] = found[second, first] = value
    if not faults and np.linalg.eigvalsh(found).min() <= 0:
        faults.append(document.fault(("correlations",), "calibration.impossible_correlations"))
    return found, faults

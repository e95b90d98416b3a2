"""Which way an economist expects each lever and assumption to move each headline figure: model/expected.yaml read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from innovation.model import City, CityError, Text
from innovation.model.files import Document, Entry, Fault, read_document, read_entries

EXPECTED = "expected.yaml"
Way = Literal["up", "down", "none", "either"]
WAYS: tuple[Way, ...] = ("up", "down", "none", "either")
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class AnswerNote(Entry):
    """A sentence for the reader, where an answer surprises."""

    en: Text
    zh: Text


class Expected(Entry):
    """The figures that rise when a lever rises, those that fall, that do not answer, and that may go either way.

    `beside` are levers that stand at a value, in the model's unit, where it is tried: without them it does nothing.
    """

    up: Names = ()
    down: Names = ()
    none: Names = ()
    either: Names = ()
    beside: dict[str, float] = Field(default_factory=dict)
    said: dict[str, AnswerNote] = Field(default_factory=dict)

    def further(self, figures: Sequence[str]) -> list[str]:
        """Figures that are named beside those that every lever names."""
        return [figure for way in WAYS for figure in getattr(self, way) if figure not in figures]

    def way(self, figure: str) -> Way:
        """What is expected of a figure when the lever rises."""
        return next(way for way in WAYS if figure in getattr(self, way))


def read_expected(city: City, figures: Sequence[str]) -> Mapping[str, Expected]:
    """What is expected of every lever and assumption, by id; CityError lists everything wrong with the file.

    Parameters
    ----------
    figures
        The headline figures: each stands once under every lever, which may name further indicators that it is for.
    """
    document = read_document(city.folder / EXPECTED)
    if document.faults:
        raise CityError(document.faults)
    found, faults = read_entries(Expected, document)
    faults += _wrong(city, document, found, figures)
    if faults:
        raise CityError(faults)
    return found


def _wrong(city: City, document: Document, found: Mapping[str, Expected], figures: Sequence[str]) -> Iterator[Fault]:
    controls = [*city.levers, *city.inputs]
    for name, one in found.items():
        if name not in controls:
            yield document.fault((name,), "scenarios.no_lever", **document.unknown(name, controls))
        named = [figure for way in WAYS for figure in getattr(one, way)]
        for figure in dict.fromkeys([*named, *one.said]):
            if figure not in city.indicators:
                yield document.fault((name,), "scenarios.no_indicator", **document.unknown(figure, city.indicators))
            elif named.count(figure) > 1:
                yield document.fault((name,), "scenarios.expected_twice", figure=figure)
        for other, value in one.beside.items():
            if other not in city.levers or other == name:
                near = document.nearest(other, city.levers)
                yield document.fault((name, "beside"), "scenarios.no_other_lever", name=other, near=near)
            elif not city.levers[other].low <= value <= city.levers[other].high:
                yield document.fault((name, "beside"), "scenarios.beside_outside", name=other, value=value)
        missing = [figure for figure in figures if figure not in named]
        if missing:
            yield document.fault((name,), "scenarios.nothing_said", names=tuple(missing), ways=tuple(WAYS))
    written = document.data if isinstance(document.data, Mapping) else {}
    missing = [name for name in controls if name not in written]
    if missing:
        yield document.fault((), "scenarios.no_expectation", names=tuple(missing))

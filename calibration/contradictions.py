"""Counted figures of one quantity, year and kind that cannot both be right, or that say one fact twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from model import City, Fault, Phrase, phrase
from model.documents import Document

if TYPE_CHECKING:
    from .observations import Observation

_READINGS = {
    "exact": "calibration.exact",
    "at_least": "calibration.at_least",
    "at_most": "calibration.at_most",
    "rounded": "calibration.rounded",
    "nearly": "calibration.nearly",
}


def contradictions(city: City, observations: Sequence[Observation], document: Document) -> list[Fault]:
    """A fault for each counted figure that an earlier counted one of the same quantity and years rules out or repeats.

    A quantity is the model's own number, however it is named. Bounds may stand beside a figure that keeps them; rows
    alike but for the value are told elsewhere.
    """
    found: dict[object, list[int]] = {}
    for number, figure in enumerate(observations):
        quantity = _quantity(city, figure)
        if figure.is_counted and quantity is not None:
            found.setdefault((figure.operator, quantity, figure.first, figure.last), []).append(number)
    pairs = [pair for rows in found.values() for pair in combinations(rows, 2)]
    return [fault for pair in pairs for fault in _faults(observations, document, *pair)]


def _faults(observations: Sequence[Observation], document: Document, one: int, other: int) -> Iterator[Fault]:
    before, figure = observations[one], observations[other]
    if (before.of, before.reading) == (figure.of, figure.reading):
        return
    there = {"first": document.line((one,)), "name": before.id}
    if max(before.interval[0], figure.interval[0]) > min(before.interval[1], figure.interval[1]):
        yield document.fault((other,), "calibration.disagree", here=_said(figure), before=_said(before), **there)
    elif not (before.is_bound or figure.is_bound):
        yield document.fault((other,), "calibration.counts_again", **there)


def _said(figure: Observation) -> Phrase:
    return phrase(_READINGS[figure.reading], value=figure.value)


def _quantity(city: City, figure: Observation) -> object | None:
    """The numbers of the model file that a figure is of; None where it names none."""
    try:
        indicators = {name: city.indicators[name].variable for name in figure.terms if name in city.indicators}
        return tuple(city.locate(indicators.get(name, name)) for name in figure.terms)
    except LookupError:
        return None

"""What a fit reads beside the model: figures that count, and what is believed before they speak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from engine import normalised_name
from engine.storage import model_hash
from model import City
from model.tables import read_table

from . import industries, measurement
from .industries import ALLOCATION, Category, read_industries
from .observations import ESTIMATED, FIXED, Observation
from .priors import ROLES

TOLD = {
    "id",
    "counts",
    "source",
    "section_or_address",
    "category",
    "note",
}  # changes nothing in a fit


def bound_hash(city: City) -> str:
    """SHA-256 of the model as draws of its constants see it: all of it but the values of what is drawn.

    The split of output over industries is drawn around the file's own numbers, so these count. Two models of one hash
    give the same run for the same draws.
    """
    values = {}
    drawn = priors_of(city)
    for name in city.model.constants:
        elements = city.elements(name)
        known = [name in drawn or element in drawn for element in elements]
        if any(known):
            numbers = zip(elements, known, strict=True)
            values[normalised_name(name)] = [None if known else city.nominal(element) for element, known in numbers]
    return model_hash(city.model.structure, values)


def data_hash(city: City, observations: Iterable[Observation]) -> str:
    """SHA-256 over counted observations and priors: blind to sources, notes, spelling and order."""
    return _digest({**_record(city, observations), "priors": priors_of(city)})


def record_hash(city: City, observations: Iterable[Observation]) -> str:
    """SHA-256 over counted observations and what is believed of their errors, without the priors of constants."""
    return _digest(_record(city, observations))


def priors_of(city: City) -> dict[str, Any]:
    """What is believed of each constant that a fit draws, as plain data: role, prior and bounds."""
    return {
        name: [str(parameter.role), {**asdict(prior), "text": ""}, parameter.low, parameter.high]
        for name, parameter in city.parameters.items()
        if parameter.role in ROLES and (prior := parameter.parsed_prior()) is not None
    }


def _record(city: City, observations: Iterable[Observation]) -> dict[str, Any]:
    return {
        "figures": sorted(json.dumps(_numbers(figure)) for figure in observations),
        "industries": _industries(city),
        "errors": [ESTIMATED, FIXED, measurement.FLOOR, measurement.LARGEST_PERSISTENCE],
    }


def _digest(read: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def _numbers(entry: Observation | Category) -> dict[str, Any]:
    return {name: value for name, value in entry.model_dump().items() if name not in TOLD}


def _industries(city: City) -> list[Any]:
    """The table of judgement, in its order, and what is believed of it; nothing for a city without industries."""
    if read_industries(city) is None:
        return []
    rows, _, _ = read_table(ALLOCATION, Category)
    priors = [industries.CONCENTRATION, industries.PUBLISHED_GROWTH, industries.ROUNDING]
    return [*map(_numbers, rows), priors]

"""Hashes of what a fit reads beside the model, figures that count and priors, and of what a kept result belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.priors import industries
from innovation.calibration.priors.industries import ALLOCATION, Category, read_industries
from innovation.calibration.priors.space import ROLES
from innovation.calibration.record import measurement
from innovation.calibration.record.observations import ESTIMATED, FIXED, Observation
from innovation.engine import model_hash
from innovation.engine.ir import normalised_name
from innovation.model import City
from innovation.model.files import read_table

Floats = NDArray[np.float64]

LENGTH = 16  # of the marks of model, record and draws
DIGITS = 9  # of a coordinate, in its mark
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


def marks_of(city: City, observations: Sequence[Observation], z: Floats) -> dict[str, str]:
    """Short marks of model, whole record, coordinates of the draws (draws, d), and what is believed beforehand."""
    record = "\n".join(figure.model_dump_json() for figure in observations)
    draws = np.ascontiguousarray(np.round(z, DIGITS) + 0.0)
    priors = json.dumps(priors_of(city), sort_keys=True)
    digests = {"record": record.encode(), "draws": draws.tobytes(), "priors": priors.encode()}
    found = {name: hashlib.sha256(content).hexdigest()[:LENGTH] for name, content in digests.items()}
    return {"model": city.model.hash[:LENGTH], **found}


def as_fitted(marks: Mapping[str, str], fitted: str) -> dict[str, str]:
    """Those of `marks_of` that ask the record alone: of the model that was fitted, whose hash is given or is theirs."""
    return {"model": fitted[:LENGTH] or marks["model"], "record": marks["record"], "draws": marks["draws"]}


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

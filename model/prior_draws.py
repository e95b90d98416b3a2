"""Draws from a city's priors, a set of uncertain constants and assumptions a member; and other sets of priors."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from .calendar import PLAN_BEGINS, RECORD_BEGINS
from .city import City
from .entries import DEFAULT_PRIORS, PRIOR_SETS, Parameter
from .files.faults import DocumentError, fault
from .files.phrases import Value
from .files.yaml_documents import shown
from .priors import Prior

Floats = NDArray[np.float64]

ROUNDS = 1000  # a prior that its bounds cut so hard that this many rounds don't fill it is a fault of the registry

START, BEFORE, AFTER = "initial industry output", "market difference to 2010", "market difference"
YEARS = PLAN_BEGINS - RECORD_BEGINS  # of the record, from the start to the first day of the plan


def with_priors(city: City, name: str) -> City:
    """The city that believes a set of priors: its constants that have one of this set draw from that.

    A prior of the set that is cut beyond the bounds of its constant moves them out to where it is cut.

    `name` is one of PRIOR_SETS, or DEFAULT_PRIORS for the city as its files have it.

    Raises
    ------
    DocumentError
        Where there is no such set, the city believes another one already, or no constant of it has a prior of the set.
    """
    if name == city.prior_set:
        return city
    known = (DEFAULT_PRIORS, *PRIOR_SETS)
    if name not in known:
        raise _refused(city, name, "model.no_prior_set", known=known)
    if city.prior_set != DEFAULT_PRIORS:
        raise _refused(city, name, "model.other_priors", now=city.prior_set)
    other = {entry: prior for entry, parameter in city.parameters.items() if (prior := parameter.prior_of(name))}
    if not other:
        raise _refused(city, name, "model.empty_prior_set")
    parameters = {
        entry: _believing(parameter, other[entry]) if entry in other else parameter
        for entry, parameter in city.parameters.items()
    }
    return dataclasses.replace(city, parameters=parameters, prior_set=name)


def _believing(parameter: Parameter, prior: str) -> Parameter:
    """The entry with another prior, whose own limits may lie outside its bounds."""
    changed = parameter.model_copy(update={"prior": prior})
    read = changed.parsed_prior()
    low, high = (read.low, read.high) if read else (-math.inf, math.inf)
    if math.isfinite(low) and parameter.low is not None and parameter.high is not None:
        changed = changed.model_copy(update={"low": min(low, parameter.low), "high": max(high, parameter.high)})
    return changed


def _refused(city: City, name: str, code: str, /, **values: Value) -> DocumentError:
    return DocumentError([fault(code, shown(city.folder / "parameters.yaml"), None, f"priors {name}", **values)])


def draw_priors(
    city: City, members: int, seed: int, roles: Iterable[str] = ("uncertain", "assumption")
) -> dict[str, NDArray[np.float64]]:
    """Independent draws for every constant of these roles that has a prior; a draw outside its bounds is drawn again.

    Each constant has a stream of its own, so that a new one leaves the draws of the others as they were. Differences
    between markets have no mean of their own.

    Parameters
    ----------
    members
        Number of draws.
    seed
        The same seed, city and number of members give the same draws.
    roles
        Roles of the constants to draw.

    Returns
    -------
    'Name', or 'Name[element]' for each element of an array, as ``Model.run`` takes them -> shape (members,), in the
    model's unit.
    """
    wanted = set(roles)
    drawn = {}
    for name, parameter in city.parameters.items():
        prior = parameter.parsed_prior()
        if parameter.role not in wanted or prior is None:
            continue
        for reference in [name] if "[" in name else city.elements(name):
            stream = np.random.default_rng([seed, *reference.encode()])
            drawn[reference] = _within(prior, parameter, members, stream)
    return less_their_mean(city, drawn)


def _within(prior: Prior, parameter: Parameter, members: int, stream: np.random.Generator) -> NDArray[np.float64]:
    low, high = limits(prior, parameter)
    values = np.empty(0)
    for _ in range(ROUNDS):
        fresh = _draw(prior, max(members, 16), stream)
        values = np.concatenate([values, fresh[(fresh >= low) & (fresh <= high)]])
        if len(values) >= members:
            return values[:members]
    raise ValueError(f"The bounds {low:g} … {high:g} leave almost nothing of the prior {prior.text}.")


def limits(prior: Prior, parameter: Parameter) -> tuple[float, float]:
    """Between which values a constant is drawn: its prior's own cut and its bounds, the narrower of them."""
    low = -math.inf if parameter.low is None else parameter.low
    high = math.inf if parameter.high is None else parameter.high
    return max(low, prior.low), min(high, prior.high)


def _draw(prior: Prior, size: int, stream: np.random.Generator) -> NDArray[np.float64]:
    if prior.is_switch:
        return (stream.random(size) < prior.centre).astype(float)
    if prior.family == "LN":
        return prior.shift + prior.centre * np.exp(prior.spread * stream.standard_normal(size))
    if prior.family == "Be":
        weight = prior.centre * (1 - prior.centre) / prior.spread**2 - 1
        return prior.shift + stream.beta(prior.centre * weight, (1 - prior.centre) * weight, size)
    return prior.shift + prior.centre + prior.spread * stream.standard_normal(size)


def less_their_mean(city: City, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
    """Draws with the differences of market growth after 2010 moved together, until their mean is the model file's own.

    The mean is weighted by each industry's output as the plan begins; the file's is none, but for rounding. So the
    pace of all high-tech markets is that of `market growth` alone.

    Parameters
    ----------
    drawn
        'Name' or 'Name[element]' -> shape (members,). Left as they are where no such difference is among them.
    """
    names = city.elements(AFTER) if AFTER in city.model.constants else []
    if not any(name in drawn for name in names):
        return dict(drawn)
    after, start, before = (_columns(city, name, drawn) for name in (AFTER, START, BEFORE))
    nominal = {name: np.array([city.nominal(name)]) for name in (*names, *city.elements(START), *city.elements(BEFORE))}
    own = _mean(*(_columns(city, name, nominal) for name in (AFTER, START, BEFORE)))
    moved = after - (_mean(after, start, before) - own)[:, None]
    return {**drawn, **{name: np.ascontiguousarray(moved[:, place]) for place, name in enumerate(names)}}


def _mean(after: Floats, start: Floats, before: Floats) -> Floats:
    """The mean of each member's differences, shape (members,), from arrays of shape (members or 1, industries)."""
    output = start * np.exp(YEARS * before)
    return np.asarray((after * output).sum(axis=1) / output.sum(axis=1))


def _columns(city: City, name: str, drawn: Mapping[str, Floats]) -> Floats:
    """A constant's elements as columns, shape (members, elements); those not drawn as the model file has them."""
    found = [np.atleast_1d(drawn.get(element, city.nominal(element))) for element in city.elements(name)]
    return np.stack(np.broadcast_arrays(*found), axis=1)

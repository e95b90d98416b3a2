"""Other sets of priors than the one a city comes with: what a constant has in parameters.yaml beside its prior."""

from __future__ import annotations

import dataclasses
import math

from .city import City
from .documents import shown
from .entries import DEFAULT_PRIORS, PRIOR_SETS, Parameter
from .faults import DocumentError, fault
from .phrases import Value


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

"""Other sets of priors than the one a city comes with: what a constant has in parameters.yaml beside its prior."""

from __future__ import annotations

import dataclasses

from .city import City
from .documents import shown
from .entries import DEFAULT_PRIORS, PRIOR_SETS
from .faults import DocumentError, Fault


def with_priors(city: City, name: str) -> City:
    """The city that believes a set of priors: its constants that have one of this set draw from that.

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
        raise _refused(city, name, "There is no such set of priors.", f"Sets: {', '.join(known)}.")
    if city.prior_set != DEFAULT_PRIORS:
        raise _refused(city, name, f"This city believes the priors {city.prior_set} already.", "Load it anew.")
    other = {entry: prior for entry, belief in city.parameters.items() if (prior := belief.prior_of(name))}
    if not other:
        raise _refused(city, name, "No constant of this city has a prior of this set, so it changes nothing.", "")
    parameters = {
        entry: belief.model_copy(update={"prior": other[entry]}) if entry in other else belief
        for entry, belief in city.parameters.items()
    }
    return dataclasses.replace(city, parameters=parameters, prior_set=name)


def _refused(city: City, name: str, said: str, remedy: str) -> DocumentError:
    return DocumentError([Fault(shown(city.folder / "parameters.yaml"), None, f"priors {name}", said, remedy)])

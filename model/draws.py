"""Draws from the priors of parameters.yaml: one set of uncertain constants and assumptions a member."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .city import City
from .entries import Parameter
from .markets import less_their_mean
from .priors import Prior

ROUNDS = 1000  # a prior that its bounds cut so hard that this many rounds don't fill it is a fault of the registry


def draw_priors(
    city: City, members: int, seed: int, roles: Iterable[str] = ("uncertain", "assumption")
) -> dict[str, NDArray[np.float64]]:
    """Independent draws for every constant of these roles that has a prior; a draw outside its bounds is drawn again.

    Each constant has a stream of its own, so that a new one leaves the draws of the others as they were. Differences
    between markets have no mean of their own (markets.py).

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

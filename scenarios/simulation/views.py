"""Views of how the city works: which of them each member has, under a scenario that may set one for all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from innovation.model import City
from innovation.scenarios.schema import Scenario
from innovation.scenarios.shares import destination

from .chances import SURE, Viewed

Floats = npt.NDArray[np.float64]
Members = Mapping[str, npt.ArrayLike]


def drawn_views(city: City, members: Members | None, nominal: bool = True) -> dict[str, Floats]:
    """The value of each variant that members have as drawn, shape (members,), by its id.

    A member that says nothing of it has the model file's, as the nominal run has, which stands first if `nominal`.
    """
    given = members or {}
    count = max((np.size(values) for values in given.values()), default=0)
    places = {city.spelling(*city.locate(name)): name for name in given} if city.variants else {}
    found = {}
    for name, one in city.variants.items():
        usual, place = city.practice(name), places.get(city.spelling(*city.locate(one.constant)))
        values = np.full(count, usual) if place is None else np.broadcast_to(np.asarray(given[place], float), count)
        found[name] = np.concatenate([[usual], values]) if nominal else values
    return found


def held_views(city: City, scenario: Scenario, members: Mapping[str, Floats]) -> dict[str, Floats]:
    """The value of each variant that members have under a scenario: the last it sets, or as `drawn_views` has it."""
    return {
        name: np.full_like(values, destination(city, scenario, name)) if scenario.changes_of(name) else values
        for name, values in members.items()
    }


def differing(views: Sequence[Viewed]) -> list[str]:
    """Variants of which one view gives another chance than the other, by more than SURE standard errors of both."""
    found = []
    for variant in dict.fromkeys(one.variant for one in views):
        both = [one for one in views if one.variant == variant]
        if len(both) > 1 and abs(both[0].chance - both[1].chance) > SURE * math.hypot(*(one.error for one in both)):
            found.append(variant)
    return found


def untold(city: City, views: Sequence[Viewed], draws: int) -> list[str]:
    """Variants that the record cannot tell: draws of a posterior have a view as often as its prior, to SURE errors."""
    return [
        one.variant
        for one in views
        if one.value == 1 and not is_told(prior_weight(city, one.variant), one.share, draws)
    ]


def prior_weight(city: City, variant: str) -> float:
    """The weight of the second view of a variant before the record; of one that is not drawn the model file's."""
    parameter = city.parameter(city.inputs[variant].constant)
    prior = parameter.parsed_prior() if parameter else None
    return city.practice(variant) if prior is None else prior.centre


def weight_error(before: float, draws: int) -> float:
    """The standard error of the weight of a view among so many independent draws."""
    return math.sqrt(before * (1 - before) / draws)


def is_told(before: float, after: float, draws: int) -> bool:
    """Whether the record tells a view from the other: its weight has moved by more than SURE errors."""
    return abs(after - before) > SURE * weight_error(before, draws)


def set_views(city: City, scenario: Scenario) -> dict[str, int]:
    """The variants that a scenario sets, each with the value that all members have."""
    return {name: round(destination(city, scenario, name)) for name in city.variants if scenario.changes_of(name)}

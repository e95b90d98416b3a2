"""What a chance rests on: a published figure of what the target is about, or judgement alone."""

from __future__ import annotations

from innovation.model import City

from .record.observations import Record

OVER_THE_PLAN = " of the plan"  # how the model file names sums over the plan's years


def judged_targets(city: City, record: Record) -> frozenset[str]:
    """Targets of whose indicator the record has no exact figure of the city to 2010, counted or not.

    Such a chance comes from priors, and from what figures of other things say through the model's structure.
    """
    known = {
        name
        for figure in record.observations
        if figure.reading == "exact" and figure.size != "province"
        for name in figure.terms
    }
    return frozenset(name for name in city.targets if not {name, _counted_thing(city, name)} & known)


def _counted_thing(city: City, indicator: str) -> str:
    """The variable of an indicator; of a sum over the plan's years, the variable that is summed."""
    return city.indicators[indicator].variable.removesuffix(OVER_THE_PLAN)

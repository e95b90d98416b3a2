"""The calendar of the plan: which years the record has, which the plan, and how far the model looks ahead.

Constants, not an entry of a registry: scenarios and designs are checked by them before any city is read, and they are
the same for every city that is read. A test holds the model file's own dates against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

RECORD_BEGINS: Final = 2005  # the model file starts with it
RECORD_ENDS: Final = 2010  # its practice is what goes on where nothing is changed
PLAN_BEGINS: Final = 2011  # no policy comes earlier
PLAN_ENDS: Final = 2015  # most targets are of it
HORIZON: Final = 2025  # the model file ends with it
PLAN_YEARS: Final = range(PLAN_BEGINS, PLAN_ENDS + 1)


def in_plan(years: Sequence[int]) -> slice:
    """Where the plan's years stand among consecutive ones."""
    return slice(PLAN_BEGINS - years[0], PLAN_ENDS + 1 - years[0])

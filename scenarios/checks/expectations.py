"""What a modeller asks of the model in model/checks.yaml: the kinds of checks and how the file is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from innovation.engine.ir import normalised_name
from innovation.model import City, CityError, Text
from innovation.model.files import Document, Entry, Fault, read_document, read_entries, read_entry, unknown_fields
from innovation.scenarios.scenario_files import LIBRARY

from .answers import ANSWERS, Answers, read_answers

CHECKS = "checks.yaml"
EVERY_STOCK, EVERY_FLOW = "every stock", "every flow"
ANY = "*"  # ends a name that stands for all that begin so
NEAR_TOLERANCE, FAR_TOLERANCE = 0.005, 0.01  # to the plan's end and after: the rule that sets DT
Names = Annotated[tuple[Text, ...], Field(strict=False)]


class PriorSample(Entry):
    """How many prior draws the bounds must hold in, and their seed."""

    members: Annotated[int, Field(ge=1, le=100_000)]
    seed: int


class Corners(Entry):
    """The law of corners: how many random ones beside both ends of every lever, their seed, and draws in a plain check.

    In the whole law every draw is taken.
    """

    random: Annotated[int, Field(ge=0, le=10_000)]
    seed: int
    draws: Annotated[int, Field(ge=1, le=100_000)]


class Bound(Entry):
    """Variables that stay between two numbers at every yearly time from `start` on (in the file: from).

    `variables` and `exceptions` are names, names with an asterisk at their end, or every stock or every flow. With
    `corners` the bound holds wherever levers and assumptions stand within their ranges too.
    """

    variables: Names
    exceptions: Names = Field(default=(), validation_alias="except")
    at_least: float = -np.finfo(float).max
    at_most: float = np.finfo(float).max
    start: float = Field(default=0.0, validation_alias="from")
    except_in: Names = ()
    corners: bool = False


class Equality(Entry):
    """Two lists of variables whose sums over all elements are equal at every time."""

    left: Names
    right: Names


class Balance(Entry):
    """Stocks that gain exactly what comes in less what goes out."""

    stocks: Names
    inflows: Names = Field(validation_alias="in")
    outflows: Names = Field(validation_alias="out")


class Monotone(Entry):
    """A lever or assumption that moves an indicator one way, all the way from practice to `to`."""

    lever: Text
    to: float
    indicator: Text
    year: int
    moves: Literal["up", "down"]


class Expectation(Entry):
    """Where an indicator stands in an extreme run, by itself or as a ratio to the nominal run."""

    indicator: Text
    year: int
    at_least: float | None = None
    at_most: float | None = None
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None


class Extreme(Entry):
    """Constants set to an extreme on the first day of the plan, and what must come of it."""

    en: Text
    zh: Text
    given: dict[str, float] = Field(validation_alias="set")
    expect: Annotated[tuple[Expectation, ...], Field(strict=False)]


class Cuts(Entry):
    """Loops whose cut does nothing under 2010 practice; every other cut moves something."""

    quiet: Names


@dataclass(frozen=True)
class Checks:
    """Everything checks.yaml asks, by name."""

    draws: PriorSample
    corners: Corners | None
    bounds: Mapping[str, Bound]
    equalities: Mapping[str, Equality]
    balances: Mapping[str, Balance]
    monotone: Mapping[str, Monotone]
    extremes: Mapping[str, Extreme]
    cuts: Cuts
    answers: Answers | None = None


def read_checks(city: City, path: Path, folder: Path = LIBRARY) -> Checks:
    """Read checks.yaml, whose cases may be scenarios of `folder`; CityError lists everything wrong with it."""
    document = read_document(path)
    faults = list(document.faults)
    if faults:
        raise CityError(faults)
    kinds: dict[str, type[Entry]] = {
        "bounds": Bound,
        "equalities": Equality,
        "balances": Balance,
        "monotone": Monotone,
        "extremes": Extreme,
    }
    faults += unknown_fields(document, ("draws", "corners", *kinds, "cuts", ANSWERS))
    groups: dict[str, Any] = {}
    for name, kind in kinds.items():
        groups[name], wrong = read_entries(kind, document, (name,))
        faults += wrong
    data: Any = document.data
    draws, wrong = read_entry(PriorSample, document, ("draws",), data.get("draws"))
    cuts, more = read_entry(Cuts, document, ("cuts",), data.get("cuts"))
    faults += wrong + more
    corners = None
    if "corners" in data:
        corners, wrong = read_entry(Corners, document, ("corners",), data["corners"])
        faults += wrong
    answers = None
    if ANSWERS in data:
        answers, wrong = read_answers(city, document, folder)
        faults += wrong
    if not faults:
        faults += _unknown(city, document, groups)
    if faults or draws is None or cuts is None:
        raise CityError(faults)
    return Checks(draws=draws, corners=corners, cuts=cuts, answers=answers, **groups)


def named(city: City, given: str) -> list[str]:
    """The variables that a name of a bound stands for: itself, or all that begin as it does before its asterisk."""
    if not given.endswith(ANY):
        return [given]
    begins = normalised_name(given.removesuffix(ANY))
    return [name for name in city.model.variables if normalised_name(name).startswith(begins)]


def _unknown(city: City, document: Document, groups: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    """Names in the checks that the city does not have."""
    kinds = [EVERY_STOCK, EVERY_FLOW]
    variables = [*city.model.variables, *kinds]
    for group, entries in groups.items():
        for name, entry in entries.items():
            for field in ("variables", "exceptions", "left", "right", "stocks", "inflows", "outflows", "given"):
                for given in getattr(entry, field, ()):
                    known = named(city, given) if group == "bounds" else [given.split("[")[0]]
                    if given not in kinds and not any(one in city.model.variables for one in known):
                        yield document.fault(
                            (group, name), "scenarios.checked_variable", **document.unknown(given, variables)
                        )
            asked = [entry] if isinstance(entry, Monotone) else getattr(entry, "expect", ())
            for part in asked:
                if part.indicator not in city.indicators:
                    yield document.fault(
                        (group, name), "scenarios.no_indicator", **document.unknown(part.indicator, city.indicators)
                    )
                if part.year not in city.years:
                    yield document.fault((group, name), "scenarios.no_figure_that_year", year=part.year)
            if isinstance(entry, Monotone) and entry.lever not in [*city.levers, *city.inputs]:
                yield document.fault(
                    (group, name), "scenarios.no_lever", **document.unknown(entry.lever, [*city.levers, *city.inputs])
                )

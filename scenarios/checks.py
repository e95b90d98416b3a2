"""Whether the city is fit for use: what `cli.py check` reports, one outcome a law."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import RunError
from model import City
from model.city import TIME_CONTROLS
from model.pages import PAGES, cited

from .reading import LIBRARY, library, load_scenario
from .schema import Scenario, ScenarioError
from .simulate import figures, simulate

NEAR_YEAR, NEAR_TOLERANCE, FAR_TOLERANCE = 2015, 0.005, 0.01  # the rule that sets DT
_YEAR_KEY = re.compile(r"\b[A-Z][A-Za-z]+\d{4}\b")


@dataclass(frozen=True)
class Outcome:
    """A law, whether it holds, and what was found."""

    law: str
    holds: bool
    found: str


def check(city: City, docs: Path, folder: Path = LIBRARY) -> Iterator[Outcome]:
    """Try every law in turn; the city's files agree already, or there would be no city."""
    constants = len(city.parameters)
    yield Outcome("every constant has a belief and every belief a constant", True, f"{constants} constants")
    yield Outcome("nominal values and the plan's values lie within bounds", True, f"{len(city.levers)} levers")
    yield _described(city)
    yield _cited(city)
    yield from _scenarios(city, folder)
    yield _halved_step(city)
    old = stale_pages(city, docs)
    yield Outcome("generated docs are current", not old, ", ".join(old) or ", ".join(PAGES))


def _described(city: City) -> Outcome:
    bare = [
        variable.name
        for variable in city.model.variables.values()
        if not (variable.unit.strip() and variable.sentence.strip())
    ]
    found = f"without: {', '.join(bare)}" if bare else f"{len(city.model.variables)} elements"
    return Outcome("every element has a unit and a sentence", not bare, found)


def _cited(city: City) -> Outcome:
    wrong = [
        variable.name
        for variable in city.model.variables.values()
        if variable.name not in TIME_CONTROLS
        and (not cited(city, variable.sentence) or set(_YEAR_KEY.findall(variable.sentence)) - city.sources)
    ]
    found = f"without, or with an unknown one: {', '.join(wrong)}" if wrong else f"{len(city.sources)} sources"
    return Outcome("every sentence names a source of sources.bib or the word judgement", not wrong, found)


def _scenarios(city: City, folder: Path) -> Iterator[Outcome]:
    readable: list[Scenario] = []
    faults: list[str] = []
    for name in library(folder):
        try:
            readable.append(load_scenario(city, name, folder))
        except ScenarioError as error:
            faults.append(str(error))
    yield Outcome(
        "every scenario of the library can be read", not faults, "\n".join(faults) or f"{len(readable)} scenarios"
    )
    if not readable:
        return
    try:
        dataset = simulate(city, readable)
    except RunError as error:
        yield Outcome("every scenario of the library runs", False, str(error))
        return
    years = dataset.year
    missing = [
        f"{name} {year}"
        for name, indicator in city.indicators.items()
        for year in years.values[years.values >= indicator.first_year]
        if not np.isfinite(dataset[name].sel(year=year)).all()
    ]
    found = (
        f"without: {', '.join(missing)}"
        if missing
        else f"{len(city.indicators)} indicators, {years[0].item()}–{years[-1].item()}"
    )
    yield Outcome("every indicator has a figure in every year from its first", not missing, found)


def _halved_step(city: City) -> Outcome:
    """The largest relative difference that half the step makes, by indicator and year.

    A sum begins at nothing: its first years are measured against the sum that the target counts.
    """
    dt, years = city.model.dt, np.asarray(city.years)
    whole, half = figures(city, {}), figures(city, {"TIME STEP": dt / 2})
    moved = []
    for name, values in whole.items():
        target = city.targets.get(name)
        whole_sum = 0.0 if target is None or target.aggregate == "level" else values[0][years == target.year]
        size = np.maximum(np.maximum(np.abs(values[0]), np.abs(whole_sum)), np.finfo(float).tiny)
        change = np.abs(half[name][0] - values[0]) / size
        to_2015 = np.nanmax(np.where(years <= NEAR_YEAR, change, np.nan))
        moved.append((np.nanmax(change) / FAR_TOLERANCE, np.nanmax(change), name, "2025"))
        moved.append((to_2015 / NEAR_TOLERANCE, to_2015, name, str(NEAR_YEAR)))
    nearest_limit, largest, name, until = max(moved)
    law = (
        f"half the step moves no indicator by more than {NEAR_TOLERANCE:.1%} to {NEAR_YEAR}, {FAR_TOLERANCE:.0%} after"
    )
    return Outcome(law, bool(nearest_limit <= 1), f"{name} moves most: {largest:.2%} to {until}")


def stale_pages(city: City, docs: Path) -> list[str]:
    """Names of the generated pages in `docs` that are missing or no longer say what the files say."""
    return [
        name
        for name, page in PAGES.items()
        if not (docs / name).is_file() or (docs / name).read_text(encoding="utf-8") != page(city)
    ]

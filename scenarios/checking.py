"""Whether the city is fit for use: what `cli.py check` reports, one outcome a law."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from innovation.engine import Change, OnProgress, RunError, TimePath
from innovation.engine.frontend import text_of
from innovation.engine.ir import TIME_CONTROLS, normalised_name
from innovation.engine.semantics import unit_faults
from innovation.model import HORIZON, PLAN_BEGINS, PLAN_ENDS, City, cited
from innovation.model.vensim import RULES, broken_rules

from .checks.behaviour import LawResult, behaviour
from .checks.corners import law
from .checks.expectations import CHECKS, FAR_TOLERANCE, NEAR_TOLERANCE, read_checks
from .checks.paired import answers
from .documents.generated_pages import Page, pages, stale_pages
from .scenario_files import LIBRARY, library, load_scenario
from .schema import Scenario, ScenarioError
from .simulation.cases import Members
from .simulation.run import figures, simulate, yearly_run

_YEAR_KEY = re.compile(r"\b[A-Z][A-Za-z]+\d{4}\b")


def check(
    city: City,
    docs: Path | None,
    folder: Path = LIBRARY,
    made: Mapping[str, Page] | None = None,
    *,
    members: Members | None = None,
    every: bool = False,
    on_progress: OnProgress | None = None,
) -> Iterator[LawResult]:
    """Try every law in turn; the city's files agree already, or there would be no city.

    Parameters
    ----------
    made
        The pages in `docs`; where that is None, as for a variant of the model, pages are not looked at.
    members, every
        The draws in which the law of corners and answers must hold, so many as checks.yaml says or every one; None: of
        the priors.
    on_progress
        Told of the runs of that law.
    """
    yield _judged("every constant has a belief and every belief a constant", [], f"{len(city.parameters)} beliefs")
    yield _judged("nominal values and the plan's values lie within bounds", [], f"{len(city.levers)} levers")
    yield _described(city)
    yield _units_agree(city)
    yield _cited(city)
    yield from _opens_in_vensim(city)
    yield from _scenarios(city, folder)
    yield _halved_step(city)
    yield from _both_ends(city)
    if (city.folder / CHECKS).is_file():
        checks = read_checks(city, city.folder / CHECKS, folder)
        yield from behaviour(city, checks)
        yield from law(city, checks, members, every=every, on_progress=on_progress)
        yield from answers(city, checks, members, every=every)
    if docs is None:
        return
    made = pages(city) if made is None else made
    yield _judged("generated docs are current", stale_pages(city, docs, made), f"{len(made)} files")


def _judged(law: str, wrong: Sequence[str], found: str) -> LawResult:
    """A law holds where nothing is wrong; then `found` says how much was looked at."""
    return LawResult(law, not wrong, ", ".join(wrong) or found)


def _described(city: City) -> LawResult:
    variables = city.model.variables
    bare = [name for name, variable in variables.items() if not (variable.unit.strip() and variable.sentence.strip())]
    return _judged("every element has a unit and a sentence", bare, f"{len(variables)} elements")


def _units_agree(city: City) -> LawResult:
    faults = [f"{fault.variable} (line {fault.line}): {fault.message}" for fault in unit_faults(city.model.structure)]
    return _judged("units agree in every equation", faults, f"{len(city.model.variables)} equations")


def _cited(city: City) -> LawResult:
    wrong = [
        name
        for name, variable in city.model.variables.items()
        if normalised_name(name) not in TIME_CONTROLS
        and (not cited(city, variable.sentence) or set(_YEAR_KEY.findall(variable.sentence)) - city.sources.keys())
    ]
    law = "every sentence names a source of sources.bib or the word judgement"
    return _judged(law, wrong, f"{len(city.sources)} sources")


def _opens_in_vensim(city: City) -> Iterator[LawResult]:
    """The rules of Vensim's manual, of its own format only."""
    if city.model.path.suffix.lower() == ".mdl":
        wrong = broken_rules(text_of(city.model.path.read_bytes()))
        faults = [f"{fault} ({rule.says}: {rule.page})" for rule, fault in wrong]
        yield _judged("the model file keeps the rules of Vensim's manual", faults, f"{len(RULES)} rules")


def _scenarios(city: City, folder: Path) -> Iterator[LawResult]:
    readable: list[Scenario] = []
    faults: list[str] = []
    for name in library(folder):
        try:
            readable.append(load_scenario(city, name, folder))
        except ScenarioError as error:
            faults.append(str(error))
    yield _judged("every scenario of the library can be read", faults, f"{len(readable)} scenarios")
    if not readable:
        return
    try:
        dataset = simulate(city, readable)
        missing = [
            f"{name} {year}"
            for name, indicator in city.indicators.items()
            for year in city.years
            if year >= indicator.first_year and not np.isfinite(dataset[name].sel(year=year)).all()
        ]
    except RunError as error:
        missing = [str(error)]
    law = "every scenario runs and gives every indicator in every year from its first"
    yield _judged(law, missing, f"{len(city.indicators)} indicators, {city.years[0]} to {city.years[-1]}")


def _halved_step(city: City) -> LawResult:
    """The largest relative difference that half the step makes, by indicator and year.

    A sum begins at nothing: its first years are measured against the sum that the target counts. A figure below the
    last digit that is shown of it, as costs are under 2010 practice, is measured against that digit.
    """
    dt, years = city.model.dt, np.asarray(city.years)
    whole, half = (figures(city, yearly_run(city, given)) for given in ({}, {"TIME STEP": dt / 2}))
    moved = []
    for name, values in whole.items():
        target = city.targets.get(name)
        whole_sum = 0.0 if target is None or target.aggregate == "level" else values[0][years == target.year]
        digit = 10.0 ** -city.indicators[name].decimals
        size = np.maximum(np.maximum(np.abs(values[0]), np.abs(whole_sum)), digit)
        change = np.abs(half[name][0] - values[0]) / size
        to_the_plans_end = np.nanmax(np.where(years <= PLAN_ENDS, change, np.nan))
        moved.append((np.nanmax(change) / FAR_TOLERANCE, np.nanmax(change), name, str(HORIZON)))
        moved.append((to_the_plans_end / NEAR_TOLERANCE, to_the_plans_end, name, str(PLAN_ENDS)))
    nearest_limit, largest, name, until = max(moved)
    law = f"half the step moves no figure by more than {NEAR_TOLERANCE:.1%} to {PLAN_ENDS}, {FAR_TOLERANCE:.0%} after"
    return LawResult(law, bool(nearest_limit <= 1), f"{name} moves most: {largest:.2%} to {until}")


def _both_ends(city: City) -> Iterator[LawResult]:
    """Each lever and assumption goes to either end of its range on the plan's first day, in a member of its own."""
    names = [*city.levers, *city.inputs]
    ends = [(name, end) for name in names for end in (city.control(name).low, city.control(name).high)]
    given = {}
    for name in names:
        practice = city.practice(name)
        to = np.array([practice, *(end if moved == name else practice for moved, end in ends)])
        given[city.control(name).constant] = TimePath((Change(float(PLAN_BEGINS), to),))
    run = yearly_run(city, given, on_failure="mask")
    failed = [f"{name} {end:g}" for (name, end), fails in zip(ends, run.failed.values[1:], strict=True) if fails]
    yield _judged("the model runs with each lever and assumption at either end", failed, f"{len(ends)} runs")
    past = np.asarray(city.years) < PLAN_BEGINS
    moved = [
        f"{indicator} ({name} {end:g})"
        for indicator, values in figures(city, run).items()
        for (name, end), row in zip(ends, values[1:, past], strict=True)
        if not np.array_equal(row, values[0, past], equal_nan=True)
    ]
    law = f"no lever or assumption moves a figure before {PLAN_BEGINS}"
    yield _judged(law, moved, f"{len(city.indicators)} indicators")

"""What is computed once and shared by every visitor: city, library, posterior, results, and what was found of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import Any, TypeVar

import streamlit as st

from innovation.analysis.design import Distributions, make_study, read_design
from innovation.analysis.findings import LIBRARY as DESIGNS
from innovation.analysis.findings import SHIPPED, Findings, designs, shipped, stale
from innovation.calibration.discrepancy import PART, DiscrepancyInstrument, Makeup, instrument_of, makeups
from innovation.calibration.evidence import path_of
from innovation.calibration.evidence.assessment import LearnedConstant
from innovation.calibration.evidence.assessment import learned as learned_of
from innovation.calibration.posterior import PosteriorDraws
from innovation.calibration.posterior import kept_draws as calibrated
from innovation.calibration.priors import Space
from innovation.calibration.record import DATA, Record, read_record
from innovation.model import FOLDER, City, load_city
from innovation.model.files import DocumentError, Fault
from innovation.scenarios import LIBRARY, Scenario, ScenarioError, library, load_scenario, scenario_text
from innovation.scenarios.levers import Nudges
from innovation.scenarios.levers import nudges as nudged
from innovation.scenarios.simulation import FAILURE_COLUMNS, Failures, TooManyFailed, listed
from innovation.ui.outcomes import Ensemble, Outcome, ScenarioComparison, compare
from innovation.ui.outcomes import outcome as outcome_of
from innovation.ui.serving.queue import OnWait, Place, WaitingLine

Found = TypeVar("Found")
Fingerprint = str  # short, since every shared answer is looked up by it
BASELINE = "baseline"
PLAN = "plan_as_written"
MEMBERS = 1000
NUDGE_MEMBERS = 100
MOST_KEPT = 40  # results of about 11 MB each
ENSEMBLES = WaitingLine(os.cpu_count() or 1)


def fingerprint() -> Fingerprint:
    """Names, dates and sizes of the files that make the city: a modeller who saves one sees it on the next click."""
    folders = (FOLDER, LIBRARY, DATA, SHIPPED, DESIGNS)
    files = [path for folder in folders for path in sorted(folder.glob("*")) if path.is_file()]
    files += [path for path in (calibrated.DEFAULT, path_of(PART)) if path.is_file()]
    told = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(repr(told).encode()).hexdigest()


@st.cache_resource(max_entries=2, show_spinner=False)
def city(files: Fingerprint) -> City:
    """The city as its files, told apart by `files`, now say; CityError with every fault where they are not fit."""
    return load_city()


@st.cache_resource(max_entries=2, show_spinner=False)
def record(files: Fingerprint) -> Record:
    """The published record; ObservationError with every fault where it is not fit."""
    return read_record(city(files))


@st.cache_resource(max_entries=2, show_spinner=False)
def published(files: Fingerprint) -> dict[str, dict[int, float]]:
    """Published levels by indicator and year."""
    return {name: record(files).levels(name) for name in city(files).indicators}


@st.cache_resource(max_entries=2, show_spinner=False)
def starts(files: Fingerprint) -> tuple[dict[str, Scenario], ScenarioError | None]:
    """The scenarios of the library, baseline first, and what is wrong with those that cannot be read."""
    readable: dict[str, Scenario] = {}
    faults: list[Fault] = []
    for name in library():
        try:
            readable[name] = load_scenario(city(files), name)
        except ScenarioError as error:
            faults += error.faults
    return readable, ScenarioError(faults) if faults else None


@st.cache_resource(max_entries=2, show_spinner=False)
def posterior(files: Fingerprint) -> tuple[calibrated.PosteriorDraws | None, DocumentError | None]:
    """The draws that stand behind bands and chances, or None and what keeps them away."""
    try:
        return calibrated.load(city(files)), None
    except DocumentError as error:
        return None, error


@st.cache_resource(max_entries=2, show_spinner=False)
def instrument(files: Fingerprint) -> tuple[DiscrepancyInstrument | None, DocumentError | TooManyFailed | None]:
    """How the figures of the draws are published, or None and what keeps it away; both None where there is neither."""
    draws, _ = posterior(files)
    try:
        return instrument_of(city(files), draws, record(files)) if draws else None, None
    except (DocumentError, TooManyFailed) as error:
        return None, error


@st.cache_resource(max_entries=2, show_spinner=False)
def instrument_hash(files: Fingerprint) -> str | None:
    """Names what is assumed of published figures."""
    found, _ = instrument(files)
    return found.hash if found else None


@st.cache_resource(max_entries=2, show_spinner=False)
def learned(files: Fingerprint) -> dict[str, LearnedConstant]:
    """What the record taught of each constant; empty where there are no draws."""
    draws, _ = posterior(files)
    found = learned_of(Space(city(files)), draws.record.names, draws.z) if draws else []
    return {one.name: one for one in found}


@st.cache_resource(max_entries=8, show_spinner=False)
def findings(files: Fingerprint, name: str) -> tuple[Findings | None, DocumentError | None]:
    """Shipped findings, and what is wrong with them where they are not of this city, or not there."""
    city_now, (draws, _) = city(files), posterior(files)
    try:
        found = shipped(name)
        distributions = Distributions(Space(city_now), draws.draws if draws else None, draws.hash if draws else None)
        design, document = read_design(designs()[name])
        fault = stale(name, make_study(city_now, design, starts(files)[0][BASELINE], distributions, document))
    except DocumentError as error:
        return None, error
    return found, DocumentError([fault]) if fault else None


def outcome(files: Fingerprint, scenario: Scenario, on_wait: OnWait | None = None) -> Outcome:
    """What becomes of a scenario; TooManyFailed where it cannot be shown. `on_wait` hears how many come before."""
    found: Outcome | Failures = _waited(_outcome, files, scenario, on_wait)
    if isinstance(found, Failures):
        raise TooManyFailed(found)
    return found


def compared(
    files: Fingerprint, scenarios: Mapping[str, Scenario], on_wait: OnWait | None = None
) -> ScenarioComparison:
    """What becomes of scenarios side by side, by any names. `on_wait` hears how many computations come before."""
    return compare({name: _waited(_outcome, files, one, on_wait) for name, one in scenarios.items()})


@st.cache_resource(max_entries=MOST_KEPT, show_spinner=False)
def _outcome(files: Fingerprint, text: str, _scenario: Scenario) -> Place[Outcome | Failures]:
    draws, _ = posterior(files)
    now, (how, _) = city(files), instrument(files)
    ensemble = _ensemble(draws, how) if draws else None
    return ENSEMBLES.take(lambda _: _or_failures(lambda: outcome_of(now, _scenario, ensemble)))


def _ensemble(draws: PosteriorDraws, how: DiscrepancyInstrument | None) -> Ensemble:
    """Members of the posterior for one scenario."""
    return Ensemble(draws.members(MEMBERS), min(MEMBERS, draws.distinct), draws.hash, how, draws.worth)


def failed_members(
    files: Fingerprint, failures: Failures, called: Callable[[str], str]
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Head and rows of the list of members that failed, with their parameters."""
    draws, _ = posterior(files)
    members = draws.members(failures.members) if draws and failures.members else {}
    return [*FAILURE_COLUMNS, *members], [(called(str(row[0])), *row[1:]) for row in listed(failures, members)]


def nudges(files: Fingerprint, scenario: Scenario, on_wait: OnWait | None = None) -> Nudges:
    """What each lever, moved a little, changes around a scenario; of the nominal run where there are no draws.

    Raises TooManyFailed where too many members fail under the scenario itself.
    """
    found: Nudges | Failures = _waited(_nudges, files, scenario, on_wait)
    if isinstance(found, Failures):
        raise TooManyFailed(found)
    return found


@st.cache_resource(max_entries=20, show_spinner=False)
def _nudges(files: Fingerprint, text: str, _scenario: Scenario) -> Place[Nudges | Failures]:
    draws, _ = posterior(files)
    now, members, (how, _) = city(files), draws.members(NUDGE_MEMBERS) if draws else {}, instrument(files)
    return ENSEMBLES.take(lambda _: _or_failures(lambda: nudged(now, _scenario, members, instrument=how)))


def made_of(files: Fingerprint, scenario: Scenario, on_wait: OnWait | None = None) -> dict[str, Makeup]:
    """What the bands of targets' published figures are made of; empty where none is published.

    Raises TooManyFailed where too many members fail.
    """
    found: dict[str, Makeup] | Failures = _waited(_made_of, files, scenario, on_wait)
    if isinstance(found, Failures):
        raise TooManyFailed(found)
    return found


@st.cache_resource(max_entries=20, show_spinner=False)
def _made_of(files: Fingerprint, text: str, _scenario: Scenario) -> Place[dict[str, Makeup] | Failures]:
    now, (draws, _), (how, _) = city(files), posterior(files), instrument(files)

    def compute() -> dict[str, Makeup]:
        if draws is None or how is None:
            return {}
        wanted = {name: one.year for name, one in now.targets.items() if how.is_published(name)}
        return {one.indicator: one for one in makeups(now, _scenario, draws.members(MEMBERS), how, wanted)}

    return ENSEMBLES.take(lambda _: _or_failures(compute))


def _or_failures(compute: Callable[[], Found]) -> Found | Failures:
    """The result, or who failed where that are too many, which is kept like a result."""
    try:
        return compute()
    except TooManyFailed as error:
        if isinstance(error.failures, Failures):
            return error.failures
        raise


def _waited(asked: Any, files: Fingerprint, scenario: Scenario, on_wait: OnWait | None) -> Any:
    """The result of what is kept by scenario; asked for anew where it failed, or was dropped with its last visitor."""
    key = (files, scenario_text(scenario), scenario)
    while True:
        place = asked(*key)
        try:
            return place.wait(on_wait)
        except CancelledError:
            asked.clear(*key)
        except Exception:
            asked.clear(*key)
            raise

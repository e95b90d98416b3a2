"""What is computed once and shared by every visitor: the city, its library of scenarios, and their results."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
import xarray as xr

from calibration.observations import DATA, read_record
from model import FOLDER, City, load_city
from scenarios import (
    LIBRARY,
    Scenario,
    ScenarioError,
    TargetRow,
    library,
    load_scenario,
    parse_scenario,
    scenario_text,
    simulate,
    target_table,
)

Fingerprint = tuple[tuple[str, int, int], ...]
BASELINE = "baseline"


@dataclass(frozen=True)
class Outcome:
    """The nominal run of one scenario: its figures, and its targets by id."""

    figures: xr.Dataset
    targets: dict[str, TargetRow]


def fingerprint() -> Fingerprint:
    """Names, dates and sizes of the files that make the city: a modeller who saves one sees it on the next click."""
    files = [path for folder in (FOLDER, LIBRARY, DATA) for path in sorted(folder.iterdir()) if path.is_file()]
    return tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)


@st.cache_resource(max_entries=2, show_spinner=False)
def city(files: Fingerprint) -> City:
    """The city as its files, told apart by `files`, now say; CityError with every fault where they are not fit."""
    return load_city()


@st.cache_resource(max_entries=2, show_spinner=False)
def published(files: Fingerprint) -> dict[str, dict[int, float]]:
    """Published levels by indicator and year; ObservationError with every fault where the record is not fit."""
    here = city(files)
    record = read_record(here)
    return {name: record.levels(name) for name in here.indicators}


@st.cache_resource(max_entries=2, show_spinner=False)
def starts(files: Fingerprint) -> tuple[dict[str, Scenario], str]:
    """The scenarios of the library, baseline first, and what is wrong with those that cannot be read."""
    readable: dict[str, Scenario] = {}
    faults: list[str] = []
    for name in library():
        try:
            readable[name] = load_scenario(city(files), name)
        except ScenarioError as error:
            faults.append(str(error))
    return readable, "\n".join(faults)


def outcome(files: Fingerprint, scenario: Scenario) -> Outcome:
    """What becomes of a scenario; the engine's RunError where its run fails."""
    return _outcome(files, scenario_text(scenario))


@st.cache_resource(max_entries=200, show_spinner=False)  # shared, so never changed by those who read it
def _outcome(files: Fingerprint, text: str) -> Outcome:
    here = city(files)
    figures = simulate(here, [parse_scenario(here, text, "scenario")])
    return Outcome(figures, {row.id: row for row in target_table(here, figures)})

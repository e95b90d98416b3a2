"""Scenarios asked of the city: one labelled result with every indicator, by scenario, member and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from engine import Path, python_name
from engine.results import VERSION
from model import City, Fault

from .schema import Scenario, ScenarioError, path_of

Members = Mapping[str, npt.ArrayLike]
Figures = npt.NDArray[np.float64]


def simulate(
    city: City,
    scenarios: Sequence[Scenario],
    members: Members | None = None,
    origin: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Run every scenario and read every indicator.

    Parameters
    ----------
    members
        Values of constants, one a member, all of one length. The nominal run stands before them: member 0 has the
        model file's values. None: the nominal run alone. A constant of a lever or assumption has the member's value
        until the scenario's first change of it.
    origin
        What the result's attrs say of where the members come from, such as posterior_hash, draws and seed.

    Returns
    -------
    Dataset with dims scenario (ids), member, year; a variable for each indicator id with attrs unit, label_en,
    label_zh, kind. The figure of year y is the variable at TIME y + 1; before the indicator's first year it is NaN.

    Raises
    ------
    ScenarioError where two scenarios have one id; the engine's RunError where a run fails.
    """
    ids = checked_ids(scenarios)
    years = np.asarray(city.years)
    runs = [figures(city, yearly_run(city, parameters(city, scenario, members))) for scenario in scenarios]
    count = next(iter(runs[0].values())).shape[0]
    return xr.Dataset(
        {
            name: (
                ("scenario", "member", "year"),
                np.stack([run[name] for run in runs]),
                {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"},
            )
            for name, indicator in city.indicators.items()
        },
        coords={"scenario": ids, "member": np.arange(count), "year": years},
        attrs={"model_hash": city.model.hash, "dt": city.model.dt, "version": VERSION, **(origin or {})},
    )


def checked_ids(scenarios: Sequence[Scenario]) -> list[str]:
    """The ids of scenarios; raises ScenarioError where two are the same, or there is none."""
    ids = [scenario.id for scenario in scenarios]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice or not ids:
        message = f"Two scenarios have the id {twice[0]}." if twice else "No scenario is named."
        raise ScenarioError([Fault("scenarios", None, "", message, "Name scenarios with an id each.")])
    return ids


def parameters(
    city: City, scenario: Scenario, members: Members | None = None, nominal: bool = True
) -> dict[str, Path | Figures]:
    """What the engine is given for a scenario: a path for the constant of every control, and the members' values.

    The nominal run stands before the members unless `nominal` is False.

    Controls that the scenario leaves alone are given too: all scenarios are one kernel, and none waits for a compiler.

    Raises ScenarioError where `members` names what is no constant.
    """
    values: dict[str, Figures] = {}
    faults: list[Fault] = []
    for name, drawn in (members or {}).items():
        try:
            before = [city.nominal(name)] if nominal else []
            values[city.spelling(*city.locate(name))] = np.concatenate([before, np.atleast_1d(drawn)])
        except LookupError as error:
            faults.append(Fault("members", None, name, str(error.args[0]), "A member gives values to constants."))
    if faults:
        raise ScenarioError(faults)
    given: dict[str, Path | Figures] = dict(values)
    for name in (*city.levers, *city.inputs):
        constant = city.spelling(*city.locate(city.control(name).constant))
        given[constant] = path_of(scenario.changes_of(name), base=values.get(constant))
    return given


def yearly_run(city: City, given: Mapping[str, Any], on_failure: Literal["raise", "mask"] = "raise") -> xr.Dataset:
    """One run of the engine with what the indicators read, at the end of each year."""
    outputs = sorted({city.locate(indicator.variable)[0] for indicator in city.indicators.values()})
    return city.model.run(given, outputs=outputs, times=[year + 1.0 for year in city.years], on_failure=on_failure)


def figures(city: City, run: xr.Dataset) -> dict[str, Figures]:
    """Yearly figures (member, year) of every indicator from a `yearly_run`; NaN before an indicator's first year."""
    years = np.asarray(city.years)
    return {
        name: np.where(years >= indicator.first_year, _element(run, *city.locate(indicator.variable)), np.nan)
        for name, indicator in city.indicators.items()
    }


def _element(run: xr.Dataset, variable: str, position: tuple[int, ...]) -> Figures:
    """Values (member, time) of one variable, or of one element of an array, from a run's result."""
    values: Figures = run.variables[python_name(variable)].values
    place: Any = (slice(None), slice(None), *position)
    return values[place]

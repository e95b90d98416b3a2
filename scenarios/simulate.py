"""Scenarios asked of the city: one labelled result with every indicator, by scenario, member and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import xarray as xr

from engine import Path, python_name
from model import City, Fault

from .schema import Scenario, ScenarioError, path_of

Members = Mapping[str, npt.ArrayLike]


def simulate(city: City, scenarios: Sequence[Scenario], members: Members | None = None) -> xr.Dataset:
    """Run every scenario and read every indicator.

    Parameters
    ----------
    members
        Values of constants, one a member, all of one length. The nominal run stands before them: member 0 has the
        model file's values. None: the nominal run alone.

    Returns
    -------
    Dataset with dims scenario (ids), member, year; a variable for each indicator id with attrs unit, label_en,
    label_zh, kind. The figure of year y is the variable at TIME y + 1; before the indicator's first year it is NaN.

    Raises
    ------
    ScenarioError where two scenarios have one id; the engine's RunError where a run fails.
    """
    ids = [scenario.id for scenario in scenarios]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice or not ids:
        message = f"Two scenarios have the id {twice[0]}." if twice else "No scenario is named."
        raise ScenarioError([Fault("scenarios", None, "", message, "Name scenarios with an id each.")])
    places = {name: city.locate(indicator.variable) for name, indicator in city.indicators.items()}
    outputs = sorted({variable for variable, _ in places.values()})
    years = np.asarray(city.years)
    runs = []
    for scenario in scenarios:
        run = city.model.run(parameters(city, scenario, members), outputs=outputs, times=years + 1.0)
        runs.append({name: _figures(run, *place) for name, place in places.items()})
    count = next(iter(runs[0].values())).shape[0]
    first = {name: years >= indicator.first_year for name, indicator in city.indicators.items()}
    return xr.Dataset(
        {
            name: (
                ("scenario", "member", "year"),
                np.where(first[name], np.stack([figures[name] for figures in runs]), np.nan),
                {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"},
            )
            for name, indicator in city.indicators.items()
        },
        coords={"scenario": ids, "member": np.arange(count), "year": years},
        attrs={key: run.attrs[key] for key in ("model_hash", "dt", "version") if key in run.attrs},
    )


def parameters(
    city: City, scenario: Scenario, members: Members | None = None
) -> dict[str, Path | npt.NDArray[np.float64]]:
    """What the engine is given for a scenario: a dated path for each constant it changes, and the members' values."""
    values = {
        name: np.concatenate([[city.nominal(name)], np.atleast_1d(drawn)]) for name, drawn in (members or {}).items()
    }
    given: dict[str, Path | npt.NDArray[np.float64]] = dict(values)
    for name in dict.fromkeys(change.name for change in scenario.changes):
        constant = city.control(name).constant
        given[constant] = path_of(scenario.changes_of(name), base=values.get(constant))
    return given


def _figures(run: xr.Dataset, variable: str, position: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Values (member, year) of one variable, or of one element of an array, from a run's result."""
    found = run[python_name(variable)]
    subscripts = [dim for dim in found.dims if dim not in ("member", "time")]
    chosen = found.isel(dict(zip(subscripts, position, strict=True)))
    return np.asarray(chosen.transpose("member", "time"), dtype=float)

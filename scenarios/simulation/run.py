"""Scenarios asked of the city: one labelled result with every indicator, by scenario, member and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from innovation.engine import VERSION, NotFinite, TimePath
from innovation.engine.ir import python_name
from innovation.model import City, Indicator, Input
from innovation.model.files import Fault, fault, near, original
from innovation.scenarios.schema import Scenario, ScenarioError, path_of

from .chances import VIEW
from .failures import Failures, TooManyFailed, checked, judged, told
from .views import drawn_views, held_views

MemberValues = Mapping[str, npt.ArrayLike]
Figures = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Simulated:
    """What came of scenarios: figures as `simulate` gives them, of those that can be shown, and who failed.

    `dataset` is None where no scenario can be shown.
    """

    dataset: xr.Dataset | None
    failures: Failures


def simulate(
    city: City,
    scenarios: Sequence[Scenario],
    members: MemberValues | None = None,
    origin: Mapping[str, Any] | None = None,
    on_failure: Literal["mask", "raise"] = "mask",
    indicators: Sequence[str] | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """Run every scenario and read every indicator, or some.

    Parameters
    ----------
    members
        Values of constants, one a member, all of one length. The nominal run stands before them: member 0 has the
        model file's values. None: the nominal run alone. A constant of a lever or assumption has the member's value
        until the scenario's first change of it.
    origin
        What the result's attrs say of where the members come from, such as posterior_hash, draws and seed.
    on_failure
        'mask': members that fail are left out of every scenario, and more than may be left out are an error; `attempt`
        gives a list of them. 'raise': the first of them is an error.
    indicators
        Ids of those that are read, and that members may fail for; None: all.
    threads
        Of the engine; None: one a processor.

    Returns
    -------
    Dataset with dims scenario (ids), member, year; a variable for each indicator id with attrs unit, label_en,
    label_zh, kind. The figure of year y is the variable at TIME y + 1; before the indicator's first year it is NaN.
    For each assumption on which views of the city differ, a coordinate view_<id> (scenario, member) has the view, 0 or
    1, that a member has: the one that the scenario sets, else its own; attrs view_0_en and the like say what it means.
    A member that failed under one of the scenarios is not there: the coordinate `member` has its number no more. A
    nominal run that failed is there without figures (NaN). Attrs say how many members were asked for (`members`) and
    left out (`failed_members`), in a sentence who and why (`failures`, '' where none failed), and of how many different
    draws those left are (`draws`, where the origin says it).

    Raises
    ------
    ScenarioError where two scenarios have one id or there is no such indicator; TooManyFailed, which has a list of the
    members that failed, where more than one in a hundred did under a scenario (of fewer than a hundred more than one,
    or all; a nominal run that runs alone). With 'raise' the engine's NotFiniteError.
    """
    found = attempt(city, scenarios, members, origin, on_failure, indicators, threads)
    if found.dataset is None or found.failures.aside:
        raise TooManyFailed(found.failures)
    return found.dataset


def attempt(
    city: City,
    scenarios: Sequence[Scenario],
    members: MemberValues | None = None,
    origin: Mapping[str, Any] | None = None,
    on_failure: Literal["mask", "raise"] = "mask",
    indicators: Sequence[str] | None = None,
    threads: int | None = None,
) -> Simulated:
    """Run scenarios as `simulate` does; those of which too many members failed are left out, the others compared."""
    ids, read = checked_ids(scenarios), read_of(city, indicators)
    given = {scenario.id: parameters(city, scenario, members) for scenario in scenarios}
    runs = {name: yearly_run(city, one, on_failure, read, threads) for name, one in given.items()}
    flags = {name: np.asarray(run["failed"].values) for name, run in runs.items()} if on_failure == "mask" else None
    every = len(next(iter(runs.values())).member)

    def explain(name: str, numbers: list[int]) -> list[NotFinite]:
        return explained(city, given[name], numbers, read)

    failures = judged(flags or {name: np.zeros(every, bool) for name in ids}, explain)
    if not failures.shown:
        return Simulated(None, failures)
    kept = np.setdiff1d(np.arange(every), failures.lost)
    seen = {name: figures(city, runs[name], read) for name in failures.shown}
    for name, values in seen.items():
        if 0 in failures.failed[name]:
            for of_indicator in values.values():
                of_indicator[0] = np.nan
    as_drawn = drawn_views(city, members)
    has = {scenario.id: held_views(city, scenario, as_drawn) for scenario in scenarios if scenario.id in seen}
    attrs = {"model_hash": city.model.hash, "dt": city.model.dt, "version": VERSION, **(origin or {})}
    dataset = xr.Dataset(
        {
            name: (
                ("scenario", "member", "year"),
                np.stack([values[name] if len(kept) == every else values[name][kept] for values in seen.values()]),
                {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"},
            )
            for name, indicator in read.items()
        },
        coords={
            "scenario": list(seen),
            "member": kept,
            "year": np.asarray(city.years),
            **{
                VIEW.format(name): (
                    ("scenario", "member"),
                    np.array([of[name][kept].astype(int) for of in has.values()]),
                    _view_attrs(one),
                )
                for name, one in city.variants.items()
            },
        },
        attrs={**attrs, **attrs_of(failures, attrs.get("draws"))},
    )
    return Simulated(dataset, failures)


def _view_attrs(one: Input) -> dict[str, str]:
    """What a variant is called, and what its values mean."""
    said = {
        f"view_{value}_{language}": getattr(view, language)
        for value, view in enumerate(one.views)
        for language in ("en", "zh")
    }
    return {"label_en": one.en, "label_zh": one.zh, **said, "kind": "view"}


def attrs_of(failures: Failures, draws: int | None = None) -> dict[str, Any]:
    """What a result's attrs say of who failed; `draws` is of how many different draws the members were."""
    said: dict[str, Any] = {"members": failures.members, "failed_members": len(failures.lost)}
    said["failures"] = " ".join(told(failures))
    return said if draws is None else {**said, "draws": draws_left(failures, draws)}


def draws_left(failures: Failures, draws: int) -> int:
    """How many different draws are left of so many, which members repeat in order: all members of a draw fail alike."""
    return draws - len({(number - 1) % draws for number in failures.lost.tolist()})


def read_of(city: City, indicators: Sequence[str] | None) -> Mapping[str, Indicator]:
    """The indicators of these ids, None: all; ScenarioError with the nearest ids where there is none of an id."""
    names = tuple(city.indicators) if indicators is None else tuple(dict.fromkeys(indicators))
    unknown = [name for name in names if name not in city.indicators]
    if unknown or not names:
        faults = [
            fault("scenarios.no_indicator_read", "indicators", name=name, near=near(name, city.indicators))
            for name in unknown
        ]
        raise ScenarioError(faults or [fault("scenarios.no_indicators", "indicators")])
    return {name: city.indicators[name] for name in names}


def explained(
    city: City, given: Mapping[str, Any], numbers: Sequence[int], read: Mapping[str, Indicator] | None = None
) -> list[NotFinite]:
    """Why members of a `yearly_run` failed, by their places in it."""
    return city.model.failures(given, *_asked(city, read), members=numbers)


def checked_ids(scenarios: Sequence[Scenario]) -> list[str]:
    """The ids of scenarios; raises ScenarioError where two are the same, or there is none."""
    ids = [scenario.id for scenario in scenarios]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ScenarioError([fault("scenarios.same_id", "scenarios", name=twice[0])])
    if not ids:
        raise ScenarioError([fault("scenarios.none_named", "scenarios")])
    return ids


def parameters(
    city: City, scenario: Scenario, members: MemberValues | None = None, nominal: bool = True
) -> dict[str, TimePath | Figures]:
    """What the engine is given for a scenario: a path for the constant of every control, and the members' values.

    The nominal run stands before the members unless `nominal` is False.

    Controls that the scenario leaves alone are given too: all scenarios are one kernel, and none waits for a compiler.

    Raises ScenarioError where `members` names what is no constant.
    """
    values: dict[str, Figures] = {}
    faults: list[Fault] = []
    for name, drawn in (members or {}).items():
        try:
            before, constant = [city.nominal(name)] if nominal else [], city.spelling(*city.locate(name))
            if constant in values:
                faults.append(fault("scenarios.member_twice", "members", None, name, constant=constant))
            values[constant] = np.concatenate([before, np.atleast_1d(drawn)])
        except LookupError as error:
            faults.append(fault("scenarios.member", "members", None, name, said=original(error)))
    if faults:
        raise ScenarioError(faults)
    given: dict[str, TimePath | Figures] = dict(values)
    for name in (*city.levers, *city.inputs):
        constant = city.spelling(*city.locate(city.control(name).constant))
        given[constant] = path_of(scenario.changes_of(name), base=values.get(constant))
    return given


def yearly_run(
    city: City,
    given: Mapping[str, Any],
    on_failure: Literal["raise", "mask"] = "raise",
    read: Mapping[str, Indicator] | None = None,
    threads: int | None = None,
) -> xr.Dataset:
    """One run of the engine with what indicators read (None: all of them), at the end of each year."""
    outputs, times = _asked(city, read)
    return city.model.run(given, outputs=outputs, times=times, threads=threads, on_failure=on_failure)


def sound_figures(
    city: City, given: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[dict[str, list[dict[str, Figures]]], Failures]:
    """Yearly figures of members that fail in no run, and who is left out.

    Parameters
    ----------
    given
        By scenario what each of its runs is given, as `yearly_run` takes it; all runs have the same members, and no
        nominal one.

    Raises TooManyFailed where too many members fail.
    """
    runs = {name: [yearly_run(city, one, on_failure="mask") for one in each] for name, each in given.items()}
    flags = {name: np.array([run["failed"].values for run in each]) for name, each in runs.items()}

    def explain(name: str, numbers: list[int]) -> list[NotFinite]:
        places = {number: int(np.argmax(flags[name][:, number - 1])) for number in numbers}
        found = {number: explained(city, given[name][place], [number - 1]) for number, place in places.items()}
        return [replace(one, member=number) for number, (one,) in found.items()]

    failures = checked({name: np.logical_or.reduce(of) for name, of in flags.items()}, explain)
    kept = failures.kept
    found = {
        name: [{id: values[kept] for id, values in figures(city, run).items()} for run in each]
        for name, each in runs.items()
    }
    return found, failures


def _asked(city: City, read: Mapping[str, Indicator] | None = None) -> tuple[list[str], list[float]]:
    """What indicators read, and when."""
    wanted = (city.indicators if read is None else read).values()
    outputs = sorted({city.locate(indicator.variable)[0] for indicator in wanted})
    return outputs, [year + 1.0 for year in city.years]


def figures(city: City, run: xr.Dataset, read: Mapping[str, Indicator] | None = None) -> dict[str, Figures]:
    """Yearly figures (member, year) of indicators from a `yearly_run` of them; NaN before an indicator's first year."""
    years = np.asarray(city.years)
    return {
        name: np.where(years >= indicator.first_year, _element(run, *city.locate(indicator.variable)), np.nan)
        for name, indicator in (city.indicators if read is None else read).items()
    }


def _element(run: xr.Dataset, variable: str, position: tuple[int, ...]) -> Figures:
    """Values (member, time) of one variable, or of one element of an array, from a run's result."""
    values: Figures = run.variables[python_name(variable)].values
    place: Any = (slice(None), slice(None), *position)
    return values[place]

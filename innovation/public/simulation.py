"""Scenarios simulated: figures with labels, and what follows from them as tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from innovation import scenarios as house
from innovation.calibration import DrawnMembers, given_members, posterior_members
from innovation.calibration.posterior import PosteriorDraws
from innovation.model import City
from innovation.model.files import fault, near
from innovation.scenarios import Failures, Scenario, ScenarioError, TooManyFailed
from innovation.scenarios.costs import COST_COLUMNS, cost_rows, costs, figures_of
from innovation.scenarios.simulation import (
    ALL,
    BAND_COLUMNS,
    CHANCE_COLUMNS,
    CITY,
    PUBLISHED,
    VIEW_COLUMNS,
    Band,
    Chance,
    Outlook,
    band_rows,
    chance_rows,
    outlook,
    published_result,
    view_rows,
)

from .arguments import MOST_MEMBERS, choice, city_or_own, names, text, threads_of, whole, wrong, years_of
from .cities import draws_of
from .policies import Scenarios, scenarios_of

Given = int | PosteriorDraws | DrawnMembers | Mapping[str, ArrayLike]


@dataclass(frozen=True, eq=False)
class SimulationResult:
    """What came of scenarios. Tables have the columns of the files that the command line writes.

    Attributes
    ----------
    city
        Whose scenarios.
    scenarios
        Those that were asked for, in this order.
    figures
        Dataset with dims scenario, member and year, and a variable for each indicator with its unit. Member 0 is the
        nominal run; a member that failed under one of the scenarios is not there.
    members
        What the members are; None where there is the nominal run alone.
    failures
        Which members failed under which scenario and why, and which scenarios were set aside.

    Examples
    --------
    >>> import innovation
    >>> result = innovation.simulate(["baseline", "plan_as_written"], members=50)
    >>> result.figures["rd_intensity"].dims
    ('scenario', 'member', 'year')
    >>> plan = result.chance("rd_intensity", scenario="plan_as_written")
    >>> 0 <= plan.chance <= 1 and plan.error > 0
    True
    """

    city: City
    scenarios: tuple[Scenario, ...]
    figures: xr.Dataset
    members: DrawnMembers | None
    failures: Failures
    _whole: xr.Dataset

    def targets(self) -> pd.DataFrame:
        """The plan's targets held against the nominal run.

        Returns
        -------
        pandas.DataFrame
            A row for each scenario and target: scenario, id, kind, value, target, high, sense, unit, met, distance,
            percent, first_year_met; in the indicator's unit.
        """
        return pd.DataFrame([asdict(row) for row in house.target_table(self.city, self._whole)])

    def chances(self, band: Band = PUBLISHED) -> pd.DataFrame:
        """The chance of each target, and with the target "all" of all of them together.

        Parameters
        ----------
        band
            "published": of the figures that will be published. "city": of the city alone. Where nothing is known of
            how figures are published, as of draws from the priors, it is "city" whatever is asked; the column says so.

        Returns
        -------
        pandas.DataFrame
            A row for each scenario and target, with the columns of chances.csv: among them `chance` (0 to 1), its
            Monte Carlo `error`, the different `draws` behind it, and percentiles of the figure in its unit.

        Raises
        ------
        ValueError
            There are no members, or no indicator that was asked for is a target.
        """
        return pd.DataFrame(list(chance_rows(self._outlook(band))), columns=list(CHANCE_COLUMNS))

    def chance(self, target: str, *, scenario: str | None = None, band: Band = PUBLISHED) -> Chance:
        """The chance of one target.

        Parameters
        ----------
        target
            Its id; "all" for all that can be judged at once.
        scenario
            The scenario's id; None: the only one, or the first.
        band
            As of ``chances``.

        Returns
        -------
        Chance
            `chance` (0 to 1), its Monte Carlo standard `error`, the different `draws` behind it, the median `distance`
            to the target in its unit.

        Raises
        ------
        DocumentError
            No such target or scenario; with the nearest ids.
        ValueError
            There are no members.
        """
        found = self._outlook(band).chances
        name, target = next(iter(found)) if scenario is None else text("scenario", scenario), text("target", target)
        if name not in found:
            of = {"name": name, "near": near(name, found)}
            raise ScenarioError([fault("scenarios.no_scenario_of_result", "scenario", **of)])
        if target == ALL:
            all_of = found[name]
            return Chance(name, ALL, all_of.all, all_of.all_error, all_of.draws, math.nan, None, all_of.views)
        if target not in found[name].targets:
            of = {"name": target, "near": near(target, found[name].targets)}
            raise ScenarioError([fault("scenarios.no_target_of_result", "target", **of)])
        return found[name].targets[target]

    def bands(self, band: Band = PUBLISHED) -> pd.DataFrame:
        """Percentiles of every indicator over the members.

        Parameters
        ----------
        band
            As of ``chances``.

        Returns
        -------
        pandas.DataFrame
            A row for each scenario, indicator and year, with the columns of bands.csv: p05, p25, p50, p75, p95 in its
            unit.

        Raises
        ------
        ValueError
            There are no members.
        """
        return pd.DataFrame(list(band_rows(self._outlook(band))), columns=list(BAND_COLUMNS))

    def views(self, band: Band = PUBLISHED) -> pd.DataFrame:
        """The chance of each target under each view of how the city works, and mixed.

        Parameters
        ----------
        band
            As of ``chances``.

        Returns
        -------
        pandas.DataFrame
            The columns of views.csv.

        Raises
        ------
        ValueError
            There are no members.
        """
        seen = self._outlook(band)
        return pd.DataFrame(list(view_rows(self.city, seen.chances.values())), columns=list(VIEW_COLUMNS))

    def costs(self) -> pd.DataFrame:
        """What each scenario costs beyond 2010 practice, by payer, and in social resources.

        Returns
        -------
        pandas.DataFrame
            The columns of costs.csv: mean and quantiles over the members, or the nominal run's figure; 1e8 CNY.

        Raises
        ------
        DocumentError
            The city has no prices.
        ValueError
            Only some indicators were simulated.
        """
        if len(self.figures.data_vars) < len(self.city.indicators):
            raise ValueError("Costs need all indicators. Simulate without naming some.")
        own = slice(1, None) if self.members else slice(None)
        rows = []
        for name in self._whole.scenario.values.tolist():
            figures = {key: values[own] for key, values in figures_of(self.city, self._whole, name).items()}
            rows.append(cost_rows(name, costs(self.city, figures)))
        return pd.DataFrame(list(chain.from_iterable(rows)), columns=list(COST_COLUMNS))

    def _outlook(self, band: Band) -> Outlook:
        choice("band", band, (PUBLISHED, CITY))
        return self._published if band == PUBLISHED else self._own

    @cached_property
    def _own(self) -> Outlook:
        return outlook(self.city, self._whole, self.members.judged if self.members else ())

    @cached_property
    def _published(self) -> Outlook:
        instrument = self.members.instrument if self.members else None
        if self.members is None or instrument is None:
            return self._own
        return outlook(self.city, published_result(self._whole, instrument), self.members.judged)


def simulate(
    scenarios: Scenarios,
    *,
    members: Given = 0,
    posterior: PosteriorDraws | str | Path | None = None,
    indicators: Sequence[str] | None = None,
    years: Sequence[int] | None = None,
    on_failure: Literal["mask", "set_aside", "raise"] = "mask",
    threads: int | None = None,
    city: City | None = None,
) -> SimulationResult:
    """Simulate one scenario or several, the nominal run first and then the same members in each.

    Parameters
    ----------
    scenarios
        An id of the library, a file, a ``Scenario``, or several of them.
    members
        A number of draws from the posterior (0: the nominal run alone); ``PosteriorDraws``, of which all are taken;
        draws from the priors (``draw_priors``); or constants by name, each of shape (members,) in the model's units,
        where a single number holds for all members.
    posterior
        Whose draws, where `members` is a number: draws, or a file of them. None: the city's own.
    indicators
        Ids of those that are computed. None: all.
    years
        Of the figures that are kept in `figures`. None: all years of the city. Chances and bands are of all of them.
    on_failure
        "mask": members that fail are left out of every scenario; too many are an error. "set_aside": a scenario under
        which too many fail is left out instead, where others are left. "raise": the first that fails is an error.
    threads
        Of the engine; None: one a processor. They change nothing in the answer.
    city
        Whose scenarios; None: the city.

    Returns
    -------
    SimulationResult
        `figures` as a labelled Dataset, and tables of targets, chances, bands and costs.

    Raises
    ------
    DocumentError
        A scenario, indicator or constant that is not there, with the nearest names; draws of another model.
    ArgumentError
        An argument of a kind or size that cannot be used; a year without figures. It is a ValueError.
    ValueError
        Members of different lengths, with both.
    TooManyFailed
        More than one member in a hundred failed under a scenario (of fewer than a hundred: more than one).

    Notes
    -----
    The figure of year y is the variable at the end of that year. Equations and their sources: docs/equations.md.

    Examples
    --------
    >>> import innovation
    >>> result = innovation.simulate("plan_as_written", members=100)
    >>> found = result.chance("rd_intensity")
    >>> found.draws
    100
    >>> chances = result.chances().set_index("target")["chance"]
    >>> bool(chances["all"] <= chances["rd_intensity"])
    True
    """
    whose = city_or_own(city)
    asked = scenarios_of(whose, scenarios)
    choice("on_failure", on_failure, ("mask", "set_aside", "raise"))
    kept = None if years is None else years_of(years, whose.years)
    read = None if indicators is None else names("indicators", indicators)
    drawn = members_of(whose, members, posterior)
    how: Literal["mask", "raise"] = "raise" if on_failure == "raise" else "mask"
    own = drawn.members if drawn else None
    found = house.attempt(whose, asked, own, drawn.origin if drawn else {}, how, read, threads_of(threads))
    whole = found.dataset
    if whole is None or (found.failures.aside and on_failure != "set_aside"):
        raise TooManyFailed(found.failures)
    figures = whole if kept is None else whole.sel(year=kept)
    return SimulationResult(whose, tuple(asked), figures, drawn, found.failures, whole)


def members_of(
    city: City, members: Given, posterior: PosteriorDraws | str | Path | None, most: int = MOST_MEMBERS
) -> DrawnMembers | None:
    """The members that a caller means; None: the nominal run alone."""
    if posterior is not None and not _is_number(members):
        raise wrong("posterior", posterior, "None, for members says itself whose draws it has")
    if isinstance(members, DrawnMembers):
        return members
    if isinstance(members, PosteriorDraws):
        return posterior_members(city, draws_of(city, members))
    if isinstance(members, Mapping):
        return given_members(city, members)
    count = whole("members", members, 0, most)
    if posterior is not None or count:
        draws = draws_of(city, posterior)
    return posterior_members(city, draws, count) if count else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)

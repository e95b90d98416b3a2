"""What becomes of scenarios, ready to be shown: nominal run, bands, chances, cost; imports no streamlit.

Bands, medians and chances are of the figures that will be published, where somebody publishes them; the city alone is
one step away. Both are of the same members, whose draws are the same under every scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from innovation.model import PLAN_ENDS, RECORD_ENDS, City, in_plan
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import (
    CITY,
    LINE_VIEW,
    PERCENTS,
    PUBLISHED,
    Band,
    Chance,
    Counts,
    Failures,
    Held,
    Instrument,
    MemberValues,
    TargetRow,
    TooManyFailed,
    Viewed,
    attempt,
    chance,
    compared,
    different_draws,
    draws_left,
    expected_counts,
    independent_draws,
    meets,
    nominal_counts,
    percentiles,
    share,
    target_table,
    views_held,
    weakest,
)

Floats = NDArray[np.float64]
COSTS = (
    "cost_city", "cost_nation", "cost_enterprises", "cost_institutes", "cost_lenders", "cost_households",
    "cost_investors", "cost_social",
)  # fmt: skip
LOW, QUARTER, MIDDLE, THREE_QUARTERS, HIGH = range(len(PERCENTS))


@dataclass(frozen=True)
class Ensemble:
    """Members to simulate beside the nominal run: values of constants, how many draws differ, whose they are.

    `instrument` says how their figures are published; without one there is the city alone. `worth` is how many
    independent draws of a posterior they are worth; None: they are none, and tell nothing of the record.
    """

    members: MemberValues
    draws: int
    hash: str
    instrument: Instrument | None = None
    worth: int | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """The city's own figures (1 + members, years) by indicator, the nominal run first; chances by target, if any.

    Chances, bands and medians are of published figures where there is an `instrument`, else of the city alone; the
    nominal run, costs and what nobody publishes always are of the city alone. Members that failed are not there:
    `numbers` are those of the rows of the figures, `failures` says who failed, and `held` has the views of the same
    rows, by variant. Of `draws` different draws the members are, of `drawn` they would be if none had failed; `worth`
    is that of the ensemble.
    """

    city: City
    figures: Mapping[str, Floats]
    targets: Mapping[str, TargetRow]
    chances: Mapping[str, Chance]
    draws: int
    drawn: int
    numbers: NDArray[np.int_]
    failures: Failures
    held: Held
    instrument: Instrument | None = None
    worth: int | None = None
    _bands: dict[str, Floats] = field(default_factory=dict)
    _hits: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    _alone: list[Outcome] = field(default_factory=list)

    @property
    def shows(self) -> Band:
        """What bands and chances are of."""
        return PUBLISHED if self.instrument else CITY

    def alone(self) -> Outcome:
        """The same members with bands and chances of the city alone."""
        if self.instrument is None:
            return self
        if not self._alone:
            self._alone.append(
                _with_chances(replace(self, instrument=None, chances={}, _bands={}, _hits={}, _alone=[]))
            )
        return self._alone[0]

    @property
    def independent(self) -> int | None:
        """How many independent draws of a posterior the members are worth; None: they tell nothing of the record."""
        return independent_draws(self.draws, self.worth)

    @property
    def members(self) -> int:
        """How many members stand behind the bands; 0 where there is the nominal run alone."""
        return len(next(iter(self.figures.values()))) - 1

    def nominal(self, name: str) -> Floats:
        """The nominal run's figures by year: the model's own, in no band the middle."""
        return self.figures[name][0]

    def shown(self, name: str) -> Floats:
        """The members' figures (members, years) that bands and chances are of."""
        own = self.figures[name][1:]
        if self.instrument is None or not self.instrument.is_published(name):
            return own
        line = self.held.get(LINE_VIEW)
        return self.instrument.published(name, own, self.numbers[1:], None if line is None else line[1:])

    def band(self, name: str) -> Floats:
        """Percentiles (5, 25, 50, 75, 95) by year (5, years) of an indicator."""
        if name not in self._bands:
            self._bands[name] = percentiles(self.shown(name))
        return self._bands[name]

    def middle(self, name: str) -> Floats:
        """What is most likely by year: the median of the members, or the nominal run where there are none."""
        return self.band(name)[MIDDLE] if self.members else self.nominal(name)

    def at(self, name: str, year: int) -> float:
        """The most likely figure of a year."""
        return float(self.middle(name)[year - self.city.years[0]])

    def range(self, name: str, year: int) -> tuple[float, float]:
        """Between which figures nine of ten members lie in a year."""
        band = self.band(name)[:, year - self.city.years[0]]
        return float(band[LOW]), float(band[HIGH])

    def together(self, names: Iterable[str]) -> float:
        """The chance that all of these targets are met at once."""
        met = np.ones(self.members, bool)
        for name in names:
            met &= self.hits(name)
        return share(met, self.draws)[0]

    def views(self) -> dict[str, tuple[Viewed, ...]]:
        """The chances under each view of how the city works, by target."""
        return {name: chance.views for name, chance in self.chances.items()}

    def hits(self, name: str) -> NDArray[np.bool_]:
        """Which members meet a target."""
        if name not in self._hits:
            target = self.city.targets[name]
            self._hits[name] = meets(target, self.shown(name)[:, target.year - self.city.years[0]])
        return self._hits[name]

    def counts(self) -> Counts:
        """How many targets of each kind are met: the mean over the members, or the nominal run's count."""
        if self.members:
            return expected_counts(self.city, self.chances)
        return nominal_counts(self.city, self.targets.values())

    def weakest(self, chosen: Iterable[str]) -> tuple[str, int]:
        """The least likely of these targets, or of all where none is chosen, and how many others are as unlikely."""
        nominal = {
            name: Chance(row.scenario, name, float(row.met), 0.0, 1, row.distance, row.first_year_met)
            for name, row in self.targets.items()
            if row.met is not None
        }
        return weakest(self.city, self.chances or nominal, chosen)

    def cost(self, name: str) -> Floats:
        """What a source pays in each year of the plan."""
        return self.middle(name)[in_plan(self.city.years)]

    def cost_sums(self, name: str) -> Floats:
        """What a source pays in all years of the plan, by member, as the city does; else the nominal run's."""
        figures = self.figures[name][1:] if self.members else self.figures[name]
        return np.asarray(figures[:, in_plan(self.city.years)].sum(axis=1))

    def growth(self, name: str, first: int = RECORD_ENDS, last: int = PLAN_ENDS) -> float:
        """Growth of a figure a year, in per cent."""
        return 100 * ((self.at(name, last) / self.at(name, first)) ** (1 / (last - first)) - 1)

    def city_spending_growth(self) -> float:
        """Growth of city fiscal spending a year, which follows revenue in the model, in per cent."""
        first, last = (
            self.at("fiscal_science", y) / self.at("fiscal_science_share", y) for y in (RECORD_ENDS, PLAN_ENDS)
        )
        return 100 * ((last / first) ** (1 / (PLAN_ENDS - RECORD_ENDS)) - 1)


def outcome(city: City, scenario: Scenario, ensemble: Ensemble | None) -> Outcome:
    """Simulate a scenario; TooManyFailed where it cannot be shown."""
    drawn = ensemble.draws if ensemble else 0
    simulated = attempt(city, [scenario], ensemble.members if ensemble else None, {"draws": drawn})
    found = simulated.dataset
    if found is None:
        raise TooManyFailed(simulated.failures)
    rows = {row.id: row for row in target_table(city, found)}
    draws = found.attrs["draws"] if ensemble else 0
    values = {name: found[name].values[0] for name in city.indicators}
    held = views_held(city, found, 0)
    instrument = ensemble.instrument if ensemble else None
    one = Outcome(
        city, values, rows, {}, draws, drawn, found.member.values, simulated.failures, held, instrument,
        ensemble.worth if ensemble else None,
    )  # fmt: skip
    return _with_chances(one) if ensemble else one


def _with_chances(one: Outcome) -> Outcome:
    """An outcome with the chances of its members; what else a page asks of the same figures is kept with them."""
    city, years = one.city, list(one.city.years)
    of_members = {name: values[1:] for name, values in one.held.items()}
    draws = different_draws(one.members, one.draws)
    found = {}
    for name, target in city.judgeable.items():
        figures = one.shown(name)
        found[name], one._hits[name] = chance(
            one.targets[name].scenario, target, name, years, figures, draws, of_members
        )  # fmt: skip
        one._bands[name] = percentiles(figures)
    return replace(one, chances=found)


@dataclass(frozen=True)
class ScenarioComparison:
    """Scenarios side by side: the outcomes of those that can be shown, all of the same members, and who failed."""

    outcomes: Mapping[str, Outcome]
    failures: Failures

    def alone(self) -> ScenarioComparison:
        """The same of the city alone."""
        return replace(self, outcomes={name: one.alone() for name, one in self.outcomes.items()})


def compare(each: Mapping[str, Outcome | Failures]) -> ScenarioComparison:
    """Scenarios that ran by themselves, with the same members, side by side: those that failed in one leave all.

    Parameters
    ----------
    each
        What came of each, by any name; of one that cannot be shown its failures.
    """
    failures = compared({name: one.failures if isinstance(one, Outcome) else one for name, one in each.items()})
    found = {name: each[name] for name in failures.shown}
    return ScenarioComparison(
        {name: _without(one, failures) for name, one in found.items() if isinstance(one, Outcome)}, failures
    )


def _without(one: Outcome, failures: Failures) -> Outcome:
    """An outcome without the members that failed elsewhere."""
    kept = ~np.isin(one.numbers, failures.lost)
    if kept.all():
        return one
    figures = {name: values[kept] for name, values in one.figures.items()}
    held = {name: values[kept] for name, values in one.held.items()}
    left = replace(
        one, figures=figures, draws=draws_left(failures, one.drawn), numbers=one.numbers[kept], held=held, chances={},
        _bands={}, _hits={}, _alone=[],
    )  # fmt: skip
    return _with_chances(left) if one.chances else left

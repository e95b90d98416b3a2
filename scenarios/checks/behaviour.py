"""Whether the model behaves as checks.yaml asks: bounds, sums, conservation, one-way answers, extremes, cut loops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from innovation.engine import Change, TimePath
from innovation.engine.ir import python_name
from innovation.model import PLAN_BEGINS, City, draw_priors
from innovation.scenarios.simulation.run import figures

from .expectations import EVERY_FLOW, EVERY_STOCK, Balance, Bound, Checks, Cuts, Equality, Extreme, Monotone, named

STEPS = 3  # points between practice and a monotone check's value
ROUNDING = 1e-9  # sums of a thousand terms of one size, in another order
QUIET = 1e-9  # a cut that moves every indicator by less, relative to itself, does nothing


@dataclass(frozen=True)
class LawResult:
    """A law, whether it holds, and what was found."""

    law: str
    holds: bool
    found: str


def behaviour(city: City, checks: Checks) -> Iterator[LawResult]:
    """Try every check of the file."""
    extremes = _Runs.extremes(city, checks)
    cuts = _Runs.cuts(city)
    draws = _Runs.draws(city, checks)
    for name, bound in checks.bounds.items():
        yield _bound(city, name, bound, (extremes, cuts, draws))
    for name, equality in checks.equalities.items():
        yield _equality(name, equality, extremes)
    yield from _balances(city, checks.balances)
    yield from _monotone(city, checks.monotone)
    for name, extreme in checks.extremes.items():
        yield _extreme(city, name, extreme, extremes)
    yield _cut(city, checks.cuts, cuts)


@dataclass(frozen=True)
class _Runs:
    """Members with a label each; the first is the nominal run, where there is one."""

    labels: Sequence[str]
    data: xr.Dataset

    @staticmethod
    def of(city: City, labels: Sequence[str], given: Mapping[str, Any]) -> _Runs:
        ends = [year + 1.0 for year in city.years]
        return _Runs(labels, city.model.run(given, times=ends, on_failure="mask"))

    @staticmethod
    def extremes(city: City, checks: Checks) -> _Runs:
        labels = ["nominal", *checks.extremes]
        given: dict[str, Any] = {}
        for name in dict.fromkeys(name for extreme in checks.extremes.values() for name in extreme.given):
            nominal = city.nominal(name)
            to = np.array([nominal, *(extreme.given.get(name, nominal) for extreme in checks.extremes.values())])
            given[name] = TimePath((Change(float(PLAN_BEGINS), to),))
        return _Runs.of(city, labels, given)

    @staticmethod
    def cuts(city: City) -> _Runs:
        loops = list(city.loops)
        given = {loop.cut: np.array([0.0, *(float(name == own) for own in loops)]) for name, loop in city.loops.items()}
        return _Runs.of(city, ["nominal", *(f"{name} cut" for name in loops)], given)

    @staticmethod
    def draws(city: City, checks: Checks) -> _Runs:
        given = draw_priors(city, checks.draws.members, checks.draws.seed)
        return _Runs.of(city, [f"draw {number}" for number in range(checks.draws.members)], given)

    def lowest_and_highest(self, name: str, start: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        values = self.data[python_name(name)].sel(time=slice(start, None))
        axes = [dim for dim in values.dims if dim != "member"]
        return values.min(axes).values, values.max(axes).values

    def total(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Sum over variables and their elements, shape (members, times); 'Name[element]' takes one element."""
        whole: Any = 0.0
        for name in names:
            variable, _, element = name.rstrip("]").partition("[")
            values = self.data[python_name(variable)]
            if element:
                values = values.sel({values.dims[-1]: element})
            axes = [dim for dim in values.dims if dim not in ("member", "time")]
            whole = whole + values.sum(axes).values
        return np.asarray(whole)


def _say(text: str) -> str:
    return text.replace("_", " ")


def bounded(city: City, bound: Bound) -> list[str]:
    """Names of the variables that a bound speaks of."""
    kinds = {EVERY_STOCK: "stock", EVERY_FLOW: "flow"}

    def meant(given: str) -> list[str]:
        if given in kinds:
            return [one.name for one in city.model.variables.values() if one.kind == kinds[given]]
        return [city.model.variables[name].name for name in named(city, given)]

    excepted = {name for given in bound.exceptions for name in meant(given)}
    return [name for given in bound.variables for name in meant(given) if name not in excepted]


def _bound(city: City, name: str, bound: Bound, runs: Sequence[_Runs]) -> LawResult:
    wrong = []
    tried = 0
    for run in runs:
        tried += len(run.labels)
        for variable in bounded(city, bound):
            lowest, highest = run.lowest_and_highest(variable, bound.start)
            out = ~((lowest >= bound.at_least) & (highest <= bound.at_most))
            for place in map(int, np.flatnonzero(out)):
                if run.labels[place] not in bound.except_in:
                    wrong.append(f"{variable} {lowest[place]:.4g} … {highest[place]:.4g} in {run.labels[place]}")
    found = f"{'; '.join(wrong[:5])}{f' and {len(wrong) - 5} more' if len(wrong) > 5 else ''}"
    return LawResult(f"{_say(name)} in every extreme, cut and prior draw", not wrong, found or f"{tried} runs")


def _equality(name: str, equality: Equality, runs: _Runs) -> LawResult:
    left, right = runs.total(equality.left), runs.total(equality.right)
    worst = float(np.max(np.abs(left - right)) / max(np.max(np.abs(left)), np.finfo(float).tiny))
    law = f"{_say(name)}: {' + '.join(equality.left)} = {' + '.join(equality.right)}"
    return LawResult(law, bool(worst <= ROUNDING), f"largest difference {worst:.1e} of the largest value")


def _balances(city: City, balances: Mapping[str, Balance]) -> Iterator[LawResult]:
    steps = round((city.model.final_time - city.model.initial_time) / city.model.dt)
    times = [city.model.initial_time + city.model.dt * step for step in range(steps + 1)]
    wanted = dict.fromkeys(
        name for balance in balances.values() for name in (*balance.stocks, *balance.inflows, *balance.outflows)
    )
    runs = _Runs(["nominal"], city.model.run({}, outputs=list(wanted), times=times))
    for name, balance in balances.items():
        stock = runs.total(balance.stocks)[0]
        net = runs.total(balance.inflows)[0] - (runs.total(balance.outflows)[0] if balance.outflows else 0.0)
        gained = stock[-1] - stock[0]
        difference = abs(gained - city.model.dt * np.sum(net[:-1])) / np.max(np.abs(stock))
        law = f"{_say(name)}: {' + '.join(balance.stocks)} are conserved"
        yield LawResult(law, bool(difference <= ROUNDING), f"difference {difference:.1e} of the largest stock")


def _monotone(city: City, monotone: Mapping[str, Monotone]) -> Iterator[LawResult]:
    """All checks in one run: a member for each step of each check, and the nominal one in front."""
    rows = [(check.lever, step / STEPS, check) for check in monotone.values() for step in range(1, STEPS + 1)]
    given = {}
    for lever in dict.fromkeys(check.lever for check in monotone.values()):
        practice = city.practice(lever)
        moved = [practice + part * (check.to - practice) if own == lever else practice for own, part, check in rows]
        given[city.control(lever).constant] = TimePath((Change(float(PLAN_BEGINS), np.array([practice, *moved])),))
    run = _Runs.of(city, ["nominal", *(own for own, _, _ in rows)], given)
    values = figures(city, run.data)
    for number, (name, check) in enumerate(monotone.items()):
        year = check.year - city.years[0]
        column = values[check.indicator][:, year]
        line = column[[0, *range(1 + number * STEPS, 1 + (number + 1) * STEPS)]]
        change = np.diff(line) * (1 if check.moves == "up" else -1)
        found = " → ".join(f"{value:.4g}" for value in line)
        yield LawResult(f"{_say(name)} in {check.year}", bool(np.all(change > 0)), found)


def _extreme(city: City, name: str, extreme: Extreme, runs: _Runs) -> LawResult:
    member = list(runs.labels).index(name)
    values = figures(city, runs.data)
    said, holds = [], not bool(runs.data.failed[member])
    for expected in extreme.expect:
        nominal, value = values[expected.indicator][[0, member], expected.year - city.years[0]]
        ratio = value / nominal
        said.append(f"{expected.indicator} {expected.year} {value:.4g}, {ratio:.3f} of nominal")
        for number, low, high in (
            (value, expected.at_least, expected.at_most),
            (ratio, expected.ratio_at_least, expected.ratio_at_most),
        ):
            holds &= bool((low is None or number >= low) and (high is None or number <= high))
    return LawResult(f"extreme: {extreme.en}", holds, "; ".join(said))


def _cut(city: City, cuts: Cuts, runs: _Runs) -> LawResult:
    values = figures(city, runs.data)
    wrong = []
    for member, name in enumerate(city.loops, start=1):
        moved = max(
            float(np.nanmax(np.abs(column[member] - column[0]) / np.maximum(np.abs(column[0]), np.finfo(float).tiny)))
            for column in values.values()
        )
        if bool(runs.data.failed[member]) or (moved > QUIET) == (name in cuts.quiet):
            wrong.append(f"{name} moves {moved:.1e}")
    law = "every loop can be cut, and every cut but the quiet ones moves a figure"
    return LawResult(law, not wrong, "; ".join(wrong) or f"{len(city.loops)} loops")

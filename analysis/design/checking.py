"""Whether a city can run a design: every factor, output and year held against it, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from innovation.engine.ir import TIME_CONTROLS
from innovation.model import PLAN_BEGINS, SHARE_TOLERANCE, SWITCH, City, Control, Lever
from innovation.model.files import Document, Fault, Place, Term, Value, either, original, phrase
from innovation.scenarios import (
    WITH_LINK,
    Scenario,
    combine,
    destination,
    given_way,
    load_scenarios,
    shares_of,
    with_changes,
)

from .design import EVERY, OUTPUT_SETS, Design, DesignError, Factor
from .factors import Distributions, Output, Shares, Study, is_switch
from .points import members_of

MOST_MEMBERS = 50_000_000
LARGE = 10**15
MOST_OF_A_DESIGN = 40  # of one design: near names are slow to find, and of no use after so many


def scenario_of(city: City, design: Design, file: Path) -> Scenario:
    """The scenario that a design names: an id of the library, or a file, seen from the folder of the design's file.

    Raises ScenarioError as `load_scenario` does.
    """
    parts = [part.strip() for part in design.scenario.split(WITH_LINK)]
    beside = [file.parent / part for part in parts]
    found = [str(path) if _is_file(path) else part for path, part in zip(beside, parts, strict=True)]
    return combine(city, load_scenarios(city, found))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def make_study(
    city: City,
    design: Design,
    scenario: Scenario,
    distributions: Distributions | None = None,
    document: Document | None = None,
) -> Study:
    """Hold a design against a city.

    Parameters
    ----------
    scenario
        What else happens; changes of a lever or assumption that the design varies give way.
    distributions
        Needed where the design asks for a prior or the posterior.
    document
        The design's file, so that faults name lines.

    Raises DesignError with every fault, up to 40: unknown names with the nearest valid ones, ranges, shares.
    """
    distributions, document = distributions or Distributions(), document or Document("design")
    checking = _Checking(city, distributions, document)
    for number, factor in enumerate(design.factors):
        if len(checking.faults) < MOST_OF_A_DESIGN:  # of more each would take time and help nobody
            checking.add(("factors", number), factor)
    if design.method == "grid" and design.size % 2:
        checking.even(design.size)
    shares = tuple(checking.shares(scenario))
    outputs = list(_outputs(city, design, document, checking.faults))
    years = _years(city, design, document, checking.faults)
    independent = len(checking.ranges) + len(checking.priors)
    members = members_of(design, independent)
    if not checking.faults and members > MOST_MEMBERS:
        of = {"method": design.method, "factors": independent, "number": _count(members), "most": MOST_MEMBERS}
        checking.faults.append(document.fault(("size",), "analysis.large_design", **of))
    if checking.faults:
        raise DesignError(checking.faults)
    moved = {factor.name for factor in checking.ranges if factor.kind != "constant"}
    moved |= {name for one in shares for name in one.now}
    return Study(
        city, design, with_changes(city, scenario, without=moved), distributions,
        tuple(checking.ranges), tuple(checking.priors), tuple(checking.posteriors), tuple(outputs), years,
        shares,
    )  # fmt: skip


def _count(members: int) -> Value:
    """A number that may be too large for a float."""
    return f"{members:.3g}" if members < LARGE else phrase("analysis.a_power_of_ten", power=len(str(members)) - 1)


class _Checking:
    """Takes the factors one by one and collects what is wrong with them."""

    def __init__(self, city: City, distributions: Distributions, document: Document) -> None:
        self.city, self.distributions, self.document = city, distributions, document
        self.faults: list[Fault] = []
        self.ranges: list[Factor] = []
        self.priors: list[str] = []
        self.posteriors: list[str] = []
        self._taken: dict[str, str] = {}
        self._shares: dict[str, list[tuple[Place, Factor]]] = {}

    def add(self, place: Place, factor: Factor) -> None:
        found = list(
            self._believed(place, factor) if factor.range in ("prior", "posterior") else self._ranged(place, factor)
        )
        for name, constant in found:
            if constant in self._taken:
                self._refuse(
                    (*place, factor.kind),
                    "analysis.varied_twice",
                    constant=constant,
                    name=name,
                    first=self._taken[constant],
                )
                return
            self._taken[constant] = name

    def _refuse(self, place: Place, code: str, /, **values: Value) -> None:
        self.faults.append(self.document.fault(place, code, **values))

    def even(self, size: int) -> None:
        """A grid of an odd number of points would have one value of a switch more often than the other."""
        switches = [factor.name for factor in self.ranges if is_switch(self.city, factor)]
        switches += [name for name in self.priors if is_switch(self.city, Factor(constant=name, range="prior"))]
        if switches:
            self._refuse(("size",), "analysis.grid_of_switch", name=switches[0], size=size, value=size + 1)

    def shares(self, scenario: Scenario) -> Iterator[Shares]:
        """The sums of which shares are varied, each once all factors are there."""
        for group, placed in self._shares.items():
            factors = tuple(factor for _, factor in placed)
            now = {name: destination(self.city, scenario, name) for name in shares_of(self.city, group)}
            one, place, split = Shares(now, factors), placed[-1][0], Term("model.split", group)
            highs = sum(factor.range[1] for factor in factors)
            if not one.others:
                self._refuse((*place, "lever"), "analysis.all_shares_vary", group=split)
            elif highs > 1 + SHARE_TOLERANCE:
                self._refuse(
                    (*place, "range"), "analysis.shares_too_high", group=split, highs=highs, listed=_highs(factors)
                )
            else:
                self.faults += self._outside(place, one)
            if len({(factor.start, factor.ramp) for factor in factors}) > 1:
                self._refuse((*place, "from"), "analysis.shares_apart", group=split)
            yield one

    def _outside(self, place: Place, shares: Shares) -> Iterator[Fault]:
        """Shares that would leave their bounds in giving way."""
        ends = [given_way(shares.now, {factor.name: factor.range[end] for factor in shares.factors}) for end in (0, 1)]
        for name in shares.others:
            lever, most, least = self.city.levers[name], *(end[name] for end in ends)
            if not lever.low - SHARE_TOLERANCE <= least <= most <= lever.high + SHARE_TOLERANCE:
                bounds = {"low": lever.low, "high": lever.high}
                yield self.document.fault(
                    (*place, "range"), "analysis.gives_way", name=name, most=float(most), least=float(least), **bounds
                )

    def _ranged(self, place: Place, factor: Factor) -> Iterator[tuple[str, str]]:
        """The name and the constant of a factor with two numbers."""
        low, high = factor.range
        if factor.kind == "constant":
            try:
                variable, position = self.city.locate(factor.name)
                if self.city.model.variables[variable].key in TIME_CONTROLS:
                    self._refuse((*place, "constant"), "analysis.time_control", variable=variable)
                    return
                self.city.nominal(factor.name)
                name = self.city.spelling(variable, position)
            except LookupError as error:
                self._refuse((*place, "constant"), "analysis.one_number", said=original(error))
                return
            belief = self.city.parameter(name)
            bounds = (belief.low, belief.high) if belief else (None, None)
            constant, factor = name, factor.model_copy(update={"constant": name})
            for id, lever in self.city.levers.items():
                if lever.share_of and self.city.spelling(*self.city.locate(lever.constant)) == name:
                    self._refuse(
                        (*place, "constant"),
                        "analysis.share_alone",
                        name=name,
                        group=Term("model.split", lever.share_of),
                        id=id,
                    )
                    return
        else:
            controls: Mapping[str, Control] = self.city.levers if factor.kind == "lever" else self.city.inputs
            if factor.name not in controls:
                other = self.city.inputs if factor.kind == "lever" else self.city.levers
                near = self.document.nearest(factor.name, controls)
                if factor.name in other:
                    near = phrase("analysis.is_an_input" if factor.kind == "lever" else "analysis.is_a_lever")
                code = "analysis.no_lever" if factor.kind == "lever" else "analysis.no_input"
                self._refuse((*place, factor.kind), code, name=factor.name, near=near)
                return
            control = controls[factor.name]
            if isinstance(control, Lever) and control.share_of:
                self._shares.setdefault(control.share_of, []).append((place, factor))
            bounds = (control.low, control.high)
            constant = self.city.spelling(*self.city.locate(control.constant))
            if not PLAN_BEGINS <= factor.start <= self.city.model.final_time:
                self._refuse(
                    (*place, "from"),
                    "analysis.factor_start",
                    year=factor.start,
                    first_year=PLAN_BEGINS,
                    end=self.city.model.final_time,
                )
        self._bounds(place, low, high, bounds)
        if is_switch(self.city, factor) and ((low, high) != SWITCH or factor.ramp):
            field = "range" if (low, high) != SWITCH else "ramp"
            self._refuse((*place, field), "analysis.factor_switch", name=factor.name)
        self.ranges.append(factor)
        yield factor.name, constant

    def _bounds(self, place: Place, low: float, high: float, bounds: tuple[float | None, float | None]) -> None:
        least, most = bounds
        if (least is not None and low < least) or (most is not None and high > most):
            ends = [f"{'−∞' if least is None else f'{least:g}'}", f"{'∞' if most is None else f'{most:g}'}"]
            self._refuse((*place, "range"), "analysis.factor_bounds", low=low, high=high, least=ends[0], most=ends[1])

    def _believed(self, place: Place, factor: Factor) -> Iterator[tuple[str, str]]:
        """The names and constants of a factor with a prior or posterior: one, those of an array, or all."""
        known: Sequence[str]
        if factor.range == "prior":
            known, into = (self.distributions.prior.names if self.distributions.prior else ()), self.priors
        else:
            known, into = tuple(self.distributions.posterior or ()), self.posteriors
        if not known:
            self._refuse(
                (*place, "range"), "analysis.belief_unknown", belief=Term("analysis.belief", str(factor.range))
            )
            return
        names = [
            name
            for name in known
            if factor.name == EVERY or name == factor.name or name.partition("[")[0] == factor.name
        ]
        names = names or self._spelled(factor.name, known)
        if not names:
            names = [*known, *dict.fromkeys(name.partition("[")[0] for name in known)]
            near = self.document.nearest(factor.name, names)
            self._refuse(
                (*place, "constant"),
                "analysis.no_belief",
                name=factor.name,
                belief=Term("analysis.belief", str(factor.range)),
                near=near,
            )
            return
        into += names
        for name in names:
            yield name, name

    def _spelled(self, name: str, known: Sequence[str]) -> list[str]:
        try:
            spelled = self.city.spelling(*self.city.locate(name))
        except LookupError:
            return []
        return [spelled] if spelled in known else []


def _highs(factors: Sequence[Factor]) -> str:
    return ", ".join(f"{factor.name} {factor.range[1]:g}" for factor in factors)


def _outputs(city: City, design: Design, document: Document, faults: list[Fault]) -> Iterator[Output]:
    sets = {"targets": city.targets, "indicators": city.indicators}
    names = list(sets[design.outputs]) if isinstance(design.outputs, str) else design.outputs
    for number, name in enumerate(names):
        if len(faults) >= MOST_OF_A_DESIGN:
            return
        if name in city.indicators:
            indicator = city.indicators[name]
            cell = city.spelling(*city.locate(indicator.variable))
            target = city.judgeable.get(name)
            yield Output(name, cell, indicator.unit, indicator.first_year, indicator.en, indicator.zh, target)
            continue
        try:
            variable, position = city.locate(name)
        except LookupError as error:
            near = document.nearest(name, city.indicators)
            why = near or phrase("analysis.because", said=original(error))
            place = ("outputs", number)
            faults.append(document.fault(place, "analysis.no_output", name=name, why=why, sets=either(OUTPUT_SETS)))
            continue
        cell = city.spelling(variable, position)
        yield Output(cell, cell, city.model.variables[variable].unit, city.years[0])
    if len(set(names)) < len(names):
        faults.append(document.fault(("outputs",), "analysis.name_twice"))


def _years(city: City, design: Design, document: Document, faults: list[Fault]) -> tuple[int, ...]:
    if design.years == EVERY:
        return tuple(city.years)
    wrong = [year for year in design.years if year not in city.years]
    if wrong:
        faults.append(
            document.fault(
                ("years",),
                "analysis.no_figures_of",
                years=tuple(map(str, wrong[:5])),
                first=city.years[0],
                last=city.years[-1],
            )
        )
    return tuple(design.years)

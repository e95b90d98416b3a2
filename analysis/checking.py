"""Whether a city can run a design: every factor, output and year held against it, all faults at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.structure import TIME_CONTROLS
from model import City, Document, Fault
from model.agreement import SHARE_TOLERANCE
from model.documents import Place
from model.entries import SWITCH, Control, Lever
from scenarios import Scenario, load_scenarios, with_changes
from scenarios.composing import combine
from scenarios.reading import WITH_LINK
from scenarios.schema import FIRST_YEAR
from scenarios.shares import destination, given_way, shares_of

from .design import EVERY, OUTPUT_SETS, Design, DesignError, Factor
from .factors import Distributions, Output, Shares, Study, is_switch
from .plans import members_of

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
        of = f"A {design.method} design of {independent} factors"
        message = f"{of} has {_count(members)} members; at most {MOST_MEMBERS:,}."
        checking.faults.append(document.fault(("size",), message, "Take a smaller size or fewer factors."))
    if checking.faults:
        raise DesignError(checking.faults)
    moved = {factor.name for factor in checking.ranges if factor.kind != "constant"}
    moved |= {name for one in shares for name in one.now}
    return Study(
        city, design, with_changes(city, scenario, without=moved), distributions,
        tuple(checking.ranges), tuple(checking.priors), tuple(checking.posteriors), tuple(outputs), years,
        shares,
    )  # fmt: skip


def _count(members: int) -> str:
    """A number that may be too large for a float."""
    return f"{members:.3g}" if members < LARGE else f"about 10^{len(str(members)) - 1}"


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
                message = f"{constant} is varied a second time, as {name}; first as {self._taken[constant]}."
                self.faults.append(self.document.fault((*place, factor.kind), message, "Keep one of them."))
                return
            self._taken[constant] = name

    def even(self, size: int) -> None:
        """A grid of an odd number of points would have one value of a switch more often than the other."""
        switches = [factor.name for factor in self.ranges if is_switch(self.city, factor)]
        switches += [name for name in self.priors if is_switch(self.city, Factor(constant=name, range="prior"))]
        if switches:
            message = f"{switches[0]} is 0 or 1: {size} points a factor do not halve."
            self.faults.append(self.document.fault(("size",), message, f"Next: {size + 1}."))

    def shares(self, scenario: Scenario) -> Iterator[Shares]:
        """The sums of which shares are varied, each once all factors are there."""
        for group, placed in self._shares.items():
            factors = tuple(factor for _, factor in placed)
            now = {name: destination(self.city, scenario, name) for name in shares_of(self.city, group)}
            one, place = Shares(now, factors), placed[-1][0]
            fault, highs = self.document.fault, sum(factor.range[1] for factor in factors)
            if not one.others:
                message = f'All shares of "{group}" vary, and none is left to give way: they would not sum to 1.'
                self.faults.append(fault((*place, "lever"), message, "Leave one of them out: it takes what is left."))
            elif highs > 1 + SHARE_TOLERANCE:
                message = (
                    f'The shares of "{group}" may reach {highs:g} together: {_highs(factors)}; expected at most 1.'
                )
                self.faults.append(fault((*place, "range"), message, "Narrow their ranges; the other shares give way."))
            else:
                self.faults += self._outside(place, one)
            if len({(factor.start, factor.ramp) for factor in factors}) > 1:
                message = f'Shares of "{group}" move at different dates, and on the way they would not sum to 1.'
                self.faults.append(fault((*place, "from"), message, "Give them the same from and ramp."))
            yield one

    def _outside(self, place: Place, shares: Shares) -> Iterator[Fault]:
        """Shares that would leave their bounds in giving way."""
        ends = [given_way(shares.now, {factor.name: factor.range[end] for factor in shares.factors}) for end in (0, 1)]
        for name in shares.others:
            lever, most, least = self.city.levers[name], *(end[name] for end in ends)
            if not lever.low - SHARE_TOLERANCE <= least <= most <= lever.high + SHARE_TOLERANCE:
                bounds = f"its bounds {lever.low:g} … {lever.high:g}"
                message = f"{name} gives way from {most:.4g} to {least:.4g}, beyond {bounds}."
                yield self.document.fault((*place, "range"), message, "Narrow the range.")

    def _ranged(self, place: Place, factor: Factor) -> Iterator[tuple[str, str]]:
        """The name and the constant of a factor with two numbers."""
        fault, (low, high) = self.document.fault, factor.range
        if factor.kind == "constant":
            try:
                variable, position = self.city.locate(factor.name)
                if self.city.model.variables[variable].key in TIME_CONTROLS:
                    message = f"{variable} is one number for all members of a run: it cannot vary."
                    remedy = "Sweep variants of the model file with --model, each with a value of its own."
                    self.faults.append(fault((*place, "constant"), message, remedy))
                    return
                self.city.nominal(factor.name)
                name = self.city.spelling(variable, position)
            except LookupError as error:
                self.faults.append(
                    fault((*place, "constant"), str(error.args[0]), "A factor is one number of the model.")
                )
                return
            belief = self.city.parameter(name)
            bounds = (belief.low, belief.high) if belief else (None, None)
            constant, factor = name, factor.model_copy(update={"constant": name})
            for id, lever in self.city.levers.items():
                if lever.share_of and self.city.spelling(*self.city.locate(lever.constant)) == name:
                    message = f'{name} is a share of "{lever.share_of}", whose parts sum to 1: it cannot vary alone.'
                    remedy = f"Write `lever: {id}`: the other shares then give way."
                    self.faults.append(fault((*place, "constant"), message, remedy))
                    return
        else:
            controls: Mapping[str, Control] = self.city.levers if factor.kind == "lever" else self.city.inputs
            if factor.name not in controls:
                other = self.city.inputs if factor.kind == "lever" else self.city.levers
                near = self.document.nearest(factor.name, controls)
                near = (
                    f" It is {'an input' if factor.kind == 'lever' else 'a lever'}." if factor.name in other else near
                )
                message = f'{factor.kind} "{factor.name}" does not exist.{near}'
                self.faults.append(fault((*place, factor.kind), message, "`cli.py list levers` shows all."))
                return
            control = controls[factor.name]
            if isinstance(control, Lever) and control.share_of:
                self._shares.setdefault(control.share_of, []).append((place, factor))
            bounds = (control.low, control.high)
            constant = self.city.spelling(*self.city.locate(control.constant))
            if not FIRST_YEAR <= factor.start <= self.city.model.final_time:
                message = f"It starts in {factor.start:g}; expected {FIRST_YEAR} to {self.city.model.final_time:g}."
                self.faults.append(fault((*place, "from"), message))
        self._bounds(place, low, high, bounds)
        if is_switch(self.city, factor) and ((low, high) != SWITCH or factor.ramp):
            field = "range" if (low, high) != SWITCH else "ramp"
            message = f"{factor.name} is 0 or 1, and nothing between."
            self.faults.append(fault((*place, field), message, "Write range: [0, 1], which has both, without a ramp."))
        self.ranges.append(factor)
        yield factor.name, constant

    def _bounds(self, place: Place, low: float, high: float, bounds: tuple[float | None, float | None]) -> None:
        least, most = bounds
        if (least is not None and low < least) or (most is not None and high > most):
            ends = [f"{'−∞' if least is None else f'{least:g}'}", f"{'∞' if most is None else f'{most:g}'}"]
            message = f"The range [{low:g}, {high:g}] leaves the bounds {ends[0]} … {ends[1]}."
            self.faults.append(self.document.fault((*place, "range"), message, "Values are in the model's unit."))

    def _believed(self, place: Place, factor: Factor) -> Iterator[tuple[str, str]]:
        """The names and constants of a factor with a prior or posterior: one, those of an array, or all."""
        known: Sequence[str]
        if factor.range == "prior":
            known, into = (self.distributions.prior.names if self.distributions.prior else ()), self.priors
        else:
            known, into = tuple(self.distributions.posterior or ()), self.posteriors
        fault = self.document.fault
        if not known:
            message = f"Nothing is known here of the {factor.range}."
            self.faults.append(
                fault((*place, "range"), message, "Give two numbers, or calibrate first: `cli.py calibrate`.")
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
            message = f'"{factor.name}" has no {factor.range}.{near}'
            self.faults.append(
                fault(
                    (*place, "constant"),
                    message,
                    "docs/parameters.md lists what is uncertain; others need two numbers.",
                )
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
            message = f'"{name}" is neither an indicator nor a variable.{near or " " + str(error.args[0])}'
            remedy = f"Write {' or '.join(OUTPUT_SETS)}, or names that `cli.py list indicators` shows."
            faults.append(document.fault(("outputs", number), message, remedy))
            continue
        cell = city.spelling(variable, position)
        yield Output(cell, cell, city.model.variables[variable].unit, city.years[0])
    if len(set(names)) < len(names):
        faults.append(document.fault(("outputs",), "A name stands here twice.", "Keep one."))


def _years(city: City, design: Design, document: Document, faults: list[Fault]) -> tuple[int, ...]:
    if design.years == EVERY:
        return tuple(city.years)
    wrong = [year for year in design.years if year not in city.years]
    if wrong:
        message = f"There are no figures of {', '.join(map(str, wrong[:5]))}."
        faults.append(document.fault(("years",), message, f"Years are {city.years[0]} to {city.years[-1]}."))
    return tuple(design.years)

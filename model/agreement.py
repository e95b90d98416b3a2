"""Whether the registries and the model file agree: every name resolves, every number lies within its bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain

from engine import normalised_name
from engine.structure import TIME_CONTROLS

from .city import City
from .documents import Document, Place
from .entries import JUDGEMENT, SWITCH, Control, Tension
from .faults import Fault, as_many_as_help, shortened
from .formulas import ALLOWED

SHARE_TOLERANCE = 1e-6
THEN = 2010  # the last year of the record
Documents = Mapping[str, Document]


def disagreements(city: City, documents: Documents) -> list[Fault]:
    """Everything on which the city's files disagree, each with file and line.

    `documents` holds parameters, indicators, targets, levers and loops as read; names that stand in a file with
    a faulty entry count as present, so that one fault is not told twice.
    """
    rules: Iterable[Callable[[City, Documents], Iterator[Fault]]] = (
        _beliefs, _bounds, _sources, _known_by, _indicators, _targets, _controls, _variants, _changed, _roles, _shares,
        _loops,
    )  # fmt: skip
    return as_many_as_help(chain.from_iterable(rule(city, documents) for rule in rules))


def _written(document: Document, *place: str) -> list[str]:
    """Names of the mapping at `place` of a file, faulty entries included."""
    data = document.data
    for part in place:
        data = data.get(part) if isinstance(data, Mapping) else None
    return list(data) if isinstance(data, Mapping) else []


def _beliefs(city: City, documents: Documents) -> Iterator[Fault]:
    """Every constant has one entry, or one for each element; every entry has its constant."""
    document, constants = documents["parameters"], city.model.constants
    written = dict.fromkeys(_written(document))
    known = {reference for name in constants for reference in (name, *city.elements(name))}
    for name in written:
        if name not in known:
            message = f'"{shortened(name)}" is not a constant of the model.{document.nearest(name, known)}'
            yield document.fault((name,), message, "An entry is a constant's name as the model file spells it.")
    if document.data is None:
        return
    for name in constants:
        missing = [element for element in city.elements(name) if element not in written]
        whole = name in written or normalised_name(name) in TIME_CONTROLS
        if missing and not whole:
            named = name if len(missing) == len(city.elements(name)) else ", ".join(missing)
            message = f'The constant "{named}" (line {city.model.variables[name].line} of the model file) has no entry.'
            yield Fault(document.where, None, "", message, "Add one with role, low, high, prior and source.")
        elif whole and len(missing) < len(city.elements(name)) and city.model.variables[name].dims:
            message = f'"{name}" has an entry for the whole array and for elements.'
            yield document.fault((name,), message, "Keep the one or the others.")


def _bounds(city: City, documents: Documents) -> Iterator[Fault]:
    for name in city.model.constants:
        for reference in city.elements(name):
            belief, value = city.parameter(reference), city.nominal(reference)
            if belief is not None and not belief.holds(value):
                place = reference if reference in city.parameters else name
                message = f"The model file's value {value:g} of {reference} lies outside {belief.low} … {belief.high}."
                remedy = "Widen the bounds or mend the value in the model file."
                yield documents["parameters"].fault((place,), message, remedy)


def _sources(city: City, documents: Documents) -> Iterator[Fault]:
    remedy = f"Keys are in sources.bib; what rests on no source says {JUDGEMENT}."
    known = {*city.sources, JUDGEMENT}
    cited: list[tuple[Document, Place, tuple[str, ...]]] = [
        (documents["parameters"], (name, "source"), belief.source_keys()) for name, belief in city.parameters.items()
    ]
    cited += [
        (documents["levers"], ("levers", name, "ranges", number, "source"), part.source_keys())
        for name, lever in city.levers.items()
        for number, part in enumerate(lever.ranges)
    ]
    for document, place, keys in cited:
        for key in keys:
            if key not in known:
                message = f'source "{shortened(key)}" does not exist.{document.nearest(key, known)}'
                yield document.fault(place, message, remedy)


def _known_by(city: City, documents: Documents) -> Iterator[Fault]:
    """A prior that rests on a work of later years has another from works known by 2010, and only such a prior has."""
    document = documents["parameters"]
    for name, belief in city.parameters.items():
        cited = {key: city.sources[key] for key in belief.source_keys() if key in city.sources}
        later = [key for key, work in cited.items() if work.known_by > THEN and not work.is_record]
        if later and belief.prior and not belief.known_by_2010:
            named = ", ".join(f"{key} ({cited[key].known_by})" for key in later)
            message = f"The prior rests on {named}, which nobody knew by {THEN}."
            yield document.fault((name, "source"), message, "Add known_by_2010, its prior from works known by then.")
        elif belief.known_by_2010 and not later:
            message = f"No source here is later than {THEN}, so the prior needs no other of works known by then."
            yield document.fault((name, "known_by_2010"), message, "Name the later work as a source, or leave it out.")


def _indicators(city: City, documents: Documents) -> Iterator[Fault]:
    document, years = documents["indicators"], city.years
    for name, indicator in city.indicators.items():
        try:
            city.locate(indicator.variable)
        except LookupError as error:
            yield document.fault((name, "variable"), str(error.args[0]), "A figure reads one variable of the model.")
        if indicator.first_year not in years:
            message = f"The year {indicator.first_year} has no figure."
            yield document.fault((name, "first_year"), message, f"The model has figures for {years[0]} to {years[-1]}.")


def _targets(city: City, documents: Documents) -> Iterator[Fault]:
    document, years = documents["targets"], city.years
    known = dict.fromkeys(_written(documents["indicators"]))
    for name, target in city.targets.items():
        if name not in known and documents["indicators"].data is not None:
            message = f'There is no indicator "{shortened(name)}".{document.nearest(name, known)}'
            yield document.fault((name,), message, "A target has the id of the indicator it speaks of.")
        if target.year not in years:
            message = f"The year {target.year} has no figure."
            yield document.fault((name, "year"), message, f"The model has figures for {years[0]} to {years[-1]}.")
        start, indicator = target.first_summed_year(), city.indicators.get(name)
        if start is not None and indicator is not None and indicator.first_year != start:
            message = f"The target sums from {start}, but its indicator has figures from {indicator.first_year}."
            remedy = "An indicator with such a target is the sum so far; its first_year is the sum's."
            yield document.fault((name, "aggregate"), message, remedy)
        if target.aggregate not in ("level", f"sum {target.first_summed_year()}-{target.year}"):
            message = f'The sum "{target.aggregate}" does not end in the target\'s year {target.year}.'
            yield document.fault((name, "aggregate"), message)
        if target.tension is not None:
            yield from _tension(city, document, name, target.tension)


def _tension(city: City, document: Document, name: str, tension: Tension) -> Iterator[Fault]:
    """Formulas and sentences of a tension name indicators, targets and years that there are."""
    for field, formula in zip(("more", "than"), tension.sides(), strict=True):
        for term in formula.terms():
            known: Mapping[str, object] = city.targets if term.is_target else city.indicators
            if term.name not in known:
                kind = "target" if term.is_target else "indicator"
                message = f'There is no {kind} "{shortened(term.name)}".{document.nearest(term.name, known)}'
                yield document.fault((name, "tension", field), message, ALLOWED)
            elif term.year is not None and term.year not in city.years:
                message = f"The year {term.year} has no figure."
                remedy = f"The model has figures for {city.years[0]} to {city.years[-1]}."
                yield document.fault((name, "tension", field), message, remedy)
    for place in sorted(tension.named() - city.targets.keys()):
        message = f'There is no target "{shortened(place)}".{document.nearest(place, city.targets)}'
        remedy = "A sentence has places for {more}, {than} and the values of targets, by id."
        yield document.fault((name, "tension"), message, remedy)


def _controls(city: City, documents: Documents) -> Iterator[Fault]:
    document = documents["levers"]
    groups = dict.fromkeys(_written(document, "groups"))
    owners: dict[tuple[str, tuple[int, ...]], str] = {}
    for kind, role, controls in (("levers", "lever", city.levers), ("inputs", "assumption", city.inputs)):
        entries: Mapping[str, Control] = controls
        for name, control in entries.items():
            place = (kind, name)
            yield from _controlled(city, document, place, control, role)
            if control.group not in groups:
                message = f'group "{shortened(control.group)}" does not exist.{document.nearest(control.group, groups)}'
                yield document.fault((*place, "group"), message, 'Groups stand under "groups" in the same file.')
            if kind == "inputs" and name in city.levers:
                yield document.fault(place, "A lever has the same id.", "Ids of levers and assumptions differ.")
            try:
                where = city.locate(control.constant)
            except LookupError:
                continue
            if owners.setdefault(where, name) != name:
                message = f'"{owners[where]}" changes the constant "{control.constant}" already.'
                yield document.fault((*place, "constant"), message, "A constant has one lever or assumption.")


def _controlled(city: City, document: Document, place: tuple[str, str], control: Control, role: str) -> Iterator[Fault]:
    """Faults of what one lever or assumption says of its constant."""
    try:
        practice = city.nominal(control.constant)
        belief = city.parameter(control.constant)
    except LookupError as error:
        yield document.fault((*place, "constant"), str(error.args[0]), f'Constants with role "{role}" can be named.')
        return
    if belief is not None and belief.role != role:
        message = f'The constant "{control.constant}" has role "{belief.role}" in parameters.yaml, not "{role}".'
        yield document.fault((*place, "constant"), message, "Change the role there or name another constant here.")
    bounds = f"{control.low:g} … {control.high:g}"
    if not control.low <= practice <= control.high:
        message = f"The model file's value {practice:g} lies outside {bounds}."
        yield document.fault(
            (*place, "low"), message, "The range of a lever or assumption holds the model file's value."
        )
    plan = getattr(control, "plan", None)
    if plan is not None and not control.low <= plan <= control.high:
        yield document.fault((*place, "plan"), f"The plan's value {plan:g} lies outside {bounds}.", "Widen the range.")
    if belief is not None and not (belief.holds(control.low) and belief.holds(control.high)):
        message = f"The range {bounds} is wider than the bounds {belief.low} … {belief.high} in parameters.yaml."
        yield document.fault((*place, "low"), message, "Narrow the range here or widen the bounds there.")


def _variants(city: City, documents: Documents) -> Iterator[Fault]:
    """A switch is 0 or 1 in the model file, its prior says Sw, and an assumption says what both values mean."""
    levers, parameters = documents["levers"], documents["parameters"]
    explained = {one.constant for one in city.variants.values()}
    for name, one in city.variants.items():
        with suppress(LookupError):  # told of its constant already
            belief = city.parameter(one.constant)
            prior = belief.parsed_prior() if belief else None
            if belief is not None and (prior is None or not prior.is_switch):
                message = (
                    f'"{shortened(one.constant)}" has views, but its prior in parameters.yaml is no Sw(weight of 1).'
                )
                yield levers.fault(("inputs", name, "views"), message, "Write such a prior there, or leave views out.")
    for reference, belief in city.parameters.items():
        prior = belief.parsed_prior()
        if prior is None or not prior.is_switch:
            continue
        with suppress(LookupError):
            if city.nominal(reference) not in SWITCH:
                message = f"The model file's value {city.nominal(reference):g} of the switch {reference} is not 0 or 1."
                yield parameters.fault((reference, "prior"), message, "Mend the value in the model file.")
        if reference not in explained and len(city.inputs) == len(_written(levers, "inputs")):
            message = f'The switch "{shortened(reference)}" has no assumption with views in levers.yaml.'
            remedy = "Add one under inputs: views say in both languages what 0 and what 1 mean."
            yield parameters.fault((reference, "prior"), message, remedy)


def _changed(city: City, documents: Documents) -> Iterator[Fault]:
    """What is said to have changed is there."""
    document = documents["levers"]
    known = dict.fromkeys((*_written(document, "levers"), *_written(document, "inputs")))
    for topic, entry in city.changed.items():
        for number, name in enumerate(entry.of):
            if name not in known:
                message = f'There is no lever or assumption "{shortened(name)}".{document.nearest(name, known)}'
                yield document.fault(("changed", topic, "of", number), message, "Ids stand in the same file.")


def _roles(city: City, documents: Documents) -> Iterator[Fault]:
    kinds: tuple[tuple[str, str, Mapping[str, Control]], ...] = (
        ("lever", "levers", city.levers), ("assumption", "inputs", city.inputs),
    )  # fmt: skip
    for role, kind, controls in kinds:
        written = documents["levers"].data
        content = written.get(kind) if isinstance(written, Mapping) else None
        if not isinstance(content, Mapping) or len(controls) < len(content):
            continue
        named = {part for control in controls.values() for part in (control.constant, control.constant.split("[")[0])}
        for name, belief in city.parameters.items():
            if belief.role == role and name not in named:
                message = (
                    f'The constant "{name}" has role "{role}", but levers.yaml has no entry for it under "{kind}".'
                )
                yield documents["parameters"].fault((name, "role"), message, "Add the entry or change the role.")


def _shares(city: City, documents: Documents) -> Iterator[Fault]:
    for group in dict.fromkeys(lever.share_of for lever in city.levers.values() if lever.share_of):
        members = {name: lever for name, lever in city.levers.items() if lever.share_of == group}
        plans = [lever.plan for lever in members.values() if lever.plan is not None]
        sums = {"the plan's values": sum(plans)} if len(plans) == len(members) else {}
        with suppress(LookupError):  # told of the lever's constant already
            sums["2010 practice"] = sum(city.practice(name) for name in members)
        for what, total in sums.items():
            if abs(total - 1) > SHARE_TOLERANCE:
                message = f'The shares of "{group}" ({", ".join(members)}) sum to {total:.6g} in {what}, not to 1.'
                place = ("levers", next(iter(members)))
                yield documents["levers"].fault(place, message, "Shares of one group sum to 1.")


def _loops(city: City, documents: Documents) -> Iterator[Fault]:
    """Each loop goes round: every variable is an input of the next, the last of the first; its link and cut exist."""
    document, variables = documents["loops"], city.model.variables
    for name, loop in city.loops.items():
        unknown = [part for part in loop.variables if part not in variables]
        for part in unknown:
            message = f'"{shortened(part)}" is not in the model.{document.nearest(part, variables)}'
            yield document.fault((name, "variables"), message, "A loop goes round variables of the model file.")
        if unknown:
            continue
        for before, after in zip(loop.variables, (*loop.variables[1:], loop.variables[0]), strict=True):
            if normalised_name(before) not in map(normalised_name, variables[after].inputs):
                message = f'"{before}" is not an input of "{after}" (line {variables[after].line} of the model file).'
                yield document.fault((name, "variables"), message, "Name every variable on the way round.")
        if loop.link not in loop.variables:
            near = document.nearest(loop.link, loop.variables)
            message = f'The link "{shortened(loop.link)}" is not on the way round.{near}'
            yield document.fault((name, "link"), message, "The link is one of the loop's variables.")
        belief = city.parameters.get(loop.cut)
        if loop.cut not in city.model.constants or belief is None or belief.role != "fixed":
            message = (
                f'"{shortened(loop.cut)}" is not a fixed constant.{document.nearest(loop.cut, city.model.constants)}'
            )
            yield document.fault((name, "cut"), message, "A loop is cut by a constant of its own with role fixed.")

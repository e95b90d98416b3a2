"""Whether the registries and the model file agree: every name resolves, every number lies within its bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain

from innovation.engine.ir import TIME_CONTROLS, normalised_name

from .calendar import RECORD_ENDS
from .city import City
from .entries import JUDGEMENT, SWITCH, Control, Tension
from .files.faults import Fault, as_many_as_help, fault, original
from .files.phrases import Term, shortened
from .files.yaml_documents import Document, Place
from .formulas import ALLOWED

SHARE_TOLERANCE = 1e-6
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
            yield document.fault((name,), "model.no_constant_entry", **document.unknown(name, known))
    if document.data is None:
        return
    for name in constants:
        missing = [element for element in city.elements(name) if element not in written]
        whole = name in written or normalised_name(name) in TIME_CONTROLS
        if missing and not whole:
            named = name if len(missing) == len(city.elements(name)) else tuple(missing)
            yield fault("model.no_entry", document.where, named=named, of_model=city.model.variables[name].line)
        elif whole and len(missing) < len(city.elements(name)) and city.model.variables[name].dims:
            yield document.fault((name,), "model.entry_twice", name=name)


def _bounds(city: City, documents: Documents) -> Iterator[Fault]:
    for name in city.model.constants:
        for reference in city.elements(name):
            belief, value = city.parameter(reference), city.nominal(reference)
            if belief is not None and not belief.holds(value):
                place = reference if reference in city.parameters else name
                yield documents["parameters"].fault(
                    (place,), "model.value_outside", value=value, reference=reference, low=belief.low, high=belief.high
                )


def _sources(city: City, documents: Documents) -> Iterator[Fault]:

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
                close = document.nearest(key, known)
                yield document.fault(place, "model.no_source", key=shortened(key), near=close, judgement=JUDGEMENT)


def _known_by(city: City, documents: Documents) -> Iterator[Fault]:
    """A prior that rests on a work of later years has another from works known by 2010, and only such a prior has."""
    document = documents["parameters"]
    for name, belief in city.parameters.items():
        cited = {key: city.sources[key] for key in belief.source_keys() if key in city.sources}
        later = [key for key, work in cited.items() if work.known_by > RECORD_ENDS and not work.is_record]
        if later and belief.prior and not belief.known_by_2010:
            named = tuple(f"{key} ({cited[key].known_by})" for key in later)
            yield document.fault((name, "source"), "model.known_later", named=named, then=RECORD_ENDS)
        elif belief.known_by_2010 and not later:
            yield document.fault((name, "known_by_2010"), "model.needs_no_other", then=RECORD_ENDS)


def _indicators(city: City, documents: Documents) -> Iterator[Fault]:
    document, years = documents["indicators"], city.years
    for name, indicator in city.indicators.items():
        try:
            city.locate(indicator.variable)
        except LookupError as error:
            yield document.fault((name, "variable"), "model.figure_reads", said=original(error))
        if indicator.first_year not in years:
            yield document.fault(
                (name, "first_year"), "model.no_figure", year=indicator.first_year, first=years[0], last=years[-1]
            )


def _targets(city: City, documents: Documents) -> Iterator[Fault]:
    document, years = documents["targets"], city.years
    known = dict.fromkeys(_written(documents["indicators"]))
    for name, target in city.targets.items():
        if name not in known and documents["indicators"].data is not None:
            yield document.fault((name,), "model.target_of_nothing", **document.unknown(name, known))
        if target.year not in years:
            yield document.fault((name, "year"), "model.no_figure", year=target.year, first=years[0], last=years[-1])
        start, indicator = target.first_summed_year(), city.indicators.get(name)
        if start is not None and indicator is not None and indicator.first_year != start:
            yield document.fault((name, "aggregate"), "model.sum_start", start=start, first_year=indicator.first_year)
        if target.aggregate not in ("level", f"sum {target.first_summed_year()}-{target.year}"):
            yield document.fault((name, "aggregate"), "model.sum_end", aggregate=target.aggregate, year=target.year)
        if target.tension is not None:
            yield from _tension(city, document, name, target.tension)


def _tension(city: City, document: Document, name: str, tension: Tension) -> Iterator[Fault]:
    """Formulas and sentences of a tension name indicators, targets and years that there are."""
    for field, formula in zip(("more", "than"), tension.sides(), strict=True):
        for term in formula.terms():
            known: Mapping[str, object] = city.targets if term.is_target else city.indicators
            if term.name not in known:
                code = "model.term_of_no_target" if term.is_target else "model.term_of_no_indicator"
                close = document.nearest(term.name, known)
                yield document.fault(
                    (name, "tension", field), code, name=shortened(term.name), near=close, allowed=ALLOWED
                )
            elif term.year is not None and term.year not in city.years:
                yield document.fault(
                    (name, "tension", field),
                    "model.no_figure",
                    year=term.year,
                    first=city.years[0],
                    last=city.years[-1],
                )
    for place in sorted(tension.named() - city.targets.keys()):
        yield document.fault((name, "tension"), "model.tension_target", **document.unknown(place, city.targets))


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
                yield document.fault((*place, "group"), "model.no_group", **document.unknown(control.group, groups))
            if kind == "inputs" and name in city.levers:
                yield document.fault(place, "model.lever_has_id")
            try:
                where = city.locate(control.constant)
            except LookupError:
                continue
            if owners.setdefault(where, name) != name:
                yield document.fault(
                    (*place, "constant"), "model.constant_taken", other=owners[where], constant=control.constant
                )


def _controlled(city: City, document: Document, place: tuple[str, str], control: Control, role: str) -> Iterator[Fault]:
    """Faults of what one lever or assumption says of its constant."""
    try:
        practice = city.nominal(control.constant)
        belief = city.parameter(control.constant)
    except LookupError as error:
        yield document.fault((*place, "constant"), "model.controlled", said=original(error), role=role)
        return
    if belief is not None and belief.role != role:
        yield document.fault(
            (*place, "constant"), "model.other_role", constant=control.constant, role=belief.role, expected=role
        )
    bounds = f"{control.low:g} … {control.high:g}"
    if not control.low <= practice <= control.high:
        yield document.fault((*place, "low"), "model.practice_outside", value=practice, bounds=bounds)
    plan = getattr(control, "plan", None)
    if plan is not None and not control.low <= plan <= control.high:
        yield document.fault((*place, "plan"), "model.plan_outside", plan=plan, bounds=bounds)
    if belief is not None and not (belief.holds(control.low) and belief.holds(control.high)):
        yield document.fault((*place, "low"), "model.range_wider", bounds=bounds, low=belief.low, high=belief.high)


def _variants(city: City, documents: Documents) -> Iterator[Fault]:
    """A switch is 0 or 1 in the model file, its prior says Sw, and an assumption says what both values mean."""
    levers, parameters = documents["levers"], documents["parameters"]
    explained = {one.constant for one in city.variants.values()}
    for name, one in city.variants.items():
        with suppress(LookupError):  # told of its constant already
            belief = city.parameter(one.constant)
            prior = belief.parsed_prior() if belief else None
            if belief is not None and (prior is None or not prior.is_switch):
                yield levers.fault(("inputs", name, "views"), "model.no_switch_prior", constant=shortened(one.constant))
    for reference, belief in city.parameters.items():
        prior = belief.parsed_prior()
        if prior is None or not prior.is_switch:
            continue
        with suppress(LookupError):
            if city.nominal(reference) not in SWITCH:
                yield parameters.fault(
                    (reference, "prior"), "model.switch_value", value=city.nominal(reference), reference=reference
                )
        if reference not in explained and len(city.inputs) == len(_written(levers, "inputs")):
            yield parameters.fault((reference, "prior"), "model.switch_without_views", reference=shortened(reference))


def _changed(city: City, documents: Documents) -> Iterator[Fault]:
    """What is said to have changed is there."""
    document = documents["levers"]
    known = dict.fromkeys((*_written(document, "levers"), *_written(document, "inputs")))
    for topic, entry in city.changed.items():
        for number, name in enumerate(entry.of):
            if name not in known:
                yield document.fault(
                    ("changed", topic, "of", number), "model.no_control", **document.unknown(name, known)
                )


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
                yield documents["parameters"].fault(
                    (name, "role"), "model.role_without_entry", name=name, role=role, kind=kind
                )


def _shares(city: City, documents: Documents) -> Iterator[Fault]:
    for group in dict.fromkeys(lever.share_of for lever in city.levers.values() if lever.share_of):
        members = {name: lever for name, lever in city.levers.items() if lever.share_of == group}
        plans = [lever.plan for lever in members.values() if lever.plan is not None]
        sums = {Term("model.sum", "the plan's values"): sum(plans)} if len(plans) == len(members) else {}
        with suppress(LookupError):  # told of the lever's constant already
            sums[Term("model.sum", "2010 practice")] = sum(city.practice(name) for name in members)
        for what, total in sums.items():
            if abs(total - 1) > SHARE_TOLERANCE:
                place = ("levers", next(iter(members)))
                yield documents["levers"].fault(
                    place,
                    "model.group_shares",
                    group=Term("model.split", group),
                    members=tuple(members),
                    total=total,
                    what=what,
                )


def _loops(city: City, documents: Documents) -> Iterator[Fault]:
    """Each loop goes round: every variable is an input of the next, the last of the first; its link and cut exist."""
    document, variables = documents["loops"], city.model.variables
    for name, loop in city.loops.items():
        unknown = [part for part in loop.variables if part not in variables]
        for part in unknown:
            yield document.fault((name, "variables"), "model.loop_of_nothing", **document.unknown(part, variables))
        if unknown:
            continue
        for before, after in zip(loop.variables, (*loop.variables[1:], loop.variables[0]), strict=True):
            if normalised_name(before) not in map(normalised_name, variables[after].inputs):
                yield document.fault(
                    (name, "variables"), "model.loop_broken", before=before, after=after, of_model=variables[after].line
                )
        if loop.link not in loop.variables:
            near = document.nearest(loop.link, loop.variables)
            yield document.fault((name, "link"), "model.link_elsewhere", link=shortened(loop.link), near=near)
        belief = city.parameters.get(loop.cut)
        if loop.cut not in city.model.constants or belief is None or belief.role != "fixed":
            yield document.fault(
                (name, "cut"), "model.cut_not_fixed", **document.unknown(loop.cut, city.model.constants)
            )

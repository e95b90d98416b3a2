"""The city written out for readers: docs/equations.md and docs/parameters.md, made from the files and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

from innovation.engine.ir import Variable

from .city import City
from .diagrams.pages import diagram_pages
from .entries import JUDGEMENT, PRIOR_SETS


def equations_page(city: City) -> str:
    """Every element of the model file in its order: name, kind, unit, meaning, sources, equation."""
    lines = ["# Equations", "", origin(city, city.model.path.name), ""]
    for group, variables in _groups(city):
        lines += [f"## {group or 'Without a group'}", ""]
        for variable in variables:
            lines += [*_element(city, variable), ""]
    return "\n".join(lines).rstrip() + "\n"


def parameters_page(city: City) -> str:
    """Every constant with nominal value, unit, role, bounds, prior and source, under the model file's headings."""
    lines = ["# Parameters", "", origin(city, f"{city.model.path.name} and parameters.yaml"), ""]
    lines += [
        "Values and units are the model file's. Priors: LN(median, log sd), N and TN(mean, sd; cut), Be(mean, sd). "
        "After a set's name stands its prior where that set has another (docs/using-results.md).",
        "",
    ]
    for group, variables in _groups(city):
        rows = [_parameter(city, variable, entry) for variable in variables for entry in _entries(city, variable)]
        if rows:
            lines += [f"## {group or 'Without a group'}", ""]
            lines += table(("constant", "value", "unit", "role", "bounds", "prior", "source", "meaning"), rows)
            lines += [""]
    return "\n".join(lines).rstrip() + "\n"


PAGES: Mapping[str, Callable[[City], str]] = {"equations.md": equations_page, "parameters.md": parameters_page}


def pages(city: City) -> dict[str, Callable[[City], str]]:
    """What is generated below docs, by file name (perhaps with a folder): PAGES, and the diagrams of each module."""
    return {**PAGES, **diagram_pages(city)}


def origin(city: City, files: str) -> str:
    """The sentence under a page's title: from which files it is made, and of which model."""
    return f"Made from {files} by `cli.py docs`; change those, not this page. Model {city.model.hash[:12]}."


def _groups(city: City) -> Iterator[tuple[str, list[Variable]]]:
    """The file's headings with what stands under each."""
    for group, variables in groupby(city.model.variables.values(), key=lambda variable: variable.group):
        yield group, list(variables)


def _element(city: City, variable: Variable) -> list[str]:
    dims = f"[{', '.join(variable.dims)}]" if variable.dims else ""
    sources = cited(city, variable.sentence)
    head = f"*{variable.kind}*, {variable.unit}" + (f" · source: {', '.join(sources)}" if sources else "")
    equation = [line.strip() for line in variable.equation.strip().splitlines()]
    return [f"### {variable.name}{dims}", "", head, "", _inline(variable.sentence), "", "```", *equation, "```"]


def cited(city: City, sentence: str) -> list[str]:
    """Source keys, or the word judgement, that a sentence of the model file names."""
    return [word for word in dict.fromkeys(re.findall(r"\w+", sentence)) if word in city.sources or word == JUDGEMENT]


def _entries(city: City, variable: Variable) -> list[str]:
    """Keys of parameters.yaml that speak of a variable: its name, or its elements."""
    if variable.name not in city.model.constants:
        return []
    return [key for key in dict.fromkeys((variable.name, *city.elements(variable.name))) if key in city.parameters]


def _parameter(city: City, variable: Variable, entry: str) -> tuple[str, ...]:
    parameter = city.parameters[entry]
    low, high = parameter.low, parameter.high
    bounds = "" if low is None and high is None else f"{_bound(low)} … {_bound(high)}"
    meaning = " ".join(filter(None, (variable.sentence, parameter.note)))
    others = [f"{name}: {prior}" for name in PRIOR_SETS if (prior := parameter.prior_of(name))]
    priors = (parameter.role, bounds, "; ".join([parameter.prior or "", *others]), parameter.source)
    return (entry, _value(city, variable, entry), variable.unit, *priors, meaning)


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _value(city: City, variable: Variable, entry: str) -> str:
    """The number of an entry; for an array each element's (zeros together), or one number where they agree."""
    names = city.elements(variable.name) if entry == variable.name else [entry]
    values = {name: city.nominal(name) for name in names}
    if len(set(values.values())) == 1:
        return f"{values[names[0]]:g}"
    named = [f"{name[len(variable.name) :].strip('[]')} {value:g}" for name, value in values.items() if value != 0]
    return ", ".join([*named, "others 0"] if len(named) < len(values) else named)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """Lines of a table in Markdown."""
    head = list(head)
    return [_row(head), _row("---" for _ in head), *map(_row, rows)]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_inline(cell).replace('|', chr(92) + '|') for cell in cells)} |"


def _inline(text: str) -> str:
    return " ".join(text.split())

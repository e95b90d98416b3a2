"""Scenario files: from an id of the library, a path or a text to a checked Scenario, and back to canonical text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from innovation.model import City
from innovation.model.files import (
    Document,
    Fault,
    either,
    fault,
    near,
    parse_document,
    plain_value,
    quoted,
    read_document,
    read_entry,
    readable,
    shortened,
)

from .composing import combine
from .rules import Placed, broken_rules
from .schema import MOST_CHANGES, READABLE, SCHEMA, AssumptionChange, DatedChange, PolicyChange, Scenario, ScenarioError

LIBRARY = Path(__file__).parent / "library"
WITH_LINK = "+"
LONGEST_NAME = 300


def library(folder: Path = LIBRARY) -> dict[str, Path]:
    """Ids of the scenarios that come with the city, baseline first, and their files."""
    files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {name: files[name] for name in sorted(files, key=lambda name: (name != "baseline", name))}


def load_scenario(city: City, path_or_id: str | Path, folder: Path = LIBRARY) -> Scenario:
    """Read the scenario with this id in the library, or in this file; 'a+b' combines several.

    Raises ScenarioError with every fault of every file named.
    """
    name = str(path_or_id)
    if WITH_LINK in name and not _exists(name):
        return combine(city, load_scenarios(city, [part.strip() for part in name.split(WITH_LINK)], folder))
    known = library(folder)
    if name in known:
        return scenario_in(city, read_document(known[name]))
    if _exists(name):
        return scenario_in(city, read_document(Path(name)))
    code = "scenarios.no_file" if name.endswith((".yaml", ".yml")) else "scenarios.no_scenario"
    named = shortened(name, LONGEST_NAME)
    close = near(Path(named).stem, known)
    raise ScenarioError([fault(code, named, near=close, known=tuple(known))])


def _exists(name: str) -> bool:
    """Whether a file is named; one that cannot be looked at counts, so that the reason is told of it."""
    try:
        return os.path.lexists(name)
    except ValueError:
        return False


def load_scenarios(city: City, names: Iterable[str | Path], folder: Path = LIBRARY) -> list[Scenario]:
    """Read several; raises ScenarioError with every fault of every file named."""
    scenarios: list[Scenario] = []
    faults: list[Fault] = []
    for name in names:
        try:
            scenarios.append(load_scenario(city, name, folder))
        except ScenarioError as error:
            faults += error.faults
    if faults:
        raise ScenarioError(faults)
    return scenarios


def parse_scenario(city: City, text: str | bytes, where: str) -> Scenario:
    """Read a scenario from the text of a file, an upload or a link; `where` names it in messages.

    Raises ScenarioError with every fault.
    """
    return scenario_in(city, parse_document(text, where))


def scenario_in(city: City, document: Document) -> Scenario:
    """The scenario that a document holds; raises ScenarioError with every fault."""
    if document.data is None and document.faults:
        raise ScenarioError(document.faults)
    schema = document.data.get("schema", SCHEMA) if isinstance(document.data, dict) else SCHEMA
    if type(schema) is not int or schema not in READABLE:
        of = {"found": quoted(schema), "readable": either(READABLE)}
        wrong = document.fault(("schema",), "scenarios.schema", **of, schema=SCHEMA, earlier=SCHEMA - 1)
        raise ScenarioError([*document.faults, wrong])
    scenario, faults = read_entry(Scenario, document, (), document.data)
    faults = [*document.faults, *faults]
    faults += broken_rules(city, _readable_changes(document), document, complete=not faults)
    if scenario is None or faults:
        raise ScenarioError(faults)
    return scenario


def _readable_changes(document: Document) -> Iterator[Placed]:
    """The changes that are right by themselves, so that their names and ranges are checked beside faults elsewhere."""
    kinds: tuple[tuple[str, type[PolicyChange | AssumptionChange]], ...] = (
        ("policies", PolicyChange),
        ("assumptions", AssumptionChange),
    )
    for name, kind in kinds:
        items = document.data.get(name) if isinstance(document.data, dict) else None
        for number, item in enumerate(items[:MOST_CHANGES] if isinstance(items, list) else ()):
            change = readable(kind, item)
            if change is not None:
                yield (name, number), change


def scenario_text(scenario: Scenario) -> str:
    """YAML that `parse_scenario` reads back to an equal scenario."""
    content: dict[str, Any] = {
        "schema": scenario.schema_number,
        "id": scenario.id,
        "title": scenario.title.model_dump(),
        "question": scenario.question.model_dump(),
        "source": scenario.source,
        "policies": [{"lever": change.lever, **_dates(change)} for change in scenario.policies],
        "assumptions": [{"input": change.input, **_dates(change)} for change in scenario.assumptions],
    }
    return yaml_text(content)


def yaml_text(content: Mapping[str, Any], width: int = 120) -> str:
    """Plain data as YAML that `parse_document` reads back to the same data."""
    return yaml.dump(content, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=width)


def _dates(change: DatedChange) -> dict[str, float]:
    return {"from": _short(change.start), "to": _short(change.to), "ramp": _short(change.ramp)}


def _short(number: float) -> float:
    """A whole number without its decimal point."""
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


class _Dumper(yaml.SafeDumper):
    """Quotes each text that our reader would take for something else."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None if isinstance(plain_value(text), str) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)

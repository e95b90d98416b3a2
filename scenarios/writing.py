"""A scenario as canonical text: equal scenarios, equal texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from model.documents import plain_value

from .schema import DatedChange, Scenario


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

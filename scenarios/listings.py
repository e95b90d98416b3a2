"""What can be named in a scenario or a command, as records with words in both languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from innovation.model import City

from .scenario_files import library, load_scenarios

Record = dict[str, Any]


def levers(city: City) -> list[Record]:
    """Levers, then assumptions, with values as scenario files write them: in the model's unit."""
    return [
        {
            "id": name,
            "kind": "lever" if name in city.levers else "input",
            "label_en": control.en,
            "label_zh": control.zh,
            "now": city.practice(name),
            "plan": getattr(control, "plan", None),
            "low": control.low,
            "high": control.high,
            "unit": city.model.variables[city.locate(control.constant)[0]].unit,
            "share_of": getattr(control, "share_of", None),
            "section": control.section,
        }
        for name, control in (*city.levers.items(), *city.inputs.items())
    ]


def indicators(city: City) -> list[Record]:
    """Indicators with their unit, sector and first year."""
    return [
        {
            "id": name,
            "label_en": indicator.en,
            "label_zh": indicator.zh,
            "unit": indicator.unit,
            "sector": indicator.sector,
            "first_year": indicator.first_year,
            "variable": indicator.variable,
        }
        for name, indicator in city.indicators.items()
    ]


def scenarios(city: City) -> list[Record]:
    """Scenarios of the library with the question each asks."""
    return [
        {
            "id": scenario.id,
            "title_en": scenario.title.en,
            "title_zh": scenario.title.zh,
            "question_en": scenario.question.en,
            "question_zh": scenario.question.zh,
        }
        for scenario in load_scenarios(city, library())
    ]


def targets(city: City) -> list[Record]:
    """The plan's targets."""
    return [
        {
            "id": name,
            "label_en": city.indicators[name].en,
            "label_zh": city.indicators[name].zh,
            "kind": target.kind,
            "sense": target.sense,
            "value": target.value,
            "high": target.high,
            "unit": city.indicators[name].unit,
            "year": target.year,
            "aggregate": target.aggregate,
            "section": target.section,
            "no_base_en": target.no_base_en,
            "no_base_zh": target.no_base_zh,
        }
        for name, target in city.targets.items()
    ]


LISTINGS: Mapping[str, Callable[[City], list[Record]]] = {
    "levers": levers,
    "indicators": indicators,
    "scenarios": scenarios,
    "targets": targets,
}

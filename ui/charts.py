"""Charts as Vega-Lite dicts from simulated figures, and the rows of their table twins; imports no streamlit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xarray as xr

from model import City

from .catalogue import Catalogue
from .phrases import wanted

# Told apart by the colour-blind (after Okabe & Ito 2008) and at 3:1 or more on both white and near-black; the shapes
# differ as well: a line, a dash, a rule that ends in a triangle, diamonds.
SCENARIO, BASELINE, TARGET, PUBLISHED = "#1F83C8", "#8A8A8A", "#D55E00", "#009E73"
DASH = [6, 4]
HEIGHT = 230
FIRST_TARGET_YEAR = 2011
TICKS = [2005, 2010, 2015, 2020, 2025]

Spec = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """The figures of one year: None where there is none."""

    year: int
    scenario: float | None
    baseline: float | None
    published: float | None


def rows(published: Mapping[int, float], name: str, scenario: xr.Dataset, baseline: xr.Dataset) -> list[Row]:
    """An indicator's nominal figures of two simulated scenarios and its published ones, by year."""
    ours, theirs = _series(scenario, name), _series(baseline, name)
    return [Row(year, ours[year], theirs[year], published.get(year)) for year in ours]


def _series(figures: xr.Dataset, name: str) -> dict[int, float | None]:
    values = figures[name].isel(scenario=0, member=0).values.tolist()
    years = figures.year.values.tolist()
    return {year: None if math.isnan(value) else value for year, value in zip(years, values, strict=True)}


def indicator_chart(city: City, name: str, found: Sequence[Row], words: Catalogue) -> Spec:
    """Scenario as a line, baseline as a dash, target as a rule up to its year, published history as diamonds."""
    decimals = city.indicators[name].decimals
    titles = {
        "scenario": words("chart.scenario"),
        "baseline": words("chart.baseline"),
        "published": words("chart.published"),
    }
    data = [_datum(row, decimals, words) for row in found]
    layers: list[Spec] = [
        _line("scenario", {"color": SCENARIO, "strokeWidth": 3}),
        _line("baseline", {"color": BASELINE, "strokeWidth": 2, "strokeDash": DASH}),
    ]
    if any(row.published is not None for row in found):
        layers.append(_points())
    if name in city.targets:
        layers += _target(city, name, words)
    layers.append(_pointer(titles, words, any(row.published is not None for row in found)))
    return {
        "data": {"values": data},
        "height": HEIGHT,
        "layer": layers,
        "encoding": {
            "x": {
                "field": "year",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [TICKS[0], TICKS[-1]], "nice": False},
                "axis": {"values": TICKS, "format": "d", "grid": False},
            },
            "y": {
                "type": "quantitative",
                "title": None,
                "scale": {"zero": False},
                "axis": {"tickCount": 5, "format": ",~f" if words.language == "en" else "~f"},
            },
        },
        "config": {"view": {"stroke": None}},
    }


def _datum(row: Row, decimals: int, words: Catalogue) -> dict[str, Any]:
    datum: dict[str, Any] = {"year": row.year}
    for key in ("scenario", "baseline", "published"):
        value = getattr(row, key)
        datum[key] = value
        datum[f"{key}_text"] = "–" if value is None else words.number(value, decimals)
    return datum


def _y(field: str) -> Spec:
    return {"field": field, "type": "quantitative"}


def _line(field: str, mark: Mapping[str, Any]) -> Spec:
    return {"mark": {"type": "line", "interpolate": "linear", **mark}, "encoding": {"y": _y(field)}}


def _points() -> Spec:
    mark = {"type": "point", "shape": "diamond", "size": 90, "filled": True, "opacity": 1, "color": PUBLISHED}
    return {"mark": mark, "encoding": {"y": _y("published")}}


def _target(city: City, name: str, words: Catalogue) -> list[Spec]:
    """The rule from the plan's first year to the target's, a triangle that says which side is wanted, and the words."""
    target = city.targets[name]
    at_least = target.sense != "at_most"
    rule = {"type": "rule", "strokeWidth": 2}
    end = {
        "type": "point",
        "shape": "triangle-up" if at_least else "triangle-down",
        "size": 110,
        "filled": True,
        "opacity": 1,
    }
    label = {
        "type": "text",
        "text": words("chart.target_label", wanted=wanted(target, words), year=target.year),
        "align": "right" if at_least else "left",  # where a line that comes from the other side leaves room
        "baseline": "bottom",
        "dx": 6 if at_least else -6,
        "dy": -8,
        "fontSize": 13,
        "fontWeight": "bold",
    }
    along = {"x": {"field": "from", "type": "quantitative"}, "x2": {"field": "year"}}
    return [
        {
            "data": {"values": [{"from": FIRST_TARGET_YEAR, "year": target.year, "wanted": target.value}]},
            "mark": {**mark, "color": TARGET},
            "encoding": {**(along if mark is rule else {}), "y": _y("wanted")},
        }
        for mark in (rule, end, label)
    ]


def _pointer(titles: Mapping[str, str], words: Catalogue, published: bool) -> Spec:
    """A thin rule at the year under the pointer, with the figures of that year."""
    keys = [key for key in titles if key != "published" or published]
    return {
        "mark": {"type": "rule", "color": BASELINE, "strokeWidth": 1},
        "params": [
            {
                "name": "pointed",
                "select": {
                    "type": "point",
                    "fields": ["year"],
                    "nearest": True,
                    "on": "pointerover",
                    "clear": "pointerout",
                },
            }
        ],
        "encoding": {
            "opacity": {"condition": {"param": "pointed", "empty": False, "value": 0.7}, "value": 0},
            "tooltip": [
                {"field": "year", "type": "quantitative", "format": "d", "title": words("chart.year")},
                *({"field": f"{key}_text", "type": "nominal", "title": titles[key]} for key in keys),
            ],
        },
    }

"""Charts as Vega-Lite dicts from simulated figures, and the rows of their table twins; imports no streamlit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from innovation.model import HORIZON, PLAN_BEGINS, PLAN_ENDS, RECORD_BEGINS, City
from innovation.scenarios.simulation import Band
from innovation.ui.outcomes import HIGH, LOW, QUARTER, THREE_QUARTERS, Outcome
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import band_name, wanted

# Told apart by the colour-blind (after Okabe & Ito 2008) and at 3:1 or more on both white and near-black; the shapes
# differ as well: a line, a dash, a rule that ends in a triangle, diamonds.
SCENARIO, BASELINE, TARGET, PUBLISHED = "#1F83C8", "#8A8A8A", "#D55E00", "#009E73"
DASH = [6, 4]
WIDE, NARROW = 0.16, 0.26  # how dense the bands of 90 and 50 per cent are
# Colour and dash of the scenarios compared: told apart by either alone.
LOOKS: Mapping[str, tuple[str, list[int]]] = {
    "baseline": (BASELINE, DASH),
    "first": (SCENARIO, [1, 0]),
    "second": ("#B5651D", [10, 3]),
    "third": ("#7B5EA7", [3, 3]),
    "fourth": ("#2E8B57", [12, 3, 3, 3]),
}
HEIGHT = 230
LAST_WHOLE = PLAN_ENDS + 1  # to this year all of a band is on its chart
TICKS = list(range(RECORD_BEGINS, HORIZON + 1, 5))

Spec = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """The figures of one year in the language's unit: None where there is none; `ranges` are 5, 25, 75 and 95 %."""

    year: int
    scenario: float | None
    baseline: float | None
    published: float | None
    nominal: float | None
    ranges: tuple[float | None, ...] = ()


def rows(
    published: Mapping[int, float], name: str, scenario: Outcome, baseline: Outcome, words: Catalogue
) -> list[Row]:
    """An indicator's most likely figures under two scenarios, its bands under the first, and its published figures."""
    city = scenario.city
    scale = words.scale(city.indicators[name])

    def scaled(values: Iterable[float]) -> list[float | None]:
        return [None if math.isnan(value) else value * scale for value in values]

    ours, theirs, nominal = (
        scaled(values.tolist()) for values in (scenario.middle(name), baseline.middle(name), scenario.nominal(name))
    )
    ranges = []
    if scenario.members:
        band = scenario.band(name)
        ranges = [scaled(band[place].tolist()) for place in (LOW, QUARTER, THREE_QUARTERS, HIGH)]
    told = dict(zip(published, scaled(published.values()), strict=True))
    return [
        Row(year, ours[k], theirs[k], told.get(year), nominal[k], tuple(part[k] for part in ranges))
        for k, year in enumerate(city.years)
    ]


def indicator_chart(
    city: City, name: str, found: Sequence[Row], of: Band, words: Catalogue, height: int = HEIGHT
) -> Spec:
    """Bands and median as areas and a line, baseline dashed, target as a rule to its year, history as diamonds.

    `of` says what the bands are of.
    """
    decimals = words.decimals(city.indicators[name])
    banded, told = any(row.ranges for row in found), any(row.published is not None for row in found)
    called = band_name(of, words)
    titles = {
        "scenario": words("chart.scenario"),
        **({"wide": words("chart.wide", of=called), "narrow": words("chart.narrow", of=called)} if banded else {}),
        "baseline": words("chart.baseline"),
        **({"published": words("chart.published")} if told else {}),
    }
    data = [_datum(row, decimals, words) for row in found]
    layers: list[Spec] = []
    if banded:
        layers += [_area("low90", "high90", WIDE), _area("low50", "high50", NARROW)]
    layers += [
        _line("baseline", {"color": BASELINE, "strokeWidth": 2, "strokeDash": DASH}),
        _line("scenario", {"color": SCENARIO, "strokeWidth": 2.5}),
    ]
    if told:
        layers.append(_points())
    if name in city.targets:
        layers += _target(city, name, words)
    layers.append(_pointer(titles, words))
    return {
        "data": {"values": data},
        "height": height,
        "layer": layers,
        "encoding": {"x": _across(), "y": _up(words, height_of(city, name, found, words))},
        "config": {"view": {"stroke": None}},
    }


def _across() -> Spec:
    return {
        "field": "year",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [TICKS[0], TICKS[-1]], "nice": False},
        "axis": {"values": TICKS, "format": "d", "grid": False},
    }


def height_of(city: City, name: str, found: Sequence[Row], words: Catalogue) -> tuple[float, float] | None:
    """From where to where a chart goes: all of it but for the 90 % band past the targets' years, which may leave it.

    None where nothing leaves it.
    """
    whole = [value for row in found for value in row.ranges[::3] if value is not None]
    needed = [
        value
        for row in found
        for value in (
            *(row.scenario, row.baseline, row.published, *row.ranges[1:3]),
            *(row.ranges if row.year <= LAST_WHOLE else ()),
        )
        if value is not None
    ]
    if name in city.targets:
        needed.append(city.targets[name].value * words.scale(city.indicators[name]))
    if not whole or not needed or (min(needed) <= min(whole) and max(needed) >= max(whole)):
        return None
    return min(needed), max(needed)


def _up(words: Catalogue, ends: tuple[float, float] | None = None) -> Spec:
    return {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, **({"domain": list(ends), "nice": True} if ends else {})},
        "axis": {"tickCount": 5, "format": ",~f" if words.language == "en" else "~f"},
    }


@dataclass(frozen=True)
class ScenarioSeries:
    """One scenario on a chart of several: its title, its look (a key of LOOKS), its figures by year."""

    title: str
    look: str
    figures: Sequence[float]


def mark(look: str) -> str:
    """CSS that draws a look in a legend: a piece of the line with its own dashes."""
    colour, dash = LOOKS[look]
    on, off = dash[0], dash[1]
    drawn = f"repeating-linear-gradient(90deg,{colour} 0 {on}px,transparent {on}px {on + off}px)" if off else colour
    return f"width:30px;height:3px;background:{drawn}"


def comparison_chart(city: City, name: str, courses: Sequence[ScenarioSeries], words: Catalogue) -> Spec:
    """The most likely course of an indicator under several scenarios, and its target."""
    indicator = city.indicators[name]
    scale = words.scale(indicator)
    data: list[dict[str, Any]] = [{"year": year} for year in city.years]
    layers: list[Spec] = []
    for number, course in enumerate(courses):
        for datum, figure in zip(data, course.figures, strict=True):
            datum[f"c{number}"] = None if math.isnan(figure) else figure * scale
            datum[f"c{number}_text"] = words.figure(indicator, figure)
        colour, dash = LOOKS[course.look]
        layers.append(_line(f"c{number}", {"color": colour, "strokeWidth": 2.5, "strokeDash": dash}))
    if name in city.targets:
        layers += _target(city, name, words)
    layers.append(_pointer({f"c{number}": course.title for number, course in enumerate(courses)}, words))
    return {
        "data": {"values": data},
        "height": HEIGHT,
        "layer": layers,
        "encoding": {"x": _across(), "y": _up(words)},
        "config": {"view": {"stroke": None}},
    }


def _datum(row: Row, decimals: int, words: Catalogue) -> dict[str, Any]:
    def text(value: float | None) -> str:
        return "–" if value is None else words.number(value, decimals)

    datum: dict[str, Any] = {"year": row.year}
    for key in ("scenario", "baseline", "published"):
        datum[key] = getattr(row, key)
        datum[f"{key}_text"] = text(getattr(row, key))
    if row.ranges:
        datum |= dict(zip(("low90", "low50", "high50", "high90"), row.ranges, strict=True))
        datum["wide_text"] = f"{text(row.ranges[0])} – {text(row.ranges[3])}"
        datum["narrow_text"] = f"{text(row.ranges[1])} – {text(row.ranges[2])}"
    return datum


def _area(low: str, high: str, opacity: float) -> Spec:
    mark = {"type": "area", "color": SCENARIO, "opacity": opacity, "interpolate": "linear", "clip": True}
    return {"mark": mark, "encoding": {"y": _y(low), "y2": {"field": high}}}


def _y(field: str) -> Spec:
    return {"field": field, "type": "quantitative"}


def _line(field: str, mark: Mapping[str, Any]) -> Spec:
    return {"mark": {"type": "line", "interpolate": "linear", **mark}, "encoding": {"y": _y(field)}}


def _points() -> Spec:
    mark = {"type": "point", "shape": "diamond", "size": 90, "filled": True, "opacity": 1, "color": PUBLISHED}
    return {"mark": mark, "encoding": {"y": _y("published")}}


def _target(city: City, name: str, words: Catalogue) -> list[Spec]:
    """The rule from the plan's first year to the target's, a triangle that says which side is wanted, and the words."""
    target, scale = city.targets[name], words.scale(city.indicators[name])
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
        "text": words("chart.target_label", wanted=wanted(city, name, words), year=target.year),
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
            "data": {"values": [{"from": PLAN_BEGINS, "year": target.year, "wanted": target.value * scale}]},
            "mark": {**mark, "color": TARGET},
            "encoding": {**(along if mark is rule else {}), "y": _y("wanted")},
        }
        for mark in (rule, end, label)
    ]


def _pointer(titles: Mapping[str, str], words: Catalogue) -> Spec:
    """A thin rule at the year under the pointer, with the figures of that year."""
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
                *({"field": f"{key}_text", "type": "nominal", "title": title} for key, title in titles.items()),
            ],
        },
    }

"""Results as people and scripts read them: aligned tables in both languages, tidy rows of figures."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import xarray as xr

from innovation.model import City, Target
from innovation.model.files import Language
from innovation.scenarios.schema import Scenario
from innovation.scenarios.words import section

from .targets import TargetRow, all_met, all_unjudged, counts_json, kinds_told, nominal_counts, shortfall, target_table
from .tensions import nominal_figure, tensions_json

TIDY_COLUMNS = ("scenario", "member", "year", "indicator", "value", "unit")
LONGEST_LABEL = 44
SIGNS = {"at_least": "≥", "at_most": "≤", "range": ""}
WORDS = section("reports")


def target_text(city: City, scenario: Scenario, rows: Sequence[TargetRow], language: Language, width: int = 200) -> str:
    """The table of targets of one scenario, with its title, at most `width` columns wide (labels give way)."""
    words = WORDS[language]
    rows = [row for row in rows if row.scenario == scenario.id]
    years = sorted({city.targets[row.id].year for row in rows})
    value_head = str(years[0]) if len(years) == 1 else "value"
    head = [words("id"), words("label"), words("wanted"), value_head, words("unit"), words("outcome"), words("first")]
    body = [_target_cells(city, row, language) for row in rows]
    right = {2, 3, 6}
    table = aligned([head, *body], right)
    if max(map(display_width, table.splitlines())) > width:
        table = aligned([[*line[:1], *line[2:]] for line in (head, *body)], {1, 2, 5})
    counts = nominal_counts(city, rows)
    count = words("count", met=all_met(counts, 0, language), kinds=kinds_told(counts, 0, language))
    said = "\n".join([count, *all_unjudged(city, language)])
    title = scenario.title.zh if language == "zh" else scenario.title.en
    return f"{scenario.id} · {title}\n{table}\n{said}"


def _target_cells(city: City, row: TargetRow, language: Language) -> list[str]:
    words, indicator, target = WORDS[language], city.indicators[row.id], city.targets[row.id]

    def number(value: float) -> str:
        return f"{value:.{decimals}f}"

    # A figure that misses by less than it is rounded would look met: show more of it.
    decimals = indicator.decimals
    while row.met is False and decimals < indicator.decimals + 4 and shortfall(target, float(number(row.value))) == 0:
        decimals += 1
    distance, percent = number(row.distance), f"{row.percent:.{2 if row.percent < 99.5 else 3}g}"
    outcome = words("met") if row.met else words("missed", distance=distance, percent=percent)
    if row.met is None:
        outcome = words("unjudged")
    missing = math.isnan(row.value)
    return [
        row.id,
        cut(indicator.zh if language == "zh" else indicator.en, LONGEST_LABEL),
        wanted(target),
        "–" if missing else number(row.value),
        indicator.unit_zh if language == "zh" else indicator.unit,
        words("none") if missing else outcome,
        str(row.first_year_met or words("never")),
    ]


def wanted(target: Target) -> str:
    """What a target asks for: ≥ 3, ≤ 30, or 1–2."""
    if target.high is not None:
        return f"{target.value:g}–{target.high:g}"
    return f"{SIGNS[target.sense]} {target.value:g}"


def tidy_rows(dataset: xr.Dataset) -> Iterator[tuple[str, int, int, str, float, str]]:
    """Every available figure as (scenario, member, year, indicator, value, unit); what is not available has no row."""
    years, members = dataset.year.values.tolist(), dataset.member.values.tolist()
    for name, figures in dataset.data_vars.items():
        values = figures.transpose("scenario", "member", "year").values.tolist()
        for scenario, of_scenario in zip(dataset.scenario.values.tolist(), values, strict=True):
            for member, of_member in zip(members, of_scenario, strict=True):
                for year, value in zip(years, of_member, strict=True):
                    if not math.isnan(value):
                        yield scenario, member, year, str(name), value, figures.attrs["unit"]


def as_json(city: City, scenarios: Sequence[Scenario], dataset: xr.Dataset) -> dict[str, Any]:
    """The nominal figures, the targets' table and counts, and the plan's tensions as plain data for a script."""
    figures: dict[str, dict[str, dict[str, float]]] = {scenario.id: {} for scenario in scenarios}
    for scenario, member, year, indicator, value, _ in tidy_rows(dataset):
        if member == 0:
            figures[scenario].setdefault(indicator, {})[str(year)] = value
    rows = target_table(city, dataset)
    counts = {one.id: nominal_counts(city, (row for row in rows if row.scenario == one.id)) for one in scenarios}
    return {
        **dataset.attrs,
        "scenarios": {scenario.id: {"title": scenario.title.model_dump()} for scenario in scenarios},
        "targets": [{key: plain(value) for key, value in vars(row).items()} for row in rows],
        "counts": {name: counts_json(found) for name, found in counts.items()},
        "unjudged": {
            name: {"en": target.no_base_en, "zh": target.no_base_zh}
            for name, target in city.targets.items()
            if not target.has_base
        },
        "tensions": {one.id: tensions_json(city, nominal_figure(dataset, one.id)) for one in scenarios},
        "units": {name: indicator.unit for name, indicator in city.indicators.items()},
        "figures": figures,
    }  # fmt: skip


def plain(value: object) -> object:
    """The value as JSON has it: nothing where it is no finite number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def aligned(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> str:
    """Rows as lines with columns under each other, the first row underlined; columns in `right` end together."""
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = (
            " " * (width - display_width(cell)) + cell if place in right else cell + " " * (width - display_width(cell))
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "  ".join(padded).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join([line(rows[0]), rule, *map(line, rows[1:])])


def display_width(text: str) -> int:
    """Columns that a text takes on a terminal: two for a Chinese character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def cut(text: str, width: int) -> str:
    """The text, ended with … where it would take more than `width` columns."""
    if display_width(text) <= width:
        return text
    while display_width(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"

"""A workbook for Excel: what was changed, targets, figures by year and cost, each on a sheet that reads by itself."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from innovation.model import PLAN_YEARS, City
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import chance_text
from innovation.ui.outcomes import HIGH, LOW, Outcome
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.explained import changed_lines
from innovation.ui.text.phrases import (
    band_name,
    band_said,
    distance,
    first_head,
    hardest,
    kind_word,
    met_count,
    met_kinds,
    since,
    unjudged,
    wanted,
)

from .spending import cost_head, costs, notes

LEAST_SUM = 5e-5  # of money; what is less has no digit in a cell of four decimals
# From which size on a number is shown how.
NUMBER_FORMATS = ((1000, "#,##0.0"), (1, "0.00"), (1e-9, "0.0000"), (0, "0"))
WIDTHS = (44, 18, 16, 16, 16, 18, 18, 22, 18)


def workbook(
    city: City,
    scenario: Scenario,
    outcome: Outcome,
    baseline: Outcome,
    chosen: Sequence[str],
    words: Catalogue,
    provenance: str,
    failed: Sequence[str] = (),
) -> bytes:
    """The sheets as an .xlsx file; texts are never formulas or links. `failed` are lines on members left out."""
    met = words("cards.met_by_kind", met=met_count(outcome, words), kinds=met_kinds(outcome, words))
    target = io.BytesIO()
    settings = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(target, settings) as book:
        made = _Sheets(book)
        made.sheet(
            words("workbook.about"),
            [words("workbook.about"), ""],
            [
                [words("app.title"), ""],
                [words("workbook.scenario"), words.name(scenario.title)],
                [words("workbook.purpose"), words("app.purpose")],
                [words("cards.met"), met],
                [words("workbook.hardest"), hardest(city, chosen, outcome, words)],
                [words("band.title"), band_said(outcome, words) or words("chance.none")],
                [words("workbook.origin"), provenance],
                *([words("workbook.failed"), line] for line in failed),
            ],
        )
        made.sheet(words("workbook.changes"), words("changes.head").split("|"), changed_lines(city, scenario, words))
        made.sheet(words("workbook.targets"), *_targets(city, outcome, baseline, words))
        made.sheet(words("workbook.figures"), *_figures(city, outcome, baseline, words))
        if "cost_city" in city.indicators:
            head, years = cost_head(outcome, words), len(PLAN_YEARS)
            unit, money = words.unit(city.indicators["cost_city"]), words("cost.money")
            head = [
                head[0] + words("target.unit", unit=unit),
                *head[1 : 1 + years],
                *(total + words("target.unit", unit=money) for total in head[1 + years :]),
            ]
            lines = [
                [words.name(indicator), *(_sum(figure * words.scale(indicator)) for figure in figures)]
                for name, figures in costs(outcome).items()
                for indicator in [city.indicators[name]]
            ]
            lines.append([])
            lines.extend([said] for said in notes(scenario, outcome, baseline, words))
            made.sheet(words("workbook.cost"), head, lines)
        if outcome.members and city.variants:
            made.sheet(words("views.title"), *_views(city, outcome, words))
    return target.getvalue()


class _Sheets:
    """Sheets with a bold head that stays in view."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self._wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self._numbers = [
            (least, book.add_format({"num_format": written, "valign": "top"})) for least, written in NUMBER_FORMATS
        ]

    def _written(self, number: float) -> xlsxwriter.format.Format:
        """How a number is shown; all its digits stay in the cell."""
        return next(found for least, found in self._numbers if abs(number) >= least)

    def sheet(self, name: str, head: list[str], lines: list[list[Any]]) -> None:
        page = self._book.add_worksheet(name[:31])
        page.write_row(0, 0, head, self._bold)
        for number, line in enumerate(lines, start=1):
            for place, cell in enumerate(line):
                if isinstance(cell, float) and not math.isfinite(cell):
                    cell = ""
                page.write(number, place, cell, self._wrapped if isinstance(cell, str) else self._written(cell))
        for place in range(len(head)):
            page.set_column(place, place, WIDTHS[place] if place < len(WIDTHS) else 12)
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)


def _targets(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> tuple[list[str], list[list[Any]]]:
    head = [*words("workbook.target_head").split("|"), first_head(outcome, words), words("band.column")]
    lines = []
    for name, target in city.targets.items():
        indicator, chance = city.indicators[name], outcome.chances.get(name)
        scale = words.scale(indicator)
        low, high = outcome.range(name, target.year) if outcome.members else (math.nan, math.nan)
        lines.append(
            [
                words.name(indicator),
                words.unit(indicator),
                kind_word(target.kind, words),
                wanted(city, name, words),
                baseline.at(name, target.year) * scale,
                outcome.at(name, target.year) * scale,
                low * scale,
                high * scale,
                chance_text(chance.chance, chance.draws, words.language) if chance else unjudged(city, name, words),
                chance.chance if chance else math.nan,
                chance.error if chance else math.nan,
                distance(city, name, outcome, words),
                since(city, name, outcome, words),
                band_name(outcome.shows, words),
            ]
        )
    return head, lines


def _sum(money: float) -> float:
    """A sum of money as it stands, or 0 in place of what arithmetic leaves of nothing and a cell would show as -0."""
    return money if abs(money) >= LEAST_SUM else 0.0


def _views(city: City, outcome: Outcome, words: Catalogue) -> tuple[list[str], list[list[Any]]]:
    """A row a target and view of how the city works, with the part of the members that have the view."""
    lines: list[list[Any]] = [
        [
            words.name(city.indicators[name]),
            words.name(city.inputs[one.variant]),
            words.name(city.inputs[one.variant].views[one.value]),
            *(one.share, one.chance, one.error),
        ]
        for name, views in outcome.views().items()
        for one in views
    ]
    return words("views.sheet_head").split("|"), lines


def _figures(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> tuple[list[str], list[list[Any]]]:
    """A row an indicator and kind of figure, a column a year."""
    lines: list[list[Any]] = []
    of = band_name(outcome.shows, words)
    for name, indicator in city.indicators.items():
        scale = words.scale(indicator)
        courses = {"workbook.middle": outcome.middle(name)}
        if outcome.members:
            band = outcome.band(name)
            courses |= {
                "workbook.low": band[LOW],
                "workbook.high": band[HIGH],
                "workbook.nominal": outcome.nominal(name),
            }
        courses["workbook.practice"] = baseline.middle(name)
        for key, figures in courses.items():
            lines.append([words.name(indicator), words.unit(indicator), words(key, of=of), *(figures * scale).tolist()])
    return [*words("workbook.figure_head").split("|"), *map(str, city.years)], lines

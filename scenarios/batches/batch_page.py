"""A batch as one page that stands alone: chances by scenario and target, bands of some targets, how it was made."""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from innovation.model import City
from innovation.model.files import Language
from innovation.scenarios import editions
from innovation.scenarios.costs.cost_words import COST_COLUMNS, SUM, number, payer_name, unpriced_text
from innovation.scenarios.costs.cost_words import WORDS as COST_WORDS
from innovation.scenarios.documents.rendering import drawn, rendered
from innovation.scenarios.schema import Scenario
from innovation.scenarios.simulation.chances import chance_text
from innovation.scenarios.simulation.outlooks import Outlook, all_text, expected_counts, method_text, views_text
from innovation.scenarios.simulation.targets import all_met, all_unjudged
from innovation.scenarios.simulation.text_tables import wanted
from innovation.scenarios.words import section

CHARTS, ACROSS = 6, 3
COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#e08214", "#762a83", "#4d4d4d")
WORDS = section("batch_page")


@dataclass(frozen=True)
class _Cell:
    """What stands in a cell of a table, and its colour where a chance has one."""

    text: str
    shade: str | None = None


def batch_page(
    city: City,
    scenarios: Sequence[Scenario],
    outlooks: Mapping[str, Outlook],
    failed: Sequence[str],
    language: Language = "en",
    costs: Sequence[Sequence[object]] = (),
) -> str:
    """The page as HTML, its style and figures within it: it needs no other file and no network.

    `failed` are the lines that say which members and scenarios failed, `costs` rows of COST_COLUMNS.
    """
    words = WORDS[language]
    told = [one for one in scenarios if one.id in outlooks]
    few = [] if failed else [f"{one.id}: {words('too_few')}" for one in scenarios if one.id not in outlooks]
    wrong = [*failed, *few] or [words("sound")]
    return rendered(
        "innovation.scenarios",
        "batch",
        language=language,
        words=words,
        titles=[(one.id, getattr(one.title, language)) for one in scenarios],
        notes=[*editions.told(city, scenarios, language), *wrong],
        told=_told(city, told, outlooks, language) if told else None,
        costs=_costs(city, told, costs, language) if told and costs else None,
    )


def _told(
    city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], language: Language
) -> dict[str, object]:
    """What is said of the scenarios that are told of, but for their cost."""
    views = {one.id: [*map(str.strip, views_text(outlooks[one.id], one, language))] for one in scenarios}
    return {
        "head": [WORDS[language]("target"), WORDS[language]("wanted"), *(one.id for one in scenarios)],
        "chances": _chances(city, scenarios, outlooks, language),
        "all": [(one.id, all_text(city, outlooks[one.id].chances[one.id], language)) for one in scenarios],
        "unjudged": all_unjudged(city, language),
        "views": views if any(views.values()) else {},  # none where there is one view of how the city works
        "charts": drawn(_charts(city, scenarios, outlooks, language)),
        "method": method_text(outlooks[scenarios[0].id], language),
    }


def _label(city: City, name: str, language: Language) -> str:
    return str(getattr(city.indicators[name], language))


def _chances(
    city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], language: Language
) -> list[list[_Cell]]:
    """Rows of the table of chances: the targets, how many are expected to be met, and all at once."""
    words = WORDS[language]
    every = [outlooks[one.id].chances[one.id] for one in scenarios]
    rows = []
    for name, target in city.targets.items():
        indicator = city.indicators[name]
        unit = indicator.unit_zh if language == "zh" else indicator.unit
        cells = [_Cell(words("unjudged"))] * len(scenarios)
        if target.has_base:
            cells = [_shaded(one.targets[name].chance, one.targets[name].draws, language) for one in every]
        asked = f"{wanted(target)} {unit}, {target.year}"
        rows.append([_Cell(_label(city, name, language)), _Cell(asked), *cells])
    counts = [_Cell(all_met(expected_counts(city, one.targets), 1, language)) for one in every]
    rows.append([_Cell(words("expected")), _Cell(""), *counts])
    rows.append([_Cell(words("all")), _Cell(""), *(_shaded(one.all, one.draws, language) for one in every)])
    return rows


def _shaded(chance: float, draws: int, language: Language) -> _Cell:
    return _Cell(chance_text(chance, draws, language), f"rgba(33,102,172,{0.55 * chance:.2f})")


def _costs(
    city: City, scenarios: Sequence[Scenario], costs: Sequence[Sequence[object]], language: Language
) -> dict[str, object]:
    """The sum of the plan's years by payer and scenario, and what must be said of it."""
    named = [dict(zip(COST_COLUMNS, row, strict=True)) for row in costs]
    sums = {(row["scenario"], row["payer"]): row for row in named if row["what"] == SUM}
    rows = []
    for payer in dict.fromkeys(str(row["payer"]) for row in named):
        found = [sums[one.id, payer] for one in scenarios]
        figures = ([number(float(str(row[q]))) for q in ("q50", "q05", "q95")] for row in found)
        cells = [_Cell(f"{middle} ({low} … {high})") for middle, low, high in figures]
        rows.append([_Cell(payer_name(city, payer, language)), _Cell(""), *cells])
    return {
        "head": [COST_WORDS[language]("payer"), "", *(one.id for one in scenarios)],
        "rows": rows,
        "rule": COST_WORDS[language]("rule"),
        "unpriced": unpriced_text(city, scenarios, language),
    }


def _charts(city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], language: Language) -> str:
    names = _most_different(city, scenarios, outlooks)
    settings = {"svg.hashsalt": "innovation", "svg.fonttype": "none", "font.size": 9}
    with matplotlib.rc_context(settings), warnings.catch_warnings():  # type: ignore[arg-type]
        warnings.filterwarnings("ignore", "Glyph")  # the reader's browser has the letters, not this machine
        rows = -(-len(names) // ACROSS)
        figure = Figure(figsize=(12, 3.2 * rows), layout="constrained")
        axes = figure.subplots(rows, ACROSS, squeeze=False).ravel()
        for place, name in zip(axes, names, strict=False):
            for number, scenario in enumerate(scenarios):
                bands = outlooks[scenario.id].bands[name].isel(scenario=0)
                colour = COLOURS[number % len(COLOURS)]
                low, middle, high = (bands.sel(percent=percent).values for percent in (5, 50, 95))
                place.fill_between(bands.year.values, low, high, color=colour, alpha=0.15, lw=0)
                place.plot(bands.year.values, middle, color=colour, label=scenario.id)
            target = city.targets[name]
            place.hlines(target.value, target.year - 1.5, target.year + 1.5, color="#222", linestyles="dashed", lw=1)
            place.xaxis.set_major_locator(MaxNLocator(5, integer=True))
            place.set_title(_label(city, name, language), fontsize=9)
        for place in axes[len(names) :]:
            place.set_axis_off()
        axes[0].legend(frameon=False, fontsize=8)
        sink = io.StringIO()
        FigureCanvasSVG(figure).print_svg(sink, metadata={"Date": None, "Creator": None})
    return sink.getvalue()


def _most_different(city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook]) -> list[str]:
    """The targets whose chances differ most between scenarios, in the order of the registry."""

    def spread(name: str) -> float:
        chances = [outlooks[one.id].chances[one.id].targets[name].chance for one in scenarios]
        return max(chances) - min(chances)

    chosen = sorted(city.judgeable, key=spread, reverse=True)[:CHARTS]
    return [name for name in city.targets if name in chosen]

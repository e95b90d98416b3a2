"""A batch as one page that stands alone: chances by scenario and target, bands of some targets, how it was made."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from html import escape

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from model import City

from . import editions
from .chance_words import chance_text
from .cost_words import COST_COLUMNS, SUM, number, payer_name, unpriced_text
from .cost_words import WORDS as COST_WORDS
from .outlooks import Outlook, all_text, expected_counts, method_text, views_text
from .reports import wanted
from .schema import Language, Scenario
from .target_counts import all_met, all_unjudged

CHARTS, ACROSS = 6, 3
COLOURS = ("#2166ac", "#b2182b", "#1b7837", "#e08214", "#762a83", "#4d4d4d")
WORDS = {
    "en": {
        "title": "Scenarios with their chances", "target": "target", "wanted": "wanted", "all": "all at once",
        "chances": "Chance of each target", "charts": "Where scenarios differ most",
        "charts_note": "Line: median; band: 5 % to 95 % of the members; dashed: the target, in its year.",
        "unjudged": "cannot be judged", "expected": "expected to be met",
        "sound": "No run failed.", "made": "How this was made", "too_few": "too few members",
        "views": "By view of how the city works", "views_note": "Every chance under every view: views.csv.",
        "costs": "What they cost beyond 2010 practice, 2011 to 2015, 1e8 CNY",
        "costs_note": "Median, and 5 % to 95 % of the members; at current prices.",
    },
    "zh": {
        "title": "各情景及其达标概率", "target": "目标", "wanted": "目标值", "all": "全部同时达到",
        "chances": "各目标达到的可能性", "charts": "情景差异最大的目标",
        "charts_note": "线：中位数；色带：成员的5%至95%；虚线：目标年份的目标值。",
        "unjudged": "无法判断", "expected": "预计达到的数目",
        "sound": "没有算不出结果的运行。", "made": "如何得出", "too_few": "成员过少",
        "views": "按结构假设", "views_note": "各项目标在各结构假设下的可能性见 views.csv。",
        "costs": "超出2010年做法的成本，2011至2015年合计，亿元",
        "costs_note": "中位数，以及成员的5%至95%；现价。",
    },
}  # fmt: skip
STYLE = """
body{font:15px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child,td:nth-child(2),th:nth-child(2){text-align:left}
tr:last-child td{border-top:2px solid #888;font-weight:600}svg{max-width:100%;height:auto}
pre{white-space:pre-wrap;background:#f6f6f6;padding:.8rem}
""".strip()


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
    parts = [
        f"<h1>{words['title']}</h1>",
        *(f"<p><b>{escape(one.id)}</b> · {escape(_title(one, language))}</p>" for one in scenarios),
        *(f"<p>{escape(line)}</p>" for line in editions.told(city, scenarios, language)),
        *_failures(scenarios, outlooks, failed, language),
    ]
    if told:
        parts += [f"<h2>{words['chances']}</h2>", _chances(city, told, outlooks, language)]
        parts += [
            f"<p><b>{escape(one.id)}</b> · {escape(all_text(city, outlooks[one.id].chances[one.id], language))}</p>"
            for one in told
        ]
        parts += [f"<p>{escape(line)}</p>" for line in all_unjudged(city, language)]
        parts += _views(told, outlooks, language)
        parts += [
            f"<h2>{words['charts']}</h2>",
            f"<p>{words['charts_note']}</p>",
            _charts(city, told, outlooks, language),
        ]
        if costs:
            parts += [f"<h2>{words['costs']}</h2>", _costs(city, told, costs, language)]
            parts += [f"<p>{words['costs_note']} {escape(COST_WORDS[language]['rule'])} "
                      f"{escape(unpriced_text(city, told, language))}</p>"]  # fmt: skip
        method = escape(method_text(outlooks[told[0].id], language))
        parts += [f"<h2>{words['made']}</h2>", f"<pre>{method}</pre>"]
    head = f'<meta charset="utf-8"><title>{words["title"]}</title><style>{STYLE}</style>'
    return "\n".join(
        [f'<!doctype html><html lang="{language}"><head>{head}</head><body>', *parts, "</body></html>", ""]
    )


def _title(scenario: Scenario, language: Language) -> str:
    return scenario.title.zh if language == "zh" else scenario.title.en


def _label(city: City, name: str, language: Language) -> str:
    return city.indicators[name].zh if language == "zh" else city.indicators[name].en


def _failures(
    scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], failed: Sequence[str], language: Language
) -> list[str]:
    """Who failed; and without that, which scenario has too few members to speak of."""
    words = WORDS[language]
    few = [] if failed else [f"{one.id}: {words['too_few']}" for one in scenarios if one.id not in outlooks]
    return [f"<p>{escape(line)}</p>" for line in [*failed, *few] or [words["sound"]]]


def _chances(city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], language: Language) -> str:
    words = WORDS[language]
    head = "".join(f"<th>{escape(one.id)}</th>" for one in scenarios)
    rows = [f"<tr><th>{words['target']}</th><th>{words['wanted']}</th>{head}</tr>"]
    for name, target in city.targets.items():
        indicator = city.indicators[name]
        unit = indicator.unit_zh if language == "zh" else indicator.unit
        cells = f"<td>{words['unjudged']}</td>" * len(scenarios)
        if target.has_base:
            of = [outlooks[one.id].chances[one.id].targets[name] for one in scenarios]
            cells = "".join(_cell(chance.chance, chance.draws, language) for chance in of)
        asked = f"{wanted(target)} {unit}, {target.year}"
        rows.append(f"<tr><td>{escape(_label(city, name, language))}</td><td>{escape(asked)}</td>{cells}</tr>")
    every = [outlooks[one.id].chances[one.id] for one in scenarios]
    counts = [expected_counts(city, one) for one in every]
    cells = "".join(f"<td>{escape(all_met(one, 1, language))}</td>" for one in counts)
    rows.append(f"<tr><td>{words['expected']}</td><td></td>{cells}</tr>")
    cells = "".join(_cell(one.all, one.draws, language) for one in every)
    rows.append(f"<tr><td>{words['all']}</td><td></td>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _views(scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook], language: Language) -> Iterator[str]:
    """Where chances differ by view of how the city works; nothing where there is one view of it."""
    words = WORDS[language]
    said = {one.id: views_text(outlooks[one.id], one, language) for one in scenarios}
    if any(said.values()):
        yield f"<h2>{words['views']}</h2>"
        yield f"<p>{words['views_note']}</p>"
        for name, lines in said.items():
            items = "".join(f"<li>{escape(line.strip())}</li>" for line in lines)
            yield f"<p><b>{escape(name)}</b></p><ul>{items}</ul>"


def _costs(city: City, scenarios: Sequence[Scenario], costs: Sequence[Sequence[object]], language: Language) -> str:
    """The sum of the plan's years by payer and scenario."""
    named = [dict(zip(COST_COLUMNS, row, strict=True)) for row in costs]
    sums = {(row["scenario"], row["payer"]): row for row in named if row["what"] == SUM}
    head = "".join(f"<th>{escape(one.id)}</th>" for one in scenarios)
    rows = [f"<tr><th>{COST_WORDS[language]['payer']}</th><th></th>{head}</tr>"]
    for payer in dict.fromkeys(str(row["payer"]) for row in named):
        found = [sums[one.id, payer] for one in scenarios]
        cells = "".join(
            "<td>{} ({} … {})</td>".format(*(number(float(str(row[q]))) for q in ("q50", "q05", "q95")))
            for row in found
        )
        rows.append(f"<tr><td>{escape(payer_name(city, payer, language))}</td><td></td>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _cell(chance: float, draws: int, language: Language) -> str:
    shade = f"rgba(33,102,172,{0.55 * chance:.2f})"
    return f'<td style="background:{shade}">{escape(chance_text(chance, draws, language))}</td>'


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
    text = sink.getvalue()
    return text[text.index("<svg") :]


def _most_different(city: City, scenarios: Sequence[Scenario], outlooks: Mapping[str, Outlook]) -> list[str]:
    """The targets whose chances differ most between scenarios, in the order of the registry."""

    def spread(name: str) -> float:
        chances = [outlooks[one.id].chances[one.id].targets[name].chance for one in scenarios]
        return max(chances) - min(chances)

    chosen = sorted(city.judgeable, key=spread, reverse=True)[:CHARTS]
    return [name for name in city.targets if name in chosen]

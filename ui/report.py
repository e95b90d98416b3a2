"""A report for a meeting: one HTML file that needs nothing else and prints on A4; every text in it is escaped."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from html import escape

from fontTools import subset
from fontTools.ttLib import TTFont

from model import City
from scenarios import Scenario
from scenarios.chance_words import chance_text
from scenarios.view_words import view_lines

from .catalogue import Catalogue
from .charts import LAST_WHOLE, height_of, rows
from .explained import changed_lines
from .outcomes import Outcome
from .phrases import asked, band_said, hardest, met_count, met_kinds
from .pictures import FONT, picture
from .spending import cost_table, notes, warning
from .tables import html_table
from .target_table import note, target_lines

LANG = {"zh": "zh-CN", "en": "en"}
STYLE = """
@page {size: A4; margin: 16mm 15mm;}
body {font: 10.5pt/1.5 'Carried', 'Noto Sans SC', sans-serif; color: #1b1b1b; max-width: 180mm;
  margin: 8mm auto; padding: 0 4mm;}
h1 {font-size: 17pt; margin: 0 0 1mm;} h2 {font-size: 12.5pt; margin: 6mm 0 2mm; break-after: avoid;}
.faint {color: #555; font-size: 9pt;} .warned {border-left: 3px solid #D55E00; padding-left: 3mm;}
table.figures {font-size: 8.5pt;} table.figures th, table.figures td {padding: .8mm 1.5mm;}
table.figures tr.note td {font-size: 8pt;} tr {break-inside: avoid;} figure {break-inside: avoid; margin: 0;}
.pictures {display: grid; grid-template-columns: 1fr 1fr; gap: 4mm;} .pictures svg {width: 100%; height: auto;}
@media print {body {margin: 0; max-width: none; padding: 0;} .scroll {overflow: visible;}}
"""


def report(
    city: City,
    scenario: Scenario,
    start: Scenario,
    outcome: Outcome,
    baseline: Outcome,
    published: Mapping[str, Mapping[int, float]],
    charts: Sequence[str],
    chosen: Sequence[str],
    words: Catalogue,
    provenance: str,
    failed: Sequence[str] = (),
) -> str:
    """Question, what was changed, chances, charts, cost, caveats and the hashes behind the figures.

    `failed` are lines on members that are left out.
    """
    changes = changed_lines(city, scenario, words)
    warned = warning(outcome, words)
    parts = [
        f"<h1>{escape(words.name(scenario.title))}</h1>",
        f'<p class="faint">{escape(words("app.title"))} · {escape(words("app.purpose"))}</p>',
        _section(words("report.question"), f"<p>{escape(asked(scenario, start, words))}</p>"),
        _section(
            words("report.short"),
            "".join(f'<p class="warned">{escape(line)}</p>' for line in failed)
            + _short(city, outcome, baseline, chosen, words),
        ),
        _section(
            words("changes.heading"),
            html_table(words("changes.caption"), words("changes.head").split("|"), changes, numbers={3})
            if changes
            else f"<p>{escape(words('changes.none'))}</p>",
        ),
        _section(words("report.charts"), _pictures(city, outcome, baseline, published, charts, words)),
        _section(
            words("cost.title"),
            (f'<p class="warned">{escape(warned)}</p>' if warned else "")
            + cost_table(outcome, words)
            + "".join(f"<p>{escape(line)}</p>" for line in notes(scenario, outcome, baseline, words))
            if "cost_city" in city.indicators
            else "",
        ),
        _section(words("target.title", count=len(city.targets)), _targets(city, outcome, baseline, words)),
        _section(
            words("views.title"), "".join(f"<p>{escape(line)}</p>" for line in _views(city, scenario, outcome, words))
        ),
        _section(words("report.caveats"), _paragraphs(words("report.caveats_text"))),
        f'<p class="faint">{escape(provenance)}</p>',
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{LANG[words.language]}"><head><meta charset="utf-8">'
        f"<title>{escape(words.name(scenario.title))}</title><style>{_font(body)}{STYLE}</style></head>"
        f"<body>{body}</body></html>"
    )


def _section(title: str, content: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{content}</section>" if content else ""


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in text.strip().splitlines())


def _short(city: City, outcome: Outcome, baseline: Outcome, chosen: Sequence[str], words: Catalogue) -> str:
    met = words("report.met", met=met_count(outcome, words), kinds=met_kinds(outcome, words))
    before = words("report.met_baseline", met=met_count(baseline, words), kinds=met_kinds(baseline, words))
    lines = [met, before, hardest(city, chosen, outcome, words), band_said(outcome, words) or words("chance.none")]
    short = "".join(f"<p>{escape(line)}</p>" for line in lines)
    if not outcome.members or not chosen:
        return short
    chances = [(words.name(city.indicators[name]), outcome.together([name])) for name in chosen]
    if len(chosen) > 1:
        chances.append((words.counted("cards.together", len(chosen)), outcome.together(chosen)))
    said = [(label, chance_text(chance, outcome.draws, words.language)) for label, chance in chances]
    each = (f"{label}{words('report.colon')}{chance}" for label, chance in said)
    return short + "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in each) + "</ul>"


def _pictures(
    city: City,
    outcome: Outcome,
    baseline: Outcome,
    published: Mapping[str, Mapping[int, float]],
    charts: Sequence[str],
    words: Catalogue,
) -> str:
    drawn, leaves = [], False
    for name in charts:
        found = rows(published[name], name, outcome, baseline, words)
        svg = picture(city, name, found, outcome.shows, words, "svg").decode()
        leaves = leaves or height_of(city, name, found, words) is not None
        label = escape(words.name(city.indicators[name]))
        own = (
            svg[svg.index("<svg") :]
            .replace('id="', f'id="{name}-')
            .replace('"#', f'"#{name}-')
            .replace("url(#", f"url(#{name}-")
        )
        drawn.append(f'<figure role="img" aria-label="{label}">{own}</figure>')
    said = f'<p class="faint">{escape(words("chart.leaves", year=LAST_WHOLE))}</p>' if leaves else ""
    return f'<div class="pictures">{"".join(drawn)}</div>{said}'


def _targets(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> str:
    head, lines = target_lines(city, city.targets, outcome, baseline, words)
    notes = [note(city, name, outcome, words) for name in city.targets]
    return html_table(words("target.caption"), head, lines, numbers={2, 3, 4}, notes=notes)


def _views(city: City, scenario: Scenario, outcome: Outcome, words: Catalogue) -> list[str]:
    """Where chances differ by view of how the city works, and what the scenario sets of it."""
    return view_lines(city, scenario, outcome.views(), words.language, outcome.draws or None)


def _font(text: str) -> str:
    """The carried font, cut down to the signs of this report, so that it reads the same on every machine."""
    font = TTFont(FONT)
    options = subset.Options(notdef_outline=True, layout_features=[])
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.flavor = "woff"
    target = io.BytesIO()
    font.save(target)
    data = base64.b64encode(target.getvalue()).decode()
    return f"@font-face{{font-family:'Carried';src:url(data:font/woff;base64,{data}) format('woff');}}"

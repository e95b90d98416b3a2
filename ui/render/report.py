"""A report for a meeting: one HTML file that needs nothing else and prints on A4."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence

from fontTools import subset
from fontTools.ttLib import TTFont
from markupsafe import Markup

from innovation.model import City
from innovation.scenarios import Scenario
from innovation.scenarios.documents import drawn, rendered
from innovation.scenarios.simulation import chance_text, view_lines
from innovation.ui.outcomes import Outcome
from innovation.ui.text.catalogue import TAGS, Catalogue
from innovation.ui.text.explained import changed_lines
from innovation.ui.text.phrases import asked, band_said, hardest, met_count, met_kinds

from .charts import LAST_WHOLE, height_of, rows
from .pictures import FONT, picture
from .spending import cost_table, notes, warning
from .tables import html_table
from .target_table import note, target_lines


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
    pictures, leaves = _pictures(city, outcome, baseline, published, charts, words)
    body = rendered(
        "innovation.ui",
        "report/body",
        words=words,
        title=words.name(scenario.title),
        question=asked(scenario, start, words),
        failed=failed,
        lines=_short(city, outcome, baseline, chosen, words),
        chances=_chances(city, outcome, chosen, words),
        changes=html_table(words("changes.caption"), words("changes.head").split("|"), changes, numbers={3})
        if changes
        else None,
        pictures=pictures,
        leaves=words("chart.leaves", year=LAST_WHOLE) if leaves else "",
        costs=cost_table(outcome, words) if "cost_city" in city.indicators else None,
        warned=warning(outcome, words),
        notes=notes(scenario, outcome, baseline, words),
        count=len(city.targets),
        targets=_targets(city, outcome, baseline, words),
        # Where chances differ by view of how the city works, and what the scenario sets of it.
        views=view_lines(city, scenario, outcome.views(), words.language, outcome.independent),
        caveats=words("report.caveats_text").strip().splitlines(),
        provenance=provenance,
    )
    title, tag = words.name(scenario.title), TAGS[words.language]
    return rendered("innovation.ui", "report/page", title=title, tag=tag, font=_font(body), body=body)


def _short(city: City, outcome: Outcome, baseline: Outcome, chosen: Sequence[str], words: Catalogue) -> list[str]:
    """How many targets are met, here and in the baseline, and what is hardest."""
    met = words("report.met", met=met_count(outcome, words), kinds=met_kinds(outcome, words))
    before = words("report.met_baseline", met=met_count(baseline, words), kinds=met_kinds(baseline, words))
    return [met, before, hardest(city, chosen, outcome, words), band_said(outcome, words) or words("chance.none")]


def _chances(city: City, outcome: Outcome, chosen: Sequence[str], words: Catalogue) -> list[str]:
    """The chance of each chosen target, and of all together; none without members."""
    if not outcome.members:
        return []
    chances = [(words.name(city.indicators[name]), outcome.together([name])) for name in chosen]
    if len(chosen) > 1:
        chances.append((words.counted("cards.together", len(chosen)), outcome.together(chosen)))
    said = [(label, chance_text(chance, outcome.draws, words.language)) for label, chance in chances]
    return [f"{label}{words('report.colon')}{chance}" for label, chance in said]


def _pictures(
    city: City,
    outcome: Outcome,
    baseline: Outcome,
    published: Mapping[str, Mapping[int, float]],
    charts: Sequence[str],
    words: Catalogue,
) -> tuple[list[tuple[str, Markup]], bool]:
    """Charts with what each is called, and whether a line of one leaves its picture."""
    pictures, leaves = [], False
    for name in charts:
        found = rows(published[name], name, outcome, baseline, words)
        svg = picture(city, name, found, outcome.shows, words, "svg").decode()
        leaves = leaves or height_of(city, name, found, words) is not None
        own = svg.replace('id="', f'id="{name}-').replace('"#', f'"#{name}-').replace("url(#", f"url(#{name}-")
        pictures.append((words.name(city.indicators[name]), drawn(own)))
    return pictures, leaves


def _targets(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> Markup:
    head, lines = target_lines(city, city.targets, outcome, baseline, words)
    notes = [note(city, name, outcome, words) for name in city.targets]
    return html_table(words("target.caption"), head, lines, numbers={2, 3, 4}, notes=notes)


def _font(text: str) -> str:
    """The carried font in base64, cut down to the signs of this report, so that it reads the same on every machine."""
    font = TTFont(FONT)
    options = subset.Options(notdef_outline=True, layout_features=[])
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.flavor = "woff"
    target = io.BytesIO()
    font.save(target)
    return base64.b64encode(target.getvalue()).decode()

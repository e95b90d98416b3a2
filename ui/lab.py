"""Policy lab: move levers at the side, see four figures, the plan's targets, the cost and what was changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from engine import EngineError
from model import City, DocumentError
from scenarios import Scenario, scenario_text

from . import cache, controls, language, session
from .cache import Outcome
from .catalogue import Catalogue
from .charts import BASELINE, PUBLISHED, SCENARIO, TARGET, Row, indicator_chart, rows
from .phrases import since, value, verdict, wanted
from .tables import csv_text, html_table

SIDEBAR_WIDTH = 400
CHARTED = ("rd_intensity", "hightech_output", "contribution_rate", "external_dependence")
SOURCES = ("cost_city", "cost_national", "cost_enterprise", "cost_finance")
PLAN_YEARS = range(2011, 2016)
STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding-left: 2.5rem; padding-right: 2.5rem;}
[data-testid="InputInstructions"] {display: none;}
[data-testid="stSidebar"] button[kind="tertiary"]:enabled p {
  text-decoration: underline dotted; text-underline-offset: .25em;}
[data-testid="stSidebarHeader"] {height: 3rem; margin-bottom: .25rem;}
</style>"""  # Streamlit has no setting for these; its hints to press Enter are in English only


def show() -> None:
    """The page."""
    words = language.words()
    st.html(STYLE)
    top, right = st.columns([4, 1], vertical_alignment="bottom")
    with top.container(gap=None):
        st.caption(words("app.title"))
        st.title(words("lab.title"))
    with right.container(horizontal=True, horizontal_alignment="right"):
        language.switch()
    try:
        city, library = session.open_session()
        published = cache.published(cache.fingerprint())
    except (DocumentError, EngineError) as error:
        _failure(words("lab.city_error"), error)
        return
    _purpose(city, words)
    files, scenario = cache.fingerprint(), session.scenario()
    faults = cache.starts(files)[1]
    if faults:
        _failure(words("lab.library_error"), faults)
    baseline = cache.outcome(files, library[cache.BASELINE])
    try:
        outcome = cache.outcome(files, scenario)
    except EngineError as error:
        _failure(words("lab.run_error"), error)
        outcome = baseline
    _headline(city, scenario, library[session.start()], outcome, baseline, words)
    _changes(city, scenario, words)
    _charts(city, published, outcome, baseline, words)
    with st.sidebar:  # after the charts, which so follow a moved lever sooner
        controls.side(city, library, words)
    _targets(city, outcome, baseline, words)
    _cost(city, outcome, baseline, words)


def _failure(sentence: str, error: object) -> None:
    st.error(sentence)
    st.code(str(error), language=None, wrap_lines=True)


def _purpose(city: City, words: Catalogue) -> None:
    st.markdown(words("lab.purpose", count=len(city.targets)))
    with st.expander(words("lab.limits_title"), key="limits"):
        st.markdown(words("lab.limits"))


def _headline(
    city: City, scenario: Scenario, start: Scenario, outcome: Outcome, baseline: Outcome, words: Catalogue
) -> None:
    ours = {name for name, row in outcome.targets.items() if row.met}
    theirs = {name for name, row in baseline.targets.items() if row.met}
    with st.container(gap="xxsmall"):
        st.header(words.name(scenario.title), anchor=False)
        own = scenario.id == start.id
        st.caption(words.name(start.question) if own else words("scenario.from", start=words.name(start.title)))
    lines = [words("lab.headline", met=len(ours), all=len(city.targets), baseline=len(theirs))]
    for differing, key in ((ours - theirs, "lab.gained"), (theirs - ours, "lab.lost")):
        names = [words.name(city.indicators[name]) for name in city.targets if name in differing]
        if names:
            lines.append(words(key, names=words("lab.comma").join(names)))
    st.markdown("  \n".join(lines))


def _changes(city: City, scenario: Scenario, words: Catalogue) -> None:
    """What is not at practice, in one list, and the scenario's file."""
    changed = list(dict.fromkeys(change.name for change in scenario.changes))
    if not changed:
        st.caption(words("changes.none"))
        return
    with st.expander(words("changes.title", count=len(changed)), key="changes"):
        lines = []
        for name in changed:
            control = city.control(name)
            kind = words("changes.policy") if name in city.levers else words("changes.assumption")
            path = words("changes.then").join(
                words(
                    "changes.ramped" if change.ramp else "changes.at_once",
                    start=f"{change.start:g}",
                    end=f"{change.end:g}",
                    to=f"{change.to * control.factor:.6g}",
                )
                for change in scenario.changes_of(name)
            )
            practice = f"{city.practice(name) * control.factor:.6g}"
            lines.append([words.name(control), kind, words.unit(control), practice, path])
        head = words("changes.head").split("|")
        st.html(html_table(words("changes.caption"), head, lines, numbers={3}))
        st.download_button(
            words("changes.download"),
            scenario_text(scenario),
            f"{scenario.id}.yaml",
            "application/yaml",
            on_click="ignore",
            help=words("changes.download_help"),
        )


def _charts(
    city: City, published: Mapping[str, Mapping[int, float]], outcome: Outcome, baseline: Outcome, words: Catalogue
) -> None:
    st.html(_legend(words))
    found = {name: rows(published[name], name, outcome.figures, baseline.figures) for name in CHARTED}
    for pair in (CHARTED[:2], CHARTED[2:]):
        for place, name in zip(st.columns(2, gap="medium", vertical_alignment="bottom"), pair, strict=True):
            with place:
                _chart(city, name, found[name], outcome, baseline, words)
        for place, name in zip(st.columns(2, gap="medium"), pair, strict=True):  # an open table moves no chart
            with place:
                _twin(city, name, found[name], words)


def _chart(city: City, name: str, found: Sequence[Row], outcome: Outcome, baseline: Outcome, words: Catalogue) -> None:
    indicator, target, row = city.indicators[name], city.targets[name], outcome.targets[name]
    label, unit = words.name(indicator), words.unit(indicator)
    says = words(
        "chart.says",
        year=target.year,
        value=value(city, row, words),
        baseline=value(city, baseline.targets[name], words),
        verdict=verdict(city, row, words),
    )
    with st.container(gap=None):
        st.markdown(words("chart.title", label=label, unit=unit))
        st.caption(says)
    alt = words("chart.alt", label=label, unit=unit, says=says, wanted=wanted(target, words))
    st.vega_lite_chart(indicator_chart(city, name, found, words), key=f"chart {name}", alt=alt)


def _twin(city: City, name: str, found: Sequence[Row], words: Catalogue) -> None:
    """The figures of a chart as a table and as a file."""
    indicator = city.indicators[name]
    with st.expander(words("chart.table"), key=f"figures {name}"):
        head = words("chart.head").split("|")
        number = lambda figure: "–" if figure is None else words.number(figure, indicator.decimals)  # noqa: E731
        lines = [[str(r.year), number(r.scenario), number(r.baseline), number(r.published)] for r in found]
        st.html(
            html_table(
                words("chart.caption", label=words.name(indicator), unit=words.unit(indicator)),
                head,
                lines,
                numbers={1, 2, 3},
            )
        )
        st.download_button(
            words("chart.download"),
            lambda: csv_text(head, [[r.year, r.scenario, r.baseline, r.published] for r in found]),
            f"{name}.csv",
            "text/csv",
            key=f"csv {name}",
            on_click="ignore",
        )


def _legend(words: Catalogue) -> str:
    """One legend for all charts, drawn as they draw."""
    marks = {
        words("chart.scenario"): f"width:30px;border-top:3px solid {SCENARIO}",
        words("chart.baseline"): f"width:30px;border-top:2px dashed {BASELINE}",
        words("chart.target"): f"width:26px;border-top:2px solid {TARGET}",
        words("chart.published"): f"width:9px;height:9px;background:{PUBLISHED};transform:rotate(45deg)",
    }
    items = "".join(
        '<span style="display:inline-flex;align-items:center;gap:.5rem">'
        f'<span aria-hidden="true" style="display:inline-block;{mark}"></span>{label}</span>'
        for label, mark in marks.items()
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:.3rem 1.6rem;font-size:.9rem">{items}</div>'


def _targets(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> None:
    st.header(words("target.title", count=len(city.targets)), anchor=False)
    shown = st.segmented_control(
        words("target.show"),
        ("all", "missed", "met", "different"),
        default="all",
        required=True,
        key="targets shown",
        format_func={
            "all": words("target.all"),
            "missed": words("target.only_missed"),
            "met": words("target.only_met"),
            "different": words("target.only_different"),
        }.__getitem__,
    )
    lines, classes, notes = [], [], []
    for name, row in outcome.targets.items():
        other = baseline.targets[name]
        same = value(city, row, words) == value(city, other, words)
        if {"missed": row.met, "met": not row.met, "different": same}.get(str(shown), False):
            continue
        target, indicator = city.targets[name], city.indicators[name]
        lines.append(
            [
                words.name(indicator),
                words.unit(indicator),
                wanted(target, words),
                value(city, other, words),
                value(city, row, words),
                verdict(city, row, words),
                since(row, city.years[-1], words),
            ]
        )
        classes.append("met" if row.met else "missed")
        tension = target.tension_zh if words.language == "zh" else target.tension_en
        notes.append(words("target.tension", text=tension) if tension else "")
    if not lines:
        st.caption(words("target.nothing"))
        return
    head = words("target.head").split("|")
    seen = [[name + words("target.unit", unit=unit), *rest] for name, unit, *rest in lines]
    table = html_table(
        words("target.caption"), [head[0], *head[2:]], seen, numbers={1, 2, 3}, verdict=4, classes=classes, notes=notes
    )
    st.html(table)
    st.download_button(
        words("target.download"), csv_text(head, lines), "targets.csv", "text/csv", key="csv targets", on_click="ignore"
    )


def _cost(city: City, outcome: Outcome, baseline: Outcome, words: Catalogue) -> None:
    """Money a year by source, and how much more than under 2010 practice; absent where the city has no such figures."""
    sources = [name for name in SOURCES if name in city.indicators]
    if not sources:
        return
    st.header(words("cost.title"), anchor=False)
    lines = []
    for name in sources:
        ours, theirs = (
            found.figures[name].isel(scenario=0, member=0).sel(year=list(PLAN_YEARS)).values.tolist()
            for found in (outcome, baseline)
        )
        decimals = city.indicators[name].decimals
        more = sum(ours) - sum(theirs)
        lines.append(
            [
                words.name(city.indicators[name]),
                *(words.number(figure, decimals) for figure in ours),
                words.number(sum(ours), decimals),
                words.number(abs(more) if round(more, decimals) == 0 else more, decimals),
            ]
        )
    head = [words("cost.source"), *map(str, PLAN_YEARS), words("cost.sum"), words("cost.more")]
    unit = words.unit(city.indicators[sources[0]])
    st.html(html_table(words("cost.caption", unit=unit), head, lines, numbers=range(1, len(head))))

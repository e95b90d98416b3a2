"""The charts of the lab: two side by side, of any figure, each with its words, its table and its files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import pyarrow as pa
import streamlit as st

from innovation.model import PLAN_ENDS
from innovation.scenarios.simulation import Band, met_text
from innovation.ui.frame import Opened
from innovation.ui.looks import legend
from innovation.ui.outcomes import Outcome
from innovation.ui.render.charts import (
    BASELINE,
    LAST_WHOLE,
    NARROW,
    PUBLISHED,
    SCENARIO,
    TARGET,
    WIDE,
    Row,
    Spec,
    height_of,
    indicator_chart,
    rows,
)
from innovation.ui.render.tables import csv_text, html_table
from innovation.ui.state import cache, session
from innovation.ui.text.phrases import band_name, band_said, beside, median, since_when, wanted

from . import bands, binding

MOST = 4
Kind = Literal["svg", "png"]
MIMES: dict[Kind, str] = {"svg": "image/svg+xml", "png": "image/png"}


def pair(here: Opened, outcome: Outcome, baseline: Outcome) -> None:
    """The legend, then charts two in a row."""
    words = here.words
    st.html(legend(_marks(here, outcome)))
    left, right = st.columns([5, 6], vertical_alignment="bottom")
    if said_of_bands := band_said(outcome, words):
        left.caption(said_of_bands)
    with right.container(horizontal=True, horizontal_alignment="right", vertical_alignment="bottom"):
        bands.control(here)
        _count(here)
    shown = session.charts()
    published = cache.published(here.files)
    for first in range(0, len(shown), 2):
        names = shown[first : first + 2]
        found = [rows(published[name], name, outcome, baseline, words) for name in names]
        for number, (place, name) in enumerate(zip(st.columns(2, gap="medium"), names, strict=False)):
            with place:
                _chart(here, first + number, name, found[number], outcome, baseline)
        for number, (place, name) in enumerate(zip(st.columns(2, gap="medium"), names, strict=False)):
            with place:  # an open table moves no chart
                _twin(here, first + number, name, found[number], outcome)


def chart(spec: Spec, key: str, alt: str) -> None:
    """Show a chart; its data go beside it, so that the browser redraws it and does not build it anew."""
    frame = {name: part for name, part in spec.items() if name != "data"}
    st.vega_lite_chart(pa.Table.from_pylist(spec["data"]["values"]), frame, key=key, alt=alt)


def leaves(here: Opened, name: str, found: Sequence[Row]) -> None:
    """Say so where a band leaves its chart."""
    if height_of(here.city, name, found, here.words):
        st.caption(here.words("chart.leaves", year=LAST_WHOLE))


def _count(here: Opened) -> None:
    shown = session.charts()
    if len(shown) > 2:
        st.button(
            here.words("chart.fewer"),
            on_click=_fewer,
            key="fewer charts",
            type="tertiary",
        )
    else:
        st.button(here.words("chart.more"), on_click=_more, args=(here,), key="more charts", type="tertiary")


def _fewer() -> None:
    session.choose("charts", session.charts()[:2])


def _more(here: Opened) -> None:
    known = [name for name in session.USUAL_CHOICE if name in here.city.indicators]
    session.choose("charts", list(dict.fromkeys([*session.charts(), *known, *here.city.indicators]))[:MOST])


def _marks(here: Opened, outcome: Outcome) -> list[tuple[str, str]]:
    """Words and looks of the legend, drawn as the charts draw."""
    words, called = here.words, band_name(outcome.shows, here.words)
    tint = "width:26px;height:12px;background:color-mix(in srgb, {colour} {part}%, transparent)"
    bands = [
        (words("chart.narrow", of=called), tint.format(colour=SCENARIO, part=round(100 * (WIDE + NARROW)))),
        (words("chart.wide", of=called), tint.format(colour=SCENARIO, part=round(100 * WIDE))),
    ]
    return [
        (words("chart.scenario"), f"width:28px;border-top:3px solid {SCENARIO}"),
        *(bands if outcome.members else []),
        (words("chart.baseline"), f"width:28px;border-top:2px dashed {BASELINE}"),
        (words("chart.target"), f"width:24px;border-top:2px solid {TARGET}"),
        (words("chart.published"), f"width:8px;height:8px;background:{PUBLISHED};transform:rotate(45deg)"),
    ]


def _picked(place: int, name: str) -> None:
    """Show a figure in one place; the one that was there goes where this one was, so that none is shown twice."""
    shown = list(session.charts())
    if place < len(shown):
        if name in shown:
            shown[shown.index(name)] = shown[place]
        shown[place] = name
        session.choose("charts", shown)


def _chart(here: Opened, place: int, name: str, found: Sequence[Row], outcome: Outcome, baseline: Outcome) -> None:
    words, city = here.words, here.city
    indicator = city.indicators[name]
    titles = {
        one: words("chart.title", label=words.name(other), unit=words.unit(other))
        for one, other in city.indicators.items()
    }
    with st.container(gap="xsmall"):
        binding.select(
            f"chart {place}",
            words("chart.pick", number=place + 1),
            titles,
            name,
            partial(_picked, place),
            label_visibility="collapsed",
        )
        says = said(here, name, outcome, baseline)
        st.caption(says)
        label, unit = words.name(indicator), words.unit(indicator)
        aim = words("chart.alt_target", wanted=wanted(city, name, words)) if name in city.targets else ""
        alt = words("chart.alt", label=label, unit=unit, says=says, target=aim)
        chart(indicator_chart(city, name, found, outcome.shows, words), key=f"drawn {place} {name}", alt=alt)
        leaves(here, name, found)


def said(here: Opened, name: str, outcome: Outcome, baseline: Outcome) -> str:
    """What a chart says in words: the year's figure and range, how often the target is met, since when, how far."""
    words, city = here.words, here.city
    indicator = city.indicators[name]
    year = city.targets[name].year if name in city.targets else PLAN_ENDS
    ours, theirs = (words.figure(indicator, one.at(name, year)) for one in (outcome, baseline))
    if outcome.members:
        low, high = (words.figure(indicator, end) for end in outcome.range(name, year))
        parts = [words("chart.says_range", year=year, value=ours, low=low, high=high, baseline=theirs)]
    else:
        parts = [words("chart.says", year=year, value=ours, baseline=theirs)]
    if name in city.targets and not city.targets[name].has_base:
        parts.append(words("target.unjudged"))
    elif name in city.targets:
        if outcome.members:
            chance = outcome.chances[name]
            parts.append(met_text(chance.chance, chance.draws, words.language))
        parts.append(median(city, name, outcome, words))
        parts.append(since_when(name, outcome, city.years[-1], words))
    also = beside(city, name, year, outcome, words)
    return words("chart.then").join(parts) + (words("chart.with", also=also) if also else "")


def table_of(here: Opened, name: str, found: Sequence[Row], outcome: Outcome) -> tuple[list[str], list[list[object]]]:
    """Head and rows (numbers or None) of a chart's table."""
    head = here.words("chart.head").split("|")
    if outcome.members:
        head += here.words("chart.head_bands").split("|")
    return head, [[r.year, r.scenario, r.baseline, r.published, r.nominal, *r.ranges] for r in found]


def _twin(here: Opened, place: int, name: str, found: Sequence[Row], outcome: Outcome) -> None:
    """The figures of a chart as a table and as files."""
    words, indicator = here.words, here.city.indicators[name]
    box = st.expander(
        words("chart.table", label=words.name(indicator)), key=f"figures {place} {name}", on_change="rerun"
    )
    if not box.open:
        return
    with box:
        head, lines = table_of(here, name, found, outcome)
        decimals = words.decimals(indicator)
        text = [
            [str(year), *("–" if cell is None else words.number(float(str(cell)), decimals) for cell in cells)]
            for year, *cells in lines
        ]
        called = band_name(outcome.shows, words)
        caption = words("chart.caption", label=words.name(indicator), unit=words.unit(indicator), of=called)
        st.html(html_table(caption, head, text, numbers=range(1, len(head))))
        with st.container(horizontal=True):
            st.download_button(
                words("chart.download"),
                lambda: csv_text([*head, words("band.column")], [[*line, called] for line in lines]),
                f"{name}.csv",
                "text/csv",
                key=f"csv {place} {name}",
                on_click="ignore",
            )
            for kind, mime in MIMES.items():
                st.download_button(
                    words("chart.picture", kind=kind.upper()),
                    partial(_picture, here, name, found, outcome.shows, kind),
                    f"{name}.{kind}",
                    mime,
                    key=f"{kind} {place} {name}",
                    on_click="ignore",
                )


def _picture(here: Opened, name: str, found: Sequence[Row], of: Band, kind: Kind) -> bytes:
    from innovation.ui.render.pictures import picture  # matplotlib takes half a second to import, and few ask for it

    return picture(here.city, name, found, of, here.words, kind)

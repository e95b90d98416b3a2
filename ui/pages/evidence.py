"""Evidence: plain sentences for planners first, then figures, constants and the whole document for researchers."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from innovation.calibration.evidence.assessment import LEARNED, LearnedConstant
from innovation.model import JUDGEMENT
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.render.charts import indicator_chart, rows
from innovation.ui.render.tables import html_table
from innovation.ui.state import cache
from innovation.ui.widgets import plots

from . import evidence_in_plain_words

USUAL = ("rd_intensity", "hightech_output", "gdp", "patent_grants")
PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
PICTURE = re.compile(r"^!\[(.*)\]\((.*)\)$", re.MULTILINE)


def show() -> None:
    """The page."""
    here = frame.opened("evidence.title")
    if here is None:
        return
    words = here.words
    st.markdown(words("evidence.purpose"))
    frame.without_chances(here)
    constants = cache.learned(here.files)
    evidence_in_plain_words.show(here, constants)
    st.header(words("evidence.limits_title"), anchor=False)
    st.markdown(words("evidence.limits"))
    _against_figures(here)
    _learned(here, constants)
    _conflicts(here)
    _whole(here)
    frame.foot(here)


def _against_figures(here: Opened) -> None:
    words, city = here.words, here.city
    st.header(words("evidence.against"), anchor=False)
    published = cache.published(here.files)
    found = frame.compared(here, {cache.BASELINE: here.library[cache.BASELINE]}, "evidence")
    if found is None:
        return
    baseline = found.outcomes[cache.BASELINE].alone()
    st.caption(words("evidence.against_more"))
    told = [name for name in city.indicators if published[name]]
    lines = []
    for name in told:
        indicator = city.indicators[name]
        for year, figure in published[name].items():
            if year < indicator.first_year or year not in city.years:
                continue
            cells = [
                words.name(indicator) + words("target.unit", unit=words.unit(indicator)),
                str(year),
                words.figure(indicator, figure),
            ]
            cells.append(words.figure(indicator, baseline.at(name, year)))
            if baseline.members:
                low, high = baseline.range(name, year)
                cells.append(f"{words.figure(indicator, low)} – {words.figure(indicator, high)}")
            lines.append([*cells, f"{100 * (baseline.at(name, year) / figure - 1):+.1f}"])
    usual = [name for name in USUAL if name in told]
    for first in range(0, len(usual), 2):
        for place, name in zip(st.columns(2, gap="medium"), usual[first : first + 2], strict=False):
            label, unit = words.name(city.indicators[name]), words.unit(city.indicators[name])
            with place:
                st.markdown(words("chart.bold", label=label, unit=unit))
                alt = words("chart.alt", label=label, unit=unit, says="", target="")
                drawn = rows(published[name], name, baseline, baseline, words)
                spec = indicator_chart(city, name, drawn, baseline.shows, words)
                plots.chart(spec, key=f"against {name}", alt=alt)
                plots.leaves(here, name, drawn)
    head = words("evidence.head_bands" if baseline.members else "evidence.head_nominal").split("|")
    with st.expander(words("evidence.all_figures", count=len(lines)), key="all figures"):
        st.html(html_table(words("evidence.against"), head, lines, numbers=range(1, len(head))))


def _learned(here: Opened, constants: dict[str, LearnedConstant]) -> None:
    """Prior and posterior by constant, the least learned told as plainly as the best."""
    words, city = here.words, here.city
    st.header(words("evidence.learned"), anchor=False)
    if not constants:
        st.caption(words("evidence.not_yet"))
        return
    st.markdown(words("evidence.learned_text", part=f"{100 * LEARNED:.0f}"))
    searched = st.text_input(words("evidence.find"), key="find learned").strip().lower()
    names = [name for name in constants if searched in f"{name} {words.constant(name)}".lower()]
    box = st.expander(words("evidence.learned_table", count=len(names)), key="learned", on_change="rerun")
    if not (box.open or searched):
        return
    lines = []
    for name in names:
        one = constants[name]
        parameter = city.parameter(name) if name.partition("[")[0] in city.model.variables else None
        low, middle, high = one.after
        said = words("evidence.narrowed") if one.contraction >= LEARNED else words("evidence.unlearned")
        source = (parameter.source if parameter else "").replace(JUDGEMENT, words("model.judgement"))
        prior = (parameter.prior if parameter else "") or ""
        part = f"{100 * max(one.contraction, 0.0):.0f} %"
        called = name if words.constant(name) == name else f"{words.constant(name)} · {name}"
        lines.append([called, f"{middle:.3g}", f"{low:.3g} – {high:.3g}", prior, part, said, source])
    (st.container() if searched else box).html(
        html_table(
            words("evidence.learned_caption"), words("evidence.learned_head").split("|"), lines, numbers={1, 2, 4}
        )
    )


def _conflicts(here: Opened) -> None:
    """Where sources disagree, and what was left aside."""
    words, record = here.words, cache.record(here.files)
    st.header(words("evidence.conflicts"), anchor=False)
    with st.expander(words("evidence.conflicts_open", count=len(record.conflicts)), key="conflicts"):
        chinese = words.language == "zh"
        lines = [
            [one.found_zh, one.chosen_zh, one.zh] if chinese else [one.found, one.chosen, one.en]
            for one in record.conflicts
        ]
        st.html(html_table(words("evidence.conflicts"), words("evidence.conflicts_head").split("|"), lines))


def _whole(here: Opened) -> None:
    """The whole page of evidence as the command line writes it, with its figures, where there is one."""
    words = here.words
    if not PAGE.is_file():
        return
    st.header(words("evidence.whole"), anchor=False)
    box = st.expander(words("evidence.whole_open"), key="whole evidence", on_change="rerun")
    if not box.open:
        return
    # Text, then for each picture its words, its file and the text after it.
    first, *others = PICTURE.split(PAGE.read_text(encoding="utf-8"))
    with box:
        st.markdown(first.partition("\n")[2])
        for alt, file, text in zip(others[0::3], others[1::3], others[2::3], strict=True):
            st.image(str(PAGE.parent / file), alt=alt)
            st.markdown(text)

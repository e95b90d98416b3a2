"""Today: what this is for, the plan's targets and their chances in the baseline, and the city to 2010."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from innovation.scenarios.simulation import why_unjudged
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.looks import cards, chips
from innovation.ui.outcomes import Outcome
from innovation.ui.render.charts import indicator_chart, rows
from innovation.ui.render.target_table import tension
from innovation.ui.state import cache
from innovation.ui.text.phrases import band_name, band_said, met_count, met_kinds, standing
from innovation.ui.widgets import bands, binding, plots
from innovation.ui.widgets.targets import chip

HISTORY = ("gdp", "rd_intensity", "hightech_output", "patent_grants")
CHOICES = (cache.BASELINE, cache.PLAN)


def show() -> None:
    """The page."""
    here = frame.opened("today.title")
    if here is None:
        return
    words, city = here.words, here.city
    st.markdown(words("today.purpose", count=len(city.judgeable), all=len(city.targets)))
    frame.without_chances(here)
    names = {name: words.name(here.library[name].title) for name in CHOICES if name in here.library}
    shown, keep = binding.view("today under", names, cache.BASELINE)
    left, right = st.columns(2)
    with left:
        binding.segments("today under", words("today.under"), names, shown, keep)
    with right:
        bands.control(here)
    asked = dict.fromkeys((shown, cache.BASELINE))
    found = frame.compared(here, {name: here.library[name] for name in asked}, "today")
    outcome, baseline = (found.outcomes.get(name) if found else None for name in (shown, cache.BASELINE))
    if outcome is not None:
        st.html(cards(_cards(here, outcome)))
        if said := band_said(outcome, words):
            st.caption(said)
        _targets(here, outcome)
    if baseline is not None:
        _history(here, baseline)
    with st.expander(words("lab.limits_title"), key="limits"):
        st.markdown(words("lab.limits"))
    frame.foot(here)


def _cards(here: Opened, outcome: Outcome) -> list[tuple[str, str, str]]:
    words, judged = here.words, len(here.city.judgeable)
    met = (words("cards.met"), met_count(outcome, words), met_kinds(outcome, words))
    if not outcome.members:
        return [met]
    kinds = Counter(standing(chance.chance) for chance in outcome.chances.values())
    likely, between, unlikely = (
        words("cards.met_of", met=kinds[one], all=judged) for one in ("likely", "open", "unlikely")
    )
    return [
        (words("today.likely"), likely, words("today.likely_more")),
        (words("today.open"), between, words("today.open_more")),
        (words("today.unlikely"), unlikely, words("today.unlikely_more")),
        met,
    ]


def _targets(here: Opened, outcome: Outcome) -> None:
    """Every target as a chip, by the plan's own order, with what stands in its way."""
    words = here.words
    st.header(words("today.targets", count=len(here.city.targets)), anchor=False)
    st.caption(words("today.targets_more"))
    found = []
    for name in here.city.targets:
        label, chance, lines = chip(here, name, outcome)
        why = why_unjudged(here.city, name, words.language)
        found.append((label, chance, [*lines, why, tension(here.city, name, outcome, words)]))
    st.html(chips(found))


def _history(here: Opened, baseline: Outcome) -> None:
    """The city's published figures with the model's run through them."""
    words, city = here.words, here.city
    st.header(words("today.history"), anchor=False)
    st.caption(words("today.history_more", of=band_name(baseline.shows, words)))
    published = cache.published(here.files)
    names = [name for name in HISTORY if name in city.indicators]
    for first in range(0, len(names), 2):
        for place, name in zip(st.columns(2, gap="medium"), names[first : first + 2], strict=False):
            indicator = city.indicators[name]
            label, unit = words.name(indicator), words.unit(indicator)
            with place:
                st.markdown(words("chart.bold", label=label, unit=unit))
                found = rows(published[name], name, baseline, baseline, words)
                alt = words("chart.alt", label=label, unit=unit, says="", target="")
                plots.chart(indicator_chart(city, name, found, baseline.shows, words), key=f"history {name}", alt=alt)
                plots.leaves(here, name, found)

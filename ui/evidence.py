"""Evidence: the model against published figures, what the record taught and what not, and what stays assumption."""

from __future__ import annotations

import numpy as np
import streamlit as st

from calibration.posterior import PosteriorDraws
from model.draws import draw_priors
from model.entries import JUDGEMENT

from . import cache, frame
from .charts import indicator_chart, rows
from .frame import Opened
from .looks import cards
from .tables import html_table

USUAL = ("rd_intensity", "hightech_output", "gdp", "patent_grants")
PRIOR_DRAWS, SEED = 2000, 2011
LEARNED = 0.8  # a posterior at most this part as wide as the prior counts as narrowed by the record
MOST_ROWS = 200


def show() -> None:
    """The page."""
    here = frame.opened("evidence.title")
    if here is None:
        return
    words = here.words
    st.markdown(words("evidence.purpose"))
    frame.without_chances(here)
    draws, _ = cache.posterior(here.files)
    widths = _widths(here.files) if draws else {}
    st.html(cards(_cards(here, widths)))
    _against_figures(here)
    _learned(here, widths)
    _conflicts(here)
    st.header(words("evidence.limits_title"), anchor=False)
    st.markdown(words("evidence.limits"))
    frame.foot(here)


def _cards(here: Opened, widths: dict[str, float]) -> list[tuple[str, str, str]]:
    words, city, record = here.words, here.city, cache.record(here.files)
    beliefs = [belief for belief in city.parameters.values() if belief.role == "uncertain"]
    judged = sum(belief.source_keys() == (JUDGEMENT,) for belief in beliefs)
    found = [
        (
            words("evidence.figures"),
            str(len(record.counted)),
            words("evidence.figures_more", all=len(record.observations)),
        ),
        (words("evidence.judged"), words("cards.met_of", met=judged, all=len(beliefs)), words("evidence.judged_more")),
    ]
    if widths:
        learned = sum(width <= LEARNED for width in widths.values())
        found.append(
            (
                words("evidence.learned_card"),
                words("cards.met_of", met=learned, all=len(widths)),
                words("evidence.learned_more"),
            )
        )
    return found


@st.cache_resource(max_entries=2, show_spinner=False)
def _widths(files: cache.Fingerprint) -> dict[str, float]:
    """How wide the middle 90 per cent of each uncertain constant are after the record, as a part of before."""
    city, draws = cache.city(files), cache.posterior(files)[0]
    assert isinstance(draws, PosteriorDraws)
    before = draw_priors(city, PRIOR_DRAWS, SEED)
    return {
        name: _width(draws.draws[name]) / _width(before[name])
        for name in draws.draws
        if name in before and _width(before[name]) > 0
    }


def _width(values: np.ndarray) -> float:
    low, high = np.percentile(values, (5, 95))
    return float(high - low)


def _against_figures(here: Opened) -> None:
    words, city = here.words, here.city
    st.header(words("evidence.against"), anchor=False)
    st.caption(words("evidence.against_more"))
    published, baseline = cache.published(here.files), here.baseline
    told = [name for name in city.indicators if published[name]]
    lines = []
    inside = count = 0
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
                inside, count = inside + (low <= figure <= high), count + 1
            lines.append([*cells, f"{100 * (baseline.at(name, year) / figure - 1):+.1f}"])
    if count:
        st.markdown(words("evidence.inside", inside=inside, count=count))
    usual = [name for name in USUAL if name in told]
    for first in range(0, len(usual), 2):
        for place, name in zip(st.columns(2, gap="medium"), usual[first : first + 2], strict=False):
            label, unit = words.name(city.indicators[name]), words.unit(city.indicators[name])
            with place:
                st.markdown(words("chart.bold", label=label, unit=unit))
                alt = words("chart.alt", label=label, unit=unit, says="", target="")
                spec = indicator_chart(city, name, rows(published[name], name, baseline, baseline, words), words)
                st.vega_lite_chart(spec, key=f"against {name}", alt=alt)
    head = words("evidence.head_bands" if count else "evidence.head_nominal").split("|")
    with st.expander(words("evidence.all_figures", count=len(lines)), key="all figures"):
        st.html(html_table(words("evidence.against"), head, lines, numbers=range(1, len(head))))


def _learned(here: Opened, widths: dict[str, float]) -> None:
    """Prior and posterior by constant, the least learned told as plainly as the best."""
    words, city = here.words, here.city
    st.header(words("evidence.learned"), anchor=False)
    draws = cache.posterior(here.files)[0]
    if draws is None:
        st.caption(words("evidence.not_yet"))
        return
    st.markdown(words("evidence.learned_text", part=f"{100 * LEARNED:.0f}"))
    searched = st.text_input(words("evidence.find"), key="find learned").strip().lower()
    lines = []
    for name, width in sorted(widths.items(), key=lambda item: item[1]):
        if searched and searched not in name.lower():
            continue
        belief = city.belief(name)
        low, middle, high = np.percentile(draws.draws[name], (5, 50, 95))
        said = words("evidence.narrowed") if width <= LEARNED else words("evidence.unlearned")
        source = (belief.source if belief else "").replace(JUDGEMENT, words("model.judgement"))
        prior = (belief.prior if belief else "") or ""
        lines.append(
            [name, f"{middle:.3g}", f"{low:.3g} – {high:.3g}", prior, f"{100 * min(width, 9.99):.0f} %", said, source]
        )
    head = words("evidence.learned_head").split("|")
    with st.expander(words("evidence.learned_table", count=len(lines)), key="learned", expanded=bool(searched)):
        st.html(html_table(words("evidence.learned_caption"), head, lines[:MOST_ROWS], numbers={1, 2, 4}))


def _conflicts(here: Opened) -> None:
    """Where sources disagree, and what was left aside."""
    words, record = here.words, cache.record(here.files)
    st.header(words("evidence.conflicts"), anchor=False)
    with st.expander(words("evidence.conflicts_open", count=len(record.conflicts)), key="conflicts"):
        chinese = words.language == "zh"
        lines = [[entry.found, entry.chosen, entry.zh if chinese else entry.en] for entry in record.conflicts]
        st.html(html_table(words("evidence.conflicts"), words("evidence.conflicts_head").split("|"), lines))

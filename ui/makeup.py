"""What the band of a published figure is made of: one bar, its table, and what of it could ever be learned."""

from __future__ import annotations

import math

import streamlit as st

from calibration.discrepancy.makeup import PARTS, Makeup
from scenarios import Scenario

from . import binding, cache, plots, session
from .catalogue import Catalogue
from .charts import Spec
from .frame import Opened
from .outcomes import Outcome
from .tables import html_table

# Parts that figures of the city can narrow are cold, those that they cannot are warm or grey; white words stand on all.
COLOURS = dict(zip(PARTS, ("#1F83C8", "#2E8B57", "#7B5EA7", "#B5651D", "#A34C6F", "#767676"), strict=True))
HEIGHT = 74
LEAST_TOLD = 0.05  # of the bar: a narrower part has no room for its figure


def show(here: Opened, scenario: Scenario, outcome: Outcome) -> None:
    """The parts of one target's band; computed once it is opened."""
    words, city = here.words, here.city
    instrument, _ = cache.instrument(here.files)
    if instrument is None or not outcome.members:
        return
    box = st.expander(words("made.title"), key="made of", on_change="rerun")
    if not box.open:
        return
    with box:
        names = {name: words.name(city.indicators[name]) for name in city.targets if instrument.is_published(name)}
        first = next((name for name in session.chosen() if name in names), next(iter(names)))
        name, keep = binding.view("made of target", names, first)
        binding.select("made of target", words("made.target"), names, name, keep)
        with st.spinner(words("made.working")), here.waiting() as told:
            found = cache.made_of(here.files, scenario, told)[name]
        _told(here, found, outcome.members)


def _told(here: Opened, found: Makeup, members: int) -> None:
    words, indicator = here.words, here.city.indicators[found.indicator]
    city, published = (
        words("made.range", low=words.figure(indicator, low), high=words.figure(indicator, high))
        for low, high in (found.city, found.published)
    )
    label = words.name(indicator)
    said = {"name": label, "year": found.year, "unit": words.unit(indicator)}
    st.markdown(words("made.bands", city=city, published=published, **said))
    if any(math.isnan(share) for share in found.shares.values()):
        st.caption(words("made.none"))
        return
    parts = [words("made.of", part=names(words)[part], share=percent(found.shares[part], words)) for part in PARTS]
    alt = words("made.alt", parts=words("made.then").join(parts))
    plots.chart(bar(found, words), key=f"made of {found.indicator}", alt=alt)
    head = words("made.head").split("|")
    st.html(html_table(words("made.caption", name=label, year=found.year), head, lines(found, words), numbers={1}))
    st.caption(words("made.how", members=words.number(members, 0)))


def names(words: Catalogue) -> dict[str, str]:
    """What the parts are called."""
    return dict(zip(PARTS, words("made.parts").split("|"), strict=True))


def percent(share: float, words: Catalogue) -> str:
    """A share with a decimal, so that written shares sum to a hundred."""
    return words("made.percent", share=f"{100 * share:.1f}")


def lines(found: Makeup, words: Catalogue) -> list[list[str]]:
    """A row a part: its share, what it is, whether it can be learned."""
    return [
        [part, percent(share, words), what, learned]
        for part, share, what, learned in zip(
            words("made.parts").split("|"),
            found.shares.values(),
            words("made.are").split("|"),
            words("made.learned").split("|"),
            strict=True,
        )
    ]


def bar(found: Makeup, words: Catalogue) -> Spec:
    """One bar of all parts in their order."""
    data, begin = [], 0.0
    for part in PARTS:
        share = found.shares[part]
        end = begin + share
        told = percent(share, words)
        data.append(
            {
                "part": names(words)[part], "from": begin, "to": end, "middle": (begin + end) / 2, "share": told,
                "text": told if share >= LEAST_TOLD else "",
            }
        )  # fmt: skip
        begin = end
    across = {"type": "quantitative", "scale": {"domain": [0, 1], "nice": False}, "axis": None}
    legend = {"orient": "bottom", "title": None, "columns": 3, "labelLimit": 0, "symbolType": "square"}
    called = names(words)
    scale = {"domain": [called[part] for part in PARTS], "range": [COLOURS[part] for part in PARTS]}
    tips = [
        {"field": "part", "title": words("made.head").split("|")[0]},
        {"field": "share", "title": words("made.share")},
    ]
    return {
        "data": {"values": data},
        "height": HEIGHT - 40,
        "layer": [
            {
                "mark": {"type": "bar", "stroke": "white", "strokeWidth": 1, "height": {"band": 1}},
                "encoding": {
                    "x": {"field": "from", **across},
                    "x2": {"field": "to"},
                    "color": {"field": "part", "type": "nominal", "scale": scale, "legend": legend},
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "text", "color": "white", "fontWeight": "bold", "fontSize": 12},
                "encoding": {"x": {"field": "middle", **across}, "text": {"field": "text"}},
            },
        ],
        "config": {"view": {"stroke": None}},
    }

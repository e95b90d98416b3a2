"""What the band of a published figure is made of: one bar, its table, and what of it could ever be learned."""

from __future__ import annotations

import math

import streamlit as st

from innovation.calibration.discrepancy import PARTS, Makeup
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import TooManyFailed, told_of_design
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.looks import legend, stack
from innovation.ui.outcomes import Outcome
from innovation.ui.render.tables import html_table
from innovation.ui.state import cache, session
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import called, literal

from . import binding

# Parts that figures of the city can narrow are cold, those that they cannot are warm or grey; white words stand on all.
COLOURS = dict(zip(PARTS, ("#1F83C8", "#2E8B57", "#7B5EA7", "#B5651D", "#A34C6F", "#767676"), strict=True))
THOUSAND = 1000  # shares are written in thousandths
LEAST_TOLD = 0.08  # of the bar: a narrower part has no room for its figure


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
        try:
            with st.spinner(words("made.working")), here.waiting() as on_wait:
                found = cache.made_of(here.files, scenario, on_wait)[name]
        except TooManyFailed as error:
            st.error(literal(frame.refusal(here, error, lambda _: called(scenario, words))))
            return
        if left_out := told_of_design(found.left_out, words.language):
            st.warning(literal(left_out))
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
    shares = written(found)
    parts = [words("made.of", part=names(words)[part], share=percent(shares[part], words)) for part in PARTS]
    alt = words("made.alt", parts=words("made.then").join(parts))
    marks = [(called, f"width:12px;height:12px;background:{COLOURS[part]}") for part, called in names(words).items()]
    st.html(stack(alt, bar(found, words)) + legend(marks))
    head = words("made.head").split("|")
    st.html(html_table(words("made.caption", name=label, year=found.year), head, lines(found, words), numbers={1}))
    st.caption(words("made.how", members=words.number(members, 0)))


def names(words: Catalogue) -> dict[str, str]:
    """What the parts are called."""
    return dict(zip(PARTS, words("made.parts").split("|"), strict=True))


def written(found: Makeup) -> dict[str, float]:
    """The shares in whole thousandths that sum to one: what rounding leaves goes where most was cut off."""
    whole = {part: math.floor(THOUSAND * share) for part, share in found.shares.items()}
    left = THOUSAND - sum(whole.values())
    cut = sorted(whole, key=lambda part: whole[part] - THOUSAND * found.shares[part])
    return {part: (count + (part in cut[:left])) / THOUSAND for part, count in whole.items()}


def percent(share: float, words: Catalogue) -> str:
    """A written share, in per cent with a decimal."""
    return words("made.percent", share=f"{100 * share:.1f}")


def lines(found: Makeup, words: Catalogue) -> list[list[str]]:
    """A row a part: its share, what it is, whether it can be learned."""
    return [
        [part, percent(share, words), what, learned]
        for part, share, what, learned in zip(
            words("made.parts").split("|"),
            written(found).values(),
            words("made.are").split("|"),
            words("made.learned").split("|"),
            strict=True,
        )
    ]


def bar(found: Makeup, words: Catalogue) -> list[tuple[float, str, str]]:
    """One bar of all parts in their order: how long each is, its colour, and its share where there is room for it."""
    return [
        (share, COLOURS[part], percent(share, words) if share >= LEAST_TOLD else "")
        for part, share in written(found).items()
    ]

"""The plan's targets in the lab: those chosen as chips, all of them in a table, and what helps one of them most."""

from __future__ import annotations

from functools import partial

import streamlit as st

from innovation.scenarios import Scenario, destination
from innovation.scenarios.levers import ARROW, Nudge
from innovation.scenarios.simulation import CITY, TooManyFailed, met_text, points_text
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.looks import chips
from innovation.ui.outcomes import Outcome
from innovation.ui.render.tables import csv_text, html_table
from innovation.ui.render.target_table import DIFFERENT, note, target_lines
from innovation.ui.state import cache, session
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import band_name, beside, called, literal, median, standing, value, wanted

from . import binding

MOST_HELP = 8


def _names(here: Opened) -> dict[str, str]:
    """What people call each target that can be judged."""
    return {name: here.words.name(here.city.indicators[name]) for name in here.city.judgeable}


def chip(here: Opened, name: str, outcome: Outcome) -> tuple[str, float | None, list[str]]:
    """Name, chance and words of one target, for `looks.chips`."""
    words, city = here.words, here.city
    indicator = city.indicators[name]
    chance = outcome.chances.get(name)
    year = city.targets[name].year
    figure = value(city, name, outcome.at(name, year), words)
    stands = words("chip.stands", value=figure, wanted=wanted(city, name, words), unit=words.unit(indicator))
    also, far = beside(city, name, year, outcome, words), median(city, name, outcome, words)
    if not city.targets[name].has_base:
        return words.name(indicator), None, [words("target.unjudged"), stands, also]
    if chance is None:
        return words.name(indicator), None, [far, stands, also]
    first = met_text(chance.chance, chance.draws, words.language)
    return words.name(indicator), chance.chance, [first, words("chart.then").join((stands, far)), also]


def chosen(here: Opened, outcome: Outcome) -> None:
    """Chips of the chosen targets, and the choice of others."""
    words = here.words
    st.header(words("target.chosen"), anchor=False)
    st.html(chips(chip(here, name, outcome) for name in session.chosen()))
    with st.popover(words("target.choose"), type="tertiary", key="choose targets"):
        binding.several(
            "choice",
            words("target.choose_label"),
            _names(here),
            session.chosen(),
            lambda names: session.choose("chosen", names or session.chosen()),
            placeholder=words("app.choose"),
        )
        everything = list(here.city.judgeable)
        st.button(
            words("target.choose_all"),
            on_click=session.choose,
            args=("chosen", everything),
            key="all targets",
            type="tertiary",
        )


def table(here: Opened, outcome: Outcome, baseline: Outcome) -> None:
    """All targets of the plan with chances, figures, distance, year and the plan's tensions."""
    words, city = here.words, here.city
    st.header(words("target.title", count=len(city.targets)), anchor=False)
    kinds = {
        "all": words("target.all"),
        "chosen": words("target.only_chosen"),
        "likely": words("today.likely"),
        "open": words("today.open"),
        "unlikely": words("today.unlikely"),
        "different": words("target.only_different"),
    }
    shown, keep = binding.view("targets shown", kinds, "all")
    binding.segments("targets shown", words("target.show"), kinds, shown, keep)
    names = [name for name in city.targets if _wanted(name, shown, outcome, baseline)]
    if not names:
        st.caption(words("target.nothing"))
        return
    head, lines = target_lines(city, names, outcome, baseline, words)
    classes = ["" if (chance := _chance(name, outcome)) is None else standing(chance) for name in names]
    notes = [note(city, name, outcome, words) for name in names]
    st.html(
        html_table(words("target.caption"), head, lines, numbers={2, 3, 4}, verdict=5, classes=classes, notes=notes)
    )
    called_band = band_name(outcome.shows, words)
    st.download_button(
        words("target.download"),
        lambda: csv_text([*head, words("band.column")], [[*line, called_band] for line in lines]),
        "targets.csv",
        "text/csv",
        key="csv targets",
        on_click="ignore",
    )


def _chance(name: str, outcome: Outcome) -> float | None:
    """The chance of a target, 1 or 0 of the nominal run alone; None where it cannot be judged."""
    found, met = outcome.chances.get(name), outcome.targets[name].met
    return found.chance if found else None if met is None else float(met)


def _wanted(name: str, kind: str, outcome: Outcome, baseline: Outcome) -> bool:
    ours, theirs = _chance(name, outcome), _chance(name, baseline)
    if ours is None or theirs is None:
        return kind == "all"
    return (
        kind in ("all", standing(ours))
        or (kind == "chosen" and name in session.chosen())
        or (kind == "different" and abs(ours - theirs) > DIFFERENT)
    )


def helpful(here: Opened, scenario: Scenario, outcome: Outcome) -> None:
    """Which lever helps one target most, around the scenario as it stands; on demand."""
    words, city = here.words, here.city
    st.header(words("help.title"), anchor=False)
    names = _names(here)
    name, keep = binding.view("helped", names, outcome.weakest(session.chosen())[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        binding.select("helped", words("help.target"), names, name, keep)
        asked = st.toggle(words("help.find"), key="help asked", help=words("help.how", members=cache.NUDGE_MEMBERS))
    if not asked:
        return
    draws, _ = cache.posterior(here.files)
    try:
        with st.spinner(words("help.working")), here.waiting() as on_wait:
            tried = cache.nudges(here.files, scenario, on_wait)
            tried = tried.alone() if outcome.shows == CITY else tried
    except TooManyFailed as error:
        st.error(literal(frame.refusal(here, error, lambda _: called(session.scenario(), words))))
        return
    frame.told_failures(here, tried.failures, partial(_nudged, here, scenario), "nudges")
    found = tried.of(name)[:MOST_HELP]
    indicator = city.indicators[name]
    lines = [
        [
            words.name(city.levers[nudge.lever]),
            ARROW.join(_shown(here, nudge.lever, to) for to in (destination(city, scenario, nudge.lever), nudge.to)),
            words.unit(city.levers[nudge.lever]),
            words.figure(indicator, nudge.shift, sign=True),
            _points(nudge, words) if draws else "–",
        ]
        for nudge in found
        if _seen(nudge, here, name)
    ]
    if not lines:
        st.caption(words("help.nothing"))
        return
    head = words("help.head", unit=words.unit(indicator)).split("|")
    st.html(html_table(words("help.caption", name=words.name(indicator)), head, lines, numbers={1, 3, 4}))


def _nudged(here: Opened, scenario: Scenario, name: str) -> str:
    """What a nudge is called on the page, or the scenario itself."""
    for lever, control in here.city.levers.items():
        if name.startswith(f"{lever}{ARROW}"):
            to = float(name.removeprefix(f"{lever}{ARROW}"))
            return f"{here.words.name(control)}{ARROW}{_shown(here, lever, to)}"
    return called(scenario, here.words)


def _points(nudge: Nudge, words: Catalogue) -> str:
    """The change of a chance with its error."""
    return points_text(nudge.chance, nudge.error, words.language)


def _seen(nudge: Nudge, here: Opened, name: str) -> bool:
    """Whether a nudge changes the target's figure or chance as far as they are written."""
    figure = here.words.figure(here.city.indicators[name], nudge.shift)
    return float(figure.replace(",", "")) != 0 or round(100 * nudge.chance) != 0


def _shown(here: Opened, lever: str, number: float) -> str:
    return f"{number * here.city.levers[lever].factor:.4g}"

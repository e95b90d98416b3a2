"""Policy lab: move levers at the side, see charts with bands, chances, what helps, the cost and what was changed."""

from __future__ import annotations

import time

import streamlit as st

from innovation.model import PLAN_YEARS
from innovation.scenarios import Scenario
from innovation.scenarios.simulation import chance_text
from innovation.ui import frame
from innovation.ui.frame import Opened
from innovation.ui.looks import cards
from innovation.ui.outcomes import COSTS, Outcome
from innovation.ui.render.spending import cost_table, costs, notes, warning
from innovation.ui.render.tables import html_table
from innovation.ui.state import cache, session
from innovation.ui.text.explained import changed_lines
from innovation.ui.text.phrases import asked, called, hardest, literal, met_count, met_kinds
from innovation.ui.widgets import controls, makeup, plots, sharebox, targets, views

REPLAY, REPLAY_SECONDS = "replay", 1.2
SHOWN = "scenario"


def show() -> None:
    """The page."""
    here = frame.opened("lab.title")
    if here is None:
        return
    scenario, replayed = session.scenario(), session.before() if st.session_state.pop(REPLAY, False) else None
    shown = replayed or scenario
    head = st.container()
    frame.without_chances(here)
    found = frame.compared(here, {SHOWN: shown, cache.BASELINE: here.library[cache.BASELINE]}, "lab")
    outcomes = found.outcomes if found else {}
    outcome, baseline = outcomes.get(SHOWN), outcomes.get(cache.BASELINE)
    with head:
        _headline(here, shown, replayed is not None, has_results=outcome is not None and baseline is not None)
    if outcome is None or baseline is None:
        st.info(here.words("failed.settings"))  # and nothing that could be taken for this scenario's
        with st.sidebar:
            controls.side(here.city, here.library, here.words)
    else:
        _results(here, scenario, outcome, baseline)
    _changes(here, scenario)
    with st.expander(here.words("lab.limits_title"), key="limits"):
        st.markdown(here.words("lab.limits"))
    frame.foot(here)
    if replayed is not None:
        time.sleep(REPLAY_SECONDS)
        st.rerun()


def _results(here: Opened, scenario: Scenario, outcome: Outcome, baseline: Outcome) -> None:
    st.html(cards(_cards(here, outcome, baseline)))
    plots.pair(here, outcome, baseline)
    with st.sidebar:  # after the charts, which so follow a moved lever sooner
        controls.side(here.city, here.library, here.words, baseline)
    targets.chosen(here, outcome)
    targets.table(here, outcome, baseline)
    views.show(here, scenario, outcome)
    makeup.show(here, scenario, outcome)
    targets.helpful(here, scenario, outcome)
    _cost(here, scenario, outcome, baseline)


def _headline(here: Opened, scenario: Scenario, replayed: bool, has_results: bool) -> None:
    words, start = here.words, here.library[session.start()]
    left, right = st.columns([5, 4], vertical_alignment="bottom")
    with left.container(gap="xxsmall"):
        st.header(literal(called(scenario, words)), anchor=False)
        st.caption(words("scenario.before") if replayed else literal(asked(scenario, start, words)))
    with right:
        sharebox.show(here, has_results)


def _cards(here: Opened, outcome: Outcome, baseline: Outcome) -> list[tuple[str, str, str]]:
    words, city = here.words, here.city
    found = [
        (
            words("cards.met"),
            met_count(outcome, words),
            words("cards.kinds", kinds=met_kinds(outcome, words), baseline=met_count(baseline, words)),
        )
    ]
    chosen = session.chosen()
    if outcome.members:
        together = chance_text(outcome.together(chosen or city.judgeable), outcome.draws, words.language)
        asked = words.counted("cards.together", len(chosen)) if chosen else words("cards.all_together")
        found.append((asked, together, hardest(city, chosen, outcome, words)))
    sources = [name for name in COSTS if name in city.indicators]
    if sources:
        paid, used_up = (costs(outcome)[name][len(PLAN_YEARS)] for name in (sources[0], sources[-1]))
        found.append(
            (
                words("cards.cost"),
                f"{words.figure(city.indicators[sources[0]], paid)} {words('cost.money')}",
                words("cards.social", value=words.figure(city.indicators[sources[-1]], used_up)),
            )
        )
    changed = controls.count_changed(city, session.scenario())
    members = (
        words("cards.members", count=words.number(outcome.members, 0)) if outcome.members else words("cards.nominal")
    )
    found.append((words("cards.changed"), words.counted("cards.settings", changed), members))
    return found


def _cost(here: Opened, scenario: Scenario, outcome: Outcome, baseline: Outcome) -> None:
    """Cost by payer beyond 2010 practice, and what must be said beside; absent where the city has no such figures."""
    if not any(name in here.city.indicators for name in COSTS):
        return
    st.header(here.words("cost.title"), anchor=False)
    said = warning(outcome, here.words)
    if said:
        st.warning(said)
    st.html(cost_table(outcome, here.words))
    for said in notes(scenario, outcome, baseline, here.words):
        st.caption(literal(said))


def _changes(here: Opened, scenario: Scenario) -> None:
    """What is not at practice, in one list."""
    st.header(here.words("changes.heading"), anchor=False)
    lines = changed_lines(here.city, scenario, here.words)
    if not lines:
        st.caption(here.words("changes.none"))
        return
    st.html(html_table(here.words("changes.caption"), here.words("changes.head").split("|"), lines, numbers={3}))

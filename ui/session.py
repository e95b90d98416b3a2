"""The scenario a visitor is editing, with the steps behind and ahead of it: one immutable value a step."""

from __future__ import annotations

import streamlit as st

from model import City
from scenarios import Scenario, ScenarioError, Words, with_changes

from . import cache
from .catalogue import catalogue
from .draft import named

MOST_STEPS = 100
EDITED = "my_scenario"
_SCENARIO, _START, _PAST, _AHEAD, _FILES, _SLIP = "scenario", "start", "past", "ahead", "files", "slip"


def open_session() -> tuple[City, dict[str, Scenario]]:
    """The city and its library, with a scenario to edit in the session; CityError where the model is not fit.

    A scenario that a changed model no longer knows gives way to the baseline.
    """
    files = cache.fingerprint()
    city, (library, _) = cache.city(files), cache.starts(files)
    if st.session_state.get(_FILES) != files:
        try:
            st.session_state[_SCENARIO] = with_changes(city, st.session_state[_SCENARIO])
        except (KeyError, ScenarioError):
            st.session_state[_SCENARIO], st.session_state[_START] = library[cache.BASELINE], cache.BASELINE
        st.session_state[_PAST], st.session_state[_AHEAD], st.session_state[_FILES] = [], [], files
    return city, library


def scenario() -> Scenario:
    """The scenario as it stands."""
    found: Scenario = st.session_state[_SCENARIO]
    return found


def start() -> str:
    """Id of the library's scenario that the visitor set out from."""
    return str(st.session_state[_START])


def put(changed: Scenario, set_out: str | None = None) -> None:
    """Make `changed` the scenario, under its start's name or its own; the step can be undone."""
    library = cache.starts(st.session_state[_FILES])[0]
    origin = library.get(set_out or start(), library[cache.BASELINE])
    title = Words(en=catalogue("en")("scenario.edited"), zh=catalogue("zh")("scenario.edited"))
    st.session_state[_PAST] = [*st.session_state[_PAST], (start(), scenario())][-MOST_STEPS:]
    st.session_state[_AHEAD] = []
    st.session_state[_START], st.session_state[_SCENARIO] = origin.id, named(origin, changed, EDITED, title)


def step(taken: str, put_on: str) -> None:
    """Go one step along `taken` ('past' or 'ahead'), leaving the present on the other side."""
    *rest, (origin, found) = st.session_state[taken]
    st.session_state[put_on] = [*st.session_state[put_on], (start(), scenario())]
    st.session_state[taken] = rest
    st.session_state[_START], st.session_state[_SCENARIO] = origin, found


def has(side: str) -> bool:
    """Whether there is a step 'past' or 'ahead'."""
    return bool(st.session_state[side])


def slip(place: str, sentence: str) -> None:
    """Keep what to say beside one control on the next run of the page."""
    st.session_state[_SLIP] = (place, sentence)


def take_slip(place: str) -> str | None:
    """What to say beside this control, once."""
    found = st.session_state.get(_SLIP)
    if found is None or found[0] != place:
        return None
    del st.session_state[_SLIP]
    return str(found[1])

"""A visitor's work: the scenario being edited with the steps around it, charts, chosen targets, kept scenarios."""

from __future__ import annotations

import streamlit as st

from innovation.model import City
from innovation.model.files import DocumentError, Language, shortened, tamed
from innovation.scenarios import LONGEST_TITLE, Scenario, ScenarioError, Words, of_today, parse_scenario, with_changes
from innovation.scenarios.simulation import PUBLISHED, Band
from innovation.ui import links
from innovation.ui.draft import named
from innovation.ui.links import Note, Work
from innovation.ui.text.catalogue import catalogue

from . import cache

MOST_STEPS = 100
ROOM = 30  # characters of a title for what says that it is kept
EDITED = "my_scenario"
LINK = "s"
USUAL_CHARTS = ("rd_intensity", "hightech_output")
USUAL_CHOICE = ("contribution_rate", "external_dependence", "rd_intensity", "hightech_output")
_SCENARIO, _START, _PAST, _AHEAD, _FILES, _SLIP = "scenario", "start", "past", "ahead", "files", "slip"
_CHARTS, _CHOSEN, _KEPT, _NOTES, _FAULT, _PACKED = "charts", "chosen", "kept", "notes", "fault", "packed"
_BAND = "band shown"


def open_session() -> tuple[City, dict[str, Scenario]]:
    """The city and its library, with the work of the link, or the baseline, in a new session.

    Raises CityError where the model is not fit. A scenario that a changed model no longer knows gives way to the
    baseline; a link that cannot be used leaves what was there, and `fault` says why.
    """
    files = cache.fingerprint()
    city, (library, _) = cache.city(files), cache.starts(files)
    state = st.session_state
    if state.get(_FILES) != files:
        try:
            state[_SCENARIO] = with_changes(city, state[_SCENARIO])
            state[_KEPT] = [with_changes(city, kept) for kept in state[_KEPT]]
            state[_START] = state[_START] if state[_START] in library else cache.BASELINE
            state[_CHARTS] = [name for name in state[_CHARTS] if name in city.indicators] or _usual_charts(city)
            state[_CHOSEN] = [name for name in state[_CHOSEN] if name in city.judgeable] or _usual_choice(city)
        except (KeyError, ScenarioError):
            _fresh(city, library)
        state[_PAST], state[_AHEAD], state[_FILES] = [], [], files
    return city, library


def _usual_charts(city: City) -> list[str]:
    return [name for name in USUAL_CHARTS if name in city.indicators] or list(city.indicators)[:2]


def _usual_choice(city: City) -> list[str]:
    return [name for name in USUAL_CHOICE if name in city.judgeable] or list(city.judgeable)


def _fresh(city: City, library: dict[str, Scenario]) -> None:
    state = st.session_state
    work = Work(library[cache.BASELINE], cache.BASELINE, tuple(_usual_charts(city)), tuple(_usual_choice(city)))
    state[_NOTES], state[_FAULT], parameter = [], None, st.query_params.get(LINK)
    if parameter:
        try:
            opened, state[_NOTES] = links.unpacked(city, parameter)
            start = opened.start if opened.start in library else cache.BASELINE
            charts, targets = opened.charts or work.charts, opened.chosen or work.chosen
            work = Work(opened.scenario, start, charts, targets, opened.kept, opened.band)
        except DocumentError as error:
            state[_FAULT] = error
    state[_SCENARIO], state[_START], state[_KEPT] = work.scenario, work.start, list(work.kept)
    state[_CHARTS], state[_CHOSEN], state[_BAND] = list(work.charts), list(work.chosen), work.band


def work() -> Work:
    """All that a link to this page recreates."""
    state = st.session_state
    return Work(scenario(), start(), tuple(state[_CHARTS]), tuple(state[_CHOSEN]), tuple(state[_KEPT]), band())


def write_link(city: City) -> str:
    """Keep the work in the address, so that a refresh loses nothing; the parameter."""
    now = work()
    key = (st.session_state[_FILES], now)
    if st.session_state.get(_PACKED, (None, ""))[0] != key:
        st.session_state[_PACKED] = (key, links.packed(city, now))
    parameter = str(st.session_state[_PACKED][1])
    if len(parameter) <= links.LONGEST and st.query_params.get(LINK) != parameter:
        st.query_params[LINK] = parameter
    return parameter


def notes() -> list[Note]:
    """What changed since the link or the file that was opened was made, until the next step."""
    found: list[Note] = st.session_state.get(_NOTES, [])
    return found


def fault() -> DocumentError | None:
    """What was wrong with the link or the last file, until the next step."""
    found: DocumentError | None = st.session_state.get(_FAULT)
    return found


def scenario() -> Scenario:
    """The scenario as it stands."""
    found: Scenario = st.session_state[_SCENARIO]
    return found


def start() -> str:
    """Id of the library's scenario that the visitor set out from."""
    return str(st.session_state[_START])


def charts() -> list[str]:
    """The indicators charted."""
    found: list[str] = st.session_state[_CHARTS]
    return found


def chosen() -> list[str]:
    """The targets whose common chance is told."""
    found: list[str] = st.session_state[_CHOSEN]
    return found


def band() -> Band:
    """Which band is shown."""
    found: Band = st.session_state.get(_BAND, PUBLISHED)
    return found


def show_band(of: str) -> None:
    """Show a band, 'published' or 'city'."""
    st.session_state[_BAND] = of


def choose(what: str, names: list[str]) -> None:
    """Keep which 'charts' or 'chosen' targets to show."""
    st.session_state[what] = names


def kept() -> list[Scenario]:
    """Scenarios kept for comparison."""
    found: list[Scenario] = st.session_state[_KEPT]
    return found


def keep() -> None:
    """Keep the scenario as it stands, under a name of its own, for comparison; the oldest gives way."""
    others = [one for one in kept() if set(one.changes) != set(scenario().changes)]
    taken = {one.id for one in others}
    number = next(n for n in range(1, 100) if f"kept_{n}" not in taken)
    title = scenario().title
    if scenario().id == EDITED or title in [one.title for one in others]:
        title = Words(en=_numbered("en", title.en, number), zh=_numbered("zh", title.zh, number))
    found = scenario().model_copy(update={"id": f"kept_{number}", "title": title})
    st.session_state[_KEPT] = [*others, found][-links.MOST_KEPT :]


def _numbered(language: Language, title: str, number: int) -> str:
    return catalogue(language)("scenario.kept", title=shortened(title, LONGEST_TITLE - ROOM), number=number)


def forget(id: str) -> None:
    """Keep a scenario no longer."""
    st.session_state[_KEPT] = [one for one in kept() if one.id != id]


def put(changed: Scenario, set_out: str | None = None) -> None:
    """Make `changed` the scenario, under its start's name or its own; a step that can be undone, where it changes."""
    library = cache.starts(st.session_state[_FILES])[0]
    origin = library.get(set_out or start(), library[cache.BASELINE])
    title = Words(en=catalogue("en")("scenario.edited"), zh=catalogue("zh")("scenario.edited"))
    _set(origin.id, named(origin, changed, EDITED, title))


def _set(origin: str, found: Scenario) -> None:
    st.session_state[_FAULT], st.session_state[_NOTES] = None, []
    if (origin, found) == (start(), scenario()):
        return  # nothing changes: no step, and what was undone can still be redone
    st.session_state[_PAST] = [*st.session_state[_PAST], (start(), scenario())][-MOST_STEPS:]
    st.session_state[_AHEAD] = []
    st.session_state[_START], st.session_state[_SCENARIO] = origin, found


def open_file(content: bytes, name: str) -> None:
    """Make a scenario file the scenario, under its own name; where it cannot be used, say so and lose nothing."""
    try:
        found = parse_scenario(cache.city(st.session_state[_FILES]), content, tamed(name))
    except DocumentError as error:
        st.session_state[_FAULT] = error
        return
    library, opened = cache.starts(st.session_state[_FILES])[0], of_today(found)
    _set(opened.id if library.get(opened.id) == opened else cache.BASELINE, opened)
    st.session_state[_NOTES] = links.of_editions([found])


def step(taken: str, put_on: str) -> None:
    """Go one step along `taken` ('past' or 'ahead'), leaving the present on the other side; stay where there is none.

    A second click may come before the page has shown that the first one took the last step.
    """
    if not has(taken):
        return
    *rest, (origin, found) = st.session_state[taken]
    st.session_state[put_on] = [*st.session_state[put_on], (start(), scenario())]
    st.session_state[taken] = rest
    st.session_state[_FAULT], st.session_state[_NOTES] = None, []
    st.session_state[_START], st.session_state[_SCENARIO] = origin, found


def before() -> Scenario | None:
    """The scenario before the last step."""
    past = st.session_state[_PAST]
    return past[-1][1] if past else None


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

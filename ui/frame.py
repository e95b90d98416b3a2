"""What every page has: its title and language, the work of this visitor kept in the link, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from innovation.engine import EngineError
from innovation.model import City
from innovation.model.files import DocumentError
from innovation.scenarios import Scenario, editions
from innovation.scenarios.documents import rendered
from innovation.scenarios.simulation import CITY, LIST, Failures, TooManyFailed, told

from . import language, links
from .links import Note
from .looks import style
from .outcomes import ScenarioComparison
from .render.tables import csv_text
from .serving.queue import OnWait
from .state import cache, session
from .state.cache import Fingerprint
from .text import faults
from .text.catalogue import Catalogue
from .text.phrases import called, literal

MOST_NOTES = 5


@dataclass(frozen=True)
class Opened:
    """What a page shows: the city, its library, the files they were read from, and the words of its language."""

    city: City
    library: Mapping[str, Scenario]
    files: Fingerprint
    words: Catalogue
    busy: DeltaGenerator

    @contextmanager
    def waiting(self) -> Iterator[OnWait]:
        """Say how many computations come before, as long as some do."""
        said: list[int] = []

        def on_wait(ahead: int) -> None:
            if ahead:
                self.busy.info(self.words("app.busy", count=ahead))
                said.append(ahead)

        try:
            yield on_wait
        finally:
            if said:
                self.busy.empty()


def opened(title: str) -> Opened | None:
    """Head of a page, and what it shows; None where the city's files are not fit, which the page then says."""
    words = language.words()
    st.html(style(words("app.more"), words("share.pick")))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(words(title), anchor=False, width="content")
        st.html(scripts(), width="content", unsafe_allow_javascript=True)
        language.switch()
    try:
        city, library = session.open_session()
        files = cache.fingerprint()
        cache.record(files)
    except (DocumentError, EngineError) as error:
        failure(words("lab.city_error"), error)
        return None
    session.write_link(city)
    st.caption(words("app.purpose"))
    _told(city, words)
    unread = cache.starts(files)[1]
    if unread:
        failure(words("lab.library_error"), unread)
    return Opened(city, library, files, words, st.empty())


def scripts() -> Markup:
    """The scripts of every page, but for that of its language."""
    return rendered("innovation.ui", "scripts")


def failure(sentence: str, error: object) -> None:
    """A sentence, and below it what exactly is wrong."""
    st.error(sentence)
    st.code(faults.detail(error, language.words()), language=None, wrap_lines=True)


def compared(
    here: Opened, scenarios: Mapping[str, Scenario], key: str, titles: Mapping[str, str] | None = None
) -> ScenarioComparison | None:
    """Scenarios side by side, and above them who failed; None, and the page says so, where none can be shown.

    Medians and chances are of the band that the visitor chose. `titles` are what scenarios are called where their own
    titles do not tell them apart.
    """

    def name(one: str) -> str:
        return (titles or {}).get(one) or called(scenarios[one], here.words)

    try:
        with here.waiting() as ahead:
            found = cache.compared(here.files, scenarios, ahead)
    except EngineError as error:
        failure(here.words("failed.none"), error)
        return None
    told_failures(here, found.failures, name, key)
    found = found.alone() if session.band() == CITY else found
    return found if found.outcomes else None


def told_failures(here: Opened, failures: Failures, name: Callable[[str], str], key: str) -> None:
    """Which scenarios are not shown and which members are left out, with their list; nothing where none failed."""
    if not failures:
        return
    words = here.words
    for number, line in enumerate(told(failures, words.language, name)):
        show = st.error if not failures.shown or (failures.aside and number == 0) else st.warning
        show(literal(line))
    if failures.members:
        st.download_button(
            words("failed.list"),
            lambda: csv_text(*cache.failed_members(here.files, failures, name)),
            LIST,
            "text/csv",
            key=f"failed {key}",
            on_click="ignore",
            type="tertiary",
        )


def refusal(here: Opened, error: TooManyFailed, name: Callable[[str], str]) -> str:
    """Why scenarios are not shown, which `name` calls as the page does."""
    assert isinstance(error.failures, Failures)
    return " ".join(told(error.failures, here.words.language, name))


def _told(city: City, words: Catalogue) -> None:
    """What was wrong with a link or a file, and what changed since it was made."""
    fault = session.fault()
    if fault is not None:
        broken = words("link.broken") if fault.faults[0].where == links.WHERE else words("link.unusable")
        failure(broken, faults.told(fault, words))
    for note in session.notes():
        _edition(city, note.scenarios, words)
    notes = [note for note in session.notes() if note.kind != "edition"]
    if notes:
        lines = [_note(note, words) for note in notes[:MOST_NOTES]]
        left = len(notes) - len(lines)
        st.info("  \n".join([*lines, *([words("fault.more", count=left)] if left else [])]))


def _edition(city: City, scenarios: Sequence[Scenario], words: Catalogue) -> None:
    """What scenarios of an earlier edition of the model mean otherwise now; nothing where there are none."""
    head, *lines = editions.told(
        city, scenarios, words.language, lambda one: called(one, words), lambda name: words.name(city.control(name))
    ) or [""]
    if head:
        st.info(literal(head))
        with st.expander(words("link.changed", count=len(lines)), key="what changed"):
            st.markdown("\n".join(f"- {literal(line)}" for line in lines))


def _note(note: Note, words: Catalogue) -> str:
    first, *others = map(literal, note.names)
    if note.kind == "model":
        return words("link.older", old=first[:12], new=others[0])
    if note.kind == "renamed":
        return words("link.renamed", old=first, new=others[0])
    return words("link.dropped", name=first)


def without_chances(here: Opened) -> None:
    """Say why there are no chances, or none of published figures, where there are none, or which draws are left out."""
    for said, (_, why) in (
        ("chance.none", cache.posterior(here.files)),
        ("band.none", cache.instrument(here.files)),
    ):
        if why is not None:
            st.warning(here.words(said))
            with st.expander(here.words("chance.why_none"), key=f"why {said}"):
                st.code(_why(here, why), language=None, wrap_lines=True)
    how, _ = cache.instrument(here.files)
    if how and (note := how.note(here.words.language)):
        st.warning(literal(note))


def _why(here: Opened, error: DocumentError | TooManyFailed) -> str:
    if isinstance(error, TooManyFailed):
        return refusal(here, error, lambda name: here.words.name(here.library[name].title))
    return faults.told(error, here.words)


def provenance(here: Opened) -> str:
    """Which model and which draws stand behind the figures."""
    draws, _ = cache.posterior(here.files)
    model = here.city.model.hash[:12]
    if draws is None:
        return here.words("app.nominal_provenance", model=model)
    note = draws.note(cache.MEMBERS, here.words.language) or ""
    assumed = cache.instrument_hash(here.files)
    if assumed:
        note = here.words("app.instrument", assumed=assumed[:12]) + note
    count = min(cache.MEMBERS, draws.distinct)
    return here.words(
        "app.provenance",
        model=model,
        draws=draws.hash[:12],
        members=here.words.number(cache.MEMBERS, 0),
        count=here.words.number(count, 0),
    ) + (f" {note}" if note else "")


def foot(here: Opened) -> None:
    """The last line of a page."""
    st.caption(provenance(here))

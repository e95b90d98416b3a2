"""Saving and sharing from the lab: link, scenario file, report, workbook, and keeping a scenario for comparison."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from innovation.scenarios import scenario_text
from innovation.scenarios.simulation import CITY, TooManyFailed, told
from innovation.ui.frame import Opened, provenance
from innovation.ui.links import LONGEST, Work
from innovation.ui.outcomes import Outcome
from innovation.ui.serving import door
from innovation.ui.state import cache, session
from innovation.ui.text.catalogue import Catalogue

LARGEST_MB = 1


def show(here: Opened, has_results: bool) -> None:
    """The buttons beside the scenario's name; no report or workbook of a scenario without results."""
    words, parameter = here.words, session.write_link(here.city)
    with st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"):
        with st.popover(words("share.title"), key="share", on_change="rerun") as box:
            if box.open:
                _link(words, parameter)
        with st.popover(words("share.files"), key="files box", on_change="rerun") as box:
            if box.open:
                _files(here, has_results)
        st.button(words("share.keep"), on_click=session.keep, key="keep", help=words("share.keep_help"))
    if len(parameter) > LONGEST:
        st.warning(words("share.too_long"))
    kept = len(session.kept())
    if kept:
        st.caption(words("share.kept", count=kept), text_alignment="right")


def _link(words: Catalogue, parameter: str) -> None:
    if len(parameter) > LONGEST:
        st.caption(words("share.too_long"))
        return
    st.markdown(words("share.explained"))
    st.code(link(parameter, words.language), language=None, wrap_lines=True)


def link(parameter: str, language: str) -> str:
    """The whole address of the lab with a visitor's work."""
    at = urlsplit(st.context.url or "")
    base = at.path.rsplit("/", 1)[0] if at.path else ""
    return urlunsplit((at.scheme, at.netloc, f"{base}/lab", urlencode({"s": parameter, "lang": language}), ""))


def _files(here: Opened, has_results: bool) -> None:
    words, work = here.words, session.work()
    scenario = work.scenario
    st.download_button(
        words("share.scenario"),
        scenario_text(scenario),
        f"{scenario.id}.yaml",
        "application/yaml",
        key="scenario file",
        on_click="ignore",
        help=words("share.scenario_help"),
    )
    st.download_button(
        words("share.report"),
        partial(_report, here, work),
        f"{scenario.id}.html",
        "text/html",
        key="report",
        on_click="ignore",
        help=words("share.report_help"),
        disabled=not has_results,
    )
    st.download_button(
        words("share.workbook"),
        partial(_workbook, here, work),
        f"{scenario.id}.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="workbook",
        on_click="ignore",
        help=words("share.workbook_help"),
        disabled=not has_results,
    )
    with st.form("open a file", clear_on_submit=True, border=False):
        uploaded = st.file_uploader(words("share.open"), type=["yaml", "yml"], max_upload_size=LARGEST_MB, key="upload")
        if st.form_submit_button(words("share.open_now")):
            if uploaded is None:
                st.error(words("share.no_file"))
            else:
                session.open_file(uploaded.getvalue(), uploaded.name[:100])
                door.drop(uploaded)
                st.rerun()


# Both are called when the file is asked for, outside the page's run: they know nothing of the session.
def _report(here: Opened, work: Work) -> bytes:
    from innovation.ui.render.report import report  # with matplotlib, which takes half a second to import

    start = here.library.get(work.start, here.library[cache.BASELINE])
    outcome, baseline, failed = _compared(here, work)
    text = report(
        here.city,
        work.scenario,
        start,
        outcome,
        baseline,
        cache.published(here.files),
        work.charts,
        work.chosen,
        here.words,
        provenance(here),
        failed,
    )
    return text.encode()


def _compared(here: Opened, work: Work) -> tuple[Outcome, Outcome, list[str]]:
    """The scenario and 2010 practice of the same members, and what to say of those that failed."""
    both = {"scenario": work.scenario, cache.BASELINE: here.library[cache.BASELINE]}
    found = cache.compared(here.files, both)
    if found.failures.aside:
        raise TooManyFailed(found.failures)
    found = found.alone() if work.band == CITY else found
    lines = told(found.failures, here.words.language, lambda name: here.words.name(both[name].title))
    return found.outcomes["scenario"], found.outcomes[cache.BASELINE], lines


def _workbook(here: Opened, work: Work) -> bytes:
    from innovation.ui.render.workbook import workbook

    outcome, baseline, failed = _compared(here, work)
    return workbook(here.city, work.scenario, outcome, baseline, work.chosen, here.words, provenance(here), failed)

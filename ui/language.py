"""The language of the page: the one switched to, else the link's, else the browser's; Chinese where none is known."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from innovation.model.files import Language
from innovation.scenarios.documents import rendered

from .text.catalogue import LANGUAGES, TAGS, Catalogue, catalogue
from .widgets import binding

_PARAMETER, _CHOSEN = "lang", "language"


def language() -> Language:
    """The language of this run of the page."""
    asked = st.session_state.get(_CHOSEN) or st.query_params.get(_PARAMETER)
    for known in LANGUAGES:
        if asked == known:
            st.session_state[_CHOSEN] = known  # a change of page empties the link
            return known
    locale = st.context.locale or "zh"
    return "zh" if locale.lower().startswith("zh") else "en"


def words() -> Catalogue:
    """The catalogue of the page's language."""
    return catalogue(language())


def switch() -> None:
    """Show the switch, keep its choice in the link and tell the browser which language the page is in."""
    now, names = language(), {str(one): catalogue(one)("app.own_name") for one in LANGUAGES}
    if _CHOSEN in st.session_state and st.query_params.get(_PARAMETER) != now:
        st.query_params[_PARAMETER] = now
    st.html(script(now), width="content", unsafe_allow_javascript=True)
    binding.segments("language switch", words()("app.language"), names, now, _choose, label_visibility="collapsed")


def script(spoken: Language) -> Markup:
    """The script that names the page's language."""
    return rendered("innovation.ui", "language", tag=TAGS[spoken])


def _choose(picked: str) -> None:
    st.session_state[_CHOSEN] = st.query_params[_PARAMETER] = picked

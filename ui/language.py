"""The language of the page: the one switched to, else the link's, else the browser's; Chinese where none is known."""

from __future__ import annotations

import streamlit as st

from . import binding
from .catalogue import LANGUAGES, Catalogue, Language, catalogue

NAMES: dict[str, str] = {"zh": "中文", "en": "English"}  # each language names itself
_PARAMETER, _CHOSEN = "lang", "language"
# Tells the browser, and whoever reads aloud, which language the page is in.
_SCRIPT = "<script>document.documentElement.lang = '{}'</script>"
SCRIPTS: dict[Language, str] = {"zh": _SCRIPT.format("zh-CN"), "en": _SCRIPT.format("en")}


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
    now = language()
    if _CHOSEN in st.session_state and st.query_params.get(_PARAMETER) != now:
        st.query_params[_PARAMETER] = now
    st.html(SCRIPTS[now], width="content", unsafe_allow_javascript=True)
    binding.segments("language switch", words()("app.language"), NAMES, now, _choose, label_visibility="collapsed")


def _choose(picked: str) -> None:
    st.session_state[_CHOSEN] = st.query_params[_PARAMETER] = picked

"""The pages of the app in the order of its menu; Cheapest mix will stand before Evidence."""

from __future__ import annotations

import streamlit as st

from . import compare, evidence, guide, lab, language, matters, the_model, today

SIDEBAR_WIDTH = 390
FIRST = "today"


def run() -> None:
    """Show the page that the address names."""
    words = language.words()
    found = [
        st.Page(today.show, title=words("today.title"), url_path="", default=True),
        st.Page(lab.show, title=words("lab.title"), url_path="lab"),
        st.Page(compare.show, title=words("compare.title"), url_path="compare"),
        st.Page(matters.show, title=words("matters.title"), url_path="matters"),
        st.Page(evidence.show, title=words("evidence.title"), url_path="evidence"),
        st.Page(the_model.show, title=words("model.title"), url_path="model"),
        st.Page(guide.show, title=words("guide.title"), url_path="guide"),
        # Streamlit knows the first page under no address but the root's; links to its own name are abroad.
        st.Page(today.show, title=words("today.title"), url_path=FIRST, visibility="hidden"),
    ]
    page = st.navigation(found, position="top")
    st.set_page_config(
        page_title=f"{page.title} · {words('app.title')}", layout="wide", initial_sidebar_state=SIDEBAR_WIDTH
    )
    page.run()

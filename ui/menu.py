"""The pages of the app in the order of its menu; Cheapest mix will stand before Evidence."""

from __future__ import annotations

import streamlit as st

from . import language
from .addresses import ADDRESSES, FIRST
from .pages import compare, evidence, guide, lab, matters, the_model, today

SIDEBAR_WIDTH = 390


def run() -> None:
    """Show the page that the address names."""
    words = language.words()
    shows = (today, lab, compare, matters, evidence, the_model, guide)
    found = [
        st.Page(
            part.show,
            title=words(f"{name}.title"),
            url_path="" if name == FIRST else name,
            default=name == FIRST,
        )
        for part, name in zip(shows, ADDRESSES, strict=True)
    ]
    # Streamlit knows the first page under no address but the root's; links to its own name are abroad.
    found.append(st.Page(today.show, title=words("today.title"), url_path=FIRST, visibility="hidden"))
    page = st.navigation(found, position="top")
    st.set_page_config(
        page_title=f"{page.title} · {words('app.title')}", layout="wide", initial_sidebar_state=SIDEBAR_WIDTH
    )
    page.run()

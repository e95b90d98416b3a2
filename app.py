"""The app's list of pages; each page is a file in ui/."""

import streamlit as st

from ui import lab, language

words = language.words()
st.set_page_config(page_title=words("app.title"), layout="wide", initial_sidebar_state=lab.SIDEBAR_WIDTH)
st.navigation([st.Page(lab.show, title=words("lab.title"), url_path="lab", default=True)], position="top").run()

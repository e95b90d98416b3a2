"""The page as it is served: `page.py` for every visitor, behind the door of `ui/door.py`."""

import streamlit as st

from ui import door

app = st.App("page.py", middleware=door.guards(), lifespan=door.serving)

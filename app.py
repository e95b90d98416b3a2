"""The page as it is served: `page.py` for every visitor, behind the door of `ui/serving/door.py`."""

import streamlit as st

from innovation.ui.serving import door

app = st.App("page.py", middleware=door.guards(), lifespan=door.serving)

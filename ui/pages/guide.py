"""Guide: a tour of five steps, questions people ask, goals for a workshop, and a glossary."""

from __future__ import annotations

import streamlit as st

from innovation.ui import frame

STEPS = 5


def show() -> None:
    """The page."""
    here = frame.opened("guide.title")
    if here is None:
        return
    words = here.words
    st.header(words("guide.tour"), anchor=False)
    step = int(st.session_state.setdefault("tour step", 1))
    texts = {
        1: words("guide.step1"),
        2: words("guide.step2"),
        3: words("guide.step3"),
        4: words("guide.step4"),
        5: words("guide.step5"),
    }
    with st.container(border=True):
        st.markdown(words("guide.step", number=step, all=STEPS, text=texts[step]))
        with st.container(horizontal=True):
            st.button(words("guide.back"), on_click=_go, args=(-1,), disabled=step == 1, key="tour back")
            st.button(
                words("guide.next"),
                on_click=_go,
                args=(1,),
                disabled=step == STEPS,
                key="tour next",
            )
            st.button(
                words("guide.again"),
                on_click=_go,
                args=(-STEPS,),
                disabled=step == 1,
                key="tour again",
                type="tertiary",
            )
    st.header(words("guide.questions"), anchor=False)
    for question, answer in _pairs(words("guide.answers")):
        with st.expander(question, key=f"question {question}"):
            st.markdown(answer)
    st.header(words("guide.workshop"), anchor=False)
    st.markdown(words("guide.goals"))
    st.header(words("guide.glossary"), anchor=False)
    st.markdown(words("guide.terms"))
    frame.foot(here)


def _go(by: int) -> None:
    st.session_state["tour step"] = min(max(int(st.session_state["tour step"]) + by, 1), STEPS)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Questions (lines that start with ##) and the lines that answer them."""
    found: list[tuple[str, str]] = []
    for part in text.split("## ")[1:]:
        question, _, answer = part.partition("\n")
        found.append((question.strip(), answer.strip()))
    return found

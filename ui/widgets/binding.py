"""The one owner of how a widget shows a value of the page, and how what a person does with it becomes a change.

A browser answers with the values of all its widgets, also of those that do not yet show what the page wrote to them: in
a closed popover, or while an answer is on its way. So the page never writes to a widget. Where a widget would have to
show something else, another with a key of its own takes its place; and an answer that is only what the widget was
known to show is an echo, which changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

_FACES = "faces"
_REMEMBERED = 4  # widgets that an answer under way may still come from, the one on the page among them
Shape = tuple[object, ...]


def slider(
    name: str,
    label: str,
    low: float,
    high: float,
    value: float,
    step: float,
    take: Callable[[float], None],
    **looks: Any,
) -> None:
    """A slider that shows `value`; `take` gets what a person moves it to."""
    st.slider(label, low, high, value, step, **_bound(name, value, (low, high, step), take), **looks)


def entry(name: str, label: str, text: str, take: Callable[[str], None], **looks: Any) -> None:
    """A line that shows `text`; `take` gets what a person types."""
    st.text_input(label, text, **_bound(name, text, (), take), **looks)


def select(
    name: str, label: str, options: Mapping[str, str], value: str, take: Callable[[str], None], **looks: Any
) -> None:
    """A box that shows one of `options` (name -> words); `take` gets the name that a person picks."""
    box = _bound(name, value, tuple(options.items()), lambda picked: take(picked) if picked in options else None)
    st.selectbox(label, list(options), list(options).index(value), options.__getitem__, **box, **looks)


def segments(
    name: str, label: str, options: Mapping[str, str], value: str, take: Callable[[str], None], **looks: Any
) -> None:
    """Buttons of which one is down, of `options` (name -> words); `take` gets the name that a person picks."""
    box = _bound(name, value, tuple(options.items()), lambda picked: take(picked) if picked in options else None)
    st.segmented_control(
        label, list(options), default=value, required=True, format_func=options.__getitem__, **box, **looks
    )


def several(
    name: str,
    label: str,
    options: Mapping[str, str],
    values: Sequence[str],
    take: Callable[[list[str]], None],
    **looks: Any,
) -> None:
    """A box that shows some of `options` (name -> words); `take` gets the names that a person leaves in it."""
    box = _bound(
        name,
        list(values),
        tuple(options.items()),
        lambda picked: take([one for one in picked if one in options]),
    )
    st.multiselect(label, list(options), list(values), options.__getitem__, select_all=False, **box, **looks)


def view(name: str, options: Mapping[str, str], usual: str) -> tuple[str, Callable[[str], None]]:
    """What a person last picked of `options` for this view, on whichever page they were since, and how to keep it."""
    kept = st.session_state.get(f"view {name}")

    def keep(picked: str) -> None:
        st.session_state[f"view {name}"] = picked

    return (usual if kept not in options else str(kept)), keep


def _bound(name: str, value: Any, shape: Shape, take: Callable[[Any], None]) -> dict[str, Any]:
    """Key and callback of the widget that shows `value`: the last one while it does, else another."""
    faces: dict[int, tuple[Any, Shape]] = st.session_state.setdefault(_FACES, {}).setdefault(name, {})
    if not faces and name in st.session_state:
        raise ValueError(f"The session keeps something else under {name!r}: call the widget by another name.")
    number = max(faces, default=0)
    if faces and not (faces[number][1] == shape and _alike(faces[number][0], value)):
        number += 1
    faces.setdefault(number, (value, shape))
    faces.pop(number - _REMEMBERED, None)
    return {"key": _key(name, number), "on_change": _heard, "args": (name, number, take)}


def _key(name: str, number: int) -> str:
    return f"{name}__{number}" if number else name


def _heard(name: str, number: int, take: Callable[[Any], None]) -> None:
    faces: dict[int, tuple[Any, Shape]] = st.session_state[_FACES][name]
    value = st.session_state[_key(name, number)]
    if number not in faces or _alike(faces[number][0], value):
        return
    faces[number] = (value, faces[number][1])
    take(value)


def _alike(one: Any, other: Any) -> bool:
    """Whether a widget shows the same: a browser counts a slider's steps in floats."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)

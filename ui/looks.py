"""How the pages look beyond Streamlit's settings, and the pieces of HTML they are made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from innovation.scenarios.documents import rendered

from .text.phrases import standing, tenths

ENTRY_WIDTH = 76  # pixels of the typed entry beside a slider
ENTRY_GAP = "2rem"  # Streamlit's gap "medium", between the two
INSET = 6  # pixels that Streamlit keeps between a slider's edge and the end of its track


def style(more: str, pick: str) -> Markup:
    """The style of every page, with words in place of Streamlit's own: on what hides further pages, and on the
    button that picks a file."""
    return rendered("innovation.ui", "style", more=_quoted(more), pick=_quoted(pick))


def beside(said: Mapping[str, str]) -> Markup:
    """Words that stand after the labels of expanders, by key; a label that changed itself would build all anew."""
    rules = [(f"st-key-{key.replace(' ', '-')}", _quoted(words)) for key, words in said.items()]
    return rendered("innovation.ui", "beside", rules=rules)


def _quoted(words: str) -> Markup:
    """A text as CSS has it, in which a browser reads no entities of HTML."""
    return Markup(json.dumps(words, ensure_ascii=False).replace("<", "\\3c "))


def cards(found: Iterable[tuple[str, str, str]]) -> Markup:
    """A row of small boxes: what it is about, what it says, and more on it."""
    return rendered("innovation.ui", "cards", cards=found)


def chips(found: Iterable[tuple[str, float | None, Sequence[str]]]) -> Markup:
    """A grid of targets: name, chance (None: not known) and what is said of it, line by line."""
    return rendered("innovation.ui", "chips", chips=[_chip(*one) for one in found])


def _chip(name: str, chance: float | None, lines: Sequence[str]) -> dict[str, object]:
    kind, dots = ("", "") if chance is None else (standing(chance), dotted(chance))
    first, *more = lines
    return {"kind": kind, "name": name, "dots": dots, "first": first, "more": [*filter(None, more)]}


def dotted(chance: float) -> str:
    """A chance as ten dots."""
    full = tenths(chance)
    return "●" * full + "○" * (10 - full)


def ranges(ends: Sequence[float], low: float) -> list[str]:
    """How wide each range of a lever is on a strip under its slider's track, in per cent of it."""
    starts, whole = [low, *ends[:-1]], ends[-1] - low
    return [f"{100 * (end - start) / whole:.6g}" for start, end in zip(starts, ends, strict=True)]


def legend(marks: Iterable[tuple[str, str]]) -> Markup:
    """One legend for all charts: (words, CSS of the mark)."""
    return rendered("innovation.ui", "legend", marks=marks)


def stack(says: str, parts: Iterable[tuple[float, str, str]]) -> Markup:
    """One bar of parts side by side: (length, from 0 to 1; colour; words on it); `says` is read out in its place."""
    found = [(f"{100 * length:.4g}", colour, text) for length, colour, text in parts if length > 0]
    return rendered("innovation.ui", "stack", says=says, parts=found)


def bars(caption: str, head: Sequence[str], rows: Iterable[tuple[str, float, str, str]]) -> Markup:
    """A table of bars: what it is, its length from 0 to 1, its figure in words, and one more word."""
    found = [(name, f"{100 * length:.3g}", text, more) for name, length, text, more in rows]
    return rendered("innovation.ui", "bars", caption=caption, head=head, rows=found)

"""How the pages look beyond Streamlit's settings, and the pieces of HTML they are made of; every text is escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from .phrases import standing, tenths

ENTRY_WIDTH = 76  # pixels of the typed entry beside a slider
ENTRY_GAP = "2rem"  # Streamlit's gap "medium", between the two
INSET = 6  # pixels that Streamlit keeps between a slider's edge and the end of its track
STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding: 4rem 2.2rem 3rem;}
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] {gap: .7rem;}
[data-testid="stMainBlockContainer"] {container-type: inline-size;}
@container (max-width: 34rem) {[data-testid="stColumn"] {min-width: 100%;}}
[data-testid="stMainBlockContainer"] h1 {padding: .3rem 0;}
[data-testid="stMainBlockContainer"] h2 {padding: .6rem 0 .4rem; line-height: 1.6;}
.equation {border-top: 1px solid color-mix(in srgb, currentColor 14%, transparent); padding: .5rem 0;}
.equation pre {margin: .25rem 0; padding: .35rem .6rem; font-size: .85rem; white-space: pre-wrap; border-radius: .3rem;
  background: color-mix(in srgb, currentColor 6%, transparent);}
.equation .faint {opacity: .8; font-size: .85rem;}
[data-testid="stElementContainer"], details, summary {transition-duration: 0s !important;}
[data-testid="InputInstructions"] {display: none;}
[data-testid="stCaptionContainer"] {color: color-mix(in srgb, currentColor 82%, transparent) !important;
  opacity: 1 !important;}
[data-testid="stMultiSelect"] *:has(> span[title]) {color: inherit !important;
  background: color-mix(in srgb, currentColor 12%, transparent) !important;}
[data-testid="stMultiSelect"] span[title] {color: inherit !important;}
[data-testid="stCaptionContainer"] p {color: inherit !important;}
[data-testid="stSidebar"] button[kind="tertiary"]:enabled p {
  text-decoration: underline dotted; text-underline-offset: .25em;}
[class*="st-key-figures"] .figures thead th {word-break: keep-all;}
[data-testid="stSidebarHeader"] {height: 2rem; margin-bottom: 0; padding-top: .6rem;}
[data-testid="stSidebarUserContent"] {padding-top: 0;}
.cards {display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .6rem;}
.card {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .4rem;
  padding: .55rem .8rem;}
.card .of {font-size: .82rem; opacity: .8; line-height: 1.3;}
.card .says {font-size: 1.25rem; font-weight: 600; line-height: 1.35;}
.card .more {font-size: .82rem; opacity: .8; line-height: 1.35;}
.chips {display: grid; grid-template-columns: repeat(auto-fill, minmax(11.2rem, 1fr)); gap: .5rem;}
.chip {border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-left-width: .3rem;
  border-radius: .3rem; padding: .4rem .65rem; font-size: .86rem; line-height: 1.4;}
.chip.likely {border-left-color: #009E73;} .chip.open {border-left-color: #C98A00;}
.chip.unlikely {border-left-color: #D55E00;}
.chip b {font-weight: 600;} .chip .faint {opacity: .8; font-size: .8rem;}
.dots {letter-spacing: .08em; font-size: .75rem; white-space: nowrap;}
.ranges {display: flex; height: .4rem;}
.ranges i {display: block; min-width: 0; background: color-mix(in srgb, currentColor 14%, transparent);
  border-radius: 2px;}
.ranges i + i {border-left: 2px solid transparent; background-clip: padding-box;}
.ranges i.here {background: #1F83C8;}
.meaning {font-size: .8rem; opacity: .85; line-height: 1.35; margin-top: .2rem;}
.meaning a {color: inherit;}
.bars {width: 100%; max-width: 60rem; border-collapse: collapse; font-size: .9rem;}
.bars caption {text-align: left; opacity: .8; padding: 0 0 .4rem; caption-side: top;}
.bars th, .bars td {padding: .28rem .6rem; text-align: left; vertical-align: middle;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent);}
.bars tbody th {font-weight: 400; width: 34%;} .bars thead th {font-weight: 600;}
.bars .line {display: flex; align-items: center; gap: .6rem; min-width: 14rem;}
.bars .room {flex: 1;} .bars .bar {display: block; height: .55rem; background: #1F83C8; border-radius: 2px;}
.bars .says {flex: 0 0 8.5rem;}
.bars td:last-child {white-space: nowrap;}
[class*="st-key-made-of"] .figures tbody th {min-width: 5.2rem;}
.stack {display: flex; height: 1.9rem; gap: 2px; margin: .2rem 0 .6rem; border-radius: .25rem; overflow: hidden;}
.stack i {display: flex; align-items: center; justify-content: center; min-width: 0; color: white; font-style: normal;
  font-weight: 600; font-size: .8rem; overflow: hidden;}
.legend {display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; font-size: .84rem;}
.legend span {display: inline-flex; align-items: center; gap: .45rem;}
[data-testid="stElementToolbar"], [data-testid="stFileUploaderDropzoneInstructions"] {display: none;}
[data-testid="stTopNavSection"] p, [data-testid="stFileUploaderDropzone"] button p {font-size: 0;}
[data-testid="stTopNavSection"] p::after {content: var(--more); font-size: .875rem;}
[data-testid="stFileUploaderDropzone"] button p::after {content: var(--pick); font-size: 1rem;}
</style>"""  # Streamlit has no setting for these, and words of its own in English only


def spoken(more: str, pick: str) -> str:
    """Words in place of Streamlit's own: on what hides further pages, and on the button that picks a file."""
    return f"<style>:root {{--more: {_quoted(more)}; --pick: {_quoted(pick)};}}</style>"


def beside(said: Mapping[str, str]) -> str:
    """Words that stand after the labels of expanders, by key; a label that changed itself would build all anew."""
    rules = (
        f'[class~="st-key-{key.replace(" ", "-")}"] summary p::after {{content: {_quoted(words)};}}'
        for key, words in said.items()
    )
    return f"<style>{''.join(rules)}</style>"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("<", "\\3c ")


def cards(found: Iterable[tuple[str, str, str]]) -> str:
    """A row of small boxes: what it is about, what it says, and more on it."""
    return (
        '<div class="cards">'
        + "".join(
            f'<div class="card"><div class="of">{escape(of)}</div><div class="says">{escape(says)}</div>'
            f'<div class="more">{escape(more)}</div></div>'
            for of, says, more in found
        )
        + "</div>"
    )


def chips(found: Iterable[tuple[str, float | None, Sequence[str]]]) -> str:
    """A grid of targets: name, chance (None: not known) and what is said of it, line by line."""
    return '<div class="chips">' + "".join(_chip(*one) for one in found) + "</div>"


def _chip(name: str, chance: float | None, lines: Sequence[str]) -> str:
    kind = "" if chance is None else standing(chance)
    first, *rest = lines
    dots = "" if chance is None else f'<span class="dots" aria-hidden="true">{dotted(chance)}</span> '
    more = "".join(f'<div class="faint">{escape(line)}</div>' for line in rest if line)
    return f'<div class="chip {kind}"><b>{escape(name)}</b><div>{dots}{escape(first)}</div>{more}</div>'


def dotted(chance: float) -> str:
    """A chance as ten dots."""
    full = tenths(chance)
    return "●" * full + "○" * (10 - full)


def ranges(ends: Sequence[float], low: float, here: int) -> str:
    """The ranges of a lever as a strip under its slider's track, that which it stands in marked."""
    starts, whole = [low, *ends[:-1]], ends[-1] - low
    beside = f"calc({ENTRY_WIDTH}px + {ENTRY_GAP} + {INSET}px)"
    return (
        f'<div class="ranges" style="margin:0 {beside} 0 {INSET}px" aria-hidden="true">'
        + "".join(
            f'<i class="{"here" if number == here else ""}" style="width:{100 * (end - start) / whole:.6g}%"></i>'
            for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        )
        + "</div>"
    )


def legend(marks: Iterable[tuple[str, str]]) -> str:
    """One legend for all charts: (words, CSS of the mark)."""
    items = "".join(
        f'<span><span aria-hidden="true" style="display:inline-block;{mark}"></span>{escape(label)}</span>'
        for label, mark in marks
    )
    return f'<div class="legend">{items}</div>'


def stack(says: str, parts: Iterable[tuple[float, str, str]]) -> str:
    """One bar of parts side by side: (length, from 0 to 1; colour; words on it); `says` is read out in its place."""
    found = "".join(
        f'<i style="width:{100 * length:.4g}%;background:{colour}">{escape(text)}</i>'
        for length, colour, text in parts
        if length > 0
    )
    return f'<div class="stack" role="img" aria-label="{escape(says)}">{found}</div>'


def bars(caption: str, head: Sequence[str], rows: Iterable[tuple[str, float, str, str]]) -> str:
    """A table of bars: what it is, its length from 0 to 1, its figure in words, and one more word."""
    heads = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td><div class="line"><span class="says">{escape(text)}</span>'
        f'<span class="room"><span class="bar" style="width:{100 * length:.3g}%"></span></span></div></td>'
        f"<td>{escape(more)}</td></tr>"
        for name, length, text, more in rows
    )
    return (
        f'<table class="bars"><caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )

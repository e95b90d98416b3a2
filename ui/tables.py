"""Tables as plain HTML that assistive technology reads and both themes colour; every text is escaped."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from html import escape

STYLE = """<style>
.figures {width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums;}
.figures caption {text-align: left; opacity: .75; padding: 0 0 .4rem; caption-side: top;}
.figures th, .figures td {padding: .32rem .6rem; text-align: left; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent);}
.figures thead th {font-weight: 600; border-bottom: 2px solid color-mix(in srgb, currentColor 35%, transparent);}
.figures tbody th {font-weight: 400;}
.figures .number {text-align: right; white-space: nowrap;}
.figures tr.likely td.verdict::before {content: "● "; color: #009E73;}
.figures tr.open td.verdict::before {content: "◎ "; color: #C98A00;}
.figures tr.unlikely td.verdict::before {content: "○ "; color: #D55E00;}
.figures:has(.verdict) thead th {word-break: keep-all;}
.figures:has(.verdict) th, .figures:has(.verdict) td {padding: .32rem .45rem;}
.figures:has(.verdict) tbody th {min-width: 9.5rem;}
.figures td.verdict {min-width: 8.6rem;}
.figures td.verdict ~ td {min-width: 4.6rem;}
.figures thead th, .figures thead th.number {vertical-align: bottom; white-space: normal;}
.figures tr.noted > * {border-bottom: none; padding-bottom: .1rem;}
.figures tr.note td {font-size: .8rem; opacity: .8; padding-top: 0;}
.scroll {overflow-x: auto;}
</style>"""


def html_table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
    verdict: int | None = None,
    classes: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """A table with a caption; the first column heads its row, columns in `numbers` end together.

    `classes` names the class of each row, `verdict` the column that is marked by it; a text in `notes` stands under
    its row, over the whole width.
    """

    def kind(place: int) -> str:
        names = ["number"] if place in numbers else []
        names += ["verdict"] if place == verdict else []
        return f' class="{" ".join(names)}"' if names else ""

    def cell(place: int, text: str) -> str:
        return f'<th scope="row">{escape(text)}</th>' if place == 0 else f"<td{kind(place)}>{escape(text)}</td>"

    def line(place: int, row: Sequence[str]) -> str:
        note = notes[place] if notes else ""
        names = " ".join(filter(None, (classes[place] if classes else "", "noted" if note else "")))
        below = f'<tr class="note"><td colspan="{len(head)}">{escape(note)}</td></tr>' if note else ""
        return f'<tr class="{escape(names)}">{"".join(map(cell, range(len(row)), row))}</tr>{below}'

    heads = "".join(f'<th scope="col"{kind(place)}>{escape(text)}</th>' for place, text in enumerate(head))
    body = "".join(line(place, row) for place, row in enumerate(rows))
    return (
        f'{STYLE}<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="figures">'
        f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV with a byte-order mark, so that Excel reads the Chinese."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")

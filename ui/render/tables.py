"""Tables as plain HTML that assistive technology reads and both themes colour, and CSV."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from markupsafe import Markup

from innovation.engine.files import comma_separated
from innovation.scenarios.documents import rendered


def html_table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers: Collection[int] = (),
    verdict: int | None = None,
    classes: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> Markup:
    """A table with a caption; the first column heads its row, columns in `numbers` end together.

    `classes` names the class of each row, `verdict` the column that is marked by it; a text in `notes` stands under
    its row, over the whole width.
    """

    def kinds(texts: Sequence[str], first: int = 0) -> list[tuple[str, str]]:
        """Texts of columns with the classes of each."""
        return [
            (text, " ".join(["number"] * (place in numbers) + ["verdict"] * (place == verdict)))
            for place, text in enumerate(texts, first)
        ]

    lines = []
    for place, (name, *cells) in enumerate(rows):
        note = notes[place] if notes else ""
        names = filter(None, (classes[place] if classes else "", "noted" if note else ""))
        lines.append({"name": name, "cells": kinds(cells, 1), "classes": " ".join(names), "note": note})
    return rendered("innovation.ui", "table", caption=caption, head=kinds(head), rows=lines)


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV with a byte-order mark, so that Excel reads the Chinese."""
    return comma_separated.csv_text(head, rows, "\r\n").encode("utf-8-sig")

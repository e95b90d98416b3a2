"""The registries that are not YAML: history.csv (published figures) and sources.bib (works that may be cited)."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from engine.errors import nearest

from .documents import Document, Place, read_text, shown
from .entries import HistoryFigure
from .faults import Fault, shortened
from .validation import read_entry

_BIB_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s}]+)", re.MULTILINE)


def read_history(path: Path) -> tuple[list[HistoryFigure], Document, list[Fault]]:
    """Published figures in the order of the file, a document with the line of each (place: its number), and faults."""
    where = shown(path)
    text, faults = read_text(path)
    if faults:
        return [], Document(where), faults
    rows = csv.reader(text.splitlines(keepends=True), strict=True)
    columns = list(HistoryFigure.model_fields)
    figures: list[HistoryFigure] = []
    lines: dict[Place, int] = {}
    try:
        header = next(rows, [])
        if header != columns:
            wrong = next((name for name in header if name not in columns), "")
            near = nearest(wrong, columns) if wrong else ""
            message = f"The columns are {shortened(','.join(header)) or 'missing'}.{near}"
            return [], Document(where), [Fault(where, 1, "", message, f"Expected: {','.join(columns)}.")]
        for row in rows:
            if not row:
                continue
            figure, wrong_here = _figure(where, rows.line_num, columns, row)
            faults += wrong_here
            if figure is not None:
                lines[(len(figures),)] = rows.line_num
                figures.append(figure)
    except csv.Error as error:
        faults.append(Fault(where, rows.line_num, "", f"This is not valid CSV: {error}.", "Check the quotation marks."))
    return figures, Document(where, lines=lines), faults


def _figure(where: str, line: int, columns: list[str], row: list[str]) -> tuple[HistoryFigure | None, list[Fault]]:
    if len(row) != len(columns):
        message = f"{len(row)} values stand here, {len(columns)} are expected."
        return None, [Fault(where, line, "", message, "Put a value with a comma in it in quotation marks.")]
    data: dict[str, object] = dict(zip(columns, row, strict=True))
    for name, number in (("year", int), ("value", float)):
        try:
            data[name] = number(row[columns.index(name)])
        except ValueError:
            data[name] = row[columns.index(name)] or None
    return read_entry(HistoryFigure, Document(where, lines={(): line}), (), data)


def read_sources(path: Path) -> tuple[frozenset[str], list[Fault]]:
    """Keys of a BibTeX file, and its faults."""
    text, faults = read_text(path)
    keys: dict[str, int] = {}
    for match in _BIB_ENTRY.finditer(text):
        line = text.count("\n", 0, match.start(1)) + 1
        if match[1] in keys:
            message = f"The key {match[1]} stands here a second time; first in line {keys[match[1]]}."
            faults.append(Fault(shown(path), line, "", message, "Keep one."))
        keys.setdefault(match[1], line)
    return frozenset(keys), faults

"""Rows as CSV: the one writer of such text, whoever keeps it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]], line_end: str = "\n") -> str:
    """A table as CSV, its head first; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def csv_of(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows by the name of their columns as CSV; the columns are the first row's, whatever order others have.

    Raises ValueError where another row has a column more, or lacks one.
    """
    head = rows[0].keys()
    if any(row.keys() != head for row in rows):
        raise ValueError(f"Rows of one table differ in their columns; the first has {', '.join(head)}.")
    return csv_text(head, ([row[name] for name in head] for row in rows))

"""What is wrong with a file or a link, a line a fault, in the page's language."""

from __future__ import annotations

from innovation.model.files import DocumentError, Fault
from innovation.ui.links import WHERE

from .catalogue import Catalogue

MOST_TOLD = 5


def detail(error: object, words: Catalogue) -> str:
    """What exactly is wrong, below a sentence that says so; what is only known in English is marked as a quotation."""
    if isinstance(error, DocumentError):
        return told(error, words)
    return str(error) if isinstance(error, str) else words("fault.original", text=str(error))


def told(error: DocumentError, words: Catalogue) -> str:
    """The faults of an error, the first few of them, where each stands and what it is."""
    lines = [_line(fault, words) for fault in error.faults[:MOST_TOLD]]
    left = error.count - sum(fault.count for fault in error.faults[:MOST_TOLD])
    return "\n".join([*lines, *([words("fault.more", count=left)] if left else [])])


def _line(fault: Fault, words: Catalogue) -> str:
    place = words("fault.line", line=fault.line) if fault.line else ""
    source = words("fault.link") if fault.where == WHERE else fault.where
    where = " · ".join(part for part in (source, place, fault.place) if part)
    return words("fault.told", where=where, said=words("app.gap").join(filter(None, fault.said(words.language))))

"""What is wrong with a file or a link, a line a fault, in the page's language."""

from __future__ import annotations

import re
from functools import cache

from model import DocumentError, Fault, read_document

from .catalogue import FOLDER, Catalogue
from .sharing import WHERE

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
    if words.language == "zh":
        said = _chinese(fault.message, words) or words("fault.untold", text=fault.message)
    else:
        said = " ".join(part for part in (fault.message, fault.remedy) if part)
    return words("fault.told", where=where, said=said)


def _chinese(message: str, words: Catalogue) -> str:
    """A whole message in Chinese, and so what it quotes; '' where it is no message that the house knows."""
    for name, (pattern, said) in patterns().items():
        found = None if name.startswith("a_") else pattern.fullmatch(message)
        if found:
            return said.format(*(_quoted(text, words) for text in found.groups("")))
    return ""


def _quoted(text: str, words: Catalogue) -> str:
    """What a message quotes: a value and its kind in Chinese, names and numbers as they are."""
    for name, (pattern, said) in patterns().items():
        found = pattern.fullmatch(text) if name.startswith("a_") else None
        if found:
            return said.format(*found.groups())
    between = words("app.between")
    return text.replace(", ", between).replace(" or ", between)


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], str]]:
    """Every kind of fault that is told in Chinese: the house's message and its words."""
    data = read_document(FOLDER / "faults_zh.yaml").data
    return {name: (re.compile(entry["pattern"], re.DOTALL), entry["zh"]) for name, entry in data.items()}

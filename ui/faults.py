"""What is wrong with a file or a link, a line a fault, in the page's language."""

from __future__ import annotations

import re
from functools import cache

from model import DocumentError, Fault, read_document

from .catalogue import FOLDER, Catalogue
from .sharing import WHERE

MOST_TOLD = 5


def told(error: DocumentError, words: Catalogue) -> str:
    """The faults of an error, the first few of them, where each stands and what it is."""
    lines = [_line(fault, words) for fault in error.faults[:MOST_TOLD]]
    left = len(error.faults) - len(lines)
    return "\n".join([*lines, *([words("fault.more", count=left)] if left else [])])


def _line(fault: Fault, words: Catalogue) -> str:
    place = words("fault.line", line=fault.line) if fault.line else ""
    source = words("fault.link") if fault.where == WHERE else fault.where
    where = " · ".join(part for part in (source, place, fault.place) if part)
    if words.language == "zh":
        return f"{where}：{_chinese(fault.message)}"
    return f"{where}: {' '.join(part for part in (fault.message, fault.remedy) if part)}"


def _chinese(message: str) -> str:
    """A message in Chinese, and so what it quotes; what is no message of the house stays as it is."""
    for pattern, said in _patterns():
        found = pattern.search(message)
        if found:
            return said.format(*map(_chinese, found.groups()))
    return message


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    data = read_document(FOLDER / "faults_zh.yaml").data
    return tuple((re.compile(entry["pattern"]), entry["zh"]) for entry in data.values())

"""Full-width marks of a Chinese keyboard where YAML needs its own: found in a file that cannot be read, by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

ASCII = {"：": ":", "，": ",", "［": "[", "］": "]", "｛": "{", "｝": "}", "“": '"', "”": '"', "－": "-"}
_WORD = r"[A-Za-z_][A-Za-z0-9_]*"
# A name before a colon, a name with its colon after a comma, a bracket around them, a dash that begins an item.
_PLACES = re.compile(
    rf"(?:^|[{{,，｛\s]){_WORD}\s*(：)|(，)\s*{_WORD}\s*[:：]|:\s*([［｛“])|^\s*(?:-\s*)?(｛)|([］｝])\s*,?\s*$|^\s*(－)\s"
)


_LIST = re.compile(r"([［｛])[ -~，：]*[］｝]")


def wide_mark_in(word: str, is_name: bool) -> str | None:
    """The full-width mark that made this of a name, or of a list or mapping; None where there is none."""
    found = re.search("[｛［：，]", word) if is_name else _LIST.fullmatch(word)
    return found and found[0][0]


def wide_marks(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, the mark that stands there and the one that is needed, wherever a name or a bracket says so."""
    for line, content in enumerate(text.splitlines(), 1):
        for mark in dict.fromkeys(mark for found in _PLACES.findall(content) for mark in found if mark):
            yield line, mark, ASCII[mark]

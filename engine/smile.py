"""The text of an XMILE equation made ready for PySD's parser, which knows a part of what the standard allows."""

from __future__ import annotations

import re

from engine.elements import with_plain_bases

_TOKEN = re.compile(r'"[^"]*"|\w+|[^\w"]|"')
_COMMENT = re.compile(r"\{[^{}]*\}")
_LOOKUP_CALL = re.compile(r"\blookup\s*\(\s*(\w+)\s*,", re.IGNORECASE)  # LOOKUP(table, x), which PySD reads as points
_WAITING, _CHOSEN, _LAST = "if", "then", "else"


def plain_equation(text: str) -> str:
    """An equation on one line, without comments, each IF in brackets, and words quoted that PySD would take apart."""
    pieces = re.split(r'("[^"]*")', text)
    pieces[::2] = [_COMMENT.sub(" ", piece) for piece in pieces[::2]]
    flat = " ".join("".join(pieces).split())
    return _LOOKUP_CALL.sub(r"\1(", with_plain_bases(_with_brackets(flat)))


def _with_brackets(text: str) -> str:
    """IF a THEN b ELSE c may stand anywhere, in another's ELSE too: it ends where its bracket or argument ends."""
    out: list[str] = []
    levels: list[list[str]] = [[]]  # of each open bracket the IFs begun in it, by the part they have reached

    def close(until: str = "") -> None:
        while levels[-1] and levels[-1][-1] != until:
            levels[-1].pop()
            out.append(")")

    for token in _TOKEN.findall(text):
        word = token.upper()
        if word == "IF":
            levels[-1].append(_WAITING)
            token = "(IF"
        elif word in ("THEN", "ELSE"):
            before, after = (_WAITING, _CHOSEN) if word == "THEN" else (_CHOSEN, _LAST)
            close(before)
            if levels[-1]:
                levels[-1][-1] = after
            token = word
        elif token in "([":
            levels.append([])
        elif token in ",)]":
            close()
            if token != "," and len(levels) > 1:
                levels.pop()
        elif word.startswith("NOT") and word != "NOT":
            token = f'"{token}"'  # PySD reads NOT and the rest of the word
        out.append(token)
    while levels:
        close()
        levels.pop()
    return "".join(out)

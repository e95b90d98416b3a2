"""The characters of a .mdl file or data set, whose encoding nothing in it tells for certain."""

from __future__ import annotations

_COMMON = range(0xB0, 0xD8)  # the first byte of the 3 755 common characters in GB 2312, which GB 18030 keeps


def text_of(content: bytes) -> str:
    """The text of a file, with plain line ends: UTF-8, else GB 18030 where it is plainly Chinese, else Latin-1.

    A byte above 127 says little by itself; what tells Chinese is that most characters beyond ASCII are common ones.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030" if _is_chinese(content) else "latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _is_chinese(content: bytes) -> bool:
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return False
    beyond = [mark.encode("gb18030") for mark in text if mark > "\x7f"]
    common = [code for code in beyond if len(code) == 2 and code[0] in _COMMON and code[1] >= 0xA1]
    return 2 * len(common) >= len(beyond)

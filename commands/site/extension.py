"""What the site asks of Sphinx beyond its settings: Chinese in the search, and small things of pages."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from numpy.typing import ArrayLike
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.typing import stringify_annotation

HAN = re.compile(r"[\u3400-\u9fff]")
PIECE = re.compile(rf"{HAN.pattern}+|[^\W\u3400-\u9fff]+")


class SearchBoth(SearchEnglish):
    """English words, and of Chinese each pair of neighbouring signs: words are found by their pairs, without a list."""

    lang = "en-zh"
    js_splitter_code = r"""
function splitQuery(query) {
  const pieces = query.match(/[\u3400-\u9fff]+|(?:(?![\u3400-\u9fff])[\p{Letter}\p{Number}_])+/gu) || [];
  return pieces.flatMap((piece) =>
    /[\u3400-\u9fff]/.test(piece) && piece.length > 2
      ? Array.from({length: piece.length - 1}, (_, at) => piece.slice(at, at + 2))
      : [piece]);
}
"""

    def split(self, input: str) -> list[str]:
        """Words of a text as the index keeps them."""
        return [word for piece in PIECE.findall(input) for word in _pairs(piece)]


def _pairs(piece: str) -> list[str]:
    if not HAN.match(piece) or len(piece) < 3:
        return [piece]
    return [piece[at : at + 2] for at in range(len(piece) - 1)]


def _tell_language(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    if pagename.endswith(".zh"):
        context["language"] = "zh-CN"


def _open_on_click(app: Sphinx, doctree: nodes.document) -> None:
    """Sphinx links a picture to its file where it has a width: diagrams are larger than the page."""
    for image in doctree.findall(nodes.image):
        image["width"] = "100%"


def _name_arrays(app: Sphinx, what: str, name: str, of: object, options: object, arguments: str, returned: str) -> Any:
    """NumPy's type of all that makes an array by its name, not by what it stands for."""
    spelt = stringify_annotation(ArrayLike, "smart")
    return tuple(text and text.replace(spelt, "ArrayLike") for text in (arguments, returned))


def setup(app: Sphinx) -> dict[str, bool]:
    """Sphinx calls this."""
    app.add_search_language(SearchBoth)
    app.add_lexer("csv", TextLexer)
    app.connect("doctree-read", _open_on_click)
    app.connect("autodoc-process-signature", _name_arrays)
    app.connect("html-page-context", _tell_language)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Model files as they are written, Vensim's and XMILE's, into parsed documents of one form."""

from .encoding import text_of
from .vensim_elements import Element, cut_elements, equations_of, without_comments, without_drawing

__all__ = [
    "Element",
    "cut_elements",
    "equations_of",
    "text_of",
    "without_comments",
    "without_drawing",
]

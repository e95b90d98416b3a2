"""Generated documents: pages below docs, and HTML from templates."""

from .generated_pages import Page, pages, stale_pages, strangers
from .rendering import drawn, rendered

__all__ = [
    "Page",
    "drawn",
    "pages",
    "rendered",
    "stale_pages",
    "strangers",
]

"""Every generated page below docs: those of the lower layers, and those that need the published record."""

from __future__ import annotations

from model import City
from scenarios import pages as below
from scenarios.expectations import CHECKS
from scenarios.pages import Page

from .posterior import DEFAULT
from .predictive import mark, predictive_page
from .published import figures_page


def pages(city: City) -> dict[str, Page]:
    """Pages by file name (perhaps with a folder); those of the record for a city that has what the record observes."""
    made = below.pages(city)
    if (city.folder / CHECKS).is_file():
        made["model-against-figures.md"] = Page(figures_page)
        made["prior-predictive.md"] = Page(predictive_page, mark)
        if DEFAULT.is_file():
            from .evidence.page import evidence_pages  # loads what draws figures and samples, which takes seconds

            made |= evidence_pages()
    return made

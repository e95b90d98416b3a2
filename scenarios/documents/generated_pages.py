"""Generated pages below docs, those that run the model included; which are stale, and how that is known."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from innovation.engine.files import UnreadableFile, beginning, read_plain_file
from innovation.model import COVERAGE, City, coverage_page
from innovation.model import pages as file_pages
from innovation.scenarios.checks.expectations import CHECKS
from innovation.scenarios.levers.single_changes import MOVES
from innovation.scenarios.levers.what_moves_what import what_moves_what_page

from .reporting import reporting_page

MARK = "by `cli.py docs`"  # stands at the head of every page
LARGEST_PAGE = 20_000_000  # bytes


@dataclass(frozen=True)
class Page:
    """How a page is written; `mark` gives a line that a current page has, where writing takes minutes."""

    write: Callable[[City], str]
    mark: Callable[[City], str] | None = None

    def is_current(self, city: City, text: str) -> bool:
        """Whether `text` is what would be written, or for a marked page, made from the same files."""
        return self.mark(city) in text.splitlines() if self.mark else text == self.write(city)


def pages(city: City) -> dict[str, Page]:
    """Pages by file name (perhaps with a folder); those whose registry the city does not have are left out."""
    made = {name: Page(write) for name, write in file_pages(city).items()}
    if _has(city, COVERAGE):
        made["plan-coverage.md"] = Page(coverage_page)
    if _has(city, CHECKS):
        made["reporting.md"] = Page(reporting_page)
    if _has(city, MOVES):
        made["what-moves-what.md"] = Page(what_moves_what_page)
    return made


def _has(city: City, name: str) -> bool:
    return (city.folder / name).is_file()


def strangers(docs: Path, made: Mapping[str, Page]) -> list[str]:
    """Names of the pages in whose place `docs` has what no such command wrote; pictures go with the pages."""
    there = [name for name in made if os.path.lexists(docs / name)]
    written = [name for name in there if name.endswith(".md")]
    own = [name for name in written if _is_marked(docs / name)]
    return [name for name in there if name not in own and (name in written or not own)]


def _is_marked(page: Path) -> bool:
    try:
        return MARK in beginning(page)
    except UnreadableFile:
        return False


def stale_pages(city: City, docs: Path, made: Mapping[str, Page] | None = None) -> list[str]:
    """Names of the pages in `docs` that are missing or no longer say what the files say; `made`: of these pages."""
    return [
        name
        for name, page in (pages(city) if made is None else made).items()
        if (text := _text(docs / name)) is None or not page.is_current(city, text)
    ]


def _text(page: Path) -> str | None:
    """The text of a page; None where there is none that can be read."""
    try:
        return read_plain_file(page, LARGEST_PAGE).decode("utf-8", "replace")
    except UnreadableFile:
        return None

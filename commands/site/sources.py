"""The Markdown pages of the site, gathered from where they lie, with every file that they link to.

They are copied to the same places in an empty folder, so that links between them hold there as on a code host. Written
anew are links to the first page, which becomes the index, and to folders: of a folder with a list that leads to the
list, of any other the words alone are left.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from innovation.model.files import read_document

LINK = re.compile(r"\[([^\[\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
CONTENTS = Path(__file__).parent / "contents.yaml"
INDEX = "index.md"


@dataclass(frozen=True)
class MenuGroup:
    """Pages that stand together in the menu."""

    title: str
    pages: Sequence[str]


@dataclass(frozen=True)
class Contents:
    """What the site holds: its first page, the groups of its menu, and folders with a list of all their pages."""

    title: str
    first: str
    groups: Sequence[MenuGroup]
    folders: Mapping[str, str]

    def name(self, path: str) -> str:
        """Where a page of the project stands in the site."""
        return INDEX if path == self.first else path


def contents() -> Contents:
    """What contents.yaml says."""
    data = read_document(CONTENTS).data
    return Contents(data["title"], data["first"], [MenuGroup(**group) for group in data["groups"]], data["folders"])


def gather(root: Path, source: Path, of: Contents) -> None:
    """Copy the pages and all that they link to, and write the lists of folders and the menu below the first page."""
    lists = {folder: sorted(path.name for path in (root / folder).glob("*.md")) for folder in of.folders}
    listed = {f"{folder}/{name}" for folder, names in lists.items() for name in names}
    named = {page for group in of.groups for page in group.pages if (root / page).is_file()}
    pages = _copied(root, source, of, {of.first, *named, *listed})
    for folder, names in lists.items():
        text = f"# {of.folders[folder]}\n\n" + _toctree(names)
        (source / folder / INDEX).write_text(text, encoding="utf-8")
    _write_menu(source / INDEX, of, sorted(pages - {of.first, *named, *listed}))


def _copied(root: Path, source: Path, of: Contents, begin: set[str]) -> set[str]:
    """Copy these files and those that they lead to; the pages among them."""
    waiting, seen = [*begin], set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        place = source / of.name(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".md"):
            text, linked = _for_site(root, path, of)
            place.write_text(text, encoding="utf-8")
            waiting += linked
        else:
            shutil.copyfile(root / path, place)
    return {path for path in seen if path.endswith(".md")}


def _for_site(root: Path, path: str, of: Contents) -> tuple[str, list[str]]:
    """A page with its links as the site needs them, and the files that they lead to."""
    linked = []

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], unquote(found[2]), found[3] or ""
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if (root / place).is_dir():
            return f"[{words}]({target.rstrip('/')}/{INDEX})" if place in of.folders else words
        if not (root / place).is_file() or place.startswith("../"):
            return found[0]
        linked.append(place)
        if place == of.first:
            return f"[{words}]({posixpath.join(posixpath.dirname(target), INDEX)}{anchor})"
        return found[0]

    return LINK.sub(link, (root / path).read_text(encoding="utf-8")), linked


def _write_menu(index: Path, of: Contents, others: list[str]) -> None:
    """Groups as hidden lists below the first page; pages that no group names in the last."""
    *groups, last = of.groups
    groups.append(MenuGroup(last.title, [*last.pages, *others]))
    lists = [_toctree(group.pages, f":hidden:\n:caption: {group.title}\n") for group in groups]
    index.write_text("\n".join([index.read_text(encoding="utf-8"), *lists]), encoding="utf-8")


def _toctree(pages: Sequence[str], options: str = "") -> str:
    return "\n".join(["```{toctree}", options + "\n".join(pages), "```", ""])

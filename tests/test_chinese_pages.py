"""A page in Chinese says what the English one says: neither is changed without the other."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(path for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.zh.md"))


def sections(path: Path) -> list[str]:
    """A page cut before each heading, with what is named by language named as in the English page."""
    text = path.read_text(encoding="utf-8").replace(".zh.md", ".md").replace("_zh.png", "_en.png")
    return re.split(r"^(?=#+ )", text, flags=re.MULTILINE)[1:]


def commands(text: str) -> list[str]:
    """Lines of code as they are typed: what a line says behind its # is in the page's language."""
    return [line.split(" # ")[0].rstrip() for line in text.splitlines() if line.startswith("    ")]


def plain(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.startswith("    "))


def links(text: str) -> list[str]:
    return sorted(re.findall(r"\]\(([^)]+)\)", text))


def code(text: str) -> list[str]:
    return sorted(re.findall(r"`([^`]+)`", re.sub(r"\s*\n\s*", " ", plain(text))))


def frame(text: str) -> list[str]:
    """The heading's level, items of lists, and cells of rows."""
    marks = re.findall(r"^(#+(?= )|- |\d+\. |\|.*\|$)", plain(text), flags=re.MULTILINE)
    return [f"{mark.count('|')} cells" if mark.startswith("|") else mark for mark in marks]


def numbers(text: str) -> set[str]:
    """Numbers in digits, but for single ones, which either language may write as a word."""
    prose = re.sub(r"`[^`]+`|\]\([^)]+\)", "", plain(text))
    found = re.findall(r"\d[\d ,]*(?:\.\d+)?", prose)
    return {number for one in found if len(number := re.sub(r"[ ,]", "", one)) > 1}


def test_planners_and_operators_have_their_pages_in_chinese():
    assert {path.name for path in PAGES} >= {"README.zh.md", "deployment.zh.md"}


@pytest.mark.parametrize("what", [frame, commands, links, code, numbers])
@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_both_languages_have_the_same(page, what):
    english = page.with_name(page.name.replace(".zh.md", ".md"))

    assert [what(one) for one in sections(page)] == [what(one) for one in sections(english)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_each_language_names_the_other_at_the_top(page):
    english = page.with_name(page.name.replace(".zh.md", ".md"))

    assert page.read_text(encoding="utf-8").split("\n")[2] == f"[English]({english.name})"
    assert english.read_text(encoding="utf-8").split("\n")[2] == f"[中文]({page.name})"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_a_paragraph_in_chinese_is_one_line(page):
    """A browser shows the end of a line as a space, which Chinese has not."""
    lines = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE).splitlines()

    broken = [one for one, after in pairwise(lines) if re.match(r"[^\s#|\-\d]", one) and after.strip()]

    assert broken == []

"""The laws of words for people: none in Python, both languages alike, none missing, none that nobody asks for."""

from __future__ import annotations

import ast
import csv
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from innovation.model.files.phrases import LANGUAGES
from innovation.model.files.wording import read_texts

ROOT = Path(__file__).parents[1]
PACKAGES = {"scenarios": "scenarios/words", "calibration": "calibration/words", "ui": "ui/translations"}
FRONT = {"ui": ["page.py"]}  # beside the package's own files

CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffee]")
CHARACTERS = {"model/files/yaml_documents.py": "marks of a Chinese keyboard that a file of YAML cannot have"}
CHOICES = {
    "ui/language.py": "the code of a browser's language",
    "ui/render/charts.py": "how an axis writes its numbers",
}
READERS = {"catalogue", "words", "read_messages", "read_texts", "words_of", "in_words"}
CODES = {
    "commands/city/list.py": "the other language, whose column is dropped",
    "ui/text/catalogue.py": "tags of languages for browsers",
}


@cache
def words(package: str, language: str) -> dict[str, str]:
    return read_texts(ROOT / PACKAGES[package] / f"{language}.yaml")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def python() -> Iterator[Path]:
    """Every Python file of the house but those that only look at it."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name not in ("tests", "out") and
               not path.name.startswith(".")]  # fmt: skip
    return (path for found in ([ROOT.glob("*.py")] + [one.rglob("*.py") for one in folders]) for path in found)


@cache
def texts(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def modules(package: str) -> list[Path]:
    return [*sorted((ROOT / package).rglob("*.py")), *(ROOT / name for name in FRONT.get(package, []))]


def imported(path: Path) -> Iterator[tuple[Path, set[str]]]:
    """Files of the house that a file imports names from, through the face of a package too, and the names."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            base = path.parents[node.level - 1] if node.level else ROOT
            place = base.joinpath(*(node.module or "").removeprefix("innovation.").split("."))
            names, file, face = {one.name for one in node.names}, place.with_suffix(".py"), place / "__init__.py"
            if file.is_file():
                yield file, names
            elif face.is_file() and face != path:
                yield from ((behind, names & found) for behind, found in imported(face) if names & found)


@cache
def sections(path: Path) -> set[str]:
    """Sections that a file opens itself, `section("costs")`, or by the WORDS of another."""
    calls = {node.args[0].value for node in ast.walk(tree(path)) if isinstance(node, ast.Call)
             and getattr(node.func, "id", "") == "section" and isinstance(node.args[0], ast.Constant)}  # fmt: skip
    others = [sections(file) for file, names in imported(path) if "WORDS" in names]
    return calls.union(*others)


@cache
def kinds(path: Path) -> set[str]:
    """Names that a file's types list: Literal["up", "down"]."""
    found = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Subscript))
    return {text for node in found if getattr(node.value, "id", "") == "Literal" for text in texts(node.slice)}


def in_templates(path: Path) -> set[str]:
    """Keys that the templates which a file renders ask for: {{ words("title") }}."""
    folder = ROOT / path.relative_to(ROOT).parts[0] / "templates"
    calls = (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    names = {node.args[1].value for node in calls if getattr(node.func, "id", "") == "rendered"
             and isinstance(node.args[1], ast.Constant)}  # fmt: skip
    files = (folder / f"{name}.html.j2" for name in names)
    return set().union(*(re.findall(r'\bwords\("([^"]+)"', file.read_text(encoding="utf-8")) for file in files))


def spoken(path: Path) -> set[str]:
    """All that a file may ask for: its own texts, parts of texts, its templates', and names in types of its imports."""
    parts = {text.strip(".") for text in texts(tree(path))} | in_templates(path)
    return parts.union(*(kinds(file) for file, _ in imported(path)))


def asked(path: Path) -> set[str]:
    """Keys that a file hands to its words: words("title"), WORDS[language]("title"), self.words("title")."""
    found = in_templates(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            of = node.func.value if isinstance(node.func, ast.Subscript) else node.func
            name = getattr(of, "id", getattr(of, "attr", ""))
            if name == "words" or (isinstance(node.func, ast.Subscript) and name.endswith("WORDS")):
                found.add(str(node.args[0].value))
    return found


def whole_keys(path: Path, known: set[str]) -> set[str]:
    """Keys of the page, which are written in full; what is counted has its words under .one and .many."""
    literals = texts(tree(path)) | in_templates(path)
    counted = {key for key in known if key.rpartition(".")[2] in ("one", "many") and key.rpartition(".")[0] in literals}
    return (literals & known) | counted


def used(package: str) -> set[str]:
    known = set(words(package, "en"))
    if package == "ui":
        return set().union(*(whole_keys(path, known) for path in modules(package)))
    found = set(DATA.get(package, dict)())
    for path in modules(package):
        said = spoken(path)
        for section in sections(path):
            keys = {key for key in known if key.startswith(f"{section}.")}
            found |= {key for key in keys if set(key.split(".")[1:]) <= said}
    return found


def _other_places() -> set[str]:
    """Indicators of other places are named by their ids in the kept numbers."""
    lines = (ROOT / "calibration" / "results" / "places.csv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return {f"places.label.{row['of'].split()[0]}" for row in rows}


DATA = {"calibration": _other_places}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_keys_with_the_same_places(package):
    en, zh = (words(package, language) for language in LANGUAGES)

    assert set(en) == set(zh)
    assert {key: places(en[key]) for key in en} == {key: places(zh[key]) for key in en}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_table_has_as_many_heads_in_both_languages(package):
    en, zh = (words(package, language) for language in LANGUAGES)

    assert {key: text.count("|") for key, text in en.items()} == {key: text.count("|") for key, text in zh.items()}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_code_asks_for_no_word_that_is_missing(package):
    known, missing = set(words(package, "en")), {}
    for path in modules(package):
        opened = {""} if package == "ui" else {f"{section}." for section in sections(path)}
        lost = {key for key in asked(path) if not any(section + key in known for section in opened)}
        missing |= {str(path.relative_to(ROOT)): lost} if lost else {}

    assert missing == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_no_word_is_kept_that_nobody_asks_for(package):
    assert sorted(set(words(package, "en")) - used(package)) == []


def test_no_python_file_has_chinese_in_it():
    found = {
        str(path.relative_to(ROOT))
        for path in python()
        for text in texts(tree(path)) - docstrings(path)
        if CHINESE.search(text)
    }

    assert found == set(CHARACTERS)


def docstrings(path: Path) -> set[str | None]:
    told = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return {ast.get_docstring(node, clean=False) for node in ast.walk(tree(path)) if isinstance(node, told)}


def test_no_python_file_has_a_dictionary_of_words_in_two_languages():
    found = {
        str(path.relative_to(ROOT))
        for path in python()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Dict)
        and {key.value for key in node.keys if isinstance(key, ast.Constant)} >= set(LANGUAGES)
        and any(texts(value) for value in node.values if not isinstance(value, ast.Attribute | ast.Subscript))
    }

    assert found == set(CODES)


def test_no_python_file_chooses_between_words_by_the_language():
    """A text that stands for one language only is a word of it: `" " if language == "en" else ""`."""
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.IfExp)
        and texts(node.test) & set(LANGUAGES)
        and any(_is_text(one) for one in (node.body, node.orelse))
    }

    assert {place.rpartition(":")[0] for place in found} == set(CHOICES), sorted(found)


def _is_text(node: ast.AST) -> bool:
    """A text, or one with other words in it than numbers and names that are put there."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_no_file_reads_words_when_it_is_imported():
    found = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in PACKAGES
        for path in modules(package)
        for node in at_once(tree(path))
        if (isinstance(node, ast.Subscript) and getattr(node.value, "id", "").endswith("WORDS") and package != "ui")
        or (isinstance(node, ast.Call) and getattr(node.func, "id", "") in READERS)
    }

    assert found == set()


def at_once(node: ast.AST) -> Iterator[ast.AST]:
    """What runs when a file is imported: all but the bodies of its functions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from at_once(child)

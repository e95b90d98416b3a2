"""The laws of faults: each code has words in both languages and a maker, and each maker gives what the words quote."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from innovation.engine.files.plain_files import FileTrouble
from innovation.model.city import City
from innovation.model.files.faults import fault
from innovation.model.files.phrases import LANGUAGES, WORDS, Term, phrase, words_of
from innovation.model.files.yaml_documents import read_document
from innovation.scenarios.schema import ID_PATTERN

ROOT = Path(__file__).parents[1]
PACKAGES = ("model", "scenarios", "calibration", "analysis", "ui", "commands")
MADE_IN = ("ui/links.py",)  # in other files of the page such texts are keys of its own words
MAKERS = ("fault", "phrase", "refusal", "refused", "_refused", "_fault", "_broken", "_faulty", "_refuse")
CODE = re.compile(rf"({'|'.join(PACKAGES)})\.[a-z_]+")
NAMES = {"model.mdl", "calibration.evidence", "calibration.md", "analysis.json"}  # of files and modules
QUOTED = re.compile(r"cli\.py [\w {}]+|python -m [\w.{} ]+|“[^”]*”|Cramér-von Mises|-{2}[a-z]+ [A-Z]+")
SENTENCE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")
# Codes that quote, marked as such, the English of the engine, parsers of YAML, CSV and JSON, pydantic, or the sampler.
QUOTING = {
    "model.original", "model.not_yaml", "model.no_yaml", "model.not_csv", "model.sentence_places", "model.unlike",
    "calibration.carried_unreadable", "calibration.fit_failed", "calibration.not_good_enough", "calibration.no_csv",
    "calibration.fitted_does_not_run", "calibration.rewritten_unread",
    "analysis.engine_refuses", "analysis.findings_damaged",
}  # fmt: skip
KNOWN = {
    f"{package}.{name}": entry
    for package in PACKAGES
    for name, entry in words_of(package).items()
    if name != "terms"
}  # fmt: skip
TERMS = {
    f"{package}.{kind}": words for package in PACKAGES for kind, words in words_of(package).get("terms", {}).items()
}


@cache
def trees() -> dict[Path, ast.Module]:
    files = [path for package in PACKAGES if package != "ui" for path in (ROOT / package).rglob("*.py")]
    files += [*(ROOT / "innovation" / "public").glob("*.py"), *(ROOT / name for name in MADE_IN)]
    own = (path for path in files if "vensim" not in path.parts)  # faults of model files are the engine's
    return {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in own}


def codes_in(node: ast.AST) -> set[str]:
    texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {text for text in texts if CODE.fullmatch(text)} - NAMES


def makers() -> Iterator[tuple[str, ast.Call, set[str]]]:
    """Calls that make a fault or a phrase, where they stand, and the codes that are written there."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            if name in MAKERS:
                codes = set().union(*(codes_in(argument) for argument in node.args))
                yield f"{path}:{node.lineno}", node, codes


def given_by(node: ast.Call) -> tuple[set[str], bool]:
    """Names of the values that a call gives, and whether it gives others from a mapping that stands elsewhere."""
    given, splat = {keyword.arg for keyword in node.keywords if keyword.arg}, False
    for one in (keyword.value for keyword in node.keywords if keyword.arg is None):
        if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "unknown":
            given |= {"name", "near"}
        else:
            splat = True
    return given, splat


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_has_words_in_both_languages_that_quote_the_same():
    assert {code for code, entry in KNOWN.items() if set(entry) != set(LANGUAGES) or not all(entry.values())} == set()
    assert {code for code, entry in KNOWN.items() if places(entry["en"]) != places(entry["zh"])} == set()


def test_every_code_is_made_and_none_is_made_that_has_no_words():
    made = set().union(*(codes_in(tree) for tree in trees().values()))

    assert made - set(KNOWN) - set(TERMS) == set()
    assert set(KNOWN) | set(TERMS) == made


def test_every_site_gives_what_the_words_of_its_code_quote():
    wrong = set()
    for where, node, codes in makers():
        given, splat = given_by(node)
        for code in codes:
            quoted = places(KNOWN[code]["en"])
            wrong |= set() if (given <= quoted if splat else given == quoted) else {f"{where} {code}"}

    assert wrong == set()


def test_no_site_puts_its_sentence_together_itself():
    given = {where: [*node.args, *(one.value for one in node.keywords)] for where, node, _ in makers()}
    texts = {where: [part.value for value in values for part in ast.walk(value) if isinstance(part, ast.Constant)]
             for where, values in given.items()}  # fmt: skip
    sentences = {where for where, found in texts.items() if SENTENCE.search(" | ".join(map(str, found)))}

    assert len(list(makers())) > 300
    assert sentences == set()


def test_a_code_without_words_and_a_place_without_a_value_are_named():
    with pytest.raises(KeyError, match=rf"model/{WORDS}, misspelt"):
        str(phrase("model.misspelt"))
    with pytest.raises(KeyError, match="first"):
        str(fault("model.key_again", "file", key="x"))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_code_stands_twice_in_a_file(package):
    assert read_document(ROOT / package / WORDS).faults == ()


def test_no_chinese_sentence_has_an_english_one_in_it():
    assert {code for code, entry in KNOWN.items() if SENTENCE.search(QUOTED.sub("", entry["zh"]))} == set()


def test_what_is_quoted_in_english_comes_from_other_programs_or_the_sampler_and_no_other_is_added_unseen():
    assert {code for code, entry in KNOWN.items() if "英文原文" in entry["zh"]} == QUOTING


def test_what_a_fault_quotes_of_the_house_has_a_name_in_chinese(city: City):
    controls = [*city.levers.values(), *city.inputs.values()]
    units = {city.model.variables[city.locate(control.constant)[0]].unit for control in controls}
    splits = {lever.share_of for lever in city.levers.values() if lever.share_of}

    assert {unit for unit in units if unit not in TERMS["model.unit"]} == set()
    assert splits == set(TERMS["model.split"])
    assert set(FileTrouble) == set(TERMS["model.reason"])
    assert ID_PATTERN in TERMS["model.pattern"]


def test_a_term_that_has_no_name_in_chinese_is_said_as_it_stands():
    assert Term("model.unit", "frogs/year").said("zh") == "frogs/year"
    assert Term("model.unit", "CNY100M/year").said("zh") == "亿元/年"
    assert Term("model.unit", "CNY100M/year").said("en") == "CNY100M/year"

"""How a chance is written: right for none, one, some and all, in both languages, and written nowhere else."""

from __future__ import annotations

import ast
import re

import pytest

from innovation.model.loading import FOLDER
from innovation.scenarios.simulation.chances import (
    chance_text,
    hundredths,
    met_text,
    missed_text,
    percent_text,
    points_text,
    standard_error,
)

ROOT = FOLDER.parent
FORMS = {"cell": chance_text, "met": met_text, "missed": missed_text}
DRAWS = (1, 2, 3, 100, 1000, 2_000_000)


def parts(draws: int) -> list[float]:
    """None, one, half, all but one and all of the draws."""
    return sorted({0.0, 1 / draws, draws // 2 / draws, (draws - 1) / draws, 1.0})


@pytest.mark.parametrize(
    ("part", "said"),
    [(0, "0"), (1e-6, "<1"), (0.005, "<1"), (0.006, "1"), (0.5, "50"), (0.994, "99"), (0.995, ">99"), (1, "100")],
)
def test_what_is_nearly_none_or_all_is_not_written_as_if_it_were(part, said):
    assert hundredths(part) == said


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("form", FORMS)
def test_every_sentence_says_which_it_is_and_no_error_is_nothing(form, draws, language):
    for part in parts(draws):
        said = FORMS[form](part, draws, language)

        sure = part in (0, 1)
        assert not re.search(r"± ?0(\.0*)?(?![.\d])", said), said
        assert ("±" in said) != sure, said
        assert not re.search(r"(^|[^\d.])0 ?%", said), said
        assert not re.search(r"(^|\D)100 ?%", said), said
        if sure and draws > 1:
            assert (f"{draws:,}" if language == "en" else str(draws)) in said
        if not sure:
            written = said.replace("不到", "<").replace("超过", ">").replace("约", "")
            assert f"{hundredths(part)}%" in written.replace(" ", ""), said


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_hit_and_a_miss_are_each_others_opposite(language):
    none, every = {"en": ("none", "all"), "zh": ("均未达到", "均达到")}[language]

    assert none in met_text(0, 1000, language).lower()
    assert every in met_text(1, 1000, language).lower()
    assert (none if language == "en" else every) in missed_text(0, 1000, language).lower()
    assert (every if language == "en" else none) in missed_text(1, 1000, language).lower()
    assert met_text(0, 1, language) != met_text(1, 1, language)
    assert missed_text(0, 1, language) != missed_text(1, 1, language)


def test_the_words_agreed_on_are_said():
    assert chance_text(0.76, 1000, "zh") == "约76%（误差±1.3）"
    assert chance_text(0, 1000, "zh") == "1000次模拟均未达到"
    assert chance_text(0.004, 1000, "zh") == "不到1%（误差±0.2）"
    assert chance_text(0.76, 1000, "en") == "76 % ± 1.3"
    assert chance_text(0.004, 1000, "en") == "<1 % ± 0.2"
    assert chance_text(0, 1000, "en") == "none of 1,000 runs"
    assert percent_text(0.004, "zh") == "<1%"
    assert points_text(-0.0004, 0.011, "en") == "0.0 ± 1.1 points"


def test_a_small_error_keeps_a_digit():
    assert 100 * standard_error(0.5, 4_000_000) < 0.05
    assert chance_text(0.5, 4_000_000, "en") == "50 % ± 0.02"


def test_nobody_else_writes_a_chance():
    """No formatted value in the house holds a chance or a share of hits turned into per cent by hand."""
    names = {"chance", "all", "density", "coverage", "missed"}
    found = []
    for folder in ("scenarios", "analysis", "calibration", "ui", "commands"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.name != "chance_words.py":
                found += [f"{path.name}:{line}" for line in _written(path.read_text(encoding="utf-8"), names)]
    found += [f"cli.py:{line}" for line in _written((ROOT / "cli.py").read_text(encoding="utf-8"), names)]

    assert found == []
    assert _written('f"{100 * one.chance:.0f} %"', names) == [1]
    assert _written('f"{box.coverage:.0%}"', names) == [1]


def _written(text: str, names: set[str]) -> list[int]:
    lines = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            spec = "".join(
                str(part.value) for part in getattr(node.format_spec, "values", []) if hasattr(part, "value")
            )
            inside = {getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(node.value)}
            if names & inside and ("%" in spec or "100" in ast.unparse(node.value)):
                lines.append(node.lineno)
    return lines

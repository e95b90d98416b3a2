"""Words of a language: by dotted key, read when they are asked for, and clear about what is missing."""

from __future__ import annotations

import pytest

from innovation.model.files.wording import Wording, read_texts

EN = 'costs:\n  title: What it costs\n  of: "{value} in {year}"\nmoney:\n  title: {short: Money}\n'
ZH = "costs:\n  title: 费用\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "en.yaml").write_text(EN, encoding="utf-8")
    (tmp_path / "zh.yaml").write_text(ZH, encoding="utf-8")
    return tmp_path


def test_a_section_says_its_own_words_in_either_language(folder):
    costs = Wording(folder, "costs")

    assert [costs[language]("title") for language in ("en", "zh")] == ["What it costs", "费用"]
    assert costs["en"]("of", value=3, year=2012, more="unused") == "3 in 2012"
    assert Wording(folder, "money")["en"]("title.short") == "Money"
    assert costs["en"].get("title", "?") == "What it costs"
    assert costs["en"].get("short", "?") == "?"


def test_a_missing_word_names_its_file_and_key(folder):
    with pytest.raises(KeyError, match=rf"{folder.name}/zh\.yaml, costs\.of: nothing under 'costs\.of'"):
        Wording(folder, "costs")["zh"]("of")


def test_a_missing_value_names_the_words_and_the_place(folder):
    with pytest.raises(KeyError, match=r"en\.yaml, costs\.of: nothing under 'year'"):
        Wording(folder, "costs")["en"]("of", value=3)


def test_a_file_is_read_once_and_only_when_its_language_is_asked_for(folder):
    costs = Wording(folder, "costs")
    (folder / "zh.yaml").unlink()
    before = costs["en"]("title")
    (folder / "en.yaml").unlink()

    assert costs["en"]("title") == before
    with pytest.raises(ValueError, match=r"zh\.yaml\n.*does not exist"):
        costs["zh"]


def test_a_key_that_stands_twice_is_refused(tmp_path):
    file = tmp_path / "en.yaml"
    file.write_text("a: one\na: two\n", encoding="utf-8")

    with pytest.raises(ValueError, match="stands here a second time"):
        read_texts(file)

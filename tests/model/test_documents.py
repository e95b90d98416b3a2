"""YAML that people write: what is read, what is refused, and at which line."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from innovation.model.entries import Group
from innovation.model.files.tables import read_table
from innovation.model.files.yaml_documents import DEEPEST, LARGEST_FILE, parse_document, read_document, shown
from innovation.model.loading import CityError, load_city


def test_plain_words_are_numbers_truth_and_text_as_yaml_1_2_says():
    text = "{a: 1, b: 2.5, c: 1e-3, d: .5, e: true, f: yes, g: 1:30, h: '1', i: ~, j: -.inf, k: 2011-01-01, l: 010}"

    document = parse_document(text, "here")

    assert document.faults == ()
    assert document.data == {
        "a": 1, "b": 2.5, "c": 0.001, "d": 0.5, "e": True, "f": "yes", "g": "1:30", "h": "1", "i": None,
        "j": float("-inf"), "k": "2011-01-01", "l": 10,
    }  # fmt: skip


def test_every_place_knows_its_line():
    document = parse_document("a: 1\nb:\n  - x: 2\n  - x: 3\n    y: 4\n", "here")

    lines = {place: document.line(place) for place in [("a",), ("b", 0), ("b", 1, "x"), ("b", 1, "y"), ("b", 1, "no")]}

    assert lines == {("a",): 1, ("b", 0): 3, ("b", 1, "x"): 4, ("b", 1, "y"): 5, ("b", 1, "no"): 4}


def test_all_unsafe_things_in_a_file_are_told_at_once():
    text = "a: 1\na: 2\nb: !!python/object/apply:os.system [echo]\nc: &x 1\nd: *x\n? [1]\n: 2\n"

    document = parse_document(text, "here")

    assert [(fault.line, fault.message.split(" ")[1]) for fault in document.faults] == [
        (2, "stands"), (3, "tag"), (4, "anchor"), (5, "alias"), (6, "list"),
    ]  # fmt: skip


def test_the_first_of_two_equal_names_is_kept_and_named():
    document = parse_document("a: 1\nb: 2\na: {c: 3}\n", "here")

    assert document.data == {"a": 1, "b": 2}
    assert "first in line 1" in document.faults[0].message


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("", None, "empty"),
        ("# only a remark\n", None, "empty"),
        ("a: [1, 2\n", 2, "not valid YAML"),
        ("a:\n\tb: 1\n", 2, "not valid YAML"),
        ("a: 'half\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb: \0\n", 2, "U+0000"),
        ("a: \ud800\n", 1, "U+D800"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        ("[" * 50_000, 1, "nested deeper"),
        ("- " * 50_000, 1, "nested deeper"),
        ("x" * (LARGEST_FILE + 1), None, "larger"),
    ],
)
def test_text_that_is_no_document_gets_one_fault_with_its_line(text, line, word):
    document = parse_document(text, "here")

    assert document.data is None or word == "second document"
    assert [fault.line for fault in document.faults] == [line]
    assert word in document.faults[0].message


def test_an_alias_bomb_is_refused_without_being_expanded():
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi"))

    document = parse_document(bomb, "here")

    assert len(document.faults) == 9 + 8 * 9
    assert all("not allowed" in fault.message for fault in document.faults)


def test_nesting_up_to_the_limit_is_read():
    document = parse_document("[" * DEEPEST + "]" * DEEPEST, "here")

    assert document.faults == ()


def test_a_file_larger_than_the_limit_is_not_read(tmp_path: Path):
    large = tmp_path / "large.yaml"
    with large.open("wb") as file:
        file.truncate(100_000_000)

    document = read_document(large)

    assert "larger" in document.faults[0].message


@pytest.mark.parametrize("kind", ["folder", "missing", "pipe"])
def test_what_is_no_file_of_text_is_a_fault(tmp_path: Path, kind: str):
    path = tmp_path / "scenario.yaml"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)

    document = read_document(path)

    assert len(document.faults) == 1
    assert document.data is None


@pytest.mark.parametrize("name", ["a\u202eb", "a\x1bb", "a\u2028b"])
def test_a_name_from_outside_cannot_turn_a_message_round(name):
    assert shown(Path("/none") / name) == str(Path("/none/a\ufffdb"))


def test_registries_that_are_wrong_throughout_are_answered_in_a_few_words(tmp_path):
    toy = Path(__file__).parents[1] / "models" / "toy_city"
    for file in toy.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    wrong = "".join(f"knowlege elasticiti {n}: {{role: fixed, source: Solou{n}}}\n" for n in range(3000))
    (tmp_path / "parameters.yaml").write_text(wrong, encoding="utf-8")

    with pytest.raises(CityError) as caught:
        load_city(tmp_path)

    assert 200 <= len(caught.value.faults) <= 402
    assert len(str(caught.value).encode()) < 40_000
    assert sum("Did you mean" in fault.message for fault in caught.value.faults) <= 40


def test_a_table_that_is_wrong_throughout_is_read_no_further_than_helps(tmp_path):
    (tmp_path / "rows.csv").write_text("en,zh\n" + "a\n" * 300_000)

    rows, _, faults = read_table(tmp_path / "rows.csv", Group)

    assert rows == []
    assert len(faults) == 201
    assert "Reading stopped" in faults[-1].message


def test_a_table_has_so_many_rows_and_no_more(tmp_path):
    (tmp_path / "rows.csv").write_text("en,zh\n" + "a,b\n" * 5001)

    rows, _, faults = read_table(tmp_path / "rows.csv", Group)

    assert len(rows) == 5000
    assert [fault.message for fault in faults] == ["It has more than 5,000 rows."]

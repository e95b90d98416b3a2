"""A clone without the field's models can fetch them, each by the hash of its content."""

from __future__ import annotations

import subprocess

from tests.engine import field_models


def git(folder, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.autocrlf=false"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_a_pinned_file_is_fetched_as_it_was_and_one_that_is_not_there_is_named(tmp_path, monkeypatch):
    home, model = tmp_path / "home", tmp_path / "home" / "tests" / "a" / "a.mdl"
    model.parent.mkdir(parents=True)
    git(tmp_path, "init", "-q", str(home))
    model.write_bytes(b"first\r\n")
    git(home, "add", ".")
    git(home, "commit", "-qm", "first")
    digest = git(home, "rev-parse", "HEAD:tests/a/a.mdl")
    model.write_bytes(b"second")
    git(home, "commit", "-qam", "second")
    monkeypatch.setattr(field_models, "pins", lambda: {"tests/a/a.mdl": digest, "tests/b/b.mdl": "0" * 40})

    missing = field_models.fetch(str(home), tmp_path / "here")

    assert (tmp_path / "here" / "tests" / "a" / "a.mdl").read_bytes() == b"first\r\n"
    assert missing == ["tests/b/b.mdl"]


def test_the_pins_are_of_the_models_that_the_tests_read():
    here = {path.relative_to(field_models.SUITE).as_posix() for path in field_models.SUITE.rglob("*") if path.is_file()}

    assert here <= field_models.pins().keys() | {"README.md"}

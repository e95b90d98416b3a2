"""One reader of plain files: whatever a name leads to, it ends at once, and in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine import EngineError, load_model
from engine.files import UnreadableFile, beginning, is_plain_file, read_plain_file

unix = pytest.mark.skipif(os.name == "nt", reason="pipes and devices of Unix")


def strange_files(folder: Path) -> dict[str, Path]:
    """What a name may lead to that is no plain file that can be read, by what is said of it."""
    os.mkfifo(folder / "pipe")
    (folder / "circle").symlink_to("circle")
    (folder / "astray").symlink_to("nowhere")
    (folder / "file").write_text("a")
    return {
        "there is no such file": folder / "none",
        "no such file": folder / "astray",
        "this is a folder": folder,
        "not a plain file": Path("/dev/zero"),
        "a plain file": folder / "pipe",
        "round in a circle": folder / "circle",
        "its name is too long": folder / ("a" * 300),
        "a part of its path is no folder": folder / "file" / "inside",
        "no file can have this name": folder / "a\0b",
    }


@unix
def test_what_is_no_plain_file_is_refused_at_once_and_in_words(tmp_path):
    for said, path in strange_files(tmp_path).items():
        with pytest.raises(UnreadableFile, match=said):
            read_plain_file(path, 10)
        with pytest.raises(UnreadableFile, match=said):
            beginning(path)
        assert not is_plain_file(path)


@unix
def test_a_model_behind_such_a_name_is_refused_by_the_engine(tmp_path):
    for said, path in strange_files(tmp_path).items():
        with pytest.raises(EngineError, match=said):
            load_model(path)


def test_no_more_than_the_bound_is_read(tmp_path):
    (tmp_path / "ten").write_bytes(b"0123456789")

    assert read_plain_file(tmp_path / "ten", 10) == b"0123456789"
    with pytest.raises(UnreadableFile, match="larger than 9 bytes"):
        read_plain_file(tmp_path / "ten", 9)


@unix
def test_a_data_set_that_is_a_pipe_or_has_an_impossible_name_is_none(tmp_path):
    os.mkfifo(tmp_path / "pipe.tab")
    text = "x = 1 ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\n\\\\\\---/// Sketch\n"
    (tmp_path / "m.mdl").write_text(f"{text}13:pipe.vdf\n13:{'a' * 249}.vdf\n13:{' ' * 100_000}b\n")

    assert "x" in load_model(tmp_path / "m.mdl").variables

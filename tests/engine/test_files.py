"""One reader of plain files: whatever a name leads to, it ends at once, and in words. One writer: all or nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from innovation.engine.errors import EngineError
from innovation.engine.files.plain_files import (
    ABANDONED,
    UnreadableFile,
    beginning,
    is_plain_file,
    lock,
    plain_file,
    read_plain_file,
    remove_unfinished,
    replacing,
    write_whole,
)
from innovation.engine.model import load_model

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
        with pytest.raises(UnreadableFile, match=said):
            plain_file(path)
        assert not is_plain_file(path)


@unix
def test_a_model_behind_such_a_name_is_refused_by_the_engine(tmp_path):
    for said, path in strange_files(tmp_path).items():
        with pytest.raises(EngineError, match=said):
            load_model(path)


def test_no_more_than_the_bound_is_read(tmp_path):
    (tmp_path / "ten").write_bytes(b"0123456789")

    assert read_plain_file(tmp_path / "ten", 10) == b"0123456789"
    assert plain_file(tmp_path / "ten") == tmp_path / "ten"
    with pytest.raises(UnreadableFile, match="larger than 9 bytes"):
        read_plain_file(tmp_path / "ten", 9)


@unix
def test_a_data_set_that_is_a_pipe_or_has_an_impossible_name_is_none(tmp_path):
    os.mkfifo(tmp_path / "pipe.tab")
    text = "x = 1 ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\n\\\\\\---/// Sketch\n"
    (tmp_path / "m.mdl").write_text(f"{text}13:pipe.vdf\n13:{'a' * 249}.vdf\n13:{' ' * 100_000}b\n")

    assert "x" in load_model(tmp_path / "m.mdl").variables


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def killed_while_writing(path: Path) -> Path:
    """What a process leaves that is killed while it writes a file."""
    before = names_in(path.parent)
    program = (
        "import os, sys; from pathlib import Path; from innovation.engine.files.plain_files import replacing\n"
        "with replacing(Path(sys.argv[1])) as part:\n"
        "    part.write_bytes(b'half'); os.abort()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False, stderr=subprocess.DEVNULL)
    assert done.returncode != 0
    (left,) = names_in(path.parent) - before
    return path.parent / left


def made_older(path: Path) -> None:
    then = time.time() - ABANDONED - 1
    os.utime(path, (then, then))


def test_a_file_is_written_whole_with_the_folders_on_the_way_and_nothing_beside_it(tmp_path):
    place = tmp_path / "deep" / "er" / "file.txt"

    write_whole(place, "城市\n")
    write_whole(place, b"second")

    assert place.read_bytes() == b"second"
    assert names_in(place.parent) == {"file.txt"}


def test_until_the_end_of_the_writing_the_file_is_the_one_before(tmp_path):
    write_whole(tmp_path / "file", "before")

    with replacing(tmp_path / "file") as part:
        part.write_text("after")
        seen = (tmp_path / "file").read_text()

    assert (seen, (tmp_path / "file").read_text()) == ("before", "after")


@pytest.mark.parametrize("wrong", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_writing_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path, wrong):
    write_whole(tmp_path / "file", "before")

    with pytest.raises(type(wrong)), replacing(tmp_path / "file") as part:
        part.write_text("half")
        raise wrong

    assert (tmp_path / "file").read_text() == "before"
    assert names_in(tmp_path) == {"file"}


def test_what_is_written_stands_on_the_disk_before_it_takes_the_place(tmp_path, monkeypatch):
    synced: list[tuple[int, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda number: synced.append((os.fstat(number).st_size, place.exists())))
    place = tmp_path / "file"

    write_whole(place, b"12345")

    assert synced == [(5, False)]


@unix
def test_permissions_are_those_that_are_asked_for_less_those_that_the_process_masks(tmp_path):
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "open", "a")
        write_whole(tmp_path / "own", "a", 0o600)
    finally:
        os.umask(before)

    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("open", "own")] == [0o640, 0o600]


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    with replacing(tmp_path / "file") as one, replacing(tmp_path / "file") as other:
        one.write_text("one")
        other.write_text("other")

    assert (tmp_path / "file").read_text() == "one"
    assert names_in(tmp_path) == {"file"}


def test_what_a_killed_process_left_goes_with_the_next_writing_once_it_is_old(tmp_path):
    path = tmp_path / "a[1]*.csv"
    old, young, of_another = (killed_while_writing(place) for place in (path, path, tmp_path / "a1.csv"))
    made_older(old)
    made_older(of_another)
    (tmp_path / ".a[1]*.csv.part").write_text("somebody's own")
    made_older(tmp_path / ".a[1]*.csv.part")

    write_whole(path, "whole")

    assert path.read_text() == "whole"
    assert names_in(tmp_path) == {path.name, young.name, of_another.name, ".a[1]*.csv.part"}


def test_under_a_lock_what_a_killed_process_left_goes_at_once_by_the_pattern_of_its_file(tmp_path):
    (tmp_path / "parts").mkdir()
    left = killed_while_writing(tmp_path / "parts" / "part-00001.parquet")
    other = killed_while_writing(tmp_path / "parts" / "notes.txt")

    remove_unfinished(tmp_path, "parts/part-[0-9][0-9][0-9][0-9][0-9].parquet", idle=0.0)

    assert not left.exists()
    assert other.exists()


def test_a_lock_is_held_by_one_until_it_lets_it_go(tmp_path):
    first = lock(tmp_path / "lock")
    assert first is not None
    meanwhile = lock(tmp_path / "lock")
    first.close()
    after = lock(tmp_path / "lock")
    assert after is not None
    after.close()

    assert meanwhile is None
    assert (tmp_path / "lock").read_bytes() == b""


def test_the_lock_of_a_process_that_is_killed_is_free(tmp_path):
    program = (
        "import sys; from pathlib import Path; from innovation.engine.files.plain_files import lock\n"
        "file = lock(Path(sys.argv[1])); print(file is not None, flush=True); sys.stdin.read()"
    )
    asked = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with subprocess.Popen(asked, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        assert lock(tmp_path / "lock") is None
        process.kill()

    found = lock(tmp_path / "lock")
    assert found is not None
    found.close()


@unix
def test_a_lock_that_is_a_pipe_or_in_no_folder_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")

    for path in (tmp_path / "pipe", tmp_path / "none" / "lock"):
        with pytest.raises(OSError):
            lock(path)

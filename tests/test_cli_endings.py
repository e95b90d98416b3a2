"""However a command ends, it ends in one sentence and with the exit status that is documented."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import cli
from innovation.commands.endings import FAULT, INTERRUPTED, MISTAKE, Mistake, ended

ROOT = Path(__file__).parents[1]


def failing(error: BaseException):
    def answer() -> int:
        raise error

    return answer


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (Mistake("Name another file."), MISTAKE, "Name another file."),
        (PermissionError(13, "Permission denied", "/x/y"), MISTAKE, "/x/y: permission is denied."),
        (OSError(36, "File name too long", "long"), MISTAKE, "long: its name is too long."),
        (OSError(28, "No space left on device"), MISTAKE, "The disk is full."),
        (MemoryError(), MISTAKE, "There is not enough memory for this. Ask for fewer members, outputs or years."),
    ],
)
def test_what_a_person_can_mend_is_one_sentence(capsys, error, status, said):
    assert ended(failing(error)) == status
    assert capsys.readouterr().err == f"{said}\n"


def test_a_fault_of_the_program_is_one_sentence_that_names_the_file_with_the_traceback(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert ended(failing(KeyError("gone\nastray"))) == FAULT

    said = capsys.readouterr().err
    (account,) = tmp_path.iterdir()
    assert said.count("\n") == 1
    assert str(account) in said
    assert "Traceback" not in said
    assert "raise error\nKeyError: 'gone" in account.read_text()


def test_where_the_account_cannot_be_written_the_sentence_still_comes(capsys, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", "/proc/none")

    assert ended(failing(KeyError("gone"))) == FAULT

    assert "KeyError: 'gone'" in capsys.readouterr().err


def test_ctrl_c_and_statuses_go_through():
    assert ended(failing(KeyboardInterrupt())) == INTERRUPTED
    assert ended(lambda: 3) == 3
    assert ended(lambda: None) == 0
    with pytest.raises(SystemExit):
        ended(failing(SystemExit(4)))


def run(*arguments: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in (os.environ | environment).items() if value is not None}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        capture_output=True, text=True, env=kept, check=False, stdin=subprocess.DEVNULL, timeout=120,
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="homes of Unix")
def test_a_home_that_is_not_there_is_no_hindrance():
    done = run("run", "tests/models/tank.mdl", HOME="/dev/null/none", XDG_CACHE_HOME=None)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("time,")


@pytest.mark.skipif(os.name == "nt", reason="homes of Unix")
def test_a_fit_that_cannot_keep_how_far_it_is_says_so_in_a_sentence(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: Path("/dev/null/none"))

    assert cli.main(["calibrate", "--quick", "--out", str(tmp_path / "mine.parquet")]) == MISTAKE

    where, said, remedy = capsys.readouterr().err.strip().splitlines()[-3:]
    assert where.startswith("PosteriorError: /dev/null/none")
    assert said.endswith(": a part of its path is no folder.")
    assert "run the same again" in remedy


def test_no_home_at_all_is_no_hindrance_to_a_model_and_a_sentence_to_a_fit(capsys, tmp_path, monkeypatch):
    def nobody(*_):
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_cache_path", nobody)

    assert cli.main(["run", str(ROOT / "tests/models/tank.mdl")]) == 0
    assert cli.main(["calibrate", "--quick", "--out", str(tmp_path / "mine.parquet")]) == MISTAKE
    assert "No home folder is known" in capsys.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk of Linux")
def test_output_that_cannot_be_written_ends_in_a_sentence():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), "run", "tests/models/tank.mdl"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT,
        )  # fmt: skip

    assert (done.returncode, done.stderr) == (MISTAKE, "The disk is full.\n")


@pytest.mark.skipif(os.name == "nt", reason="links and pipes of Unix")
@pytest.mark.parametrize("command", ["run", "simulate", "sweep --dry-run", "analyse", "diff baseline"])
def test_a_device_a_pipe_and_a_circle_end_in_a_sentence(capsys, tmp_path, command):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")

    for path in ("/dev/zero", str(tmp_path / "pipe"), str(tmp_path / "circle")):
        assert cli.main([*command.split(), path]) == MISTAKE
        said = capsys.readouterr().err
        assert "cannot be read: " in said, said
        assert len(said.splitlines()) <= 4

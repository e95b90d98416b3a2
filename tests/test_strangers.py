"""Other people's folders and files: no command that writes with --out changes a byte of them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).parents[1]
TANK = str(ROOT / "tests/models/tank.mdl")
DESIGN = """\
schema: 1
method: latin_hypercube
size: 8
factors: [{lever: fiscal_science_share, range: [0.02, 0.03]}]
outputs: [rd_intensity]
years: [2015]
"""


@pytest.fixture
def design(tmp_path):
    (tmp_path / "design.yaml").write_text(DESIGN)
    return str(tmp_path / "design.yaml")


def stranger(folder: Path, kind: str) -> Path:
    """A folder of somebody else's."""
    folder.mkdir()
    (folder / "sub").mkdir()
    foreign = {
        "parts": {".x.part": "half", "sub/.deep.part": "half", ".indicators.parquet.part": "half"},
        "manifest": {"manifest.json": '{"name": "a web page"}', ".hidden.part": "half", "sub/.deep.part": "half"},
        "our kind": {"manifest.json": '{"kind": "batch"}', ".summary.csv.part": "mine", "parts": "a file"},
        "nested": {"manifest.json": "[" * 100_000, ".x.part": "half"},
        "tables": {"indicators.csv": "year,mine\n", "bands.csv": "x\n", "equations.md": "# Mine\n", "posterior": "no"},
    }[kind]
    for name, text in foreign.items():
        (folder / name).write_text(text)
    return folder


def content_of(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


def commands(design: str, folder: Path) -> dict[str, list[str]]:
    """A command for each --out that there is, into a folder or in place of a file of it."""
    table = str(folder / "indicators.csv")
    return {
        "batch": ["batch", "baseline", "--prior", "--members", "3", "--out", str(folder), "--quiet"],
        "sweep": ["sweep", design, "--out", str(folder), "--quiet"],
        "simulate": ["simulate", "baseline", "--out", str(folder)],
        "docs": ["docs", "--model", "model/innovation.mdl", "--out", str(folder)],
        "run": ["run", TANK, "--out", table],
        "calibrate": ["calibrate", "--quick", "--out", str(folder / "posterior")],
    }


@pytest.mark.parametrize("kind", ["parts", "manifest", "our kind", "nested", "tables"])
@pytest.mark.parametrize("command", ["batch", "sweep"])
def test_a_strangers_folder_is_refused_and_left_as_it_is(capsys, tmp_path, design, command, kind):
    folder = stranger(tmp_path / "theirs", kind)
    before = content_of(folder)

    assert cli.main(commands(design, folder)[command]) == 2

    assert content_of(folder) == before
    assert str(folder.name) in capsys.readouterr().err


@pytest.mark.parametrize("command", ["simulate", "docs", "run", "calibrate"])
def test_a_strangers_file_is_not_taken_for_an_own_one(capsys, tmp_path, design, command, monkeypatch):
    monkeypatch.chdir(ROOT)
    folder = stranger(tmp_path / "theirs", "tables")
    before = content_of(folder)

    assert cli.main(commands(design, folder)[command]) == 2

    assert content_of(folder) == before
    assert "another" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "own"), [("simulate", {"indicators.csv", "costs.csv"}), ("run", {"indicators.csv"})]
)
def test_beside_a_strangers_files_only_own_names_are_written(tmp_path, design, command, own):
    folder = stranger(tmp_path / "theirs", "parts")
    before = content_of(folder)

    for _ in range(2):  # its own file is written again
        assert cli.main(commands(design, folder)[command]) == 0

    after = content_of(folder)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == own


@pytest.mark.parametrize("command", ["batch", "sweep"])
def test_files_put_into_an_own_folder_stay_and_only_own_half_written_ones_go(tmp_path, design, command):
    folder = tmp_path / "mine"
    assert cli.main(commands(design, folder)[command]) == 0
    finished = content_of(folder)
    theirs = (
        *("notes.txt", ".notes.txt.part", ".notes.txt.01234abc.part", ".manifest.json.part", "parts/notes.txt"),
        *("results/.notes.part", "results/.part-x.parquet.part", "results/.part-x.parquet.01234abc.part"),
    )
    own = (
        ".manifest.json.01234abc.part",
        *((".summary.csv.01234abc.part",) if command == "batch" else ("results/.part-00000.parquet.01234abc.part",)),
    )
    for name in (*theirs, *own):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")

    assert cli.main(commands(design, folder)[command]) == 0

    after = content_of(folder)
    assert {name: after.get(name) for name in theirs} == dict.fromkeys(theirs, b"x")
    assert not set(own) & set(after)
    assert {name: after[name] for name in finished} == finished


@pytest.mark.skipif(os.name == "nt", reason="links of Unix")
@pytest.mark.parametrize("command", ["batch", "sweep", "simulate", "docs", "run", "calibrate"])
def test_a_place_that_is_none_ends_in_a_sentence(capsys, tmp_path, design, command, monkeypatch):
    monkeypatch.chdir(ROOT)
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "astray").symlink_to(tmp_path / "nowhere" / "deeper")

    for place in ("circle", "file", "astray", "a" * 300):
        out = tmp_path / place if command in ("batch", "sweep", "simulate", "docs") else tmp_path / place / "inside"
        arguments = commands(design, out)[command]
        arguments[arguments.index("--out") + 1] = str(out)
        assert cli.main(arguments) == 2, place
        said = capsys.readouterr().err
        assert 0 < len(said.splitlines()) <= 4
        assert "fault of the program" not in said
    assert (tmp_path / "file").read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_manifest_of_endless_depth_is_told_by_the_commands_that_read_it(capsys, tmp_path):
    folder = stranger(tmp_path / "theirs", "nested")

    for command in (["analyse", str(folder)], ["diff", str(folder), str(folder)]):
        assert cli.main(command) == 2
        assert "manifest.json cannot be read" in capsys.readouterr().err


def test_a_manifest_of_the_right_kind_and_the_wrong_content_is_told(capsys, tmp_path):
    folder = tmp_path / "theirs"
    folder.mkdir()
    for content in ({"kind": "sweep"}, {"kind": "batch"}, {"kind": []}, [], {"kind": "sweep", "failed_members": 0}):
        (folder / "manifest.json").write_text(json.dumps(content))
        assert cli.main(["analyse", str(folder)]) == 2
        assert cli.main(["diff", str(folder), str(folder)]) == 2
        assert "fault of the program" not in capsys.readouterr().err

"""The parsed model in the user's cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from innovation.engine.model import load_model


@pytest.fixture
def cache(monkeypatch, tmp_path):
    folder = tmp_path / "cache"
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: folder)
    return folder


def test_a_second_load_reads_the_cache_and_tells_the_same(cache, tank_file, monkeypatch):
    first = load_model(tank_file)
    monkeypatch.setattr("innovation.engine.frontend.pysd_parser.read_document", lambda *_: pytest.fail("parsed again"))

    second = load_model(tank_file)

    assert second.structure == first.structure
    assert second.hash == first.hash
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"abc def\n{}"])
def test_a_damaged_entry_is_rebuilt(cache, tank_file, damage):
    first = load_model(tank_file)
    (entry,) = cache.iterdir()
    sound = entry.read_bytes()
    entry.write_bytes(damage)

    second = load_model(tank_file)

    assert second.structure == first.structure
    assert entry.read_bytes() == sound


def test_a_cut_entry_is_rebuilt(cache, tank_file):
    first = load_model(tank_file)
    (entry,) = cache.iterdir()
    entry.write_bytes(entry.read_bytes()[:-100])

    assert load_model(tank_file).structure == first.structure


def test_a_folder_that_cannot_be_written_is_no_fault(tank_file, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: Path("/proc/none"))

    assert load_model(tank_file).dt == 0.125


def test_nothing_is_written_beside_the_model(cache, tank_file):
    before = set(tank_file.parent.iterdir())

    load_model(tank_file).run()

    assert set(tank_file.parent.iterdir()) == before


@pytest.mark.slow
def test_a_warm_load_and_a_run_import_no_parser(tank_file, tmp_path):
    code = (
        "import sys; from innovation.engine import load_model; "
        f"load_model({str(tank_file)!r}).run(); "
        "print([name for name in ('pysd', 'simlin', 'lxml', 'parsimonious') if name in sys.modules])"
    )
    environment = {
        "XDG_CACHE_HOME": str(tmp_path),
        "HOME": str(tmp_path),
        "PATH": "",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }

    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]

    assert "pysd" in said[0]
    assert said[1].strip() == "[]"

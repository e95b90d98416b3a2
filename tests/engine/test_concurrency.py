"""Many callers at once: threads on one model, processes on one cache, and a cache that something has damaged."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from innovation.engine.model import load_model
from innovation.engine.time_paths import Change, TimePath

ROOT = Path(__file__).parents[2]
OUTPUTS = ["total water", "spilt", "an hour ago"]
# what a caller may ask: other names, other outputs, one member or many, a course
ASKED = [
    {"base tap": np.linspace(0.5, 2, 37)}, {"base tap": 1.5}, {"soak time": np.linspace(2, 5, 200), "more tap": 1.0},
    {"residence[upper]": np.linspace(1, 3, 5)}, {"less tap": TimePath((Change(4, 0.5, 2),))}, {},
    {"water": np.ones((3, 2)), "alarm curve": [0.0, 0.2, 0.7, 3.0]}, {"alarm level": np.array([3.0, 9.0])},
]  # fmt: skip


def results(model, parameters, number):
    return model.arrays(parameters, OUTPUTS[: 1 + number % 3]).values


@pytest.mark.parametrize("own_model", [False, True])
def test_many_threads_get_what_each_alone_gets(tank_file, backend, tmp_path, monkeypatch, own_model):
    expected = [
        results(load_model(tank_file, backend=backend), parameters, number) for number, parameters in enumerate(ASKED)
    ]
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: tmp_path)  # nothing is compiled yet
    shared = load_model(tank_file, backend=backend)
    together = Barrier(16)

    def work(number):
        together.wait()
        model = load_model(tank_file, backend=backend) if own_model else shared
        found = []
        for turn in range(3 * len(ASKED)):
            asked = (number + turn) % len(ASKED)
            found.append((asked, results(model, ASKED[asked], asked)))
        return found

    with ThreadPoolExecutor(16) as pool:
        found = [item for items in pool.map(work, range(16)) for item in items]

    assert len(found) == 16 * 3 * len(ASKED)
    assert all(np.array_equal(values, expected[asked]) for asked, values in found)


def start_apart(tank_file, cache, backend):
    """A process of its own that runs the tank and prints a mark of its results."""
    code = (
        "import hashlib, sys; from innovation.engine import load_model; "
        f"model = load_model({str(tank_file)!r}, backend={backend!r}); "
        "values = [model.run({'base tap': [1.0, 2.0, k]})['spilt'].values.tobytes() for k in (3.0, 4.0)]; "
        "values += [model.run({'soak time': [2.0]}, ['spilt'])['spilt'].values.tobytes()]; "
        "print(hashlib.sha256(b''.join(values)).hexdigest())"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(cache), "HOME": str(cache), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)


def said(process):
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return output.strip()


def kept_in(cache):
    """The files of a cache folder, by name."""
    return {file.name: file for file in cache.rglob("*") if file.is_file()}


@pytest.mark.slow
def test_processes_fill_one_cache_together(tank_file, tmp_path, backend):
    alone = said(start_apart(tank_file, tmp_path / "other", backend))

    marks = [said(process) for process in [start_apart(tank_file, tmp_path / "cache", backend) for _ in range(4)]]

    assert marks == [alone] * 4
    assert set(kept_in(tmp_path / "cache")) == set(kept_in(tmp_path / "other"))


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["empty", "cut", "garbage", "one bit", "another's"])
def test_a_damaged_cache_is_rebuilt(tank_file, tmp_path, backend, damage):
    sound = said(start_apart(tank_file, tmp_path, backend))
    before = {name: file.read_bytes() for name, file in kept_in(tmp_path).items()}
    for name, file in kept_in(tmp_path).items():
        content = before[name]
        middle = len(content) * 2 // 3
        others = [other for key, other in before.items() if key != name] or [b"0"]
        file.write_bytes(
            {
                "empty": b"",
                "cut": content[:-100],
                "garbage": b"\x00\xff" * 5000,
                "one bit": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
                "another's": others[0],
            }[damage]
        )

    again = said(start_apart(tank_file, tmp_path, backend))

    assert again == sound
    assert {name: file.read_bytes() for name, file in kept_in(tmp_path).items()} == before


def test_nothing_is_written_beside_the_model(tank_file, tmp_path, backend):
    folder = tmp_path / "models"
    folder.mkdir()
    copy = folder / "tank.mdl"
    copy.write_bytes(tank_file.read_bytes())

    model = load_model(copy, backend=backend)
    model.run({"base tap": [1.0, 2.0]})
    list(model.stream({"base tap": [1.0, 2.0]}, ["spilt"], chunk=1))
    model.source()

    assert [file.name for file in folder.rglob("*")] == ["tank.mdl"]
    assert copy.read_bytes() == tank_file.read_bytes()


def test_a_cache_that_cannot_be_written_is_no_fault(tank_file, backend, tmp_path, monkeypatch):
    usual = load_model(tank_file, backend=backend).run({"base tap": 2.0}, ["spilt"])
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_: blocked / "cache")

    data = load_model(tank_file, backend=backend).run({"base tap": 2.0}, ["spilt"])

    assert np.array_equal(data["spilt"].values, usual["spilt"].values)

"""The same chunks on a real Dask cluster of this machine, workers killed in mid-run included."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from innovation.analysis.design import points
from innovation.analysis.sweeps import sweep_folder as sweeping
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.engine.progress import Progress
from innovation.scenarios.execution import executor as spreading
from innovation.scenarios.execution.executor import Chunk, ClusterError, spread

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

TEXT = """\
method: monte_carlo
size: 200
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
"""


@pytest.fixture(scope="module")
def cluster():
    lasting = dask.config.set({"distributed.deploy.lost-worker-timeout": "1h"})
    with lasting, distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as found:
        yield found


def pids(cluster) -> list[int]:
    with distributed.Client(cluster) as client:
        return list(client.run(os.getpid).values())


def test_a_cluster_leaves_the_same_members_out_for_the_same_reasons(ishigami, study_of, tmp_path, monkeypatch, cluster):
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 100)
    # A Latin hypercube has one in a hundred of them below zero, where a square root is not finite.
    text = (
        "method: latin_hypercube\nsize: 400\noutputs: [root]\nfactors:\n  - {constant: first, range: [-0.03, 2.97]}\n"
    )

    here = sweep(study_of(ishigami, text), tmp_path / "here")
    there = sweep(study_of(ishigami, text), tmp_path / "there", cluster=cluster.scheduler_address)

    assert here.failed_members == there.failed_members == 4
    assert here.first is not None and here.first.variable == "root"
    for name in ("failed.parquet", "manifest.json"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes(), name


def test_a_worker_killed_in_mid_run_loses_nothing(toy_city, study_of, tmp_path, monkeypatch, cluster):
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 10)
    study, killed = study_of(toy_city, TEXT), []

    def kill_one(now: Progress) -> None:
        if now.done and not killed:
            killed.append(pids(cluster)[0])
            os.kill(killed[0], signal.SIGKILL)

    sweep(study, tmp_path / "here")
    outcome = sweep(study, tmp_path / "there", cluster=cluster.scheduler_address, on_progress=kill_one)

    assert killed
    assert outcome.failed_parts == {}
    for path in sorted((tmp_path / "here").rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "there" / path.relative_to(tmp_path / "here")).read_bytes(), path


def test_a_chunk_that_always_fails_is_named_while_the_rest_completes(toy_city, cluster):
    def finish(key: int, arrays):
        import os
        import time

        if key == 3:
            time.sleep(1)  # killed while it starts, a worker would not be replaced
            os._exit(1)
        if key == 4:
            raise ValueError("this chunk")
        return float(arrays.values.mean())

    chunks = [(key, Chunk({"forgetting": np.full(8, 0.1 + key / 100)}, ("knowledge",), (2015.0,))) for key in range(12)]

    found = dict(spread(toy_city.model, iter(chunks), finish, cluster=cluster.scheduler_address))

    assert sorted(found) == list(range(12))
    assert isinstance(found[3], distributed.KilledWorker)
    assert isinstance(found[4], ValueError)
    here = dict(spread(toy_city.model, (chunk for chunk in chunks if chunk[0] not in (3, 4)), finish))
    assert {key: found[key] for key in here} == here


def test_a_cluster_that_lost_its_workers_is_not_waited_for_without_end(toy_city, monkeypatch):
    monkeypatch.setattr(spreading, "LOOK", 0.2)
    monkeypatch.setattr(spreading, "PATIENCE", 0.5)
    chunks = [(0, Chunk({"forgetting": np.full(8, 0.1)}, ("knowledge",), (2015.0,)))]

    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty,
        pytest.raises(ClusterError, match=r"no worker for 0\.5 seconds"),
    ):
        list(spread(toy_city.model, iter(chunks), mean_of, cluster=empty.scheduler_address))


def mean_of(key: int, arrays) -> float:
    return float(arrays.values.mean())


def test_failed_parts_are_reported_with_what_was_asked(toy_city, study_of, tmp_path, monkeypatch):
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 50)
    usual = sweeping.figures_part

    def failing(*given):
        if given[-2][0] == 1:
            raise MemoryError("no room")
        return usual(*given)

    monkeypatch.setattr(sweeping, "figures_part", failing)
    folder: Path = tmp_path / "out"

    outcome = sweep(study_of(toy_city, TEXT), folder)

    assert outcome.failed_parts == {1: "MemoryError: no room"}
    assert (folder / "parameters" / "part-00001.parquet").exists()
    assert sorted(path.name for path in (folder / "results").iterdir()) == [
        f"part-0000{number}.parquet" for number in (0, 2, 3)
    ]
    monkeypatch.undo()
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 50)
    assert sweep(study_of(toy_city, TEXT), folder).failed_parts == {}

"""Many runs of one model, a chunk of members at a time: on this machine's threads, or on the workers of a Dask cluster.

Dask has the queue, the retries and the replacing of killed workers; here is only what is sent and what comes back.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from innovation.engine import Arrays, Model, load_model

K = TypeVar("K")
R = TypeVar("R")

AHEAD = 2  # chunks asked for at a time, here or of each worker: one runs, one waits
LOCAL = "local"
LOOK, PATIENCE = 5.0, 120.0  # seconds after which a cluster is asked for its workers, and that it may be without any


class ClusterError(OSError):
    """A cluster cannot be used."""


@dataclass(frozen=True)
class Chunk:
    """One call of the engine: parameters as ``Model.run`` takes them, variables wanted, times."""

    given: Mapping[str, Any]
    outputs: tuple[str, ...]
    times: tuple[float, ...]


def spread(
    model: Model,
    chunks: Iterable[tuple[K, Chunk]],
    finish: Callable[[K, Arrays], R],
    threads: int | None = None,
    cluster: str | None = None,
) -> Generator[tuple[K, R | Exception], None, None]:
    """Run every chunk and give what `finish` makes of it; the error instead where a chunk fails.

    On this machine in the order of the chunks, `finish` beside the runs; on a cluster in the order in which they are
    ready. Chunks are asked for as workers come free, so that a million members are never all in memory.

    Parameters
    ----------
    finish
        For a cluster: a function of a module, or a partial of one, that can be sent.
    threads
        Of the engine on this machine; None: one a processor. A worker of a cluster has one.
    cluster
        None: this process. 'local': a cluster of processes on this machine. Else a Dask scheduler's address.

    Raises ClusterError where Dask is not installed, no scheduler answers, or all workers are lost for two minutes.
    """
    if cluster is None:
        yield from _here(model, chunks, finish, threads)
    else:
        yield from _on_cluster(model, chunks, finish, cluster, threads)


def check_cluster(cluster: str | None) -> None:
    """Raises ClusterError where `spread` would for want of Dask or of an answer; nothing has been begun then."""
    if cluster == LOCAL:
        _dask()
    elif cluster is not None:
        with _client(cluster, None):
            pass


def _answer(model: Model, chunk: Chunk, threads: int | None) -> Arrays:
    return model.arrays(chunk.given, chunk.outputs, chunk.times, threads=threads, on_failure="mask")


def _here(
    model: Model, chunks: Iterable[tuple[K, Chunk]], finish: Callable[[K, Arrays], R], threads: int | None
) -> Iterator[tuple[K, R | Exception]]:
    """While the engine runs a chunk, the next is prepared and the one before finished and written: it never waits."""
    engine, beside = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
    waiting: deque[tuple[K, Future[R]]] = deque()
    try:
        for key, chunk in chunks:
            answer = engine.submit(_answer, model, chunk, threads)
            waiting.append((key, beside.submit(_finished, finish, key, answer)))
            if len(waiting) > AHEAD:
                first, future = waiting.popleft()
                yield first, _settled(future)
        for first, future in waiting:
            yield first, _settled(future)
    finally:
        for pool in (engine, beside):
            pool.shutdown(cancel_futures=True)


def _finished(finish: Callable[[K, Arrays], R], key: K, answer: Future[Arrays]) -> R:
    return finish(key, answer.result())


def _settled(future: Future[Any]) -> Any:
    try:
        return future.result()
    except Exception as error:  # whatever it is, the other chunks go on
        return error


def _on_cluster(
    model: Model,
    chunks: Iterable[tuple[K, Chunk]],
    finish: Callable[[K, Arrays], R],
    address: str,
    processes: int | None,
) -> Iterator[tuple[K, R | Exception]]:
    file = (model.path.name, model.path.read_bytes())
    with _client(address, processes) as client, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Sending large graph")
        from distributed import KilledWorker

        source = iter(chunks)
        sent: dict[Any, tuple[K, Chunk]] = {}
        blamed: list[tuple[K, Chunk]] = []

        def submit(key: K, chunk: Chunk) -> Any:
            return client.submit(_at_worker, *file, model.hash, key, chunk, finish, pure=False)

        def send(most: int) -> int:
            asked = list(islice(source, most))
            sent.update({submit(key, chunk): (key, chunk) for key, chunk in asked})
            return len(asked)

        while send(AHEAD * max(1, sum(client.nthreads().values()))):
            while sent:
                future = _first(client, sent)
                (key, chunk), error = sent.pop(future), future.exception()
                if isinstance(error, KilledWorker):
                    blamed.append((key, chunk))
                else:
                    yield key, (future.result() if error is None else error)
                future.release()
                if not blamed:
                    send(1)
            # Dask blames all that waited at a killed worker: what kills, and what is innocent, shows alone.
            while blamed:
                key, chunk = blamed.pop()
                future = _first(client, [submit(key, chunk)])
                error = future.exception()
                yield key, (future.result() if error is None else error)


def _first(client: Any, futures: Iterable[Any]) -> Any:
    """One of the futures that is ready; ClusterError where the cluster is without a worker and none comes back."""
    from distributed import wait

    waited, without = list(futures), 0.0
    while True:
        begin = time.monotonic()
        try:
            return next(iter(wait(waited, timeout=LOOK, return_when="FIRST_COMPLETED").done))
        except TimeoutError:
            without = 0.0 if client.nthreads() else without + time.monotonic() - begin
        if without > PATIENCE:
            raise ClusterError(
                f"The cluster has had no worker for {PATIENCE:g} seconds: all were killed or ended. What is done is "
                "kept: give each worker more memory, or a part fewer members, and run the same again."
            )


def _dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ClusterError(
            "--cluster needs Dask: install requirements-cluster.txt into .venv (docs/using-results.md says how)."
        ) from None


@contextmanager
def _client(address: str, processes: int | None) -> Iterator[Any]:
    _dask()
    import dask
    from distributed import Client, LocalCluster

    # Of a local cluster: with its third worker killed the chunk is to blame, and the others go on. A worker that is
    # being replaced when the cluster looks, some seconds after a loss, would be given up for good.
    settings = {
        "distributed.scheduler.allowed-failures": 2,
        "distributed.admin.tick.limit": "1h",
        "distributed.deploy.lost-worker-timeout": "1h",
    }
    with dask.config.set(settings):
        if address == LOCAL:
            with (
                LocalCluster(n_workers=processes, threads_per_worker=1, dashboard_address=None) as cluster,
                Client(cluster) as client,
            ):
                yield client
            return
        try:
            client = Client(address, timeout=10)
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(f"No Dask scheduler answers at {address}: {error}. Start one, or write local.") from None
        with client:
            yield client


def _at_worker(name: str, content: bytes, digest: str, key: K, chunk: Chunk, finish: Callable[[K, Arrays], R]) -> R:
    """What a worker does with a chunk: the file comes with it, so that the worker needs the project and no data."""
    return finish(key, _answer(_model(name, content, digest), chunk, 1))


@lru_cache(2)
def _model(name: str, content: bytes, digest: str) -> Model:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        model = load_model(path)
    if model.hash != digest:
        raise ClusterError(f"The worker reads {name} as another model: give it the same version of the project.")
    return model


def columns_of(arrays: Arrays, labels: Sequence[str]) -> list[int]:
    """Where the cells 'Name' or 'Name[element]' stand in a result."""
    places = {label: place for place, label in enumerate(arrays.columns)}
    return [places[label] for label in labels]

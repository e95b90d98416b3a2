"""Parts of a folder of results: runs spread over threads or workers, the figures of each chunk a Parquet file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innovation.engine import Arrays, Model, StepCounter
from innovation.engine.files import UnreadableFile, plain_file
from innovation.model.files import Phrase, Value, original, phrase, why

from .executor import Chunk, columns_of, spread
from .run_store import FolderError, digest_of, keep, refusal

Span = tuple[int, int]  # first and last (not included) member
N = TypeVar("N")
Key = tuple[N, Span]  # a number or name, and the members: what tells a part from others
FAILED = "failed"  # in a part's metadata: the members that diverged, as JSON
_NO_PART = (UnreadableFile, OSError, pa.ArrowException, LookupError, ValueError, TypeError)
MARK = "part"  # in a part's metadata: whose it is, and its members


class Column(Protocol):
    """A column of figures: a cell of the model, with no figure before its first year."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def cell(self) -> str:
        """'Name' or 'Name[element]'."""

    @property
    def unit(self) -> str:
        """The figures' unit."""

    @property
    def first_year(self) -> int:
        """The first year that has a figure."""


def fill(
    model: Model,
    chunks: Iterable[tuple[Key[N], Chunk]],
    finish: Callable[[Key[N], Arrays], tuple[bytes, int]],
    place: Callable[[Key[N]], Path],
    threads: int | None = None,
    cluster: str | None = None,
    counter: StepCounter | None = None,
) -> dict[Key[N], str]:
    """Run chunks as `spread` does and keep the part of each; returns why, where one could not be computed.

    Parameters
    ----------
    finish
        The content of a part and how many of its members diverged, such as `figures_part`.
    place
        Where a part stands.
    counter
        Counts members that are done and failed among them.

    Raises FolderError where a part cannot be written, ClusterError as `spread` does.
    """
    wrong: dict[Key[N], str] = {}
    with closing(spread(model, chunks, finish, threads, cluster)) as runs:
        for key, found in runs:
            failures = 0
            if isinstance(found, Exception):
                wrong[key] = " ".join(f"{type(found).__name__}: {found}".split())
            else:
                content, failures = found
                keep(place(key), content)
            if counter:
                counter.add(key[1][1] - key[1][0], failures)
    return wrong


def figures_part(
    columns: Sequence[Column], years: Sequence[int], double: bool, whose: str, key: tuple[object, Span], arrays: Arrays
) -> tuple[bytes, int]:
    """Parquet of a chunk's figures, marked as `mark_of` does, and how many of its members diverged.

    A row a member and year, `arrays` having the years' figures; a column for each of `columns`, float32 or float64, its
    unit in the metadata. Figures before a column's first year and of a member that diverged are null.
    """
    first, last = key[1]
    table: dict[str, Any] = {
        "member": np.repeat(np.arange(first, last, dtype=np.int32), len(years)),
        "year": np.tile(np.array(years, np.int16), last - first),
    }
    figures, failed = figures_of(columns, arrays, double)
    for column, values in zip(columns, figures, strict=True):
        absent = (np.array(years) < column.first_year) | failed[:, None]
        table[column.id] = pa.array(values.ravel(), mask=absent.ravel()) if absent.any() else values.ravel()
    made = pa.table(table)
    fields = [
        made.schema.field(name).with_metadata({"unit": column.unit})
        for name, column in zip(made.schema.names[2:], columns, strict=True)
    ]
    about = {FAILED: json.dumps((first + np.flatnonzero(failed)).tolist()), MARK: mark_of(whose, key)}
    schema = pa.schema([made.schema.field("member"), made.schema.field("year"), *fields], about)
    return parquet(made.cast(schema), [column.id for column in columns]), int(failed.sum())


def figures_of(columns: Sequence[Column], arrays: Arrays, double: bool) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Figures of a run, shape (columns, members, years), and which members diverged: too large for float32 counts."""
    figures = np.empty((len(columns), *arrays.values.shape[1:]), np.float64 if double else np.float32)
    with np.errstate(over="ignore"):
        for number, place in enumerate(columns_of(arrays, [column.cell for column in columns])):
            figures[number] = arrays.values[place]
    return figures, arrays.failed | np.isinf(figures).any(axis=(0, 2))


def parquet(table: pa.Table, figures: Sequence[str]) -> bytes:
    """A table as one row group, the columns `figures` as numbers that hardly repeat."""
    sink = io.BytesIO()
    pq.write_table(
        table, sink, compression="zstd", compression_level=-1, use_dictionary=[], row_group_size=len(table) or 1,
        use_byte_stream_split=list(figures), write_statistics=["member"], write_page_checksum=True,
    )  # fmt: skip
    return sink.getvalue()


def mark_of(whose: str, key: tuple[object, Span]) -> str:
    """What a part says of itself: whose it is, which part and which members."""
    return json.dumps([whose, *map(str, (key[0], *key[1]))])


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there to its end; one that was cut short from outside counts as not there."""
    return _about(path) is not None


def is_part(path: Path, whose: str, key: tuple[object, Span]) -> bool:
    """Whether a part is there to its end, and is what its name says; another's, or of other members, is not."""
    about = _about(path)
    return about is not None and about.get(MARK.encode()) == mark_of(whose, key).encode()


def _about(path: Path) -> dict[bytes, bytes] | None:
    try:
        return dict(pq.read_metadata(plain_file(path)).metadata or {})
    except (UnreadableFile, OSError, pa.ArrowException):
        return None


def failed_in(path: Path) -> list[int]:
    """The members of a part that diverged. Raises FolderError where the file is damaged or gone."""
    try:
        return list(json.loads(pq.read_schema(plain_file(path)).metadata[FAILED.encode()]))
    except _NO_PART as error:
        raise _unreadable(path, error) from None


def read_columns(path: Path, names: Sequence[str], digest: str | None = None) -> pa.Table:
    """Some columns of a part.

    Raises FolderError where the file is damaged or gone, or is not that whose SHA-256 (hex) `digest` is.
    """
    try:
        if digest is not None and digest_of(plain_file(path)) != digest:
            raise refusal(path, "scenarios.part_other")
        found = pq.read_table(plain_file(path), columns=list(names), page_checksum_verification=True)
        if set(found.column_names) != set(names) or not len(found):
            raise ValueError(phrase("scenarios.other_columns"))
    except FolderError:
        raise
    except _NO_PART as error:
        raise _unreadable(path, error) from None
    return found


def _unreadable(path: Path, error: BaseException) -> FolderError:
    if not path.exists():
        return refusal(path, "scenarios.part_gone")
    return refusal(path, "scenarios.part_unreadable", why=reason_of(error))


def reason_of(error: BaseException) -> Value:
    """Why a part cannot be read, in one line."""
    if isinstance(error, UnreadableFile):
        return why(error)
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Phrase) else original((str(error).splitlines() or [type(error).__name__])[0])

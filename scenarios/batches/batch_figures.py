"""indicators.parquet of a batch: written a part at a time, read an indicator at a time, never held whole.

A row group is an indicator of a part: scenarios, in them indicators, in them members, in them years.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innovation.engine import StepCounter
from innovation.engine.files import UnreadableFile, plain_file
from innovation.scenarios.execution.filling import Key, Span, read_columns, reason_of
from innovation.scenarios.execution.run_store import refusal

Floats = NDArray[np.float64]

FIGURES = "indicators.parquet"
_WORD = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [("scenario", _WORD), ("member", pa.int32()), ("year", pa.int16()), ("indicator", _WORD), ("value", pa.float64()),
     ("unit", _WORD)]
)  # fmt: skip
_HOW: dict[str, Any] = {
    "compression": "zstd", "compression_level": -1, "use_dictionary": ["scenario", "indicator", "unit", "year"],
    "use_byte_stream_split": ["value"], "write_page_checksum": True,
}  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """An indicator as a column of a part, which is a cell of the model."""

    id: str
    cell: str
    unit: str
    first_year: int


def write_figures(
    place: Path,
    scenarios: Sequence[str],
    cells: Sequence[Cell],
    years: Sequence[int],
    spans: Sequence[Span],
    part: Callable[[Key[str]], Path],
    counter: StepCounter | None = None,
) -> None:
    """Gather the parts; members of a part that is not there have rows without a value.

    `counter` counts each indicator of a scenario.
    """
    with pq.ParquetWriter(place, _SCHEMA, **_HOW) as writer:
        for scenario in scenarios:
            for cell in cells:
                kept = np.array([year for year in years if year >= cell.first_year], np.int16)
                for span in spans:
                    count, path = span[1] - span[0], part((scenario, span))
                    values = pa.nulls(count * len(kept), pa.float64())
                    if path.exists():
                        values = read_columns(path, [cell.id])[cell.id].combine_chunks()
                        of_year = np.tile(np.array(years) >= cell.first_year, count)
                        values = values if of_year.all() else values.filter(pa.array(of_year))
                    columns = [
                        _word(scenario, len(values)),
                        pa.array(np.repeat(np.arange(*span, dtype=np.int32), len(kept))),
                        pa.array(np.tile(kept, count)),
                        _word(cell.id, len(values)),
                        values,
                        _word(cell.unit, len(values)),
                    ]
                    writer.write_table(pa.table(columns, schema=_SCHEMA), row_group_size=len(values))
                if counter:
                    counter.add(1)


def _word(word: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([word]))


@contextmanager
def open_figures(
    folder: Path, scenarios: Sequence[str], cells: Sequence[Cell], years: Sequence[int], spans: Sequence[Span]
) -> Iterator[Figures]:
    """Read what `write_figures` wrote. Raises FolderError where the file is damaged."""
    path = folder / FIGURES
    with _damage_told(path):
        file = pq.ParquetFile(plain_file(path), page_checksum_verification=True)
    with file:
        if file.num_row_groups != len(scenarios) * len(cells) * len(spans):
            raise refusal(path, "scenarios.row_groups")
        yield Figures(path, file, list(scenarios), list(cells), list(years), list(spans))


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (UnreadableFile, OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise refusal(path, "scenarios.part_unreadable", why=reason_of(error)) from None


@dataclass(frozen=True)
class Figures:
    """The open file."""

    path: Path
    file: pq.ParquetFile
    scenarios: list[str]
    cells: list[Cell]
    years: list[int]
    spans: list[Span]

    def values(self, scenario: str, indicator: str) -> Floats:
        """Figures of all members, shape (years, members), member 0 the nominal run; NaN where there is none."""
        number = [cell.id for cell in self.cells].index(indicator)
        first = (self.scenarios.index(scenario) * len(self.cells) + number) * len(self.spans)
        place = sum(year < self.cells[number].first_year for year in self.years)
        found = np.full((len(self.years), self.spans[-1][1]), np.nan)
        for group, (begin, end) in enumerate(self.spans, first):
            with _damage_told(self.path):
                column = self.file.read_row_group(group, columns=["value"])["value"].to_numpy()
                found[place:, begin:end] = column.reshape(end - begin, -1).T
        return found

    def failed(self, scenario: str) -> NDArray[np.bool_]:
        """The members without figures, shape (members,)."""
        cell = min(self.cells, key=lambda cell: cell.first_year)
        return np.asarray(np.isnan(self.values(scenario, cell.id)[-1]))

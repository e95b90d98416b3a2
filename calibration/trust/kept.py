"""Kept results of simulated records: what their rows belong to, and whether they are what was written.

Light, for whoever only reads results. Cells are text, so that a row is written again as it was read.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from innovation.calibration.posterior.fingerprint import bound_hash, data_hash
from innovation.calibration.record.observations import Observation
from innovation.engine.files import csv_of, write_whole
from innovation.model import City

Row = Mapping[str, str]

FOLDER = Path(__file__).parent
KNOWN, SIMULATED, COVERAGE, SEEDS = "known.csv", "simulated.csv", "coverage.csv", "seeds.csv"
FIT, CHANCE = "fit", "chance"  # kinds of rows of two fits
SECONDS, PROCESSOR, MEMORY = "seconds", "processor seconds", "memory, GB"  # what the second took
SETS = 50  # data sets that are wanted
MARKS = ("model", "data", "fit", "seed")
HASH = "row hash"
SHORT = 12  # letters of a hash


def marks_of(city: City, counted: Sequence[Observation], fitted: str, fit: str, seed: int | str) -> dict[str, str]:
    """What rows belong to: the fitted model (the present one where `fitted` is empty), record with priors, fit, seed.

    Every model bound since says of the record what the fitted one says.
    """
    model = (fitted or bound_hash(city))[:SHORT]
    return {"model": model, "data": data_hash(city, counted)[:SHORT], "fit": fit, "seed": str(seed)}


def belongs(row: Row, marks: Mapping[str, str]) -> bool:
    """Whether a row was made of this model and record, by this fit, with this seed."""
    return all(row.get(name) == mark for name, mark in marks.items())


def sealed(row: Mapping[str, object]) -> dict[str, str]:
    """A row as text, with the hash of its cells."""
    text = {name: str(value) for name, value in row.items() if name != HASH}
    return {**text, HASH: _hash(text)}


def is_whole(row: Row) -> bool:
    """Whether no cell of a row was changed since it was sealed."""
    return row.get(HASH) == _hash({name: cell for name, cell in row.items() if name != HASH})


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a file; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Replace a file by these rows in one stroke."""
    write_whole(path, csv_of(rows))


def _hash(cells: Row) -> str:
    return hashlib.sha256("\n".join(f"{name}={cell}" for name, cell in cells.items()).encode()).hexdigest()[:SHORT]

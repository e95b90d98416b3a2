"""Kept results of the heavy parts: a table a part, with what it belongs to and the command that made it in its head."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from innovation.engine.files import csv_of, write_whole
from innovation.model.files import DocumentError, Fault, Phrase, Term, chained, fault, phrase, shown

RESULTS = Path(__file__).parent / "results"
HEAD = "# "
COMMAND = "python -m innovation.calibration.evidence"

Row = Mapping[str, str]


@dataclass(frozen=True)
class KeptResult:
    """A kept result: rows of text by column, and what its head says (model, record, draws, seed, seconds, …)."""

    part: str
    rows: tuple[Row, ...]
    head: Mapping[str, str]

    def belongs_to(self, marks: Mapping[str, str]) -> bool:
        """Whether the result was made of this model, this record and these draws."""
        return all(self.head.get(name) == mark for name, mark in marks.items())


def path_of(part: str, folder: Path = RESULTS) -> Path:
    """Where the result of a part is kept."""
    return folder / f"{part}.csv"


def keep(part: str, rows: Sequence[Mapping[str, object]], head: Mapping[str, object], folder: Path = RESULTS) -> Path:
    """Write a result whole; floats with six digits, so that the last bits of another machine don't show."""
    said = {"command": f"{COMMAND} {part}", **head}
    lines = "".join(f"{HEAD}{name}: {_cell(value)}\n" for name, value in said.items())
    path = path_of(part, folder)
    write_whole(path, lines + csv_of([{name: _cell(value) for name, value in row.items()} for row in rows]))
    return path


def read(part: str, folder: Path = RESULTS) -> KeptResult | None:
    """The kept result of a part, or None where there is none.

    Raises DocumentError where the file is no table: not UTF-8, no CSV, or a row of more or fewer cells than columns.
    """
    path = path_of(part, folder)
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise _damaged(part, path, None, phrase("calibration.not_utf")) from None
    head = [line for line in lines if line.startswith(HEAD)]
    said = [line.removeprefix(HEAD).partition(": ") for line in head]
    reader = csv.DictReader((line for line in lines if not line.startswith(HEAD)), strict=True)
    rows = []
    try:
        for row in reader:
            if None in row or None in row.values():
                count = len(reader.fieldnames or ())
                wrong = phrase("calibration.values_in_a_row", number=count)
                raise _damaged(part, path, len(head) + reader.line_num, wrong)
            rows.append(row)
    except csv.Error as error:
        wrong = phrase("calibration.no_csv", problem=str(error))
        raise _damaged(part, path, len(head) + reader.line_num, wrong) from None
    return KeptResult(part, tuple(rows), {name: value for name, _, value in said})


def _damaged(part: str, path: Path, line: int | None, said: Phrase) -> DocumentError:
    return DocumentError([fault("calibration.result_damaged", shown(path), line, why=said, command=COMMAND, part=part)])


def not_current(path: Path, parted: Sequence[str]) -> Fault:
    """What is wrong with a table that belongs to other things than these, or, where there are none, is not there."""
    if not parted:
        return fault("calibration.not_kept", shown(path))
    other = chained("calibration.and_another", [Term("calibration.mark", name) for name in parted])
    return fault("calibration.other_mark", shown(path), other=other)


def number(row: Row, name: str) -> float:
    """A number of a row; not a number where the cell is empty."""
    return float(row[name]) if row[name] else float("nan")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return str(value)

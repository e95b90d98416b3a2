"""The registries that are not YAML: tables in CSV (a typed entry a row) and sources.bib (works that may be cited)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, get_args

from .faults import MOST_FAULTS, Fault, fault, near, stopped
from .phrases import Phrase, phrase, shortened
from .validation import Entry, read_entry
from .yaml_documents import Document, Place, read_text, shown

_BIB_ENTRY = re.compile(r"^\s*@\w+\s*\{\s*([^,\s}]+)", re.MULTILINE)
_NUMBER = re.compile(r"[-+0-9.eE]+|[-+]?(nan|inf|infinity)", re.IGNORECASE)

_BIB_FIELD = re.compile(r"\b(known_by|year|note|keywords)\s*=\s*\{([^{}]*)\}")
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")

MOST_ROWS = 5000
LONG_AFTER = 9999  # a year that no work was known by in 2010

E = TypeVar("E", bound=Entry)


def read_table(path: Path, kind: type[E]) -> tuple[list[E], Document, list[Fault]]:
    """The rows of a CSV file whose columns are the fields of `kind`, in the order of the file.

    An empty cell is None for a field that may be left out, text that is no number stays text, and so is told as such.

    Returns
    -------
    The rows that are right; a document with the line of each of them (place: its number); and every fault.
    """
    where = shown(path)
    text, faults = read_text(path)
    if faults:
        return [], Document(where), faults
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    columns = list(kind.model_fields)
    found: list[E] = []
    lines: dict[Place, int] = {}
    try:
        header = next(reader, [])
        if header != columns:
            wrong = next((name for name in header if name not in columns), "")
            there = shortened(",".join(header)) or phrase("model.lacking")
            of = {"header": there, "near": near(wrong, columns) if wrong else "", "columns": ",".join(columns)}
            return [], Document(where), [fault("model.columns", where, 1, **of)]
        for cells in reader:
            if len(faults) >= MOST_FAULTS or len(found) == MOST_ROWS:
                too_many = fault("model.rows", where, reader.line_num, most=MOST_ROWS)
                faults.append(too_many if len(found) == MOST_ROWS else stopped(where, reader.line_num))
                break
            if not cells:
                continue
            row, wrong_here = _row(kind, where, reader.line_num, columns, cells)
            faults += wrong_here
            if row is not None:
                lines[(len(found),)] = reader.line_num
                found.append(row)
    except csv.Error as error:
        faults.append(fault("model.not_csv", where, reader.line_num, problem=str(error)))
    return found, Document(where, lines=lines), faults


def _row(kind: type[E], where: str, line: int, columns: list[str], cells: list[str]) -> tuple[E | None, list[Fault]]:
    if len(cells) != len(columns):
        return None, [fault("model.cells", where, line, number=len(cells), expected=len(columns))]
    data = {name: _cell(kind, name, cell) for name, cell in zip(columns, cells, strict=True)}
    return read_entry(kind, Document(where, lines={(): line}), (), data)


def _cell(kind: type[Entry], name: str, cell: str) -> str | int | float | None:
    """What a cell says, as the type of its field would have it; as text where it is not of that type."""
    annotation = kind.model_fields[name].annotation
    types = {annotation, *get_args(annotation)}
    number = int if int in types else float if float in types else None
    if not cell and (number or type(None) in types):
        return None
    if number and _NUMBER.fullmatch(cell):
        try:
            return number(cell)
        except ValueError:
            return cell
    return cell


@dataclass(frozen=True)
class CitedWork:
    """A work that may be cited: the year in which it was public, and whether it is the published record to 2010."""

    known_by: int
    is_record: bool


def read_sources(path: Path) -> tuple[dict[str, CitedWork], list[Fault]]:
    """The works of a BibTeX file by key, faulty ones too, so that citing one is no second fault; and its faults."""
    text, faults = read_text(path)
    lines: dict[str, int] = {}
    works = {}
    found = list(_BIB_ENTRY.finditer(text))
    for match, end in zip(found, [later.start() for later in found[1:]] + [len(text)] * bool(found), strict=True):
        key, line = match[1], text.count("\n", 0, match.start(1)) + 1
        if key in lines:
            faults.append(fault("model.work_again", shown(path), line, key=key, first=lines[key]))
            continue
        lines[key] = line
        works[key], wrong = _work(text[match.start() : end])
        if wrong:
            faults.append(fault("model.known_by", shown(path), line, key, said=wrong))
    return works, faults


def _work(entry: str) -> tuple[CitedWork, Phrase | None]:
    """What an entry says of when its work was known, and what is wrong with it, or None."""
    fields = dict(_BIB_FIELD.findall(entry))
    said, printed, note = fields.get("known_by", ""), fields.get("year", ""), fields.get("note", "")
    is_record = "record" in re.split(r"[,;]\s*", fields.get("keywords", ""))
    if not _YEAR.fullmatch(said):
        wrong = phrase("model.known_by_is", said=shortened(said)) if said else phrase("model.known_by_lacking")
        return CitedWork(LONG_AFTER, is_record), wrong
    work = CitedWork(int(said), is_record)
    if _YEAR.fullmatch(printed) and work.known_by > int(printed):
        return work, phrase("model.known_by_after", said=said, printed=printed)
    if _YEAR.fullmatch(printed) and work.known_by < int(printed) and said not in note:
        return work, phrase("model.known_by_before", said=said, printed=printed)
    return work, None

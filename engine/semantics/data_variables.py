"""Data variables: the data sets that a Vensim file names in its settings, and how their points become values.

Vensim's own data.vdf is closed to others; data.tab or data.csv beside the model, as Vensim exports it, stands for it.
"""

from __future__ import annotations

import csv
import re
from itertools import islice
from pathlib import Path

from innovation.engine.errors import ModelFault, ModelFileError
from innovation.engine.files.plain_files import is_plain_file
from innovation.engine.frontend.encoding import text_of
from innovation.engine.frontend.syntax import Curve, Definition
from innovation.engine.ir.primitives import NOT_AVAILABLE, call
from innovation.engine.ir.structure import Expression, Interpolate, Number, Reference, Table, Time, normalised_name

from .context import ModelContext

_SETTING = re.compile(r"^13:([^\r\n/\\]{1,250})\r?$", re.MULTILINE)
_ENDING = re.compile(r"\.vdfx?$", re.IGNORECASE)
_ENDINGS = (".tab", ".csv")
MOST_DATASETS = 100
_METHODS = ("interpolate", "hold_backward", "look_forward", "raw")


def find_datasets(path: Path, content: bytes) -> tuple[Path, ...]:
    """The data files beside a .mdl file that stand for the first hundred its settings name, in their order."""
    if path.suffix.lower() != ".mdl":
        return ()
    written = (found[1].strip() for found in islice(_SETTING.finditer(text_of(content)), MOST_DATASETS))
    names = dict.fromkeys(_ENDING.sub("", name) for name in written)
    files = [path.parent / (name + ending) for name in names for ending in _ENDINGS]
    return tuple(filter(is_plain_file, files))


def read_dataset(path: Path, content: bytes) -> dict[str, Curve]:
    """The series of a data file by ``series_key``: names in its first row, times in its first column, blanks left out.

    Raises
    ------
    ModelFileError
        The file is no table, or its first column is no rising row of times.
    """
    text = text_of(content)
    reader = csv.reader(text.splitlines(), delimiter="\t" if path.suffix.lower() == ".tab" else ",")
    try:
        rows = list(reader)
    except csv.Error as error:
        fault = ModelFault(reader.line_num, "", f"this is no table that can be read: {error}.")
        raise ModelFileError(path, [fault]) from None
    points: dict[int, list[tuple[float, float]]] = {}
    last = float("-inf")
    for line, row in enumerate(rows[1:], start=2):
        time = _number(row[0]) if row else None
        if time is None and not any(row):
            continue
        if time is None or time <= last:
            raise ModelFileError(
                path, [ModelFault(line, "", "the first column must hold times, each after the one before.")]
            )
        last = time
        for column, field in enumerate(row[1:], start=1):
            value = _number(field)
            if value is not None:
                points.setdefault(column, []).append((time, value))
    names = rows[0] if rows else []
    return {
        series_key(names[column]): Curve(tuple(x for x, _ in found), tuple(y for _, y in found))
        for column, found in points.items()
        if column < len(names)
    }


def series_key(head: str) -> str:
    """The key of a column 'Name' or 'Name[element, …]'."""
    name, _, inside = head.partition("[")
    elements = [normalised_name(part) for part in inside.rstrip("] ").split(",")] if inside else []
    return normalised_name(name) + (f"[{','.join(elements)}]" if elements else "")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None


def data_value(resolver: ModelContext, definition: Definition, key: str, method: str) -> Expression | None:
    """The value of a data variable's element at any time; a fault and None where no data set has it."""
    points = resolver.document.series.get(key)
    if points is None:
        message = f'it has no equation, and no data set has a column "{key}". '
        message += "Data sets are those of the file's settings, as .tab or .csv beside it."
        resolver.faults.append(ModelFault(definition.line, definition.name, message, True))
        return None
    if method not in _METHODS or resolver.document.method != "euler":
        what = f"{method.replace('_', ' ').upper()}" if method not in _METHODS else "under RK4"
        resolver.faults.append(
            ModelFault(definition.line, definition.name, f"a data variable {what} is not supported.", True)
        )
        return None
    table = Table(points.x, points.y)
    if method == "interpolate":
        return Interpolate(table, Time())
    moment = call("/", Reference("time_step"), Number(1024.0))  # rounding must not move a point to another step
    after, before = call("+", Time(), moment), call("-", Time(), moment)
    held = Interpolate(Table(points.x, points.y, "hold_backward"), after)
    if method == "hold_backward":
        return held
    if method == "look_forward":  # the same from the other end
        turned = Table(tuple(-x for x in reversed(points.x)), tuple(reversed(points.y)), "hold_backward")
        return Interpolate(turned, call("negative", before))
    latest = Interpolate(Table(points.x, points.x, "hold_backward"), after)
    near = call("<", call("abs", call("-", latest, Time())), moment)
    return call("if_then_else", near, held, Number(NOT_AVAILABLE))

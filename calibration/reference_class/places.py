"""Yearly figures of other places to 2010: data/places_world.csv.gz (nations) and data/places_china.csv (provinces)."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.record.observations import DATA
from innovation.engine.files import UnreadableFile, read_plain_file
from innovation.model import RECORD_ENDS
from innovation.model.files import DocumentError, Fault, as_many_as_help, fault, near, quoted, shown, why

Floats = NDArray[np.float64]

WORLD, CHINA = DATA / "places_world.csv.gz", DATA / "places_china.csv"
COLUMNS = ("place", "indicator", "year", "value")
EARLIEST = 1900
LARGEST_FILE, LARGEST_TEXT = 10_000_000, 50_000_000
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
SHARE = "share"  # ends the name of a share, which is in per cent


class PlacesError(DocumentError):
    """A file of other places' figures cannot be used as it stands."""


@dataclass(frozen=True)
class Places:
    """Figures of places by indicator, as they are published: shape (places, years), not a number where there is none.

    `years` are consecutive and end with the last of any figure.
    """

    names: tuple[str, ...]
    years: NDArray[np.int64]
    figures: Mapping[str, Floats]

    def readings(self, indicator: str) -> Floats:
        """The figures as they are forecast, logs, of shares logits; none where the figure has none (`unreadable`)."""
        figures = self.figures[indicator]
        with np.errstate(all="ignore"):
            if indicator.endswith(SHARE):
                return np.where(_readable(indicator, figures), np.log(figures / (100 - figures)), np.nan)
            return np.where(_readable(indicator, figures), np.log(figures), np.nan)

    def unreadable(self, indicator: str) -> int:
        """How many figures have no log (0 or less) or no logit (also 100 % or more); they are left out."""
        figures = self.figures[indicator]
        return int((np.isfinite(figures) & ~_readable(indicator, figures)).sum())


def _readable(indicator: str, figures: Floats) -> NDArray[np.bool_]:
    with np.errstate(invalid="ignore"):
        return np.asarray((figures > 0) & ((figures < 100) | (not indicator.endswith(SHARE))))


def read_places(path: Path) -> Places:
    """Figures of a file, packed or not, whole; PlacesError lists every fault with its line.

    A second figure of a place and year is a fault, so that no order of lines decides which holds. Figures of 0 or less
    are as they were published: what takes their log leaves them out and counts them.
    """
    where = shown(path)
    reader = csv.reader(_text(path).splitlines(), strict=True)
    found: dict[tuple[str, str, int], tuple[float, int]] = {}
    faults: list[Fault] = []
    try:
        header = next(reader, [])
        if header != list(COLUMNS):
            raise PlacesError([_columns(where, header)])
        faults = as_many_as_help(_faults(where, reader, found))
    except csv.Error as error:
        faults.append(fault("model.not_csv", where, reader.line_num, problem=str(error)))
    if not found and not faults:
        faults.append(fault("calibration.no_places", where, columns=",".join(COLUMNS)))
    if faults:
        raise PlacesError(faults)
    return _arranged(found)


def _arranged(found: Mapping[tuple[str, str, int], tuple[float, int]]) -> Places:
    names = tuple(sorted({place for place, _, _ in found}))
    years = np.arange(min(year for _, _, year in found), max(year for _, _, year in found) + 1)
    row = {name: number for number, name in enumerate(names)}
    figures: dict[str, Floats] = {}
    for (place, indicator, year), (value, _) in found.items():
        if indicator not in figures:
            figures[indicator] = np.full((len(names), len(years)), np.nan)
        figures[indicator][row[place], year - years[0]] = value
    return Places(names, years, figures)


def _text(path: Path) -> str:
    try:
        content = read_plain_file(path, LARGEST_FILE)
        if path.suffix == ".gz":
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST_TEXT + 1)
        if len(content) > LARGEST_TEXT:
            raise PlacesError([fault("calibration.unpacked_large", shown(path), most=LARGEST_TEXT)])
        return content.decode("utf-8")
    except UnreadableFile as error:
        raise PlacesError([fault("calibration.places_unreadable", shown(path), why=why(error))]) from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        code = "calibration.no_packed_text" if path.suffix == ".gz" else "calibration.no_text"
        raise PlacesError([fault(code, shown(path))]) from error


def _columns(where: str, header: list[str]) -> Fault:
    missing = [name for name in COLUMNS if name not in header]
    unknown = [name for name in header if name not in COLUMNS]
    columns = ",".join(COLUMNS)
    if missing:
        return fault("calibration.columns_lacking", where, 1, names=tuple(missing), columns=columns)
    if unknown:
        close = near(unknown[0], COLUMNS)
        return fault("calibration.no_column", where, 1, name=unknown[0], near=close, columns=columns)
    return fault("calibration.column_order", where, 1, columns=columns)


def _faults(
    where: str, reader: Iterator[list[str]], found: dict[tuple[str, str, int], tuple[float, int]]
) -> Iterator[Fault]:
    """What is wrong with rows; those that are right are put in `found` with their line."""
    for line, cells in enumerate(reader, 2):
        if len(cells) != len(COLUMNS):
            yield fault(
                "calibration.places_cells",
                where,
                line,
                number=len(cells),
                expected=len(COLUMNS),
                columns=",".join(COLUMNS),
            )
            continue
        place, indicator, said, figure = cells
        year, value = _whole(said), _number(figure)
        if not place or not indicator:
            yield fault("calibration.place_missing", where, line)
        elif year is None or year < EARLIEST:
            yield fault("calibration.places_year", where, line, "year", found=quoted(said))
        elif year > RECORD_ENDS:
            yield fault("calibration.places_later", where, line, "year", year=year, last=RECORD_ENDS)
        elif value is None:
            yield fault("calibration.places_value", where, line, "value", found=quoted(figure))
        elif (place, indicator, year) in found:
            before, first = found[place, indicator, year]
            yield fault(
                "calibration.places_twice",
                where,
                line,
                indicator=indicator,
                whose=place,
                year=year,
                value=value,
                before=before,
                first=first,
            )
        else:
            found[place, indicator, year] = (value, line)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _number(text: str) -> float | None:
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    return value if math.isfinite(value) else None

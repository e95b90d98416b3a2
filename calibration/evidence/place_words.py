"""Names and numbers of the trial on other places, as its section says them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calibration.words import section
from model import Language

from .results import KeptResult, Row
from .results import number as cell

WORDS = section("places")
SETS = ("nations", "provinces", "patents")
FEW, MUCH = (0.45, 0.60), (0.86, 0.95)  # outside these an indicator's coverage is told


def set_name(name: str, language: Language = "en") -> str:
    """What a set of places is called."""
    return WORDS[language](f"set.{name}")


def label(name: str, language: Language = "en") -> str:
    """What an indicator of other places is called, by its id; the id itself where it has no name."""
    return WORDS[language].get(f"label.{name}", name)


def rows_of(kept: KeptResult, by: str, name: str | None = None, rule: str | None = None) -> list[Row]:
    """Rows of a kind, of all sets or one, of all rules or one, in their order."""
    return [row for row in kept.rows if row["by"] == by and name in (None, row["set"]) and rule in (None, row["rule"])]


def row_of(kept: KeptResult, by: str, name: str, of: str, rule: str = "rule") -> Row:
    """The row of a set that speaks of one thing."""
    return next(row for row in rows_of(kept, by, name, rule) if row["of"] == of)


def is_off(row: Row) -> bool:
    """Whether the coverage of a row lies outside what is told as right."""
    half, most = cell(row, "inside_50"), cell(row, "inside_90")
    return not (FEW[0] <= half <= FEW[1] and MUCH[0] <= most <= MUCH[1])


def is_low(row: Row) -> bool:
    """Whether too few lie in the bands of a row: they are too narrow there."""
    return cell(row, "inside_50") < FEW[0] or cell(row, "inside_90") < MUCH[0]


def naive(kept: KeptResult, row: Row) -> tuple[str, str]:
    """Coverage of trend and walk on the cases of a row, a dash where there is none."""
    found = {other["rule"]: other for other in rows_of(kept, row["by"], row["set"]) if other["of"] == row["of"]}
    return bands(found.get("trend")), bands(found.get("walk"))


def bands(row: Row | None) -> str:
    """Per cent inside the 50 % and the 90 % band, a dash where there is no row."""
    if row is None:
        return "–"
    return f"{100 * cell(row, 'inside_50'):.0f} / {100 * cell(row, 'inside_90'):.0f}"


def ratios(row: Row) -> tuple[str, str]:
    """CRPS over that of the trend and of the walk, a dash where there is none."""
    trend, walk = (cell(row, name) for name in ("over_trend", "over_walk"))
    return ("–" if math.isnan(trend) else f"{trend:.2f}"), ("–" if math.isnan(walk) else f"{walk:.2f}")


def span(rows: Sequence[Row], column: str) -> str:
    """From the least to the largest per cent of a column."""
    values = [100 * cell(row, column) for row in rows]
    return f"{min(values):.0f}–{max(values):.0f}"


def set_and_bands(row: Row) -> str:
    """The indicator and the set of a row, and its bands."""
    return f"{label(row['of'])} of {set_name(row['set'])} ({bands(row)})"


def whole(text: str) -> str:
    """A whole number with thousands apart."""
    return f"{int(text):,}".replace(",", " ")

"""Words and numbers of the page of evidence."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.published import WHAT
from innovation.calibration.record.observations import Observation
from innovation.model import City
from innovation.scenarios.simulation import percent_text

DIGITS = 3
WIDTH = 118  # of a line of text
_STAYS = re.compile(r"[|#!]|- |\d+\. ")


def named(city: City, figure: Observation) -> str:
    """What a figure is of, without its years."""
    parts = [indicator(city, name) for name in figure.terms]
    label = " over ".join(parts) if figure.operator == "share" else " times ".join(parts)
    place = ", the whole province" if "whole province" in figure.note else ""
    return label + WHAT.get(figure.operator, "") + place


def years_of(figure: Observation) -> str:
    """The year or years that a figure speaks of."""
    return f"{figure.first}–{figure.last}" if figure.first not in (None, figure.last) else str(figure.last)


def number(value: float, digits: int = DIGITS) -> str:
    """So many significant digits, thousands apart, never as a power of ten; a dash where there is no number."""
    if not math.isfinite(value):
        return "–"
    places = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    return f"{round(value, places):,.{max(places, 0)}f}".replace(",", " ")


def band(edges: Sequence[float] | NDArray[np.float64], digits: int = DIGITS) -> str:
    """From the first to the last of some percentiles."""
    return f"{number(edges[0], digits)} … {number(edges[-1], digits)}"


def percent(share: float) -> str:
    """A share in whole per cent, '<1 %' and '>99 %' at the ends; sums of weights are whole but for rounding."""
    return percent_text(round(share, 9), "en") if math.isfinite(share) else "–"


def chance(share: float) -> str:
    """A chance in whole per cent; 'no draw' and 'every draw' where there is no other."""
    return {0.0: "no draw", 1.0: "every draw"}.get(round(share, 9)) or percent(share)


def listed(names: Sequence[str]) -> str:
    """'a, b and c'; 'none' where there are none."""
    if not names:
        return "none"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, one: str, many: str | None = None) -> str:
    """'1 figure', '3 figures'."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def signed(value: float) -> str:
    """A number with its sign and one decimal; 0.0 without one."""
    text = f"{value:+.1f}"
    return text if text.strip("+-0.") else "0.0"


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines of a page with its running text broken anew; tables, lists, headings and pictures stay as they are."""
    for is_text, group in groupby(lines, key=lambda line: bool(line) and not _STAYS.match(line)):
        found = list(group)
        if is_text:
            found = textwrap.wrap(" ".join(found), WIDTH, break_long_words=False, break_on_hyphens=False)
        yield from found


def indicator(city: City, name: str) -> str:
    """The English label of an indicator; any other name as it is."""
    known = city.indicators.get(name)
    return known.en if known else name

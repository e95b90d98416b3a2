"""What a plain sentence of the evidence counts, what it is counted from, and how it is written; computes nothing."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from innovation.calibration.kept_results import RESULTS, KeptResult, read
from innovation.calibration.posterior.draws import PosteriorDraws
from innovation.calibration.posterior.fingerprint import marks_of
from innovation.calibration.record.observations import Observation
from innovation.model import City
from innovation.model.files import Language
from innovation.scenarios.simulation import hundredths

from .marks import OF_OTHERS, part_marks

FITS, GROUPS, HOLDOUT, PLACES, MAKEUP, SENSITIVITY = READ = (
    "fits", "groups", "holdout", "places", "makeup", "sensitivity",
)  # fmt: skip
Lack = Literal["missing", "stale", "damaged", "no draws"]


class Times(float):
    """A factor, told with two decimals; other fractions are shares, told in hundredths, and whole numbers counts."""


Value = float | str
Values = Mapping[str, Value]


@dataclass(frozen=True)
class SentenceContent:
    """What one plain sentence counts: numbers and names by place, and the rows that it lists.

    Counts are int, shares float, factors Times, names str. Where nothing can be said, `lack` says why, of which `part`
    of the kept results ('' of the draws themselves), and there are no numbers.
    """

    key: str
    numbers: Values = field(default_factory=dict)
    rows: tuple[Values, ...] = ()
    part: str = ""
    lack: Lack | None = None


@dataclass(frozen=True)
class Grounds:
    """What the sentences count: contractions of the constants, kept results, and what each must belong to.

    `contractions` is None without draws; of a constant that no figure depends on it is exactly 0. `kept` has None for
    a file that cannot be read. `marks` gives what a part must belong to, None where nobody can tell without draws.
    """

    city: City
    contractions: Mapping[str, float] | None
    kept: Mapping[str, KeptResult | None]
    marks: Callable[[str], Mapping[str, str] | None]

    def lack(self, part: str) -> Lack | None:
        """Why the result of a part cannot be used; None where it can."""
        wanted = self.marks(part)
        if wanted is None:
            return "no draws"
        if part not in self.kept:
            return "missing"
        found = self.kept[part]
        if found is None:
            return "damaged"
        return None if found.belongs_to(wanted) else "stale"

    def result(self, part: str) -> KeptResult | None:
        """The result of a part that can be used."""
        return None if self.lack(part) else self.kept[part]


def grounds_of(
    city: City,
    observations: tuple[Observation, ...],
    draws: PosteriorDraws | None,
    contractions: Mapping[str, float],
    folder: Path = RESULTS,
) -> Grounds:
    """The grounds of some draws with the results kept in a folder; without draws only what other places say."""
    own = None if draws is None else marks_of(city, observations, draws.z)
    fitted = "" if draws is None else draws.record.fitted_hash

    def marks(part: str) -> Mapping[str, str] | None:
        if own is None and part not in OF_OTHERS:
            return None
        return part_marks(part, own or {}, fitted)

    return Grounds(city, contractions if draws else None, dict(_read(folder)), marks)


def text(value: Value, language: Language) -> str:
    """A number as a sentence has it; of a share the whole hundredths without a sign."""
    if isinstance(value, str):
        return value
    if isinstance(value, Times):
        return f"{value:.2f}"
    if isinstance(value, int):
        return f"{value:,}" if language == "en" else str(value)
    return hundredths(round(value, 9))


def told(
    said: SentenceContent,
    sentence: Callable[..., str],
    row: Callable[..., str] | None,
    written: Callable[[str, Value], str],
    between: str,
) -> str:
    """A sentence in words that take its numbers by name; what it lists is one of them, `rows`."""

    def values(of: Values) -> dict[str, str]:
        return {name: written(name, value) for name, value in of.items()}

    listed = between.join(row(**values(one)) for one in said.rows) if row else ""
    return sentence(**values(said.numbers), rows=listed)


def _read(folder: Path) -> Iterator[tuple[str, KeptResult | None]]:
    """Results that stand in a folder, None where a file cannot be read."""
    for part in READ:
        try:
            found = read(part, folder)
        except (OSError, ValueError, csv.Error):
            yield part, None
            continue
        if found is not None:
            yield part, found

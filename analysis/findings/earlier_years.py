"""What `analyse` wrote before of other years of the same sweep, so that one year's analysis does not undo another's."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from innovation.analysis.sweeps.results import Results
from innovation.engine.files import UnreadableFile, read_plain_file
from innovation.scenarios.execution import digest, keep_json, refusal

ACCOUNT = "analysis.json"
FORMAT = 1
WRITTEN = re.compile(r"\w+\.csv|(heat-map|ranks|tornado-[\w-]+)-\d+\.svg|summary\.md")  # names that `analyse` gives
LARGEST = 200_000_000  # bytes of a table or the account


@dataclass
class AnalysisAccount:
    """The account of an analysis: of which sweep, what counts of it, the words of each year, and the files."""

    folder: Path
    sweep: str
    years: dict[int, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    used: int = 0
    units: int = 0

    def table(
        self, name: str, head: Sequence[str], rows: Sequence[Sequence[str]], years: Collection[int]
    ) -> list[Sequence[str]]:
        """The head, the rows that a table had of other years than these, and the new ones, by year.

        Raises FolderError where the table that stands there cannot be read.
        """
        others: list[list[str]] = []
        if name in self.files:
            try:
                before = list(csv.reader(io.StringIO(read_plain_file(self.folder / name, LARGEST).decode())))
                if before and before[0] == list(head):
                    others = [row for row in before[1:] if int(row[1]) not in years]
            except (UnreadableFile, ValueError, IndexError, csv.Error):
                raise refusal(self.folder, "analysis.analysis_changed", name=name) from None
        return [head, *sorted([*others, *rows], key=lambda row: int(row[1]))]

    def keep(self, files: Collection[str]) -> None:
        """Write the account."""
        names = sorted({*self.files, *files})
        years = {str(year): self.years[year] for year in sorted(self.years)}
        told = {"used": self.used, "of": self.units, "years": years, "files": names}
        keep_json(self.folder / ACCOUNT, {"format": FORMAT, "sweep": self.sweep, **told})


def kept_before(results: Results, folder: Path) -> AnalysisAccount:
    """What is there of the same sweep; files of another, which went before in this folder, are removed."""
    new = AnalysisAccount(folder, digest(results.manifest))
    try:
        found: Mapping[str, Any] = json.loads(read_plain_file(folder / ACCOUNT, LARGEST).decode())
        files = [name for name in found["files"] if WRITTEN.fullmatch(name)]
        years = {int(year): list(map(str, lines)) for year, lines in found["years"].items()}
        same = (found["format"], found["sweep"]) == (FORMAT, new.sweep)
    except (UnreadableFile, ValueError, LookupError, TypeError, AttributeError):
        return new
    if not same:
        for name in files:
            (folder / name).unlink(missing_ok=True)
        return new
    there = [name for name in files if (folder / name).is_file()]
    return AnalysisAccount(folder, new.sweep, years, there)

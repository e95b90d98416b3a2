"""What a sweep found, read a year at a time: factors' values and figures as arrays, what failed as NaN."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import NotFinite
from model import DocumentError, Fault, Target
from scenarios.failure_words import TooManyFailed
from scenarios.failures import DesignFailures
from scenarios.filling import read_columns
from scenarios.parts import MANIFEST, read_manifest, refusal

from .plans import rows_a_base_point
from .sweep import FAILED, PARAMETERS, RESULTS

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Results(ABC):
    """What a sweep says of itself, and its arrays."""

    manifest: dict[str, Any]

    @abstractmethod
    def parameters(self, most: int | None = None) -> Floats:
        """Values of the factors, shape (members, factors); of the first `most` members."""

    @abstractmethod
    def figures(self, year: int, most: int | None = None) -> Floats:
        """Figures of one year, shape (members, outputs available that year); NaN for members that failed."""

    @abstractmethod
    def refusal(self, message: str, remedy: str) -> DocumentError:
        """The error that says one thing of these results."""

    @property
    def factors(self) -> tuple[str, ...]:
        """What varies."""
        return tuple(self.manifest["factors"])

    @property
    def outputs(self) -> tuple[str, ...]:
        """Columns of figures."""
        return tuple(self.manifest["outputs"])

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the figures."""
        return tuple(self.manifest["years"])

    @property
    def members(self) -> int:
        """How many members the design has, failed ones included."""
        return int(self.manifest["members"])

    @property
    def method(self) -> str:
        """The design's method."""
        return str(self.manifest["design"]["method"])

    @property
    def failed(self) -> int:
        """Members without figures: those that diverged, and all of a part that could not be computed."""
        size = int(self.manifest["members_a_part"])
        lost = sum(min(size, self.members - size * int(number)) for number in self.manifest["failed_parts"])
        return int(self.manifest["failed_members"]) + lost

    @property
    def failures(self) -> DesignFailures:
        """How many members failed, and why the first did."""
        said = self.manifest.get("first_failure")
        return DesignFailures(self.members, self.failed, NotFinite(**said) if said else None)

    @property
    def list_place(self) -> str:
        """Where the list of members that failed is; '' where it is in no file."""
        return ""

    def check_failures(self) -> None:
        """Raises TooManyFailed where too many members failed to find anything from the others."""
        if self.failures.too_many:
            raise TooManyFailed(self.failures, self.list_place)

    def unit(self, output: str) -> str:
        """An output's unit."""
        return str(self.manifest["outputs"][output]["unit"])

    def label(self, output: str) -> str:
        """An output in words."""
        return str(self.manifest["outputs"][output].get("en") or output)

    def target(self, output: str) -> Target | None:
        """What the plan wants of an output."""
        wanted = self.manifest["outputs"][output].get("target")
        return None if wanted is None else Target.model_validate(wanted)

    def available(self, year: int) -> tuple[str, ...]:
        """The outputs that have figures of a year."""
        return tuple(name for name, output in self.manifest["outputs"].items() if output["first_year"] <= year)

    def sample(self, rows: Floats) -> Floats:
        """The rows of members that are a sample of the factors' ranges: of a sobol design, the base points alone."""
        if self.method != "sobol":
            return rows
        step = rows_a_base_point(len(self.factors), self.manifest["design"]["second_order"])
        return np.concatenate([rows[::step], rows[step - 1 :: step]])


@dataclass(frozen=True)
class FolderResults(Results):
    """Results that a sweep wrote into a folder."""

    folder: Path

    def parameters(self, most: int | None = None) -> Floats:
        """Read from the folder's parts."""
        count = min(self.members, most or self.members)
        found = np.full((count, len(self.factors)), np.nan)
        for path in self._parts(PARAMETERS, count):
            table = read_columns(path, ["member", *self.factors])
            first = table["member"][0].as_py()
            last = min(first + len(table), count)
            for place, name in enumerate(self.factors):
                found[first:last, place] = table[name].to_numpy()[: last - first]
        return found

    def figures(self, year: int, most: int | None = None) -> Floats:
        """Read from the folder's parts."""
        count, names = min(self.members, most or self.members), list(self.available(year))
        found = np.full((count, len(names)), np.nan)
        place = self.years.index(year)
        for path in self._parts(RESULTS, count):
            table = read_columns(path, ["member", *names])
            first = table["member"][0].as_py()
            last = min(first + len(table) // len(self.years), count)
            for column, name in enumerate(names):
                of_year = table[name].to_numpy(zero_copy_only=False)[place :: len(self.years)]
                found[first:last, column] = of_year[: last - first]
        return found

    @property
    def list_place(self) -> str:
        """The file in the folder."""
        return str(self.folder / FAILED)

    def refusal(self, message: str, remedy: str) -> DocumentError:
        """Names the folder."""
        return refusal(self.folder, message, remedy)

    def _parts(self, kind: str, members: int) -> Iterator[Path]:
        """The parts of some members; those that could not be computed have no results."""
        needed = -(-members // int(self.manifest["members_a_part"]))
        for number in range(needed):
            if kind == PARAMETERS or str(number) not in self.manifest["failed_parts"]:
                yield self.folder / kind / f"part-{number:05d}.parquet"


@dataclass(frozen=True, eq=False)
class HeldResults(Results):
    """Results in memory: `values` of the factors (members, factors), `found` figures (outputs, members, years).

    `reasons` say why members failed, of the first of them.
    """

    values: Floats
    found: Floats
    reasons: tuple[NotFinite, ...] = ()

    def parameters(self, most: int | None = None) -> Floats:
        """As they are held."""
        return self.values[:most]

    def figures(self, year: int, most: int | None = None) -> Floats:
        """As they are held."""
        places = [self.outputs.index(name) for name in self.available(year)]
        return np.ascontiguousarray(self.found[places, :most, self.years.index(year)].T)

    def failed_rows(self) -> tuple[list[str], list[list[Any]]]:
        """Head and rows of the list of members that failed: number, first variable and time, values of the factors."""
        known = {one.member: one for one in self.reasons if one.variable}
        rows = []
        for member in np.flatnonzero(np.isnan(self.found).all(axis=(0, 2))).tolist():
            reason = known.get(member)
            rows.append(
                [member, *((reason.variable, reason.time) if reason else ("", "")), *self.values[member].tolist()]
            )
        return ["member", "variable", "time", *self.factors], rows

    def refusal(self, message: str, remedy: str) -> DocumentError:
        """Names no place: there is none."""
        return DocumentError([Fault("sweep", None, "", message, remedy)])


_NEEDED: Mapping[str, Any] = {
    **dict.fromkeys(("design", "factors", "outputs", "failed_parts"), dict),
    **dict.fromkeys(("members", "members_a_part", "seed"), int),
    **dict.fromkeys(("draws", "failed_members"), int | None),
    **dict.fromkeys(("model_hash", "design_hash", "beliefs_hash"), str),
    "years": list, "posterior_hash": str | None,
}  # fmt: skip


def read_results(folder: Path) -> FolderResults:
    """Open the folder of a sweep that has ended. Raises FolderError where it is none, or is unfinished."""
    manifest = read_manifest(folder)
    if manifest.get("kind") != "sweep":
        raise refusal(folder, "These are not the results of a sweep.", "Name a folder that `cli.py sweep` wrote.")
    lacking = [name for name, kind in _NEEDED.items() if not isinstance(manifest.get(name), kind)]
    if lacking:
        message = f"{MANIFEST} lacks {', '.join(lacking)}."
        raise refusal(folder, message, "Make the results again in a new folder with this version.")
    if manifest["failed_members"] is None:
        raise refusal(folder, "The sweep has not ended.", "Start the same `cli.py sweep` command again; it goes on.")
    return FolderResults(manifest, folder)

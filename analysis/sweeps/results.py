"""What a sweep found: factors' values and figures as arrays, what failed as NaN, and which members are evidence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.analysis.design.points import BLOCK, rows_a_base_point
from innovation.engine import NotFinite
from innovation.model import Target
from innovation.model.files import DocumentError, Value, fault
from innovation.scenarios.execution import MANIFEST, failed_in, read_columns, read_manifest, refusal
from innovation.scenarios.simulation import DesignFailures

from .sweep_folder import FAILED, PARAMETERS, RESULTS, place_of
from .usable_members import Places, SweepEvidence, evidence_of, marks_of, mixed

Floats = NDArray[np.float64]
HELD = 30_000_000  # figures of all years together that are kept in memory: 240 MB


@dataclass(frozen=True)
class Results(ABC):
    """What a sweep says of itself, and its arrays."""

    manifest: dict[str, Any]

    @abstractmethod
    def pieces(self) -> Iterator[Floats]:
        """Values of the factors, shape (members, factors), some members at a time and in order."""

    @abstractmethod
    def parameters(self, members: Places) -> Floats:
        """Values of the factors of some members, in any order; shape (members, factors)."""

    @abstractmethod
    def figures(self, year: int, members: Places) -> Floats:
        """Figures of one year, shape (members, outputs available that year); NaN for members that failed."""

    @abstractmethod
    def refusal(self, code: str, /, **values: Value) -> DocumentError:
        """The error that says one thing of these results."""

    @property
    @abstractmethod
    def has_failed(self) -> NDArray[np.bool_]:
        """Which members have no figures, shape (members,)."""

    @cached_property
    def _marks(self) -> NDArray[np.uint64]:
        """Of each member, shape (2, members): its mark, and that of the draw that it must not repeat."""
        drawn = [n for n, one in enumerate(self.manifest["factors"].values()) if one["range"] == "posterior"]
        found = [(marks_of(piece), marks_of(piece[:, drawn]) if drawn else None) for piece in self.pieces()]
        whole = np.concatenate([of_all for of_all, _ in found])
        return np.stack([whole, np.concatenate([of_draw for _, of_draw in found]) if drawn else whole])

    def evidence(self, unit: int = 1, most: int | None = None) -> SweepEvidence:
        """The units that count, each of so many members from the first on: different, and without a failed member.

        Where draws from the posterior repeat beside other values of the other factors, one member a draw counts: a
        draw fixes a hundred constants at once, and seen twice it is not twice the evidence about each of them.
        """
        marks, draws = self._marks
        if unit > 1:
            marks, draws = (_of_units(one, unit) for one in (marks, draws))
        return evidence_of(marks, draws, np.any(self.has_failed.reshape(-1, unit), axis=1), most).of_members(unit)

    def sample(self, most: int | None = None) -> SweepEvidence:
        """The members that count and are a sample of the factors' ranges: of a sobol design, those of base points."""
        if self.method != "sobol":
            return self.evidence(most=most)
        step = rows_a_base_point(len(self.factors), self.manifest["design"]["second_order"])
        members = np.arange(self.members)
        based = members[(members % step == 0) | (members % step == step - 1)]
        marks, draws = self._marks[:, based]
        return evidence_of(marks, draws, self.has_failed[based], most).among(based)

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
        self.failures.check(self.list_place)

    def unit(self, output: str) -> str:
        """An output's unit."""
        return str(self.manifest["outputs"][output]["unit"])

    def label(self, output: str) -> str:
        """An output in words."""
        return str(self.manifest["outputs"][output].get("en") or output)

    def target(self, output: str) -> Target | None:
        """What the plan wants of an output."""
        wanted = self.manifest["outputs"][output].get("target")
        # A folder of an earlier version does not say the kind, which nothing here asks for.
        return None if wanted is None else Target.model_validate({"kind": "result", **wanted})

    def available(self, year: int) -> tuple[str, ...]:
        """The outputs that have figures of a year."""
        return tuple(name for name, output in self.manifest["outputs"].items() if output["first_year"] <= year)


def _of_units(marks: NDArray[np.uint64], unit: int) -> NDArray[np.uint64]:
    """A mark of each unit from those of its members, in their order."""
    found = np.zeros(len(marks) // unit, np.uint64)
    for column in marks.reshape(-1, unit).T:
        found = mixed(found * np.uint64(3) + column)
    return found


@dataclass(frozen=True)
class FolderResults(Results):
    """Results that a sweep wrote into a folder."""

    folder: Path
    _checked: set[str] = field(default_factory=set, repr=False, compare=False)
    _held: dict[bytes, Floats] = field(default_factory=dict, repr=False, compare=False)

    def pieces(self) -> Iterator[Floats]:
        """Read from the folder's parts, one after the other."""
        for number in range(self._parts):
            yield self._values(number)

    def parameters(self, members: Places) -> Floats:
        """Read from the folder's parts that have some of the members."""
        found = np.empty((len(members), len(self.factors)))
        for number, places, rows in self._where(members):
            found[places] = self._values(number)[rows]
        return found

    def figures(self, year: int, members: Places) -> Floats:
        """Read from the folder's parts; of few members all years at once, since the next call asks for another."""
        if len(members) * len(self.outputs) * len(self.years) > HELD:
            return self._figures(members, self.available(year), [year])[0]
        key = members.tobytes()
        if key not in self._held:
            self._held.clear()
            self._held[key] = self._figures(members, self.outputs, self.years)
        names = [self.outputs.index(name) for name in self.available(year)]
        return np.ascontiguousarray(self._held[key][self.years.index(year)][:, names])

    @cached_property
    def has_failed(self) -> NDArray[np.bool_]:
        """Of each member of the design, from what its part says of itself."""
        found = np.zeros(self.members, bool)
        for number in range(self._parts):
            if str(number) in self.manifest["failed_parts"]:
                found[number * self._size : (number + 1) * self._size] = True
            else:
                found[self._failed(number)] = True
        return found

    @property
    def list_place(self) -> str:
        """The file in the folder."""
        return str(self.folder / FAILED)

    def refusal(self, code: str, /, **values: Value) -> DocumentError:
        """Names the folder."""
        return refusal(self.folder, code, **values)

    @property
    def _size(self) -> int:
        return int(self.manifest["members_a_part"])

    @property
    def _parts(self) -> int:
        return -(-self.members // self._size)

    def _where(self, members: Places) -> Iterator[tuple[int, Places, Places]]:
        """Each part that has some of the members, where in `members` these stand, and their rows in the part."""
        order = np.argsort(members, kind="stable")
        ends = np.searchsorted(members[order], np.arange(self._parts + 1) * self._size)
        for number in range(self._parts):
            places = order[ends[number] : ends[number + 1]]
            if len(places):
                yield number, places, members[places] - number * self._size

    def _values(self, number: int) -> Floats:
        table = self._read(PARAMETERS, number, self.factors)
        return np.stack([table[name].to_numpy() for name in self.factors], axis=1)

    def _figures(self, members: Places, names: Sequence[str], years: Sequence[int]) -> Floats:
        """Shape (years, members, names); NaN where a part could not be computed."""
        found = np.full((len(years), len(members), len(names)), np.nan)
        places_of_years = [self.years.index(year) for year in years]
        for number, places, rows in self._where(members):
            if str(number) in self.manifest["failed_parts"]:
                continue
            table = self._read(RESULTS, number, names)
            for column, name in enumerate(names):
                of_all = table[name].to_numpy(zero_copy_only=False).reshape(-1, len(self.years))
                found[:, places, column] = of_all[rows[:, None], places_of_years].T
        return found

    def _read(self, kind: str, number: int, names: Sequence[str]) -> Any:
        """Columns of a part, which must be that of the manifest and hold the members that belong there."""
        place = place_of(kind, number)
        digest = None if place in self._checked else self.manifest["parts"].get(place, "")
        table = read_columns(self.folder / place, ["member", *names], digest)
        self._checked.add(place)
        first, last = number * self._size, min((number + 1) * self._size, self.members)
        found = table["member"].to_numpy()
        years = len(self.years) if kind == RESULTS else 1
        if len(found) != (last - first) * years or found[0] != first or found[-1] != last - 1:
            there = {"first": int(found[0]), "last": int(found[-1])}
            raise self.refusal("analysis.other_members", part=place, **there, begin=first, end=last - 1)
        return table

    def _failed(self, number: int) -> list[int]:
        return failed_in(self.folder / place_of(RESULTS, number))


@dataclass(frozen=True, eq=False)
class HeldResults(Results):
    """Results in memory: `values` of the factors (members, factors), `found` figures (outputs, members, years).

    `reasons` say why members failed, of the first of them.
    """

    values: Floats
    found: Floats
    reasons: tuple[NotFinite, ...] = ()

    def pieces(self) -> Iterator[Floats]:
        """As they are held, a part's members at a time."""
        for first in range(0, len(self.values), BLOCK):
            yield self.values[first : first + BLOCK]

    def parameters(self, members: Places) -> Floats:
        """As they are held."""
        return self.values[members]

    def figures(self, year: int, members: Places) -> Floats:
        """As they are held."""
        places = [self.outputs.index(name) for name in self.available(year)]
        return np.ascontiguousarray(self.found[:, members, self.years.index(year)][places].T)

    @cached_property
    def has_failed(self) -> NDArray[np.bool_]:
        """Of each member: one that diverged has no figure at all."""
        return np.asarray(np.isnan(self.found).all(axis=(0, 2)))

    def failed_rows(self) -> tuple[list[str], list[list[Any]]]:
        """Head and rows of the list of members that failed: number, first variable and time, values of the factors."""
        known = {one.member: one for one in self.reasons if one.variable}
        rows = []
        for member in np.flatnonzero(self.has_failed).tolist():
            reason = known.get(member)
            rows.append(
                [member, *((reason.variable, reason.time) if reason else ("", "")), *self.values[member].tolist()]
            )
        return ["member", "variable", "time", *self.factors], rows

    def refusal(self, code: str, /, **values: Value) -> DocumentError:
        """Names no place: there is none."""
        return DocumentError([fault(code, "sweep", **values)])


_NEEDED: Mapping[str, Any] = {
    **dict.fromkeys(("design", "factors", "outputs", "failed_parts", "parts"), dict),
    **dict.fromkeys(("members", "members_a_part", "seed"), int),
    **dict.fromkeys(("draws", "failed_members"), int | None),
    **dict.fromkeys(("model_hash", "design_hash", "beliefs_hash"), str),
    "years": list, "posterior_hash": str | None,
}  # fmt: skip


def read_results(folder: Path) -> FolderResults:
    """Open the folder of a sweep that has ended. Raises FolderError where it is none, or is unfinished."""
    manifest = read_manifest(folder)
    if manifest.get("kind") != "sweep":
        raise refusal(folder, "analysis.no_sweep")
    lacking = [name for name, kind in _NEEDED.items() if not isinstance(manifest.get(name), kind)]
    if lacking:
        raise refusal(folder, "analysis.sweep_lacks", manifest=MANIFEST, lacking=tuple(lacking))
    if manifest["failed_members"] is None:
        raise refusal(folder, "analysis.sweep_unfinished")
    return FolderResults(manifest, folder)

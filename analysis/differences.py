"""Two versions side by side: model files, scenarios or folders of results. What changed, what moved by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from innovation.engine import load_model
from innovation.model import City, load_city, load_variant
from innovation.model.files import DocumentError, Term, fault, shown
from innovation.scenarios import DatedChange, Scenario, load_scenario, notice
from innovation.scenarios.execution import KINDS, MANIFEST, read_manifest, refusal
from innovation.scenarios.simulation import aligned, simulate

from .differing_folders import of_batches, of_sweeps

MODEL_ENDINGS = (".mdl", ".xmile", ".stmx", ".itmx")
LEAST = 0.1  # percent: smaller moves are counted and not listed
MOST_LISTED = 60
FACTS = ("kind", "model_hash", "design_hash", "scenarios_hash", "members_hash", "posterior_hash", "seed", "members")


@dataclass(frozen=True)
class FigureDifference:
    """One figure in the old and the new version, in its unit."""

    what: str
    year: int
    unit: str
    old: float
    new: float

    @property
    def percent(self) -> float:
        """How much it moved, in percent of the old one; infinite from nothing to something."""
        if self.old == self.new or (np.isnan(self.old) and np.isnan(self.new)):
            return 0.0
        return 100 * (self.new - self.old) / abs(self.old) if self.old else float("inf")


@dataclass(frozen=True)
class Difference:
    """What differs between two versions: `changes` in the files, in words, and figures of both."""

    changes: tuple[str, ...]
    figures: tuple[FigureDifference, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def moved(self, least: float = LEAST) -> list[FigureDifference]:
        """The figures that moved by at least so many percent, the largest move first."""
        found = [figure for figure in self.figures if not abs(figure.percent) < least]
        return sorted(found, key=lambda one: (-abs(one.percent), one.what, one.year))


def difference(old: str, new: str, years: Sequence[int] | None = None, city: City | None = None) -> Difference:
    """Compare two model files, two scenarios (ids of the library or files), or two folders of results.

    Figures of the first two are nominal: of models under the baseline. Those of folders are medians and chances (batch)
    or means over the members (sweep).

    Parameters
    ----------
    years
        Of the figures; None: those of the targets and the last.
    city
        Whose scenarios; None: the city's own. Models and folders bring their own, and with one named are refused.

    Raises DocumentError, or the engine's errors, where one cannot be read or they are of different kinds; TooManyFailed
    where a nominal run fails, or too many members do in one folder or the other.
    """
    kinds = (_kind(old), _kind(new))
    if kinds[0] != kinds[1]:
        raise DocumentError(
            [
                fault(
                    "analysis.two_kinds",
                    "diff",
                    old=old,
                    kind=Term("analysis.kind", kinds[0]),
                    new=new,
                    other=Term("analysis.kind", kinds[1]),
                )
            ]
        )
    if city is not None and kinds[0] != _SCENARIO:
        raise DocumentError(
            [fault("analysis.model_of_no_use", "--model", old=old, kind=Term("analysis.kind", kinds[0]))]
        )
    if kinds[0] == _MODEL:
        return _of_models(Path(old), Path(new), years)
    if kinds[0] == _RESULTS:
        return _of_folders(Path(old), Path(new), years)
    return _of_scenarios(city or load_city(), old, new, years)


_MODEL, _RESULTS, _SCENARIO = "a model file", "a folder of results", "a scenario"


def _kind(name: str) -> str:
    path = Path(name)
    if path.is_dir() or (path / MANIFEST).is_file():
        return _RESULTS
    return _MODEL if path.suffix.lower() in MODEL_ENDINGS else _SCENARIO


def _of_models(old: Path, new: Path, years: Sequence[int] | None) -> Difference:
    before, after = load_model(old), load_model(new)
    changes = []
    for name in dict.fromkeys((*before.variables, *after.variables)):
        if name not in after.variables:
            changes.append(f"gone: {name}")
        elif name not in before.variables:
            changes.append(f"new: {_plain(after.variables[name].equation)}")
        else:
            one, two = before.variables[name], after.variables[name]
            if _plain(one.equation) != _plain(two.equation):
                changes.append(f"changed: {_plain(one.equation)}\n      to: {_plain(two.equation)}")
            if one.unit != two.unit:
                changes.append(f"unit of {name}: {one.unit} to {two.unit}")
    if before.hash == after.hash:
        return Difference((), notes=("The two files are the same model (names, equations, values and units).",))
    try:
        cities = [load_variant(path) for path in (old, new)]
    except DocumentError as error:
        fault = error.faults[0]
        note = f"No figures: the registries do not fit both files ({fault.where}: {fault.message})"
        return Difference(tuple(changes), notes=(note,))
    results = [simulate(city, [load_scenario(city, "baseline")]) for city in cities]
    return Difference(tuple(changes), tuple(_moves(cities, results, years)))


def _plain(equation: str) -> str:
    return " ".join(equation.split())


def _of_scenarios(city: City, old: str, new: str, years: Sequence[int] | None) -> Difference:
    before, after = load_scenario(city, old), load_scenario(city, new)
    changes = []
    for name in (*city.levers, *city.inputs):
        one, two = _course(before, name), _course(after, name)
        if one != two:
            changes.append(f"{name}: {one or 'as in 2010'}\n  to: {two or 'as in 2010'}")
    results = [simulate(city, [scenario]) for scenario in (before, after)]
    said = notice(city, [before, after])
    return Difference(tuple(changes), tuple(_moves([city, city], results, years)), tuple(said.splitlines()))


def _course(scenario: Scenario, name: str) -> str:
    return ", ".join(_dated(change) for change in scenario.changes_of(name) if isinstance(change, DatedChange))


def _dated(change: DatedChange) -> str:
    return f"{change.to:g} from {change.start:g}" + (f" over {change.ramp:g} years" if change.ramp else "")


def _moves(
    cities: Sequence[City], results: Sequence[xr.Dataset], years: Sequence[int] | None
) -> Iterator[FigureDifference]:
    """Nominal figures that both have."""
    before, after = cities
    for name in before.indicators:
        if name not in after.indicators:
            continue
        for year in years or _years(before):
            old, new = (float(result[name].isel(scenario=0, member=0).sel(year=year)) for result in results)
            if not (np.isnan(old) and np.isnan(new)):
                yield FigureDifference(name, year, before.indicators[name].unit, old, new)


def _years(city: City) -> list[int]:
    return sorted({*(target.year for target in city.targets.values()), city.years[-1]})


def _of_folders(old: Path, new: Path, years: Sequence[int] | None) -> Difference:
    manifests = [read_manifest(folder) for folder in (old, new)]
    before, after = manifests
    changes = [
        f"{name}: {before.get(name)} to {after.get(name)}" for name in FACTS if before.get(name) != after.get(name)
    ]
    for folder, manifest in zip((old, new), manifests, strict=True):
        if manifest.get("kind") not in KINDS:
            raise refusal(folder, "analysis.no_batch_or_sweep")
    if before.get("kind") != after.get("kind"):
        raise DocumentError(
            [
                fault(
                    "analysis.results_of_two_kinds",
                    shown(new),
                    kind=Term("scenarios.results", before["kind"]),
                    other=Term("scenarios.results", after["kind"]),
                )
            ]
        )
    field = "scenarios" if before["kind"] == "batch" else "factors"
    for folder, manifest in zip((old, new), manifests, strict=True):
        if not isinstance(manifest.get(field), dict):
            raise refusal(folder, "analysis.manifest_lacks", manifest=MANIFEST, field=field)
    changes += _told_apart(before, after, field)
    read = of_batches if before["kind"] == "batch" else of_sweeps
    one, two, failed = read((old, new), manifests, years)
    both = [key for key in one if key in two]
    lost = len(one) + len(two) - 2 * len(both)
    notes = [f"{lost} figures are in one of the folders only."] if lost else []
    figures = tuple(FigureDifference(key[0], key[1], one[key][0], one[key][1], two[key][1]) for key in both)
    return Difference(tuple(changes), figures, (*notes, *filter(None, [failed])))


def _told_apart(before: Mapping[str, Any], after: Mapping[str, Any], field: str) -> Iterator[str]:
    """What differs in an entry of the manifests that is a mapping."""
    one, two = before[field], after[field]
    for name in dict.fromkeys((*one, *two)):
        if name not in two or name not in one:
            yield f"{field}: {name} {'is new' if name in two else 'is gone'}"
        elif one[name] != two[name]:
            yield f"{field}: {name} changed"


def difference_text(found: Difference, least: float = LEAST) -> str:
    """The difference as a person reads it."""
    lines = [f"{len(found.changes)} changes" if len(found.changes) != 1 else "1 change"]
    lines += [f"  {change}" for change in found.changes[:MOST_LISTED]]
    if len(found.changes) > MOST_LISTED:
        lines.append(f"  … and {len(found.changes) - MOST_LISTED} more (--json has all)")
    moved = found.moved(least)
    if found.figures:
        still = len(found.figures) - len(moved)
        lines += ["", f"{len(moved)} of {len(found.figures)} figures moved by {least:g} % or more; {still} did not."]
    if moved:
        rows = [
            [one.what, str(one.year), f"{one.old:.5g}", f"{one.new:.5g}", one.unit, f"{one.percent:+.3g} %"]
            for one in moved[:MOST_LISTED]
        ]
        lines.append(aligned([["figure", "year", "old", "new", "unit", "moved"], *rows], {1, 2, 3, 5}))
        if len(moved) > MOST_LISTED:
            lines.append(f"… and {len(moved) - MOST_LISTED} more (--json has all)")
    return "\n".join([*lines, *found.notes])


def difference_json(found: Difference, least: float = LEAST) -> dict[str, Any]:
    """The difference as plain data."""
    moved = [{**vars(one), "percent": one.percent if np.isfinite(one.percent) else None} for one in found.moved(least)]
    return {"changes": list(found.changes), "figures": len(found.figures), "moved": moved, "notes": list(found.notes)}

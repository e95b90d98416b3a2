"""Figures of two folders of results side by side: where they have the same members, of those that failed in neither."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from innovation.engine.files import UnreadableFile, plain_file, read_plain_file
from innovation.model import Target
from innovation.model.files import why
from innovation.scenarios.batches import FIGURES
from innovation.scenarios.execution import refusal
from innovation.scenarios.simulation import LIST, DesignFailures, meets, told_of_design

from .sweeps.results import FolderResults, read_results

Figures = dict[tuple[str, int], tuple[str, float]]
Floats = NDArray[np.float64]
SUMMARY = "summary.csv"
LARGEST_TABLE = 200_000_000  # bytes


def of_batches(
    folders: Sequence[Path], manifests: Sequence[Mapping[str, Any]], years: Sequence[int] | None
) -> tuple[Figures, Figures, str]:
    """Medians, and chances of targets in percent, by 'scenario indicator' and year, with what to say of failures.

    Raises TooManyFailed where more members failed in one or the other than may be left out.
    """
    rows = [_summary(folder) for folder in folders]
    shown = [dict.fromkeys(row["scenario"] for row in of_folder) for of_folder in rows]
    both = [name for name in shown[0] if name in shown[1]]
    lost = [_lost(folder, both) for folder in folders]
    if not any(lost) or any(manifests[0].get(name) != manifests[1].get(name) for name in ("members_hash", "members")):
        one, two = (_as_written(folder, of_folder, years) for folder, of_folder in zip(folders, rows, strict=True))
        return one, two, ""
    left = sorted(lost[0] | lost[1])
    failures = DesignFailures(int(manifests[0]["members"]), len(left))
    failures.check()
    ours = [[row for row in of_folder if row["scenario"] in both] for of_folder in rows]
    one, two = (
        _batch_figures(of_folder, years, _members(folder, left))
        for folder, of_folder in zip(folders, ours, strict=True)
    )
    return one, two, told_of_design(failures)


def _as_written(folder: Path, rows: Sequence[Mapping[str, str]], years: Sequence[int] | None) -> Figures:
    try:
        return _batch_figures(rows, years, None)
    except ValueError:
        raise refusal(folder, "analysis.table_changed", name=SUMMARY) from None


def _summary(folder: Path) -> list[dict[str, str]]:
    try:
        text = read_plain_file(folder / SUMMARY, LARGEST_TABLE).decode()
        rows = list(csv.DictReader(text.splitlines()))
    except UnreadableFile as error:
        if not error.absent:
            raise refusal(folder, "analysis.table_unreadable", name=SUMMARY, why=why(error)) from None
        raise refusal(folder, "analysis.no_summary") from None
    except (ValueError, csv.Error):
        raise refusal(folder, "analysis.table_changed", name=SUMMARY) from None
    if not rows:
        raise refusal(folder, "analysis.no_summary_figures", listed=LIST)
    if any(None in row or None in row.values() for row in rows) or not rows[0].keys() >= _COLUMNS:
        raise refusal(folder, "analysis.table_changed", name=SUMMARY)
    return rows


_COLUMNS = {"scenario", "indicator", "year", "unit", "p50", "chance", "high", "sense", "target"}


def _lost(folder: Path, scenarios: Sequence[str]) -> set[int]:
    """The members, without the nominal run, that failed under some of the scenarios."""
    try:
        text = read_plain_file(folder / LIST, LARGEST_TABLE).decode()
        return {int(row["member"]) for row in csv.DictReader(text.splitlines()) if row["scenario"] in scenarios} - {0}
    except UnreadableFile as error:
        raise refusal(folder, "analysis.table_unreadable", name=LIST, why=why(error)) from None
    except (KeyError, TypeError, ValueError, csv.Error):
        raise refusal(folder, "analysis.table_changed", name=LIST) from None


def _members(folder: Path, left: Sequence[int]) -> Callable[[str, str, int], Floats]:
    """Figures of an indicator in a year under a scenario, of the members that are not left out."""

    def read(scenario: str, indicator: str, year: int) -> Floats:
        wanted = [("scenario", "==", scenario), ("indicator", "==", indicator), ("year", "==", year)]
        try:
            table = pq.read_table(plain_file(folder / FIGURES), columns=["member", "value"], filters=wanted)
        except UnreadableFile as error:
            raise refusal(folder, "analysis.table_unreadable", name=FIGURES, why=why(error)) from None
        members = table["member"].to_numpy()
        values: Floats = table["value"].to_numpy()
        return values[(members > 0) & ~np.isin(members, left)]

    return read


def _batch_figures(
    rows: Sequence[Mapping[str, str]], years: Sequence[int] | None, members: Callable[[str, str, int], Floats] | None
) -> Figures:
    """Figures as the summary has them, or of the members given."""
    found: Figures = {}
    chosen = set(years or {int(row["year"]) for row in rows if row["chance"]} | {max(int(row["year"]) for row in rows)})
    for row in rows:
        year = int(row["year"])
        if year not in chosen:
            continue
        name, median = f"{row['scenario']} {row['indicator']}", float(row["p50"])
        chance = float(row["chance"]) if row["chance"] else None
        if members:
            values = members(row["scenario"], row["indicator"], year)
            median = float(np.median(values))
            if chance is not None:
                high = float(row["high"]) if row["high"] else None
                wanted = Target.model_construct(sense=row["sense"], value=float(row["target"]), high=high)
                chance = float(meets(wanted, values).mean())
        found[name, year] = row["unit"], median
        if chance is not None:
            found[f"{name}, chance of the target", year] = "percent", 100 * chance
    return found


def of_sweeps(
    folders: Sequence[Path], manifests: Sequence[Mapping[str, Any]], years: Sequence[int] | None
) -> tuple[Figures, Figures, str]:
    """Means over the members by output and year, with what to say of failures. Raises TooManyFailed as `of_batches`."""
    results = [read_results(folder) for folder in folders]
    for one in results:
        one.check_failures()
    same = all(manifests[0].get(name) == manifests[1].get(name) for name in ("beliefs_hash", "members"))
    lost = [one.has_failed for one in results]
    said = ""
    if same:
        either = lost[0] | lost[1]
        failures = DesignFailures(results[0].members, int(either.sum()))
        failures.check()
        lost, said = [either, either], told_of_design(failures)
    first, second = (_sweep_figures(one, ~left, years) for one, left in zip(results, lost, strict=True))
    return first, second, said


def _sweep_figures(results: FolderResults, kept: NDArray[np.bool_], years: Sequence[int] | None) -> Figures:
    """Means over the members kept."""
    wanted = {target.year for output in results.outputs if (target := results.target(output))} | {results.years[-1]}
    found: Figures = {}
    members = np.flatnonzero(kept)
    for year in (year for year in results.years if year in (years or wanted)):
        means = results.figures(year, members).mean(axis=0)
        found |= {
            (f"{output}, mean", year): (results.unit(output), float(mean))
            for output, mean in zip(results.available(year), means, strict=True)
        }
    return found

"""What a sweep's folder says: indices and boxes as CSV, figures as SVG, and a page of words, in DIR/analysis."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.chances import shortfalls
from scenarios.parts import keep, refusal

from .dependence import MOST as DELTA_MOST
from .dependence import deltas
from .discovery import MOST, Box, find_box, sentence
from .figures import heat_map, ranks, tornado
from .results import Results
from .sensitivity import morris, sobol

Floats = NDArray[np.float64]

ANALYSIS = "analysis"
ENOUGH = 4 * DELTA_MOST  # members read for δ, which leaves out those that failed
LEAST, MOST_SHARE = 0.02, 0.98  # a target that fewer members miss, or more, has no box worth a sentence
METHODS = {
    "morris": "Morris' elementary effects: the mean size of the change over a factor's whole range, with its 95 % "
    "interval.",
    "sobol": "Sobol' total indices: the part of the variance that a factor has a hand in, with its 95 % interval.",
    "delta": "δ: how far knowing the factor moves the output's whole distribution (0 not at all, 1 wholly), less what "
    "chance alone gives, with its 95 % interval. It holds for factors that depend on each other, as draws from the "
    "posterior do; shares of variance would not.",
}
MEASURES = {"morris": "mean size of the effect", "sobol": "total index", "delta": "δ"}


@dataclass(frozen=True)
class Ranking:
    """What is drawn of one year: a figure with its interval, each (factors, outputs), and the outputs.

    `sure` tells where the figure is more than chance.
    """

    kind: str
    year: int
    outputs: tuple[str, ...]
    value: Floats
    low: Floats
    high: Floats
    sure: NDArray[np.bool_]

    @property
    def relative(self) -> Floats:
        """The figure from 0 to 1: effects as parts of the largest on that output."""
        if self.kind != "morris":
            return np.clip(self.value, 0, 1)
        return self.value / np.maximum(np.nanmax(self.value, axis=0), 1e-300)


@dataclass(frozen=True)
class Analysis:
    """What was found: names of the files written in DIR/analysis, and the words of the page."""

    files: tuple[str, ...]
    words: str


def analyse(
    results: Results, years: Iterable[int] | None = None, told: Callable[[str], None] = lambda _: None
) -> Analysis:
    """Analyse a sweep by its own method and write what it says.

    Parameters
    ----------
    years
        Of these years; None: all that the sweep kept. Figures show the year of most targets, or the last.
    told
        Called with each step's name.

    Raises FolderError where the folder lacks a year, or too many members failed.
    """
    chosen = _chosen(results, years)
    shown = _shown(results, chosen)
    kind = results.method if results.method in ("morris", "sobol") else "delta"
    tables: dict[str, list[list[Any]]] = {}
    rankings: dict[int, Ranking] = {}
    for year in chosen:
        told(f"{kind} {year}")
        try:
            rankings[year], rows = _OF_KIND[kind](results, year)
        except ValueError as error:
            raise refusal(results.folder, f"{year}: {error}", "Ask for more members, or for narrower ranges.") from None
        for name, found in rows.items():
            tables.setdefault(name, _HEADS[name].copy()).extend(found)
    told("boxes")
    boxes = list(_boxes(results, chosen)) if results.method != "morris" else []
    tables["boxes.csv"] = [["output", "year", "factor", "side", "value", "p", "coverage", "density", "mass", "share"]]
    for output, year, box in boxes:
        for limit in box.limits:
            side = "above" if limit.above else "below"
            figures = (limit.value, limit.p, box.coverage, box.density, box.mass, box.share)
            tables["boxes.csv"].append([output, year, limit.factor, side, *figures])
    files = {name: _csv(rows).encode() for name, rows in tables.items() if len(rows) > 1}
    told("figures")
    if shown in rankings:
        files |= _figures(results, rankings[shown])
    words = _words(results, rankings, shown, kind, boxes)
    files["summary.md"] = words.encode()
    for name, content in files.items():
        keep(results.folder / ANALYSIS / name, content)
    return Analysis(tuple(files), words)


def _chosen(results: Results, years: Iterable[int] | None) -> list[int]:
    chosen = list(results.years if years is None else years)
    missing = [year for year in chosen if year not in results.years]
    if missing:
        have = f"{results.years[0]} to {results.years[-1]}"
        raise refusal(results.folder, f"There are no figures of {missing[0]}.", f"The sweep kept {have}.")
    return [year for year in chosen if results.available(year)]


def _shown(results: Results, years: Sequence[int]) -> int:
    """The year of most targets among those analysed, or the last."""
    wanted = [target.year for output in results.outputs if (target := results.target(output)) and target.year in years]
    return max(set(wanted), key=wanted.count) if wanted else years[-1]


_HEADS: dict[str, list[list[Any]]] = {
    "morris.csv": [["output", "year", "factor", "mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"]],
    "sobol.csv": [["output", "year", "factor", "first", "first_low", "first_high", "total", "total_low", "total_high"]],
    "sobol_pairs.csv": [["output", "year", "factor", "with", "second", "second_low", "second_high"]],
    "delta.csv": [["output", "year", "factor", "delta", "delta_low", "delta_high", "above_chance", "rank_correlation"]],
}
Found = tuple[Ranking, dict[str, list[list[Any]]]]


def _morris(results: Results, year: int) -> Found:
    design = results.manifest["design"]
    found = morris(results.parameters(), results.figures(year), design["levels"], results.manifest["seed"])
    outputs, size = results.available(year), found.mu_star
    rows = _rows(results, outputs, year, found.mu, size.value, size.low, size.high, found.sigma)
    return Ranking("morris", year, outputs, size.value, size.low, size.high, size.low > 0), {"morris.csv": rows}


def _sobol(results: Results, year: int) -> Found:
    second_order = results.manifest["design"]["second_order"]
    factors, outputs = results.factors, results.available(year)
    found = sobol(results.figures(year), len(factors), second_order, results.manifest["seed"])
    one, all_ = found.first, found.total
    rows = _rows(results, outputs, year, one.value, one.low, one.high, all_.value, all_.low, all_.high)
    tables = {"sobol.csv": rows}
    if found.second is not None:
        pair = found.second
        tables["sobol_pairs.csv"] = [
            [
                output,
                year,
                factors[i],
                factors[j],
                *(float(part[i, j, k]) for part in (pair.value, pair.low, pair.high)),
            ]
            for k, output in enumerate(outputs)
            for i in range(len(factors))
            for j in range(i + 1, len(factors))
        ]
    return Ranking("sobol", year, outputs, all_.value, all_.low, all_.high, all_.low > 0), tables


def _delta(results: Results, year: int) -> Found:
    outputs = results.available(year)
    found = deltas(results.parameters(ENOUGH), results.figures(year, ENOUGH), results.manifest["seed"])
    rows = _rows(results, outputs, year, found.value, found.low, found.high, found.above_chance, found.direction)
    return Ranking("delta", year, outputs, found.value, found.low, found.high, found.above_chance), {"delta.csv": rows}


_OF_KIND: dict[str, Callable[[Results, int], Found]] = {"morris": _morris, "sobol": _sobol, "delta": _delta}


def _rows(results: Results, outputs: Sequence[str], year: int, *arrays: NDArray[Any]) -> list[list[Any]]:
    """A row for each output and factor with the entry of each array (factors, outputs)."""
    return [
        [output, year, factor, *(array[i, k].item() for array in arrays)]
        for k, output in enumerate(outputs)
        for i, factor in enumerate(results.factors)
    ]


def _boxes(results: Results, years: Sequence[int]) -> Iterator[tuple[str, int, Box]]:
    """For each target that some members miss and some meet: where they miss it."""
    parameters = _independent(results, results.parameters(None if results.method == "sobol" else MOST))
    by_year: dict[int, Floats] = {}
    for output in results.outputs:
        target = results.target(output)
        if target is None or target.year not in years or output not in results.available(target.year):
            continue
        if target.year not in by_year:
            figures = results.figures(target.year, None if results.method == "sobol" else MOST)
            by_year[target.year] = _independent(results, figures)
        values = by_year[target.year][:, results.available(target.year).index(output)]
        whole = np.isfinite(values) & np.isfinite(parameters).all(axis=1)
        missed = shortfalls(target, values[whole]) > 0
        if len(missed) and LEAST <= missed.mean() <= MOST_SHARE:
            yield output, target.year, find_box(parameters[whole], missed, results.factors)


def _independent(results: Results, rows: Floats) -> Floats:
    """Rows that are a sample: of a sobol design, the base points alone."""
    if results.method != "sobol":
        return rows
    design, factors = results.manifest["design"], len(results.factors)
    step = 2 * factors + 2 if design["second_order"] else factors + 2
    return np.concatenate([rows[::step], rows[step - 1 :: step]])[:MOST]


def _figures(results: Results, ranking: Ranking) -> dict[str, bytes]:
    measure, year = MEASURES[ranking.kind], ranking.year
    files = {
        f"heat-map-{year}.svg": heat_map(
            f"What matters, {year}", measure, results.factors, ranking.outputs, ranking.relative
        ),
        f"ranks-{year}.svg": ranks(f"Ranks, {year}", results.factors, ranking.relative),
    }
    for k, output in enumerate(ranking.outputs):
        unit = f", {results.unit(output)}" if ranking.kind == "morris" else ""
        name = re.sub(r"[^\w-]+", "_", output)
        files[f"tornado-{name}-{year}.svg"] = tornado(
            f"{output}, {year}",
            measure + unit,
            results.factors,
            ranking.value[:, k],
            ranking.low[:, k],
            ranking.high[:, k],
        )
    return files


def _words(
    results: Results, rankings: dict[int, Ranking], shown: int, kind: str, boxes: list[tuple[str, int, Box]]
) -> str:
    manifest = results.manifest
    posterior = manifest["posterior_hash"]
    lines = [
        f"# What matters: {results.method}, {results.members:,} members",
        "",
        f"Model {manifest['model_hash'][:12]}, seed {manifest['seed']}"
        + (f", posterior {posterior[:12]} ({manifest['draws']:,} different draws)" if posterior else "")
        + ".",
        "",
        _failures(results, kind),
        "",
        METHODS[kind],
        "",
    ]
    if shown in rankings:
        ranking = rankings[shown]
        lines += [f"## What matters most in {shown}", ""]
        for k, output in enumerate(ranking.outputs):
            value = np.where(ranking.sure[:, k], np.nan_to_num(ranking.value[:, k]), 0.0)
            first = np.argsort(-value, kind="stable")[:3]
            named = ", ".join(f"{results.factors[i]} ({value[i]:.3g})" for i in first if value[i] > 0)
            lines.append(f"- {output}: {named or 'nothing that stands out from chance'}")
        lines.append("")
    if boxes:
        lines += ["## When targets are missed", ""]
        lines += [
            f"- {sentence(box, f'{results.label(output)} misses its target of {year}')}" for output, year, box in boxes
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _failures(results: Results, kind: str) -> str:
    """How many members failed, and what the analysis does with them."""
    failed, parts = results.manifest["failed_members"], results.manifest["failed_parts"]
    if not failed and not parts:
        return "No member failed."
    treated = {
        "morris": "A trajectory with a failed member is left out whole.",
        "sobol": "A base point with a failed member is left out with all its members.",
        "delta": "Failed members are left out.",
    }[kind]
    said = f"{failed:,} of {results.members:,} members diverged; failed.parquet has their parameters. {treated}"
    if parts:
        said += f" Parts {', '.join(parts)} could not be computed and count as failed."
    return said + " So the figures speak of the members that can be computed, not of the whole design."


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([f"{cell:.8g}" if isinstance(cell, float) else cell for cell in row])
    return text.getvalue()

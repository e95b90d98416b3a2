"""What a sweep's folder says: indices and boxes as CSV, figures as SVG, and a page of words, in DIR/analysis."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.failure_words import told_of_design
from scenarios.parts import keep

from .dependence import Deltas
from .discovery import Box, sentence
from .figures import heat_map, ranks, tornado
from .misses import misses
from .rankings import Ranking, kind_of, rank
from .results import FolderResults, Results
from .sensitivity import MorrisEffects
from .sweep import FAILED

ANALYSIS = "analysis"
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
class Analysis:
    """What was found: names of the files written in DIR/analysis, and the words of the page."""

    files: tuple[str, ...]
    words: str


def analyse(
    results: FolderResults, years: Iterable[int] | None = None, told: Callable[[str], None] = lambda _: None
) -> Analysis:
    """Analyse a sweep by its own method and write what it says.

    Parameters
    ----------
    years
        Of these years; None: all that the sweep kept. Figures show the year of most targets, or the last.
    told
        Called with each step's name.

    Raises FolderError where the folder lacks a year, or too few members are left; TooManyFailed where too many failed.
    """
    results.check_failures()
    chosen = _chosen(results, years)
    shown = _shown(results, chosen)
    kind = kind_of(results.method)
    tables: dict[str, list[list[Any]]] = {}
    rankings: dict[int, Ranking] = {}
    for year in chosen:
        told(f"{kind} {year}")
        rankings[year] = rank(results, year)
        for name, found in _tables(results, rankings[year]).items():
            tables.setdefault(name, _HEADS[name].copy()).extend(found)
    told("boxes")
    boxes = [(miss.output, miss.year, miss.box) for miss in misses(results, chosen) if miss.box]
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
        raise results.refusal(f"There are no figures of {missing[0]}.", f"The sweep kept {have}.")
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


def _tables(results: Results, ranking: Ranking) -> dict[str, list[list[Any]]]:
    """Rows of the CSV files that a ranking fills, by name: all that its method gives."""
    found, outputs, year = ranking.indices, ranking.outputs, ranking.year
    if isinstance(found, MorrisEffects):
        size = found.mu_star
        return {"morris.csv": _rows(results, outputs, year, found.mu, size.value, size.low, size.high, found.sigma)}
    if isinstance(found, Deltas):
        arrays = (found.value, found.low, found.high, found.above_chance, found.direction)
        return {"delta.csv": _rows(results, outputs, year, *arrays)}
    one, all_, pair, factors = found.first, found.total, found.second, results.factors
    tables = {"sobol.csv": _rows(results, outputs, year, one.value, one.low, one.high, all_.value, all_.low, all_.high)}
    if pair is not None:
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
    return tables


def _rows(results: Results, outputs: Sequence[str], year: int, *arrays: NDArray[Any]) -> list[list[Any]]:
    """A row for each output and factor with the entry of each array (factors, outputs)."""
    return [
        [output, year, factor, *(array[i, k].item() for array in arrays)]
        for k, output in enumerate(outputs)
        for i, factor in enumerate(results.factors)
    ]


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
            lines.append(f"- {output}: {named or 'no effect stands out from noise'}")
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
    if not results.failed:
        return "No member failed."
    treated = {
        "morris": "A trajectory with a failed member is left out whole.",
        "sobol": "A base point with a failed member is left out with all its members.",
        "delta": "",
    }[kind]
    parts = ", ".join(results.manifest["failed_parts"])
    lost = f"Parts {parts} could not be computed and count as failed." if parts else ""
    return " ".join(filter(None, [told_of_design(results.failures, place=FAILED), treated, lost]))


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([f"{cell:.8g}" if isinstance(cell, float) else cell for cell in row])
    return text.getvalue()

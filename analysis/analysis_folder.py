"""What a sweep's folder says: indices and boxes as CSV, figures as SVG, and a page of words, in DIR/analysis."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine import OnProgress, Progress
from innovation.engine.files import csv_text
from innovation.scenarios.execution import keep

from .discovery.misses import Miss, misses
from .findings.earlier_years import kept_before
from .findings.figures import heat_map, ranks, tornado
from .findings.words import MEASURES, page, year_in_words
from .indices.dependence import Dependences
from .indices.factorial import VarianceShares
from .indices.rankings import Ranking, kind_of, rank
from .indices.sensitivity import MorrisEffects
from .sweeps.results import FolderResults, Results

ANALYSIS = "analysis"
_HEADS: dict[str, list[str]] = {
    "morris.csv": ["mu", "mu_star", "mu_star_low", "mu_star_high", "sigma"],
    "sobol.csv": ["first", "first_low", "first_high", "total", "total_low", "total_high"],
    "sobol_pairs.csv": ["second", "second_low", "second_high"],
    "anova.csv": ["first", "total"],
    "anova_pairs.csv": ["second"],
    "cramer_von_mises.csv": ["index", "index_low", "index_high", "above_chance", "rank_correlation"],
}
_MISSES = ["output", "year", "missed", "used", "of", "share", "error"]
_BOXES = ["output", "year", "factor", "side", "value", "p", "coverage", "density", "mass", "share", "used", "of"]


@dataclass(frozen=True)
class Analysis:
    """What was found: names of the files written in DIR/analysis, the words of the page, and what counts of all."""

    files: tuple[str, ...]
    words: str
    used: int
    units: int


def analyse(
    results: FolderResults, years: Iterable[int] | None = None, on_progress: OnProgress | None = None
) -> Analysis:
    """Analyse a sweep by its own method and write what it says.

    Years that were analysed before keep their rows, words and figures.

    Parameters
    ----------
    years
        Of these years; None: all that the sweep kept, with words and figures of the year of most targets, or the last.
    on_progress
        Told of each step as it begins: a year, or at last the tables.

    Raises FolderError where the folder lacks a year, a part is another than was made, or too few members count;
    TooManyFailed where too many failed.
    """
    results.check_failures()
    chosen = _chosen(results, years)
    shown = chosen if years is not None else [_most_targets(results, chosen)]
    kept = kept_before(results, results.folder / ANALYSIS)

    def tell(step: str, done: int) -> None:
        if on_progress:
            on_progress(Progress(step, done, len(chosen) + 1))

    kind = kind_of(results.method)
    tables: dict[str, list[list[Any]]] = {}
    files: dict[str, bytes] = {}
    ranking: Ranking | None = None
    missed = list(misses(results, chosen))
    for number, year in enumerate(chosen):
        tell(f"{kind} {year}", number)
        ranking = rank(results, year)
        for name, rows in _tables(results, ranking).items():
            tables.setdefault(name, []).extend(rows)
        if year in shown:
            files |= _figures(results, ranking)
        words = year_in_words(results, ranking if year in shown else None, [one for one in missed if one.year == year])
        kept.years[year] = words
    if ranking is None:
        raise results.refusal("analysis.no_output_then", first=_first(results))
    tell("tables", len(chosen))
    tables["misses.csv"] = [
        [one.output, one.year, one.missed, one.used, results.members, one.share, one.error] for one in missed
    ]
    tables["boxes.csv"] = [row for one in missed for row in _boxes(results, one)]
    for name, rows in tables.items():
        head = {"misses.csv": _MISSES, "boxes.csv": _BOXES}.get(name) or _head(name)
        content = kept.table(name, head, [[_cell(cell) for cell in row] for row in rows], chosen)
        if len(content) > 1:
            files[name] = csv_text(content[0], content[1:]).encode()
    counted = ranking.counted
    kept.used, kept.units = counted.used, counted.units
    page_of_words = page(results, kind, counted, kept.years)
    files["summary.md"] = page_of_words.encode()
    for name, content_of in files.items():
        keep(results.folder / ANALYSIS / name, content_of)
    kept.keep(files)
    return Analysis(tuple(files), page_of_words, counted.used, counted.units)


def _chosen(results: Results, years: Iterable[int] | None) -> list[int]:
    chosen = list(dict.fromkeys(results.years if years is None else years))
    missing = [year for year in chosen if year not in results.years]
    if missing:
        raise results.refusal("analysis.year_not_kept", year=missing[0], kept=results.years)
    return [year for year in chosen if results.available(year)]


def _first(results: Results) -> int:
    return min(int(output["first_year"]) for output in results.manifest["outputs"].values())


def _most_targets(results: Results, years: Sequence[int]) -> int:
    """The year of most targets among those analysed, or the last."""
    wanted = [target.year for output in results.outputs if (target := results.target(output)) and target.year in years]
    return max(set(wanted), key=wanted.count) if wanted else years[-1]


def _head(name: str) -> list[str]:
    pair = ["with"] if name.endswith("_pairs.csv") else []
    return ["output", "year", "factor", *pair, *_HEADS[name], "used", "of", "note"]


def _tables(results: Results, ranking: Ranking) -> dict[str, list[list[Any]]]:
    """Rows of the CSV files that a ranking fills, by name: all that its method gives."""
    found = ranking.indices
    if isinstance(found, MorrisEffects):
        size = found.mu_star
        return {"morris.csv": _rows(results, ranking, found.mu, size.value, size.low, size.high, found.sigma)}
    if isinstance(found, Dependences):
        arrays = (found.value, found.low, found.high, found.above_chance, found.direction)
        return {"cramer_von_mises.csv": _rows(results, ranking, *arrays)}
    if isinstance(found, VarianceShares):
        return {
            "anova.csv": _rows(results, ranking, found.first, found.total),
            "anova_pairs.csv": _pairs(results, ranking, found.second),
        }
    one, all_, pair = found.first, found.total, found.second
    tables = {"sobol.csv": _rows(results, ranking, one.value, one.low, one.high, all_.value, all_.low, all_.high)}
    if pair is not None:
        tables["sobol_pairs.csv"] = _pairs(results, ranking, pair.value, pair.low, pair.high)
    return tables


def _rows(results: Results, ranking: Ranking, *arrays: NDArray[Any]) -> list[list[Any]]:
    """A row for each output and factor with the entry of each array (factors, outputs)."""
    return [
        [output, ranking.year, factor, *_entries(ranking, k, [array[i, k].item() for array in arrays])]
        for k, output in enumerate(ranking.outputs)
        for i, factor in enumerate(results.factors)
    ]


def _pairs(results: Results, ranking: Ranking, *arrays: NDArray[Any]) -> list[list[Any]]:
    """A row for each output and pair of factors with the entry of each array (factors, factors, outputs)."""
    names = results.factors
    return [
        [output, ranking.year, names[i], names[j], *_entries(ranking, k, [array[i, j, k].item() for array in arrays])]
        for k, output in enumerate(ranking.outputs)
        for i in range(len(names))
        for j in range(i + 1, len(names))
    ]


def _entries(ranking: Ranking, output: int, found: list[Any]) -> list[Any]:
    """The figures of a row, how many of all count, and a note: an output that does not vary has no figures."""
    counted = ranking.counted
    if ranking.same[output]:
        return [*([None] * len(found)), counted.used, counted.units, "the same in all members"]
    return [*found, counted.used, counted.units, ""]


def _boxes(results: Results, one: Miss) -> Iterable[list[Any]]:
    if one.box is None:
        return
    for limit in one.box.limits:
        side = "above" if limit.above else "below"
        figures = (limit.value, limit.p, one.box.coverage, one.box.density, one.box.mass, one.box.share)
        yield [one.output, one.year, limit.factor, side, *figures, one.used, results.members]


def _figures(results: Results, ranking: Ranking) -> dict[str, bytes]:
    measure, year = MEASURES[ranking.kind], ranking.year
    files = {
        f"heat-map-{year}.svg": heat_map(
            f"What matters, {year}", measure, results.factors, ranking.outputs, ranking.relative
        ),
        f"ranks-{year}.svg": ranks(f"Ranks, {year}", results.factors, ranking.relative),
    }
    for k, output in enumerate(ranking.outputs):
        if ranking.same[k]:
            continue
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


def _cell(cell: Any) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return f"{cell:.8g}" if isinstance(cell, float) else str(cell)

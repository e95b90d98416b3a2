"""The page of words that `analyse` writes: what matters most, when targets are missed, and how many members say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from innovation.analysis.discovery.misses import Miss
from innovation.analysis.discovery.prim import LEAST, sentence
from innovation.analysis.indices.rankings import UNITS, Ranking
from innovation.analysis.indices.sensitivity import INTERVAL_BASE
from innovation.analysis.sweeps.results import Results
from innovation.analysis.sweeps.sweep_folder import FAILED
from innovation.analysis.sweeps.usable_members import SweepEvidence
from innovation.scenarios.simulation import told_of_design

METHODS = {
    "morris": "Morris' elementary effects: the mean size of the change over a factor's whole range, with its 95 % "
    "interval.",
    "sobol": "Sobol' total indices: the part of the variance that a factor has a hand in, with its 95 % interval.",
    "anova": "Exact analysis of variance of the full factorial: the part of the variance over its combinations that a "
    "factor has a hand in. Nothing is estimated, so there is no interval.",
    "cramer_von_mises": "Cramér-von Mises index: the part of the distance in rank between two members that goes, on "
    "average, where they share the factor's value (0 none: independent; 1 all), with its 95 % interval. It holds for "
    "factors that depend on each other, as draws from the posterior do; shares of variance would not.",
}
MEASURES = {
    "morris": "mean size of the effect",
    "sobol": "total index",
    "anova": "total share of the variance",
    "cramer_von_mises": "Cramér-von Mises index",
}
MOST_NAMED = 3


def page(results: Results, kind: str, counted: SweepEvidence, years: Mapping[int, Sequence[str]]) -> str:
    """The page: what was run, what counts of it, and the words of each year."""
    manifest = results.manifest
    posterior, record = manifest["posterior_hash"], manifest.get("record")
    lines = [
        f"# What matters: {results.method}, {results.members:,} members",
        "",
        f"Model {manifest['model_hash'][:12]}, seed {manifest['seed']}"
        + (f", posterior {posterior[:12]} ({manifest['draws']:,} different draws)" if posterior else "")
        + (f", of the record {record} and not of the city's own" if record else "")
        + ".",
        "",
        _failures(results, kind),
        "",
        f"{counted.words(UNITS[kind])} {METHODS[kind]}",
    ]
    if kind == "sobol" and counted.used < INTERVAL_BASE:
        lines += ["", f"No interval is given: with fewer than {INTERVAL_BASE} base points it would not hold."]
    for year in sorted(years):
        lines += ["", *years[year]] if years[year] else []
    return "\n".join(lines).rstrip() + "\n"


def year_in_words(results: Results, ranking: Ranking | None, missed: Sequence[Miss]) -> list[str]:
    """The lines of one year: what matters most, where it is shown, and when its targets are missed."""
    lines: list[str] = []
    if ranking is not None:
        lines += [f"## What matters most in {ranking.year}", ""]
        lines += [f"- {output}: {_named(results, ranking, place)}" for place, output in enumerate(ranking.outputs)]
    if missed:
        lines += [""] if lines else []
        lines += [f"## When targets of {missed[0].year} are missed", ""]
        lines += [f"- {_missed(results, one)}" for one in missed]
    return lines


def _named(results: Results, ranking: Ranking, place: int) -> str:
    if ranking.same[place]:
        return "the same in all members"
    value = np.where(ranking.sure[:, place], np.nan_to_num(ranking.value[:, place]), 0.0)
    first = [i for i in np.argsort(-value, kind="stable")[:MOST_NAMED] if value[i] > 0]
    named = (f"{results.factors[i]} ({value[i]:.3g}{_interval(ranking, i, place)})" for i in first)
    return ", ".join(named) or "no effect stands out from noise"


def _interval(ranking: Ranking, factor: int, place: int) -> str:
    low, high = ranking.low[factor, place], ranking.high[factor, place]
    return "" if np.isnan(low) else f", {max(low, 0.0):.3g} to {high:.3g}"


def _missed(results: Results, one: Miss) -> str:
    """Every target has a sentence: also that all members miss it, or none, and that too few were looked at."""
    outcome, members = f"{results.label(one.output)} misses its target of {one.year}", f"{one.used:,} members"
    if not one.is_sample:
        members = f"{one.used:,} combinations"
    if one.missed == one.used:
        return f"{outcome[0].upper()}{outcome[1:]} in all {members}: no range of the factors sets any apart."
    if not one.missed:
        return f"{results.label(one.output)} meets its target of {one.year} in all {members}."
    error = "" if one.error is None else f" ± {100 * one.error:.2g}"
    part = f"{one.missed:,} of {members} ({100 * one.share:.1f} %{error})"
    if one.box is not None:
        return f"{part} miss it. {sentence(one.box, outcome)}"
    few = one.used < LEAST
    why = f"fewer than {LEAST} members have no box" if few else "so few miss or meet it that no box is sought"
    return f"{outcome[0].upper()}{outcome[1:]} in {part}: {why}."


def _failures(results: Results, kind: str) -> str:
    """How many members failed, and what the analysis does with them."""
    if not results.failed:
        return "No member failed."
    treated = {
        "morris": "A trajectory with a failed member is left out whole.",
        "sobol": "A base point with a failed member is left out with all its members.",
    }.get(kind, "")
    parts = ", ".join(results.manifest["failed_parts"])
    lost = f"Parts {parts} could not be computed and count as failed." if parts else ""
    return " ".join(filter(None, [told_of_design(results.failures, place=FAILED), treated, lost]))

"""Sections of the page on what was tried: profiles, Theil, the last year held out."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.assessment.profiles import REACH, interval
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.validation.groups import LEVELS
from innovation.calibration.evidence.validation.holdout import ENOUGH
from innovation.calibration.evidence.validation.scores import NAIVE, inside, places_of
from innovation.calibration.kept_results import Row
from innovation.calibration.kept_results import number as cell
from innovation.model import RECORD_ENDS, table

from .data import missing
from .groups import coverage_words, figure_of
from .words import counted, indicator, listed, number, percent

Floats = NDArray[np.float64]

NAMES = {
    "model": "the fitted city",
    "prior": "the priors alone",
    "trend": "log-linear trend",
    "walk": "random walk with drift",
}


def profile_curves(found: Evidence) -> dict[str, tuple[Floats, Floats]]:
    """Values and heights of every kept profile, by constant; none where they are missing."""
    kept = found.result("profiles")
    curves: dict[str, list[Row]] = {}
    for row in kept.rows if kept else ():
        curves.setdefault(row["constant"], []).append(row)
    return {
        name: (np.array([cell(row, "value") for row in rows]), np.array([cell(row, "height") for row in rows]))
        for name, rows in curves.items()
    }


def closed_profiles(found: Evidence) -> dict[str, tuple[float, float]]:
    """The 95 % likelihood interval of each profiled constant in its own unit, infinite where it does not close."""
    kept = found.result("profiles")
    ends: dict[str, tuple[float, float]] = {}
    for name, (values, heights) in profile_curves(found).items():
        z = np.array([cell(row, "z") for row in kept.rows if row["constant"] == name]) if kept else values
        low, high = interval(z, heights)
        ends[name] = tuple(float(np.interp(edge, z, values)) if math.isfinite(edge) else edge for edge in (low, high))  # type: ignore[assignment]
    return ends


def profiles_section(found: Evidence) -> Iterator[str]:
    """Profile likelihoods."""
    yield "## Profiles of the informed dozen"
    yield ""
    ends = closed_profiles(found)
    if not ends:
        yield from missing("profiles")
        return
    closed = [name for name, edges in ends.items() if all(map(math.isfinite, edges))]
    yield "For each constant that contracts most: how well the record is met at best when it is held at a value"
    yield "and every"
    yield "other constant gives way (Raue2009). Its own prior is left out; those of the others stay, since with"
    yield "more constants"
    yield "than figures nothing else has a best value; sizes of errors are held at their posterior medians. So"
    yield "this asks"
    yield "whether the figures, given the other priors, bound the constant by themselves. The interval is where the log"
    yield f"likelihood is within 1.92 of its best; it closes for {len(closed)} of {len(ends)} within {REACH:g} standard"
    yield "deviations of the prior."
    yield ""
    yield "![Profiles](figures/profiles.svg)"
    yield ""
    yield "*Log likelihood below the best; dashed: 95 %.*"
    yield ""
    rows = []
    for name, edges in ends.items():
        said = [number(edge) if math.isfinite(edge) else "open" for edge in edges]
        rows.append((name, found.basis.unit(name), *said, "yes" if all(map(math.isfinite, edges)) else "no"))
    yield from table(("constant", "unit", "from", "to", "closes"), rows)


def theil_section(found: Evidence) -> Iterator[str]:
    """Theil's decomposition."""
    every, short = found.theil
    yield "## Theil's decomposition"
    yield ""
    yield f"Of the {len(every) + len(short)} series of exact levels {len(every)} have three figures or more,"
    yield "counted or not. Shares"
    yield "of their mean squared error, medians over the draws (Sterman2000): bias is a wrong level, variation a"
    yield "wrong size"
    yield "of swings or growth, covariation the rest, unsystematic if the first two are small."
    yield ""
    rows = [
        (
            indicator(found.city, one.of),
            f"{one.years[0]}–{one.years[-1]}",
            str(len(one.years)),
            str(one.counted),
            percent(one.root),
            percent(one.bias),
            percent(one.variation),
            percent(one.covariation),
        )
        for one in every
    ]
    yield from table(("series", "years", "figures", "counted", "error", "bias", "variation", "covariation"), rows)
    yield ""
    yield "For the others it cannot be had: one figure has no swings, and two give nothing to tell swings from level:"
    yield f"{', '.join(indicator(found.city, name) for name in short)}."


def holdout_section(found: Evidence) -> Iterator[str]:
    """The last year held out."""
    yield f"## {RECORD_ENDS} held out"
    yield ""
    kept = found.result("holdout")
    if kept is None:
        yield from missing("holdout")
        return
    rows = [row for row in kept.rows if row["is_bound"] == "0"]
    places, priors = places_of(rows, "model_place"), places_of(rows, "prior_place")
    scored = [row for row in rows if math.isfinite(cell(row, "trend_log"))]
    others = [row for row in rows if row not in scored]
    yield f"A fit to what was published up to {RECORD_ENDS - 1}, sums and growth to {RECORD_ENDS} left out too,"
    yield "says what"
    yield f"{RECORD_ENDS} should be. Of {len(rows)} figures, bounds aside, {inside(places, 0.5)} lie in its 50 %"
    yield "band and"
    yield f"{inside(places, 0.9)} in its 90 % band ({inside(priors, 0.5)} and {inside(priors, 0.9)} in those of"
    yield "the priors alone)."
    yield coverage_words(places)
    yield ""
    yield f"**{counted(len(scored), 'series has', 'series have')} {ENOUGH} exact figures or more to"
    yield f"{RECORD_ENDS - 1}**, which a naive"
    yield "forecast needs; the comparison therefore says little. Higher log scores and lower CRPS are better;"
    yield "both are on the"
    yield "scale of the error (logarithms). The naive forecasts have Student bands with the uncertainty of their"
    yield "own numbers."
    yield ""
    for row in scored:
        yield f"{figure_of(found, row)}, from {row['earlier']} earlier figures:"
        yield ""
        lines = [
            (
                NAMES[name],
                f"{cell(row, f'{name}_log'):.2f}",
                f"{cell(row, f'{name}_crps'):.4f}",
                _inside(cell(row, f"{name}_place")),
            )
            for name in ("model", *NAIVE, "prior")
        ]
        yield from table(("forecast", "log score", "CRPS", "place, and band"), lines)
        yield ""
        yield from _verdict(row)
        yield ""
    totals = {name: sum(cell(row, f"{name}_log") for row in others) for name in ("model", "prior")}
    crps = {name: sum(cell(row, f"{name}_crps") for row in others) for name in ("model", "prior")}
    better = sum(cell(row, "model_log") > cell(row, "prior_log") for row in others)
    yield "The city has more than its past to go by: prices, national growth, the investment rate and the"
    yield "appropriation of"
    yield f"{RECORD_ENDS} drive it as published, and its priors were written with the figures in view. The naive"
    yield "forecasts"
    yield "know neither, so to score above them is the least that can be asked."
    yield ""
    yield f"The other {len(others)} figures have only the priors to be held against: summed log score"
    yield f"{totals['model']:.1f} against"
    yield f"{totals['prior']:.1f}, summed CRPS {crps['model']:.2f} against {crps['prior']:.2f}; the fit to"
    yield f"{RECORD_ENDS - 1} scores"
    yield f"higher for {better} of them. Few figures lie before {RECORD_ENDS}, so there is little to learn from."
    yield ""
    head = ("figure", "log score", "of the priors", "CRPS", "of the priors", "place, and band")
    scores = [
        (
            figure_of(found, row),
            f"{cell(row, 'model_log'):.2f}",
            f"{cell(row, 'prior_log'):.2f}",
            _crps(row, "model"),
            _crps(row, "prior"),
            "bound" if row["is_bound"] == "1" else _inside(cell(row, "model_place")),
        )
        for row in kept.rows
        if row not in scored
    ]
    yield from table(head, scores)
    yield ""
    first = kept.rows[0]
    yield f"Means: chains as for the groups; largest R-hat {cell(first, 'rhat'):.3f}, smallest effective size"
    yield f"{cell(first, 'size'):.0f}."


def _verdict(row: Row) -> Iterator[str]:
    """Whether the fitted city forecasts at least as well as both naive ones."""
    model, naive = cell(row, "model_log"), {name: cell(row, f"{name}_log") for name in NAIVE}
    worse = [NAMES[name] for name, score in naive.items() if score > model]
    sharper = [NAMES[name] for name in NAIVE if cell(row, f"{name}_crps") < cell(row, "model_crps")]
    yield (
        "The fitted city scores at least as well as both."
        if not worse and not sharper
        else f"**The fitted city falls short**: by log score of {listed(worse)}, by CRPS of {listed(sharper)}."
    )


def _inside(place: float) -> str:
    where = next(
        (f"in {level:.0%}".replace("%", " %") for level in LEVELS if abs(place - 0.5) <= level / 2), "outside 90 %"
    )
    return f"{place:.2f}, {where}"


def _crps(row: Row, name: str) -> str:
    value = cell(row, f"{name}_crps")
    return f"{value:.3f}" if math.isfinite(value) else "–"

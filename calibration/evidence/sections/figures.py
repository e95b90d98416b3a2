"""Figures of the evidence for print in grey: SVG, the same bytes from the same numbers."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from scipy import stats

from innovation.calibration.evidence.assessment.learning import LearnedConstant
from innovation.calibration.evidence.assessment.profiles import DROP
from innovation.calibration.evidence.basis import Basis, Floats
from innovation.calibration.evidence.validation.fits import PERCENTS, PredictedFigure
from innovation.model import RECORD_BEGINS, RECORD_ENDS
from innovation.scenarios.levers import NOTHING_MOVES
from innovation.scenarios.simulation import sound_figures

from .words import named, years_of

WIDTH = 7.2  # inches: a page of A4 within its margins
DARK, MIDDLE, LIGHT, PALE = "0.15", "0.45", "0.68", "0.86"
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "evidence",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}
REACH = 40.0  # per cent of a figure, to which its row goes
COLUMNS = 4


def record_svg(basis: Basis, found: Sequence[PredictedFigure]) -> str:
    """Levels of indicators over the years of the record: bands of 50 and 90 % (parameters alone), and the figures.

    Raises TooManyFailed where too many draws fail.
    """
    levels: dict[str, list[PredictedFigure]] = {}
    for fit in found:
        if fit.figure.of in basis.city.indicators and fit.figure.operator == "level":
            levels.setdefault(fit.figure.of, []).append(fit)
    runs, _ = sound_figures(basis.city, {NOTHING_MOVES: [basis.constants]})
    years = np.arange(basis.city.years[0], RECORD_ENDS + 1)
    series = {name: runs[NOTHING_MOVES][0][name][:, : len(years)] for name in levels}
    figure, panels = _panels(len(levels), 1.45)
    for axes, (name, fits) in zip(panels, levels.items(), strict=False):
        low, first, middle, third, high = np.percentile(series[name], PERCENTS, axis=0)
        axes.fill_between(years, low, high, color=PALE, linewidth=0)
        axes.fill_between(years, first, third, color=LIGHT, linewidth=0)
        axes.plot(years, middle, color=DARK, linewidth=0.8)
        for fit in fits:
            _dot(axes, fit.figure.last, fit.figure.value, fit)
        indicator = basis.city.indicators[name]
        _title(axes, f"{indicator.en}, {indicator.unit}")
        axes.set_xticks([RECORD_BEGINS, RECORD_ENDS])
        axes.set_xlim(RECORD_BEGINS - 0.4, RECORD_ENDS + 0.4)
    return _svg(figure)


def figures_svg(basis: Basis, found: Sequence[PredictedFigure]) -> str:
    """Every figure as a row: bands of the fitted city in per cent of what is printed (growth and shares: points)."""
    rows = [fit for fit in found if not fit.is_fixed]
    figure = Figure(figsize=(WIDTH, 0.155 * len(rows) + 0.6), layout="constrained")
    axes = figure.subplots()
    for place, fit in enumerate(rows):
        scale = 1.0 if fit.figure.unit.startswith("percent") else 100 / fit.figure.value
        wide = (fit.measured - fit.figure.value) * scale
        narrow = (fit.said - fit.figure.value) * scale
        axes.plot(np.clip(wide[[0, -1]], -REACH, REACH), [place, place], color=LIGHT, linewidth=0.8)
        axes.plot(np.clip(narrow[[0, -1]], -REACH, REACH), [place, place], color=MIDDLE, linewidth=2.2)
        axes.plot(np.clip(narrow[[1, -2]], -REACH, REACH), [place, place], color=DARK, linewidth=4.2)
        if abs(narrow[2]) > REACH:
            edge = math.copysign(REACH, narrow[2])
            axes.plot([edge * 0.985], [place], marker="<" if edge < 0 else ">", color=DARK, markersize=3)
        if fit.is_bound:
            sign = "≤" if fit.figure.reading == "at_most" else "≥"
            axes.text(REACH + 1, place, sign, va="center", fontsize=7)
    axes.axvline(0, color=DARK, linewidth=0.6)
    labels = [
        f"{named(basis.city, fit.figure)} {years_of(fit.figure)}{'' if fit.figure.is_counted else ' *'}" for fit in rows
    ]
    axes.set_yticks(range(len(rows)), labels, fontsize=6.5)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-REACH, REACH)
    axes.set_xlabel("fitted city less figure, per cent; of shares and growth, points")
    return _svg(figure)


def learned_svg(basis: Basis, learned: Sequence[LearnedConstant]) -> str:
    """Prior (thin) and posterior (grey) of constants."""
    space = basis.posterior.space
    figure, panels = _panels(len(learned), 1.35)
    grid = np.linspace(-3.2, 3.2, 241)
    for axes, one in zip(panels, learned, strict=False):
        place = space.names.index(one.name)
        spots = np.zeros((len(grid), space.d))
        spots[:, place] = grid
        values = space.values(spots)[place]
        slope = np.gradient(values, grid)
        density = stats.gaussian_kde(basis.z[:, place])(grid)
        with np.errstate(divide="ignore", invalid="ignore"):
            before, after = stats.norm.pdf(grid) / slope, density / slope
        axes.fill_between(values, after, color=LIGHT, linewidth=0)
        axes.plot(values, before, color=DARK, linewidth=0.8)
        top = np.nanmax(np.where(np.isfinite(after), after, np.nan)[20:-20])
        axes.set_ylim(0, 1.15 * max(top, np.nanmax(before[20:-20])))
        axes.set_yticks([])
        _title(axes, one.name)
    return _svg(figure)


def profiles_svg(profiles: Mapping[str, tuple[Floats, Floats]]) -> str:
    """Profiles (values of the constant, log likelihood below the best) with the 95 % line."""
    figure, panels = _panels(len(profiles), 1.35)
    for axes, (name, (values, heights)) in zip(panels, profiles.items(), strict=False):
        axes.plot(values, heights, color=DARK, linewidth=0.9, marker=".", markersize=3)
        axes.axhline(-DROP, color=MIDDLE, linewidth=0.6, linestyle="--")
        axes.set_ylim(-6, 0.4)
        _title(axes, name)
    return _svg(figure)


def _panels(count: int, height: float) -> tuple[Figure, list[Axes]]:
    rows = max(1, -(-count // COLUMNS))
    figure = Figure(figsize=(WIDTH, height * rows), layout="constrained")
    panels = list(figure.subplots(rows, COLUMNS, squeeze=False).flat)
    for axes in panels[count:]:
        axes.set_axis_off()
    for axes in panels:
        axes.tick_params(labelsize=6.5, length=2)
        axes.locator_params(nbins=4)
    return figure, panels


def _dot(axes: Axes, year: int, value: float, fit: PredictedFigure) -> None:
    """A published figure: filled where it counts, open where it is only shown; a bound points to where it holds."""
    marker = {"at_least": "^", "at_most": "v"}.get(fit.figure.reading, "o")
    face = DARK if fit.figure.is_counted else "white"
    axes.plot([year], [value], marker=marker, markersize=3.2, color=face, markeredgecolor=DARK, markeredgewidth=0.7)


def _title(axes: Axes, text: str, width: int = 32) -> None:
    words, lines = text.split(), [""]
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], longer] if len(longer) <= width else [*lines, word]
    axes.set_title("\n".join(lines), fontsize=6.5, loc="left")


def _svg(figure: Figure) -> str:
    text = io.StringIO()
    FigureCanvasSVG(figure)
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    return text.getvalue()


def drawn(write: Callable[..., str], *given: object) -> str:
    """A figure drawn in the style of print."""
    with mpl.rc_context(STYLE):
        return write(*given)

"""Figures of what matters, as SVG: a tornado for one output, ranks and a heat map over all. Same data, same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_BARS, MOST_ROWS = 15, 40
A_LETTER = 0.075  # of an inch that a letter of a label takes
BLUE, GREY = "#2166ac", "#8a8a8a"
SETTINGS: Any = {
    "svg.hashsalt": "innovation",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def tornado(title: str, measure: str, factors: Sequence[str], value: Floats, low: Floats, high: Floats) -> bytes:
    """Bars of the factors that matter most for one output, largest first, with their intervals; arrays (factors,)."""
    order = np.argsort(-np.nan_to_num(np.abs(value)), kind="stable")[:MOST_BARS][::-1]
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(7, 0.6 + 0.28 * len(order)), layout="constrained")
        axes = figure.subplots()
        spread = np.clip(np.stack([value - low, high - value])[:, order], 0, None)
        axes.barh(np.arange(len(order)), value[order], color=BLUE, height=0.7)
        axes.errorbar(value[order], np.arange(len(order)), xerr=spread, fmt="none", ecolor=GREY, lw=1)
        axes.set_yticks(np.arange(len(order)), [factors[place] for place in order])
        axes.set_xlabel(measure)
        axes.set_title(title, loc="left")
        return _svg(figure)


def heat_map(title: str, measure: str, factors: Sequence[str], outputs: Sequence[str], values: Floats) -> bytes:
    """Every output against the factors that matter most anywhere; `values` (factors, outputs), 0 to 1."""
    order = _leading(values)
    with matplotlib.rc_context(SETTINGS):
        wide = 1.8 + A_LETTER * max(map(len, factors)) + 0.24 * len(outputs)
        high = 1.2 + A_LETTER * max(map(len, outputs)) + 0.2 * len(order)
        figure = Figure(figsize=(wide, high), layout="constrained")
        axes = figure.subplots()
        image = axes.imshow(np.nan_to_num(values[order]), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(np.arange(len(outputs)), list(outputs), rotation=90)
        axes.set_yticks(np.arange(len(order)), [factors[place] for place in order])
        axes.set_title(title, loc="left")
        figure.colorbar(image, ax=axes, label=measure, shrink=0.6)
        return _svg(figure)


def ranks(title: str, factors: Sequence[str], values: Floats) -> bytes:
    """The places that each factor takes among all, over the outputs: best, middle half, median; `values` as above."""
    places = np.argsort(np.argsort(-np.nan_to_num(values), axis=0, kind="stable"), axis=0) + 1
    order = np.argsort(np.median(places, axis=1), kind="stable")[:MOST_ROWS][::-1]
    quarter, middle, three = np.percentile(places[order], (25, 50, 75), axis=1)
    with matplotlib.rc_context(SETTINGS):
        figure = Figure(figsize=(7, 0.8 + 0.2 * len(order)), layout="constrained")
        axes = figure.subplots()
        rows = np.arange(len(order))
        axes.hlines(rows, quarter, three, color=BLUE, lw=4, alpha=0.4)
        axes.plot(middle, rows, "o", color=BLUE, ms=4, label="median, with the middle half")
        axes.plot(places[order].min(axis=1), rows, "|", color=GREY, label="best")
        axes.set_yticks(rows, [factors[place] for place in order])
        axes.set_xlabel("rank among the factors, over all outputs")
        axes.set_title(title, loc="left")
        axes.legend(loc="lower right", frameon=False)
        return _svg(figure)


def _leading(values: Floats) -> NDArray[np.int64]:
    """Factors by their mean over the outputs, largest first."""
    return np.argsort(-np.nan_to_num(values).mean(axis=1), kind="stable")[:MOST_ROWS]


def _svg(figure: Figure) -> bytes:
    sink = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(sink, metadata={"Date": None, "Creator": None})
    return sink.getvalue()

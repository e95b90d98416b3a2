"""Charts as pictures for papers: the same marks as on the page, drawn by matplotlib in the carried font."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from innovation.model import PLAN_BEGINS, City
from innovation.scenarios.simulation import Band
from innovation.ui.text.catalogue import Catalogue
from innovation.ui.text.phrases import band_name, wanted

from .charts import BASELINE, NARROW, PUBLISHED, SCENARIO, TARGET, WIDE, Row, height_of

FONT = Path(__file__).parents[2] / "static" / "fonts" / "NotoSansSC-gb2312.ttf"
Kind = Literal["svg", "png"]
INCHES, DOTS = (5.2, 3.0), 200
MARGIN = 0.05  # of the height, above and below
_lock = Lock()  # matplotlib's settings are those of the whole process


@cache
def _family() -> str:
    font_manager.fontManager.addfont(FONT)
    return str(font_manager.FontProperties(fname=FONT).get_name())


def picture(city: City, name: str, found: Sequence[Row], of: Band, words: Catalogue, kind: Kind) -> bytes:
    """One indicator's chart, titled, as SVG (letters as outlines, so that any machine shows them) or PNG.

    `of` says what the bands are of.
    """
    settings: Any = {
        "font.family": _family(),
        "svg.fonttype": "path",
        "svg.hashsalt": name,
        "axes.unicode_minus": False,
        "font.size": 9,
    }
    with _lock, mpl.rc_context(settings):
        drawn = _drawn(city, name, found, of, words)
        target = io.BytesIO()
        drawn.savefig(target, format=kind, dpi=DOTS, metadata={"Date": None} if kind == "svg" else None)
    return target.getvalue()


def _drawn(city: City, name: str, found: Sequence[Row], of: Band, words: Catalogue) -> Figure:
    indicator, called = city.indicators[name], band_name(of, words)
    figure = Figure(figsize=INCHES, layout="constrained")
    axes = figure.add_subplot()
    years = [row.year for row in found]

    def course(values: Sequence[float | None]) -> list[float]:
        return [float("nan") if value is None else value for value in values]

    if any(row.ranges for row in found):
        low90, low50, high50, high90 = (course(part) for part in zip(*(row.ranges for row in found), strict=True))
        axes.fill_between(years, low90, high90, color=SCENARIO, alpha=WIDE, lw=0, label=words("chart.wide", of=called))
        axes.fill_between(
            years, low50, high50, color=SCENARIO, alpha=NARROW, lw=0, label=words("chart.narrow", of=called)
        )
    baseline, scenario = (course([getattr(row, key) for row in found]) for key in ("baseline", "scenario"))
    axes.plot(years, baseline, color=BASELINE, lw=1.4, ls=(0, (6, 4)), label=words("chart.baseline"))
    axes.plot(years, scenario, color=SCENARIO, lw=1.9, label=words("chart.scenario"))
    told = [(row.year, row.published) for row in found if row.published is not None]
    if told:
        axes.plot(*zip(*told, strict=True), "D", color=PUBLISHED, ms=4, label=words("chart.published"))
    if name in city.targets:
        target, scale = city.targets[name], words.scale(indicator)
        level = target.value * scale
        label = words("chart.target_label", wanted=wanted(city, name, words), year=target.year)
        axes.plot([PLAN_BEGINS, target.year], [level, level], color=TARGET, lw=1.6, label=label)
        axes.plot([target.year], [level], "v" if target.sense == "at_most" else "^", color=TARGET, ms=6)
    ends = height_of(city, name, found, words)
    if ends:
        room = MARGIN * (ends[1] - ends[0])
        axes.set_ylim(ends[0] - room, ends[1] + room)
    axes.set_xlim(years[0], years[-1])
    axes.set_xticks(range(years[0], years[-1] + 1, 5))
    axes.set_title(
        words("chart.title", label=words.name(indicator), unit=words.unit(indicator)), fontsize=10, loc="left"
    )
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", lw=0.4, alpha=0.5)
    axes.legend(fontsize=7, frameon=False, loc="best")
    return figure

"""How many members of a sweep miss each target, and the box of factors' values in which they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.chances import shortfalls

from .discovery import MOST, Box, find_box
from .results import Results

Floats = NDArray[np.float64]

LEAST, MOST_SHARE = 0.02, 0.98  # a target that fewer members miss, or more, has no box worth a sentence


@dataclass(frozen=True)
class Miss:
    """The part of the members that miss an output's target of a year, and where; None where too few miss or meet it."""

    output: str
    year: int
    share: float
    box: Box | None


def misses(results: Results, years: Sequence[int], between: Callable[[], None] = lambda: None) -> Iterator[Miss]:
    """Every target of these years, among the first 10 000 members that are a sample and did not fail.

    `between` is called before each target, whose box may take a second. A design of morris has none: its points lie on
    the levels of a grid, and their share says nothing.
    """
    if results.method == "morris":
        return
    most = None if results.method == "sobol" else MOST
    parameters = results.sample(results.parameters(most))[:MOST]
    by_year: dict[int, Floats] = {}
    for output in results.outputs:
        target = results.target(output)
        if target is None or target.year not in years or output not in results.available(target.year):
            continue
        between()
        if target.year not in by_year:
            by_year[target.year] = results.sample(results.figures(target.year, most))[:MOST]
        values = by_year[target.year][:, results.available(target.year).index(output)]
        whole = np.isfinite(values) & np.isfinite(parameters).all(axis=1)
        missed = shortfalls(target, values[whole]) > 0
        if len(missed):
            share = float(missed.mean())
            box = find_box(parameters[whole], missed, results.factors) if LEAST <= share <= MOST_SHARE else None
            yield Miss(output, target.year, share, box)

"""How many members of a sweep miss each target, and the box of factors' values in which they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from innovation.analysis.sweeps.results import Results
from innovation.scenarios.simulation import shortfalls, standard_error

from .prim import LEAST, MOST, ScenarioBox, find_box

LEAST_SHARE, MOST_SHARE = 0.02, 0.98  # a target that fewer members miss, or more, has no box worth a sentence


@dataclass(frozen=True)
class Miss:
    """How many of the members that were looked at miss an output's target of a year, and where.

    `box` is None where too few members miss or meet it, or too few were looked at. `is_sample` is not so of a grid,
    whose share is one of combinations and no chance.
    """

    output: str
    year: int
    missed: int
    used: int
    is_sample: bool
    box: ScenarioBox | None

    @property
    def share(self) -> float:
        """The part of the members that miss it."""
        return self.missed / self.used

    @property
    def error(self) -> float | None:
        """The standard error of that part as a chance; None where it is none."""
        return standard_error(self.share, self.used) if self.is_sample else None


def misses(results: Results, years: Sequence[int], between: Callable[[], None] = lambda: None) -> Iterator[Miss]:
    """Every target of these years, among at most 10 000 members that count, spread over all.

    `between` is called before each target, whose box may take a second. A design of morris has none: its points lie on
    the levels of a grid in trajectories, and their share says nothing.
    """
    wanted = [(output, target) for output in results.outputs if (target := results.target(output))]
    wanted = [(output, target) for output, target in wanted if target.year in years]
    if results.method == "morris" or not wanted:
        return
    members = results.sample(MOST).members
    if not len(members):
        return
    parameters = results.parameters(members)
    for output, target in wanted:
        names = results.available(target.year)
        if output not in names:
            continue
        between()
        values = results.figures(target.year, members)[:, names.index(output)]
        missed = shortfalls(target, values) > 0
        box = None
        if len(members) >= LEAST and LEAST_SHARE <= np.mean(missed) <= MOST_SHARE:
            box = find_box(parameters, missed, results.factors)
        yield Miss(output, target.year, int(missed.sum()), len(members), results.method != "grid", box)

"""What matters in one year by the sweep's own method: a figure for each factor and output, with interval and direction.

A design of morris has mean effects, one of sobol total indices, a grid the exact analysis of variance, all others the
Cramér-von Mises index (dependence.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from innovation.analysis.design.points import rows_a_base_point
from innovation.analysis.sweeps.results import Results
from innovation.analysis.sweeps.usable_members import SweepEvidence
from innovation.model.files import DocumentError, original, phrase

from .dependence import MOST, Dependences, dependences, rank_correlations
from .factorial import VarianceShares, cells_of, variance_shares
from .sensitivity import MorrisEffects, SobolIndices, TrajectoryMoves, morris, moves_of, sobol

Floats = NDArray[np.float64]

NORMAL = 1.96
ROUNDING = 1e-6  # of a figure: float32 columns have seven digits
KINDS = {"morris": "morris", "sobol": "sobol", "grid": "anova"}
UNITS = {"morris": "trajectories", "sobol": "base points", "anova": "combinations", "cramer_von_mises": "members"}


@dataclass(frozen=True)
class Ranking:
    """A figure with its 95 % interval, each (factors, outputs), and the outputs that have figures that year.

    `kind` is 'morris' (mean size of the effect), 'sobol' or 'anova' (total index) or 'cramer_von_mises'. Ends of an
    interval are NaN where none is given: with few base points, or where nothing is estimated. `sure` tells where the
    figure is more than chance. `direction` is 1 where more of the factor goes with more of the output, -1 where with
    less, 0 where the 95 % interval of the mean effect (morris) or of the rank correlation (others) holds 0. `same`
    tells the outputs that are the same in all members. `counted` says which members count. `indices` has all that the
    method gives.
    """

    kind: str
    year: int
    outputs: tuple[str, ...]
    value: Floats
    low: Floats
    high: Floats
    sure: NDArray[np.bool_]
    direction: NDArray[np.int_]
    same: NDArray[np.bool_]
    counted: SweepEvidence
    indices: MorrisEffects | SobolIndices | VarianceShares | Dependences

    @property
    def relative(self) -> Floats:
        """The figure from 0 to 1: effects as parts of the largest on that output."""
        if self.kind != "morris":
            return np.clip(self.value, 0, 1)
        return self.value / np.maximum(np.nanmax(self.value, axis=0), 1e-300)


def kind_of(method: str) -> str:
    """The kind of ranking that a design's method allows."""
    return KINDS.get(method, "cramer_von_mises")


def rank(results: Results, year: int, between: Callable[[], None] = lambda: None) -> Ranking:
    """Rank the factors for every output of one year.

    Parameters
    ----------
    between
        As in ``dependence.dependences``, the one estimate that takes long.

    Raises DocumentError where too few members count.
    """
    kind = kind_of(results.method)
    try:
        return _dependence(results, year, between) if kind == "cramer_von_mises" else _OF_DESIGN[kind](results, year)
    except DocumentError:
        raise  # a part that cannot be read
    except ValueError as error:
        raise results.refusal(
            "analysis.unranked", year=year, why=original(error), remedy=phrase(_REMEDIES[kind])
        ) from None


# Each was tried: tests/analysis/test_remedies.py.
_REMEDIES = {
    "morris": "analysis.sweep_larger_or_grid",
    "sobol": "analysis.sweep_larger",
    "anova": "analysis.sweep_other_ranges",
    "cramer_von_mises": "analysis.sweep_larger_of_draws",
}


def _morris(results: Results, year: int) -> Ranking:
    counted = results.evidence(len(results.factors) + 1)
    figures, same = _figures(results, year, counted)
    moves = _moves(results, counted)
    found = morris(moves, figures, results.manifest["design"]["levels"])
    size = found.mu_star
    direction = _direction(found.mu, found.reach)
    sure = _sure(size.low, size.value)
    outputs = results.available(year)
    return Ranking("morris", year, outputs, size.value, size.low, size.high, sure, direction, same, counted, found)


def _moves(results: Results, counted: SweepEvidence) -> TrajectoryMoves:
    """The steps of the trajectories that count, read some members at a time."""
    found, rest = [], np.empty((0, len(results.factors)))
    for piece in results.pieces():
        rows = np.concatenate([rest, piece])
        whole = len(rows) // counted.unit * counted.unit
        found.append(moves_of(rows[:whole]))
        rest = rows[whole:]
    which = counted.first // counted.unit
    factor, sign = (np.concatenate([getattr(one, name) for one in found])[which] for name in ("factor", "sign"))
    return TrajectoryMoves(factor, sign, np.all([one.switches for one in found], axis=0))


def _sobol(results: Results, year: int) -> Ranking:
    second_order = results.manifest["design"]["second_order"]
    counted = results.evidence(rows_a_base_point(len(results.factors), second_order))
    figures, same = _figures(results, year, counted)
    found = sobol(figures, len(results.factors), second_order)
    one = found.total
    direction = _correlated(results, year)
    sure = _sure(np.where(np.isnan(one.low), one.value, one.low), one.value)
    outputs = results.available(year)
    return Ranking("sobol", year, outputs, one.value, one.low, one.high, sure, direction, same, counted, found)


def _anova(results: Results, year: int) -> Ranking:
    levels = _levels(results)
    counted = results.evidence()
    sizes = tuple(map(len, levels))
    if counted.used < prod(sizes):
        raise ValueError(phrase("analysis.few_combinations", used=counted.used, every=prod(sizes)))
    cells = np.argsort(cells_of(results.pieces(), levels)[counted.members], kind="stable")
    counted = counted.ordered(cells)
    figures, same = _figures(results, year, counted)
    found = variance_shares(figures, sizes)
    none = np.full_like(found.total, np.nan)
    sure = _sure(found.total, found.total)
    outputs = results.available(year)
    direction = _correlated(results, year)
    return Ranking("anova", year, outputs, found.total, none, none, sure, direction, same, counted, found)


def _levels(results: Results) -> list[Floats]:
    """The values that each factor of a grid takes."""
    found: list[Floats] = [np.empty(0)] * len(results.factors)
    for piece in results.pieces():
        found = [np.union1d(one, piece[:, place]) for place, one in enumerate(found)]
    return found


def _dependence(results: Results, year: int, between: Callable[[], None]) -> Ranking:
    counted = results.evidence(most=MOST)
    figures, same = _figures(results, year, counted)
    found = dependences(results.parameters(counted.members), figures, between)
    direction = _direction(found.direction, NORMAL / np.sqrt(found.used))
    outputs, sure = results.available(year), found.above_chance
    return Ranking(
        "cramer_von_mises", year, outputs, found.value, found.low, found.high, sure, direction, same, counted, found
    )


_OF_DESIGN: dict[str, Callable[[Results, int], Ranking]] = {"morris": _morris, "sobol": _sobol, "anova": _anova}


def _sure(low: Floats, value: Floats) -> NDArray[np.bool_]:
    """Where the whole interval is more than rounding, beside the heaviest factor on that output."""
    heaviest = np.nan_to_num(value).max(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(low > ROUNDING * heaviest)


def _figures(results: Results, year: int, counted: SweepEvidence) -> tuple[Floats, NDArray[np.bool_]]:
    """Figures of a year, and which outputs are the same in all members: those that differ by rounding alone too."""
    figures = results.figures(year, counted.members)
    if not len(figures):
        return figures, np.ones(figures.shape[1], bool)
    same = np.asarray(np.ptp(figures, axis=0) <= ROUNDING * np.abs(figures).max(axis=0))
    figures[:, same] = figures[0, same]
    return figures, same


def _correlated(results: Results, year: int) -> NDArray[np.int_]:
    """Directions by the rank correlation of a sample spread over the ranges."""
    sample = results.sample(MOST)
    found = rank_correlations(results.parameters(sample.members), _figures(results, year, sample)[0])
    return _direction(found, NORMAL / np.sqrt(max(sample.used, 1)))


def _direction(mean: Floats, reach: Floats | float) -> NDArray[np.int_]:
    """The sign of a mean that lies farther than `reach` from 0; 0 where there is none."""
    with np.errstate(invalid="ignore"):
        clear = np.abs(mean) > reach
    return np.where(clear, np.sign(np.nan_to_num(mean)), 0).astype(int)

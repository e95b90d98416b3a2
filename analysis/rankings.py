"""What matters in one year by the sweep's own method: a figure for each factor and output, with interval and direction.

A design of morris has mean effects, one of sobol total indices, all others δ (dependence.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model import DocumentError

from .dependence import MOST, Deltas, deltas, rank_correlations
from .results import Results
from .sensitivity import Estimate, MorrisEffects, SobolIndices, morris, sobol

Floats = NDArray[np.float64]

ENOUGH = 4 * MOST  # members read for δ, which leaves out those that failed
NORMAL = 1.96
ROUNDING = 1e-6  # of a figure: float32 columns have seven digits


@dataclass(frozen=True)
class Ranking:
    """A figure with its 95 % interval, each (factors, outputs), and the outputs that have figures that year.

    `kind` is 'morris' (mean size of the effect), 'sobol' (total index) or 'delta'. `sure` tells where the figure is
    more than chance. `direction` is 1 where more of the factor goes with more of the output, -1 where with less, 0
    where the 95 % interval of the mean effect (morris) or of the rank correlation (others) holds 0. `indices` has all
    that the method gives.
    """

    kind: str
    year: int
    outputs: tuple[str, ...]
    value: Floats
    low: Floats
    high: Floats
    sure: NDArray[np.bool_]
    direction: NDArray[np.int_]
    indices: MorrisEffects | SobolIndices | Deltas

    @property
    def relative(self) -> Floats:
        """The figure from 0 to 1: effects as parts of the largest on that output."""
        if self.kind != "morris":
            return np.clip(self.value, 0, 1)
        return self.value / np.maximum(np.nanmax(self.value, axis=0), 1e-300)


def kind_of(method: str) -> str:
    """The kind of ranking that a design's method allows."""
    return method if method in ("morris", "sobol") else "delta"


def rank(results: Results, year: int, between: Callable[[], None] = lambda: None) -> Ranking:
    """Rank the factors for every output of one year.

    Parameters
    ----------
    between
        As in ``dependence.deltas``, the one estimate that takes long.

    Raises DocumentError where too many members failed.
    """
    kind = kind_of(results.method)
    try:
        return _delta(results, year, between) if kind == "delta" else _OF_DESIGN[kind](results, year)
    except DocumentError:
        raise  # a part that cannot be read
    except ValueError as error:
        raise results.refusal(f"{year}: {error}", "Ask for more members, or for narrower ranges.") from None


def _morris(results: Results, year: int) -> Ranking:
    levels, seed = results.manifest["design"]["levels"], results.manifest["seed"]
    found = morris(results.parameters(), _figures(results, year), levels, seed)
    size, reach = found.mu_star, NORMAL * found.sigma / np.sqrt(found.used)
    direction = _direction(found.mu, reach)
    outputs = results.available(year)
    return Ranking("morris", year, outputs, size.value, size.low, size.high, _sure(size), direction, found)


def _sobol(results: Results, year: int) -> Ranking:
    figures, second_order = _figures(results, year), results.manifest["design"]["second_order"]
    found = sobol(figures, len(results.factors), second_order, results.manifest["seed"])
    one = found.total
    sample, seen = results.sample(results.parameters()), results.sample(figures)
    whole = np.isfinite(seen).all(axis=1)
    direction = _direction(rank_correlations(sample[whole], seen[whole]), NORMAL / np.sqrt(whole.sum()))
    outputs = results.available(year)
    return Ranking("sobol", year, outputs, one.value, one.low, one.high, _sure(one), direction, found)


def _delta(results: Results, year: int, between: Callable[[], None]) -> Ranking:
    found = deltas(results.parameters(ENOUGH), _figures(results, year, ENOUGH), results.manifest["seed"], between)
    direction = _direction(found.direction, NORMAL / np.sqrt(found.used))
    outputs = results.available(year)
    return Ranking("delta", year, outputs, found.value, found.low, found.high, found.above_chance, direction, found)


_OF_DESIGN: dict[str, Callable[[Results, int], Ranking]] = {"morris": _morris, "sobol": _sobol}


def _sure(found: Estimate) -> NDArray[np.bool_]:
    """Where the whole interval is more than rounding, beside the heaviest factor on that output."""
    heaviest = np.nan_to_num(found.value).max(axis=0)
    return np.asarray(found.low > ROUNDING * heaviest)


def _figures(results: Results, year: int, most: int | None = None) -> Floats:
    """Figures of a year; an output that differs between members by rounding alone does not vary."""
    figures = results.figures(year, most)
    whole: NDArray[np.bool_] = np.asarray(np.isfinite(figures).all(axis=1))
    if whole.any():
        seen = figures[whole]
        still = np.ptp(seen, axis=0) <= ROUNDING * np.abs(seen).max(axis=0)
        figures[:, still] = np.where(whole[:, None], seen[0, still], np.nan)
    return figures


def _direction(mean: Floats, reach: Floats | float) -> NDArray[np.int_]:
    """The sign of a mean that lies farther than `reach` from 0; 0 where there is none."""
    with np.errstate(invalid="ignore"):
        clear = np.abs(mean) > reach
    return np.where(clear, np.sign(np.nan_to_num(mean)), 0).astype(int)

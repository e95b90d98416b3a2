"""Where the spread of 2015 comes from: the variance of an indicator when only one block of constants varies.

The others are held at their medians. Blocks that no figure depends on are independent of all others, so that the shares
add up to one but for what blocks do together. Constants that figures depend on are tied to each other by the data and
vary together; their part is split by a linear regression on those that are learned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.engine import OnProgress, Progress
from innovation.scenarios import Scenario

from .futures import FAILED, HEADLINE, Future, futures
from .learning import learning

Floats = NDArray[np.float64]

LEARNED, UNLEARNED = "constants learned from data", "constants that figures depend on, not learned"
UNINFORMED = "constants that no figure depends on"
DRIFTS, ASSUMPTIONS = "drifts after 2010", "assumptions about the world outside"
DRIFT = "drift"  # every drift of the model file has the word in its name
LOW, HIGH = 5, 95


def blocks(basis: Basis) -> dict[str, tuple[str, ...]]:
    """Every uncertain constant in one of five blocks; drifts and assumptions where no figure depends on them."""
    found: dict[str, list[str]] = {LEARNED: [], UNLEARNED: [], UNINFORMED: [], DRIFTS: [], ASSUMPTIONS: []}
    for one in learning(basis):
        if not one.is_uninformed:
            found[LEARNED if one.is_learned else UNLEARNED].append(one.name)
        elif DRIFT in one.name.split("[")[0].split():
            found[DRIFTS].append(one.name)
        else:
            found[ASSUMPTIONS if basis.role(one.name) == "assumption" else UNINFORMED].append(one.name)
    return {block: tuple(names) for block, names in found.items()}


def spread_rows(basis: Basis, scenario: Scenario, on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each headline indicator and block: the variance at 2015 that the block alone makes, as a share of all.

    Of the city alone: what published figures stray by besides is told of the makeup of their bands. Raises
    TooManyFailed where too many draws fail.
    """
    plain = futures(basis.city, [scenario], basis.constants)[scenario.id]
    every = blocks(basis)
    shares: dict[str, Mapping[str, float]] = {}
    failed = plain.failed
    for block in (UNINFORMED, DRIFTS, ASSUMPTIONS):
        on_progress(Progress(block))
        alone = _alone(basis, scenario, every[block])
        shares[block] = {name: _part(alone.values[name], plain.values[name]) for name in HEADLINE}
        failed = max(failed, alone.failed)
    on_progress(Progress(LEARNED))
    alone = _alone(basis, scenario, (*every[LEARNED], *every[UNLEARNED]))
    names = basis.posterior.whole.names
    learned = basis.whole[alone.failures.kept][:, [names.index(name) for name in every[LEARNED]]]
    both = {
        name: (_part(alone.values[name], plain.values[name]), _explained(alone.values[name], learned))
        for name in HEADLINE
    }
    shares = {
        LEARNED: {name: part * explained for name, (part, explained) in both.items()},
        UNLEARNED: {name: part * (1 - explained) for name, (part, explained) in both.items()},
        **shares,
    }
    for name in HEADLINE:
        low, middle, high = np.percentile(plain.values[name], (LOW, 50, HIGH))
        for block, found in shares.items():
            yield {
                "scenario": scenario.id,
                "indicator": name,
                "block": block,
                "constants": len(every.get(block, ())),
                "share": float(found.get(name, np.nan)),
                "low": float(low),
                "median": float(middle),
                "high": float(high),
                FAILED: max(failed, alone.failed),
            }


def _alone(basis: Basis, scenario: Scenario, members: Sequence[str]) -> Future:
    """The years to the plan's end when only these coordinates vary, all others at their medians."""
    names = basis.posterior.whole.names
    held = np.tile(np.median(basis.whole, axis=0), (len(basis.z), 1))
    places = [names.index(name) for name in members]
    held[:, places] = basis.whole[:, places]
    return futures(basis.city, [scenario], basis.posterior.whole.to_constants(held))[scenario.id]


def _part(values: Floats, whole: Floats) -> float:
    return float(np.var(values) / np.var(whole))


def _explained(values: Floats, columns: Floats) -> float:
    """The share of the variance that a linear regression on columns (draws, n) explains, adjusted for their number."""
    design = np.column_stack([np.ones(len(values)), columns])
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    left, count = float(np.var(values - fitted) / np.var(values)), len(design)
    return float(np.clip(1 - left * (count - 1) / (count - design.shape[1]), 0, 1))

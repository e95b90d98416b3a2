"""Where the spread of 2015 comes from: how much of an indicator's variance goes when a block of constants is held.

A block is held at its medians, draw by draw the rest stays as it is. Blocks act together and are tied to each other by
the data, so the shares need not add up to one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from calibration.measurement import scaled, unscaled
from calibration.observations import Observation
from scenarios.schema import Scenario

from .basis import Basis
from .futures import HEADLINE, future
from .learning import learning
from .refits import Tell

Floats = NDArray[np.float64]

LEARNED, UNLEARNED = "constants learned from data", "constants not learned from data"
DRIFTS, ASSUMPTIONS = "drifts after 2010", "assumptions about the world outside"
MEASUREMENT = "errors of measurement"
DRIFT = "drift"  # every drift of the model file has the word in its name
LOW, HIGH = 5, 95


def blocks(basis: Basis) -> dict[str, tuple[str, ...]]:
    """Every uncertain constant in one of four blocks."""
    learned = {one.name for one in learning(basis) if one.is_learned}
    found: dict[str, list[str]] = {LEARNED: [], UNLEARNED: [], DRIFTS: [], ASSUMPTIONS: []}
    for name in basis.posterior.whole.names:
        is_drift = DRIFT in name.split("[")[0].split()
        kind = ASSUMPTIONS if basis.role(name) == "assumption" else LEARNED if name in learned else UNLEARNED
        found[DRIFTS if is_drift else kind].append(name)
    return {block: tuple(names) for block, names in found.items()}


def spread_rows(basis: Basis, scenario: Scenario, seed: int, tell: Tell) -> Iterator[dict[str, object]]:
    """A row for each headline indicator and block: the share of its variance at 2015 that goes with the block."""
    names = basis.posterior.whole.names
    plain = future(basis.city, scenario, basis.constants).values
    shares: dict[str, Mapping[str, float]] = {}
    for block, members in blocks(basis).items():
        tell(block)
        held = basis.whole.copy()
        places = [names.index(name) for name in members]
        held[:, places] = np.median(held[:, places], axis=0)
        values = future(basis.city, scenario, basis.posterior.whole.to_constants(held)).values
        shares[block] = {name: _gone(values[name], plain[name]) for name in HEADLINE}
    measured = _measured(basis, plain, np.random.default_rng(seed))
    shares[MEASUREMENT] = {name: _gone(plain[name], values) for name, values in measured.items()}
    for name in HEADLINE:
        low, middle, high = np.nanpercentile(plain[name], (LOW, 50, HIGH))
        for block, found in shares.items():
            yield {
                "scenario": scenario.id,
                "indicator": name,
                "block": block,
                "constants": len(blocks(basis).get(block, ())),
                "share": float(found.get(name, np.nan)),
                "low": float(low),
                "median": float(middle),
                "high": float(high),
            }


def _gone(held: Floats, plain: Floats) -> float:
    return float(1 - np.nanvar(held) / np.nanvar(plain))


def _measured(basis: Basis, plain: Mapping[str, Floats], random: np.random.Generator) -> dict[str, Floats]:
    """Values as they would be published, of indicators whose levels are in the record."""
    errors, found = basis.posterior.errors(basis.z), {}
    for name in HEADLINE:
        figure = _published_like(basis, name)
        if figure is not None:
            noise = errors.size(figure) * random.standard_normal(len(basis.z))
            found[name] = unscaled(figure, scaled(figure, plain[name]) + noise)
    return found


def _published_like(basis: Basis, indicator: str) -> Observation | None:
    """A counted level of the indicator, whose error a figure of 2015 would have too."""
    levels = (figure for figure in basis.counted if figure.of == indicator and figure.operator == "level")
    return next((figure for figure in levels if figure.error in ("log", "logit")), None)

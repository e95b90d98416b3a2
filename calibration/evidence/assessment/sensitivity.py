"""How much the headline chances rest on the priors: each prior made wider and narrower, and the chances weighed anew.

In standard coordinates a prior raised to the power 2 is one of 0.71 times the spread, to the power 1/2 of 1.41 times.
The draws of the constants in question are moved to where the changed posterior is expected, and weighed by what the
density there differs; for constants that no figure depends on the move alone is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.posterior.normal_approximation import approximate
from innovation.engine import OnProgress, Progress
from innovation.scenarios import Scenario

from .futures import AS_IS, ERRORS, FAILED, GROUP, HEADLINE, SINGLE, TOGETHER, Future, futures

Floats = NDArray[np.float64]

GROUP_SPREADS, SINGLE_SPREADS = (2**-0.5, 2**0.5), (0.5, 2.0)
SINGLES = 8  # constants whose priors are judgement alone, those that go most with the headline indicators
LEAST_LEFT = 1e-3  # of the precision of a changed normal


@dataclass(frozen=True)
class ReweightedDraws:
    """Draws under a changed prior: all constants, weights summing to one, and the effective number of draws."""

    constants: Mapping[str, Floats]
    weights: Floats

    @property
    def size(self) -> float:
        """How many equal draws these are worth: 1 / Σ w²."""
        return float(1 / (self.weights**2).sum())


def sensitivity_rows(
    basis: Basis, scenarios: Sequence[Scenario], on_progress: OnProgress
) -> Iterator[dict[str, object]]:
    """A row for each scenario, headline target and prior made wider or narrower: the chance and its effective size.

    Raises TooManyFailed where too many draws fail.
    """
    plain = futures(basis.city, scenarios, basis.constants)
    equal = np.full(len(basis.z), 1 / len(basis.z))
    for scenario in scenarios:
        yield from _rows(scenario.id, AS_IS, AS_IS, 1.0, plain[scenario.id], equal)
    cases = [(GROUP, name, members, spread) for name, members in groups(basis).items() for spread in GROUP_SPREADS]
    cases += [(SINGLE, name, (name,), s) for name in judged(basis, plain[scenarios[0].id]) for s in SINGLE_SPREADS]
    shape = posterior_shape(basis)
    for number, (kind, name, members, spread) in enumerate(cases):
        on_progress(Progress(f"{name}, spread times {spread:.2f}", number, len(cases)))
        changed = changed_prior(basis, members, spread, shape)
        for id, found in futures(basis.city, scenarios, changed.constants).items():
            yield from _rows(id, kind, name, spread, found, changed.weights)


def groups(basis: Basis) -> dict[str, tuple[str, ...]]:
    """Uncertain constants by the module of the model file they stand in, and the numbers of the measurement."""
    found: dict[str, list[str]] = {}
    for name in basis.posterior.whole.names:
        found.setdefault(basis.module(name), []).append(name)
    errors = {ERRORS: basis.posterior.measurement.names} if basis.posterior.measurement.names else {}
    return {**{module: tuple(names) for module, names in found.items()}, **errors}


def judged(basis: Basis, plain: Future, number: int = SINGLES) -> list[str]:
    """Constants whose prior is judgement and that go most with a headline indicator, by rank correlation."""
    names = basis.posterior.whole.names
    ranks = stats.rankdata(basis.whole[plain.failures.kept], axis=0)
    indicators = [plain.values[name] for name in HEADLINE if name in plain.values]
    most = np.zeros(len(names))
    for values in indicators:
        r = np.corrcoef(ranks.T, stats.rankdata(values))[-1, :-1]
        most = np.fmax(most, np.abs(r))
    order = [names[place] for place in np.argsort(-most) if basis.is_judged(names[place])]
    return order[:number]


def changed_prior(basis: Basis, names: Sequence[str], spread: float, shape: Floats | None = None) -> ReweightedDraws:
    """The draws when the priors of these coordinates have `spread` times their standard deviation.

    `shape` is the covariance of the learnable constants' posterior, roughly; None takes the normal approximation.
    """
    posterior, count = basis.posterior, basis.learnable
    z, uninformed = basis.z.copy(), basis.uninformed.copy()
    for place, name in enumerate(posterior.uninformed.names):
        if name in names:
            uninformed[:, place] *= spread
    chosen = np.array([name in names for name in posterior.names])
    if chosen[:count].any():
        shape = posterior_shape(basis) if shape is None else shape
        z[:, :count] = moved(z[:, :count], shape, chosen[:count], spread)
    for column in np.flatnonzero(chosen[count:]) + count:
        alone = z[:, [column]]
        z[:, [column]] = moved(alone, np.cov(alone.T).reshape(1, 1), np.array([True]), spread)
    weights = _weights(basis, z, chosen, spread)
    return ReweightedDraws(posterior.whole.to_constants(basis.joined(z, uninformed)), weights)


def posterior_shape(basis: Basis) -> Floats:
    """Covariance (learnable, learnable) of a normal like the posterior: smooth, where that of the draws is rough."""
    every = np.ones(len(basis.counted), bool)
    return approximate(basis.posterior, every, np.median(basis.z, axis=0))[1]


def moved(z: Floats, shape: Floats, chosen: NDArray[np.bool_], spread: float) -> Floats:
    """Draws (draws, n) moved as a normal of covariance `shape` moves, the shortest way, when some priors change."""
    change = np.where(chosen, 1 / spread**2 - 1, 0.0)
    precision = np.linalg.inv(shape)
    lowest = np.linalg.eigvalsh(precision + np.diag(change))[0]
    after = np.linalg.inv(precision + np.diag(change + max(LEAST_LEFT - lowest, 0.0)))
    root = _power(shape, 0.5)
    back = _power(shape, -0.5)
    along = back @ _power(root @ after @ root, 0.5) @ back
    mean = z.mean(axis=0)
    return np.asarray(after @ precision @ mean + (z - mean) @ along)


def _power(matrix: Floats, exponent: float) -> Floats:
    values, directions = np.linalg.eigh(matrix)
    return np.asarray((directions * values**exponent) @ directions.T)


def _weights(basis: Basis, moved: Floats, chosen: NDArray[np.bool_], spread: float) -> Floats:
    """Changed density at the moved draws over the density at the draws; the volume of the move is the same for all."""
    if not chosen.any():
        return np.full(len(moved), 1 / len(moved))
    posterior = basis.posterior
    before = posterior.log_likelihood(basis.z) - 0.5 * (basis.z[:, chosen] ** 2).sum(axis=1)
    after = posterior.log_likelihood(moved) - 0.5 * ((moved[:, chosen] / spread) ** 2).sum(axis=1)
    log_weights = np.where(np.isfinite(after), after - before, -np.inf)
    weights = np.exp(log_weights - log_weights.max())
    return np.asarray(weights / weights.sum())


def _rows(
    scenario: str, kind: str, name: str, spread: float, found: Future, weights: Floats
) -> Iterator[dict[str, object]]:
    own = found.of_kept(weights)
    size = float(1 / (own**2).sum())
    for target in (*HEADLINE, TOGETHER):
        if target in found.hits:
            yield {
                "scenario": scenario,
                "kind": kind,
                "prior": name,
                "spread": spread,
                "target": target,
                "chance": float(own[found.hits[target]].sum()),
                "size": size,
                FAILED: found.failed,
            }

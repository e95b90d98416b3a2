"""What other sets of priors change: figures and chances of 2015 from the same draws, weighed anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.priors.space import Space
from innovation.engine import OnProgress, Progress
from innovation.model import BLIND, CENTRED, DEFAULT_PRIORS, PRIOR_SETS, City, with_priors
from innovation.scenarios import Scenario

from .futures import FAILED, HEADLINE, futures

Floats = NDArray[np.float64]

REWEIGHED = tuple(name for name in PRIOR_SETS if name not in (BLIND, CENTRED))  # these would leave few draws
FIGURE, CHANCE = "figure", "chance"
EDGES = (0.05, 0.5, 0.95)


def sets_of(city: City) -> tuple[str, ...]:
    """A city's own priors, and the sets near enough to weigh draws anew in which a constant has another one."""
    others = [name for name in REWEIGHED if any(parameter.prior_of(name) for parameter in city.parameters.values())]
    return DEFAULT_PRIORS, *others


def prior_set_rows(basis: Basis, scenarios: Sequence[Scenario], on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row a set, scenario and headline figure (its percentiles) or target (its chance), with the effective draws.

    Raises TooManyFailed where too many draws fail.
    """
    for name in sets_of(basis.city):
        constants, weights = believed(basis, name)
        on_progress(Progress(f"priors {name}"))
        for id, found in futures(basis.city, scenarios, constants).items():
            left = found.of_kept(weights)
            size = float(1 / np.square(left).sum())
            own: dict[str, object] = {"priors": name, "scenario": id, "size": size, FAILED: found.failed}
            for indicator in (one for one in HEADLINE if one in found.values):
                low, middle, high = weighted_quantiles(found.values[indicator], left, EDGES)
                yield {**own, "kind": FIGURE, "of": indicator, "low": low, "middle": middle, "high": high, "chance": ""}
            for target, hits in found.hits.items():
                chance = float(left[hits].sum())
                yield {**own, "kind": CHANCE, "of": target, "low": "", "middle": "", "high": "", "chance": chance}


def believed(basis: Basis, name: str) -> tuple[dict[str, Floats], Floats]:
    """The draws as they would be under a set of priors: constants, and weights (draws,) that sum to one.

    What the record informs keeps its values and is weighed by the ratio of the two priors; what it does not is drawn
    from the new prior. Both are exact, but for the few draws that count where priors part far.
    """
    ours, theirs = basis.posterior.whole, Space(with_priors(basis.city, name))
    if theirs.names != ours.names:
        raise ValueError(f"The priors {name} draw other constants than those of the posterior.")
    values = dict(zip(ours.names, ours.values(basis.whole), strict=True))
    z = basis.whole.copy()
    changed = [one for one in basis.posterior.space.names if not ours.same_prior(theirs, one)]
    for one in changed:
        z[:, theirs.names.index(one)] = theirs.part([one]).positions({one: values[one]})[:, 0]
    log = theirs.part(changed).log_density(values) - ours.part(changed).log_density(values)
    weights = np.exp(log - log.max())
    return theirs.to_constants(z), weights / weights.sum()


def weighted_quantiles(values: Floats, weights: Floats, edges: Sequence[float]) -> list[float]:
    """Quantiles of values (draws,) with weights that sum to one."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return [float(values[order][np.searchsorted(reached, edge * reached[-1])]) for edge in edges]

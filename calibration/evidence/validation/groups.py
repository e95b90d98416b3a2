"""Leave one group out: what the other groups of figures and the priors say of a group that the fit has not seen.

Told under the city's own priors, and under the centred ones, which were written with the figures in view.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis, Floats
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import Observation
from innovation.engine import OnProgress, Progress
from innovation.model import CENTRED, DEFAULT_PRIORS, City, with_priors

from .refits import Refit, refit
from .scores import forecasts, log_mean, scores_of

PRIOR_DRAWS = 20_000
LEVELS = (0.5, 0.9)
FARTHEST = 3.0  # standard deviations of the other prior at which a chain may begin


def group_rows(basis: Basis, seed: int, on_progress: OnProgress) -> Iterator[dict[str, object]]:
    """A row for each set of priors and each figure of each group, scored without its group and by the prior.

    `score` and `prior_score` are those of the whole group together, the log of its density in the predictive
    distribution; `score_size` and `prior_score_size` how many draws they rest on. `log`, `crps` and `place` are of the
    figure alone, `prior_…` by the prior. Of a bound `place` is the chance that it holds, and there is no CRPS.
    """
    for name in sets_of(basis.city):
        for row in _rows(under(basis, name), seed, _of_set(on_progress, name)):
            yield {"priors": name, **row}


def sets_of(city: City) -> tuple[str, ...]:
    """The sets of priors under which groups are left out: the city's own, and the centred one where it has it."""
    has_centred = any(parameter.prior_of(CENTRED) for parameter in city.parameters.values())
    return (city.prior_set, CENTRED) if has_centred and city.prior_set == DEFAULT_PRIORS else (city.prior_set,)


def under(basis: Basis, name: str) -> Basis:
    """The same record and draws under another set of priors: the draws' constants in its coordinates.

    They are no draws of its posterior; chains begin at a normal found from their middle.
    """
    if name == basis.city.prior_set:
        return basis
    posterior = Posterior(with_priors(basis.city, name), basis.counted, basis.posterior.threads)
    ours, theirs = basis.posterior.whole, posterior.whole
    values = dict(zip(ours.names, ours.values(basis.whole), strict=True))
    moved = np.clip(theirs.positions(values), -FARTHEST, FARTHEST)

    def columns(names: tuple[str, ...]) -> Floats:
        return moved[:, [theirs.names.index(one) for one in names]]

    errors = basis.z[:, [basis.posterior.names.index(one) for one in posterior.measurement.names]]
    z = np.concatenate([columns(posterior.space.names), errors], axis=1)
    return Basis(posterior, z, columns(posterior.uninformed.names), basis.observations)


def _of_set(on_progress: OnProgress, name: str) -> OnProgress:
    """A listener that hears under which set of priors a step is done."""
    return lambda now: on_progress(replace(now, step=f"priors {name}, {now.step}"))


def _rows(basis: Basis, seed: int, on_progress: OnProgress) -> Iterator[dict[str, object]]:
    prior = basis.posterior.draw_prior(PRIOR_DRAWS, [seed, 1])
    prior_terms = basis.posterior.terms(prior)
    names = list(dict.fromkeys(figure.group for figure in basis.counted))
    for number, name in enumerate(names):
        left_out = np.array([figure.group == name for figure in basis.counted])
        on_progress(Progress(f"without {name}", number, len(names)))
        found = refit(basis, ~left_out, seed + number, on_progress=on_progress)
        score, size = log_mean(basis.posterior.terms(found.z)[left_out].sum(axis=0))
        prior_score, prior_size = log_mean(prior_terms[left_out].sum(axis=0))
        same = {
            "group": name,
            "score": score,
            "score_size": size,
            "prior_score": prior_score,
            "prior_score_size": prior_size,
            **fitted(found),
        }
        for figure, own, before in _scores(basis, found.z, prior, left_out):
            told = {f"prior_{what}": score for what, score in before.items()}
            yield {"figure": figure.id, "is_bound": int(figure.is_bound), **own, **told, **same}


def fitted(found: Refit) -> dict[str, object]:
    """What a row says of the refit it comes from."""
    return {"rhat": found.rhat, "size": found.size, "seconds": found.seconds}


def _scores(
    basis: Basis, z: Floats, prior: Floats, chosen: NDArray[np.bool_]
) -> Iterator[tuple[Observation, dict[str, float], dict[str, float]]]:
    posterior = basis.posterior
    own, before = (
        forecasts(posterior.measurement, posterior.figures(draws), posterior.errors(draws)) for draws in (z, prior)
    )
    for figure, one, other, is_chosen in zip(basis.counted, own, before, chosen, strict=True):
        if is_chosen:
            yield figure, scores_of(figure, one), scores_of(figure, other)

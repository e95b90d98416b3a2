"""Leave one group out: what the other groups of figures and the priors say of a group that the fit has not seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .basis import Basis, Floats
from .refits import Refit, Tell, refit
from .scores import forecasts, inside, log_mean, place

PRIOR_DRAWS = 20_000
LEVELS = (0.5, 0.9)


def group_rows(basis: Basis, seed: int, tell: Tell) -> Iterator[dict[str, object]]:
    """A row for each figure of each group, scored by the posterior without its group and by the prior.

    `score` and `prior_score` are those of the whole group together, the log of its density in the predictive
    distribution; `score_size` and `prior_score_size` how many draws they rest on. Of a bound `place` is the chance that
    it holds.
    """
    prior = basis.posterior.draw_prior(PRIOR_DRAWS, [seed, 1])
    prior_terms = basis.posterior.terms(prior)
    names = list(dict.fromkeys(figure.group for figure in basis.counted))
    for number, name in enumerate(names):
        left_out = np.array([figure.group == name for figure in basis.counted])
        tell(f"without {name} ({number + 1} of {len(names)})")
        found = refit(basis, ~left_out, seed + number, tell=tell)
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
        for figure, where, prior_where in _places(basis, found.z, prior, left_out):
            is_bound = figure.is_bound
            yield {"figure": figure.id, "is_bound": int(is_bound), "place": where, "prior_place": prior_where, **same}


def fitted(found: Refit) -> dict[str, object]:
    """What a row says of the refit it comes from."""
    return {"rhat": found.rhat, "size": found.size, "seconds": found.seconds}


def _places(basis: Basis, z: Floats, prior: Floats, chosen: np.ndarray):  # type: ignore[no-untyped-def]
    posterior = basis.posterior
    own, before = (
        forecasts(posterior.measurement, posterior.figures(draws), posterior.errors(draws)) for draws in (z, prior)
    )
    for figure, one, other, is_chosen in zip(basis.counted, own, before, chosen, strict=True):
        if is_chosen:
            yield figure, place(figure, one), place(figure, other)


def coverage(places: list[float]) -> str:
    """'7 and 12 of 12': how many places lie in the middle half and in the middle nine tenths."""
    return f"{inside(places, LEVELS[0])} and {inside(places, LEVELS[1])} of {len(places)}"

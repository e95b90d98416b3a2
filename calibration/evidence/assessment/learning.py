"""What the record teaches of each constant: how far its spread contracts, where it moves, what it is tied to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.priors.space import Space

Floats = NDArray[np.float64]

LEARNED = 0.10  # contraction below it: not learned from data
TIED = 0.5  # a correlation beyond it is a ridge
FAR = 1.5  # standard deviations of the prior that a median has moved
PERCENTS = (5, 50, 95)


@dataclass(frozen=True)
class LearnedConstant:
    """What is learned of one constant.

    `contraction` is 1 − variance of the posterior over variance of the prior, both in standard coordinates; `moved` the
    posterior median there (the prior's is 0, its standard deviation 1); `before`, `after` percentiles (PERCENTS) of its
    value, of a switch 0, the share of draws that are 1, and 1; `is_uninformed`: no figure depends on it at all.
    """

    name: str
    contraction: float
    moved: float
    before: Floats
    after: Floats
    is_uninformed: bool

    @property
    def is_learned(self) -> bool:
        """Whether the data say something of it."""
        return self.contraction >= LEARNED


@dataclass(frozen=True)
class Tied:
    """Two constants whose posterior values go together (r above 0) or against each other."""

    one: str
    other: str
    r: float


@dataclass(frozen=True)
class ErrorSize:
    """An error size or a persistence of errors: percentiles (PERCENTS) before and after the data."""

    name: str
    before: Floats
    after: Floats


def learned(space: Space, names: Sequence[str], z: Floats) -> list[LearnedConstant]:
    """Every constant of a space, those that contract most first; uninformed ones last, in the order of the space.

    Parameters
    ----------
    names
        What the first columns of `z` are, 'Name' or 'Name[element]'. A constant that is none of them is uninformed: its
        values after the data are those of its prior, a switch's the prior share, however a file of draws drew them.
    z
        Draws in standard coordinates, shape (draws, columns).
    """
    places = {name: place for place, name in enumerate(names)}
    known = space.part(name for name in space.names if name in places)
    own = z[:, [places[name] for name in known.names]]
    spread, contractions = np.percentile(own, PERCENTS, axis=0), 1 - own.var(axis=0, ddof=1)
    before, after = _ends(known), _ends(known, spread, own)
    found = [
        LearnedConstant(name, float(contractions[n]), float(spread[1, n]), before[n], after[n], False)
        for n, name in enumerate(known.names)
    ]
    found.sort(key=lambda learned: -learned.contraction)
    rest = space.part(name for name in space.names if name not in places)
    same = _ends(rest)
    return found + [LearnedConstant(name, 0.0, 0.0, same[n], same[n], True) for n, name in enumerate(rest.names)]


def _ends(space: Space, spread: Floats | None = None, z: Floats | None = None) -> Floats:
    """Values at PERCENTS of coordinates, shape (d, 3): of these and the draws z, or of the priors."""
    if not space.d:
        return np.empty((0, len(PERCENTS)))
    normal = np.array([[-1.6448536269514722], [0.0], [1.6448536269514722]])
    return space.with_shares(space.values(np.tile(normal, space.d) if spread is None else spread), z)


def learning(basis: Basis) -> list[LearnedConstant]:
    """What is `learned` of every uncertain constant."""
    return learned(basis.posterior.whole, basis.posterior.space.names, basis.z)


def ties(basis: Basis) -> list[Tied]:
    """Pairs of constants with a posterior correlation beyond TIED in standard coordinates, the strongest first."""
    names = basis.posterior.space.names
    r = np.atleast_2d(np.corrcoef(basis.z[:, : len(names)].T))
    places = zip(*np.nonzero(np.triu(np.abs(r) > TIED, 1)), strict=True)
    found = [Tied(names[one], names[other], float(r[one, other])) for one, other in places]
    return sorted(found, key=lambda tied: -abs(tied.r))


def moved_far(found: Sequence[LearnedConstant]) -> list[LearnedConstant]:
    """Constants whose posterior median lies beyond FAR standard deviations of the prior."""
    return sorted((one for one in found if abs(one.moved) > FAR), key=lambda one: -abs(one.moved))


def worth(found: Sequence[LearnedConstant]) -> float:
    """To how many constants known exactly the record amounts: the sum of contractions."""
    return sum(one.contraction for one in found)


def error_sizes(basis: Basis, seed: int, draws: int = 20_000) -> list[ErrorSize]:
    """Every error size and persistence that is estimated, before and after the data."""
    measurement = basis.posterior.measurement
    prior = np.random.default_rng(seed).standard_normal((draws, measurement.d))
    columns = []
    for errors in (measurement.errors(prior), basis.posterior.errors(basis.z)):
        sizes = {f"error size[{group},{size}]": values for (group, size), values in errors.sizes.items()}
        columns.append({**sizes, **{f"persistence of errors[{g}]": values for g, values in errors.persistence.items()}})
    before, after = columns
    return [
        ErrorSize(name, np.percentile(before[name], PERCENTS), np.percentile(after[name], PERCENTS))
        for name in measurement.names
    ]

"""Moves of emcee for several independent ensembles at once: one call of the log density takes them all.

While draws are kept, no move learns: each leaves the density itself invariant, whatever the density; only how fast
depends on what it learned in the warm-up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from emcee.moves import DEMove, Move
from emcee.state import State
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BEST_STEP = 2.38 / np.sqrt(2)  # times 1/sqrt(d): ter Braak and Vrugt (2008) for differences of two states
PART_SIZES = (1, 2, 4, 8, 16, 32)  # coordinates of a partial differential evolution
REFRESHED = (8, 32)  # directions of a refresh; or all
ACCEPTED = 0.3  # the share of proposals that a refresh is tuned to
GAIN = 0.5  # of the tuning, per step
LONGEST, SHORTEST = 1.0, 0.005
DEPENDENT = 0.2  # correlation, of values or squares, from which coordinates are drawn together
LARGEST_BLOCK = 5  # coordinates drawn together
BANDWIDTH = 0.4  # of the kernels, times Silverman's for a normal: a bent ridge is narrower than its spread
WIDE, WIDER = 0.1, 3.0  # share of kernels that are wider, so that no place is out of reach, and by how much


class PartialDE(DEMove):
    """Differential evolution of a random part of the coordinates.

    x moves to x + g B (a - b): a and b are two other states (ter Braak and Vrugt 2008), B leaves each coordinate in
    with chance p, g = 2.38 / sqrt(2 p d). B and p are drawn without regard to x, and (a, b) is as likely as (b, a), so
    the way back is as likely as the way there: the acceptance ratio is that of the densities.
    """

    def __init__(self) -> None:
        super().__init__(gamma0=1.0)

    def get_proposal(self, s: Floats, c: list[Floats], random: np.random.RandomState) -> tuple[Floats, Floats]:
        """Proposals, shape (walkers, d), for s given other states c, and the log ratios of their chances (0)."""
        whole, ratios = super().get_proposal(s, c, random)
        count, d = s.shape
        sizes = random.choice([size for size in PART_SIZES if size <= d], size=(count, 1))
        chosen = random.rand(count, d) * d < sizes
        return s + chosen * (BEST_STEP / np.sqrt(sizes)) * (whole - s), ratios


class FromPast(Move):
    """Differential evolution of emcee with the differences of an ensemble's own past, which stays as it is.

    Hence an ensemble needs no more walkers than twice its coordinates, as it does where they move by each other, and
    its walkers are independent of each other.

    Attributes
    ----------
    past
        Shape (ensembles, states, d).
    """

    def __init__(self, past: Floats) -> None:
        self._kinds = (DEMove(), PartialDE())
        self.past = past

    def propose(self, model: Any, state: State) -> tuple[State, NDArray[np.bool_]]:
        """The state after all walkers moved, and which did; coordinates have shape (ensembles * walkers, d)."""
        kind = self._kinds[model.random.randint(len(self._kinds))]
        kind.setup(state.coords)
        groups = np.split(state.coords, len(self.past))
        made = [kind.get_proposal(z, [past], model.random) for z, past in zip(groups, self.past, strict=True)]
        proposed, ratios = (np.concatenate(part) for part in zip(*made, strict=True))
        return _moved(self, model, state, proposed, ratios)


class Blocks(Move):
    """Draws a few coordinates that depend on each other anew, from a kernel density of the ensemble's own past.

    Where a posterior is bent, steps along straight lines must be short and its far ends are seldom reached; coordinates
    drawn together from where the ensemble has been reach them at once. Let B be such a block, chosen without regard to
    z, and q the mixture of normals around the past's values of B. z_B moves to a draw z'_B of q, whatever z_B was; the
    Metropolis-Hastings rule with log q(z_B) - log q(z'_B) leaves any density invariant. The past stays as it is.

    Attributes
    ----------
    past
        Shape (ensembles, states, d).
    near, counts
        Of each ensemble and coordinate the coordinates that depend on it most, itself first, (ensembles, d,
        LARGEST_BLOCK or d), and how many of them do, (ensembles, d).
    """

    def __init__(self, past: Floats) -> None:
        self.past = past
        size = min(LARGEST_BLOCK, past.shape[2])
        self.near = np.zeros((*past.shape[::2], size), int)
        self.counts = np.ones(past.shape[::2], int)
        self._kernels: dict[tuple[int, ...], tuple[Floats, Floats]] = {}
        self.fit(past, past)

    def fit(self, past: Floats, seen: Floats) -> None:
        """Take kernels around past (ensembles, states, d), and blocks by dependence in seen (ensembles, more, d)."""
        self.past, self._kernels = past, {}
        for place, z in enumerate(seen):
            found = _dependence(z)
            size = self.near.shape[2]
            self.near[place] = np.argsort(-found, axis=1, kind="stable")[:, :size]
            self.counts[place] = np.minimum((found > DEPENDENT).sum(axis=1), size)

    def propose(self, model: Any, state: State) -> tuple[State, NDArray[np.bool_]]:
        """The state after all walkers moved, and which did; coordinates have shape (ensembles * walkers, d)."""
        z = state.coords.reshape(len(self.past), -1, state.coords.shape[1])
        after, ratios = z.copy(), np.empty(z.shape[:2])
        for place, walkers in enumerate(z):
            block = self._block(place, model.random)
            root, centres = self._kernel(place, block)
            chosen = centres[model.random.randint(len(centres), size=len(walkers))]
            wide = np.where(model.random.rand(len(walkers)) < WIDE, WIDER, 1.0)[:, None]
            drawn = chosen + wide * model.random.standard_normal(chosen.shape)
            ratios[place] = _log_mixture(np.linalg.solve(root, walkers[:, block].T).T, centres)
            ratios[place] -= _log_mixture(drawn, centres)
            after[place][:, block] = drawn @ root.T
        return _moved(self, model, state, after.reshape(state.coords.shape), ratios.ravel())

    def _block(self, ensemble: int, random: np.random.RandomState) -> NDArray[np.intp]:
        """Some coordinate that another depends on, with so many of those nearest to it; any where none does."""
        counts = self.counts[ensemble]
        some = np.flatnonzero(counts > 1)
        first = random.choice(some) if len(some) else random.randint(len(counts))
        size = random.randint(2, counts[first] + 1) if counts[first] > 1 else 1
        return np.asarray(self.near[ensemble, first, :size])

    def _kernel(self, ensemble: int, block: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """The root of the kernels' covariance, and their centres in its units, (states, block)."""
        key = (ensemble, *block.tolist())
        if key not in self._kernels:
            past = self.past[ensemble][:, block]
            width = BANDWIDTH * len(past) ** (-1 / (len(block) + 4))
            root = np.linalg.cholesky(width**2 * np.atleast_2d(np.cov(past.T)) + 1e-12 * np.eye(len(block)))
            self._kernels[key] = root, np.linalg.solve(root, past.T).T
        return self._kernels[key]


class Refresh(Move):
    """Draws part of a walker's coordinates anew, along the principal directions of a normal fitted to its ensemble.

    Let y be the coordinates of z in the fitted normal N(m, V diag(s²) V'), z = m + V diag(s) y. Some directions S,
    drawn without regard to z, move by y' = sqrt(1 - b²) y + b e, e standard normal. Drawing y from N(0, 1) and moving
    it makes (y, y') jointly normal and alike in both, N(y) q(y'|y) = N(y') q(y|y'). Hence log q(y|y') - log q(y'|y) =
    (|y'|² - |y|²) / 2, and the Metropolis-Hastings rule with this ratio leaves any density invariant. A direction that
    the data do not inform costs no rejection where the normal has its prior.

    Attributes
    ----------
    middle, directions, sizes
        m, V and s of each ensemble: (ensembles, d), (ensembles, d, d), (ensembles, d).
    strides
        b for each ensemble and each number of directions, shape (ensembles, numbers).
    """

    def __init__(self, middle: Floats, covariance: Floats) -> None:
        self._parts = sorted({min(size, middle.shape[1]) for size in (*REFRESHED, middle.shape[1])})
        self._last = 0
        self.strides = np.full((len(middle), len(self._parts)), 0.3)
        self.middle, self.directions, self.sizes = middle, covariance, np.ones_like(middle)
        self.fit(middle, covariance)

    def fit(self, middle: Floats, covariance: Floats) -> None:
        """Take the normals of these means (ensembles, d) and covariances (ensembles, d, d)."""
        variances, self.directions = np.linalg.eigh(covariance)
        self.middle, self.sizes = middle, np.sqrt(np.maximum(variances, 1e-12))

    def propose(self, model: Any, state: State) -> tuple[State, NDArray[np.bool_]]:
        """The state after all walkers moved, and which did; coordinates have shape (ensembles * walkers, d)."""
        ensembles, d = self.middle.shape
        z = state.coords.reshape(ensembles, -1, d)
        self._last = model.random.randint(len(self._parts))
        chosen = model.random.permutation(d)[: self._parts[self._last]]
        along, sizes = self.directions[:, :, chosen], self.sizes[:, None, chosen]
        stride = self.strides[:, self._last, None, None]
        before = (z - self.middle[:, None]) @ along / sizes
        after = np.sqrt(1 - stride**2) * before + stride * model.random.standard_normal(before.shape)
        proposed = (z + ((after - before) * sizes) @ along.transpose(0, 2, 1)).reshape(-1, d)
        ratios = 0.5 * ((after**2).sum(axis=2) - (before**2).sum(axis=2)).ravel()
        return _moved(self, model, state, proposed, ratios)

    def tune(self, state: State, accepted: NDArray[np.bool_]) -> None:
        """Lengthen or shorten the stride of the last move; emcee calls it while the sampler warms up."""
        shares = accepted.reshape(len(self.middle), -1).mean(axis=1)
        longer = self.strides[:, self._last] * np.exp(GAIN * (shares - ACCEPTED))
        self.strides[:, self._last] = np.clip(longer, SHORTEST, LONGEST)


def _moved(move: Move, model: Any, state: State, proposed: Floats, ratios: Floats) -> tuple[State, NDArray[np.bool_]]:
    """The rule of Metropolis and Hastings for all walkers."""
    density, _ = model.compute_log_prob_fn(proposed)
    accepted = np.log(model.random.rand(len(ratios))) < ratios + density - state.log_prob
    return move.update(state, State(proposed, log_prob=density), accepted), accepted


def _dependence(z: Floats) -> Floats:
    """Largest correlation of two coordinates or their squares in z (states, d), shape (d, d); 2 with itself."""
    away = z - z.mean(axis=0)
    both = np.concatenate([away, away**2 - (away**2).mean(axis=0)], axis=1)
    both /= np.maximum(both.std(axis=0), 1e-12)
    d = z.shape[1]
    found = np.abs(both.T @ both) / len(z)
    largest = np.maximum.reduce([found[:d, :d], found[:d, d:], found[d:, :d], found[d:, d:]])
    np.fill_diagonal(largest, 2.0)
    return np.asarray(largest)


def _log_mixture(values: Floats, centres: Floats) -> Floats:
    """Log density but for a constant, at values (members, m), of normals around centres (states, m), some wider."""
    apart = (values**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1) - 2 * values @ centres.T
    apart = np.maximum(apart, 0)
    wide = WIDE / WIDER ** values.shape[1] * np.exp(-0.5 * apart / WIDER**2)
    return np.asarray(np.log(((1 - WIDE) * np.exp(-0.5 * apart) + wide).sum(axis=1) + 1e-300))

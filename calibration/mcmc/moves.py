"""Moves of emcee for several independent ensembles at once: one call of the log density takes them all.

While draws are kept, no move learns: each leaves the density itself invariant, whatever the density; only how fast
depends on what it learned in the warm-up.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np
from emcee.moves import DEMove, Move
from emcee.state import State
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Density = Callable[[Floats], Floats]

BEST_STEP = 2.38 / np.sqrt(2)  # times 1/sqrt(d): ter Braak and Vrugt (2008) for differences of two states
PART_SIZES = (1, 2, 4, 8, 16, 32)  # coordinates of a partial differential evolution
REFRESHED = (8, 32)  # directions of a refresh; or all
ACCEPTED = 0.3  # the share of proposals that a refresh is tuned to
GAIN = 0.5  # of the tuning, per step
LONGEST, SHORTEST = 1.0, 0.005
DEPENDENT = 0.15  # correlation, of values or squares, from which coordinates are drawn together
SIZES = (2, 4, 8)  # of blocks of them, the largest as large as the dependence goes
NEIGHBOURS = 40  # of a past state, whose spread around it gives its kernel
BANDWIDTH = 0.55  # of a kernel, times the spread of the neighbours
ROUNDED = 0.01  # of a kernel's variance at least, times that of all past states: no kernel is flat
TURNS = 16  # of coordinates without runs, in a step
TURNED, STRIDES = (1, 2, 4), (0.3, 1.0)  # coordinates that a turn moves, on average, and how far
WIDE, WIDER = 0.1, 3.0  # share of kernels that are wider, so that no place is out of reach, and by how much


@runtime_checkable
class DensityWithoutRuns(Protocol):
    """A log density of which some coordinates, the last, ask for no run of a model."""

    def __call__(self, z: Floats, /) -> Floats:
        """Log density, shape (members,), of z of shape (members, d)."""

    def without_runs(self, z: Floats, /) -> tuple[int, Density]:
        """Where these coordinates begin, and their log density beside the others of z."""


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
    drawn together from where the ensemble has been reach them at once. Each past state has a kernel as its neighbours
    lie around it, so that kernels follow a thin sheet where it bends. Let B be a block, chosen without regard to z, and
    q the mixture of kernels around the past's values of B. z_B moves to a draw z'_B of q, whatever z_B was; the
    Metropolis-Hastings rule with log q(z_B) - log q(z'_B) leaves any density invariant. The past stays as it is.

    Attributes
    ----------
    past
        Shape (ensembles, states, d).
    near, dependence
        Of each ensemble and coordinate the coordinates that depend on it most, itself first, and how much each does (2
        itself, 0 where too little), both (ensembles, d, max(SIZES) or d).
    """

    def __init__(self, past: Floats) -> None:
        self.past = past
        size = min(max(SIZES), past.shape[2])
        self.near = np.zeros((*past.shape[::2], size), int)
        self.dependence = np.zeros((*past.shape[::2], size))
        self._kernels: dict[tuple[int, ...], Kernels] = {}
        self.fit(past, past)

    def fit(self, past: Floats, seen: Floats) -> None:
        """Take kernels around past (ensembles, states, d), and blocks by dependence in seen (ensembles, more, d)."""
        self.past, self._kernels = past, {}
        for place, z in enumerate(seen):
            found = _dependence(z)
            near = np.argsort(-found, axis=1, kind="stable")[:, : self.near.shape[2]]
            of = np.take_along_axis(found, near, axis=1)
            self.near[place], self.dependence[place] = near, np.where(of > DEPENDENT, of, 0.0)

    def propose(self, model: Any, state: State) -> tuple[State, NDArray[np.bool_]]:
        """The state after all walkers moved, and which did; coordinates have shape (ensembles * walkers, d)."""
        z = state.coords.reshape(len(self.past), -1, state.coords.shape[1])
        after, ratios = z.copy(), np.empty(z.shape[:2])
        for place, walkers in enumerate(z):
            block = self._block(place, model.random)
            kernels = self._kernels_of(place, block)
            drawn = kernels.draw(len(walkers), model.random)
            ratios[place] = kernels.log_density(walkers[:, block]) - kernels.log_density(drawn)
            after[place][:, block] = drawn
        return _moved(self, model, state, after.reshape(state.coords.shape), ratios.ravel())

    def _block(self, ensemble: int, random: np.random.RandomState) -> NDArray[np.intp]:
        """Some coordinate, the likelier the more another depends on it, with so many of those nearest to it."""
        strongest = self.dependence[ensemble, :, 1] if self.near.shape[2] > 1 else np.zeros(1)
        if not strongest.any():
            return np.array([random.randint(self.past.shape[2])])
        first = random.choice(len(strongest), p=strongest / strongest.sum())
        count = np.count_nonzero(self.dependence[ensemble, first])
        size = random.choice(np.unique(np.minimum(SIZES, count)))
        return np.asarray(self.near[ensemble, first, : int(size)])

    def _kernels_of(self, ensemble: int, block: NDArray[np.intp]) -> Kernels:
        key = (ensemble, *block.tolist())
        if key not in self._kernels:
            self._kernels[key] = Kernels(self.past[ensemble][:, block])
        return self._kernels[key]


class Kernels:
    """A mixture of normals around states (states, m), each as its nearest neighbours lie around it, some wider."""

    def __init__(self, states: Floats) -> None:
        count, m = states.shape
        whole = np.atleast_2d(np.cov(states.T))
        alike = states / np.sqrt(np.diag(whole) + 1e-12)
        squares = (alike**2).sum(axis=1)
        apart = squares[:, None] + squares - 2 * alike @ alike.T
        near = np.argsort(apart, axis=1, kind="stable")[:, : min(NEIGHBOURS, count)]
        away = states[near] - states[:, None]
        local = away.transpose(0, 2, 1) @ away / near.shape[1]
        floor = ROUNDED * np.diag(np.diag(whole)) + 1e-12 * np.eye(m)
        self._states, self._roots = states, np.linalg.cholesky(BANDWIDTH**2 * (local + floor))
        inverse = np.linalg.inv(self._roots)
        self._whiten = inverse.reshape(count * m, m).T
        self._centres = np.einsum("kij,kj->ki", inverse, states).reshape(count * m)
        self._logs = -np.log(np.einsum("kii->ki", self._roots)).sum(axis=1)

    def draw(self, number: int, random: np.random.RandomState) -> Floats:
        """So many draws, shape (number, m)."""
        chosen = random.randint(len(self._states), size=number)
        wide = np.where(random.rand(number) < WIDE, WIDER, 1.0)[:, None]
        normal = wide * random.standard_normal((number, self._states.shape[1]))
        return np.asarray(self._states[chosen] + np.einsum("nij,nj->ni", self._roots[chosen], normal))

    def log_density(self, values: Floats) -> Floats:
        """Log density but for a constant, shape (members,), at values (members, m)."""
        count, m = self._states.shape
        away = (values @ self._whiten - self._centres).reshape(len(values), count, m)
        half = 0.5 * np.einsum("nki,nki->nk", away, away)
        broad = self._logs - half / WIDER**2
        highest = broad.max(axis=1, keepdims=True)
        narrow = (1 - WIDE) * np.exp(self._logs - half - highest)
        broad = WIDE / WIDER**m * np.exp(broad - highest)
        return np.asarray(highest[:, 0] + np.log((narrow + broad).sum(axis=1)))


class WithoutRuns(Move):
    """Draws coordinates behind which no run of a model stands anew, many times for a single run.

    A turn moves a few of them, chosen without regard to z, by z' = sqrt(1 - b²) z + b e, e standard normal, b one of
    STRIDES. The normal N(0, 1) is left invariant by that, so Metropolis' rule with the density over that of N(0, 1)
    leaves any density invariant. Nothing is learned.

    Attributes
    ----------
    density
        Its ``without_runs(z)`` gives where the coordinates begin, and their density beside the others of z.
    """

    def __init__(self, density: DensityWithoutRuns) -> None:
        self.density = density

    def propose(self, model: Any, state: State) -> tuple[State, NDArray[np.bool_]]:
        """The state after all turns, and which walkers moved; coordinates have shape (ensembles * walkers, d)."""
        first, density = self.density.without_runs(state.coords)
        now, height = state.coords[:, first:].copy(), state.log_prob.copy()
        moved = np.zeros(len(now), bool)
        for _ in range(TURNS):
            chosen = model.random.rand(*now.shape) * now.shape[1] < model.random.choice(TURNED, size=(len(now), 1))
            stride = chosen * model.random.choice(STRIDES, size=(len(now), 1))
            there = np.sqrt(1 - stride**2) * now + stride * model.random.standard_normal(now.shape)
            found = density(there)
            ratio = found - height + 0.5 * ((there**2).sum(axis=1) - (now**2).sum(axis=1))
            taken = np.log(model.random.rand(len(now))) < ratio
            now[taken], height[taken] = there[taken], found[taken]
            moved |= taken
        coordinates = np.concatenate([state.coords[:, :first], now], axis=1)
        return self.update(state, State(coordinates, log_prob=height), moved), moved


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

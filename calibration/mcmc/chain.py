"""The steps of the sampler: emcee's loop with the moves of moves.py, and what they learn while it warms up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import emcee
import numpy as np
from emcee.state import State
from numpy.typing import NDArray

from .moves import Blocks, DensityWithoutRuns, FromPast, Refresh, WithoutRuns
from .saved_state import SamplerError, Snapshot

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], Floats]

FITS = (1 / 8, 1 / 4, 1 / 2, 3 / 4)  # shares of the warm-up after which the moves learn from its later half so far
SEEN = 64  # populations of a whole warm-up that they learn from
PAST = 1024  # states of an ensemble's past: their differences make steps, and blocks are drawn around them
APART = 100  # steps after which a walker tells something new: a judgement from trials (docs/decisions/0006)
OF_REFRESH = ("middle", "directions", "sizes", "strides")
OF_BLOCKS = ("near", "dependence")
CHECKED = 64  # walkers whose density is computed again when a run goes on


@dataclass(frozen=True)
class Guess:
    """A normal for each ensemble, near which it begins and by which it moves until it has learned better.

    Attributes
    ----------
    middle
        Shape (ensembles, d).
    covariance
        Shape (d, d).
    """

    middle: Floats
    covariance: Floats

    def draw(self, number: int, width: float, random: np.random.Generator) -> Floats:
        """Draws of each normal made wider, shape (ensembles, number, d)."""
        normal = random.standard_normal((len(self.middle), number, self.middle.shape[1]))
        return self.middle[:, None] + width * normal @ np.linalg.cholesky(self.covariance).T


def beginning(log_density: LogDensity, start: Floats, past: Floats, seed: int) -> Snapshot:
    """The snapshot of a run that begins, from start (ensembles, walkers, d) and past (ensembles, states, d)."""
    coordinates = start.reshape(-1, start.shape[-1])
    density = np.asarray(log_density(coordinates), float)
    if not np.isfinite(density).all():
        raise SamplerError(f"{np.count_nonzero(~np.isfinite(density))} of {len(density)} starts have no density.")
    random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
    state = State(coordinates, log_prob=density, random_state=random.get_state())
    return {"done": np.array(0), "past": past, **_position(state)}


class Chain:
    """A population of ensembles that moves step by step.

    Parameters
    ----------
    snapshot
        Where to begin: that of ``beginning``, or one that a run left.
    warm_up
        Steps in which the moves learn.

    Attributes
    ----------
    done
        Steps since the beginning.
    """

    def __init__(self, log_density: LogDensity, snapshot: Snapshot, guess: Guess, warm_up: int) -> None:
        self._guess, self._warm_up = guess, warm_up
        self._refresh = Refresh(guess.middle, np.stack([guess.covariance] * len(guess.middle)))
        self._from_past = FromPast(snapshot["past"])
        count, d = snapshot["coordinates"].shape
        self._blocks = Blocks(snapshot["past"])
        moves = [(self._from_past, 1 / 3), (self._refresh, 1 / 3), (self._blocks, 1 / 3)]
        if isinstance(log_density, DensityWithoutRuns):
            moves.append((WithoutRuns(log_density), 1 / 3))  # emcee makes them sum to 1
        self._sampler = emcee.EnsembleSampler(count, d, log_density, moves=moves, vectorize=True)
        self._sampler.log_prob_fn = log_density  # its own wrapper prints all coordinates when a run is interrupted
        self.done = int(snapshot["done"])
        key, place = snapshot["key"], snapshot["place"]
        random_state = ("MT19937", key, int(place[0]), int(place[1]), place[2])
        self._state = State(snapshot["coordinates"], log_prob=snapshot["log density"], random_state=random_state)
        self._seen: list[Floats] = []
        if self.done:
            self._recall(log_density, snapshot)

    def advance(self, until: int) -> Iterator[State]:
        """The state after each step from here up to that one; the moves learn in the warm-up only."""
        for end in (min(until, self._warm_up), until):
            for state in self._sampler.sample(
                self._state,
                iterations=max(0, end - self.done),
                tune=self.done < self._warm_up,
                store=False,
                skip_initial_state_check=True,
            ):
                self._state = state
                self.done += 1
                self._learn()
                yield state

    def snapshot(self) -> Snapshot:
        """All that ``Chain`` needs to go on from here."""
        learned = {name: getattr(self._refresh, name) for name in OF_REFRESH}
        learned |= {name: getattr(self._blocks, name) for name in OF_BLOCKS}
        seen = np.array(self._seen).reshape(-1, *self._state.coords.shape)
        past = self._from_past.past
        return {"done": np.array(self.done), "past": past, "seen": seen, **_position(self._state), **learned}

    def _learn(self) -> None:
        fits = [round(share * self._warm_up) for share in FITS]
        if self.done > fits[-1]:
            self._seen = []
            return
        if self.done % max(1, self._warm_up // SEEN) == 0:
            self._seen.append(self._state.coords.copy())
        if self.done in fits and self._seen:
            self._fit(np.array(self._seen[len(self._seen) // 2 :]))

    def _fit(self, seen: Floats) -> None:
        """Moves after populations seen (…, ensembles * walkers, d), and after the guess while these are few."""
        ensembles, d = self._guess.middle.shape
        z = np.moveaxis(seen.reshape(len(seen), ensembles, -1, d), 0, 1).reshape(ensembles, -1, d)
        self._from_past.past = z[:, :: -(-z.shape[1] // PAST)]
        self._blocks.fit(self._from_past.past, z)
        told = z.shape[1] / len(seen) * self.done / 2 / APART
        share = told / (told + d)
        middle = share * z.mean(axis=1) + (1 - share) * self._guess.middle
        away = z - z.mean(axis=1, keepdims=True)
        covariance = away.transpose(0, 2, 1) @ away / z.shape[1]
        self._refresh.fit(middle, share * covariance + (1 - share) * self._guess.covariance)

    def _recall(self, log_density: LogDensity, snapshot: Snapshot) -> None:
        self._seen = list(snapshot["seen"])
        for name in OF_REFRESH:
            setattr(self._refresh, name, snapshot[name])
        for name in OF_BLOCKS:
            setattr(self._blocks, name, snapshot[name])
        again = log_density(self._state.coords[:CHECKED])
        if not np.allclose(again, self._state.log_prob[:CHECKED], rtol=1e-9, atol=1e-6):
            raise SamplerError("The log density is not that of the run to go on from: model or data have changed.")


def _position(state: State) -> Snapshot:
    """Where the walkers and the random numbers are, as arrays."""
    _, key, *place = state.random_state
    return {
        "coordinates": state.coords,
        "log density": state.log_prob,
        "key": key,
        "place": np.array(place, float),
    }

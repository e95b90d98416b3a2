"""Draws from a density known up to a factor: several independent ensembles of walkers.

The steps are emcee's, with moves of its Move interface (chain.py, moves.py). A run can be killed at any moment: from
its state file it goes on to the same draws, bit for bit, on the same machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.engine import OnProgress, Progress

from .chain import PAST, Chain, Guess, LogDensity, beginning
from .moves import DensityWithoutRuns
from .saved_state import Keeper, SamplerError, digest

Floats = NDArray[np.float64]

ENSEMBLES = 4
WALKERS = 64  # of an ensemble: enough for the engine to be fast, few enough to go far
KEPT = 100  # populations kept of each ensemble and block, evenly spread over its steps
WIDTH = 1.5  # of the starts, times the guess: wider than the posterior is likely to be
ROUNDS = 100  # of drawing a start anew where the density is nothing
TELL_SECONDS, SAVE_SECONDS = 1.0, 20.0
MOVES = 3  # the edition of the moves of any density: a state file of another cannot be gone on with


@dataclass(frozen=True)
class EnsembleDraws:
    """What the ensembles drew after their warm-up.

    Attributes
    ----------
    z
        Shape (ensembles, kept, walkers, d): populations in the order in which they were drawn.
    log_density
        Of each draw, shape (ensembles, kept, walkers).
    evaluations
        Calls of the density for one member, warm-up included.
    seed
        Of the run.
    """

    z: Floats
    log_density: Floats
    evaluations: int
    seed: int

    @property
    def pooled(self) -> Floats:
        """All draws, shape (ensembles * kept * walkers, d)."""
        return self.z.reshape(-1, self.z.shape[-1])

    def pick(self, number: int, seed: int) -> Floats:
        """Different draws at random, shape (number, d), as many from each ensemble as can be; in random order."""
        pooled = self.z.reshape(len(self.z), -1, self.z.shape[-1])
        if number > pooled.shape[0] * pooled.shape[1]:
            raise ValueError(f"{number} draws are wanted, {pooled.shape[0] * pooled.shape[1]} were kept.")
        random = np.random.default_rng(seed)
        places = np.stack([random.permutation(pooled.shape[1]) for _ in pooled])
        rounds, turns = np.divmod(np.arange(number), len(pooled))
        return random.permutation(pooled[turns, places[turns, rounds]])


def prior_guess(d: int, ensembles: int, seed: int) -> Guess:
    """Normals as wide as the prior N(0, 1), each around a draw from it."""
    return Guess(np.random.default_rng(seed).standard_normal((ensembles, d)), np.eye(d))


def sample(
    log_density: LogDensity,
    d: int,
    *,
    guess: Guess | None = None,
    start: Floats | None = None,
    ensembles: int = ENSEMBLES,
    walkers: int = WALKERS,
    warm_up: int,
    steps: int,
    blocks: int = 1,
    enough: Callable[[Floats], bool] | None = None,
    keep: int = KEPT,
    seed: int,
    on_progress: OnProgress | None = None,
    state_file: Path | None = None,
) -> EnsembleDraws:
    """Draw from exp(log_density) in d coordinates that are of the order of 1, as N(0, 1) is.

    A step moves every walker once: by differential evolution of all coordinates (emcee's DEMove) or of a part of them,
    by a refresh along the directions of a normal, or by drawing a few coordinates that depend on each other anew from
    where the ensemble has been; a density that offers it (``moves.DensityWithoutRuns``) has the coordinates that ask
    for no run drawn anew many times for one. The moves learn in the warm-up, whose draws are not kept, and stay as they
    are afterwards.

    Parameters
    ----------
    log_density
        From z of shape (members, d) to the log density (members,), up to a constant; minus infinity where it is 0.
    guess
        Where the ensembles begin, and how they move at first; None takes ``prior_guess``.
    start
        Shape (ensembles, walkers, d); None draws it from the guess, 1.5 times as wide.
    walkers
        Of each ensemble.
    warm_up, steps, blocks
        Steps of the warm-up and of each of at most so many blocks after it.
    enough
        Asked after each block with all z kept so far, (ensembles, kept, walkers, d), whether these will do.
    keep
        Populations to keep of each ensemble and block, evenly spread over its steps.
    on_progress
        Told now and then of the drawing: steps done, steps at most, and seconds left if it comes to that.
    state_file
        Where the run writes how far it is, with its draws beside it in NAME.draws. A file of the same run is gone on
        from; one of another run is refused. Delete both to begin anew.

    Raises
    ------
    SamplerError
        Where the state file belongs to another run or density, or where a start has no density.
    """
    guess = prior_guess(d, ensembles, seed) if guess is None else guess
    random = np.random.default_rng([seed, 1])
    past = guess.draw(PAST, WIDTH, random)
    start = _starts(log_density, guess, walkers, random) if start is None else start
    if start.shape != (ensembles, walkers, d) or guess.middle.shape != (ensembles, d):
        raise ValueError(f"start {start.shape} and middles {guess.middle.shape} are not of {(ensembles, walkers, d)}.")
    thin = max(1, steps // keep)
    each = steps // thin
    settings = {
        "d": d,
        "walkers": walkers,
        "steps": steps,
        "blocks": blocks,
        "warm-up": warm_up,
        "every": thin,
        "moves": MOVES,
        "without runs": isinstance(log_density, DensityWithoutRuns),
        "seed": seed,
        "start": digest(start),
    }
    keeper = Keeper(state_file, settings, (blocks * each, ensembles, walkers, d + 1))
    first = keeper.snapshot or beginning(log_density, start, past, seed)
    chain = Chain(log_density, first, guess, warm_up)
    clock = _Clock(chain.done, warm_up + blocks * steps, on_progress)
    for block in range(blocks):
        end = warm_up + (block + 1) * steps
        if chain.done > end:
            continue  # judged before the run was killed, and found too little
        for state in chain.advance(end):
            place, off = divmod(chain.done - warm_up - block * steps, thin)
            if 0 < place <= each and off == 0:
                keeper.keep(block * each + place - 1, state.coords, state.log_prob)
            if clock.is_time_to_save(chain.done):
                keeper.save(chain.snapshot())
        keeper.save(chain.snapshot())
        z, density = keeper.draws((block + 1) * each)
        if enough is not None and enough(z):
            break
    return EnsembleDraws(z, density, evaluations=ensembles * walkers * (1 + chain.done), seed=seed)


def _starts(log_density: LogDensity, guess: Guess, walkers: int, random: np.random.Generator) -> Floats:
    """Draws of the guess made wider, shape (ensembles, walkers, d), all where the density is not nothing."""
    starts = guess.draw(walkers, WIDTH, random)
    for _ in range(ROUNDS):
        void = ~np.isfinite(log_density(starts.reshape(-1, starts.shape[-1]))).reshape(starts.shape[:2])
        if not void.any():
            return starts
        starts[void] = guess.draw(walkers, WIDTH, random)[void]
    raise SamplerError(
        f"{int(void.sum())} of {void.size} walkers found no start with a density in {ROUNDS} tries.\n"
        "Most of the prior makes runs fail: mend the model or narrow the priors that do."
    )


class _Clock:
    """Says how far a run is, and when to write that down."""

    def __init__(self, done: int, total: int, on_progress: OnProgress | None) -> None:
        self._first, self._total, self._on_progress = done, total, on_progress
        self._begin = self._told = self._saved = time.monotonic()

    def is_time_to_save(self, done: int) -> bool:
        """Tell the listener, at most once a second, and answer whether the last save is long ago."""
        now = time.monotonic()
        if self._on_progress is not None and (now - self._told > TELL_SECONDS or done == self._total):
            self._told = now
            left = (self._total - done) * (now - self._begin) / (done - self._first)
            self._on_progress(Progress("drawing", done, self._total, seconds_left=left))
        if now - self._saved < SAVE_SECONDS:
            return False
        self._saved = now
        return True

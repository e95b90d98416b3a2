"""Simulation-based calibration: truths from the prior, a record simulated for each, and a fit of it that converges."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.posterior.likelihood import Posterior
from innovation.engine import OnProgress

from .kept import SHORT as LETTERS
from .kept import Row
from .ranks import coverage, histogram, ranks_of
from .short import SHORT, SamplerEffort, short_fit

Floats = NDArray[np.float64]

DRAWS = 500  # of each posterior, among which the truth has its rank
TRIES = 100  # truths drawn for a data set until one runs
LEVELS = (0.5, 0.9)
BINS, BINS_OF_ONE = 10, 5  # of a class of quantities, and of one
CONVERGED, YES = "converged", "yes"
WENT = ("data set", CONVERGED, "truths that failed", "seconds", "steps", "rhat", "bulk", "tail")
DIGITS = 6  # of a coordinate, in the hash of what was drawn
CLASSES = {"constant": "constants", "error": "errors of figures", "figure": "figures"}


@dataclass(frozen=True)
class Truth:
    """A truth that runs, its record's posterior, and how many truths before it did not run."""

    z: Floats
    posterior: Posterior
    failed: int


def simulate(posterior: Posterior, number: int, seed: int) -> Truth:
    """The truth and the record of a data set; the same number and seed give the same."""
    random = np.random.default_rng([seed, number])
    for failed in range(TRIES):
        z = random.standard_normal(posterior.d)  # as `truths` says
        if np.isfinite(posterior.figures(z[None])).all():
            return Truth(z, posterior.given(posterior.simulated(z, random)), failed)
    raise ValueError(f"{TRIES} truths from the prior failed to run: mend the model or the priors.")


def truths(d: int, number: int, seed: int, count: int) -> Floats:
    """The first truths drawn for a data set, shape (count, d); the last of them ran where those before it failed."""
    return np.random.default_rng([seed, number]).standard_normal((count, d))


def drawn_hash(z: Floats) -> str:
    """A short hash of coordinates to DIGITS digits."""
    return hashlib.sha256(np.ascontiguousarray(np.round(z, DIGITS) + 0.0).tobytes()).hexdigest()[:LETTERS]


def try_simulated(
    posterior: Posterior, number: int, seed: int, effort: SamplerEffort = SHORT, on_progress: OnProgress | None = None
) -> dict[str, object]:
    """Fit one data set: whether that converged and how it went, and the rank of the truth by quantity.

    Quantities are the coordinates ("constant …", "error …") and what the record observes, without its errors
    ("figure GROUP: NAME").
    """
    truth = simulate(posterior, number, seed)
    found = short_fit(truth.posterior, 1000 * seed + number, effort, on_progress)
    z = found.draws.pick(DRAWS, seed)
    figures = truth.posterior.figures(np.concatenate([truth.z[None], z])).T
    places = enumerate(posterior.names)
    names = [f"{'error' if place >= posterior.space.d else 'constant'} {name}" for place, name in places]
    names += [f"figure {figure.group}: {figure.id}" for figure in posterior.observations]
    ranks = np.concatenate([ranks_of(truth.z, z), ranks_of(figures[0], figures[1:])])
    return {
        "data set": number,
        CONVERGED: YES if found.converged else "no",
        "truths that failed": truth.failed,
        "seconds": round(found.seconds, 1),
        "steps": found.steps,
        "rhat": round(float(found.quality.rhat.max()), 4),
        "bulk": round(float(found.quality.bulk.min())),
        "tail": round(float(found.quality.tail.min())),
        "truth hash": drawn_hash(truth.z),
        "draws hash": drawn_hash(z),
        **dict(zip(names, np.round(ranks, 4).tolist(), strict=True)),
    }


def converged(rows: Sequence[Row]) -> list[Row]:
    """Rows whose fit converged: the only ones whose ranks say anything."""
    return [row for row in rows if row[CONVERGED] == YES]


def summary(rows: Sequence[Row]) -> Iterator[dict[str, object]]:
    """Coverage and rank histograms of classes of quantities and of groups of figures, and of each quantity.

    Of rows whose fit converged; nothing where none did.
    """
    rows = converged(rows)
    if not rows:
        return
    names = [name for name in rows[0] if name.split()[0] in CLASSES]
    ranks = np.array([[row[name] for name in names] for row in rows], float)
    for label, chosen in _classes(names):
        if chosen:
            yield _row(label, ranks[:, chosen], BINS)
    for place, name in enumerate(names):
        yield _row(name, ranks[:, [place]], BINS_OF_ONE)


def _classes(names: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Constants, errors and figures, then figures by group: what each is called, and the places of its quantities."""
    for kind, text in CLASSES.items():
        yield f"all {text}", [place for place, name in enumerate(names) if name.split()[0] == kind]
    for group in dict.fromkeys(name.split(":")[0] for name in names if name.startswith("figure ")):
        yield f"all of {group}", [place for place, name in enumerate(names) if name.startswith(f"{group}:")]


def _row(label: str, ranks: Floats, bins: int) -> dict[str, object]:
    counts, chance = histogram(ranks, bins)
    found: dict[str, object] = {"of": label, "data sets": len(ranks), "quantities": ranks.shape[1]}
    for level in LEVELS:
        share, error = coverage(ranks, level)
        found[f"inside {level:.0%}"], found[f"error {level:.0%}"] = round(share, 3), round(error, 3)
    # Ranks of different quantities depend on each other: a chance is told of one quantity alone.
    found["ranks"] = " ".join(map(str, counts))
    found["chance"] = round(chance, 4) if ranks.shape[1] == 1 else ""
    return found

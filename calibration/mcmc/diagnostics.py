"""Whether draws may be trusted: do independent ensembles agree, and how many draws are they worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

LARGEST_RHAT = 1.01
LEAST_SIZE = 400.0
LEAST_ENSEMBLES = 4
LEAST_KEPT = 20
EARLY = 0.7  # share of the way to a limit at which a run may stop
MOST_TIMES = 5
TAILS = (0.05, 0.95)
STILL = 0.1  # share of an ensemble's populations that may be those before them: more, and it stood still
NAMED = 3  # coordinates that a refusal names


@dataclass(frozen=True)
class Quality:
    """How well independent ensembles agree, coordinate by coordinate; arrays of shape (d,).

    Attributes
    ----------
    rhat
        Rank-normalised split R-hat, the larger of that of the values and of their distances from the median.
    bulk, tail
        Effective numbers of draws for the middle, and for the worse of the 5 and 95 % quantiles.
    ensembles, kept
        How many ensembles there are, and populations kept of each.
    still
        Where an ensemble stood still for more than STILL of its populations, or a walker through all of them.
    """

    names: tuple[str, ...]
    rhat: Floats
    bulk: Floats
    tail: Floats
    ensembles: int
    kept: int
    still: NDArray[np.bool_]

    @property
    def good_enough(self) -> bool:
        """Whether a run may stop here: well inside the limits, as they are looked at more than once."""
        sizes = np.min([self.bulk, self.tail])  # not a number where one is none
        return bool(
            not self.still.any() and self.rhat.max() < 1 + EARLY * (LARGEST_RHAT - 1) and sizes >= LEAST_SIZE / EARLY
        )


def quality(z: Floats, names: Sequence[str] | None = None) -> Quality:
    """R-hat and effective sizes (Vehtari and others 2021) over ensembles, never over the walkers of one.

    The chain of an ensemble is all it drew in order of time, so that R-hat compares ensembles, and the first half of
    each with its second. Walkers of an ensemble may depend on each other, so the effective size comes from the series
    of ensemble means: if S is the effective number of means, each of variance V, then draws of variance v tell as much
    of the mean as S v / V independent ones.

    Parameters
    ----------
    z
        Shape (ensembles, kept, walkers, d), at least four kept.
    names
        Of the coordinates; numbers where none are given.
    """
    ensembles, kept, _, d = z.shape
    found = np.empty((3, d))
    for place in range(d):
        values = z[..., place]
        ranks = stats.rankdata(values).reshape(values.shape)
        normal = stats.norm.ppf((ranks - 0.375) / (ranks.size + 0.25))
        tails = [effective_size((values <= np.quantile(values, tail)).astype(float)) for tail in TAILS]
        with np.errstate(divide="ignore", invalid="ignore"):  # of what stands still
            rhat = array_stats.rhat(values.reshape(ensembles, -1), chain_axis=0, draw_axis=1, method="rank")
        found[:, place] = float(rhat), effective_size(normal), np.min(tails)
    told = tuple(map(str, range(d))) if names is None else tuple(names)
    return Quality(told, found[0], found[1], found[2], ensembles, kept, _still(z))


def _still(z: Floats) -> NDArray[np.bool_]:
    """Which coordinates of (ensembles, kept, walkers, d) stood still in an ensemble or a walker, shape (d,)."""
    alike = z[:, 1:] == z[:, :-1]
    populations = alike.all(axis=2).mean(axis=1) > STILL
    return np.asarray(populations.any(axis=0) | alike.all(axis=1).any(axis=(0, 1)))


def effective_size(values: Floats) -> float:
    """Independent draws worth as much as these, shape (ensembles, kept, walkers), for the mean; NaN of a constant."""
    means = values.mean(axis=2)
    half = means.shape[1] // 2
    chains = np.concatenate([means[:, :half], means[:, -half:]])
    variance = chains.var(axis=1).mean() + chains.mean(axis=1).var(ddof=1)  # that in whose units `ess` counts
    if variance == 0:
        return np.nan
    size = float(array_stats.ess(chains, chain_axis=0, draw_axis=1, method="identity"))
    return size * float(values.var() / variance)


def deviation_errors(z: Floats) -> Floats:
    """Standard errors of the standard deviations of draws z (ensembles, kept, walkers, d), as shares of them, (d,).

    By the effective number of draws for squares of distances from the mean.
    """
    squares = (z - z.mean(axis=(0, 1, 2))) ** 2
    spread = squares.std(axis=(0, 1, 2)) / squares.mean(axis=(0, 1, 2))
    sizes = np.array([effective_size(squares[..., place]) for place in range(z.shape[-1])])
    return np.asarray(spread / (2 * np.sqrt(sizes)))


def refusal(found: Quality) -> str | None:
    """Why draws of this quality must not be used and what to do about it, or None where they may be."""
    if found.ensembles < LEAST_ENSEMBLES:
        return f"{found.ensembles} ensembles cannot show that they agree. Sample with {LEAST_ENSEMBLES} or more."
    if found.kept < LEAST_KEPT:
        return f"{found.kept} populations kept of each ensemble are too few to judge. Keep {LEAST_KEPT} or more."
    faults = [
        _stuck(found),
        _worst("R-hat of {count} coordinates is {limit} or more", found.rhat, found.names, -1, LARGEST_RHAT),
        _worst("the effective size of the bulk of {count} is below {limit}", found.bulk, found.names, 1, LEAST_SIZE),
        _worst("the effective size of the tails of {count} is below {limit}", found.tail, found.names, 1, LEAST_SIZE),
    ]
    told = [fault for fault in faults if fault]
    if not told:
        return None
    return "The draws are not good enough to save:\n" + "\n".join(told) + "\n" + _remedy(found)


def _stuck(found: Quality) -> str:
    """Which coordinates stood still, or have no number because too much of them is one value; '' where none is."""
    still = found.still | np.isnan([found.rhat, found.bulk, found.tail]).any(axis=0)
    named = [name for name, stands in zip(found.names, still, strict=True) if stands]
    if not named:
        return ""
    more = ", …" if len(named) > NAMED else ""
    return f"  the sampler stood still, in whole or in part, in {len(named)}: {', '.join(named[:NAMED])}{more}"


def _worst(text: str, values: Floats, names: Sequence[str], sign: int, limit: float) -> str:
    """What is on the wrong side of a limit, the worst first; '' where nothing is. What is no number is told apart."""
    good = (values < limit if sign < 0 else values >= limit) | np.isnan(values)
    wrong = [place for place in np.argsort(sign * values) if not good[place]]
    if not wrong:
        return ""
    shown = ", ".join(f"{names[place]} ({values[place]:.4g})" for place in wrong[:NAMED])
    return f"  {text.format(count=len(wrong), limit=f'{limit:g}')}: {shown}{', …' if len(wrong) > NAMED else ''}"


def _remedy(found: Quality) -> str:
    """More steps, by how many; or a look at the structure where steps would not do."""
    excess = np.max(found.rhat**2 - 1) / (LARGEST_RHAT**2 - 1)
    short = LEAST_SIZE / np.min([found.bulk, found.tail])
    times = int(np.ceil(max(excess, short) * 1.2)) if np.isfinite([excess, short]).all() else 99
    if times <= MOST_TIMES:
        return f"Sample with about {max(times, 2)} times the steps (of the warm-up too)."
    return (
        "More steps alone will hardly do: the ensembles stand in different places, or still. Look at the spread of "
        "optima, at these constants together (a ridge, or two modes), and mend the structure or the priors that leave "
        "them open."
    )

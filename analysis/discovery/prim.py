"""Scenario discovery: the box of factors' values in which an outcome mostly happens (PRIM), and its rule in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from innovation.scenarios.simulation import percent_text

Floats = NDArray[np.float64]
Hits = NDArray[np.bool_]

PEEL = 0.05  # part of the box that one step takes away (Friedman and Fisher, 1999, advise patience)
LEAST_MASS = 0.05  # part of all members that a box holds at least
BETWEEN = 0.5  # the limit of a switch, which is 0 or 1
CHANCE = 0.05  # quasi-p-value above which a limit goes (Bryant and Lempert, 2010)
LEAST, MOST = 100, 10_000  # members looked at


@dataclass(frozen=True)
class Limit:
    """One side of a box: values of a factor above (or below) `value`; `p` its quasi-p-value."""

    factor: str
    above: bool
    value: float
    p: float


@dataclass(frozen=True)
class ScenarioBox:
    """Where an outcome happens.

    `coverage` is the part of all hits that lie in the box, `density` the part of the box's members that are hits,
    `mass` the part of all members in it, `share` the part of all members that are hits.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    share: float


def find_box(parameters: Floats, hits: Hits, factors: Sequence[str]) -> ScenarioBox:
    """Peel and paste (Friedman and Fisher, 1999); of the boxes on the way that with the best coverage and density.

    Best is the largest harmonic mean of both: a judgement. Limits whose quasi-p-value is above 5 % are taken off again
    (Bryant and Lempert, 2010).

    Parameters
    ----------
    parameters
        Shape (members, factors), without NaN.
    hits
        Which members have the outcome; shape (members,).

    Raises ValueError where all members have it, or none.
    """
    if not 0 < hits.sum() < len(hits):
        raise ValueError("All members have the outcome, or none.")
    ends = np.array([np.full(parameters.shape[1], -np.inf), np.full(parameters.shape[1], np.inf)])
    best = max(_peeled(parameters, hits, ends), key=lambda one: _balance(parameters, hits, one))
    best = _pasted(parameters, hits, best)
    while True:
        limits = _limits(parameters, hits, best, factors)
        worst = max(limits, key=lambda limit: limit.p, default=None)
        if worst is None or worst.p <= CHANCE:
            return replace(_box(parameters, hits, best), limits=tuple(sorted(limits, key=lambda limit: limit.p)))
        best[0 if worst.above else 1, list(factors).index(worst.factor)] = -np.inf if worst.above else np.inf


def sentence(box: ScenarioBox, outcome: str, shown: Callable[[float], str] = "{:.4g}".format) -> str:
    """The rule in words: when the outcome happens, with coverage and density."""
    figures = (
        f"{percent_text(box.coverage, 'en')} of these cases lie there (coverage); "
        f"there it is so in {percent_text(box.density, 'en')} of the members (density), "
        f"in all {percent_text(box.share, 'en')}"
    )
    if not box.limits:
        return f"No range of the factors sets apart when {outcome} ({percent_text(box.share, 'en')} of the members)."
    rule = " and ".join(f"{limit.factor} {'>' if limit.above else '<'} {shown(limit.value)}" for limit in box.limits)
    return f"{outcome[0].upper()}{outcome[1:]} mostly when {rule}: {figures}."


def _inside(parameters: Floats, ends: Floats) -> Hits:
    inside = np.ones(len(parameters), bool)
    for factor in np.flatnonzero(np.isfinite(ends).any(axis=0)):
        column = parameters[:, factor]
        inside &= (column >= ends[0, factor]) & (column <= ends[1, factor])
    return inside


def _peeled(parameters: Floats, hits: Hits, ends: Floats) -> list[Floats]:
    """Boxes, each less the slice of the one before whose loss leaves most hits per member.

    The members in the box stay sorted by each factor, so that a step looks at the outermost alone.
    """
    found, columns = [ends.copy()], np.ascontiguousarray(parameters.T)
    order = np.argsort(columns, axis=1, kind="stable")
    switches = np.flatnonzero(np.isin(columns, (0, 1)).all(axis=1))
    while order.shape[1] > 1 and not hits[order[0]].all():
        count = order.shape[1]
        whole, part = divmod(PEEL * (count - 1), 1.0)
        best: tuple[float, int, int, float] | None = None
        for side in (0, 1):
            outer = (order if side == 0 else order[:, ::-1])[:, : int(whole) + 2]
            values = np.take_along_axis(columns, outer, axis=1)
            edge = values[:, int(whole)] + part * (values[:, int(whole) + 1] - values[:, int(whole)])
            cut = (values < edge[:, None]) if side == 0 else (values > edge[:, None])
            lost = cut.sum(axis=1)
            left = hits[order[0]].sum() - (hits[outer] & cut).sum(axis=1)
            means = np.where((lost > 0) & (lost < count), left / np.maximum(count - lost, 1), -1.0)
            factor = int(means.argmax())
            if means[factor] >= 0 and (best is None or means[factor] > best[0]):
                best, gone = (float(means[factor]), side, factor, float(edge[factor])), outer[factor, cut[factor]]
        for gain, side, factor, slice_ in _switched(columns, hits, order[0], switches):
            if best is None or gain > best[0]:
                best, gone = (gain, side, factor, BETWEEN), slice_
        if best is None or count - len(gone) < LEAST_MASS * len(hits):
            break
        ends = ends.copy()
        ends[best[1], best[2]] = best[3]
        stays = np.ones(len(hits), bool)
        stays[gone] = False
        order = order[stays[order]].reshape(len(order), -1)
        found.append(ends)
    return found


def _switched(
    columns: Floats, hits: Hits, inside: NDArray[np.intp], switches: NDArray[np.intp]
) -> Iterator[tuple[float, int, int, NDArray[np.intp]]]:
    """What taking one value of a switch from a box leaves: hits per member, side, factor, and the members that go.

    Such a slice is large. Its gain is counted as far as a slice of the usual size would have it, to compare like with
    like.
    """
    before = float(hits[inside].mean())
    for factor in switches.tolist():
        ones = columns[factor, inside] > BETWEEN
        for side, cut in enumerate((~ones, ones)):
            lost = int(cut.sum())
            if 0 < lost < len(inside):
                gain = float(hits[inside[~cut]].mean()) - before
                yield before + gain * min(1.0, PEEL * len(inside) / lost), side, factor, inside[cut]


def _pasted(parameters: Floats, hits: Hits, ends: Floats) -> Floats:
    """The box with limits moved out again as long as its balance gains."""
    best, score = ends.copy(), _balance(parameters, hits, ends)
    gained = True
    while gained:
        gained = False
        for side, factor in np.argwhere(np.isfinite(best)):
            wider = best.copy()
            wider[side, factor] = -np.inf if side == 0 else np.inf
            column = parameters[_inside(parameters, wider), factor]
            beyond = (
                np.sort(column[column < best[0, factor]])[::-1]
                if side == 0
                else np.sort(column[column > best[1, factor]])
            )
            added = max(1, round(PEEL * _inside(parameters, best).sum()))
            if len(beyond):
                wider[side, factor] = beyond[min(added, len(beyond)) - 1]
            now = _balance(parameters, hits, wider)
            if now > score:
                best, score, gained = wider, now, True
    return best


def _balance(parameters: Floats, hits: Hits, ends: Floats) -> float:
    box = _box(parameters, hits, ends)
    total = box.coverage + box.density
    return 2 * box.coverage * box.density / total if total else 0.0


def _box(parameters: Floats, hits: Hits, ends: Floats) -> ScenarioBox:
    inside = _inside(parameters, ends)
    caught, count = int(hits[inside].sum()), int(inside.sum())
    return ScenarioBox((), caught / int(hits.sum()), caught / max(count, 1), count / len(hits), float(hits.mean()))


def _limits(parameters: Floats, hits: Hits, ends: Floats, factors: Sequence[str]) -> list[Limit]:
    """Each limit with the chance that it is luck: as many hits among as many members drawn from the box without it."""
    inside = _inside(parameters, ends)
    caught, count = int(hits[inside].sum()), int(inside.sum())
    found = []
    for side, factor in np.argwhere(np.isfinite(ends)):
        without = ends.copy()
        without[side, factor] = -np.inf if side == 0 else np.inf
        share = float(hits[_inside(parameters, without)].mean())
        p = float(stats.binom.sf(caught - 1, count, share))
        found.append(Limit(factors[factor], bool(side == 0), float(ends[side, factor]), p))
    return found

"""Theil's decomposition of the errors of series: bias, unequal variation, unequal covariation (Sterman 2000)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.record.measurement import scaled
from innovation.calibration.record.observations import Observation
from innovation.calibration.record.operators import Reader

Floats = NDArray[np.float64]

ENOUGH = 3  # figures of a series: two numbers always agree in variation but for a factor
SCALES = ("log", "logit")


@dataclass(frozen=True)
class Theil:
    """A series' mean squared error on the scale of its errors, and its three shares, medians over the draws."""

    of: str
    years: tuple[int, ...]
    counted: int
    root: float
    bias: float
    variation: float
    covariation: float


def decompose(said: Floats, published: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean squared error and its shares of bias, variation and covariation, each (members,).

    Parameters
    ----------
    said, published
        Shapes (figures, members) and (figures,), on the scale where errors are alike.
    """
    gaps = said - published[:, None]
    squared = (gaps**2).mean(axis=0)
    bias = gaps.mean(axis=0) ** 2
    variation = (said.std(axis=0) - published.std()) ** 2
    return squared, bias / squared, variation / squared, 1 - (bias + variation) / squared


def series(observations: Sequence[Observation]) -> Mapping[str, list[Observation]]:
    """Exact levels by what they are of, in order of time, whether they count or not."""
    found: dict[str, list[Observation]] = {}
    for figure in sorted(observations, key=lambda one: one.last):
        if figure.operator == "level" and figure.reading == "exact" and figure.size != "province":
            found.setdefault(figure.of, []).append(figure)
    return found


def theil(basis: Basis) -> tuple[list[Theil], list[str]]:
    """Every series with ENOUGH figures, and the names of those with fewer."""
    every = series(basis.observations)
    found = []
    for name, figures in every.items():
        if len(figures) >= ENOUGH:
            said = _said(basis, figures)
            published = np.array([float(scaled(figure, np.array(figure.value))) for figure in figures])
            squared, *shares = (float(np.median(part)) for part in decompose(said, published))
            years = tuple(figure.last for figure in figures)
            found.append(Theil(name, years, sum(f.is_counted for f in figures), squared**0.5, *shares))
    return found, [name for name, figures in every.items() if len(figures) < ENOUGH]


def _said(basis: Basis, figures: Sequence[Observation]) -> Floats:
    reader = Reader(basis.city, figures)
    run = basis.city.model.arrays(
        {**basis.constants, "FINAL TIME": reader.times[-1]},
        outputs=reader.outputs,
        times=reader.times,
        threads=basis.posterior.threads,
    )
    return np.array([scaled(figure, said) for figure, said in zip(figures, reader.read(run), strict=True)])

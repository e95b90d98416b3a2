"""Fits made from prior draws: everything that draws are used for, without the half hour of a real fit."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from innovation.calibration.posterior.likelihood import Posterior


@dataclass(frozen=True)
class FakeDraws:
    pooled: np.ndarray
    seed: int
    evaluations: int = 1000

    def pick(self, number: int, seed: int) -> np.ndarray:
        return self.pooled[np.random.default_rng(seed).permutation(len(self.pooled))[:number]]


@dataclass(frozen=True)
class FakeQuality:
    names: tuple[str, ...]
    rhat: np.ndarray
    bulk: np.ndarray
    tail: np.ndarray


@dataclass(frozen=True)
class FakeFit:
    draws: FakeDraws
    quality: FakeQuality
    refusal: str | None = None
    seconds: float = 1.0
    optima: object = field(default=None)


def fake_fit(posterior: Posterior, number: int = 40, seed: int = 1, refusal: str | None = None) -> FakeFit:
    """Half as wide as the prior, so that no run fails."""
    z = 0.5 * posterior.draw_prior(number, seed)
    ones = np.ones(posterior.d)
    return FakeFit(FakeDraws(z, seed), FakeQuality(posterior.names, 1.001 * ones, 500 * ones, 450 * ones), refusal)

"""Densities with known answers for the tests of the sampler."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Density = Callable[[np.ndarray], np.ndarray]


def line(seed: int = 3) -> tuple[Density, np.ndarray, np.ndarray]:
    """Five parameters, N(0, 1) a priori, of eight figures with normal errors of 0.3: density, mean, covariance."""
    random = np.random.default_rng(seed)
    design = random.standard_normal((8, 5))
    figures = design @ random.standard_normal(5) + 0.3 * random.standard_normal(8)
    covariance = np.linalg.inv(np.eye(5) + design.T @ design / 0.3**2)

    def density(z: np.ndarray) -> np.ndarray:
        return -0.5 * (z**2).sum(axis=1) - 0.5 * ((figures - z @ design.T) ** 2).sum(axis=1) / 0.3**2

    return density, covariance @ design.T @ figures / 0.3**2, covariance


def correlated(z: np.ndarray) -> np.ndarray:
    """A normal in four dimensions: two as good as on a line (correlation 0.99), and two with the prior."""
    x, y = z[:, 0], z[:, 1]
    return -0.5 * (x * x - 2 * 0.99 * x * y + y * y) / (1 - 0.99**2) - 0.5 * (z[:, 2:] ** 2).sum(axis=1)


def banana(z: np.ndarray) -> np.ndarray:
    """Y = x² / 2 measured with an error of 0.2; x, y and a third coordinate N(0, 1) a priori."""
    return -0.5 * (z**2).sum(axis=1) - 0.5 * ((z[:, 1] - 0.5 * z[:, 0] ** 2) / 0.2) ** 2


def banana_moments() -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the banana's coordinates, by sums over a fine grid."""
    grid = np.linspace(-7, 7, 1401)
    x, y = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    weights = np.exp(banana(np.stack([x, y, 0 * x], axis=1)))
    weights /= weights.sum()
    mean = np.array([weights @ x, weights @ y, 0.0])
    return mean, np.sqrt([weights @ x**2 - mean[0] ** 2, weights @ y**2 - mean[1] ** 2, 1.0])

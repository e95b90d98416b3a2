"""The rule of forecasts beyond a record: how far a figure strays from its line, by horizon, as on other places.

A figure is read as its logarithm, a share as its logit. `scale` is always that of the mean growth over five years, a
year; x is how far the growth of the record lies above the middle of its class, in such scales. Horizons are years after
the record's last. The test of the rule on other places and the city's own bands use these very functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Floats = NDArray[np.float64]

FREEDOM = 4  # of the Student tails
LEVEL_SHARE = 0.6  # of the variance at five years that a walk of the level makes; a tilt makes the rest
YEARS = 5  # over which scales are of mean growth
USUAL, BEYOND = -0.07, 0.23  # log factor of the spread after usual growth, and what each scale above it adds
FARTHEST = 4.0  # scales above usual growth that count
ROUGH_SIZE, ROUGH_POWER = 0.24, 0.55  # scale of five-year growth from the roughness of a record
SMOOTHEST = 0.01  # roughness of a record at least: a year, in logs or logits
CITY_FACTOR = 0.8  # of the city's scales (judgement): at 1 the bands of Chinese provinces are too wide
NUMBERS = (FREEDOM, LEVEL_SHARE, USUAL, BEYOND, FARTHEST, ROUGH_SIZE, ROUGH_POWER, SMOOTHEST, CITY_FACTOR)
STEPS, ENOUGH = 200, 1e-10  # of a fit at most, and the change of its numbers at which it ends


class GrowthLine(NamedTuple):
    """What a fit says: numbers of the line, shape (columns,), and the scale of what strays from it."""

    numbers: Floats
    scale: float


def widening(h: ArrayLike) -> Floats:
    """The spread at horizons `h` (years) as a part of that at five: a walk of the level, and a tilt."""
    part = np.asarray(h, float) / YEARS
    return np.sqrt(LEVEL_SHARE * part + (1 - LEVEL_SHARE) * part**2)


def fast_growth_factor(x: ArrayLike) -> Floats:
    """How much wider than usual the spread is after growth `x` scales above the middle of the class."""
    return np.exp(USUAL + BEYOND * np.clip(np.asarray(x, float), 0.0, FARTHEST))


def spread(h: ArrayLike, scale: ArrayLike, x: ArrayLike) -> Floats:
    """The scale of the Student at horizons `h` (logs or logits); arguments broadcast against each other."""
    return YEARS * np.asarray(scale, float) * widening(h) * fast_growth_factor(x)


def middle(h: ArrayLike, growth: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """What is expected to be added by horizon `h` (logs or logits) after a record that grew `growth` a year."""
    return np.asarray(h, float) * (np.asarray(a, float) + np.asarray(b, float) * np.asarray(growth, float))


def quantiles(levels: ArrayLike, centre: ArrayLike, spread: ArrayLike) -> Floats:
    """Quantiles of what is added, shape (levels, …), of Students with these centres and spreads, shape (…)."""
    beyond = stats.t.ppf(np.asarray(levels, float), FREEDOM)
    return np.asarray(centre, float) + np.multiply.outer(beyond, np.asarray(spread, float))


def fit_line(target: Floats, design: Floats, freedom: float = FREEDOM, weights: Floats | None = None) -> GrowthLine:
    """The likeliest line with Student errors around it, by expectation and maximisation.

    Each step is a weighted least squares in which what strays counts less.

    Parameters
    ----------
    target
        Shape (cases,).
    design
        Shape (cases, columns); a column of ones where there is a constant.
    freedom
        Degrees of freedom of the errors.
    weights
        Shape (cases,): how often each case counts; once by default.

    Raises
    ------
    ValueError
        Where there are not more cases than columns.
    """
    if len(target) <= design.shape[1]:
        raise ValueError(f"{len(target)} cases cannot give a line of {design.shape[1]} numbers and a scale.")
    often = np.ones(len(target)) if weights is None else weights
    counts, variance = often, 0.0
    for _ in range(STEPS):
        weighted = design * counts[:, None]
        numbers = np.asarray(np.linalg.lstsq(weighted.T @ design, weighted.T @ target, rcond=None)[0], float)
        squares = (target - design @ numbers) ** 2
        before, variance = variance, float((counts * squares).sum() / often.sum())
        if abs(variance - before) <= ENOUGH * variance:
            break
        counts = often * (freedom + 1) / (freedom + squares / variance)
    return GrowthLine(numbers, float(np.sqrt(variance)))


def standard_course(walk_normals: Floats, tilt_normals: Floats, chi2: Floats) -> Floats:
    """Courses whose value at every horizon is a Student with `FREEDOM` degrees and scale one.

    The result has the shape (members, horizons). A walk of the level and a tilt, as the widening of the spread has
    them, are both divided by one draw of a member: a member strays far at all horizons or at none. Times `spread` it
    is what a figure strays from its line.

    Parameters
    ----------
    walk_normals
        Standard normals of the yearly steps, shape (members, horizons); horizons are years 1, 2, ….
    tilt_normals
        Standard normals, shape (members,).
    chi2
        Draws of a chi-square with `FREEDOM` degrees, shape (members,).
    """
    h = np.arange(1, walk_normals.shape[1] + 1)
    walk = np.sqrt(LEVEL_SHARE / YEARS) * walk_normals.cumsum(axis=1)
    tilt = np.sqrt(1 - LEVEL_SHARE) * tilt_normals[:, None] * (h / YEARS)
    return (walk + tilt) / (widening(h) * np.sqrt(chi2 / FREEDOM)[:, None])


def roughness(values: Floats, years: Floats) -> float:
    """Standard deviation of the yearly changes of a record around its mean growth.

    Parameters
    ----------
    values
        Shape (figures,), logs or logits, in the order of the years.
    years
        Shape (figures,), rising; gaps are allowed.

    Raises
    ------
    ValueError
        Where there are fewer than three figures, or years that do not rise.
    """
    gaps = np.diff(years)
    if len(values) < 3 or not (gaps > 0).all():
        raise ValueError(f"Roughness needs three figures or more of rising years; the years are {list(years)}.")
    growth = (values[-1] - values[0]) / gaps.sum()
    squares = ((np.diff(values) - growth * gaps) ** 2 / gaps).sum()
    return float(np.sqrt(squares / (len(values) - 2)))


def rough_scale(values: Floats, years: Floats) -> float:
    """The scale for a figure that has no class, from the roughness of its own record alone (logs or logits, a year).

    Arguments and errors as for `roughness`. To be used with x = 0.
    """
    return float(scale_of_roughness(roughness(values, years)))


def scale_of_roughness(rough: ArrayLike) -> Floats:
    """The scale for records of some roughness, a year.

    A rough record says more of chance than of what is to come, hence the power below one. Both numbers are those that
    did best on other places; no record is taken to be smoother than SMOOTHEST.
    """
    return np.asarray(ROUGH_SIZE * np.maximum(np.asarray(rough, float), SMOOTHEST) ** ROUGH_POWER, float)


def scale_a_year(scale: ArrayLike, h: ArrayLike) -> Floats:
    """The scale of mean growth over five years from that over `h` years, as the spread widens; both a year."""
    return np.asarray(scale, float) * np.asarray(h, float) / (YEARS * widening(h))

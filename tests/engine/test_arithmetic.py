"""Functions to a few units in the last place, over the whole range of numbers, against extended precision."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="this machine has no floats longer than 64 bits"
)

LARGEST, LEAST, NORMAL = np.finfo(float).max, 5e-324, np.finfo(float).tiny
MODEL = "x = 1 ~~|\ny = 1 ~~|\nresult = {} ~~|"
RNG = np.random.default_rng(4)
COUNT = 3000
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 3.0, LEAST, -LEAST, NORMAL, -NORMAL, LARGEST, -LARGEST, 1e300, 1e-300]
NEAR_ONE = np.concatenate([1 + 10.0 ** np.arange(-16, 0), 1 - 10.0 ** np.arange(-16, 0)])
SPREAD = 10 ** RNG.uniform(-323, 308, COUNT)
SMALL = np.concatenate([10.0 ** np.arange(-320, 0), -(10.0 ** np.arange(-320, 0))])
MODEST = RNG.uniform(-1000, 1000, COUNT)


def numbers(*parts):
    return np.concatenate([np.atleast_1d(np.asarray(part, float)) for part in (SPECIAL, *parts)])


def compare(load, formula, function, x, y=None, ulps=4.0):
    """The formula against the function in extended precision: the same values, and failure where there is none."""
    model = load(MODEL.format(formula), end=1, dt=1)
    parameters = {"x": x} if y is None else {"x": x, "y": y}

    data = model.run(parameters, ["result"], times=[0], on_failure="mask")

    ours, failed = data["result"].values[:, 0], data["failed"].values
    with np.errstate(all="ignore"):
        truth = function(*(np.asarray(part, np.longdouble) for part in parameters.values()))
        rounded = truth.astype(float)
    assert np.array_equal(failed, ~np.isfinite(rounded))
    assert np.array_equal(np.isnan(ours), np.isnan(rounded))
    kept = ~failed
    # results below the least normal number may become 0
    size = np.abs(rounded[kept])
    allowed = np.broadcast_to(ulps, failed.shape)[kept] * np.spacing(np.minimum(size, LARGEST / 2))
    allowed += np.where(size < 4 * NORMAL, 4 * NORMAL, 0)
    with np.errstate(invalid="ignore"):
        excess = np.abs(ours[kept] - truth[kept]) - allowed
    worst = int(np.argmax(excess))
    shown = {name: values[kept][worst] for name, values in parameters.items()}
    assert excess[worst] <= 0, (formula, shown, ours[kept][worst], truth[kept][worst])


def of_power(x, y):
    """Units that a power may lose: as exp(y ln x), which turns two roundings of y ln x into a factor."""
    with np.errstate(all="ignore"):
        return 4 + 2 * np.nan_to_num(np.abs(y * np.log(np.abs(x))), posinf=0.0)


def test_exp_over_the_whole_range(load):
    ends = np.linspace(709.7, 709.9, 201)
    compare(load, "EXP(x)", np.exp, numbers(RNG.uniform(-750, 710, COUNT), MODEST, SMALL, ends, -ends, -1e6, 1e6))


def test_ln_over_the_whole_range(load):
    compare(load, "LN(x)", np.log, numbers(SPREAD, -SPREAD[:50], NEAR_ONE, RNG.uniform(0.5, 2, COUNT)))


def test_sqrt_over_the_whole_range(load):
    compare(load, "SQRT(x)", np.sqrt, numbers(SPREAD, -SPREAD[:50]), ulps=1)


def test_powers_of_any_positive_number(load):
    x = np.concatenate([SPREAD, RNG.uniform(0.2, 5, COUNT), 1 + RNG.uniform(-1, 1, COUNT) * 1e-6])
    logarithm = np.abs(np.log(x)) + 1e-300
    y = RNG.uniform(-750, 750, len(x)) / logarithm  # results over the whole range
    compare(load, "x^y", np.power, x, y, of_power(x, y))


def test_powers_of_the_size_that_models_use(load):
    x, y = 10 ** RNG.uniform(-3, 3, COUNT), RNG.uniform(-1, 1, COUNT)
    compare(load, "x^y", np.power, x, y, of_power(x, y))


def test_powers_at_the_corners(load):
    bases = [*SPECIAL, -2.0, -3.0, -0.5, 0.1, 10.0, 1 + 1e-15, 1 - 1e-15]
    exponents = [*SPECIAL, -2.0, -3.0, 1.5, -0.5, 1e15, -1e15, 2.0**53, 2.0**53 + 2, 1023.0, 1024.0, -1074.0, -1075.0]
    x, y = (part.ravel() for part in np.meshgrid(bases, exponents))
    compare(load, "x^y", np.power, x, y, of_power(x, y))


@pytest.mark.parametrize("exponent", [0, 1, -1, 2, -2, 3, 4, 5, 7, 10, 17, 0.5, -0.5, 1.5, 1 / 3, 0.3, -0.43, 2.7])
def test_powers_with_an_exponent_known_from_the_file(load, exponent):
    x = numbers(SPREAD, RNG.uniform(0, 10, COUNT), -RNG.uniform(0, 10, 100), NEAR_ONE)
    compare(load, f"x^({exponent!r})", lambda x: np.power(x, np.longdouble(exponent)), x, ulps=of_power(x, exponent))


@pytest.mark.parametrize("base", [2, 10, 0.5, 1, 1.02, 1e-300])
def test_powers_of_a_base_known_from_the_file(load, base):
    x = numbers(RNG.uniform(-1100, 1100, COUNT), RNG.uniform(-3, 3, COUNT))
    compare(load, f"{base!r}^x", lambda x: np.power(np.longdouble(base), x), x, ulps=of_power(base, x))


@pytest.mark.parametrize(
    ("formula", "function", "low", "high"),
    [
        ("SIN(x)", np.sin, -1000, 1000), ("COS(x)", np.cos, -1000, 1000), ("TAN(x)", np.tan, -1000, 1000),
        ("ARCSIN(x)", np.arcsin, -1.1, 1.1), ("ARCCOS(x)", np.arccos, -1.1, 1.1), ("ARCTAN(x)", np.arctan, -50, 50),
        ("SINH(x)", np.sinh, -720, 720), ("COSH(x)", np.cosh, -720, 720), ("TANH(x)", np.tanh, -30, 30),
        ("ABS(x)", np.abs, -1e3, 1e3), ("INTEGER(x)", np.trunc, -1e3, 1e3),
    ],
)  # fmt: skip
def test_other_functions_over_their_range(load, formula, function, low, high):
    small = SMALL[np.abs(SMALL) > NORMAL]
    compare(load, formula, function, np.concatenate([RNG.uniform(low, high, COUNT), small, [0.0, -0.0, 1.0, -1.0]]))


def test_whole_numbers_of_any_size(load):
    x = numbers(SPREAD, -SPREAD, 2.0**52 + 0.5, 2.0**53 - 1, 2.0**63, -(2.0**63), np.nextafter(3.0, 0), 2.5, -2.5)
    compare(load, "INTEGER(x)", np.trunc, x, ulps=0)


def test_the_sign_of_zero_changes_no_comparison(load):
    compare(load, "IF THEN ELSE(x = 0, 1, 0)", lambda x: (x == 0) * np.longdouble(1), np.array([0.0, -0.0, LEAST]))
    compare(load, "MIN(x, 0) + MAX(x, 0)", lambda x: x, np.array([0.0, -0.0, 3.0, -3.0, LARGEST]))

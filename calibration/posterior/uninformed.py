"""Coordinates of constants that no figure of the record depends on: their posterior is their prior."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .draws import DrawsRecord
from .likelihood import Posterior

Floats = NDArray[np.float64]


def uninformed_coordinates(posterior: Posterior, record: DrawsRecord, number: int) -> Floats:
    """The uninformed constants of a file's draws, shape (draws, posterior.uninformed.d), drawn again as they were kept.

    Those of the fit were drawn together, in the order of the file; each that was added later, from a stream of its own.
    """
    order = {name: place for place, name in enumerate(record.constants)}
    fitted = sorted(set(posterior.uninformed.names) - set(record.added), key=posterior.whole.names.index)
    fitted.sort(key=lambda name: order.get(name, len(order)))
    together = np.random.default_rng([record.seed, 1]).standard_normal((number, len(fitted)))
    columns = dict(zip(fitted, together.T, strict=True))
    columns |= {name: added_coordinates(name, record.seed, number) for name in record.added}
    return np.stack([columns[name] for name in posterior.uninformed.names], axis=1)


def added_coordinates(name: str, seed: int, number: int) -> Floats:
    """Standard normal draws for one constant that a fit did not know, shape (draws,)."""
    return np.random.default_rng([seed, 2, *name.encode()]).standard_normal(number)

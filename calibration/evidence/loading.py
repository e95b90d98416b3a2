"""The project's own basis: the posterior that was fitted, and the record as it stands."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from innovation.calibration.posterior.kept_draws import DEFAULT, load
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.model import City

from .basis import Basis, basis_of


@lru_cache(maxsize=1)
def load_basis(city: City, path: Path = DEFAULT, threads: int | None = 1, unfit_ok: bool = False) -> Basis:
    """The basis of a file of draws.

    Raises PosteriorError where they are missing, unfit, or belong to another model or record.
    """
    draws = load(city, path, unfit_ok=unfit_ok)
    record = read_record(city)
    return basis_of(Posterior(city, record.counted, threads), draws, record.observations)

"""Where climbs from spread starts end: one best fit, or a plain of many that fit as well."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.mcmc.optima import LEAST_STARTS, spread_optima
from innovation.engine import OnProgress, renamed

from .learning import learning
from .profiles import DOZEN

ITERATIONS = 120  # of each climb: later ones move along the plain


def optima_rows(
    basis: Basis, seed: int, on_progress: OnProgress, starts: int = LEAST_STARTS, iterations: int = ITERATIONS
) -> Iterator[dict[str, object]]:
    """A row for each climb, the highest first: log density, whether it converged, and where the informed dozen ended.

    Error sizes stay at the middle of their priors: without that the density has no highest point.
    """
    d, count = basis.posterior.d, basis.learnable
    found = spread_optima(
        basis.posterior,
        d,
        starts=starts,
        seed=seed,
        held=np.arange(d) >= count,
        switches=basis.posterior.switches,
        iterations=iterations,
        on_progress=renamed(on_progress, "climb"),
    )
    names = basis.posterior.space.names
    dozen = [one.name for one in learning(basis)[:DOZEN]]
    for z, height, converged in zip(found.z, found.log_density, found.converged, strict=True):
        ends = {name: float(z[names.index(name)]) for name in dozen}
        distance = float(np.linalg.norm(z[:count] - found.z[0, :count]))
        yield {"log_density": float(height), "converged": int(converged), "distance": distance, **ends}

"""Draws of the priors behind the posterior's interface: pages can be tried without half an hour of fitting."""

from __future__ import annotations

import numpy as np

from innovation.calibration.discrepancy.instrument import DiscrepancyInstrument
from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.posterior.draws import DrawsRecord, ModelText, PosteriorDraws
from innovation.model.city import City
from innovation.model.prior_draws import draw_priors

DRAWS = 400
_instruments: dict[str, DiscrepancyInstrument | None] = {}


def draws_of(city: City, *ignored: object, **settings: object) -> PosteriorDraws:
    """Looks like `kept_draws.load`; believes nothing that the priors do not say."""
    drawn = draw_priors(city, DRAWS, seed=1)
    record = DrawsRecord(
        form=2, model_hash=city.model.hash, fitted_hash=city.model.hash, record_hash="", priors={}, reads={},
        fitted_reads={}, seed=1, code="", quick=False, fit_for_use=True, evaluations=0,
        worst={"rhat": 1.0, "bulk": DRAWS, "tail": DRAWS},
        constants=tuple(drawn), added=(), errors=(), names=(), figures=(),
    )  # fmt: skip
    none = np.zeros((DRAWS, 0))
    return PosteriorDraws(drawn, {}, none, none.T, np.zeros(DRAWS), ModelText("", b""), "0" * 64, record)


def instrument(city: City, *ignored: object) -> DiscrepancyInstrument | None:
    """How figures of these draws are published; measured once, as it takes a run."""
    if city.model.hash not in _instruments:
        _instruments[city.model.hash] = instrument_of(city, draws_of(city))
    return _instruments[city.model.hash]

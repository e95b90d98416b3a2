"""The posterior of the city: its density, the fit, the kept draws and what they are bound to."""

from .binding import rebind, told
from .draws import DrawsRecord, PosteriorDraws
from .kept_draws import DEFAULT
from .likelihood import Posterior
from .own_record import read_own_record, record_of
from .refit import calibrate

__all__ = [
    "DEFAULT",
    "DrawsRecord",
    "Posterior",
    "PosteriorDraws",
    "calibrate",
    "read_own_record",
    "rebind",
    "record_of",
    "told",
]

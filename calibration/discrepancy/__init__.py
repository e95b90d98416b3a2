"""How published figures part from the city's own after the record: discrepancy, counts, error of measurement."""

from .instrument import DiscrepancyInstrument
from .loading import PART, instrument_of
from .makeup import PARTS, Makeup, makeups

__all__ = [
    "PART",
    "PARTS",
    "DiscrepancyInstrument",
    "Makeup",
    "instrument_of",
    "makeups",
]

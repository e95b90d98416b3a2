"""How published figures part from the city's own after the record: discrepancy, counts, error of measurement."""

from .entries import DiscrepancyError
from .instrument import DiscrepancyInstrument
from .loading import instrument_of

__all__ = ["DiscrepancyError", "DiscrepancyInstrument", "instrument_of"]

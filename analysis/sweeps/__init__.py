"""Sweeps: many runs by a design, in a folder or in memory, and their results."""

from .exploring import explored
from .results import read_results
from .sweep_folder import FAILED, SweepOutcome, estimate, sweep

__all__ = [
    "FAILED",
    "SweepOutcome",
    "estimate",
    "explored",
    "read_results",
    "sweep",
]

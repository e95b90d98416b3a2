"""What a parsed document means: names, subscripts and functions resolved, units checked."""

from .units import unit_faults
from .vocabulary import forms

__all__ = [
    "forms",
    "unit_faults",
]

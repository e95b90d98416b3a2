"""What matters: many runs by a design, and what they say of constants, levers and assumptions."""

from .analysis_folder import ANALYSIS, analyse
from .differences import difference, difference_json, difference_text

__all__ = [
    "ANALYSIS",
    "analyse",
    "difference",
    "difference_json",
    "difference_text",
]

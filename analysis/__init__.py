"""What matters: many runs by a design, and what they say of constants, levers and assumptions."""

from .analysis_folder import ANALYSIS, Analysis, analyse
from .differences import Difference, difference, difference_json, difference_text
from .objectives import PolicyObjective, policy_objective

__all__ = [
    "ANALYSIS",
    "Analysis",
    "Difference",
    "PolicyObjective",
    "analyse",
    "difference",
    "difference_json",
    "difference_text",
    "policy_objective",
]

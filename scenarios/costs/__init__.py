"""What scenarios and levers cost, whom, and mixes of equal cost."""

from .accounting import (
    BASE_YEAR,
    EFFECTS,
    INVESTMENT,
    RATES,
    SOCIAL,
    CostComparison,
    cost_band,
    costs,
    has_costs,
    study,
)
from .cost_page import CostRow, KeptCosts, costs_text
from .cost_words import COST_COLUMNS, COSTS, cost_json, cost_rows, cost_text, figures_of
from .equal_cost_mixes import WAYS, mixes, solved, solved_files

__all__ = [
    "BASE_YEAR",
    "COSTS",
    "COST_COLUMNS",
    "EFFECTS",
    "INVESTMENT",
    "RATES",
    "SOCIAL",
    "WAYS",
    "CostComparison",
    "CostRow",
    "KeptCosts",
    "cost_band",
    "cost_json",
    "cost_rows",
    "cost_text",
    "costs",
    "costs_text",
    "figures_of",
    "has_costs",
    "mixes",
    "solved",
    "solved_files",
    "study",
]

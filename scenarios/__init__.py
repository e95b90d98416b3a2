"""What the city might do: scenarios read, checked, combined, simulated and held against the plan's targets."""

from .composing import combine, with_changes
from .failure_words import TooManyFailed
from .failures import Failures
from .reading import LIBRARY, library, load_scenario, load_scenarios, parse_scenario
from .schema import AssumptionChange, PolicyChange, Scenario, ScenarioError, Words
from .simulate import attempt, simulate
from .targets import TargetRow, target_table
from .writing import scenario_text

__all__ = [
    "LIBRARY",
    "AssumptionChange",
    "Failures",
    "PolicyChange",
    "Scenario",
    "ScenarioError",
    "TargetRow",
    "TooManyFailed",
    "Words",
    "attempt",
    "combine",
    "library",
    "load_scenario",
    "load_scenarios",
    "parse_scenario",
    "scenario_text",
    "simulate",
    "target_table",
    "with_changes",
]

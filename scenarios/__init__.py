"""What the city might do: scenarios read, checked, combined, simulated and held against the plan's targets."""

from .checking import check
from .composing import combine, policy_scenario, with_changes
from .editions import is_earlier, notice, of_today
from .listings import LISTINGS
from .money import is_added, ramps
from .scenario_files import (
    LIBRARY,
    WITH_LINK,
    library,
    load_scenario,
    load_scenarios,
    parse_scenario,
    scenario_in,
    scenario_text,
    yaml_text,
)
from .schema import (
    LONGEST_TITLE,
    AssumptionChange,
    DatedChange,
    PolicyChange,
    Ramp,
    Scenario,
    ScenarioError,
    Words,
    scenario_schema,
)
from .shares import destination, given_way, shares_of, with_others
from .simulation.failures import Failures, TooManyFailed
from .simulation.run import attempt, simulate
from .simulation.targets import target_table

__all__ = [
    "LIBRARY",
    "LISTINGS",
    "LONGEST_TITLE",
    "WITH_LINK",
    "AssumptionChange",
    "DatedChange",
    "Failures",
    "PolicyChange",
    "Ramp",
    "Scenario",
    "ScenarioError",
    "TooManyFailed",
    "Words",
    "attempt",
    "check",
    "combine",
    "destination",
    "given_way",
    "is_added",
    "is_earlier",
    "library",
    "load_scenario",
    "load_scenarios",
    "notice",
    "of_today",
    "parse_scenario",
    "policy_scenario",
    "ramps",
    "scenario_in",
    "scenario_schema",
    "scenario_text",
    "shares_of",
    "simulate",
    "target_table",
    "with_changes",
    "with_others",
    "yaml_text",
]

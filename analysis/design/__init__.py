"""A sweep's design: what varies, between which values, and at which points."""

from .checking import make_study, scenario_of
from .design import Design, design_schema, parse_design, read_design
from .factors import Distributions, Study
from .points import BLOCK

__all__ = [
    "BLOCK",
    "Design",
    "Distributions",
    "Study",
    "design_schema",
    "make_study",
    "parse_design",
    "read_design",
    "scenario_of",
]

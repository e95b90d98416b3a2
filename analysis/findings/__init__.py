"""What a sweep found, in objects, words and pictures; findings that are shipped."""

from .findings import SHIPPED, Finding, Findings, Weight, explore, findings_of, shipped
from .shipping import LIBRARY, designs, ship, stale

__all__ = [
    "LIBRARY",
    "SHIPPED",
    "Finding",
    "Findings",
    "Weight",
    "designs",
    "explore",
    "findings_of",
    "ship",
    "shipped",
    "stale",
]

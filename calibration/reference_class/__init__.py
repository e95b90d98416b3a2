"""Other places before 2011: the rule of how far five-year growth goes astray, its numbers, and its trial there."""

from .scoring import LEVELS

__all__ = [
    "LEVELS",
]

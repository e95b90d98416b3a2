"""Whether the model behaves and answers policies as its modeller asks."""

from .behaviour import LawResult, bounded
from .expectations import CHECKS, Bound, Checks, read_checks
from .expected_signs import EXPECTED, read_expected

__all__ = [
    "CHECKS",
    "EXPECTED",
    "Bound",
    "Checks",
    "LawResult",
    "bounded",
    "read_checks",
    "read_expected",
]

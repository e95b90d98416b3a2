"""What the posterior says and what it rests on."""

from .futures import ERRORS, SCENARIOS
from .learning import LEARNED, LearnedConstant, learned

__all__ = [
    "ERRORS",
    "LEARNED",
    "SCENARIOS",
    "LearnedConstant",
    "learned",
]

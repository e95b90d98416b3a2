"""What single levers move: changes one at a time, at either end of a range, or nudged."""

from .lever_answers import MEMBERS, NOTHING_MOVES, End, LeverAnswer, ends_of, lever_answers
from .lever_answers_page import KeptAnswers, lever_answers_text
from .nudges import ARROW, Nudge, Nudges, nudges
from .single_changes import read_moves

__all__ = [
    "ARROW",
    "MEMBERS",
    "NOTHING_MOVES",
    "End",
    "KeptAnswers",
    "LeverAnswer",
    "Nudge",
    "Nudges",
    "ends_of",
    "lever_answers",
    "lever_answers_text",
    "nudges",
    "read_moves",
]

"""What the published record says of the city and what it does not: the evidence behind docs/calibration.md.

Light parts are computed when the page is written; heavy ones by `python -m innovation.calibration.evidence`, which
keeps their results below calibration/results/ with the model, the record and the draws they belong to.
"""

from innovation.calibration.kept_results import COMMAND, RESULTS, path_of

from .basis import SPLIT
from .grounds import Grounds, SentenceContent, Value, grounds_of, text, told
from .plain import BANDS, MAIN, coverage, plain

__all__ = [
    "BANDS",
    "COMMAND",
    "MAIN",
    "RESULTS",
    "SPLIT",
    "Grounds",
    "SentenceContent",
    "Value",
    "coverage",
    "grounds_of",
    "path_of",
    "plain",
    "text",
    "told",
]

"""What the kept result of a part belongs to; light, for whoever only reads results."""

from __future__ import annotations

from collections.abc import Mapping

from innovation.calibration.discrepancy.loading import assumptions_mark
from innovation.calibration.posterior.fingerprint import as_fitted

from .validation.places import places_marks

PUBLISHED_FIGURES = frozenset(
    {"discrepancy", "makeup", "seeds"}
)  # these rest on what is assumed of published figures too
RECORD_ALONE = frozenset({"fits", "holdout", "profiles", "optima", "groups"})  # these run to the record's end only
OF_OTHERS = frozenset({"places"})  # these ask nothing of the city, and nothing of chance


def part_marks(part: str, marks: Mapping[str, str], fitted: str) -> dict[str, str]:
    """What the result of a part belongs to, by the marks of model, record, draws and priors, and the fitted hash."""
    if part in OF_OTHERS:
        return places_marks()
    if part in PUBLISHED_FIGURES:
        return {**marks, "assumptions": assumptions_mark()}
    return as_fitted(marks, fitted) if part in RECORD_ALONE else dict(marks)

"""The heavy parts by name, computed and kept one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from innovation.calibration.kept_results import RESULTS, keep
from innovation.calibration.reference_class.trial import trial_rows
from innovation.engine import OnProgress

from .assessment.bands import discrepancy_rows, makeup_rows
from .assessment.futures import FAILED, scenarios_of
from .assessment.optima import optima_rows
from .assessment.prior_sets import prior_set_rows
from .assessment.profiles import profile_rows
from .assessment.sensitivity import sensitivity_rows
from .assessment.sources import spread_rows
from .basis import Basis
from .marks import OF_OTHERS, part_marks
from .validation.fits import fit_rows
from .validation.groups import group_rows
from .validation.holdout import holdout_rows

SEED = 2010
Rows = Iterable[Mapping[str, object]]

PARTS: Mapping[str, Callable[[Basis, OnProgress], Rows]] = {
    "fits": lambda basis, on_progress: fit_rows(basis, SEED),
    "discrepancy": lambda basis, on_progress: discrepancy_rows(basis, on_progress),
    "makeup": lambda basis, on_progress: makeup_rows(basis, scenarios_of(basis.city), on_progress),
    "spread": lambda basis, on_progress: spread_rows(basis, scenarios_of(basis.city)[0], on_progress),
    "sensitivity": lambda basis, on_progress: sensitivity_rows(basis, scenarios_of(basis.city), on_progress),
    "holdout": lambda basis, on_progress: holdout_rows(basis, SEED, on_progress),
    "profiles": lambda basis, on_progress: profile_rows(basis, on_progress),
    "optima": lambda basis, on_progress: optima_rows(basis, SEED, on_progress),
    "groups": lambda basis, on_progress: group_rows(basis, SEED, on_progress),
    "prior_sets": lambda basis, on_progress: prior_set_rows(basis, scenarios_of(basis.city), on_progress),
    "places": lambda basis, on_progress: trial_rows(on_progress),
}


def marks_of(part: str, basis: Basis) -> dict[str, str]:
    """What the result of a part belongs to."""
    return part_marks(part, basis.marks, basis.fitted)


def compute(part: str, basis: Basis, on_progress: OnProgress, folder: Path = RESULTS) -> Path:
    """Compute a heavy part and keep its result, with how many draws it leaves out in its head; returns where.

    Raises TooManyFailed where too many draws fail.
    """
    begin = time.monotonic()
    rows = [dict(row) for row in PARTS[part](basis, on_progress)]
    failed = max((int(str(row.pop(FAILED, 0))) for row in rows), default=0)
    seconds = f"{time.monotonic() - begin:.0f}"
    drawn = {} if part in OF_OTHERS else {"seed": SEED, "draws used": len(basis.z)}
    left_out = {FAILED: failed} if failed else {}
    return keep(part, rows, {**marks_of(part, basis), **drawn, **left_out, "seconds": seconds}, folder)

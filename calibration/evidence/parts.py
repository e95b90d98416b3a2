"""The heavy parts by name, computed and kept one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from calibration.reference_class.trial import trial_rows

from .bands import discrepancy_rows, makeup_rows
from .basis import Basis
from .fits import fit_rows
from .futures import scenarios_of
from .groups import group_rows
from .holdout import holdout_rows
from .marks import OF_OTHERS, part_marks
from .optima import optima_rows
from .prior_sets import prior_set_rows
from .profiles import profile_rows
from .refits import Tell
from .results import RESULTS, keep
from .sensitivity import sensitivity_rows
from .sources import spread_rows

SEED = 2010
Rows = Iterable[Mapping[str, object]]

PARTS: Mapping[str, Callable[[Basis, Tell], Rows]] = {
    "fits": lambda basis, tell: fit_rows(basis, SEED),
    "discrepancy": lambda basis, tell: discrepancy_rows(basis, tell),
    "makeup": lambda basis, tell: makeup_rows(basis, scenarios_of(basis.city), tell),
    "spread": lambda basis, tell: spread_rows(basis, scenarios_of(basis.city)[0], tell),
    "sensitivity": lambda basis, tell: sensitivity_rows(basis, scenarios_of(basis.city), tell),
    "holdout": lambda basis, tell: holdout_rows(basis, SEED, tell),
    "profiles": lambda basis, tell: profile_rows(basis, tell),
    "optima": lambda basis, tell: optima_rows(basis, SEED, tell),
    "groups": lambda basis, tell: group_rows(basis, SEED, tell),
    "prior_sets": lambda basis, tell: prior_set_rows(basis, scenarios_of(basis.city), tell),
    "places": lambda basis, tell: trial_rows(tell),
}


def marks_of(part: str, basis: Basis) -> dict[str, str]:
    """What the result of a part belongs to."""
    return part_marks(part, basis.marks, basis.fitted)


def compute(part: str, basis: Basis, tell: Tell, folder: Path = RESULTS) -> Path:
    """Compute a heavy part and keep its result; returns where."""
    begin = time.monotonic()
    rows = list(PARTS[part](basis, tell))
    seconds = f"{time.monotonic() - begin:.0f}"
    drawn = {} if part in OF_OTHERS else {"seed": SEED, "draws used": len(basis.z)}
    return keep(part, rows, {**marks_of(part, basis), **drawn, "seconds": seconds}, folder)

"""A sweep in memory: no files, a chunk of members at a time, so that a page can tell how far it is and stop it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from innovation.analysis.design.factors import Study
from innovation.analysis.design.points import blocks
from innovation.engine import NotFinite, OnProgress, StepCounter
from innovation.model.files import DocumentError, fault
from innovation.scenarios.execution import figures_of
from innovation.scenarios.simulation import MOST_EXPLAINED

from .results import HeldResults
from .sweep_folder import check_memory, check_runs, explained, first_failure, manifest_of

CHUNK = 500  # members that run between two looks at `stopped`
MOST = 200_000  # members held in memory


class Stopped(Exception):
    """The caller stopped it."""


def explored(
    study: Study,
    on_progress: OnProgress | None = None,
    stopped: Callable[[], bool] | None = None,
) -> HeldResults:
    """Run every member of a study; figures are float64, and those of a sweep of the same design into a folder.

    Parameters
    ----------
    on_progress
        Told of the members, before the first chunk and after each.
    stopped
        Asked before each chunk.

    Raises Stopped where `stopped` says so; DocumentError where the design has more members than fit in memory, or the
    engine refuses it.
    """
    members = study.plan.members
    if members > MOST:
        raise DocumentError([fault("analysis.held_members", "design", None, "size", number=members, most=MOST)])
    check_memory(study)
    check_runs(study)
    values = np.empty((members, len(study.names)))
    found = np.empty((len(study.outputs), members, len(study.years)))
    failed = np.zeros(members, bool)
    why: list[NotFinite] = []
    counter = StepCounter(on_progress, "members", members)
    for begin, end in blocks(members):
        for first in range(begin, end, CHUNK):
            heed(stopped)
            rows = slice(first, min(first + CHUNK, end))
            values[rows], given = study.block(rows.start, rows.stop)
            arrays = study.city.model.arrays(given, study.variables, study.times, on_failure="mask")
            found[:, rows], failed[rows] = figures_of(study.outputs, arrays, double=True)
            lost = np.flatnonzero(failed[rows])[: MOST_EXPLAINED - len(why)]
            why += explained(study, given, lost.tolist(), rows.start)
            counter.add(rows.stop - rows.start)
    found[:, failed] = np.nan
    done = {"complete": True, "failed_members": int(failed.sum()), "first_failure": first_failure(why)}
    return HeldResults({**manifest_of(study, double=True), **done}, values, found, tuple(why))


def heed(stopped: Callable[[], bool] | None) -> None:
    """Raise Stopped where the caller wants to stop."""
    if stopped is not None and stopped():
        raise Stopped

"""A sweep into a folder: Parquet parts of 10 000 members, taken up where a killed run left off, to the same bytes.

parameters/part-00000.parquet   member and a float64 column for each factor
results/part-00000.parquet      member, year and a column for each output; empty for a member whose run diverged
failed.parquet                  these members, the first variable and time that were not finite, and their parameters
manifest.json                   what the folder holds, with the hashes of model, design and beliefs, and of each part
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from innovation.analysis.design.factors import Output, Study
from innovation.analysis.design.points import BLOCK, Floats, blocks, plan_bytes
from innovation.engine import VERSION, NotFinite, OnProgress, RunError, StepCounter
from innovation.engine.backends.llvm import processor
from innovation.model.files import DocumentError, fault
from innovation.scenarios import scenario_text
from innovation.scenarios.execution import (
    MANIFEST,
    MARK,
    PART,
    Chunk,
    Key,
    check_cluster,
    claimable,
    digest,
    digest_of,
    failed_in,
    figures_part,
    fill,
    held,
    is_part,
    keep,
    keep_json,
    mark_of,
    parquet,
    room_for,
    size_in_words,
)
from innovation.scenarios.simulation import MOST_EXPLAINED

FORMAT = 2
RESULTS, PARAMETERS, FAILED = "results", "parameters", "failed.parquet"
WRITTEN = (FAILED, f"{PARAMETERS}/{PART}", f"{RESULTS}/{PART}")
SAME = {
    "format": "format", "seed": "seed", "design_hash": "design", "model_hash": "model",
    "beliefs_hash": "prior or posterior", "precision": "precision", "engine_version": "version of the engine",
    "packages": "packages",
}  # fmt: skip
TARGET_FIELDS = ("kind", "sense", "aggregate", "year", "value", "high", "section")
TRIAL = 256  # members of the trial run that an estimate is made from
ROOM = 1.1  # times the estimate that must be free
PROGRAM, HELD = 3e8, 6  # bytes of the program itself; chunks of figures in memory at a time, about (measured)


@dataclass(frozen=True)
class SweepEstimate:
    """What a sweep will take: members, parts, bytes on disk and of memory, and seconds on this machine."""

    members: int
    parts: int
    size: float
    memory: float
    seconds: float


@dataclass(frozen=True)
class SweepOutcome:
    """What became of a sweep: members that failed, and parts that could not be computed with the reason of each.

    `first` says why the first of those members failed; None where none did.
    """

    members: int
    failed_members: int
    failed_parts: dict[int, str]
    first: NotFinite | None = None


def sweep(
    study: Study,
    folder: Path,
    *,
    double: bool = False,
    threads: int | None = None,
    cluster: str | None = None,
    on_progress: OnProgress | None = None,
) -> SweepOutcome:
    """Run every member that the folder does not have yet.

    Parameters
    ----------
    double
        float64 columns; float32 otherwise.
    threads, cluster
        As in ``scenarios.execution.executor.spread``.
    on_progress
        Told of the members, before the first runs and after each chunk.

    Raises FolderError where the folder is another's, is being written to, or the disk is full or too small;
    DocumentError where the engine refuses the design, or its plan is larger than the machine's memory.
    """
    check_cluster(cluster)
    check_memory(study)
    manifest = manifest_of(study, double)
    claimable(folder, manifest, SAME)
    check_runs(study)
    mark = digest({name: manifest[name] for name in SAME})
    parts = list(enumerate(blocks(study.plan.members)))
    missing = [part for part in parts if not _is_made(folder, mark, part)]
    room_for(folder, ROOM * _size(study, double, sum(last - first for _, (first, last) in missing)))
    with held(folder, manifest, SAME, WRITTEN):
        missing = [part for part in missing if not _is_made(folder, mark, part)]
        already = study.plan.members - sum(last - first for _, (first, last) in missing)
        counter = StepCounter(on_progress, "members", study.plan.members, already)
        finish = partial(figures_part, study.outputs, study.years, double, mark)
        wrong = fill(
            study.city.model, _chunks(study, folder, mark, missing), finish,
            lambda key: _part(folder, RESULTS, key[0]), threads, cluster, counter,
        )  # fmt: skip
        return _close(study, folder, manifest, {number: reason for (number, _), reason in wrong.items()})


def check_runs(study: Study) -> None:
    """Raises DocumentError where the engine refuses what the design asks for, which no part could then be."""
    try:
        _, given = study.block(0, 1)
        study.city.model.arrays(given, study.variables, study.times, on_failure="mask")
    except RunError as error:
        raise DocumentError([fault("analysis.engine_refuses", "design", said=" ".join(str(error).split()))]) from None


def check_memory(study: Study) -> None:
    """Raises DocumentError where the design's plan alone is larger than the machine's memory."""
    needed, there = memory(study), _memory_of_machine()
    if there is not None and needed > there:
        raise DocumentError(
            [fault("analysis.memory", "design", None, "size", needed=size_in_words(needed), there=size_in_words(there))]
        )


def _memory_of_machine() -> float | None:
    try:
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return None  # a system that does not say


def memory(study: Study) -> float:
    """About how many bytes of memory a sweep takes: the program, the design's plan, and the parts under way."""
    cells = len(study.names) + len(study.outputs) * len(study.years)
    return PROGRAM + plan_bytes(study.design, len(study.ranges) + len(study.priors)) + HELD * 8.0 * BLOCK * cells


def place_of(kind: str, number: int) -> str:
    """Where a part stands in the folder."""
    return f"{kind}/part-{number:05d}.parquet"


def _part(folder: Path, kind: str, number: int) -> Path:
    return folder / place_of(kind, number)


def _is_made(folder: Path, mark: str, part: Key[int]) -> bool:
    return all(is_part(_part(folder, kind, part[0]), mark, part) for kind in (PARAMETERS, RESULTS))


def _chunks(study: Study, folder: Path, mark: str, parts: list[Key[int]]) -> Iterator[tuple[Key[int], Chunk]]:
    """What the engine is asked for each part; the parameters are on the disk before, so that no failure hides them."""
    for part in parts:
        values, given = study.block(*part[1])
        keep(_part(folder, PARAMETERS, part[0]), parameters_part(study.names, values, mark, part))
        yield part, Chunk(given, study.variables, study.times)


def parameters_part(names: tuple[str, ...], values: Floats, mark: str, part: Key[int]) -> bytes:
    """Parquet of factors' values, shape (members, names), of the members of a part."""
    columns: dict[str, Any] = {"member": np.arange(*part[1], dtype=np.int32)}
    columns |= {name: np.ascontiguousarray(values[:, place]) for place, name in enumerate(names)}
    return parquet(pa.table(columns).replace_schema_metadata({MARK: mark_of(mark, part)}), names)


def manifest_of(study: Study, double: bool) -> dict[str, Any]:
    """What a sweep says of itself before it has run."""
    design, members = study.design.plain(), study.plan.members
    asked = {
        "design": design,
        "scenario": study.scenario.model_dump(
            mode="json", include={"policies", "assumptions"}
        ),  # its words change nothing
        "factors": study.facts(),
        "outputs": [[output.id, output.cell, output.first_year] for output in study.outputs],
        "years": list(study.years),
    }
    first, _ = study.block(0, min(TRIAL, members))
    posterior = study.distributions.posterior_hash if study.posteriors else None
    rounded = [[f"{value:.6g}" for value in row] for row in first.tolist()]  # last bits differ between processors
    return {
        "format": FORMAT,
        "kind": "sweep",
        "design_hash": digest(asked),
        "model_hash": study.city.model.hash,
        "posterior_hash": posterior,
        **(study.distributions.record if posterior else {}),
        "beliefs_hash": digest([rounded, posterior]),
        "seed": study.design.seed,
        "members": members,
        "members_a_part": BLOCK,
        "draws": _draws(study),
        "precision": "float64" if double else "float32",
        "engine_version": VERSION,
        "packages": {name: version(name) for name in ("numpy", "pyarrow", "scipy")},
        "processor": processor(),
        "design": design,
        "scenario": scenario_text(study.scenario),
        "factors": asked["factors"],
        "outputs": {output.id: _told(output) for output in study.outputs},
        "years": asked["years"],
        "complete": False,
        "failed_members": None,
        "failed_parts": {},
        "first_failure": None,
        "parts": {},
    }  # fmt: skip


def _told(output: Output) -> dict[str, Any]:
    """What a reader needs of an output, its target included, so that results can be analysed without the city."""
    told = {"cell": output.cell, "unit": output.unit, "first_year": output.first_year, "en": output.en, "zh": output.zh}
    wanted = output.target
    return told | {"target": None if wanted is None else wanted.model_dump(mode="json", include=set(TARGET_FIELDS))}


def _draws(study: Study) -> int | None:
    """How many different draws of the posterior the members have."""
    if not study.posteriors:
        return None
    return min(study.plan.members, len((study.distributions.posterior or {})[study.posteriors[0]]))


def _close(study: Study, folder: Path, manifest: dict[str, Any], wrong: dict[int, str]) -> SweepOutcome:
    """Write what is known at the end: the members that failed, and whether everything is there."""
    found: list[tuple[int, Floats]] = []
    reasons: dict[int, NotFinite] = {}
    for number, (first, last) in enumerate(blocks(study.plan.members)):
        if number in wrong:
            continue
        members = failed_in(_part(folder, RESULTS, number))
        if members:
            values, given = study.block(first, last)
            found += [(member, values[member - first]) for member in members]
            places = [member - first for member in members[: MOST_EXPLAINED - len(reasons)]]
            reasons |= {one.member: one for one in explained(study, given, places, first)}
    names = study.names
    why = [reasons.get(member, NotFinite(member)) for member, _ in found]
    columns: dict[str, Any] = {"member": np.array([one.member for one in why], np.int32)}
    columns["variable"] = pa.array([one.variable or None for one in why], pa.string())
    columns["time"] = pa.array([one.time if one.variable else None for one in why], pa.float64())
    columns |= {name: np.array([values[place] for _, values in found]) for place, name in enumerate(names)}
    keep(folder / FAILED, parquet(pa.table(columns), names))
    lost = {str(number): reason for number, reason in sorted(wrong.items())}
    done = {"complete": not wrong, "failed_members": len(found), "failed_parts": lost}
    made = _digests(folder, wrong, len(blocks(study.plan.members)))
    keep_json(folder / MANIFEST, {**manifest, **done, "first_failure": first_failure(why), "parts": made})
    return SweepOutcome(study.plan.members, len(found), wrong, next(iter(why), None))


def explained(study: Study, given: Mapping[str, Any], places: Sequence[int], first: int = 0) -> list[NotFinite]:
    """Why members of a block of a study failed, by their places in it; `first` is the number of its first member."""
    found = study.city.model.failures(given, study.variables, study.times, members=places)
    return [replace(one, member=first + one.member) for one in found]


def first_failure(found: Sequence[NotFinite]) -> dict[str, Any] | None:
    """Why the first member failed, as a manifest tells it; a reason that is not known has no variable."""
    known = {"variable": found[0].variable, "time": found[0].time} if found and found[0].variable else {}
    return {"member": found[0].member, **known} if found else None


def _digests(folder: Path, wrong: Collection[int], parts: int) -> dict[str, str]:
    """The SHA-256 of every part, by its place in the folder; of those that could not be computed there is none."""
    found = {}
    for kind in (PARAMETERS, RESULTS):
        for number in range(parts):
            if kind == PARAMETERS or number not in wrong:
                found[place_of(kind, number)] = digest_of(folder / place_of(kind, number))
    return found


def _size(study: Study, double: bool, members: int) -> float:
    """About how many bytes so many members take: figures hardly compress, members and years almost to nothing."""
    rows = members * len(study.years)
    return 8.0 * members * len(study.names) + (8 if double else 4) * 0.95 * rows * len(study.outputs) + 2.0 * rows


def estimate(study: Study, double: bool = False, threads: int | None = None) -> SweepEstimate:
    """What a sweep takes on this machine, from a short trial that writes nothing.

    Raises DocumentError where the design's plan is larger than the machine's memory.
    """
    check_memory(study)
    check_runs(study)
    last = min(TRIAL, study.plan.members)
    taken = []
    for _ in range(3):  # the first compiles
        begin = time.perf_counter()
        _, given = study.block(0, last)
        arrays = study.city.model.arrays(given, study.variables, study.times, threads=threads, on_failure="mask")
        figures_part(study.outputs, study.years, double, "", (0, (0, last)), arrays)
        taken.append(time.perf_counter() - begin)
    members = study.plan.members
    seconds = members * min(taken[1:]) / last
    return SweepEstimate(members, len(blocks(members)), _size(study, double, members), memory(study), seconds)

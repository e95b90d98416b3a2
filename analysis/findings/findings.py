"""What a sweep found as plain objects, for a page: what matters for each output, and where its target is missed.

Findings of the designs in library/ are shipped (shipping.py), so that a page has them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from innovation.analysis.design.factors import Study
from innovation.analysis.discovery.misses import misses
from innovation.analysis.discovery.prim import ScenarioBox
from innovation.analysis.indices.rankings import ROUNDING, Ranking, kind_of, rank
from innovation.analysis.sweeps.exploring import explored, heed
from innovation.analysis.sweeps.results import Results
from innovation.analysis.sweeps.sweep_folder import manifest_of
from innovation.engine import OnProgress
from innovation.model.files import DocumentError, fault, near, shown

SHIPPED = Path(__file__).parents[1] / "shipped"
MOST_WEIGHTS = 12  # of an output in a year: as many as one can take in (judgement)
HASHES = {"model_hash": "model", "design_hash": "design", "beliefs_hash": "prior or posterior"}


@dataclass(frozen=True)
class Weight:
    """One factor's say in one output: mean size of the effect (morris), total index (sobol, anova) or Cramér-von Mises
    index, with 95 % interval where one is given.

    `sure` says that it is more than chance. `direction` is 1 where more of the factor goes with more of the output, -1
    where with less, 0 where that is unclear.
    """

    factor: str
    value: float
    low: float | None
    high: float | None
    sure: bool
    direction: int


@dataclass(frozen=True)
class Finding:
    """What matters for one output in one year.

    `kind` is 'morris', 'sobol', 'anova' or 'cramer_von_mises'. `weights` are the heaviest, in order; none where nothing
    moves the output, which is then the `same` in all members. Where it has a target of that year, `missed` is the part
    of the `looked_at` members that miss it, and `box` where they do; a box without limits says that no range sets them
    apart. There is no box where fewer than 2 % miss or meet the target, and neither figure for a design of morris,
    whose members are no sample.
    """

    output: str
    year: int
    kind: str
    weights: tuple[Weight, ...]
    box: ScenarioBox | None
    missed: float | None
    looked_at: int = 0
    same: bool = False


@dataclass(frozen=True)
class Findings:
    """What a sweep found, and of what.

    `design` and `factors` are plain data as in a sweep's manifest: the design spelled out, and each factor's kind and
    range. `failed` of the members have no figures and no part in the findings; `used` of the others count in the
    weights, since repeated draws count once and of many a sample is taken.
    """

    design: dict[str, Any]
    factors: dict[str, dict[str, Any]]
    members: int
    failed: int
    used: int
    model_hash: str
    design_hash: str
    beliefs_hash: str
    findings: tuple[Finding, ...]

    @property
    def kind(self) -> str:
        """'morris', 'sobol', 'anova' or 'cramer_von_mises': what weights are."""
        return kind_of(self.design["method"])

    def plain(self) -> dict[str, Any]:
        """As plain data that JSON can hold."""
        return dict(_FINDINGS.dump_python(self, mode="json"))

    def parted(self, study: Study) -> list[str]:
        """In what these findings and a study differ, in words: nothing where they are the study's."""
        now = manifest_of(study, double=True)
        other = [name for name in HASHES if getattr(self, name) != now[name]]
        if "design_hash" in other:  # the third speaks of the design's first members
            other = [name for name in other if name != "beliefs_hash"]
        return [HASHES[name] for name in other]


_FINDINGS = TypeAdapter(Findings)


def from_plain(content: Any) -> Findings:
    """The findings that `plain` gave, exactly. Raises ValueError where it is something else."""
    return _FINDINGS.validate_python(content)


def findings_of(results: Results, stopped: Callable[[], bool] | None = None) -> Findings:
    """What a sweep that has ended found; `stopped` is asked now and then.

    Raises TooManyFailed where too many members failed; exploring.Stopped where `stopped` says so.
    """
    results.check_failures()
    missed = {(miss.output, miss.year): miss for miss in misses(results, results.years, lambda: heed(stopped))}
    found, used = [], 0
    for year in results.years:
        if not results.available(year):
            continue
        heed(stopped)
        ranking = rank(results, year, lambda: heed(stopped))
        for place, output in enumerate(ranking.outputs):
            miss = missed.get((output, year))
            weights, same = _weights(results, ranking, place), bool(ranking.same[place])
            box, share, looked_at = (miss.box, miss.share, miss.used) if miss else (None, None, 0)
            found.append(Finding(output, year, ranking.kind, weights, box, share, looked_at, same))
        used = len(ranking.counted.members)
    manifest = results.manifest
    return Findings(
        manifest["design"], manifest["factors"], results.members, results.failed, used,
        manifest["model_hash"], manifest["design_hash"], manifest["beliefs_hash"], tuple(found),
    )  # fmt: skip


def explore(
    study: Study,
    *,
    on_progress: OnProgress | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Findings:
    """Sweep a study in memory and say what it found.

    Parameters
    ----------
    on_progress
        Told of the members, before the first chunk of 500 and after each.
    stopped
        Asked before each chunk, each box, each year and each factor; where it says so, exploring.Stopped is raised.

    Raises TooManyFailed where too many members failed, DocumentError where the design is too large for memory.
    """
    return findings_of(explored(study, on_progress, stopped), stopped)


def _weights(results: Results, ranking: Ranking, place: int) -> tuple[Weight, ...]:
    value = np.nan_to_num(ranking.value[:, place])
    heaviest = np.argsort(-value, kind="stable")[:MOST_WEIGHTS]
    return tuple(
        Weight(
            results.factors[factor],
            float(value[factor]),
            _end(ranking.low[factor, place]),
            _end(ranking.high[factor, place]),
            bool(ranking.sure[factor, place]),
            int(ranking.direction[factor, place]),
        )
        for factor in heaviest
        if value[factor] > ROUNDING * value.max()
    )


def _end(value: np.float64) -> float | None:
    """An end of an interval, where one is given."""
    return None if np.isnan(value) else float(value)


def shipped_names() -> list[str]:
    """Names of the shipped findings: those of their designs."""
    return sorted(path.stem for path in SHIPPED.glob("*.json"))


def shipped(name: str) -> Findings:
    """Findings that are shipped. Raises DocumentError where there are none of that name, or the file is damaged."""
    path = SHIPPED / f"{name}.json"
    if name not in shipped_names():
        raise DocumentError(
            [fault("analysis.not_shipped", shown(SHIPPED), name=name, near=near(name, shipped_names()))]
        )
    try:
        return _FINDINGS.validate_json(path.read_bytes())
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise DocumentError([fault("analysis.findings_damaged", shown(path), problem=said)]) from None

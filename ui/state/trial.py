"""A small sweep of a visitor's own, run beside the page, which tells how far it is and can be stopped; no streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any
from weakref import WeakValueDictionary, finalize

from innovation.analysis.design import Distributions, Study, make_study, parse_design
from innovation.analysis.findings import Findings, findings_of
from innovation.analysis.sweeps import explored
from innovation.engine import Progress
from innovation.model import PLAN_ENDS, City, Control
from innovation.model.files import DocumentError
from innovation.scenarios import Scenario, scenario_text, yaml_text
from innovation.scenarios.simulation import DesignFailures, TooManyFailed
from innovation.ui.draft import USUAL_RAMP, USUAL_START
from innovation.ui.serving.queue import Place, WaitingLine

POLICIES, WORLD, BOTH, DRAWS = "policies", "world", "both", "draws"
VARIED = (POLICIES, WORLD, BOTH, DRAWS)
# Trajectories of Morris, or draws, of which there are 2 000.
SIZES: Mapping[str, tuple[int, int]] = {"quick": (20, 500), "usual": (40, 1000), "fine": (400, 2000)}
TRIALS = WaitingLine(1)  # it takes all processors


def design_of(city: City, varied: str, size: str) -> str:
    """The design file of a small sweep: levers or assumptions over their whole ranges (Morris), or posterior draws.

    Shares of one sum are left out: they cannot all vary.
    """
    trajectories, draws = SIZES[size]
    factors: list[dict[str, Any]] = []
    if varied in (POLICIES, BOTH):
        factors += [_ranged("lever", name, lever) for name, lever in city.levers.items() if lever.share_of is None]
    if varied in (WORLD, BOTH):
        factors += [_ranged("input", name, one, not one.views) for name, one in city.inputs.items()]
    if varied == DRAWS:
        factors = [{"constant": "all", "range": "posterior"}]
    method = {"method": "monte_carlo", "size": draws} if varied == DRAWS else {"method": "morris", "size": trajectories}
    return yaml_text({"schema": 1, **method, "factors": factors, "outputs": "targets", "years": [PLAN_ENDS]})


def _ranged(kind: str, name: str, control: Control, ramped: bool = True) -> dict[str, Any]:
    """The factor of a lever or an assumption; a view of how the city works has nothing between its values."""
    ramp = USUAL_RAMP if ramped else 0.0
    return {kind: name, "range": [control.low, control.high], "from": USUAL_START, "ramp": ramp}


class _Sweep:
    """What visitors with one wish share: a sweep, the place where it waits or runs, and how far it is.

    `failures` says how many of its members failed, and `failed` lists them (head, rows), once they have all run.
    """

    def __init__(self, study: Study) -> None:
        self.done = 0
        self.failures: DesignFailures | None = None
        self.failed: tuple[list[str], list[list[Any]]] | None = None

        def tell(now: Progress) -> None:
            self.done = now.done

        def compute(place: Place[Findings]) -> Findings:
            results = explored(study, tell, place.give_up)
            self.failures, self.failed = results.failures, results.failed_rows()
            return findings_of(results, place.give_up)

        self.place = TRIALS.take(compute, waiting=1)


_shared: WeakValueDictionary[tuple[str, ...], _Sweep] = WeakValueDictionary()
_sharing = Lock()


def _joined(key: tuple[str, ...], study: Study) -> _Sweep:
    """The sweep of this key that somebody follows or holds, else a new one."""
    with _sharing:
        sweep = _shared.get(key)
        if sweep is not None and sweep.place.failure is None:
            with suppress(CancelledError):
                sweep.place.join()
                return sweep
        _shared[key] = begun = _Sweep(study)
        return begun


@dataclass
class Trial:
    """A visitor's sweep, waiting, under way or ended."""

    scenario: Scenario
    varied: str
    design: str
    total: int = 0
    refused: DocumentError | None = None
    _sweep: _Sweep | None = None
    _stopped_at: int | None = None

    def start(self, city: City, distributions: Distributions) -> None:
        """Begin, or follow an equal one; raises DesignError where the city cannot run the design."""
        design, document = parse_design(self.design)
        study = make_study(city, design, self.scenario, distributions, document)
        self.total = study.plan.members
        key = (city.model.hash, str(distributions.posterior_hash), scenario_text(self.scenario), self.design)
        self._sweep = _joined(key, study)
        self._leave = finalize(self, self._sweep.place.leave)  # also when the visitor goes

    def stop(self) -> None:
        """Follow it no longer; where nobody else does, it ends after the members under way."""
        if self.runs:
            self._stopped_at = self.done
            self._leave()

    @property
    def done(self) -> int:
        """How many members were run."""
        if self._stopped_at is not None:
            return self._stopped_at
        return self._sweep.done if self._sweep else 0

    @property
    def ahead(self) -> int:
        """How many other sweeps come before it."""
        return self._sweep.place.ahead if self._sweep else 0

    @property
    def runs(self) -> bool:
        """Whether it waits or is under way."""
        return self._sweep is not None and self._stopped_at is None and not self._sweep.place.ended

    @property
    def findings(self) -> Findings | None:
        """What it found, where it ended well."""
        if self._sweep is None or self._stopped_at is not None or not self._sweep.place.ended:
            return None
        return None if self._sweep.place.failure else self._sweep.place.result()

    @property
    def failures(self) -> DesignFailures | None:
        """How many of its members failed, once they have all run."""
        return self._sweep.failures if self._sweep else None

    @property
    def failed(self) -> tuple[list[str], list[list[Any]]] | None:
        """The list of these members, head and rows."""
        return self._sweep.failed if self._sweep else None

    @property
    def fault(self) -> DocumentError | TooManyFailed | None:
        """What is wrong, where it could not begin or end."""
        failure = self._sweep.place.failure if self._sweep and self._stopped_at is None else None
        if failure is not None and not isinstance(failure, DocumentError | TooManyFailed):
            raise failure
        return self.refused or failure

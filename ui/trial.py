"""A small sweep of a visitor's own, run beside the page, which tells how far it is and can be stopped; no streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from analysis.checking import make_study
from analysis.design import parse_design
from analysis.exploring import Stopped
from analysis.factors import Beliefs
from analysis.findings import Findings, explore
from model import City, DocumentError
from model.entries import Control
from scenarios import Scenario
from scenarios.writing import yaml_text

from .draft import USUAL_RAMP, USUAL_START

POLICIES, WORLD, BOTH, DRAWS = "policies", "world", "both", "draws"
VARIED = (POLICIES, WORLD, BOTH, DRAWS)
# Trajectories of Morris, or draws, of which there are 2 000.
SIZES: Mapping[str, tuple[int, int]] = {"quick": (10, 500), "usual": (40, 1000), "fine": (400, 2000)}
YEAR = 2015


def design_of(city: City, varied: str, size: str) -> str:
    """The design file of a small sweep: levers or assumptions over their whole ranges (Morris), or posterior draws (δ).

    Shares of one sum are left out: they cannot all vary.
    """
    trajectories, draws = SIZES[size]
    factors: list[dict[str, Any]] = []
    if varied in (POLICIES, BOTH):
        factors += [_ranged("lever", name, lever) for name, lever in city.levers.items() if lever.share_of is None]
    if varied in (WORLD, BOTH):
        factors += [_ranged("input", name, one) for name, one in city.inputs.items()]
    if varied == DRAWS:
        factors = [{"constant": "all", "range": "posterior"}]
    method = {"method": "monte_carlo", "size": draws} if varied == DRAWS else {"method": "morris", "size": trajectories}
    return yaml_text({"schema": 1, **method, "factors": factors, "outputs": "targets", "years": [YEAR]})


def _ranged(kind: str, name: str, control: Control) -> dict[str, Any]:
    return {kind: name, "range": [control.low, control.high], "from": USUAL_START, "ramp": USUAL_RAMP}


@dataclass
class Trial:
    """A sweep under way or ended: members done, findings where it ended well, what went wrong where it did not."""

    scenario: Scenario
    varied: str
    design: str
    total: int = 0
    done: int = 0
    findings: Findings | None = None
    fault: DocumentError | None = None
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self, city: City, beliefs: Beliefs) -> None:
        """Begin; raises DesignError where the city cannot run the design."""
        design, document = parse_design(self.design)
        study = make_study(city, design, self.scenario, beliefs, document)
        self.total = study.plan.members

        def tell(done: int, _: int) -> None:
            self.done = done

        def run() -> None:
            try:
                self.findings = explore(study, told=tell, stopped=self._stop.is_set)
            except Stopped:
                pass
            except DocumentError as error:
                self.fault = error

        self._thread = Thread(target=run, name="trial", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it after the members under way."""
        self._stop.set()

    @property
    def runs(self) -> bool:
        """Whether it is still under way."""
        return self._thread is not None and self._thread.is_alive()

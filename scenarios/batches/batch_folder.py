"""Scenarios x members into a folder: every figure, a summary, a page to read, and what made them.

indicators.parquet   scenario, member (0: the nominal run), year, indicator, value, unit
costs.csv            what each scenario costs beyond 2010 practice, by payer and in social resources
summary.csv          percentiles, mean and, in a target's year, the chance of the target, of every indicator and year
views.csv            the chance of each target under each view of how the city works
failed.csv           members that failed, with the first variable and time that were not finite, and their parameters
report.html          one page that stands alone
manifest.json        hashes, seed, command, versions: what the folder holds and what made it
parts/               until all is there: the figures of each scenario, 10 000 members a file, where a killed run goes on

Memory holds some three chunks of runs, and afterwards two indicators of one scenario: each eight bytes a member and
year.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from importlib.metadata import version
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.engine import VERSION, NotFinite, OnProgress, StepCounter
from innovation.engine.backends.llvm import processor
from innovation.engine.files import csv_text
from innovation.model import City
from innovation.model.files import Language
from innovation.scenarios.costs.accounting import LEVEL, SOCIAL, costs, has_costs
from innovation.scenarios.costs.cost_words import COST_COLUMNS, COSTS, cost_rows
from innovation.scenarios.execution.executor import Chunk, check_cluster
from innovation.scenarios.execution.filling import Key, Span, figures_part, fill, is_part, is_whole
from innovation.scenarios.execution.run_store import (
    MANIFEST,
    PART,
    being_kept,
    claimable,
    digest,
    digest_of,
    held,
    keep,
    keep_json,
    room_for,
)
from innovation.scenarios.scenario_files import scenario_text
from innovation.scenarios.schema import Scenario
from innovation.scenarios.simulation.bands import CITY, PUBLISHED, Band, Instrument
from innovation.scenarios.simulation.failures import FAILURE_COLUMNS, LIST, Failures, reason_cells
from innovation.scenarios.simulation.failures import judged as judge
from innovation.scenarios.simulation.failures import told as failure_lines
from innovation.scenarios.simulation.outlooks import Outlook
from innovation.scenarios.simulation.run import MemberValues, attrs_of, checked_ids, explained, parameters
from innovation.scenarios.simulation.view_words import VIEW_COLUMNS, view_rows
from innovation.scenarios.simulation.views import drawn_views, held_views

from .batch_figures import FIGURES, Cell, Figures, open_figures, write_figures
from .batch_page import batch_page
from .batch_summary import SUMMARY_COLUMNS, Summary, summarise, summary_rows

FORMAT = 3
BLOCK = 10_000  # members of a part, beside the nominal run in the first
PARTS = "parts"
WRITTEN = (FIGURES, "summary.csv", "views.csv", COSTS, LIST, "report.html", f"{PARTS}/*/{PART}")
SAME = {
    "format": "format", "scenarios_hash": "scenario or other scenarios", "model_hash": "model", "seed": "seed",
    "members": "number of members", "members_hash": "origin of members", "engine_version": "version of the engine",
    "packages": "packages",
}  # fmt: skip
A_FIGURE = 8.0  # bytes that a figure takes in a part or in indicators.parquet, about: noise hardly compresses


@dataclass(frozen=True)
class MemberSource:
    """Members that are made when they are needed, for more of them than memory should hold.

    `block(first, last)` gives constants, one value a member, always the same; `first` begins a part of BLOCK members.
    `mark` tells these members from others; two with one mark are the same.
    """

    count: int
    block: Callable[[int, int], MemberValues]
    mark: str


@dataclass
class Batch:
    """What became of a batch.

    `outlooks` are by scenario id, of the scenarios that are shown and the members that failed under none of them, in
    the band asked for,
    `costs` what these cost in the order of COST_COLUMNS;
    `failures` has the members that failed or could not be computed; `faults` what kept a part of the members of a
    scenario from being computed.
    """

    folder: Path
    failures: Failures
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    costs: list[tuple[object, ...]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def batch(
    city: City,
    scenarios: Sequence[Scenario],
    members: MemberValues | MemberSource,
    folder: Path,
    *,
    origin: Mapping[str, Any] | None = None,
    judged: Iterable[str] = (),
    instrument: Instrument | None = None,
    band: Band = PUBLISHED,
    command: str = "",
    language: Language = "en",
    threads: int | None = None,
    cluster: str | None = None,
    on_progress: OnProgress | None = None,
) -> Batch:
    """Run every scenario with the same members and write the folder; the same call gives the same bytes.

    Stopped or killed and called again, it goes on with the parts that are there. A finished folder is only read, and
    its page written in the language asked for.

    Parameters
    ----------
    members, origin
        Constants, one value a member, or a MemberSource; and where they come from (posterior_hash, draws, seed; record
        and record_hash where that is not the city's).
    judged
        Targets that rest on judgement.
    instrument, band
        How figures are published, without which there is the band of the city alone; and which band outlooks, page
        are and views.csv are of; summary.csv has both.
    command
        As the manifest tells it.
    threads, cluster
        As in `spread`.
    on_progress
        Told of the runs, then of the indicators whose figures are gathered and summed up.

    Raises FolderError where the folder is another's, is being written to, cannot be written, or the disk is too small;
    ScenarioError as `simulate` does.
    """
    checked_ids(scenarios)
    draws = members if isinstance(members, MemberSource) else _in_memory(members)
    asked = _Asked(city, tuple(scenarios), draws, folder, origin or {})
    asked.check_names()
    check_cluster(cluster)
    manifest = _manifest(asked, command, instrument)
    claimable(folder, manifest, SAME)
    room_for(folder, asked.size_missing())
    with held(folder, manifest, SAME, WRITTEN) as found:
        faults: list[str] = []
        complete = bool(found.get("complete")) and _is_the_one(folder / FIGURES, found.get("figures_hash"))
        already = asked.runs if complete else asked.runs - asked.runs_of(asked.missing())
        counter = StepCounter(on_progress, "runs", asked.runs, already)
        if not complete:
            wrong = fill(
                city.model, asked.chunks(), partial(figures_part, asked.cells, city.years, True, asked.mark),
                asked.part,
                threads, cluster, counter,
            )  # fmt: skip
            faults = [f"{name}, members {max(first, 1)} to {last - 1}: {reason}"
                      for (name, (first, last)), reason in wrong.items()]  # fmt: skip
        counter = StepCounter(on_progress, "indicators", len(scenarios) * len(asked.cells) * (1 if complete else 2))
        if not complete:
            with being_kept(folder / FIGURES) as place:
                write_figures(place, asked.ids, asked.cells, city.years, asked.spans, asked.part, counter)
        with open_figures(folder, asked.ids, asked.cells, city.years, asked.spans) as figures:
            flags = {name: figures.failed(name) for name in asked.ids}
            failures = judge(flags, lambda name, numbers: [] if faults else _explained(asked, name, numbers))
            done = Batch(folder, failures, faults=faults)
            about = {**(origin or {}), **attrs_of(failures, (origin or {}).get("draws"))}
            attrs = {"model_hash": city.model.hash, "dt": city.model.dt, "version": VERSION, **about}
            summaries = list(_summaries(asked, figures, attrs, frozenset(judged), instrument, failures, counter))
            _keep_csv(folder / "summary.csv", SUMMARY_COLUMNS, summary_rows(city, summaries))
            told_of = band if instrument else CITY
            done.outlooks |= {one.scenario: one.outlook for one in summaries if one.outlook.band == told_of}
            every = [one.chances[name] for name, one in done.outlooks.items()]
            _keep_csv(folder / "views.csv", VIEW_COLUMNS, view_rows(city, every))
            if has_costs(city):
                done.costs = list(_costs(asked, figures, done))
                _keep_csv(folder / COSTS, COST_COLUMNS, done.costs)
        _keep_csv(folder / LIST, (*FAILURE_COLUMNS, *draws.block(0, 1)), _failed_rows(asked, failures))
        lines = failure_lines(failures, language, place=LIST)
        keep(folder / "report.html", batch_page(city, scenarios, done.outlooks, lines, language, done.costs).encode())
        if not complete:
            lost = {name: len(numbers) for name, numbers in failures.failed.items()}
            about = {"failed_members": lost, "left_out": len(failures.lost), "not_shown": list(failures.aside)}
            about["figures_hash"] = digest_of(folder / FIGURES)
            keep_json(folder / MANIFEST, {**manifest, "complete": not faults, **about})
        if not faults:
            asked.drop_parts()
    return done


@dataclass(frozen=True)
class _Asked:
    """What a batch is asked for, in parts: a part is some members of one scenario."""

    city: City
    scenarios: tuple[Scenario, ...]
    draws: MemberSource
    folder: Path
    origin: Mapping[str, Any]

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What makes two batches the same, and what else there is to say of this one."""
        texts = {scenario.id: scenario_text(scenario) for scenario in self.scenarios}
        return {
            "format": FORMAT,
            "scenarios_hash": digest(list(texts.items())),
            "model_hash": self.city.model.hash,
            "posterior_hash": self.origin.get("posterior_hash"),
            **{name: self.origin[name] for name in ("record", "record_hash") if name in self.origin},
            "members_hash": digest(self.draws.mark),
            "seed": self.origin.get("seed"),
            "members": self.draws.count,
            "draws": self.origin.get("draws", self.draws.count),
            "engine_version": VERSION,
            "packages": {name: version(name) for name in ("numpy", "pyarrow", "scipy")},
            "processor": processor(),
            "scenarios": texts,
        }

    @cached_property
    def mark(self) -> str:
        """By which a part is known as this batch's."""
        return digest({name: self.facts[name] for name in SAME})

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(scenario.id for scenario in self.scenarios)

    def scenario(self, id: str) -> Scenario:
        return next(one for one in self.scenarios if one.id == id)

    @cached_property
    def drawn(self) -> dict[str, NDArray[np.float64]]:
        """The views that all members have as drawn, by variant, the nominal run first."""
        if not self.city.variants:
            return {}
        blocks = [drawn_views(self.city, self.draws.block(max(first - 1, 0), last - 1), first == 0)
                  for first, last in self.spans]  # fmt: skip
        return {name: np.concatenate([one[name] for one in blocks]) for name in self.city.variants}

    @property
    def cells(self) -> tuple[Cell, ...]:
        city = self.city
        return tuple(
            Cell(name, city.spelling(*city.locate(indicator.variable)), indicator.unit, indicator.first_year)
            for name, indicator in city.indicators.items()
        )

    @property
    def spans(self) -> tuple[Span, ...]:
        """First and last (not included) member of every part; member 0 is the nominal run."""
        return tuple(pairwise([0, *range(BLOCK + 1, self.draws.count + 1, BLOCK), self.draws.count + 1]))

    @property
    def runs(self) -> int:
        return len(self.scenarios) * (self.draws.count + 1)

    def part(self, key: Key[str]) -> Path:
        """Where the figures of a part stand."""
        return self.folder / PARTS / key[0] / f"part-{max(key[1][0] - 1, 0) // BLOCK:05d}.parquet"

    def drop_parts(self) -> None:
        """Delete the parts, and the folders that are then empty."""
        for scenario in self.ids:
            for span in self.spans:
                with suppress(OSError):
                    self.part((scenario, span)).unlink()
        for emptied in (*(self.folder / PARTS / scenario for scenario in self.ids), self.folder / PARTS):
            with suppress(OSError):
                emptied.rmdir()

    def missing(self) -> list[tuple[Scenario, Span]]:
        """The parts that are not there."""
        every = ((scenario, span) for scenario in self.scenarios for span in self.spans)
        return [(scenario, span) for scenario, span in every if not self._is_made((scenario.id, span))]

    def _is_made(self, key: Key[str]) -> bool:
        return is_part(self.part(key), self.mark, key)

    def runs_of(self, parts: Iterable[tuple[Scenario, Span]]) -> int:
        return sum(last - first for _, (first, last) in parts)

    def size_missing(self) -> float:
        """About how many bytes are still to be written: the parts that are not there, and all of them gathered."""
        if is_whole(self.folder / FIGURES) and not (self.folder / PARTS).exists():
            return 0.0
        return A_FIGURE * len(self.city.years) * len(self.cells) * (self.runs_of(self.missing()) + self.runs)

    def check_names(self) -> None:
        """Raises ScenarioError where a member gives a value to what is no constant."""
        parameters(self.city, self.scenarios[0], self.draws.block(0, 1))

    def chunks(self) -> Iterator[tuple[Key[str], Chunk]]:
        """What the engine is asked for each part that is not there."""
        city = self.city
        outputs = tuple(sorted({city.locate(indicator.variable)[0] for indicator in city.indicators.values()}))
        times = tuple(year + 1.0 for year in city.years)
        for scenario, (first, last) in self.missing():
            drawn = self.draws.block(max(first - 1, 0), last - 1)
            given = parameters(city, scenario, drawn, nominal=first == 0)
            yield (scenario.id, (first, last)), Chunk(given, outputs, times)


def _in_memory(members: MemberValues) -> MemberSource:
    """Members that are there already."""
    values = {name: np.atleast_1d(np.asarray(given, float)) for name, given in members.items()}
    mark = hashlib.sha256()
    for name, given in values.items():
        mark.update(f"{name} {given.shape} ".encode())
        mark.update(np.ascontiguousarray(given, "<f8").tobytes())
    count = len(next(iter(values.values())))
    return MemberSource(
        count, lambda first, last: {name: given[first:last] for name, given in values.items()}, mark.hexdigest()
    )


def _summaries(
    asked: _Asked,
    figures: Figures,
    attrs: Mapping[str, Any],
    judged: frozenset[str],
    instrument: Instrument | None,
    failures: Failures,
    counter: StepCounter,
) -> Iterator[Summary]:
    """The summaries, by band, of each scenario that is shown and has members enough."""
    lost = np.zeros(asked.draws.count + 1, bool)
    lost[failures.lost] = True
    for scenario in failures.shown:
        views = held_views(asked.city, asked.scenario(scenario), asked.drawn)
        values = partial(figures.values, scenario)
        yield from summarise(
            asked.city, scenario, values, lost, attrs, judged, views, counter, instrument=instrument
        ).values()  # fmt: skip
    counter.add(len(failures.aside) * len(asked.cells))  # nothing was to be read of them


def _costs(asked: _Asked, figures: Figures, done: Batch) -> Iterator[tuple[object, ...]]:
    """What each scenario with an outlook costs, a payer after the other, over the members that the outlook has."""
    kept = np.ones(asked.draws.count + 1, bool)
    kept[[0, *done.failures.lost.tolist()]] = False
    for scenario in done.outlooks:
        level = figures.values(scenario, LEVEL)[:, kept].T
        for name in (*asked.city.prices.payers, SOCIAL):
            paid = {LEVEL: level, f"cost_{name}": figures.values(scenario, f"cost_{name}")[:, kept].T}
            yield from cost_rows(scenario, costs(asked.city, paid, names=[name]))


def _explained(asked: _Asked, id: str, numbers: Sequence[int]) -> list[NotFinite]:
    """Why members of a scenario failed: they run again here, wherever they ran before."""
    scenario = asked.scenario(id)
    found: list[NotFinite] = []
    for first, own in groupby(numbers, _first_of_part):
        places = list(own)
        drawn = asked.draws.block(first, min(first + BLOCK, asked.draws.count))
        given = parameters(asked.city, scenario, drawn)  # the nominal run before them
        reasons = explained(asked.city, given, [place - first for place in places])
        found += [replace(one, member=place) for one, place in zip(reasons, places, strict=True)]
    return found


def _first_of_part(member: int) -> int:
    """How many members stand before the part that a member is in."""
    return max(member - 1, 0) // BLOCK * BLOCK


def _failed_rows(asked: _Asked, failures: Failures) -> Iterator[tuple[object, ...]]:
    """The members that failed, why, and their parameters, those of the nominal run from the model file."""
    for scenario, numbers in failures.failed.items():
        for first, group in groupby(numbers.tolist(), _first_of_part):
            block = asked.draws.block(first, min(first + BLOCK, asked.draws.count))
            for member in group:
                values = (
                    float(np.asarray(given)[member - 1 - first]) if member else asked.city.nominal(name)
                    for name, given in block.items()
                )
                yield *reason_cells(scenario, failures.reason(scenario, member)), *values


def _manifest(asked: _Asked, command: str, instrument: Instrument | None) -> dict[str, Any]:
    return {
        "kind": "batch",
        "command": command,
        **asked.facts,
        "instrument_hash": instrument.hash if instrument else None,
        "complete": False,
        "failed_members": None,
        "left_out": None,
        "not_shown": None,
        "figures_hash": None,
    }


def _is_the_one(path: Path, digest: object) -> bool:
    """Whether the figures are there, and are those that were written."""
    return is_whole(path) and digest_of(path) == digest


def _keep_csv(path: Path, head: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    keep(path, csv_text(head, rows).encode())

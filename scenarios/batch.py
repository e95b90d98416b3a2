"""Scenarios x members into a folder: every figure, a summary, a page to read, and what made them.

indicators.parquet   scenario, member (0: the nominal run), year, indicator, value, unit
summary.csv          percentiles, mean and, in a target's year, the chance of the target, of every indicator and year
failed.csv           members that diverged, with their parameters
report.html          one page that stands alone
manifest.json        hashes, seed, command, versions: what the folder holds and what made it
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xarray as xr
from numpy.typing import NDArray

from engine.calls import Arrays
from engine.machine import processor
from engine.results import VERSION
from model import City

from .batch_page import batch_page
from .outlooks import BANDS, Outlook, outlook
from .parts import MANIFEST, being_kept, digest, held, keep, keep_json, room_for, take_up
from .reports import Language
from .schema import Scenario
from .simulate import Members, checked_ids, parameters
from .spread import Chunk, columns_of, spread
from .writing import scenario_text

FORMAT = 1
BLOCK = 10_000  # members asked of the engine at once
SUMMARY_COLUMNS = (
    "scenario", "indicator", "year", "unit", *BANDS, "mean", "sense", "target", "high", "chance", "error",
)  # fmt: skip
SAME = {
    "kind": "kind", "scenarios_hash": "scenarios", "model_hash": "model", "members_hash": "members",
    "engine_version": "version of the engine",
}  # fmt: skip
A_FIGURE = 8.0  # bytes that a figure takes in indicators.parquet, about: noise hardly compresses
LEAST = 2  # members without which there are no percentiles


@dataclass
class Batch:
    """What became of a batch.

    `outlooks` are by scenario id, of the members that did not fail; `failed` has, by scenario, the members that
    diverged; `faults` what kept a block of members of a scenario from being computed.
    """

    folder: Path
    outlooks: dict[str, Outlook] = field(default_factory=dict)
    failed: dict[str, list[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def batch(
    city: City,
    scenarios: Sequence[Scenario],
    members: Members,
    folder: Path,
    *,
    origin: Mapping[str, Any] | None = None,
    judged: Iterable[str] = (),
    command: str = "",
    language: Language = "en",
    threads: int | None = None,
    cluster: str | None = None,
    told: Callable[[int, int], None] | None = None,
    begun: Callable[[int, int], None] | None = None,
) -> Batch:
    """Run every scenario with the same members and write the folder; the same call gives the same bytes.

    Parameters
    ----------
    members, origin
        As in `simulate`: constants, one value a member; and where they come from (posterior_hash, draws, seed).
    judged
        Targets that rest on judgement.
    command
        As the manifest tells it.
    threads, cluster
        As in `spread`.
    told, begun
        Called with runs just done and failed among them; once before with 0 and all.

    Raises FolderError where the folder is another's or cannot be written, ScenarioError as `simulate` does.
    """
    checked_ids(scenarios)
    count = len(np.asarray(next(iter(members.values()))))
    done = Batch(folder)
    room_for(folder, A_FIGURE * len(scenarios) * (count + 1) * len(city.years) * len(city.indicators))
    with held(folder):
        manifest = _manifest(city, scenarios, members, count, origin or {}, command)
        take_up(folder, manifest, SAME)
        if begun:
            begun(0, len(scenarios) * (count + 1))
        with being_kept(folder / "indicators.parquet") as place, pq.ParquetWriter(place, _SCHEMA, **_HOW) as writer:
            for scenario, values, failed, faults in _runs(city, scenarios, members, count, threads, cluster, told):
                dataset = _dataset(city, scenario, values, origin or {})
                _write_figures(writer, dataset)
                good = [0, *(np.flatnonzero(~failed[1:]) + 1)]
                if len(good) > LEAST:
                    done.outlooks[scenario.id] = outlook(city, dataset.isel(member=good), frozenset(judged))
                done.failed[scenario.id] = np.flatnonzero(failed).tolist()
                done.faults += faults
        keep(folder / "summary.csv", _csv(SUMMARY_COLUMNS, summary_rows(city, done.outlooks.values())))
        keep(folder / "failed.csv", _csv(("scenario", "member", *members), _failed_rows(city, done.failed, members)))
        keep(folder / "report.html", batch_page(city, scenarios, done.outlooks, done.failed, language).encode())
        failures = {name: len(found) for name, found in done.failed.items()}
        keep_json(folder / MANIFEST, {**manifest, "complete": not done.faults, "failed_members": failures})
    return done


Run = tuple[Scenario, NDArray[np.float64], NDArray[np.bool_], list[str]]


def _runs(
    city: City,
    scenarios: Sequence[Scenario],
    members: Members,
    count: int,
    threads: int | None,
    cluster: str | None,
    told: Callable[[int, int], None] | None,
) -> Iterator[Run]:
    """Each scenario in turn with its figures (indicator, member, year), the nominal run first; NaN where one failed."""
    cells = tuple(city.spelling(*city.locate(indicator.variable)) for indicator in city.indicators.values())
    ends = [*range(0, count, BLOCK), count]
    blocks = list(pairwise(ends))
    values: dict[str, NDArray[np.float64]] = {}
    failed: dict[str, NDArray[np.bool_]] = {}
    faults: dict[str, list[str]] = {}
    missing = {scenario.id: len(blocks) for scenario in scenarios}
    waiting = list(scenarios)
    chunks = _chunks(city, scenarios, members, blocks)
    for (name, first, last), found in spread(city.model, chunks, partial(_picked, cells), threads, cluster):
        if name not in values:
            values[name] = np.full((len(cells), count + 1, len(city.years)), np.nan)
            failed[name], faults[name] = np.zeros(count + 1, bool), []
        rows = slice(first + 1 if first else 0, last + 1)  # the nominal run goes before the first block
        if isinstance(found, Exception):
            failed[name][rows] = True
            faults[name].append(f"{name}, members {first + 1} to {last}: {type(found).__name__}: {found}")
        else:
            values[name][:, rows], failed[name][rows] = found
        if told:
            told(rows.stop - rows.start, int(failed[name][rows].sum()))
        missing[name] -= 1
        while waiting and not missing[waiting[0].id]:
            ready = waiting.pop(0)
            values[ready.id][:, failed[ready.id]] = np.nan
            yield ready, values.pop(ready.id), failed.pop(ready.id), faults.pop(ready.id)


def _chunks(
    city: City, scenarios: Sequence[Scenario], members: Members, blocks: Sequence[tuple[int, int]]
) -> Iterator[tuple[tuple[str, int, int], Chunk]]:
    outputs = tuple(sorted({city.locate(indicator.variable)[0] for indicator in city.indicators.values()}))
    times = tuple(year + 1.0 for year in city.years)
    for scenario in scenarios:
        for first, last in blocks:
            part = {name: np.asarray(values)[first:last] for name, values in members.items()}
            given = parameters(city, scenario, part, nominal=first == 0)
            yield (scenario.id, first, last), Chunk(given, outputs, times)


def _picked(
    cells: tuple[str, ...], key: tuple[str, int, int], arrays: Arrays
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    return arrays.values[columns_of(arrays, cells)], arrays.failed


def _dataset(city: City, scenario: Scenario, values: NDArray[np.float64], origin: Mapping[str, Any]) -> xr.Dataset:
    """The result of one scenario in the shape of `simulate`'s."""
    years = np.asarray(city.years)
    return xr.Dataset(
        {
            name: (
                ("scenario", "member", "year"),
                np.where(years >= indicator.first_year, figures, np.nan)[None],
                {"unit": indicator.unit, "label_en": indicator.en, "label_zh": indicator.zh, "kind": "indicator"},
            )
            for (name, indicator), figures in zip(city.indicators.items(), values, strict=True)
        },
        coords={"scenario": [scenario.id], "member": np.arange(values.shape[1]), "year": years},
        attrs={"model_hash": city.model.hash, "dt": city.model.dt, "version": VERSION, **origin},
    )


_WORD = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [("scenario", _WORD), ("member", pa.int32()), ("year", pa.int16()), ("indicator", _WORD), ("value", pa.float64()),
     ("unit", _WORD)]
)  # fmt: skip
_HOW: dict[str, Any] = {
    "compression": "zstd", "compression_level": 1, "use_dictionary": ["scenario", "indicator", "unit", "year"],
    "use_byte_stream_split": ["value"],
}  # fmt: skip


def _write_figures(writer: pq.ParquetWriter, dataset: xr.Dataset) -> None:
    """Every figure of a scenario, a row group an indicator; years before an indicator's first have no row."""
    members, years = dataset.member.values.astype(np.int32), dataset.year.values
    scenario = str(dataset.scenario.values[0])
    for name, figures in dataset.data_vars.items():
        nominal = figures.values[0]
        has = np.isfinite(nominal).any(axis=0)
        values = nominal[:, has].ravel()
        words = [
            pa.array([word] * len(values)).dictionary_encode() for word in (scenario, str(name), figures.attrs["unit"])
        ]
        columns = [
            words[0],
            np.repeat(members, has.sum()),
            np.tile(years[has].astype(np.int16), len(members)),
            words[1],
            pa.array(values, mask=np.isnan(values)),
            words[2],
        ]
        writer.write_table(pa.table(columns, names=_SCHEMA.names).cast(_SCHEMA))


def summary_rows(city: City, outlooks: Iterable[Outlook]) -> Iterator[tuple[object, ...]]:
    """Percentiles and mean of every indicator and year in the order of SUMMARY_COLUMNS; a target's in its year."""
    for seen in outlooks:
        scenario = str(seen.bands.scenario.values[0])
        members = seen.dataset.isel(scenario=0, member=slice(1, None))
        for name, figures in seen.bands.data_vars.items():
            middle = members[name].transpose("member", "year").values.mean(axis=0)
            target = city.targets.get(str(name))
            percentiles = figures.isel(scenario=0).transpose("year", "percent").values
            for place, year in enumerate(seen.bands.year.values.tolist()):
                if not np.isfinite(percentiles[place]).all():
                    continue
                wanted: tuple[object, ...] = ("", "", "", "", "")
                if target is not None and target.year == year:
                    chance = seen.chances[scenario].targets[str(name)]
                    wanted = (target.sense, target.value, target.high, chance.chance, chance.error)
                unit = city.indicators[str(name)].unit
                yield scenario, str(name), year, unit, *percentiles[place].tolist(), float(middle[place]), *wanted


def _failed_rows(city: City, failed: Mapping[str, list[int]], members: Members) -> Iterator[tuple[object, ...]]:
    for scenario, found in failed.items():
        for member in found:
            values = (
                float(np.asarray(given)[member - 1]) if member else city.nominal(name)
                for name, given in members.items()
            )
            yield scenario, member, *values


def _manifest(
    city: City,
    scenarios: Sequence[Scenario],
    members: Members,
    count: int,
    origin: Mapping[str, Any],
    command: str,
) -> dict[str, Any]:
    texts = {scenario.id: scenario_text(scenario) for scenario in scenarios}
    return {
        "format": FORMAT,
        "kind": "batch",
        "command": command,
        "scenarios_hash": digest(list(texts.items())),
        "model_hash": city.model.hash,
        "posterior_hash": origin.get("posterior_hash"),
        "members_hash": digest([[name, np.asarray(values).tolist()] for name, values in members.items()]),
        "seed": origin.get("seed"),
        "members": count,
        "draws": origin.get("draws", count),
        "engine_version": VERSION,
        "packages": {name: version(name) for name in ("numpy", "pyarrow", "scipy")},
        "processor": processor(),
        "scenarios": texts,
        "complete": False,
        "failed_members": None,
    }


def _csv(head: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode()

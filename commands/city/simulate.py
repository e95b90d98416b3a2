"""`cli.py simulate`: scenarios, nominal or with members, held against the plan's targets."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from innovation.commands.endings import UNFINISHED, Mistake
from innovation.commands.options import Command, add_band, add_model, add_priors, add_record, count
from innovation.commands.output import print_json, replaceable, write
from innovation.commands.subject import city_of, draws_of
from innovation.commands.telling import tell_editions, tell_failures

if TYPE_CHECKING:
    import xarray as xr

    from innovation.calibration import DrawnMembers
    from innovation.model import City
    from innovation.scenarios import Scenario
    from innovation.scenarios.costs import CostComparison
    from innovation.scenarios.simulation import Failures

WIDE = 200


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("simulate", simulate, "simulate scenarios and hold them against the plan's targets", language=True)
    made.add_argument("scenario", nargs="+", help="id in the library, a YAML file, or several joined: a+b")
    made.add_argument(
        "--out",
        metavar="DIR",
        help="write DIR/indicators.csv; with members bands.csv, chances.csv, views.csv and failed.csv too",
    )
    made.add_argument("--members", type=count, metavar="N", help="so many draws from the posterior: bands and chances")
    made.add_argument("--posterior", metavar="FILE", help="draws that `calibrate` wrote (default: those of the city)")
    add_band(made)
    add_model(made)
    add_priors(made)
    add_record(made)


def simulate(given: argparse.Namespace) -> int:
    """Simulate scenarios, write their figures where asked, and print the plan's targets.

    With --members their chances too: the nominal run and so many draws from the posterior.
    """
    from innovation import scenarios as house
    from innovation.scenarios.costs import COST_COLUMNS, COSTS, has_costs
    from innovation.scenarios.simulation import BAND_COLUMNS, CHANCE_COLUMNS, TIDY_COLUMNS, VIEW_COLUMNS, plain_failures

    if given.posterior and not given.members:
        raise Mistake("--posterior says where members come from. Say how many: --members N.")
    if given.priors is not None and not given.members:
        raise Mistake("--priors says what members believe. Say how many: --members N.")
    if given.record and not given.members:
        raise Mistake("--record says what members were fitted to. Say how many: --members N.")
    city = city_of(given)
    asked = house.load_scenarios(city, given.scenario)
    tell_editions(city, asked, given.lang)
    if given.out:
        tables = {"indicators.csv": TIDY_COLUMNS, "bands.csv": BAND_COLUMNS}
        tables |= {"chances.csv": CHANCE_COLUMNS, "views.csv": VIEW_COLUMNS}
        written = [*tables] if given.members else ["indicators.csv"]
        if has_costs(city):
            tables[COSTS] = COST_COLUMNS
            written.append(COSTS)
        for name in written:
            replaceable(Path(given.out) / name, partial(_has_head, tables[name]))
    drawn = _drawn(given, city) if given.members else None
    members = drawn.members if drawn else None
    found = house.attempt(city, asked, members, drawn.origin if drawn else {})
    lost = tell_failures(given, found.failures, members)
    shown = [scenario for scenario in asked if scenario.id in found.failures.shown]
    if found.dataset is not None:
        if drawn:
            said = [*filter(None, [lost, drawn.note(given.lang)])]
            _forecast(given, city, shown, found.dataset, drawn, found.failures, said)
        else:
            _nominal(given, city, shown, found.dataset, found.failures, [*filter(None, [lost])])
    elif given.json:
        print_json({"scenarios": {}, "failures": plain_failures(found.failures)})
    return UNFINISHED if found.failures.aside else 0


def _drawn(given: argparse.Namespace, city: City) -> DrawnMembers:
    """The members that are asked for, of the posterior."""
    from innovation.calibration import posterior_members

    return posterior_members(city, draws_of(given, city), given.members)


def _costs(given: argparse.Namespace, city: City, asked: Sequence[Scenario], dataset: xr.Dataset) -> dict[str, Any]:
    """What scenarios cost and whom, as JSON or by scenario as text; {} of a city without prices.

    Payers are of the members, where there are some; levers, effects and answers of the nominal run.
    """
    from innovation.engine.files import csv_text
    from innovation.scenarios.costs import (
        COST_COLUMNS,
        COSTS,
        cost_json,
        cost_rows,
        cost_text,
        costs,
        figures_of,
        has_costs,
    )

    if not has_costs(city):
        return {}
    figures = {one.id: figures_of(city, dataset, one.id) for one in asked}
    own = slice(1, None) if given.members else slice(None)
    found = {name: costs(city, {figure: values[own] for figure, values in of.items()}) for name, of in figures.items()}
    studies = {one.id: _studied(city, one) for one in asked}
    if given.out:
        rows = chain.from_iterable(cost_rows(name, one) for name, one in found.items())
        write(Path(given.out) / COSTS, csv_text(COST_COLUMNS, rows))
    if given.json:
        return {"costs": {name: cost_json(city, one, studies[name]) for name, one in found.items()}}
    return {name: cost_text(city, one, studies[name], given.lang) for name, one in found.items()}


def _studied(city: City, scenario: Scenario) -> CostComparison | None:
    """What costs come of and bring, of the nominal run; None where that failed under the scenario or a part of it."""
    from innovation.scenarios.costs import study
    from innovation.scenarios.simulation import Members, TooManyFailed

    try:
        return study(city, [scenario], Members.nominal(city))[scenario.id]
    except TooManyFailed:
        return None


def _nominal(
    given: argparse.Namespace,
    city: City,
    asked: Sequence[Scenario],
    dataset: xr.Dataset,
    failures: Failures,
    said: list[str],
) -> None:
    """Figures and targets of the nominal run."""
    from innovation import scenarios as house
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import (
        TIDY_COLUMNS,
        as_json,
        nominal_figure,
        plain_failures,
        target_text,
        tension_lines,
        tidy_rows,
    )

    if given.out:
        write(Path(given.out) / "indicators.csv", csv_text(TIDY_COLUMNS, tidy_rows(dataset)))
    costs = _costs(given, city, asked, dataset)
    if given.json:
        print_json({**as_json(city, asked, dataset), **costs, "failures": plain_failures(failures)})
        return
    rows = house.target_table(city, dataset)
    told = [
        [
            target_text(city, one, rows, given.lang, _width()),
            *tension_lines(city, nominal_figure(dataset, one.id), given.lang),
            *([f"\n{costs[one.id]}"] if one.id in costs else []),
        ]
        for one in asked
    ]
    print("\n\n".join(map("\n".join, told)))
    print("\n".join([f"\nModel {city.model.hash[:12]}, nominal run.", *said]))


def _forecast(
    given: argparse.Namespace,
    city: City,
    asked: Sequence[Scenario],
    dataset: xr.Dataset,
    drawn: DrawnMembers,
    failures: Failures,
    said: list[str],
) -> None:
    """Bands and chances of scenarios from draws of the posterior; files and JSON have both bands."""
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import (
        CITY,
        TIDY_COLUMNS,
        VIEW_COLUMNS,
        outlooks,
        plain_failures,
        published_result,
        tidy_rows,
        view_rows,
    )

    results = [published_result(dataset, drawn.instrument), dataset] if drawn.instrument else [dataset]
    both = {one.band: one for one in (outlooks.outlook(city, result, drawn.judged) for result in results)}
    seen = both.get(given.band, both[CITY])
    if given.out:
        nominal = dataset.isel(member=slice(0, 1))
        write(Path(given.out) / "indicators.csv", csv_text(TIDY_COLUMNS, tidy_rows(nominal)))
        write(
            Path(given.out) / "bands.csv",
            csv_text(outlooks.BAND_COLUMNS, chain.from_iterable(map(outlooks.band_rows, both.values()))),
        )
        write(
            Path(given.out) / "chances.csv",
            csv_text(outlooks.CHANCE_COLUMNS, chain.from_iterable(map(outlooks.chance_rows, both.values()))),
        )
        write(Path(given.out) / "views.csv", csv_text(VIEW_COLUMNS, view_rows(city, seen.chances.values())))
    costs = _costs(given, city, asked, dataset)
    if given.json:
        note = " ".join(said) or None
        found = {**outlooks.outlook_json(seen, asked), **costs}
        found["other_bands"] = {name: outlooks.bands_json(one) for name, one in both.items() if one is not seen}
        print_json({**found, "note": note, "failures": plain_failures(failures)})
        return
    told = {one.id: outlooks.outlook_text(seen, one, given.lang, _width()) for one in asked}
    print("\n\n".join(part for name, text in told.items() for part in (text, costs.get(name)) if part))
    print("\n".join(["", *said, outlooks.method_text(seen, given.lang)]))


def _has_head(columns: Sequence[str], text: str) -> bool:
    return text.partition("\n")[0] == ",".join(columns)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE

"""What the library's scenarios cost, kept beside other results that need draws: made by `cli.py findings`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.engine import OnProgress
from innovation.model import City
from innovation.model.files import Fault
from innovation.scenarios import library, load_scenario, scenario_text
from innovation.scenarios.costs import (
    EFFECTS,
    RATES,
    SOCIAL,
    WAYS,
    CostComparison,
    CostRow,
    KeptCosts,
    cost_band,
    costs_text,
    solved,
    study,
)
from innovation.scenarios.simulation import Members

from .kept_results import RESULTS, keep, not_current, number, path_of, read
from .posterior.draws import PosteriorDraws
from .posterior.fingerprint import LENGTH
from .posterior.kept_draws import DEFAULT

PART, COMMAND = "costs", "cli.py findings"
MEMBERS = 200  # a band's ends err by a few per cent of its width


def make(
    city: City,
    draws: PosteriorDraws,
    folder: Path = RESULTS,
    on_progress: OnProgress | None = None,
) -> Path:
    """Run every scenario of the library over draws of the posterior and keep what it costs; returns the file."""
    members = Members.of(draws.draws, "draws of the posterior").spread(MEMBERS)
    scenarios = [load_scenario(city, name) for name in library()]
    studies = study(city, scenarios, members, on_progress=on_progress)
    rows = [row for name, one in studies.items() for row in _rows(city, name, one)]
    rows += [
        CostRow(mix.id, f"equal {by}", measure, *[value] * 3)
        for by in WAYS
        for mix in solved(city, by)
        for measure, value in (("share", mix.share), ("city", mix.city), ("social", mix.social),
                               ("is equal", float(mix.is_equal)))
    ]  # fmt: skip
    head = {"command": COMMAND, **marks(city, draws.hash), "members": len(members)}
    return keep(PART, [vars(row) for row in rows], head, folder)


def _rows(city: City, name: str, one: CostComparison) -> Iterator[CostRow]:
    """Every number of a study that the page shows, with its band."""
    for payer in one.costs.nominal:
        yield _row(name, "sum", payer, one.costs.total(payer))
    for rate in RATES:
        yield _row(name, "present value", f"{100 * rate:g}", one.costs.present_value(SOCIAL, rate))
    for figure in EFFECTS:
        for part, values in one.effects[figure].items():
            yield _row(name, figure, part, values)
    for figure, values in one.induced.items():
        yield _row(name, "induced", figure, values)
    yield _row(name, "share", "without source", 100 * one.without_source)
    yield _row(name, "count", "unpriced", np.array([float(len(one.unpriced))]))
    yield _row(name, "count", "failed", np.array([float(one.failed)]))


def _row(scenario: str, what: str, measure: str, values: NDArray[np.float64]) -> CostRow:
    low, middle, high = cost_band(values)
    return CostRow(scenario, what, measure, float(low), float(middle), float(high))


def marks(city: City, draws: str) -> dict[str, str]:
    """What the kept numbers belong to: model, posterior (`draws` is its hash), and the scenarios and prices."""
    texts = [scenario_text(load_scenario(city, name)) for name in library()]
    prices = {name: [price.kind, *price.levers] for name, price in city.prices.prices.items()}
    digest = hashlib.sha256(json.dumps([texts, prices], sort_keys=True).encode()).hexdigest()
    return {
        "model": city.model.hash[:LENGTH],
        "posterior": draws[:LENGTH],
        "set of scenarios and prices": digest[:LENGTH],
    }


def stale(city: City, draws: str, folder: Path = RESULTS) -> Fault | None:
    """What is wrong with kept numbers that are not those of this model, these draws, scenarios and prices."""
    kept = read(PART, folder)
    head = kept.head if kept else {}
    parted = [name for name, mark in marks(city, draws).items() if head.get(name) != mark]
    if not parted:
        return None
    return not_current(path_of(PART, folder), parted if head else [])


def costs_page(city: City, folder: Path = RESULTS) -> str:
    """docs/costs.md from the kept numbers, which says where they belong to something else."""
    kept = read(PART, folder)
    draws = hashlib.sha256(DEFAULT.read_bytes()).hexdigest() if DEFAULT.is_file() else ""
    fault = stale(city, draws, folder)
    rows = [
        CostRow(row["scenario"], row["what"], row["measure"], *(number(row, end) for end in ("low", "middle", "high")))
        for row in (kept.rows if kept else ())
    ]
    return costs_text(city, KeptCosts(rows, kept.head if kept else {}, fault))

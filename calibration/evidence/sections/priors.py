"""The section of the page on sets of priors: what was known by 2010, and what the plan's targets would add."""

from __future__ import annotations

from collections.abc import Iterator

from innovation.calibration.evidence.assessment.futures import HEADLINE, SCENARIOS, TOGETHER
from innovation.calibration.evidence.assessment.prior_sets import CHANCE, FIGURE
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.kept_results import Row, number
from innovation.model import PLAN_ENDS, RECORD_ENDS, City, table

from .data import left_out, missing
from .words import band, chance, indicator
from .words import number as written

MOVED = 0.03  # of a chance between two sets: then the target is shown


def prior_sets_section(found: Evidence) -> Iterator[str]:
    """Figures and chances under each set of priors, and which works of later years the default has."""
    yield "## Priors by what was known when"
    yield ""
    yield "The forecast is *ex ante* only with the priors known_by_2010. By default priors of these constants rest on"
    last = RECORD_ENDS
    yield f"works that came after {last}: {'; '.join(_later(found.city))}. What the plan and the statistics say of"
    yield f"the city up to {last} is the record, whenever it was printed. The priors plan_targets show what it would"
    yield "change if growth of markets, the draw of programmes and a vehicle's price were taken from targets of the"
    yield "plan that they then meet, as an earlier edition did."
    yield ""
    kept = found.result("prior_sets")
    if kept is None:
        yield from missing("prior_sets")
        return
    yield from left_out(kept)
    sets = list(dict.fromkeys(row["priors"] for row in kept.rows))
    sizes = {row["priors"]: number(row, "size") for row in kept.rows}
    yield "The same draws, weighed by the ratio of the priors; what no figure depends on is drawn from the new prior."
    yield f"Effective draws: {', '.join(f'{name} {sizes[name]:.0f}' for name in sets)}."
    yield ""
    for scenario in SCENARIOS:
        rows = {(row["kind"], row["of"], row["priors"]): row for row in kept.rows if row["scenario"] == scenario}
        yield f"### {scenario}, priors"
        yield ""
        yield from table(
            (f"{PLAN_ENDS}", *sets), [*_figures(found.city, rows, sets), *_chances(found.city, rows, sets)]
        )
        yield ""


def _later(city: City) -> Iterator[str]:
    for name, parameter in city.parameters.items():
        if parameter.known_by_2010:
            works = [key for key in parameter.source_keys() if key in city.sources]
            works = [key for key in works if city.sources[key].known_by > RECORD_ENDS]
            yield f"{name} ({', '.join(works)})"


def _figures(city: City, rows: dict[tuple[str, str, str], Row], sets: list[str]) -> Iterator[tuple[str, ...]]:
    for name in HEADLINE:
        cells = [rows[FIGURE, name, one] for one in sets if (FIGURE, name, one) in rows]
        if cells:
            said = (f"{written(number(r, 'middle'))} ({band([number(r, 'low'), number(r, 'high')])})" for r in cells)
            yield indicator(city, name), *said


def _chances(city: City, rows: dict[tuple[str, str, str], Row], sets: list[str]) -> Iterator[tuple[str, ...]]:
    for name in dict.fromkeys(of for kind, of, _ in rows if kind == CHANCE):
        shares = [number(rows[CHANCE, name, one], "chance") for one in sets]
        if name in (*HEADLINE, TOGETHER) or max(shares) - min(shares) >= MOVED:
            label = "all targets at once" if name == TOGETHER else indicator(city, name)
            yield f"chance: {label}", *map(chance, shares)

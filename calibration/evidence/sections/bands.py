"""Sections of the page on published figures: how far they stray from the city's own, what their bands are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from innovation.calibration.discrepancy.makeup import PARTS
from innovation.calibration.evidence.assessment.futures import SCENARIOS
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.kept_results import Row
from innovation.calibration.kept_results import number as cell
from innovation.calibration.reference_class.rule import CITY_FACTOR
from innovation.model import RECORD_ENDS, table

from .data import left_out, missing
from .words import band, chance, indicator, number, percent, signed

SHOWN = (1, 3, 5, 15)  # years after the record that the table of sizes shows


def discrepancy_section(found: Evidence) -> Iterator[str]:
    """How far published figures stray, beside what the class and the city's own draws say."""
    yield "## How far published figures stray from the city's own"
    yield ""
    kept = found.result("discrepancy")
    if kept is None:
        yield from missing("discrepancy")
        return
    yield from left_out(kept)
    yield "A target is judged by what will be published. That parts from the city's own figure by what no fit to the"
    yield "record can know (discrepancy), by chance in what is counted, and by errors of measurement. None of it is"
    yield "learned: sizes are those of other places before 2011, times"
    yield f"{CITY_FACTOR:g} for a city (judgement), less what the draws of the city spread by themselves, taken by"
    yield "quartiles, so that both together never fall below the class's. One rule, tried on other places above, is the"
    yield "one that widens the city's bands here. Each member's deviation is drawn once and is the same in every"
    yield "scenario: what one policy does against another is not touched."
    yield ""
    yield "Scales of a Student with four degrees, of logs (of shares of logits); `S` is the class's, `own` that of the"
    yield f"city's draws, `both` what the published figure has, {', '.join(map(str, SHOWN))} years after {RECORD_ENDS};"
    yield "the rule was tried to five years, and what comes after is the same formula. x is how far the record's growth"
    yield "lies above the middle of the class, in its scales: faster growers stray further."
    yield ""
    rows: dict[str, list[Row]] = {}
    for row in kept.rows:
        if row["kind"] == "quantity":
            rows.setdefault(row["name"], []).append(row)
    heads = [f"S / own / both, {h} y" for h in SHOWN]
    yield from table(("quantity", "class", "x", *heads), [_sizes(name, of) for name, of in rows.items()])
    yield ""
    yield "Where the middle goes: the model's growth a year from 2010 to 2015 in the view that growth goes on as in"
    yield "Chinese places and in that where it falls back as in fast-growing nations, and what the middle of the"
    yield "published figure moves by a year, towards the class's line of that view. Quantities that stay are left out."
    yield ""
    moved = [of[0] for of in rows.values() if cell(of[0], "shift_0") or cell(of[0], "shift_1")]
    lines = [
        (row["name"], *(signed(100 * cell(row, f"{what}_{view}")) for what in ("growth", "shift") for view in (0, 1)))
        for row in moved
    ]
    head = ("quantity", "growth, goes on, %", "growth, falls back, %", "moved, goes on, points", "moved, falls back")
    yield from table(head, lines)
    yield ""
    yield "What is counted comes one by one. The number added in five years is Poisson around what the model expects"
    yield "times a pace that nobody knows: log spread of the class (events of the five years before, and a change of"
    yield "pace of 0.5, judgement), of the city's draws, and added. A number that is pursued changes what is expected,"
    yield "not how far it strays."
    yield ""
    counts = [row for row in kept.rows if row["kind"] == "count"]
    lines = [
        (indicator(found.city, row["name"]), *(number(cell(row, name), 2) for name in ("reference", "own", "added")))
        for row in counts
    ]
    yield from table(("counted", "class", "own", "added"), lines)


def makeup_section(found: Evidence) -> Iterator[str]:
    """What the bands of the plan's targets are made of, and their chances in both bands."""
    yield "## What the bands of the targets are made of"
    yield ""
    kept = found.result("makeup")
    if kept is None:
        yield from missing("makeup")
        return
    yield from left_out(kept)
    yield "Shares of the variance of each published figure in the target's year, on logs (of percentages on logits),"
    yield "each part added to those before it in this order; what two parts do together falls to the later. The"
    yield "farthest hundredth of members on either side is drawn in. Discrepancy can never be learned from the record;"
    yield "counts are chance; parameters and assumptions could be known better. Chances: of the city alone, then of the"
    yield "published figure."
    for scenario in SCENARIOS:
        rows = [row for row in kept.rows if row["scenario"] == scenario]
        yield ""
        yield f"### {scenario}"
        yield ""
        head = ("target", *PARTS, "5 … 95 %, city alone", "5 … 95 %, published", "chance, city", "chance, published")
        yield from table(head, [_makeup(found, row) for row in rows])


def _sizes(name: str, rows: Sequence[Row]) -> tuple[str, ...]:
    years = {int(row["year"]) - RECORD_ENDS: row for row in rows}
    cells = (
        " / ".join(number(cell(years[h], what), 2) for what in ("reference", "own", "total")) if h in years else "–"
        for h in SHOWN
    )
    return (name, rows[0]["of"], signed(cell(rows[0], "x")), *cells)


def _makeup(found: Evidence, row: Row) -> tuple[str, ...]:
    bands = (band([cell(row, f"{which}_low"), cell(row, f"{which}_high")]) for which in ("city", "published"))
    both = (row[f"{which}_chance"] for which in ("city", "published"))
    return (
        indicator(found.city, row["indicator"]),
        *(percent(cell(row, part)) for part in PARTS),
        *bands,
        *(chance(float(one)) if one else "not judged" for one in both),
    )

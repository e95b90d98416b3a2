"""Sections of the page on the years to the plan's end: what the chances rest on, and where their spread comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from innovation.calibration.evidence.assessment.futures import AS_IS, FEW, GROUP, SCENARIOS, SINGLE, TOGETHER
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.kept_results import Row
from innovation.calibration.kept_results import number as cell
from innovation.model import PLAN_ENDS, table

from .data import left_out, missing
from .words import band, chance, indicator, percent


def futures_section(found: Evidence) -> Iterator[str]:
    """Prior sensitivity of the headline chances."""
    yield "## How far the headline chances rest on the priors"
    yield ""
    kept = found.result("sensitivity")
    if kept is None:
        yield from missing("sensitivity")
        return
    yield from left_out(kept)
    targets = list(dict.fromkeys(row["target"] for row in kept.rows))
    heads = [indicator(found.city, name) if name != TOGETHER else "all targets at once" for name in targets]
    yield "Chances that targets of the plan are met, and what becomes of them when the priors of one module are made"
    yield "narrower (power 2, 0.71 of the spread) or wider (power 1/2, 1.41 times), and when a single prior that"
    yield "is judgement"
    yield "alone is halved or doubled in spread. Singles are those that go most with the headline indicators."
    yield ""
    for scenario in SCENARIOS:
        rows = [row for row in kept.rows if row["scenario"] == scenario]
        yield f"### {scenario}"
        yield ""
        lines = [("**as it is**", "", *(chance(_chance(rows, AS_IS, "1", target)) for target in targets), "")]
        for kind in (GROUP, SINGLE):
            for name in dict.fromkeys(row["prior"] for row in rows if row["kind"] == kind):
                own = [row for row in rows if row["prior"] == name and row["kind"] == kind]
                for spread in dict.fromkeys(row["spread"] for row in own):
                    same = {row["target"]: row for row in own if row["spread"] == spread}
                    size = min(cell(row, "size") for row in same.values())
                    said = [chance(cell(same[target], "chance")) for target in targets]
                    lines.append((name, f"× {float(spread):.2f}", *said, f"{size:.0f}{' (few)' if size < FEW else ''}"))
        yield from table(("priors changed", "spread", *heads, "effective draws"), lines)
        yield ""
    yield "Means: the draws are moved as a normal of the posterior's shape moves when its prior changes, then"
    yield "weighed by the"
    yield "exact ratio of densities; the effective number of draws is one over the sum of squared weights."
    yield "Constants that no"
    yield "figure depends on are only stretched, which is exact."


def spread_section(found: Evidence) -> Iterator[str]:
    """Where the spread of 2015 comes from."""
    yield f"## Where the spread of {PLAN_ENDS} of the city alone comes from"
    yield ""
    kept = found.result("spread")
    if kept is None:
        yield from missing("spread")
        return
    yield from left_out(kept)
    blocks = list(dict.fromkeys(row["block"] for row in kept.rows))
    yield f"Under {kept.rows[0]['scenario']}: the variance of an indicator when only one block of constants varies"
    yield "and the"
    yield "others stay at their medians, as a share of the whole variance. What no figure depends on is"
    yield "independent of the"
    yield "rest, so the shares add up to 100 % but for what blocks do together. Constants that figures depend on"
    yield "are tied"
    yield "by the data and vary together; their part is split by a linear regression on those that are learned. This"
    yield "is the city alone; what published figures stray by besides stands above."
    yield ""
    counts = {row["block"]: row["constants"] for row in kept.rows}
    head = [
        "indicator",
        "5 … 95 %",
        *(f"{block} ({counts[block]})" for block in blocks),
    ]
    lines = []
    for name in dict.fromkeys(row["indicator"] for row in kept.rows):
        rows = {row["block"]: row for row in kept.rows if row["indicator"] == name}
        first = next(iter(rows.values()))
        shares = [percent(cell(rows[block], "share")) for block in blocks]
        lines.append((indicator(found.city, name), band([cell(first, "low"), cell(first, "high")]), *shares))
    yield from table(head, lines)


def _chance(rows: Sequence[Row], kind: str, spread: str, target: str) -> float:
    return next(
        cell(row, "chance") for row in rows if (row["kind"], row["spread"], row["target"]) == (kind, spread, target)
    )

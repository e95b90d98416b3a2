"""The nominal run against every published figure: docs/model-against-figures.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from innovation.model import City, origin, table

from .record.observations import Observation, Record, read_record
from .record.operators import Reader

EXPLAINED = 5.0  # per cent; a larger difference has a reason
LIMITS = (5.0, 10.0, 15.0)
LONGEST_SECTION = 20
WHAT = {"growth": ", growth", "compound_growth": ", growth a year", "sum": ", sum", "increment": ", increment"}
SIGNS = {"at_least": "at least ", "at_most": "at most ", "nearly": "nearly "}


@dataclass(frozen=True)
class ComparedObservation:
    """An observation beside the model's figure."""

    observation: Observation
    model: float

    @property
    def difference(self) -> float:
        """Per cent of the published figure; of a bound only what lies on its wrong side."""
        gap = 100 * (self.model / self.observation.value - 1)
        return {"at_least": min(gap, 0.0), "at_most": max(gap, 0.0)}.get(self.observation.reading, gap)


def compare(city: City, observations: Sequence[Observation]) -> list[ComparedObservation]:
    """Every observation against the nominal run."""
    reader = Reader(city, observations)
    run = city.model.arrays({"FINAL TIME": reader.times[-1]}, outputs=reader.outputs, times=reader.times)
    pairs = zip(observations, reader.read(run)[:, 0], strict=True)
    return [ComparedObservation(observation, float(figure)) for observation, figure in pairs]


def figures_page(city: City) -> str:
    """Published, model, difference and why, of every figure; and what the sources themselves disagree on."""
    record = read_record(city)
    compared = compare(city, record.observations)
    counted = [figure for figure in compared if figure.observation.is_counted]
    sizes = [abs(figure.difference) for figure in counted]
    within = ", ".join(f"{sum(size <= limit for size in sizes)} within {limit:g} %" for limit in LIMITS)
    lines = ["# The model against published figures", "", origin(city, "calibration/data/ and a nominal run"), ""]
    lines += [
        f"Of {len(counted)} figures that count {within}; {sum(size > LIMITS[-1] for size in sizes)} are further off.",
        "Difference: the model's figure less the published one, in per cent of the published one; of a bound, what",
        f"lies on its wrong side. Every difference above {EXPLAINED:g} % has its reason. Nothing is tuned by a table",
        "over time, but the record to 2010 drives science appropriation, prices, national growth and the investment",
        "rate. A figure counts once: what drives the model, sets one of its numbers or says again what others say is",
        "shown below and does not count.",
        "",
    ]
    for title, found in (
        ("Figures that count", counted),
        ("Shown and not counted", [figure for figure in compared if not figure.observation.is_counted]),
    ):
        head = ("figure", "year", "published", "model", "difference", "source", "note, and why where above 5 %")
        lines += [f"## {title}", "", *table(head, (_line(city, record, figure) for figure in found)), ""]
    lines += ["## Where sources disagree", ""]
    lines += [f"- {conflict.en} Used: {conflict.chosen}." for conflict in record.conflicts]
    lines += ["", "## Published to 2010 and not compared", "", *(f"- {left.en}" for left in record.left_aside)]
    return "\n".join(lines).rstrip() + "\n"


def unexplained(record: Record, compared: Iterable[ComparedObservation]) -> list[str]:
    """Ids of figures whose difference is above EXPLAINED and that no reason explains."""
    return [
        figure.observation.id
        for figure in compared
        if abs(figure.difference) > EXPLAINED and not _reason(record, figure.observation)
    ]


def _reason(record: Record, figure: Observation) -> str:
    reasons: Mapping[str, str] = {reason.about: reason.en for reason in record.reasons}
    return reasons.get(figure.id, reasons.get(figure.of, ""))


def _line(city: City, record: Record, figure: ComparedObservation) -> tuple[str, ...]:
    seen = figure.observation
    indicator = city.indicators.get(seen.of)
    plain = seen.operator in ("level", "increment")
    decimals = indicator.decimals if plain and indicator else 2 if seen.operator == "sum" else 1
    bound = seen.reading in ("at_least", "at_most")
    reason = _reason(record, seen) if abs(figure.difference) > EXPLAINED else ""
    note = f"({seen.note})" if seen.note else ""
    return (
        f"{indicator.en if indicator else seen.of}{WHAT.get(seen.operator, '')}, {seen.unit}",
        f"{seen.first}–{seen.last}" if seen.first not in (None, seen.last) else str(seen.last),
        f"{SIGNS.get(seen.reading, '')}{seen.value:,.10g}".replace(",", " "),
        f"{figure.model:,.{decimals}f}".replace(",", " "),
        "holds" if bound and figure.difference == 0 else f"{figure.difference:+.1f} %",
        f"{seen.source} {_short(seen.section_or_address)}".strip(),
        f"{note} {reason}".strip(),
    )


def _short(address: str) -> str:
    """A section as it is, an address as its host, how a figure was derived not at all: the record has the whole."""
    host = re.match(r"https?://([^/]+)", address)
    return host[1] if host else address if len(address) < LONGEST_SECTION else ""

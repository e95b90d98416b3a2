"""The nominal run against every usable published figure: docs/model-against-figures.md."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import python_name
from model import City
from model.facts import FACTS, Fact, read_facts
from model.pages import origin, table

from .simulate import Figures, figures, yearly_run

EXPLAINED = 5.0  # per cent; a larger difference has a reason
LIMITS = (5.0, 10.0, 15.0)
LONGEST_SECTION = 20


@dataclass(frozen=True)
class Compared:
    """A published figure beside the model's; `difference` in per cent of the published, 0 on the right side of a bound.

    `reason` is an id of the reasons in facts.yaml, `counts` whether the figure counts as one of its own.
    """

    id: str
    label: str
    years: str
    published: float
    model: float
    unit: str
    decimals: int
    source: str
    note: str
    counts: bool
    bound: str | None = None

    @property
    def difference(self) -> float:
        """Per cent of the published figure; of a bound only what lies on its wrong side."""
        gap = 100 * (self.model / self.published - 1)
        return {"at_least": min(gap, 0.0), "at_most": max(gap, 0.0), None: gap}[self.bound]


def compare(city: City) -> list[Compared]:
    """Every figure of history.csv, then every fact of facts.yaml, against the nominal run."""
    values = figures(city, yearly_run(city, {}))
    levels = [
        Compared(
            id=figure.indicator,
            label=city.indicators[figure.indicator].en,
            years=str(figure.year),
            published=figure.value,
            model=float(values[figure.indicator][0, figure.year - city.years[0]]),
            unit=figure.unit,
            decimals=city.indicators[figure.indicator].decimals,
            source=f"{figure.source} {_short(figure.section_or_address)}".strip(),
            note=figure.note,
            counts=True,
        )
        for figure in city.history
    ]
    return [*levels, *(_fact(city, name, fact, values) for name, fact in read_facts(city).facts.items())]


def indicator_fact(city: City, fact: Fact, values: Mapping[str, Figures]) -> NDArray[np.float64]:
    """A fact of an indicator from yearly figures (member, year): one number a member."""
    series = values[str(fact.indicator)]
    last = series[:, fact.last - city.years[0]]
    if fact.first is None:
        return last
    first = fact.first - city.years[0]
    if fact.operator == "sum":
        return np.asarray(series[:, first : fact.last - city.years[0] + 1].sum(axis=1))
    return 100 * ((last / series[:, first]) ** (1 / (fact.last - fact.first)) - 1)


def _variable_fact(city: City, fact: Fact) -> float:
    """A fact of a variable of the model file, in the nominal run: its value at the year's end, or its flow summed."""
    start, end = (fact.last + 1.0,) * 2 if fact.first is None else (float(fact.first), fact.last + 1.0)
    steps = round((end - start) / city.model.dt)
    times = [end] if steps == 0 else [start + city.model.dt * step for step in range(steps)]
    names = [name for name in (fact.variable, fact.price) if name is not None]
    places = [city.locate(name) for name in names]
    run = city.model.run({}, outputs=[name for name, _ in places], times=times)
    product: NDArray[np.float64] = np.ones(len(times))
    for name, position in places:
        series = run[python_name(name)].transpose("member", "time", ...).values[0]
        product = product * series[(slice(None), *position)]
    return float(product[0] if steps == 0 else product.sum() * city.model.dt)


def _fact(city: City, name: str, fact: Fact, values: Mapping[str, Figures]) -> Compared:
    indicator = city.indicators.get(fact.indicator or "")
    what = {"level": "", "growth": ", growth a year", "sum": ", sum"}[fact.operator]
    several = fact.first is not None and fact.first != fact.last
    return Compared(
        id=name,
        label=(indicator.en if indicator else str(fact.variable)) + (what if several else ""),
        years=f"{fact.first}–{fact.last}" if several else str(fact.last),
        published=fact.value,
        model=float(indicator_fact(city, fact, values)[0]) if indicator else _variable_fact(city, fact),
        unit=fact.unit,
        decimals=1
        if fact.operator == "growth"
        else 2
        if fact.operator == "sum"
        else indicator.decimals
        if indicator
        else 0,
        source=f"{fact.source} {_short(fact.section_or_address)}",
        note=fact.note_en or "",
        counts=fact.counts,
        bound=fact.bound,
    )


def _short(address: str) -> str:
    """A section as it is, an address as its host, how a figure was derived not at all: the registry has the whole."""
    host = re.match(r"https?://([^/]+)", address)
    return host[1] if host else address if len(address) < LONGEST_SECTION else ""


def figures_page(city: City) -> str:
    """Published, model, difference and why, of every figure; and what the sources themselves disagree on."""
    facts = read_facts(city)
    compared = compare(city)
    counted = [figure for figure in compared if figure.counts]
    sizes = [abs(figure.difference) for figure in counted]
    within = ", ".join(f"{sum(size <= limit for size in sizes)} within {limit:g} %" for limit in LIMITS)
    lines = ["# The model against published figures", "", origin(city, f"history.csv, {FACTS} and a nominal run"), ""]
    lines += [
        f"Of {len(counted)} figures that count {within}; {sum(size > LIMITS[-1] for size in sizes)} are further off.",
        "Difference: the model's figure less the published one, in per cent of the published one; of a bound, what",
        f"lies on its wrong side. Every difference above {EXPLAINED:g} % has its reason. Nothing is tuned by a table",
        "over time, but the record to 2010 drives science appropriation, prices, national growth and the investment",
        "rate: agreement with fiscal science spending and fixed investment is no test of the structure.",
        "",
        "## Figures of a year",
        "",
    ]
    head = ("figure", "year", "published", "model", "difference", "source", "why, where above 5 %")
    levels = len(city.history)
    lines += [*table(head, (_line(figure, facts.reasons) for figure in compared[:levels])), ""]
    lines += ["## Sums, growth, bounds and parts of the model", ""]
    rest = compared[levels:]
    lines += [*table(head, (_line(figure, facts.reasons) for figure in rest if figure.counts)), ""]
    lines += ["## Shown and not counted", ""]
    lines += [*table(head, (_line(figure, facts.reasons) for figure in rest if not figure.counts)), ""]
    for title, words in (
        ("Where sources disagree", facts.conflicts),
        ("Published to 2010 and not compared", facts.unused),
    ):
        lines += [f"## {title}", "", *(f"- {word.en}" for word in words.values()), ""]
    return "\n".join(lines).rstrip() + "\n"


def unexplained(city: City, compared: Iterable[Compared]) -> list[str]:
    """Figures whose difference is above EXPLAINED and that no reason in facts.yaml explains."""
    reasons = read_facts(city).reasons
    return [f"{f.id} {f.years}" for f in compared if abs(f.difference) > EXPLAINED and f.id not in reasons]


def _line(figure: Compared, reasons: Mapping[str, object]) -> tuple[str, ...]:
    sign = {"at_least": "at least ", "at_most": "at most ", None: ""}[figure.bound]
    reason = reasons.get(figure.id) if abs(figure.difference) > EXPLAINED else None
    kept = "holds" if figure.bound and figure.difference == 0 else f"{figure.difference:+.1f} %"
    why = " ".join(part for part in (figure.note and f"({figure.note})", getattr(reason, "en", "")) if part)
    return (
        f"{figure.label}, {figure.unit}",
        figure.years,
        f"{sign}{figure.published:,.10g}".replace(",", " "),
        f"{figure.model:,.{figure.decimals}f}".replace(",", " "),
        kept,
        figure.source,
        why,
    )

"""What scenarios and levers cost, in both languages: docs/costs.md, from kept numbers and from prices.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from innovation.model import PLAN_BEGINS, PLAN_ENDS, PRICES, City, origin, payer_shares, resource_shares, table
from innovation.model.files import LANGUAGES, Fault, Language
from innovation.scenarios.scenario_files import library, load_scenario
from innovation.scenarios.simulation.failures import DesignFailures, told_of_design
from innovation.scenarios.words import section

from .accounting import BASE_YEAR, INDUCED, MONEY, OTHERS, PRICED, RATES, SOCIAL, WHOLE
from .cost_words import EFFECT, number, payer_name
from .cost_words import WORDS as COST_WORDS
from .equal_cost_mixes import WAYS

SEEN = 0.05
FAILED = "failed"  # a kept count of members left out
WORDS = section("cost_page")


@dataclass(frozen=True)
class CostRow:
    """One kept number of a scenario: a payer's sum, a present value, an effect of a part of its levers, …; a band."""

    scenario: str
    what: str
    measure: str
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class KeptCosts:
    """Rows that were kept, what their head says, and what is wrong with them as they stand, None where nothing is."""

    rows: Sequence[CostRow]
    head: Mapping[str, str]
    fault: Fault | None

    @cached_property
    def found(self) -> Mapping[tuple[str, str, str], CostRow]:
        """Each row by scenario, what and measure."""
        return {(row.scenario, row.what, row.measure): row for row in self.rows}

    def cell(self, scenario: str, what: str, measure: str) -> str:
        """The median and the band; a dash where nothing is kept."""
        row = self.found.get((scenario, what, measure))
        if row is None or np.isnan(row.middle):
            return "–"
        return f"{number(row.middle)} ({number(row.low)} … {number(row.high)})"

    def left_out(self, language: Language) -> str:
        """How many draws are left out; '' where none is."""
        failed = max((int(row.middle) for row in self.rows if row.measure == FAILED), default=0)
        return told_of_design(DesignFailures(int(self.head["members"]), failed), language) if failed else ""

    def middle(self, scenario: str, what: str, measure: str) -> float:
        """The median; not a number where nothing is kept."""
        row = self.found.get((scenario, what, measure))
        return float("nan") if row is None else row.middle


def costs_text(city: City, kept: KeptCosts) -> str:
    """The page: in English, then in Chinese, what scenarios cost by kept numbers, and each lever's prices."""
    parts = [[*_section(city, kept, language), ""] for language in LANGUAGES]
    parts[0][1:1] = ["", origin(city, f"kept numbers, {PRICES} and the model file")]
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def _section(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    words = WORDS[language]
    dates = {"first": PLAN_BEGINS, "last": PLAN_ENDS, "base": BASE_YEAR}
    yield from (words("title"), "")
    if kept.fault and kept.rows:
        yield from (words("stale", fault=kept.fault.said(language)[0]), "")
    yield from (words("rules", rule=COST_WORDS[language]("rule")), "")
    if kept.rows:
        said = {name: kept.head.get(name, "–") for name in ("members", "model", "posterior")}
        yield from (words("made", **said), "")
        if left_out := kept.left_out(language):
            yield from (left_out, "")
        yield from (words("payers", **dates), "", *_payers(city, kept, language), "")
        yield from (words("brings"), "", words("brings_note", **dates), "", *_brings(city, kept, language), "")
        yield from (words("answers", **dates), "", *_answers(city, kept, language), "")
        yield from (words("equal"), "", words("equal_note", **dates), "", *_equal(city, kept, language), "")
    else:
        yield from (words("none"), "")
    yield from (words("levers"), "", words("levers_note"), "", *_levers(city, language), "", *_others(city, language))


def _titles(city: City, language: Language) -> dict[str, str]:
    return {name: str(getattr(load_scenario(city, name).title, language)) for name in library()}


def _payers(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    payers = [*city.prices.payers, SOCIAL]
    head = [WORDS[language]("scenario"), *(payer_name(city, payer, language) for payer in payers)]
    rows = [
        [title, *(kept.cell(name, "sum", payer) for payer in payers)] for name, title in _titles(city, language).items()
    ]
    yield from table(head, rows)


def _brings(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    figure = str(getattr(city.indicators[EFFECT], language))
    rates = " / ".join(f"{100 * rate:g}" for rate in RATES)
    head = WORDS[language]("brings_head", rates=rates, base=BASE_YEAR, last=PLAN_ENDS, figure=figure).split("|")
    rows = []
    for name, title in _titles(city, language).items():
        worth = " / ".join(kept.cell(name, "present value", f"{100 * rate:g}") for rate in RATES)
        unpriced = kept.middle(name, "count", "unpriced")
        whole = kept.middle(name, EFFECT, WHOLE)
        parts = [_percent(kept.middle(name, EFFECT, part), whole) for part in (OTHERS, MONEY)]
        left = whole - kept.middle(name, EFFECT, PRICED) if unpriced else 0.0
        rows.append(
            [
                title,
                worth,
                _whole(kept.middle(name, "share", "without source")),
                _whole(unpriced),
                kept.cell(name, EFFECT, WHOLE),
                *parts,
                _percent(left, whole),
            ]
        )
    yield from table(head, rows)


def _percent(part: float, whole: float) -> str:
    return "–" if np.isnan(whole) or abs(whole) < SEEN else _whole(100 * part / whole)


def _whole(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0f}".replace("-0", "0") if abs(value) < 0.5 else f"{value:.0f}"


def _answers(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    head = [WORDS[language]("scenario"), *(str(getattr(city.indicators[name], language)) for name in INDUCED)]
    rows = [
        [title, *(kept.cell(name, "induced", figure) for figure in INDUCED)]
        for name, title in _titles(city, language).items()
    ]
    yield from table(head, rows)


def _equal(city: City, kept: KeptCosts, language: Language) -> Iterator[str]:
    titles = _titles(city, language)
    rows = []
    for name in dict.fromkeys(row.scenario for row in kept.rows if row.what == f"equal {WAYS[0]}"):
        cells = [titles[name]]
        for way in (f"equal {by}" for by in WAYS):
            star = "" if kept.middle(name, way, "is equal") else " *"
            cells.append(f"{100 * kept.middle(name, way, 'share'):.3g}{star}")
            cells += [number(kept.middle(name, way, cost)) for cost in WAYS]
        rows.append(cells)
    yield from table(WORDS[language]("equal_head").split("|"), rows)


def _levers(city: City, language: Language) -> Iterator[str]:
    """A line for each lever and each thing that it pays, from prices.yaml and the model."""
    words, elements = WORDS[language], list(city.model.subscripts["price"])
    payers, shares, used = city.model.subscripts["payer"], payer_shares(city.model), resource_shares(city.model)
    rows = []
    for lever in city.levers:
        for name in city.prices.of(lever):
            price, place = city.prices.prices[name], elements.index(name)
            paying = words("and").join(
                f"{payer_name(city, payer, language)} {100 * share:g}"
                for payer, share in zip(payers, shares[place], strict=True)
                if share
            )
            part = f"{100 * used[place]:g}" + (words("premium") if price.premium else "")
            basis = [words(price.timing), words(price.kind), price.source]
            rows.append(
                [str(getattr(city.levers[lever], language)), str(getattr(price, language)), paying, part, *basis]
            )
    yield from table(words("lever_head").split("|"), rows)


def _others(city: City, language: Language) -> Iterator[str]:
    """Levers that cost nothing of their own, and those that have no price."""
    words = WORDS[language]

    def named(levers: Sequence[str]) -> str:
        return words("and").join(str(getattr(city.levers[name], language)) for name in levers)

    yield from (words("free", levers=named(city.prices.free)), "")
    unpriced = city.prices.unpriced(list(city.levers))
    yield words("unpriced", levers=named(unpriced)) if unpriced else words("all_priced")

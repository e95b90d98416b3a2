"""Costs as people and scripts read them: a block of text in both languages, tidy rows, plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from innovation.model import PLAN_BEGINS, PLAN_ENDS, PLAN_YEARS, City
from innovation.model.files import Language
from innovation.scenarios.schema import Scenario
from innovation.scenarios.simulation.chances import PERCENTS, percentiles
from innovation.scenarios.simulation.text_tables import aligned, plain
from innovation.scenarios.words import section

from .accounting import (
    BASE_YEAR,
    INDUCED,
    INVESTMENT,
    MONEY,
    OTHERS,
    PRICED,
    RATES,
    SOCIAL,
    WHOLE,
    CostComparison,
    Costs,
    cost_band,
    is_money,
)

Floats = NDArray[np.float64]
COSTS = "costs.csv"
COST_COLUMNS = ("scenario", "payer", "what", "unit", "mean", *(f"q{percent:02d}" for percent in PERCENTS))
UNITS = {True: "1e8 CNY", False: f"1e8 CNY of {BASE_YEAR}"}
SUM = f"sum {PLAN_BEGINS}-{PLAN_ENDS}"
EFFECT = "hightech_output"
SEEN = 0.05  # of a sum in 1e8 CNY, or of a figure: less is shown as nothing
WORDS = section("costs")


def payer_name(city: City, payer: str, language: Language) -> str:
    """What a payer is called; `social` is the social resource cost."""
    return WORDS[language]("social") if payer == SOCIAL else str(getattr(city.prices.payers[payer], language))


def figures_of(city: City, dataset: Any, scenario: str) -> dict[str, Floats]:
    """Figures of one scenario of a result, by indicator, shape (members, years); the nominal run is member 0."""
    return {name: dataset[name].sel(scenario=scenario).values for name in city.indicators}


def cost_rows(scenario: str, costs: Costs) -> Iterator[tuple[object, ...]]:
    """Each payer and the social cost in the order of COST_COLUMNS: by year, in sum, and in present value."""
    for payer in costs.nominal:
        parts: list[tuple[str, str, Floats]] = [
            (str(year), UNITS[True], costs.nominal[payer][:, place]) for place, year in enumerate(PLAN_YEARS)
        ]
        parts.append((SUM, UNITS[True], costs.total(payer)))
        parts += [(f"present value at {100 * r:g} %", UNITS[False], costs.present_value(payer, r)) for r in RATES]
        for what, unit, values in parts:
            yield scenario, payer, what, unit, float(values.mean()), *percentiles(values).tolist()


def cost_json(city: City, costs: Costs, study: CostComparison | None) -> dict[str, Any]:
    """Costs as plain data: payers by year, sum and present value; and of a study what they come of and bring.

    Without a study, as `cost_text`, it says so.
    """
    found: dict[str, Any] = {"payers": {}, "payers_may_be_summed": False}
    for _, payer, what, _, mean, *quantiles in cost_rows("", costs):
        named = dict(zip(COST_COLUMNS[5:], quantiles, strict=True))
        found["payers"].setdefault(payer, {})[str(what)] = {"mean": mean, **named}
    if study is None:
        return {**found, "note": WORDS["en"]("unstudied")}
    effects = {
        figure: {part: float(np.median(values)) for part, values in parts.items()}
        for figure, parts in study.effects.items()
    }
    levers = [
        {"levers": list(names), "sum": float(np.median(values))} for names, values in study.by_levers(city).items()
    ]
    return {
        **found,
        "prices": {name: float(np.median(yearly.sum(axis=1))) for name, yearly in study.prices.items()},
        "levers": levers,
        "effects": effects,
        "induced": {name: float(np.median(values)) for name, values in study.induced.items()},
        "unpriced": list(study.unpriced),
        "without_source": plain(float(np.median(study.without_source))),
    }


def cost_text(city: City, costs: Costs, study: CostComparison | None, language: Language) -> str:
    """What a scenario costs and whom: a table of payers by year, then the social cost, levers, gaps and answers.

    With members figures are medians and the sum has its band. `study` is None where its nominal
    run failed, which is said.
    """
    words = WORDS[language]
    later = later_text(city, study.scenario, language) if study else ""
    if not any(np.abs(yearly).max(initial=0) >= SEEN for yearly in costs.nominal.values()):
        nothing = words("nothing", first=PLAN_BEGINS, last=PLAN_ENDS)
        return "\n".join(filter(None, [words("title"), nothing, later, "" if study else words("unstudied")]))
    several = len(next(iter(costs.real.values()))) > 1
    head = [words("payer"), *map(str, PLAN_YEARS), words("sum"), *([words("band")] if several else [])]
    rows = [_row(city, costs, payer, several, language) for payer in costs.nominal]
    values = words("and").join(
        words("at", value=number(float(np.median(costs.present_value(rate=rate)))), rate=f"{100 * rate:g}")
        for rate in RATES
    )
    lines = [words("title"), aligned([head, *rows], range(1, len(head))), words("rule")]
    lines.append(words("value", base=BASE_YEAR, values=values))
    lines += [later] if later else []
    return "\n".join([*lines, *(study_lines(city, study, language) if study else [words("unstudied")])])


def later_text(city: City, scenario: Scenario, language: Language) -> str:
    """Which levers a scenario changes after the last year that costs are of, and from when; '' where none."""
    words = WORDS[language]
    parts = [
        words("from", lever=getattr(city.levers[change.lever], language), year=int(change.start))
        for change in sorted(scenario.policies, key=lambda change: change.start)
        if change.start >= PLAN_ENDS + 1
    ]
    return words("later", last=PLAN_ENDS, levers=words("and").join(parts)) if parts else ""


def _row(city: City, costs: Costs, payer: str, several: bool, language: Language) -> list[str]:
    total = costs.total(payer)
    low, _, high = cost_band(total)
    band = [f"{number(low)} … {number(high)}"] if several else []
    years = [number(float(np.median(year))) for year in costs.nominal[payer].T]
    return [payer_name(city, payer, language), *years, number(float(np.median(total))), *band]


def number(value: float) -> str:
    """Money with one decimal; 0.0 has no sign."""
    text = f"{value:.1f}"
    return text.removeprefix("-") if float(text) == 0 else text


def study_lines(city: City, study: CostComparison, language: Language) -> list[str]:
    """By lever, what has no source or no price, how the effect parts, and what the economy spends in answer."""
    words, dates = WORDS[language], {"first": PLAN_BEGINS, "last": PLAN_ENDS}
    sums = {names: float(np.median(values)) for names, values in study.by_levers(city).items()}
    parts = [
        f"{_levers(city, names, language)} {number(sums[names])}"
        for names in sorted(sums, key=lambda one: -abs(sums[one]))
        if abs(sums[names]) >= SEEN
    ]
    lines = [words("nominal")] if len(study.without_source) == 1 else []
    if parts:
        lines.append(words("levers", parts=words("and").join(parts), **dates))
    share = float(np.median(study.without_source))
    if np.isfinite(share):
        lines.append(words("source", percent=f"{100 * share:.0f}"))
    lines.append(_unpriced(city, study, language))
    split = split_text(city, study, EFFECT, language)
    lines += [split] if split else []
    if any(change.lever == INVESTMENT for change in study.scenario.policies):
        lines.append(consumption_text(city, study, language))
    answers = [
        f"{getattr(city.indicators[name], language)} {float(np.median(values)):+.1f}"
        for name, values in study.induced.items()
        if name in INDUCED
    ]
    return [*lines, words("induced", parts=words("and").join(answers), **dates)]


def consumption_text(city: City, study: CostComparison, language: Language) -> str:
    """What fixed investment that policy moves does to output, and to what of it is not invested."""
    indicator = city.indicators["gdp"]
    gdp, consumption = (float(np.median(study.effects[name][WHOLE])) for name in ("gdp", "consumption"))
    return WORDS[language](
        "consumption",
        last=PLAN_ENDS,
        gdp=f"{gdp:+.1f}",
        consumption=f"{consumption:+.1f}",
        unit=indicator.unit_zh if language == "zh" else indicator.unit,
    )


def _levers(city: City, names: Sequence[str], language: Language) -> str:
    words = WORDS[language]
    return " + ".join(str(getattr(city.levers[name], language)) for name in names) or words("brought")


def _unpriced(city: City, study: CostComparison, language: Language) -> str:
    words = WORDS[language]
    if not study.unpriced:
        return words("priced")
    return words(
        "unpriced",
        levers=words("and").join(str(getattr(city.levers[name], language)) for name in study.unpriced),
        figure=getattr(city.indicators[EFFECT], language),
        percent=f"{100 - study.part(EFFECT, PRICED):.0f}",
    )


def unpriced_text(city: City, scenarios: Sequence[Scenario], language: Language) -> str:
    """Which levers of scenarios have no price, where nothing is said of their effect; '' where all have."""
    moved = dict.fromkeys(change.lever for scenario in scenarios for change in scenario.policies)
    names = [str(getattr(city.levers[name], language)) for name in city.prices.unpriced(list(moved))]
    return WORDS[language]("bare", levers=WORDS[language]("and").join(names)) if names else ""


def split_text(city: City, study: CostComparison, figure: str, language: Language) -> str:
    """What money and other levers bring of a figure; '' where one of the two is not moved or nothing comes of it."""
    kinds = {is_money(city, change.lever) for change in study.scenario.policies}
    indicator, change = city.indicators[figure], float(np.median(study.effects[figure][WHOLE]))
    if len(kinds) < 2 or abs(change) < SEEN:
        return ""
    return WORDS[language](
        "split",
        change=f"{change:+.1f}",
        figure=getattr(indicator, language),
        unit=indicator.unit_zh if language == "zh" else indicator.unit,
        last=PLAN_ENDS,
        others=f"{study.part(figure, OTHERS):.0f}",
        money=f"{study.part(figure, MONEY):.0f}",
    )

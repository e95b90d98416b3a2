"""The classes of other places: nations that grew, Chinese provinces, and long Chinese series of patents.

A nation's record belongs to the class where real product grew by .04 a year in logs or more over five years, with no
high inflation: records such as the city's, not those of decline or of lost money.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from innovation.model.files import Fault, fault, shown

from .places import CHINA, WORLD, Places, PlacesError
from .records import Cases, Floats, Kind, cases_of, growth_before, joined, same

FASTEST_OF_RECORD, INFLATION, FIRST_ORIGIN = 0.04, 0.30, 1980
FEWEST_PROVINCES = 15  # of which a window has figures
FEWEST_OF_NATIONS = 60  # cases of a horizon, for an indicator of nations to be tried
LEAST_RESEARCH = 0.2  # per cent of product, below which research spending is not derived from its share
LEAST_CONTRACTS = 3e4  # 1e4 CNY
NATION = "China"  # stands among the provinces with long series of its own
PATENTS = "patents_long"

NATIONS: Mapping[str, Kind] = {
    "gdp_real": Kind(family="product"),
    "gdp_nominal": Kind(family="product"),
    "industry_nominal": Kind(family="product"),
    "patents_resident": Kind(least=200, family="patents"),
    "patents_nonresident": Kind(least=500, family="patents"),
    "trademarks_resident": Kind(least=1000, family="patents"),
    "rd_gdp_share": Kind(least=0.2, family="research"),
    "rd_expenditure": Kind(family="research"),
    "researchers": Kind(least=100, family="research"),
    "hightech_exports": Kind(least=1e8, family="trade"),
    "hightech_export_share": Kind(least=1, family="trade"),
    "exports": Kind(family="trade"),
    "public_spending": Kind(family="public money"),
    "public_spending_share": Kind(least=1, family="public money"),
    "education_share": Kind(least=0.5, family="public money"),
    "articles": Kind(least=100, family="articles"),
    "listed_companies": Kind(least=20, family="firms"),
}
PROVINCES: Mapping[str, Kind] = {
    "gdp_real": Kind(),
    "gdp_nominal": Kind(record=3),
    "fixed_investment_nominal": Kind(),
    "fixed_investment_real": Kind(),
    "employment": Kind(),
    "public_spending_share": Kind(),
    "public_spending": Kind(record=3),
    "fixed_investment_share": Kind(record=3),
    "patents_granted": Kind(record=2),
    "rd_expenditure": Kind(record=2),
    "rd_gdp_share": Kind(record=2),
    "rd_personnel": Kind(record=2),
    "contracts_sold": Kind(least=LEAST_CONTRACTS, sparse=True),
    "contracts_bought": Kind(least=LEAST_CONTRACTS, sparse=True),
}
DERIVED = {WORLD: ("rd_expenditure",), CHINA: ("rd_expenditure", "public_spending", "fixed_investment_share")}
LONG = (  # place, indicator
    ("Fujian", "patents_applied"),
    ("Fujian", "inventions_applied"),
    ("Fujian", "patents_granted"),
    (NATION, "patents_granted"),
)


@dataclass(frozen=True)
class ReferenceCases:
    """The cases of a class.

    Attributes
    ----------
    unreadable
        Figures left out because they have no log or logit.
    families
        What family each indicator belongs to; none where there is no rule for all indicators together.
    fewest
        Cases of one horizon that an indicator needs.
    few
        Whether the places are too few to learn from others alone: then other windows are enough.
    """

    name: str
    cases: Cases
    unreadable: int = 0
    families: Mapping[str, str] = field(default_factory=dict)
    fewest: int = 0
    few: bool = False


def reference_cases(world: Places, china: Places) -> tuple[ReferenceCases, ...]:
    """The three classes. Raises PlacesError where an indicator, or a long series, has no figures at all."""
    if faults := [*_lacking(world, NATIONS, WORLD), *_lacking(china, PROVINCES, CHINA), *_short(china)]:
        raise PlacesError(faults)
    families = {name: kind.family for name, kind in NATIONS.items()}
    lost = sum(world.unreadable(name) for name in world.figures), sum(china.unreadable(name) for name in china.figures)
    return (
        ReferenceCases("nations", nations(world), lost[0], families, FEWEST_OF_NATIONS),
        ReferenceCases("provinces", provinces(china), lost[1]),
        ReferenceCases("patents", long_series(china), few=True),
    )


def _lacking(places: Places, kinds: Mapping[str, Kind], path: Path) -> Iterator[Fault]:
    for name in kinds:
        if name not in places.figures and name not in DERIVED[path]:
            yield fault("calibration.no_figure_of", shown(path), figure=name)


def _short(places: Places) -> Iterator[Fault]:
    for place, indicator in LONG:
        if place not in places.names or indicator not in places.figures:
            yield fault("calibration.no_series", shown(CHINA), indicator=indicator, whose=place)


def nations(places: Places) -> Cases:
    """Records of nations in the class, and what followed."""
    figures = dict(places.figures)
    share = figures["rd_gdp_share"]
    figures["rd_expenditure"] = np.where(share > LEAST_RESEARCH, share, np.nan) / 100 * figures["gdp_nominal"]
    places = replace(places, figures=figures)
    inflation = growth_before(places.readings("gdp_nominal")) >= INFLATION
    inside = (growth_before(places.readings("gdp_real")) >= FASTEST_OF_RECORD) & ~inflation
    inside &= places.years >= FIRST_ORIGIN
    return joined(list(_each(places, NATIONS, inside)))


def provinces(places: Places) -> Cases:
    """Records of Chinese provinces, of windows that enough of them have, and what followed.

    Real product after a record is that of all provinces: none knows its own.
    """
    kept = np.array([name != NATION for name in places.names])
    figures = {name: values[kept] for name, values in places.figures.items()}
    product = figures["gdp_nominal"]
    figures["rd_expenditure"] = figures["rd_gdp_share"] / 100 * product
    figures["public_spending"] = figures["public_spending_share"] / 100 * product
    figures["fixed_investment_share"] = 100 * figures["fixed_investment_nominal"] / product
    figures["employment"] = np.where(places.years < 2010, figures["employment"], np.nan)  # a census broke the series
    names = tuple(np.array(places.names)[kept].tolist())
    places = Places(names, places.years, figures)
    cases = joined(list(_each(places, PROVINCES, np.ones((len(names), len(places.years)), bool))))
    cases = replace(cases, gdp_after=_mean(cases.gdp_after, same(cases.origin, cases.horizon)[0]))
    window, count = same(cases.indicator, cases.origin, cases.horizon)
    return cases.pick(count[window] >= FEWEST_PROVINCES)


def long_series(places: Places) -> Cases:
    """Records of the few Chinese series of patents that are long, and what followed; each counts as a place."""
    rows = [places.figures[indicator][places.names.index(place)] for place, indicator in LONG]
    names = tuple(f"{place} {indicator}" for place, indicator in LONG)
    gathered = Places(
        names, places.years, {PATENTS: np.array(rows), "gdp_real": np.full((len(rows), len(rows[0])), np.nan)}
    )
    return joined(list(_each(gathered, {PATENTS: Kind()}, np.ones((len(rows), len(places.years)), bool))))


def _each(places: Places, kinds: Mapping[str, Kind], inside: NDArray[np.bool_]) -> Iterator[Cases]:
    gdp = places.readings("gdp_real")
    for name, kind in kinds.items():
        levels = np.where(inside, places.figures[name], np.nan)
        yield cases_of(name, kind, levels, places.readings(name), places.names, places.years, gdp)


def _mean(values: Floats, group: NDArray[np.int64]) -> Floats:
    """The mean of the finite values of each case's group."""
    known = np.isfinite(values)
    total = np.bincount(group, np.where(known, values, 0.0))
    with np.errstate(invalid="ignore"):
        return np.asarray((total / np.bincount(group, known))[group], float)

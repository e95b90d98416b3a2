"""The trial of the rule on other places: coverage, places and CRPS of every rule, as rows of one table.

Rows with horizons are of records long enough for a trend to be drawn (`Cases.is_scored`), so that all rules speak of
the same cases; rows with indicators are of all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from innovation.engine import OnProgress, Progress

from .classes import ReferenceCases, reference_cases
from .forecasts import RULES, Forecasts, forecasts
from .places import CHINA, WORLD, read_places
from .records import HORIZONS, Flags, Floats, same
from .rule import CITY_FACTOR, FREEDOM, YEARS, middle, spread, widening
from .scoring import LEVELS, is_inside, student_crps, student_place
from .tables import ReferenceClass, read_reference_class

Row = dict[str, object]

NONE = float("nan")
ORIGINS = (1990, 1995, 2000, 2005)
RANKS = (0.0, 0.33, 0.67, 0.9, 1.0)  # of growth within an indicator
TENTHS = 10
FACTORS = (1.0, CITY_FACTOR)  # of the rule's spread
LEVEL_SHARES = (0.0, 1.0)  # of the variance at five years: a tilt alone, a walk of the level alone
WIDENED = ("hightech_exports", "hightech_export_share", "rd_gdp_share", "public_spending_share")
WIDER = 1.25
RECENT = 2000  # first origin of provinces that are read as the city is
MANY = 50  # figures of one place from one origin
NEAR_HALF, NEAR_MOST, EDGES = (0.4, 0.6), (0.85, 0.97), (0.05, 0.95)
AS_THE_CITY = {  # indicator of provinces -> what the class has of it
    "gdp_real": "gdp_real", "gdp_nominal": "gdp_nominal", "rd_expenditure": "rd_expenditure",
    "rd_gdp_share": "rd_gdp_share", "rd_personnel": "rd_personnel", "patents_granted": "patents_granted",
    "contracts_sold": "technology_contracts", "contracts_bought": "technology_contracts",
    "public_spending": "public_science", "fixed_investment_nominal": "fixed_investment",
    "fixed_investment_real": "fixed_investment", "employment": "employment",
}  # fmt: skip


def trial_rows(on_progress: OnProgress) -> Iterator[Row]:
    """The whole trial on the project's figures of other places."""
    classes = reference_cases(read_places(WORLD), read_places(CHINA))
    tried = []
    for of in classes:
        on_progress(Progress(f"forecasts of {of.name}"))
        tried.append(forecasts(of))
    for of, found in zip(classes, tried, strict=True):
        on_progress(Progress(f"scores of {of.name}"))
        yield from rows_of(of, found)
    yield from as_the_city(classes[1], read_reference_class())
    yield from one_place_rows(tried[0])


def rows_of(of: ReferenceCases, found: Forecasts) -> Iterator[Row]:
    """All that is said of one class."""
    cases, scored = found.cases, found.cases.is_scored
    score = _Scores(of.name, found)
    for h in HORIZONS:
        yield from score.rows("horizon", h, scored & (cases.horizon == h))
    for indicator in np.unique(cases.indicator):
        yield from score.rows("indicator", indicator, cases.indicator == indicator)
    for rule in RULES:
        yield from score.tenths(rule, scored)
    if not of.few:
        yield from _parts(score, found)
    counts = {
        "cases": len(of.cases), "tried": len(cases), "places": len(np.unique(cases.place)),
        "indicators": len(np.unique(cases.indicator)), "scored": int(scored.sum()),
        "learned from other windows too": int(found.apart.sum()),
        "records with a year missing": int((~cases.whole).sum()), "figures without a log": of.unreadable,
    }  # fmt: skip
    for what, count in counts.items():
        yield _row("count", of.name, what, "", count)


def _parts(score: _Scores, found: Forecasts) -> Iterator[Row]:
    """The same by origin and by growth of the record, and with other spreads."""
    cases, scored, rank = found.cases, found.cases.is_scored, _ranks(found)
    for origin in ORIGINS:
        yield from score.rows("origin", origin, scored & (cases.origin == origin))
    for low, high in itertools.pairwise(RANKS):
        yield from score.rows("growth", f"{low:g}-{high:g}", scored & (rank > low) & (rank <= high))
    for h in HORIZONS:
        here = scored & (cases.horizon == h)
        for factor in FACTORS:
            yield score.row("factor", f"{factor:g} at {h}", "rule", here, factor)
        for share in LEVEL_SHARES:
            other = np.sqrt(share * h / YEARS + (1 - share) * (h / YEARS) ** 2) / widening(h)
            yield score.row("shape", f"{share:g} at {h}", "rule", here, float(other))
    for indicator in WIDENED:
        here = cases.indicator == indicator
        for factor in (1.0, WIDER):
            if here.any():
                yield score.row("widened", f"{indicator} {factor:g}", "rule", here, factor)


class _Scores:
    """Places and CRPS of every rule for every case, shape (rules, cases)."""

    def __init__(self, name: str, found: Forecasts) -> None:
        self._name, self._found = name, found
        with np.errstate(invalid="ignore"):
            self.places = student_place(found.cases.added, found.freedom, found.middle, found.spread)
            self.crps = student_crps(found.cases.added, found.freedom, found.middle, found.spread)

    def rows(self, by: str, value: object, which: Flags) -> Iterator[Row]:
        """A row a rule that says something of some cases."""
        for rule in RULES:
            row = self.row(by, value, rule, which)
            if row["cases"]:
                yield row

    def row(self, by: str, value: object, rule: str, which: Flags, factor: float = 1.0) -> Row:
        """What a rule, its spread times a factor, achieved on some cases; CRPS on those that are scored."""
        at = list(RULES).index(rule)
        places, crps = self.places[at], self.crps[at]
        if factor != 1.0:
            centre, scale, freedom = self._found.of(rule)
            places = student_place(self._found.cases.added, freedom, centre, factor * scale)
            crps = student_crps(self._found.cases.added, freedom, centre, factor * scale)
        said = which & np.isfinite(places)
        scored = said & self._found.cases.is_scored
        ratios = [_ratio(crps[scored], self.crps[list(RULES).index(naive)][scored]) for naive in ("trend", "walk")]
        return _row(by, self._name, value, rule, int(said.sum()), places[said], ratios)

    def tenths(self, rule: str, which: Flags) -> Iterator[Row]:
        """The share of outcomes in each tenth of a rule's forecasts."""
        places = self.places[list(RULES).index(rule)]
        places = places[which & np.isfinite(places)]
        counts = np.histogram(places, np.linspace(0, 1, TENTHS + 1))[0]
        for number, count in enumerate(counts, 1):
            if len(places):
                yield {**_row("tenth", self._name, number, rule, len(places)), "share": float(count / len(places))}


def as_the_city(of: ReferenceCases, table: ReferenceClass) -> Iterator[Row]:
    """Provinces read as the city is: by the class's own table, at every factor; every indicator counts once.

    In sample, since the table's Chinese lines are theirs. Origins from RECENT on: the decade that the city's record is
    of.
    """
    cases = of.cases.pick(np.isin(of.cases.indicator, list(AS_THE_CITY)) & (of.cases.origin >= RECENT))
    if not len(cases):
        return
    references = [table.indicators[AS_THE_CITY[name]] for name in cases.indicator.tolist()]
    a, b, scale, usual = (
        np.array([getattr(one, name) for one in references]) for name in ("a", "b", "scale", "median_growth")
    )
    centre = middle(cases.horizon, cases.growth, a, b)
    wide = spread(cases.horizon, scale, (cases.growth - usual) / scale)
    group, count = same(cases.indicator)
    often = 1 / count[group] / len(count)
    for factor in FACTORS:
        places = student_place(cases.added, FREEDOM, centre, factor * wide)
        shares = [float(often @ is_inside(places, level)) for level in LEVELS]
        yield _row("as the city", of.name, f"{factor:g}", "rule", len(cases)) | _inside(shares)


def one_place_rows(found: Forecasts) -> Iterator[Row]:
    """What the rule achieved in one place from one origin, over places and origins with MANY figures or more."""
    score = _Scores("nations", found)
    at, trend = list(RULES).index("rule"), list(RULES).index("trend")
    group, count = same(found.cases.place, found.cases.origin)
    scored = found.cases.is_scored
    shares = [np.bincount(group, is_inside(score.places[at], level)) / count for level in LEVELS]
    sums = [np.bincount(group[scored], score.crps[one][scored], len(count)) for one in (at, trend)]
    many = count >= MANY
    with np.errstate(invalid="ignore", divide="ignore"):
        measures = {"half": shares[0][many], "most": shares[1][many], "crps": (sums[0] / sums[1])[many]}
    for name, values in measures.items():
        for edge, value in zip(("low", "high"), np.nanquantile(values, EDGES), strict=True):
            yield _row("one place", "nations", f"{name} {edge}", "rule", int(many.sum())) | {"share": float(value)}
    for name, (low, high) in (("half", NEAR_HALF), ("most", NEAR_MOST)):
        near = ((measures[name] >= low) & (measures[name] <= high)).mean()
        yield _row("one place", "nations", f"{name} near", "rule", int(many.sum())) | {"share": float(near)}
    mean = float(count[many].mean())
    yield _row("one place", "nations", "figures", "rule", int(many.sum())) | {"share": mean}


def _ranks(found: Forecasts) -> Floats:
    """Rank of a record's growth among those of its indicator, at the longest horizon; not a number at others."""
    ranks = np.full(len(found.cases), np.nan)
    longest = found.cases.is_scored & (found.cases.horizon == YEARS)
    for indicator in np.unique(found.cases.indicator):
        mine = np.flatnonzero(longest & (found.cases.indicator == indicator))
        order = found.cases.growth[mine].argsort().argsort()
        ranks[mine] = (order + 1) / max(len(mine), 1)
    return ranks


def _ratio(crps: Floats, naive: Floats) -> float:
    good = np.isfinite(crps) & np.isfinite(naive)
    return float(crps[good].sum() / naive[good].sum()) if good.any() else NONE


def _row(
    by: str, name: str, value: object, rule: str, cases: int, places: Floats | None = None, ratios: Sequence[float] = ()
) -> Row:
    shares = [float(is_inside(places, level).mean()) for level in LEVELS] if places is not None and len(places) else []
    over = dict(zip(("over_trend", "over_walk"), [*ratios, NONE, NONE], strict=False))
    head: Row = {"by": by, "set": name, "of": value, "rule": rule, "cases": cases}
    return head | _inside(shares or [NONE, NONE]) | over | {"share": NONE}


def _inside(shares: Sequence[float]) -> Row:
    return dict(zip(("inside_50", "inside_90"), shares, strict=True))

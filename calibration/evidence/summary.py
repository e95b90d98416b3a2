"""The page's first five sentences, made from the results."""

from __future__ import annotations

import math

from calibration.discrepancy.makeup import PARTS
from calibration.observations import RECORD_ENDS
from model.entries import BLIND

from .evidence import Evidence
from .fits import counted
from .futures import HEADLINE, SCENARIOS, TOGETHER, YEAR
from .groups import LEVELS
from .holdout import NAIVE
from .learning import worth
from .results import number as cell
from .scores import inside
from .sections_groups import places_of, rows_under
from .sensitivity import AS_IS
from .words import chance, listed, named, percent

LACKING = "not computed yet for this posterior"


def summary(found: Evidence) -> list[str]:
    """Five sentences: fit, learning, forecasts of what was left out, priors behind the chances, spread of 2015."""
    sentences = (_fit(found), _learned(found), _left_out(found), _priors(found), _spread(found))
    return ["## In five sentences", "", *(f"{place}. {said}" for place, said in enumerate(sentences, 1)), ""]


def _fit(found: Evidence) -> str:
    main = [fit for fit in counted(found.fits) if not fit.is_fixed]
    half, most = (inside([fit.place for fit in main], level) for level in LEVELS)
    record = found.basis.observations
    count = sum(figure.is_counted for figure in record)
    return (
        f"The fitted city can say what was published: of {len(record)} figures on record {count} count in the fit, "
        f"and of the {len(main)} of these that are no bounds {half} lie in its 50 % band and {most} in its 90 % band, "
        f"errors of measurement included, which is no test, for it has seen them."
    )


def _learned(found: Evidence) -> str:
    known = [one for one in found.learned if one.is_learned]
    silent = sum(one.is_silent for one in found.learned)
    return (
        f"Of {len(found.learned)} uncertain constants the record teaches something about {len(known)}, most about "
        f"{listed([one.name for one in known[:3]])}, and as much in all as if {worth(found.learned):.0f} were "
        f"known exactly; the "
        f"other {len(found.learned) - len(known)} are not learned from data ({silent} of them no figure depends "
        f"on) and rest "
        f"on judgement and other people's studies."
    )


def _left_out(found: Evidence) -> str:
    groups, held = found.result("groups"), found.result("holdout")
    if groups is None or held is None:
        return f"How it forecasts figures that it has not seen is {LACKING}."
    own = groups.rows[0]["priors"]
    places = places_of(rows_under(groups.rows, own), "place")
    blind = places_of(rows_under(groups.rows, BLIND), "place") if own != BLIND else []
    told = f" ({inside(blind, LEVELS[0])} and {inside(blind, LEVELS[1])} under blind priors)" if blind else ""
    scored = [row for row in held.rows if math.isfinite(cell(row, "trend_log"))]
    said = (
        f"Left out group by group, {inside(places, LEVELS[0])} and {inside(places, LEVELS[1])} of these "
        f"{len(places)} figures lie in the 50 and 90 % bands of a fit that has not seen them{told}; "
        f"held out, {RECORD_ENDS}"
    )
    if not scored:
        return f"{said} has no series long enough for a naive forecast."
    wins = sum(all(cell(row, "model_log") >= cell(row, f"{name}_log") for name in NAIVE) for row in scored)
    names = listed([named(found.city, found.figure[row["figure"]]) for row in scored])
    return (
        f"{said} can be held against a trend and a random walk for {len(scored)} series only ({names}), and the "
        f"city's log "
        f"score is at least theirs in {wins} of {len(scored)}, which says little."
    )


def _priors(found: Evidence) -> str:
    kept = found.result("sensitivity")
    if kept is None:
        return f"How far the chances rest on the priors is {LACKING}."
    plain = {(r["scenario"], r["target"]): cell(r, "chance") for r in kept.rows if r["kind"] == AS_IS}
    moved = [row for row in kept.rows if row["kind"] != AS_IS and row["target"] != TOGETHER]
    most = max(moved, key=lambda row: abs(cell(row, "chance") - plain[row["scenario"], row["target"]]))
    before = plain[most["scenario"], most["target"]]
    label = found.city.indicators[most["target"]].en
    together = max(plain.get((scenario, TOGETHER), math.nan) for scenario in SCENARIOS)
    return (
        f"The chances rest on the priors: the one that moves most, of {label} under {most['scenario']}, goes from "
        f"{chance(before)} to {chance(cell(most, 'chance'))} when the prior of {most['prior']} has "
        f"{cell(most, 'spread'):.2f} times "
        f"its spread; all targets are met at once in {chance(together)} of the best scenario."
    )


def _spread(found: Evidence) -> str:
    kept = found.result("makeup")
    if kept is None:
        return f"What the bands of {YEAR} are made of is {LACKING}."
    rows = {row["indicator"]: row for row in kept.rows if row["scenario"] == SCENARIOS[0]}
    main = []
    for name in HEADLINE:
        if name in rows:
            largest = max(PARTS, key=lambda part: cell(rows[name], part))
            main.append(f"{found.city.indicators[name].en}: {largest}, {percent(cell(rows[name], largest))}")
    return f"What most of the variance of published figures of {YEAR} is made of: {'; '.join(main)}."

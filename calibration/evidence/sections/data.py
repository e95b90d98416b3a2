"""Sections of the page on what the posterior says: figures, constants, ridges, errors, optima."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from innovation.calibration.evidence.assessment.futures import FAILED
from innovation.calibration.evidence.assessment.learning import FAR, LEARNED, TIED, LearnedConstant, moved_far
from innovation.calibration.evidence.assessment.profiles import DOZEN
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.validation.fits import PredictedFigure, counted
from innovation.calibration.evidence.validation.groups import LEVELS
from innovation.calibration.evidence.validation.scores import inside
from innovation.calibration.kept_results import COMMAND, KeptResult
from innovation.calibration.kept_results import number as cell
from innovation.model import table
from innovation.scenarios.simulation import DesignFailures, told_of_design

from .words import band, listed, named, number, percent, signed, years_of

CLOSE = 0.5  # of log density: optima that near the best one
FINE = 4  # digits of a figure
SHOWN = 20  # constants in the table of what is learned


def missing(part: str) -> list[str]:
    """What a section says whose result is not there."""
    return [f"Not computed for this posterior: run `{COMMAND} {part}`."]


def left_out(kept: KeptResult) -> Iterator[str]:
    """What a section says of draws that its result leaves out; nothing where none failed."""
    if failed := int(kept.head.get(FAILED, 0)):
        yield from (told_of_design(DesignFailures(int(kept.head["draws used"]), failed)), "")


def fit_section(found: Evidence) -> Iterator[str]:
    """Every figure against the fitted city."""
    main = [fit for fit in counted(found.fits) if not fit.is_fixed]
    half, most = (inside([fit.place for fit in main], level) for level in LEVELS)
    yield "## Every figure against the fitted city"
    yield ""
    count = sum(figure.is_counted for figure in found.basis.observations)
    yield f"Of {len(found.basis.observations)} figures on record {count} count in the fit. Of the {len(main)} of these"
    yield f"that are no bounds {half} lie in the middle half of what the fitted city says,"
    yield f"errors of measurement included, and {most} in the middle nine tenths; {0.5 * len(main):.0f} and"
    yield f"{0.9 * len(main):.0f} would on average if the city were true and had not seen them. It has seen them,"
    yield "so these"
    yield "counts are too good by nature: they show that the city can say what is published, not that it forecasts."
    yield "A place is the share of the distribution below the published figure, 0.5 its middle; of a bound, the chance"
    yield "that it holds. A star marks figures that do not count: they say again what others say, or set a number."
    yield ""
    yield "![Levels of indicators over the record](figures/record.svg)"
    yield ""
    yield "*The record and the fitted city, parameters alone: light band 90 %, dark band 50 %, line the median."
    yield "Filled dots"
    yield "count, open ones are only shown; triangles are bounds and point to where they hold.*"
    yield ""
    yield "![Every figure in per cent of what is published](figures/fits.svg)"
    yield ""
    yield "*Every figure: thin line 90 % with errors of measurement, grey 90 % and black 50 % of parameters"
    yield "alone; an arrow"
    yield "points to what lies beyond the edge; ≤ and ≥ mark bounds, of which the city may keep well clear.*"
    yield ""
    head = ("figure", "years", "published", "50 %", "90 %", "90 % with errors", "place")
    yield from table(head, (_fit_row(found, fit) for fit in found.fits))
    far = [fit for fit in main if abs(fit.place - 0.5) > LEVELS[1] / 2]
    yield ""
    yield f"Counted figures outside their nine tenths: {listed([_name(found, fit) for fit in far])}."


def learned_section(found: Evidence) -> Iterator[str]:
    """Constants and how far they contract."""
    every = found.learned
    known = [one for one in every if one.is_learned]
    uninformed = [one for one in every if one.is_uninformed]
    little = [one for one in every if not one.is_learned and not one.is_uninformed]
    yield "## What is learned of each constant"
    yield ""
    yield "Contraction is one less the variance of the posterior over that of the prior, in coordinates in which"
    yield "the prior"
    yield f"is a standard normal. Of {len(every)} uncertain constants and assumptions {len(known)} contract by"
    yield f"{percent(LEARNED)} or more. **The other {len(little) + len(uninformed)} are not learned from data**: their"
    yield "posterior is"
    yield "their prior, that is, judgement or other people's studies."
    error = 100 * (2 / len(found.basis.z)) ** 0.5
    yield f"With {len(found.basis.z)} draws a contraction is known to about ±{error:.0f} points, one standard error."
    yield ""
    yield f"![Priors and posteriors of the {DOZEN} constants that contract most](figures/learned.svg)"
    yield ""
    yield "*Prior (line) and posterior (grey) of the constants that contract most.*"
    yield ""
    head = (
        "constant",
        "unit",
        "prior, 5 … 95 %",
        "posterior, 5 … 95 %",
        "contraction",
        "moved by (prior sd)",
        "prior from",
    )
    yield from table(head, (_learned_row(found, one) for one in known[:SHOWN]))
    yield ""
    far = moved_far(every)
    said = listed([f"{one.name} ({signed(one.moved)})" for one in far])
    yield f"Constants whose median moved by more than {FAR} standard deviations of the prior: {said}."
    if far:
        yield "Such a move is a question to the structure: the figures want something that the prior thought unlikely."
    yield ""
    yield f"Learned a little less, contraction in per cent: {_short(known[SHOWN:])}."
    yield ""
    yield f"Not learned from data, though some figure depends on them ({len(little)}): {_names(little)}."
    yield ""
    yield f"Not learned from data, as no figure to 2010 depends on them ({len(uninformed)}; drifts, assumptions about"
    yield "the years"
    yield f"after 2010 and the scoreboard among them): {_names(uninformed)}."


def ties_section(found: Evidence) -> Iterator[str]:
    """Ridges."""
    yield "## Ridges: constants that the record cannot tell apart"
    yield ""
    yield f"Pairs with a posterior correlation beyond {TIED}: the record fixes a combination of the two, not each."
    yield "Against each other: one may be larger if the other is smaller."
    yield ""
    if not found.ties:
        yield "There is none."
        return
    rows = [
        (tie.one, tie.other, f"{tie.r:+.2f}", "together" if tie.r > 0 else "against each other") for tie in found.ties
    ]
    yield from table(("constant", "and", "correlation", "they go"), rows)


def errors_section(found: Evidence) -> Iterator[str]:
    """Sizes of errors."""
    yield "## How large the errors of the figures are"
    yield ""
    yield "A size is a standard deviation in logarithms or log odds, near enough a part of the figure; a"
    yield "persistence is the"
    yield "correlation of the errors of one year and the next."
    yield ""
    rows = [
        (one.name, number(one.before[1], 2), band(one.before, 2), number(one.after[1], 2), band(one.after, 2))
        for one in found.errors
    ]
    yield from table(("number", "prior median", "prior, 5 … 95 %", "posterior median", "posterior, 5 … 95 %"), rows)
    larger = [one.name for one in found.errors if one.name.startswith("error size") and one.after[1] > one.before[2]]
    yield ""
    yield "Sizes whose posterior median lies beyond the prior's 95 %, so that the city cannot meet the figures:"
    yield f"{listed(larger)}."


def optima_section(found: Evidence) -> Iterator[str]:
    """Spread of optima."""
    yield "## Best fits from spread starts"
    yield ""
    kept = found.result("optima")
    if kept is None:
        yield from missing("optima")
        return
    heights = np.array([cell(row, "log_density") for row in kept.rows])
    close = [row for row in kept.rows if cell(row, "log_density") >= heights[0] - CLOSE]
    yield f"{len(heights)} climbs from starts drawn from the prior, sizes of errors held. {len(close)} of them end"
    yield "within"
    yield f"{CLOSE} of log density of the highest, half of them within"
    yield f"{number(float(np.median(heights[0] - heights)), 2)},"
    yield f"all within {number(float(heights[0] - heights[-1]), 2)}. " + (
        "So there is one best fit, or a plain around it, and no second one."
        if len(close) >= len(heights) / 2
        else "So many climbs stop lower: there is a long plain or more than one top, and one best fit says little."
    )
    yield ""
    if len(close) < 2:
        return
    names = [name for name in kept.rows[0] if name not in ("log_density", "converged", "distance")]
    spreads = {name: float(np.std([cell(row, name) for row in close])) for name in names}
    rows = [(name, number(cell(close[0], name), 2), number(spread, 2)) for name, spread in spreads.items()]
    yield "Where the close ones put the informed dozen, in standard deviations of the prior:"
    yield ""
    yield from table(("constant", "at the highest", "spread over the close ones"), rows)


def _fit_row(found: Evidence, fit: PredictedFigure) -> tuple[str, ...]:
    figure = fit.figure
    sign = {"at_least": "≥ ", "at_most": "≤ "}.get(figure.reading, "")
    star = "" if figure.is_counted else " *"
    label = f"{named(found.city, figure)}{star}, {figure.unit}"
    edges = [band(values, FINE) for values in (fit.said[1:4], fit.said, fit.measured)]
    return (label, years_of(figure), f"{sign}{figure.value:,.10g}".replace(",", " "), *edges, f"{fit.place:.2f}")


def _learned_row(found: Evidence, one: LearnedConstant) -> tuple[str, ...]:
    is_own = "allocation" not in one.name and one.name in found.basis.constants
    parameter = found.city.parameter(one.name) if is_own else None
    source = parameter.source if parameter else "judgement"
    unit = found.basis.unit(one.name)
    return (
        one.name,
        unit,
        band(one.before),
        band(one.after),
        percent(one.contraction),
        signed(one.moved),
        source,
    )


def _name(found: Evidence, fit: PredictedFigure) -> str:
    return f"{named(found.city, fit.figure)} {years_of(fit.figure)}"


def _names(constants: list[LearnedConstant]) -> str:
    return ", ".join(one.name for one in constants) or "none"


def _short(constants: list[LearnedConstant]) -> str:
    return ", ".join(f"{one.name} {100 * one.contraction:.0f}" for one in constants) or "none"

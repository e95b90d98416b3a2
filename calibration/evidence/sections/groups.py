"""The section of the page on groups of figures left out, under the city's priors and under the centred ones."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.validation.groups import LEVELS
from innovation.calibration.evidence.validation.scores import inside, places_of, rows_under
from innovation.calibration.kept_results import Row
from innovation.calibration.kept_results import number as cell
from innovation.model import CENTRED, table

from .data import missing
from .words import listed, named, years_of

SET_FROM_RECORD = ("platforms", "firms")  # groups whose fixed numbers are


def groups_section(found: Evidence) -> Iterator[str]:
    """Leave one group out."""
    yield "## Each group of figures left out in turn"
    yield ""
    kept = found.result("groups")
    if kept is None:
        yield from missing("groups")
        return
    sets = {name: rows_under(kept.rows, name) for name in dict.fromkeys(row["priors"] for row in kept.rows)}
    own, *others = sets
    count = len(places_of(sets[own], "place"))
    yield "A fit that has not seen a group says what its figures should be. Errors of the group have their"
    yield f"prior size; numbers of events have chance alone. {count} figures are left out, bounds aside:"
    yield f"{0.5 * count:.0f} would lie in the 50 % band and {0.9 * count:.0f} in the 90 % band on average."
    yield ""
    yield from _compared(sets)
    yield ""
    yield f"Under the priors {own}: {coverage_words(places_of(sets[own], 'place'))}"
    for name in others:
        yield f"Under the priors {name}: {coverage_words(places_of(sets[name], 'place'))}"
    if CENTRED in sets:
        yield from _centred(sets[own], sets[CENTRED])
    yield "The log score is the log density of all figures of a group together; above the priors', the other"
    yield "groups help to say what this one should be; one that rests on a few draws is rough."
    yield "CRPS is on the scale of the error, of a number of events in parts of it."
    for name, rows in sets.items():
        yield ""
        yield f"### Groups left out, priors {name}"
        yield ""
        yield from _groups(rows)
        out = [row for row in rows if row["is_bound"] == "0" and abs(cell(row, "place") - 0.5) > LEVELS[1] / 2]
        yield ""
        yield f"Left out and beyond their 90 % band: {listed([figure_of(found, row) for row in out])}."
    yield ""
    yield "Means: four ensembles of short chains for each group, begun at a normal approximation of the"
    yield "posterior without it, two of them wider; chains begun at the draws of the whole posterior stayed"
    yield "too narrow and agreed with each other."


def _compared(sets: dict[str, list[Row]]) -> Iterator[str]:
    """A row for each set: counts in the bands with and without the other groups, and scores over all groups."""
    lines = []
    for name, rows in sets.items():
        exact = [row for row in rows if row["is_bound"] == "0"]
        once = list({row["group"]: row for row in rows}.values())
        lines.append(
            (
                name,
                *(str(inside(places_of(rows, "place"), level)) for level in LEVELS),
                *(str(inside(places_of(rows, "prior_place"), level)) for level in LEVELS),
                f"{sum(cell(row, 'score') for row in once):.1f}",
                f"{sum(cell(row, 'prior_score') for row in once):.1f}",
                f"{sum(cell(row, 'crps') for row in exact):.2f}",
                f"{sum(cell(row, 'prior_crps') for row in exact):.2f}",
                f"{max(cell(row, 'rhat') for row in once):.3f}",
            )
        )
    head = ("priors", "in 50 %", "in 90 %", "in 50 %, of the priors alone", "in 90 %, of the priors alone", "log score",
            "of the priors alone", "CRPS, sum", "of the priors alone", "largest R-hat")  # fmt: skip
    yield from table(head, lines)


def _centred(own: Sequence[Row], centred: Sequence[Row]) -> Iterator[str]:
    """What differs between the city's priors and the centred ones, and how forecasts differ under them."""
    yield "No figure counts twice: where the figure that a prior was written from counts in the fit, the city's own"
    yield "prior is that of one who has not seen it: growth from nations and Chinese provinces before 2011, shares"
    yield "and intensities of the nation, wide starts. The priors that were written with it in view are the set"
    yield f"`{CENTRED}` of `model/parameters.yaml`: under them a place is in part the memory of whoever wrote them."
    yield f"Under the city's own it is a test, but not of {listed(SET_FROM_RECORD)}: approvals a year by kind and the"
    yield "firms at the start are fixed numbers, set from the record, so that their figures lie near the middle under"
    yield "any priors."
    tested = [[row for row in rows if row["group"] not in SET_FROM_RECORD] for rows in (own, centred)]
    mine, theirs = (places_of(rows, "place") for rows in tested)
    yield f"Without them {len(mine)} figures are left: {inside(mine, LEVELS[0])} in the 50 % band and"
    yield f"{inside(mine, LEVELS[1])} in the 90 % band under the city's own priors, {inside(theirs, LEVELS[0])} and"
    yield f"{inside(theirs, LEVELS[1])} under the centred ones; {0.5 * len(mine):.0f} and {0.9 * len(mine):.0f} would"
    yield f"be on average. {coverage_words(mine)}"
    yield f"Figure by figure the log scores sum to {_sum(own, 'log'):.1f} under the city's own priors and to"
    yield f"{_sum(centred, 'log'):.1f} under the centred ones, CRPS to {_sum(own, 'crps'):.2f} and to"
    yield f"{_sum(centred, 'crps'):.2f}; a forecast by priors that have seen the figure scores well without foresight."


def _sum(rows: Sequence[Row], column: str) -> float:
    return sum(cell(row, column) for row in rows if row["is_bound"] == "0")


def _groups(rows: Sequence[Row]) -> Iterator[str]:
    """A row for each group."""
    lines = []
    for name in dict.fromkeys(row["group"] for row in rows):
        here = [row for row in rows if row["group"] == name]
        row, places = here[0], places_of(here, "place")
        bounds = [one for one in here if one["is_bound"] == "1"]
        gain = cell(row, "score") - cell(row, "prior_score")
        lines.append(
            (
                name,
                str(len(places)),
                str(inside(places, LEVELS[0])),
                str(inside(places, LEVELS[1])),
                f"{sum(cell(one, 'place') > 0.5 for one in bounds)} of {len(bounds)}" if bounds else "–",
                f"{cell(row, 'score'):.1f}",
                f"{cell(row, 'prior_score'):.1f}",
                f"{gain:+.1f}",
                f"{cell(row, 'score_size'):.0f}, {cell(row, 'prior_score_size'):.0f}",
                f"{cell(row, 'rhat'):.3f}",
                f"{cell(row, 'size'):.0f}",
            )
        )
    head = ("group", "figures", "in 50 %", "in 90 %", "bounds likely kept", "log score", "of the priors", "gain",
            "draws the scores rest on", "largest R-hat", "smallest effective size")  # fmt: skip
    yield from table(head, lines)


def coverage_words(places: Sequence[float]) -> str:
    """Whether the counts are what honest bands would give, by the spread of a binomial count."""
    count = len(places)
    off = [
        level
        for level in LEVELS
        if abs(inside(places, level) - level * count) > 2 * math.sqrt(level * (1 - level) * count)
    ]
    if not off:
        return (
            "Both counts are within two standard deviations of that for independent figures, which they are not quite."
        )
    more = all(inside(places, level) > level * count for level in off)
    said = listed([f"{level:.0%}".replace("%", " %") for level in off])
    width = "wide" if more else "narrow"
    return f"The count of {said} is off by more than two standard deviations: the bands are too {width}."


def figure_of(found: Evidence, row: Row) -> str:
    """What a row's figure is of, and its years."""
    figure = found.figure[row["figure"]]
    return f"{named(found.city, figure)} {years_of(figure)}"

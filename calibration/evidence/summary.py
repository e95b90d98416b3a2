"""The page's first sentences: those of calibration.evidence.plain, which counts for them, in English."""

from __future__ import annotations

from .evidence import Evidence
from .grounds import SentenceContent, Value, text, told
from .plain import plain
from .sections.places import label, set_name
from .sections.words import indicator

WORDS = {
    "fit": "The fitted city reproduces what was published, which is no test, for it has seen it: of {all} figures on "
    "record {counted} count in the fit, and of the {exact} of these that are no bounds {half} lie in its 50 % band and "
    "{most} in its 90 % band, errors of measurement included.",
    "left_out": "A test within the record: with each of {groups} groups of figures left out in turn, {half} and {most} "
    "of {count} figures lie in the 50 and 90 % bands of a fit that has not seen them{rows}; about {half_due} and "
    "{most_due} should. More than that says that the bands are too wide, fewer that they are too narrow.",
    "last_year": "Another: with {year} left out, {half} and {most} of {count} figures lie in the bands, where about "
    "{half_due} and {most_due} should; only {series} series can be held against a trend and a random walk, and the "
    "city scores at least as well in {wins} of them.",
    "places": "A test outside the record: the rule by which bands widen beyond it, tried on {nations} nations and "
    "{provinces} Chinese provinces with figures to {until} only. Of 100 figures {years} years on, {nations_half} and "
    "{nations_most} of nations ({nations_cases} cases) and {provinces_half} and {provinces_most} of provinces "
    "({provinces_cases}) lay in the 50 and 90 % bands; in those of a log-linear trend, {trend_half} and {trend_most} "
    "of nations.",
    "fails": "Where the rule fails: in {low} of {sets} sets of figures too few lay in the bands, fewest in {rows}; and "
    "by the end of the record, worst are {set} with records to {to}, with {half} and {most} of 100.",
    "factor": "For the city its spreads are taken times {factor}, which is judgement: read so, provinces have "
    "{own_half} and {own_most} of 100 in the bands, and {one_half} and {one_most} at the full spreads, but in sample; "
    "out of sample, {years} years on, {out_half} and {out_most}, and fewer than 50 and 90 says that the bands may be "
    "too narrow.",
    "one_place": "One place can prove little: over {tried} nations and years with {figures} figures or more, a rule "
    "that is right on the whole had, in {within} of 100 of them, {half_low} to {half_high} of 100 in its 50 % band "
    "and, as often, {most_low} to {most_high} in its 90 % band. Later figures of the city can show that its bands are "
    "badly wrong, and never that they are right.",
    "bands": "There are two bands: of the published figure, by which targets are judged and chances told, and of the "
    "city alone, for comparing policies. The first is the wider one for {wider} of {targets} targets, half of them "
    "more than {times} times as wide; {judged} of the targets can be judged.",
    "constants": "The chances rest on {all} uncertain constants and assumptions: the record takes {least} % or more "
    "from the variance of {learned} (most from that of {rows}), as much in all as if {worth} were known exactly; the "
    "other {others} are not learned from it, {judged} rest on judgement alone, {sourced} on statistics or other "
    "people's studies.",
    "makeup": "What the bands of the {targets} headline targets of {year} are made of most, by shares of variance: "
    "{rows}.",
    "changes": "What would change a chance most, of {tried} changes of priors tried: that of {indicator} under "
    "{scenario}, of the city alone, goes from {before} % to {after} % when the prior of {prior} has {spread} times its "
    "spread.",
}
ROWS = {
    "left_out": " ({half} and {most} under priors that were written with them in view)",
    "fails": "{of} of {set} ({half} and {most} of 100)",
    "constants": "{constant}",
    "makeup": "{indicator}: {part}, {share} %",
}
BETWEEN = {"makeup": "; "}
SUBJECTS = {
    "fit": "How the city meets the record",
    "left_out": "How it forecasts groups of figures that it has not seen",
    "last_year": "How it forecasts the last year",
    "places": "How the rule of the bands did elsewhere",
    "fails": "Where that rule fails",
    "factor": "How wide it is for the city",
    "one_place": "What one place can prove",
    "bands": "How much wider the band of the published figure is",
    "constants": "What the record teaches of the constants",
    "makeup": "What the bands are made of",
    "changes": "How far the chances rest on the priors",
}


def summary(found: Evidence) -> list[str]:
    """The plain sentences, numbered."""
    sentences = (_sentence(found, said) for said in plain(found.grounds))
    return ["## In plain sentences", "", *(f"{place}. {said}" for place, said in enumerate(sentences, 1)), ""]


def _sentence(found: Evidence, said: SentenceContent) -> str:
    if said.lack:
        return f"{SUBJECTS[said.key]} is not computed yet for this posterior."
    row = ROWS[said.key].format if said.key in ROWS else None
    return told(said, WORDS[said.key].format, row, lambda *value: _written(found, *value), BETWEEN.get(said.key, ", "))


def _written(found: Evidence, name: str, value: Value) -> str:
    if name == "indicator":
        return indicator(found.city, str(value))
    if name in ("set", "of"):
        return (set_name if name == "set" else label)(str(value))
    return text(value, "en").replace(",", " ")

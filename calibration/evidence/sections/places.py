"""The section of the page on the rule of forecasts beyond the record, tried on other places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.kept_results import COMMAND, KeptResult, Row
from innovation.calibration.kept_results import number as cell
from innovation.calibration.reference_class import rule
from innovation.calibration.reference_class.classes import FASTEST_OF_RECORD
from innovation.calibration.reference_class.forecasts import FIRST, FOLDS, RULES
from innovation.calibration.reference_class.trial import (
    FACTORS,
    LEVEL_SHARES,
    MANY,
    ORIGINS,
    RANKS,
    RECENT,
    TENTHS,
    WIDER,
)
from innovation.calibration.words import section
from innovation.model import table
from innovation.model.files import Language

from .words import listed, number, percent

WORDS = section("places")
SETS = ("nations", "provinces", "patents")
FEW, MUCH = (0.45, 0.60), (0.86, 0.95)  # outside these an indicator's coverage is told
PART = "places"
AGAINST = ("cases", "rule", "log-linear trend", "walk with drift", "CRPS over trend", "over walk")
MAIN = ("nations", "provinces")


def set_name(name: str, language: Language = "en") -> str:
    """What a set of places is called."""
    return WORDS[language](f"set.{name}")


def label(name: str, language: Language = "en") -> str:
    """What an indicator of other places is called, by its id; the id itself where it has no name."""
    return WORDS[language].get(f"label.{name}", name)


def rows_of(kept: KeptResult, by: str, name: str | None = None, rule: str | None = None) -> list[Row]:
    """Rows of a kind, of all sets or one, of all rules or one, in their order."""
    return [row for row in kept.rows if row["by"] == by and name in (None, row["set"]) and rule in (None, row["rule"])]


def row_of(kept: KeptResult, by: str, name: str, of: str, rule: str = "rule") -> Row:
    """The row of a set that speaks of one thing."""
    return next(row for row in rows_of(kept, by, name, rule) if row["of"] == of)


def is_off(row: Row) -> bool:
    """Whether the coverage of a row lies outside what is told as right."""
    half, most = cell(row, "inside_50"), cell(row, "inside_90")
    return not (FEW[0] <= half <= FEW[1] and MUCH[0] <= most <= MUCH[1])


def is_low(row: Row) -> bool:
    """Whether too few lie in the bands of a row: they are too narrow there."""
    return cell(row, "inside_50") < FEW[0] or cell(row, "inside_90") < MUCH[0]


def naive(kept: KeptResult, row: Row) -> tuple[str, str]:
    """Coverage of trend and walk on the cases of a row, a dash where there is none."""
    found = {other["rule"]: other for other in rows_of(kept, row["by"], row["set"]) if other["of"] == row["of"]}
    return bands(found.get("trend")), bands(found.get("walk"))


def bands(row: Row | None) -> str:
    """Per cent inside the 50 % and the 90 % band, a dash where there is no row."""
    if row is None:
        return "–"
    return f"{100 * cell(row, 'inside_50'):.0f} / {100 * cell(row, 'inside_90'):.0f}"


def ratios(row: Row) -> tuple[str, str]:
    """CRPS over that of the trend and of the walk, a dash where there is none."""
    trend, walk = (cell(row, name) for name in ("over_trend", "over_walk"))
    return ("–" if math.isnan(trend) else f"{trend:.2f}"), ("–" if math.isnan(walk) else f"{walk:.2f}")


def span(rows: Sequence[Row], column: str) -> str:
    """From the least to the largest per cent of a column."""
    values = [100 * cell(row, column) for row in rows]
    return f"{min(values):.0f}–{max(values):.0f}"


def set_and_bands(row: Row) -> str:
    """The indicator and the set of a row, and its bands."""
    return f"{label(row['of'])} of {set_name(row['set'])} ({bands(row)})"


def whole(text: str) -> str:
    """A whole number with thousands apart."""
    return f"{int(text):,}".replace(",", " ")


def places_section(found: Evidence) -> Iterator[str]:
    """What is tried, on what, and how it went."""
    yield "## Bands beyond the record, tried on other places"
    yield ""
    kept = found.result(PART)
    if kept is None:
        yield f"Not computed for these figures: run `{COMMAND} {PART}`."
        return
    yield from _what(kept)
    for part in (_horizons, _indicators, _places, _growth, _origins, _choices, _rough, _factors, _one_place):
        yield ""
        yield from part(kept)


def _what(kept: KeptResult) -> Iterator[str]:
    yield "The record ends before the years that the chances speak of, so it cannot test bands beyond it. Other"
    yield "places can: their figures to 2010 hold many records that were followed by five more known years. What"
    yield "is tried is the rule that the city's bands are made with (calibration/reference_class/rule.py): growth"
    yield "goes on as the line of growth after on growth before has it; around it a figure strays as a Student"
    yield f"with {rule.FREEDOM} degrees of freedom, whose spread widens as √({rule.LEVEL_SHARE:g} h/5 +"
    yield f"{1 - rule.LEVEL_SHARE:g} (h/5)²) with the horizon h, and is larger after growth fast for its class."
    yield "Figures are read as logarithms, shares as logits."
    yield ""
    nations, provinces, patents = ({row["of"]: row["cases"] for row in rows_of(kept, "count", name)} for name in SETS)
    yield f"Nations: {whole(nations['tried'])} cases (a record, and what was added one to five years later) of"
    yield f"{nations['indicators']} indicators of {nations['places']} nations of more than two million people, in"
    yield f"years before which real product had grown by {FASTEST_OF_RECORD:g} a year or more in logs, without high"
    yield f"inflation. Chinese provinces: {whole(provinces['tried'])} cases of {provinces['indicators']} indicators"
    yield f"of {provinces['places']}. And {patents['tried']} cases of {patents['places']} long Chinese series of"
    yield "patents, too few to carry weight, which are shown all the same."
    yield ""
    yield f"Out of sample: places are split in {FOLDS}. What the rule knows for a case, line, spread and the middle"
    yield "of its class, is learned from other places, and from records whose outcome lies in other years wherever"
    yield f"such are enough: for {_share(nations)} of the cases of nations and {_share(provinces)} of those of"
    yield "provinces, whose figures are of few years; the rest knows other places of the same years. Origins are"
    yield f"{FIRST} and later. {whole(nations['figures without a log'])} figures of nations are 0 or have no logit"
    yield f"and are left out; in {whole(nations['records with a year missing'])} cases of nations and"
    yield f"{whole(provinces['records with a year missing'])} of provinces a year of the record is missing, and the"
    yield "others are used."


def _horizons(kept: KeptResult) -> Iterator[str]:
    yield "Coverage by horizon: how many per cent of outcomes lie in the band of 50 and of 90 per cent. Only"
    yield "records of four figures or more, so that a trend can be drawn and all forecasts speak of the same"
    yield "cases. CRPS is the rule's over that of the naive forecast; below 1 is better."
    yield ""
    head = ("places", "years ahead", *AGAINST)
    yield from table(
        head,
        (
            (set_name(row["set"]), row["of"], row["cases"], bands(row), *naive(kept, row), *ratios(row))
            for name in SETS
            for row in rows_of(kept, "horizon", name, "rule")
        ),
    )


def _indicators(kept: KeptResult) -> Iterator[str]:
    rows = rows_of(kept, "indicator", rule="rule")
    off = [row for row in rows if is_off(row)]
    low = [row for row in off if is_low(row)]
    yield f"Coverage by indicator, all horizons together. Sets that the rule covers badly stay in: **{len(low)} of"
    yield f"{len(rows)} have fewer than {percent(FEW[0])} in the 50 % band or fewer than {percent(MUCH[0])} in the"
    yield f"90 % band**: {listed([set_and_bands(row) for row in low])}. Some have few cases; provinces of one"
    yield "nation are no independent cases either."
    yield ""
    head = ("places", "indicator", *AGAINST, "")
    yield from table(
        head,
        (
            (
                set_name(row["set"]), label(row["of"]), row["cases"], bands(row), *naive(kept, row),
                *ratios(row), "narrow" if row in low else "wide" if row in off else "",
            )
            for row in rows
        ),
    )  # fmt: skip
    yield ""
    widened = rows_of(kept, "widened", rule="rule")
    pairs = [(widened[at], widened[at + 1]) for at in range(0, len(widened), 2)]
    yield f"With a spread {WIDER:g} times as wide: " + "; ".join(
        f"{label(one['of'].split()[0])} of {set_name(one['set'])} {bands(one)} becomes {bands(other)}"
        for one, other in pairs
    )
    yield "(50 % and 90 % band). The city's R&D over product and high-tech exports are widened so."


def _places(kept: KeptResult) -> Iterator[str]:
    yield "Places: the share of outcomes in each tenth of what was forecast, in per cent; 10 in each would be"
    yield "right."
    yield ""
    head = ("places", "forecast", *(str(tenth) for tenth in range(1, TENTHS + 1)))
    lines = []
    for name in MAIN:
        for forecast in ("rule", "trend", "walk"):
            shares = [f"{100 * cell(row, 'share'):.1f}" for row in rows_of(kept, "tenth", name, forecast)]
            lines.append((set_name(name), _short(forecast), *shares))
    yield from table(head, lines)


def _growth(kept: KeptResult) -> Iterator[str]:
    yield "By the growth of the record among records of the same indicator, five years ahead. Without the factor"
    yield "for fast growth the fastest tenth of nations is covered far too seldom:"
    yield ""
    ranks = {f"{low:g}-{high:g}": f"{percent(low)} to {percent(high)}" for low, high in pairwise(RANKS)}
    head = ("places", "rank of growth", "cases", "rule", "without the factor", "CRPS over trend", "over walk")
    lines = []
    for name in MAIN:
        plain = rows_of(kept, "growth", name, "line")
        for row, without in zip(rows_of(kept, "growth", name, "rule"), plain, strict=True):
            lines.append((set_name(name), ranks[row["of"]], row["cases"], bands(row), bands(without), *ratios(row)))
    yield from table(head, lines)


def _origins(kept: KeptResult) -> Iterator[str]:
    worst = min((row for row in rows_of(kept, "origin", rule="rule")), key=lambda row: cell(row, "inside_90"))
    yield f"By the end of the record ({', '.join(map(str, ORIGINS))}), all horizons. An origin is one history, so"
    yield f"these vary most; worst covered are {set_name(worst['set'])} with records to {worst['of']}, {bands(worst)},"
    yield "where what followed was unlike all that was learned from."
    yield ""
    head = ("places", "record to", *AGAINST)
    yield from table(
        head,
        (
            (set_name(name), row["of"], row["cases"], bands(row), *naive(kept, row), *ratios(row))
            for name in MAIN
            for row in rows_of(kept, "origin", name, "rule")
        ),
    )


def _choices(kept: KeptResult) -> Iterator[str]:
    yield "What each piece of the rule is worth, on nations: the same forecast without it, or with more known (50"
    yield "% and 90 % band, and CRPS over trend, one and five years ahead)."
    yield ""
    lines = []
    for name, said in RULES.items():
        ends = [row for row in rows_of(kept, "horizon", "nations", name) if row["of"] in ("1", "5")]
        lines.append((said, *(text for row in ends for text in (bands(row), ratios(row)[0]))))
    for share in LEVEL_SHARES:
        ends = [row_of(kept, "shape", "nations", f"{share:g} at {h}") for h in (1, 5)]
        said = "the rule, widening as a walk of the level alone" if share else "the rule, widening as a tilt alone"
        lines.append((said, *(text for row in ends for text in (bands(row), ratios(row)[0]))))
    yield from table(("forecast", "1 year", "CRPS", "5 years", "CRPS"), lines)


def _rough(kept: KeptResult) -> Iterator[str]:
    own, rough = (rows_of(kept, "horizon", "nations", name) for name in ("own", "rough"))
    yield "Where an indicator has no class, its spread is taken from the roughness of its own record:"
    yield f"{rule.ROUGH_SIZE:g} · roughness to the power of {rule.ROUGH_POWER:g}, roughness being the standard"
    yield "deviation of yearly changes around mean growth. Learned from other indicators in other years, such a"
    yield f"spread covers {span(own, 'inside_50')} and {span(own, 'inside_90')} per cent at one to five years; the"
    yield f"shipped size is a tenth larger, fitted on these same places, and covers {span(rough, 'inside_50')} and"
    yield f"{span(rough, 'inside_90')}, around the pooled line."


def _factors(kept: KeptResult) -> Iterator[str]:
    city = {row["of"]: row for row in rows_of(kept, "as the city")}
    one, less = (f"{factor:g}" for factor in FACTORS)
    yield "The class's numbers as they are used for the city (calibration/data/reference_class.csv), read on"
    yield f"provinces as if each were the city, records to {RECENT} or later, every indicator counting once:"
    yield f"{bands(city[one])} at the spreads of the class and {bands(city[less])} at {less} of them. That is why"
    yield f"the city's spreads are {less} of the class's. It is judgement: in sample, since the provinces made the"
    yield "Chinese lines, of one nation and one decade. Out of sample, where the rule has learned a class's own"
    yield f"spread, a factor of {less} makes it too narrow:"
    yield ""
    lines = []
    for name in MAIN:
        for h in range(1, rule.YEARS + 1):
            rows = [row_of(kept, "factor", name, f"{factor:g} at {h}") for factor in FACTORS]
            lines.append((set_name(name), str(h), *map(bands, rows), *(ratios(row)[0] for row in rows)))
    head = ("places", "years ahead", f"× {one}", f"× {less}", f"CRPS over trend, × {one}", f"× {less}")
    yield from table(head, lines)


def _one_place(kept: KeptResult) -> Iterator[str]:
    share = {row["of"]: cell(row, "share") for row in rows_of(kept, "one place")}
    count = rows_of(kept, "one place")[0]["cases"]
    yield "**What one place can prove.** The figures of one place from one origin stray together, so that a rule"
    yield f"that is right on the whole is often far off in one. Over {count} nations and origins with {MANY}"
    yield f"figures or more ({number(share['figures'], 2)} on average), the rule had 40–60 % in its 50 % band in"
    yield f"{percent(share['half near'])} of them, and 85–97 % in its 90 % band in"
    yield f"{percent(share['most near'])}; from the 5th to the 95th per cent of them the 50 % band held"
    yield f"{share['half low']:.2f}–{share['half high']:.2f}, the 90 % band"
    yield f"{share['most low']:.2f}–{share['most high']:.2f}, and the CRPS was"
    yield f"{share['crps low']:.2f}–{share['crps high']:.2f} of the trend's. Figures of the city that nobody here"
    yield "has seen are to be read against these ranges: they can show that its bands are badly wrong, and never"
    yield "that they are right."


def _short(forecast: str) -> str:
    return "the rule" if forecast == "rule" else RULES[forecast]


def _share(counts: Mapping[str, str]) -> str:
    return percent(int(counts["learned from other windows too"]) / int(counts["tried"]))

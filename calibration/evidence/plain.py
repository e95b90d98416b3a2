"""What a planner is told of the evidence, as counts: the one owner of the numbers of its plain sentences.

The page of evidence and docs/calibration.md put them into words. Light: it reads kept results and computes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from statistics import median

from innovation.calibration.discrepancy.makeup import PARTS as BAND_PARTS
from innovation.calibration.kept_results import KeptResult, Row
from innovation.calibration.kept_results import number as cell
from innovation.calibration.reference_class.rule import CITY_FACTOR, YEARS
from innovation.calibration.reference_class.scoring import LEVELS
from innovation.calibration.reference_class.trial import EDGES, MANY
from innovation.model import CENTRED, JUDGEMENT, PLAN_ENDS, RECORD_ENDS, City

from .assessment.futures import AS_IS, FEW, HEADLINE, SCENARIOS, TOGETHER
from .assessment.learning import LEARNED
from .grounds import (
    FITS,
    GROUPS,
    HOLDOUT,
    MAKEUP,
    PLACES,
    SENSITIVITY,
    Grounds,
    SentenceContent,
    Times,
    Value,
    Values,
)
from .sections.places import is_low, row_of, rows_of
from .validation.scores import NAIVE, inside, places_of, rows_under

SHOWN = 3  # of the worst covered, and of the best learned


def plain(grounds: Grounds) -> list[SentenceContent]:
    """Every plain sentence in its order."""
    return [_said(grounds, key) for key in SENTENCES]


def coverage(grounds: Grounds) -> dict[int, dict[str, tuple[float, float]]]:
    """Shares in the 50 and the 90 % band by years ahead and set of places; empty without a usable trial."""
    kept = grounds.result(PLACES)
    found: dict[int, dict[str, tuple[float, float]]] = {}
    for row in rows_of(kept, "horizon", rule="rule") if kept else ():
        if row["set"] in MAIN:
            found.setdefault(int(row["of"]), {})[row["set"]] = (cell(row, "inside_50"), cell(row, "inside_90"))
    return found


def _said(grounds: Grounds, key: str) -> SentenceContent:
    part, make = SENTENCES[key]
    lack = grounds.lack(part) if part else None
    kept = grounds.result(part) if part else None
    if lack or (part and kept is None):
        return SentenceContent(key, part=part, lack=lack)
    try:
        return make(key, grounds, kept) if kept else _constants(key, grounds)
    except (LookupError, ValueError, TypeError, StopIteration, ZeroDivisionError):
        return SentenceContent(key, part=part, lack="damaged")


def _fit(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    counts = [row for row in kept.rows if row["is_counted"] == "1"]
    places = places_of([row for row in counts if row["is_fixed"] == "0"], "place")
    half, most = (inside(places, level) for level in LEVELS)
    numbers = {"all": len(kept.rows), "counted": len(counts), "exact": len(places), "half": half, "most": most}
    return SentenceContent(key, numbers)


def _left_out(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    own = kept.rows[0]["priors"]
    mine = rows_under(kept.rows, own)
    numbers: dict[str, Value] = {"groups": len({row["group"] for row in mine}), **_inside(places_of(mine, "place"))}
    centred = places_of(rows_under(kept.rows, CENTRED), "place") if own != CENTRED else []
    return SentenceContent(key, numbers, (_inside(centred),) if centred else ())


def _last_year(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    scored = [row for row in kept.rows if math.isfinite(cell(row, "trend_log"))]
    wins = sum(all(cell(row, "model_log") >= cell(row, f"{name}_log") for name in NAIVE) for row in scored)
    found = _inside(places_of(kept.rows, "model_place"))
    return SentenceContent(key, {"year": str(RECORD_ENDS), **found, "series": len(scored), "wins": wins})


def _other_places(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    numbers: dict[str, Value] = {"years": YEARS, "until": str(RECORD_ENDS)}
    for name in MAIN:
        row = row_of(kept, "horizon", name, str(YEARS))
        numbers[name] = int(row_of(kept, "count", name, "places", "")["cases"])
        numbers |= {f"{name}_cases": int(row["cases"]), **_covered(row, f"{name}_")}
    trend = row_of(kept, "horizon", MAIN[0], str(YEARS), "trend")
    return SentenceContent(key, numbers | _covered(trend, "trend_"))


def _fails(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    every = rows_of(kept, "indicator", rule="rule")
    low = sorted((row for row in every if is_low(row)), key=lambda row: cell(row, "inside_90"))
    origin = min(rows_of(kept, "origin", rule="rule"), key=lambda row: cell(row, "inside_90"))
    rows = tuple({"set": row["set"], "of": row["of"], **_covered(row)} for row in low[:SHOWN])
    numbers: dict[str, Value] = {"low": len(low), "sets": len(every), "set": origin["set"], "to": origin["of"]}
    return SentenceContent(key, numbers | _covered(origin), rows)


def _factor(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    of = f"{CITY_FACTOR:g}"
    one, own = (row_of(kept, "as the city", "provinces", factor) for factor in ("1", of))
    out = row_of(kept, "factor", "provinces", f"{of} at {YEARS}")
    numbers: dict[str, Value] = {"factor": Times(CITY_FACTOR), "years": YEARS}
    return SentenceContent(key, {**numbers, **_covered(one, "one_"), **_covered(own, "own_"), **_covered(out, "out_")})


def _one_place(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    rows = {row["of"]: row for row in rows_of(kept, "one place")}
    within = EDGES[1] - EDGES[0]
    numbers: dict[str, Value] = {"tried": int(rows["figures"]["cases"]), "figures": MANY, "within": within}
    for name in ("half", "most"):
        numbers |= {f"{name}_{end}": cell(rows[f"{name} {end}"], "share") for end in ("low", "high")}
    return SentenceContent(key, numbers)


def _bands(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    rows = _rows_of_plan(kept)
    widths = [[cell(row, f"{which}_high") - cell(row, f"{which}_low") for row in rows] for which in BANDS]
    both = list(zip(*widths, strict=True))
    numbers = {
        "targets": len(rows),
        "judged": sum(bool(row["published_chance"]) for row in rows),
        "wider": sum(published > city for city, published in both),
        "times": Times(median(published / city for city, published in both if city > 0)),
    }
    return SentenceContent(key, numbers)


def _constants(key: str, grounds: Grounds) -> SentenceContent:
    if grounds.contractions is None:
        return SentenceContent(key, lack="no draws")
    found = grounds.contractions
    others = [name for name, contraction in found.items() if contraction < LEARNED]
    judged = sum(_is_judged(grounds.city, name) for name in others)
    best = sorted(set(found) - set(others), key=lambda name: -found[name])[:SHOWN]
    numbers = {
        "all": len(found),
        "least": LEARNED,
        "learned": len(found) - len(others),
        "worth": round(sum(found.values())),
        "others": len(others),
        "judged": judged,
        "sourced": len(others) - judged,
    }
    return SentenceContent(key, numbers, tuple({"constant": name} for name in best or ("–",)))


def _makeup(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    found = {row["indicator"]: row for row in _rows_of_plan(kept)}
    rows: list[Values] = []
    for row in [found[name] for name in HEADLINE if name in found] or list(found.values())[: len(HEADLINE)]:
        shares = {part: cell(row, part) for part in BAND_PARTS}
        part = max(shares, key=shares.__getitem__)
        chances = {which: cell(row, f"{which}_chance") for which in BANDS if row[f"{which}_chance"]}
        rows.append({"indicator": row["indicator"], "part": part, "share": shares[part], **chances})
    return SentenceContent(key, {"year": str(PLAN_ENDS), "targets": len(rows)}, tuple(rows))


def _changes(key: str, grounds: Grounds, kept: KeptResult) -> SentenceContent:
    plain = {(row["scenario"], row["target"]): cell(row, "chance") for row in kept.rows if row["kind"] == AS_IS}
    moved = [row for row in kept.rows if row["kind"] != AS_IS and row["target"] != TOGETHER]
    sound = [row for row in moved if cell(row, "size") >= FEW]
    most = max(sound, key=lambda row: abs(cell(row, "chance") - plain[row["scenario"], row["target"]]))
    numbers: dict[str, Value] = {
        "tried": len({(row["prior"], row["spread"]) for row in moved}),
        "scenario": most["scenario"],
        "indicator": most["target"],
        "prior": most["prior"],
        "spread": Times(most["spread"]),
        "before": plain[most["scenario"], most["target"]],
        "after": cell(most, "chance"),
    }
    return SentenceContent(key, numbers)


def _inside(places: list[float]) -> dict[str, int]:
    """How many lie in either band, and how many would on average."""
    half, most = (inside(places, level) for level in LEVELS)
    due = [round(level * len(places)) for level in LEVELS]
    return {"count": len(places), "half": half, "most": most, "half_due": due[0], "most_due": due[1]}


def _covered(row: Row, of: str = "") -> dict[str, Value]:
    return {f"{of}half": cell(row, "inside_50"), f"{of}most": cell(row, "inside_90")}


def _rows_of_plan(kept: KeptResult) -> list[Row]:
    return [row for row in kept.rows if row["scenario"] == SCENARIOS[0]]


def _is_judged(city: City, name: str) -> bool:
    try:
        parameter = city.parameter(name)
    except LookupError:
        parameter = None
    return parameter is None or parameter.source_keys() == (JUDGEMENT,)


MAIN = ("nations", "provinces")  # sets of places that carry weight
BANDS = ("city", "published")
SENTENCES: Mapping[str, tuple[str, Callable[[str, Grounds, KeptResult], SentenceContent]]] = {
    "fit": (FITS, _fit),
    "left_out": (GROUPS, _left_out),
    "last_year": (HOLDOUT, _last_year),
    "places": (PLACES, _other_places),
    "fails": (PLACES, _fails),
    "factor": (PLACES, _factor),
    "one_place": (PLACES, _one_place),
    "bands": (MAKEUP, _bands),
    "constants": ("", lambda key, grounds, kept: _constants(key, grounds)),
    "makeup": (MAKEUP, _makeup),
    "changes": (SENSITIVITY, _changes),
}

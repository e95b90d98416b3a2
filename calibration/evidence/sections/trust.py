"""The section of the page on the fit itself: does it find what is known, on densities and on simulated records."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from innovation.calibration.evidence.assessment.futures import HEADLINE
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.marks import part_marks
from innovation.calibration.mcmc.diagnostics import LARGEST_RHAT, LEAST_SIZE
from innovation.calibration.mcmc.sampler import MOVES
from innovation.calibration.trust.kept import (
    CHANCE,
    COVERAGE,
    FIT,
    FOLDER,
    KNOWN,
    MEMORY,
    PROCESSOR,
    SECONDS,
    SEEDS,
    SETS,
    SIMULATED,
    Row,
    belongs,
    is_whole,
    marks_of,
    read_rows,
)
from innovation.model import City, table

from .words import indicator

FILES = tuple(FOLDER / name for name in (KNOWN, SEEDS, SIMULATED, COVERAGE))
COMMAND = "python -m innovation.calibration.trust"
CLOSE = 0.05  # of a standard deviation, that the sampler is held to
DAMAGED = "what is kept was changed by hand or is damaged."
RARE = 0.01  # chance of a rank histogram that uniform ranks would seldom have
CLASS = "all "
APART, BY_CHANCE = 2.0, 0.0455  # Monte Carlo errors of a difference that count; how often noise makes more


def trust_section(found: Evidence, folder: Path = FOLDER) -> Iterator[str]:
    """The sampler on known densities, and truths among the posteriors of records simulated from them."""
    yield "## Whether the fit finds what is known"
    yield ""
    known = read_rows(folder / KNOWN)
    if known:
        yield from _known(known)
    else:
        yield f"No results on known densities are kept; `{COMMAND} sampler` makes them."
    yield ""
    twice = read_rows(folder / SEEDS)
    if twice and all(belongs(row, part_marks("seeds", found.basis.marks, found.basis.fitted)) for row in twice):
        yield from _seeds(found.city, twice) if all(map(is_whole, twice)) else [f"Two fits: {DAMAGED}"]
    else:
        yield f"No second fit is kept of these draws; `{COMMAND} seeds` makes it."
    yield ""
    rows = read_rows(folder / SIMULATED)
    hindrance = _hindrance(found, rows)
    if hindrance:
        yield f"Simulation-based calibration: {hindrance} `{COMMAND} simulated` makes it."
    else:
        yield from _simulated(rows, read_rows(folder / COVERAGE))


def _hindrance(found: Evidence, rows: Sequence[Row]) -> str:
    """Why nothing may be said of these rows; '' where they are this model's, of what is believed now, and whole."""
    if not rows:
        return "no result is kept."
    fit, seed = rows[0].get("fit", ""), rows[0].get("seed", "")
    marks = marks_of(found.city, found.basis.counted, found.basis.fitted, fit, seed)
    if not all(belongs(row, marks) for row in rows):
        return "what is kept is of another model, record or other priors, and is left out here."
    return "" if all(is_whole(row) for row in rows) else DAMAGED


def _known(rows: Sequence[Row]) -> Iterator[str]:
    yield f"The sampler on densities whose standard deviations are known, in {rows[0]['d']} coordinates: the smallest"
    yield "and the largest standard deviation found over the true one, and the largest standard error of such a share."
    yield ""
    head = ("density", "evaluations", "R-hat", "smallest effective size", "narrowest", "widest", "error")
    names = ("density", "evaluations", "rhat", "bulk", "narrowest", "widest", "error")
    yield from table(head, [tuple(row[name] for name in names) for row in rows])
    yield ""
    good = [row["density"] for row in rows if all(abs(float(row[n]) - 1) <= CLOSE for n in ("narrowest", "widest"))]
    others = [row["density"] for row in rows if row["density"] not in good]
    yield f"Within {CLOSE:.0%} in every coordinate: {', '.join(good) or 'none'}."
    if others:
        yield f"Further off in some coordinate: {', '.join(others)}."
    before = [row["density"] for row in rows if row["moves"] != str(MOVES)]
    if before:
        yield f"Drawn by the sampler before its moves became what they are: {', '.join(before)}."
        yield f"`{COMMAND} sampler` draws them again."


def _seeds(city: City, rows: Sequence[Row]) -> Iterator[str]:
    """A second fit of the city's record, from another seed: how it went, what it took, and what it says."""
    fits = {row["of"]: row for row in rows if row["kind"] == FIT}
    chances = [row for row in rows if row["kind"] == CHANCE]
    far = [row for row in chances if abs(_apart(row)) > APART]
    first, second = ({name: float(row[one] or "nan") for name, row in fits.items()} for one in ("first", "second"))
    yield f"The whole fit again, from another seed: {_fit(second)}; the posterior as shipped: {_fit(first)}."
    used = f" ({second[PROCESSOR] / 60:.0f} of processors), {second[MEMORY]:.1f} GB at most" if MEMORY in second else ""
    yield f"`cli.py calibrate` took {second[SECONDS] / 60:.0f} minutes{used}."
    yield f"Of {len(chances)} chances of published figures {len(far)} differ by more than {APART:g} Monte Carlo errors"
    yield f"of the difference, where {round(BY_CHANCE * len(chances))} would by chance; at most they differ by"
    yield f"{max(abs(_apart(row)) for row in chances):.1f} errors. Headline targets, and what differs most:"
    yield ""
    shown = [row for row in chances if row["of"] in HEADLINE or row in far]
    yield from table(
        ("chance of", "scenario", "shipped", "second fit", "apart, errors"),
        (
            (
                indicator(city, row["of"]),
                row["scenario"],
                _chance(row, "first"),
                _chance(row, "second"),
                f"{_apart(row):+.1f}",
            )
            for row in shown
        ),
    )


def _fit(of: Mapping[str, float]) -> str:
    sizes = f"smallest effective sizes {of['bulk']:.0f} (bulk) and {of['tail']:.0f} (tails)"
    return f"R-hat {of['rhat']:.4f}, {sizes}, {of['evaluations'] / 1e6:.1f} million runs"


def _apart(row: Row) -> float:
    gap = float(row["second"]) - float(row["first"])
    return gap / math.hypot(float(row["first error"]), float(row["second error"])) if gap else 0.0


def _chance(row: Row, which: str) -> str:
    return f"{100 * float(row[which]):.1f} ± {100 * float(row[f'{which} error']):.1f} %"


def _simulated(rows: Sequence[Row], summary: Sequence[Row]) -> Iterator[str]:
    good = [row for row in rows if row["converged"] == "yes"]
    failed = sum(int(row["truths that failed"]) for row in rows)
    yield "Simulation-based calibration: truths are drawn from the prior of this model, a record is simulated from"
    yield "each, laid out like the real one, and each record is fitted as if it were real, by many walkers for few"
    yield f"steps that begin knowing nothing of the truth. Of {SETS} records, {len(rows)} are done. {len(good)} of"
    yield f"these fits converged by what the real fit must pass (R-hat below {LARGEST_RHAT}, effective sizes of"
    yield f"{LEAST_SIZE:.0f}); only these count below."
    if len(good) < len(rows):
        rhats, sizes = _worst(rows)
        yield f"{len(rows) - len(good)} did not within the steps they had (R-hat up to {rhats:.3f}, sizes from"
        yield f"{sizes:.0f}): what is said below is of records that are easier to fit."
    yield f"{failed} truths before them did not run."
    if not good:
        return
    yield ""
    yield "How often the truth lies in the middle half and nine tenths of the draws, with the standard error over"
    yield "records; were the fit exact, half and nine tenths. In the last column truths are counted by the tenth of the"
    yield "draws in which they lie; were the fit exact, all ten counts would be alike but for chance."
    yield ""
    classes = [row for row in summary if row["of"].startswith(CLASS)]
    lines = [(row["of"], row["quantities"], _share(row, "50%"), _share(row, "90%"), row["ranks"]) for row in classes]
    yield from table(("of", "quantities", "inside 50 %", "inside 90 %", "truths by tenth of the draws"), lines)
    yield ""
    chances = [float(row["chance"]) for row in summary if row["chance"]]
    rare = sum(chance < RARE for chance in chances)
    yield f"Of {len(chances)} quantities alone, {rare} have ranks so uneven that uniform ones would have them in 1"
    yield f"of 100 cases; {RARE * len(chances):.0f} would by chance. Every quantity stands in"
    yield f"calibration/trust/coverage.csv; `{COMMAND}` makes all of this again."


def _worst(rows: Sequence[Row]) -> tuple[float, float]:
    """Largest R-hat and smallest effective size of any fit."""
    return max(float(row["rhat"]) for row in rows), min(float(row[name]) for row in rows for name in ("bulk", "tail"))


def _share(row: Row, level: str) -> str:
    error = 100 * float(row[f"error {level}"])
    return f"{100 * float(row[f'inside {level}']):.0f} %" + (f" ± {error:.0f}" if error == error else "")

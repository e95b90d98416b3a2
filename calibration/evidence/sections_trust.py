"""The section of the page on the fit itself: does it find what is known, on densities and on simulated records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from calibration.diagnostics import LARGEST_RHAT, LEAST_SIZE
from calibration.trust.kept import COVERAGE, FOLDER, KNOWN, SETS, SIMULATED, Row, belongs, is_whole, marks_of, read_rows
from model.pages import table

from .evidence import Evidence

FILES = tuple(FOLDER / name for name in (KNOWN, SIMULATED, COVERAGE))
COMMAND = "python -m calibration.trust"
CLOSE = 0.05  # of a standard deviation, that the sampler is held to
RARE = 0.01  # chance of a rank histogram that uniform ranks would seldom have
CLASS = "all "


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
    return "" if all(is_whole(row) for row in rows) else "what is kept was changed by hand or is damaged."


def _known(rows: Sequence[Row]) -> Iterator[str]:
    yield f"The sampler on densities whose standard deviations are known, in {rows[0]['d']} coordinates; the two last"
    yield "columns are the smallest and the largest standard deviation found over the true one."
    yield ""
    head = ("density", "evaluations", "R-hat", "smallest effective size", "narrowest", "widest")
    names = ("density", "evaluations", "rhat", "bulk", "narrowest", "widest")
    yield from table(head, [tuple(row[name] for name in names) for row in rows])
    yield ""
    good = [row["density"] for row in rows if all(abs(float(row[n]) - 1) <= CLOSE for n in ("narrowest", "widest"))]
    others = [row["density"] for row in rows if row["density"] not in good]
    yield f"Within {CLOSE:.0%} in every coordinate: {', '.join(good) or 'none'}."
    if others:
        yield f"Further off in some coordinate: {', '.join(others)}."


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

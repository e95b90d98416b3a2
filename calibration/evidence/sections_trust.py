"""The section of the page on the fit itself: does it find what is known, on densities and on simulated records."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from model.pages import table

from .evidence import Evidence
from .results import Row

TRUST = Path(__file__).parents[1] / "trust"
KNOWN, SIMULATED, COVERAGE = (TRUST / name for name in ("known.csv", "simulated.csv", "coverage.csv"))
FILES = (KNOWN, SIMULATED, COVERAGE)
COMMAND = "python -m calibration.trust"
CLOSE = 0.05  # of a standard deviation, that the sampler is held to
RARE = 0.01  # chance of a rank histogram that uniform ranks would seldom have
CLASS = "all "


def trust_section(found: Evidence) -> Iterator[str]:
    """The sampler on known densities, and truths among the posteriors of records simulated from them."""
    yield "## Whether the fit finds what is known"
    yield ""
    if not all(path.is_file() for path in FILES):
        yield f"No results are kept; `{COMMAND}` makes them."
        return
    yield from _known(_rows(KNOWN))
    yield ""
    yield from _simulated(found, _rows(SIMULATED), _rows(COVERAGE))


def _known(rows: list[Row]) -> Iterator[str]:
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


def _simulated(found: Evidence, rows: list[Row], summary: list[Row]) -> Iterator[str]:
    model = found.basis.fitted or found.city.model.hash
    of = "this model" if all(model.startswith(row["model"]) for row in rows) else f"model {rows[0]['model']}"
    rhats = sorted(float(row["rhat"]) for row in rows)
    failed = sum(int(row["truths that failed"]) for row in rows)
    yield f"Simulation-based calibration: {len(rows)} truths drawn from the prior of {of}, a record simulated from"
    yield "each, laid out like the real one, and the quick fit of each. How often the truth lies in the middle half and"
    yield "nine tenths of the draws, with the standard error over data sets; were the fit exact, half and nine tenths."
    yield f"Quick fits are not converged to the standard of the real one (R-hat {rhats[len(rhats) // 2]:.3f} in"
    yield f"the middle, {rhats[-1]:.3f} at worst), which makes their bands a little narrow."
    yield f"{failed} truths before them did not run."
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


def _share(row: Row, level: str) -> str:
    return f"{100 * float(row[f'inside {level}']):.0f} % ± {100 * float(row[f'error {level}']):.0f}"


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

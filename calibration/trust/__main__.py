"""Makes the kept results beside this file: `python -m innovation.calibration.trust [PART] [--sets N]`.

PARTs are sampler, seeds and simulated. A killed run goes on with the next density or data set, or where the second fit
was. Rows of another model, record, prior, fit or seed are dropped.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from innovation.calibration.evidence.assessment.futures import scenarios_of
from innovation.calibration.evidence.loading import load_basis
from innovation.calibration.evidence.parts import marks_of as marks_of_part
from innovation.calibration.mcmc.sampler import MOVES
from innovation.calibration.posterior.draws import PosteriorError
from innovation.calibration.posterior.kept_draws import load
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.engine import OnProgress, Progress
from innovation.model import City, load_city
from innovation.scenarios.simulation import TooManyFailed

from .kept import (
    COVERAGE,
    FOLDER,
    KNOWN,
    SEEDS,
    SETS,
    SIMULATED,
    belongs,
    is_whole,
    marks_of,
    read_rows,
    sealed,
    write_rows,
)
from .known import DENSITIES, try_known
from .seeds import compared, fit_again
from .short import SHORT
from .simulated import WENT, summary, try_simulated

SEED = 20101231
PARTS = ("sampler", "seeds", "simulated")
BETWEEN = 20.0  # seconds between lines that tell how far a fit is


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing of the kept results."""
    parser = argparse.ArgumentParser(prog="python -m innovation.calibration.trust", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone (default: all)")
    parser.add_argument("--sets", type=int, default=SETS, help="simulated data sets in all (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the model's runs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where results are kept")
    given = parser.parse_args(arguments)
    city = load_city()
    record = read_record(city)
    posterior = Posterior(city, record.counted, threads=given.threads)
    if given.part in (None, "sampler"):
        _sampler(given.folder / KNOWN, posterior.d, given.seed)
    if given.part in (None, "seeds"):
        _seeds(given.folder / SEEDS, city)
    if given.part in (None, "simulated"):
        marks = marks_of(city, record.counted, _fitted(city), str(SHORT), given.seed)
        _simulated(given.folder, posterior, marks, given.sets)


def _fitted(city: City) -> str:
    """The hash of the model that the city's draws were fitted to; nothing where there are no draws of its priors."""
    try:
        return load(city).record.fitted_hash
    except PosteriorError:
        return ""


def _sampler(file: Path, d: int, seed: int) -> None:
    """Fit the known densities that no kept row is of; rows of other dimensions, seeds or moves are dropped."""
    asked = {"d": str(d), "seed": str(seed), "moves": str(MOVES)}
    rows: list[Mapping[str, object]] = [row for row in read_rows(file) if belongs(row, asked)]
    for name in DENSITIES:
        if name not in {row["density"] for row in rows}:
            rows.append(asdict(try_known(name, d, seed)))
            print(rows[-1], flush=True)
            write_rows(file, rows)


def _seeds(file: Path, city: City) -> None:
    """Fit the city once more, from the next seed, and compare; nothing is done where that is kept of these draws."""
    basis = load_basis(city)
    first, marks = basis.draws, marks_of_part("seeds", basis)
    rows = read_rows(file)
    if first is None or (rows and all(belongs(row, marks) and is_whole(row) for row in rows)):
        return
    with TemporaryDirectory() as folder:
        try:
            second, cost = fit_again(city, Path(folder) / "second.parquet", first.record.seed + 1)
        except RuntimeError as error:
            raise SystemExit(str(error)) from None
        try:
            found = list(compared(city, scenarios_of(city), first, second, cost))
        except TooManyFailed as error:
            print(error, file=sys.stderr)
            raise SystemExit(3) from None
        write_rows(file, [sealed({**marks, **row}) for row in found])


def _simulated(folder: Path, posterior: Posterior, marks: Mapping[str, str], sets: int) -> None:
    """Fit the data sets that no kept row is of, and write rows and what follows from them after each."""
    found = read_rows(folder / SIMULATED)
    rows = [row for row in found if belongs(row, marks) and is_whole(row)]
    if len(rows) < len(found):
        print(f"{len(found) - len(rows)} kept rows are of something else, or damaged: dropped.", flush=True)
    for number in range(sets):
        if str(number) in {row["data set"] for row in rows}:
            continue
        made = try_simulated(posterior, number, int(marks["seed"]), on_progress=_teller(number))
        rows.append(sealed({**marks, **made}))
        _write(folder, rows, marks)
        print({name: made[name] for name in WENT}, flush=True)
    if rows:
        _write(folder, rows, marks)


def _write(folder: Path, rows: Sequence[Mapping[str, str]], marks: Mapping[str, str]) -> None:
    """Rows in the order of their data sets, and the coverage that follows; none of it where no fit converged."""
    ordered = sorted(rows, key=lambda row: int(row["data set"]))
    write_rows(folder / SIMULATED, ordered)
    found = [{**marks, **row} for row in summary(ordered)]
    if found:
        write_rows(folder / COVERAGE, found)
    else:
        (folder / COVERAGE).unlink(missing_ok=True)


def _teller(number: int) -> OnProgress:
    """Prints how far the fit of a data set is, now and then."""
    told = time.monotonic()

    def tell(now: Progress) -> None:
        nonlocal told
        if time.monotonic() - told > BETWEEN:
            told = time.monotonic()
            left = f"{now.seconds_left:.0f} s left at most"
            print(f"  data set {number}: step {now.done} of {now.total} at most, {left}", flush=True)

    return tell


if __name__ == "__main__":
    main()

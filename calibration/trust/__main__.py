"""Makes the kept results beside this file: `python -m calibration.trust [sampler|simulated] [--sets N]`.

A killed run goes on with the next density or data set. Results of another model or other data are replaced.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from calibration.fingerprint import bound_hash, data_hash
from calibration.likelihood import Posterior
from calibration.observations import read_record
from calibration.posterior import PosteriorError, load
from model import City, load_city

from .known import DENSITIES, try_known
from .simulated import WENT, Row, summary, try_simulated

FOLDER = Path(__file__).parent
SEED = 20101231
SETS = 50
PARTS = ("sampler", "simulated")
SHORT = 12  # letters of a hash


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what is missing of the kept results."""
    parser = argparse.ArgumentParser(prog="python -m calibration.trust", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one part alone (default: both)")
    parser.add_argument("--sets", type=int, default=SETS, help="simulated data sets in all (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of the model's runs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where results are kept")
    given = parser.parse_args(arguments)
    city = load_city()
    record = read_record(city)
    posterior = Posterior(city, record.counted, threads=given.threads)
    mark = {"model": _fitted(city)[:SHORT], "data": data_hash(city, record.counted)[:SHORT]}
    if given.part != "simulated":
        _sampler(given.folder / "known.csv", posterior.d, given.seed)
    if given.part != "sampler":
        _simulated(given.folder, posterior, {**mark, "seed": given.seed}, given.sets)


def _fitted(city: City) -> str:
    """The model that the city's draws were fitted to: it says of the record what every model bound since says."""
    try:
        return load(city).record.fitted_hash
    except PosteriorError:
        return bound_hash(city)


def _sampler(file: Path, d: int, seed: int) -> None:
    rows = [row for row in _read(file) if row["d"] == d and row["seed"] == seed]
    for name in DENSITIES:
        if name not in {row["density"] for row in rows}:
            rows.append(asdict(try_known(name, d, seed)))
            print(rows[-1], flush=True)
            _write(file, rows)


def _simulated(folder: Path, posterior: Posterior, mark: Row, sets: int) -> None:
    file = folder / "simulated.csv"
    rows = [row for row in _read(file) if all(row[name] == value for name, value in mark.items())]
    for number in range(sets):
        if number in {row["data set"] for row in rows}:
            continue
        rows.append({**mark, **try_simulated(posterior, number, mark["seed"])})
        _write(file, rows)
        print({name: rows[-1][name] for name in WENT}, flush=True)
    if rows:
        _write(folder / "coverage.csv", [{**mark, **row} for row in summary(rows)])


def _read(file: Path) -> list[Row]:
    if not file.exists():
        return []
    return pd.read_csv(file, dtype={"model": str, "data": str}).to_dict("records")


def _write(file: Path, rows: list[Row]) -> None:
    part = file.with_suffix(".part")
    pd.DataFrame(rows).to_csv(part, index=False, lineterminator="\n")
    part.replace(file)


if __name__ == "__main__":
    main()

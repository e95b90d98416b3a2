"""The nominal figures of the library's scenarios, held as they were: a change of the model shows what it moved.

`python -m tests.test_golden` writes the file anew (with --check: says whether it has to be); look at its diff, and say
in the commit which indicators moved.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from innovation.model.city import City
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import library, load_scenarios
from innovation.scenarios.simulation.run import simulate

GOLDEN = Path(__file__).parent / "golden" / "nominal.csv"
YEARS = (2010, 2015, 2025)
DIGITS = 10  # what NumPy builds for other processors may differ in is far behind these


def figures(city: City) -> list[tuple[str, str, str, str]]:
    dataset = simulate(city, load_scenarios(city, library()))
    return [
        (scenario, name, str(year), f"{float(dataset[name].sel(scenario=scenario, year=year, member=0)):.{DIGITS}g}")
        for scenario in dataset.scenario.values.tolist()
        for name, indicator in city.indicators.items()
        for year in YEARS
        if year >= indicator.first_year
    ]


def test_the_golden_file_is_of_this_model(city: City) -> None:
    first = GOLDEN.read_text(encoding="utf-8").splitlines()[0]

    assert first == f"# model {city.model.hash}", "run `python -m tests.test_golden` and look at what moved"


def test_nominal_figures_are_the_golden_ones(city: City) -> None:
    rows = csv.reader(GOLDEN.read_text(encoding="utf-8").splitlines()[2:])
    golden = {tuple(row[:3]): float(row[3]) for row in rows}

    found = {(scenario, name, year): float(value) for scenario, name, year, value in figures(city)}

    assert found.keys() == golden.keys()
    moved = {key: (golden[key], value) for key, value in found.items() if value != pytest.approx(golden[key], rel=1e-8)}
    assert moved == {}


def write() -> None:
    city = load_city()
    with GOLDEN.open("w", encoding="utf-8", newline="") as file:
        file.write(f"# model {city.model.hash}\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("scenario", "indicator", "year", "value"))
        writer.writerows(figures(city))


def current() -> bool:
    """Whether the file has the figures of the model and the scenarios as they stand."""
    city = load_city()
    lines = GOLDEN.read_text(encoding="utf-8").splitlines() if GOLDEN.is_file() else [""]
    if lines[0] != f"# model {city.model.hash}":
        return False
    golden = {tuple(row[:3]): float(row[3]) for row in csv.reader(lines[2:])}
    found = {(scenario, name, year): float(value) for scenario, name, year, value in figures(city)}
    return found == pytest.approx(golden, rel=1e-8)


if __name__ == "__main__":
    if "--check" not in sys.argv:
        write()
    elif not current():
        sys.exit("The golden figures are of another model, or of other scenarios.")

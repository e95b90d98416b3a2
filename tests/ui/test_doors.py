"""One scenario, four doors: link, file, command line and Python say the same to the last digit."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

import cli
from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import load_scenario, parse_scenario, scenario_text
from innovation.scenarios.schema import PolicyChange
from innovation.scenarios.simulation.run import simulate
from innovation.ui.links import Work, packed, unpacked
from innovation.ui.outcomes import Ensemble, outcome
from tests.calibration.fits import fake_fit

MEMBERS = 9


@pytest.fixture(scope="module")
def scenario(city):
    plan = load_scenario(city, "plan_as_written")
    return with_changes(city, plan, [PolicyChange(lever="tax_relief", start=2012.3, to=2 / 3, ramp=1.7)], id="mine")


@pytest.fixture(scope="module")
def ensemble(city):
    return Ensemble(draw_priors(city, MEMBERS, seed=5), MEMBERS, "0" * 64)


@pytest.fixture(scope="module")
def shown(city, scenario, ensemble):
    linked, _ = unpacked(city, packed(city, Work(scenario, "baseline", ("gdp",), ("gdp",))))
    return outcome(city, linked.scenario, ensemble)


def test_a_link_shows_what_python_simulates(city, scenario, ensemble, shown):
    simulated = simulate(city, [scenario], ensemble.members)

    for name in city.indicators:
        np.testing.assert_array_equal(shown.figures[name], simulated[name].values[0])


def test_a_downloaded_file_says_the_same(city, scenario, ensemble, shown):
    read = outcome(city, parse_scenario(city, scenario_text(scenario), "file"), ensemble)

    for name in city.indicators:
        np.testing.assert_array_equal(shown.figures[name], read.figures[name])


def test_the_command_line_writes_the_same_nominal_figures(city, scenario, tmp_path, capsys):
    linked, _ = unpacked(city, packed(city, Work(scenario, "baseline", ("gdp",), ("gdp",))))
    shown = outcome(city, linked.scenario, None)
    file = tmp_path / "mine.yaml"
    file.write_text(scenario_text(scenario), encoding="utf-8")

    assert cli.main(["simulate", str(file), "--out", str(tmp_path)]) == 0

    capsys.readouterr()
    with (tmp_path / "indicators.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert len({row["indicator"] for row in rows}) == len(city.indicators)
    for row in rows:
        place = int(row["year"]) - city.years[0]
        assert float(row["value"]) == shown.nominal(row["indicator"])[place], row


def test_the_command_line_says_the_same_chances_and_bands(city, scenario, tmp_path, capsys):
    fitted = Posterior(city, read_record(city).counted)
    kept_draws.save(tmp_path / "mine.parquet", fake_fit(fitted), fitted, quick=False)
    draws = kept_draws.load(city, tmp_path / "mine.parquet")
    ensemble = Ensemble(draws.members(MEMBERS), MEMBERS, draws.hash, instrument_of(city, draws))
    shown = outcome(city, scenario, ensemble)
    file = tmp_path / "mine.yaml"
    file.write_text(scenario_text(scenario), encoding="utf-8")
    drawn = ["--members", str(MEMBERS), "--posterior", str(tmp_path / "mine.parquet")]

    assert cli.main(["simulate", str(file), *drawn, "--json"]) == 0

    printed = json.loads(capsys.readouterr().out)
    for name, chance in shown.chances.items():
        said = printed["chances"]["mine"]["targets"][name]
        assert (said["chance"], said["error"], said["distance"]) == (chance.chance, chance.error, chance.distance)
        band = printed["bands"]["mine"][name]["2015"]
        place = 2015 - city.years[0]
        assert list(band.values()) == shown.band(name)[:, place].tolist()
    assert printed["chances"]["mine"]["all"]["chance"] == shown.together(city.targets)

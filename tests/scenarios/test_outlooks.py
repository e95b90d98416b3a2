"""Chances as people and scripts read them."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.outlooks import (
    BAND_COLUMNS,
    CHANCE_COLUMNS,
    band_rows,
    chance_rows,
    method_text,
    outlook,
    outlook_text,
)
from innovation.scenarios.simulation.run import simulate
from innovation.scenarios.simulation.text_tables import display_width


@pytest.fixture(scope="module")
def baseline(city):
    return load_scenario(city, "baseline")


@pytest.fixture(scope="module")
def seen(city, baseline):
    members = {"capital elasticity": np.random.default_rng(4).uniform(0.3, 0.6, 24)}
    return outlook(city, simulate(city, [baseline], members), {"industry_nev"})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [200, 150, 120, 100])
def test_the_table_of_chances_fits_the_terminal_and_names_every_target(city, seen, baseline, language, width):
    table = outlook_text(seen, baseline, language, width).splitlines()[1 : len(city.targets) + 3]

    assert max(map(display_width, table)) <= width
    assert [line.split()[0] for line in table[2:]] == list(city.targets)


def test_percentiles_do_not_cross_and_stand_only_where_there_are_figures(city, seen):
    rows = [dict(zip(BAND_COLUMNS, row, strict=True)) for row in band_rows(seen)]

    assert {row["indicator"] for row in rows} == set(city.indicators)
    assert all(row["p05"] <= row["p25"] <= row["p50"] <= row["p75"] <= row["p95"] for row in rows)
    assert min(row["year"] for row in rows if row["indicator"] == "contribution_rate") == 2010


def test_the_row_of_all_targets_rests_on_judgement_where_one_of_them_does(seen):
    rows = [dict(zip(CHANCE_COLUMNS, row, strict=True)) for row in chance_rows(seen)]

    assert [row["target"] for row in rows if row["judgement"]] == ["industry_nev", "all"]
    assert rows[-1]["chance"] == seen.chances["baseline"].all


def test_members_that_come_from_no_posterior_name_none(seen):
    assert "24 members from 24 different draws, the same" in method_text(seen, "en")

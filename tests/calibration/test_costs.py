"""The kept costs of the library: they survive the file, know what they belong to, and make the page."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from innovation.calibration import costs
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.scenario_files import library, load_scenarios

FEW = 3


@pytest.fixture(scope="module")
def kept(city, tmp_path_factory):
    folder, told = tmp_path_factory.mktemp("results"), []
    draws = SimpleNamespace(draws=draw_priors(city, FEW, 1), hash="1" * 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "MEMBERS", FEW)
        costs.make(city, draws, folder, on_progress=told.append)
    return folder, told[-1].done, told[0].total


def test_numbers_are_kept_with_what_they_belong_to_and_the_runs_are_those_announced(city, kept, tmp_path):
    folder, done, announced = kept

    assert "missing" in str(costs.stale(city, "1" * 64, tmp_path))
    assert costs.stale(city, "1" * 64, folder) is None
    assert "another posterior" in str(costs.stale(city, "2" * 64, folder))
    assert done == announced > 0


def test_numbers_of_other_prices_are_stale(city, kept):
    prices = {**city.prices.prices, "service": city.prices.prices["service"].model_copy(update={"kind": "source"})}
    other = replace(city, prices=replace(city.prices, prices=prices))

    assert "another set of scenarios and prices" in str(costs.stale(other, "1" * 64, kept[0]))


def test_the_page_has_every_scenario_in_each_table_and_both_languages(city, kept):
    page = costs.costs_page(city, kept[0])

    titles = [one.title for one in load_scenarios(city, list(library()))]
    english, chinese = page.split("# 各情景和政策杠杆的成本")
    assert english.count("| The plan as written |") == 3
    assert english.count("(equal cost) |") == 3 * 5 + 5
    assert sum(english.count(f"| {title} |") for title in (one.en for one in titles)) == 3 * len(library()) + 5
    assert all(chinese.count(f"| {title} |") >= 3 for title in (one.zh for one in titles))
    assert "| Baseline (2010 policies continue) | 0.0 (0.0 … 0.0) |" in english

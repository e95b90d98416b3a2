"""Targets met are counted apart by kind, and one that nobody can judge is in no count and has no chance."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest

from innovation.scenarios.batches.batch_folder import batch
from innovation.scenarios.batches.batch_page import batch_page
from innovation.scenarios.listings import LISTINGS
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.outlooks import (
    CHANCE_COLUMNS,
    all_text,
    chance_rows,
    expected_counts,
    outlook,
    outlook_json,
    outlook_text,
)
from innovation.scenarios.simulation.run import simulate
from innovation.scenarios.simulation.targets import (
    Count,
    Counts,
    all_met,
    all_unjudged,
    count_targets,
    kinds_told,
    target_table,
)
from innovation.scenarios.simulation.text_tables import as_json, target_text


@pytest.fixture(scope="module")
def half_known(toy_city):
    """The toy city where nobody published the base of `platforms`, whose target no member meets."""
    unknown = {"no_base_en": "nobody counted platforms", "no_base_zh": "没有公布平台数", "value": 1e6, "high": 1e7}
    target = toy_city.targets["platforms"].model_copy(update=unknown)
    met = toy_city.targets["output"].model_copy(update={"value": 0.0})
    return replace(toy_city, targets={**toy_city.targets, "platforms": target, "output": met})


@pytest.fixture(scope="module")
def baseline(toy_city):
    return load_scenario(toy_city, "baseline")


@pytest.fixture(scope="module")
def result(half_known, baseline):
    return simulate(half_known, [baseline], _members(half_known))


def _members(city):
    reference = next(name for name, one in city.parameters.items() if one.role == "uncertain")
    one = city.parameters[reference]
    return {reference: np.linspace(one.low, one.high, 8)}


def test_counts_are_apart_by_kind_and_leave_out_what_cannot_be_judged(half_known):
    met = {"output": 1.0, "science_share": 0.25, "platforms": 1.0, "platform_openings": 0.5}

    counts = count_targets(half_known, met)

    assert counts == Counts({"result": Count(1.0, 1), "count": Count(0.5, 1), "input": Count(0.25, 1)}, 1)
    assert counts.all == Count(1.75, 3)


@pytest.mark.parametrize(
    ("language", "unjudged", "whole", "kinds"),
    [
        ("en", 2, "9.4 of 30", "results 5.2 of 21 · counts 4.2 of 9; two cannot be judged"),
        ("en", 1, "9.4 of 30", "results 5.2 of 21 · counts 4.2 of 9; one cannot be judged"),
        ("en", 0, "9.4 of 30", "results 5.2 of 21 · counts 4.2 of 9"),
        ("zh", 2, "9.4 / 30", "结果 5.2/21 · 数量 4.2/9；另有2项无法判断"),
        ("zh", 1, "9.4 / 30", "结果 5.2/21 · 数量 4.2/9；另有1项无法判断"),
    ],
)
def test_a_count_is_written_with_how_many_cannot_be_judged(language, unjudged, whole, kinds):
    counts = Counts({"result": Count(5.2, 21), "count": Count(4.2, 9)}, unjudged)

    assert all_met(counts, 1, language) == whole
    assert kinds_told(counts, 1, language) == kinds


def test_a_target_without_a_base_has_no_chance_and_does_not_spoil_that_of_all(half_known, result):
    (found,) = chances(half_known, result)
    (judged,) = chances(half_known, result, ["output"])

    assert set(found.targets) == set(half_known.targets) - {"platforms"}
    assert found.weakest != "platforms"
    assert (judged.all, judged.targets["output"].chance) == (1.0, 1.0)
    with pytest.raises(ValueError, match="Nobody can judge platforms"):
        chances(half_known, result, ["output", "platforms"])


def test_the_nominal_run_neither_meets_nor_misses_it_but_has_its_figure(half_known, result, baseline):
    row = next(row for row in target_table(half_known, result) if row.id == "platforms")

    assert (row.met, row.first_year_met, row.kind) == (None, None, "count")
    assert row.value == float(result["platforms"].sel(year=2015, member=0)[0])
    for language, told in (("en", "cannot be judged"), ("zh", "无法判断")):
        text = target_text(half_known, baseline, target_table(half_known, result), language)
        assert told in next(line for line in text.splitlines() if line.startswith("platforms"))
        assert all_unjudged(half_known, language)[0] in text
    said = as_json(half_known, [baseline], result)
    assert said["unjudged"] == {"platforms": {"en": "nobody counted platforms", "zh": "没有公布平台数"}}
    assert (said["counts"]["baseline"]["of"], said["counts"]["baseline"]["unjudged"]) == (3, 1)


def test_a_forecast_expects_so_many_of_each_kind(half_known, result, baseline):
    seen = outlook(half_known, result, set())
    of = seen.chances["baseline"]

    counts = expected_counts(half_known, of.targets)

    assert counts.kinds["result"] == Count(1.0, 1)
    assert counts.all.met == pytest.approx(sum(one.chance for one in of.targets.values()))
    told = all_text(half_known, of, "en")
    assert f"Expected to be met: {all_met(counts, 1, 'en')} ({kinds_told(counts, 1, 'en')}). All 3 met at once" in told
    assert outlook_json(seen, [baseline])["chances"]["baseline"]["expected"]["kinds"]["input"]["of"] == 1
    line = next(one for one in outlook_text(seen, baseline, "en").splitlines() if one.startswith("platforms "))
    assert "cannot be judged" in line
    rows = {row[1]: dict(zip(CHANCE_COLUMNS, row, strict=True)) for row in chance_rows(seen)}
    assert [rows["platforms"][name] for name in ("chance", "error", "draws", "kind")] == [None, None, None, "count"]
    assert rows["platforms"]["p50"] == float(seen.bands["platforms"].sel(year=2015, percent=50)[0])


def test_a_batch_gives_it_its_figures_and_no_chance(half_known, baseline, tmp_path):
    done = batch(half_known, [baseline], _members(half_known), tmp_path / "out")

    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["indicator"]: row for row in csv.DictReader(file) if row["year"] == "2015"}
    assert (rows["platforms"]["chance"], rows["platforms"]["kind"]) == ("", "count")
    assert rows["platforms"]["p50"] and rows["platforms"]["target"]
    assert (rows["output"]["chance"], rows["output"]["kind"]) == ("1.0", "result")
    page = batch_page(half_known, [baseline], done.outlooks, [])
    assert "<td>cannot be judged</td>" in page
    of = done.outlooks["baseline"].chances["baseline"].targets
    assert f"<td>{all_met(expected_counts(half_known, of), 1, 'en')}" in page


def test_the_citys_inputs_are_money_its_counts_are_numbers_and_two_targets_have_no_base(city):
    kinds = {kind: {name for name, one in city.targets.items() if one.kind == kind} for kind in ("input", "count")}

    assert kinds["input"] == {"fiscal_science_share", "programme_fiscal", "programme_leverage", "programme_output"}
    assert {city.indicators[name].unit for name in kinds["count"]} == {"institution", "alliance", "firm"}
    assert city.targets.keys() - city.judgeable.keys() == {"enterprise_rd_hightech", "new_energy_consumption_share"}
    listed = {record["id"]: record for record in LISTINGS["targets"](city)}
    assert listed["incubators"]["kind"] == "count"
    assert listed["new_energy_consumption_share"]["no_base_en"].startswith("nobody published")

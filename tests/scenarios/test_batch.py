"""A batch's folder: the figures of `simulate`, percentiles that add up, a page that stands alone, nothing dropped."""

from __future__ import annotations

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from innovation.engine.progress import Progress
from innovation.model.prior_draws import draw_priors
from innovation.scenarios.batches import batch_folder as batching
from innovation.scenarios.batches.batch_folder import MemberSource, batch
from innovation.scenarios.costs.accounting import costs
from innovation.scenarios.costs.cost_words import figures_of
from innovation.scenarios.execution.run_store import FolderError
from innovation.scenarios.scenario_files import load_scenario, parse_scenario
from innovation.scenarios.schema import ScenarioError
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.run import simulate
from tests.fragile import fragile_toy, limits, scenario_of

TEXT = """\
schema: 2
id: {id}
title: {{en: {id}, zh: 情景}}
question: {{en: What if?, zh: 如何？}}
source: judgement
policies: [{policy}]
"""
MORE = "{lever: science_share, from: 2012, to: 0.04}"


@pytest.fixture(scope="module")
def two(toy_city):
    return [
        parse_scenario(toy_city, TEXT.format(id="as_now", policy=""), "a"),
        parse_scenario(toy_city, TEXT.format(id="more", policy=MORE), "b"),
    ]


@pytest.fixture(scope="module")
def members(toy_city):
    return draw_priors(toy_city, 40, 3)


def content_of(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_figures_are_those_of_simulate(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "out")

    table = pq.read_table(tmp_path / "out" / "indicators.parquet").to_pandas()
    dataset = simulate(toy_city, two, members)
    assert list(table) == ["scenario", "member", "year", "indicator", "value", "unit"]
    assert set(table["scenario"]) == {"as_now", "more"}
    for name in toy_city.indicators:
        some = table[(table["scenario"] == "more") & (table["indicator"] == name) & (table["year"] == 2015)]
        assert np.array_equal(some["value"], dataset[name].sel(scenario="more", year=2015))
        assert set(some["unit"].astype(str)) == {toy_city.indicators[name].unit}
    assert len(table) == 2 * 41 * sum(2026 - indicator.first_year for indicator in toy_city.indicators.values())


def test_a_batch_of_the_city_says_what_each_scenario_costs_as_simulate_does(city, tmp_path):
    asked = [load_scenario(city, name) for name in ("baseline", "plan_as_written")]
    drawn = draw_priors(city, 6, 3)

    done = batch(city, asked, drawn, tmp_path / "out")

    rows = {(row["scenario"], row["payer"], row["what"]): row for row in rows_of(tmp_path / "out" / "costs.csv")}
    figures = figures_of(city, simulate(city, asked, drawn), "plan_as_written")
    paid = costs(city, {name: values[1:] for name, values in figures.items()})
    for payer in (*city.prices.payers, "social"):
        row = rows["plan_as_written", payer, "sum 2011-2015"]
        assert float(row["q50"]) == pytest.approx(np.median(paid.total(payer)))
        assert float(row["q95"]) == pytest.approx(np.percentile(paid.total(payer), 95))
    worth = float(rows["plan_as_written", "social", "present value at 8 %"]["mean"])
    assert worth == pytest.approx(paid.present_value().mean())
    assert len(rows) == len(done.costs) == 2 * 8 * 9
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(payer.en in page for payer in city.prices.payers.values()) and page.count("not to be summed") == 1


def test_a_batch_of_a_city_without_prices_has_no_costs(toy_city, two, members, tmp_path):
    assert batch(toy_city, two, members, tmp_path / "out").costs == []
    assert not (tmp_path / "out" / "costs.csv").exists()


def test_blocks_of_members_change_nothing(toy_city, two, members, tmp_path, monkeypatch):
    batch(toy_city, two, members, tmp_path / "whole")
    monkeypatch.setattr(batching, "BLOCK", 7)

    batch(toy_city, two, members, tmp_path / "blocks")

    whole, blocks = (content_of(tmp_path / name) for name in ("whole", "blocks"))
    tables = [pq.read_table(tmp_path / name / "indicators.parquet") for name in ("whole", "blocks")]
    assert tables[0].to_pandas().equals(tables[1].to_pandas())
    assert pq.read_metadata(tmp_path / "blocks" / "indicators.parquet").row_group(0).num_rows == 8 * 21
    manifests = [json.loads(files.pop("manifest.json")) for files in (whole, blocks)]
    for files, manifest in zip((whole, blocks), manifests, strict=True):
        del files["indicators.parquet"], manifest["figures_hash"]  # its row groups are blocks
    assert manifests[0] == manifests[1]
    assert whole == blocks


def test_the_summary_has_percentiles_and_the_chances_of_targets(toy_city, two, members, tmp_path):
    done = batch(toy_city, two, members, tmp_path / "out")

    rows = rows_of(tmp_path / "out" / "summary.csv")
    values = simulate(toy_city, two, members)["output"].sel(scenario="more", year=2015).values[1:]
    row = next(r for r in rows if (r["scenario"], r["indicator"], r["year"]) == ("more", "output", "2015"))
    assert float(row["p05"]) == pytest.approx(np.percentile(values, 5))
    assert float(row["mean"]) == pytest.approx(values.mean())
    assert float(row["chance"]) == pytest.approx((values >= 1100).mean())
    assert float(row["error"]) == done.outlooks["more"].chances["more"].targets["output"].error
    assert [r["indicator"] for r in rows if r["chance"] and r["scenario"] == "more"] == list(toy_city.targets)


def test_the_same_call_gives_the_same_bytes(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "one")
    batch(toy_city, two, members, tmp_path / "two")
    batch(toy_city, two, members, tmp_path / "two")

    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")


class Stopped(BaseException):
    """As if a person pressed Ctrl-C."""


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(batching, "BLOCK", 7)


@pytest.mark.parametrize("stage", ["runs", "gathering", "summing up"])
def test_a_stopped_batch_goes_on_to_the_same_bytes(toy_city, two, members, tmp_path, small_blocks, stage):
    parts, gathered = 12, 2 * len(toy_city.indicators)
    after = {"runs": 1 + 3, "gathering": 1 + parts + 1 + 2, "summing up": 1 + parts + 1 + gathered + 2}[stage]
    batch(toy_city, two, members, tmp_path / "undisturbed")
    told: list[Progress] = []

    def stop(now: Progress) -> None:
        told.append(now)
        if len(told) == after:
            raise Stopped

    with pytest.raises(Stopped):
        batch(toy_city, two, members, tmp_path / "out", on_progress=stop)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["complete"] is False
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("part-*.parquet")}
    assert 0 < len(kept) <= parts
    begun: list[Progress] = []

    def then(now: Progress) -> None:
        if begun and begun[-1].step == now.step:
            return
        begun.append(now)
        assert all(path.stat().st_mtime_ns == when for path, when in kept.items())

    batch(toy_city, two, members, tmp_path / "out", on_progress=then)

    assert begun[0].done > 0
    assert (begun[0].total, begun[0].step) == (82, "runs")
    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")
    assert "parts" not in {path.name for path in (tmp_path / "out").iterdir()}


def test_a_part_cut_short_from_outside_is_made_again(toy_city, two, members, tmp_path, small_blocks):
    batch(toy_city, two, members, tmp_path / "undisturbed")

    def stop(now: Progress) -> None:
        if now.done:
            raise Stopped

    with pytest.raises(Stopped):
        batch(toy_city, two, members, tmp_path / "out", on_progress=stop)
    part = next((tmp_path / "out").rglob("part-*.parquet"))
    part.write_bytes(part.read_bytes()[:-100])
    batch(toy_city, two, members, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


def test_a_finished_batch_is_read_and_not_run_again(toy_city, two, members, tmp_path, monkeypatch):
    first = batch(toy_city, two, members, tmp_path / "out")
    monkeypatch.setattr(batching, "fill", None)

    again = batch(toy_city, two, members, tmp_path / "out", language="zh")

    assert {name: seen.chances for name, seen in again.outlooks.items()} == {
        name: seen.chances for name, seen in first.outlooks.items()
    }
    assert toy_city.indicators["output"].zh in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_damaged_figures_are_made_again(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "out")
    before = content_of(tmp_path / "out")
    (tmp_path / "out" / "indicators.parquet").write_bytes(before["indicators.parquet"][:1000])

    batch(toy_city, two, members, tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_members_that_could_not_be_computed_are_told_and_tried_again(toy_city, two, members, tmp_path, monkeypatch):
    batch(toy_city, two, members, tmp_path / "undisturbed")
    usual = batching.figures_part

    def failing(*given):
        if given[-2][0] == "more":
            raise MemoryError("no room")
        return usual(*given)

    monkeypatch.setattr(batching, "figures_part", failing)
    done = batch(toy_city, two, members, tmp_path / "out")

    assert done.faults == ["more, members 1 to 40: MemoryError: no room"]
    assert set(done.outlooks) == {"as_now"}
    assert done.failures.aside == ("more",)
    assert len(done.failures.failed["more"]) == 41
    table = pq.read_table(tmp_path / "out" / "indicators.parquet").to_pandas()
    assert table[table["scenario"] == "more"]["value"].isna().all()
    monkeypatch.undo()
    assert batch(toy_city, two, members, tmp_path / "out").faults == []
    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


def test_parts_that_were_swapped_or_are_anothers_are_made_again(toy_city, two, members, tmp_path, small_blocks):
    def interrupt(now: Progress) -> None:
        told.append(now)
        if len(told) == 1 + 5:
            raise KeyboardInterrupt

    batch(toy_city, two, members, tmp_path / "undisturbed")
    for seed, name in ((0, "out"), (1, "other")):
        told: list[Progress] = []
        with pytest.raises(KeyboardInterrupt):
            batch(
                toy_city, two, draw_priors(toy_city, 40, 5) if seed else members, tmp_path / name, on_progress=interrupt
            )
    parts = tmp_path / "out" / "parts" / "as_now"
    first, second, third = sorted(parts.iterdir())[:3]
    other = (tmp_path / "other" / third.relative_to(tmp_path / "out")).read_bytes()
    one, two_ = first.read_bytes(), second.read_bytes()
    for path, content in ((first, two_), (second, one), (third, other)):
        path.write_bytes(content)

    batch(toy_city, two, members, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


def test_figures_of_another_batch_are_not_read_as_ones_own(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "out")
    batch(toy_city, two, draw_priors(toy_city, 40, 5), tmp_path / "other")
    before = content_of(tmp_path / "out")
    name = "indicators.parquet"
    (tmp_path / "out" / name).write_bytes((tmp_path / "other" / name).read_bytes())

    batch(toy_city, two, members, tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_a_batch_whose_members_all_diverge_is_on_record(toy_city, two, members, tmp_path):
    done = batch(toy_city, two, {**members, "forgetting": np.full(40, 1e9)}, tmp_path / "out")

    assert done.failures.failed["more"].tolist() == list(range(1, 41))
    assert done.failures.aside == ("as_now", "more")
    assert done.outlooks == {}
    assert len(rows_of(tmp_path / "out" / "failed.csv")) == 80
    assert rows_of(tmp_path / "out" / "summary.csv") == []


def test_members_made_when_needed_are_those_in_memory(toy_city, two, members, tmp_path, small_blocks):
    def block(first: int, last: int):
        assert first % 7 == 0
        return {name: values[first:last] for name, values in members.items()}

    batch(toy_city, two, members, tmp_path / "memory")
    batch(toy_city, two, MemberSource(40, block, "forty"), tmp_path / "made")

    for name in ("indicators.parquet", "summary.csv", "failed.csv", "report.html"):
        assert (tmp_path / "memory" / name).read_bytes() == (tmp_path / "made" / name).read_bytes()


def test_a_folder_of_other_scenarios_is_refused_and_left_alone(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "out")
    before = content_of(tmp_path / "out")

    with pytest.raises(FolderError, match="another scenario or other scenarios"):
        batch(toy_city, two[:1], members, tmp_path / "out")
    few = {name: values[:30] for name, values in members.items()}
    with pytest.raises(FolderError, match=r"another number of members \(40, not 30\)"):
        batch(toy_city, two, few, tmp_path / "out")
    with pytest.raises(FolderError, match=r"another seed \(None, not 7\)"):
        batch(toy_city, two, members, tmp_path / "out", origin={"seed": 7})

    assert content_of(tmp_path / "out") == before


def test_the_page_stands_alone(toy_city, two, members, tmp_path):
    batch(toy_city, two, members, tmp_path / "out", language="zh")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)
            for name, value in attrs:
                if name in ("src", "href", "xlink:href"):
                    assert value.startswith("#"), (tag, value)

    Reader().feed(text)
    assert opened.count("svg") == 1
    assert "script" not in opened
    assert not re.search(r"url\((?!#)|@import", text)
    assert toy_city.indicators["output"].zh in text


def test_words_of_a_scenario_cannot_break_the_page(toy_city, members, tmp_path):
    text = TEXT.format(id="as_now", policy="").replace("{en: as_now,", '{en: "<script>alert(1)</script>",')

    batch(toy_city, [parse_scenario(toy_city, text, "a")], members, tmp_path / "out")

    assert "<script>" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_toy(tmp_path_factory.mktemp("fragile"))


@pytest.fixture(scope="module")
def broken(fragile):
    """Scenarios, and members of which one fails under `more` alone and one under both."""
    drawn = {**draw_priors(fragile, 200, 3), **limits(200, (5, 0.03), (10, 0.01))}
    return [scenario_of(fragile, "as_now"), scenario_of(fragile, "more", 0.04)], drawn


def test_members_that_fail_are_on_record_and_left_out_of_all_scenarios(fragile, broken, tmp_path):
    two, drawn = broken

    done = batch(fragile, two, drawn, tmp_path / "out", origin={"draws": 200})

    assert {name: numbers.tolist() for name, numbers in done.failures.failed.items()} == {
        "as_now": [10],
        "more": [5, 10],
    }
    rows = rows_of(tmp_path / "out" / "failed.csv")
    assert [(row["scenario"], row["member"], row["variable"], row["time"]) for row in rows] == [
        ("as_now", "10", "total output", "2005.0"), ("more", "5", "total output", "2012.0"),
        ("more", "10", "total output", "2005.0"),
    ]  # fmt: skip
    assert float(rows[1]["most science share"]) == 0.03
    table = pq.read_table(tmp_path / "out" / "indicators.parquet").to_pandas()
    assert set(table[table["value"].isna()]["member"]) == {5, 10}
    simulated = simulate(fragile, two, drawn, {"draws": 200})
    assert {name: seen.chances[name] for name, seen in done.outlooks.items()} == {
        one.scenario: one for one in chances(fragile, simulated)
    }
    assert [seen.members for seen in done.outlooks.values()] == [198, 198]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert (
        "Left out of every scenario: 2 of 200 members, with no result under as_now (1), more (2); 198 are used." in page
    )
    said = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert (said["failed_members"], said["left_out"], said["not_shown"]) == ({"as_now": 1, "more": 2}, 2, [])


def test_a_batch_with_failures_goes_on_to_the_same_bytes(fragile, broken, tmp_path, small_blocks):
    two, drawn = broken
    batch(fragile, two, drawn, tmp_path / "undisturbed")

    def stop(now: Progress) -> None:
        if now.failed:
            raise Stopped

    with pytest.raises(Stopped):
        batch(fragile, two, drawn, tmp_path / "out", on_progress=stop)
    batch(fragile, two, drawn, tmp_path / "out")
    again = batch(fragile, two, drawn, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")
    assert again.failures.reason("more", 5).variable == "total output"


def test_a_scenario_of_which_too_many_fail_is_not_shown_and_the_others_are(fragile, tmp_path):
    two = [scenario_of(fragile, "as_now"), scenario_of(fragile, "more", 0.04)]

    done = batch(fragile, two, limits(200, (5, 0.03), (6, 0.03), (7, 0.03)), tmp_path / "out")

    assert (done.failures.aside, set(done.outlooks)) == (("more",), {"as_now"})
    assert {row["scenario"] for row in rows_of(tmp_path / "out" / "summary.csv")} == {"as_now"}
    assert done.outlooks["as_now"].members == 200
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Not shown: more. 3 of 200 members gave no result" in page


def test_two_scenarios_of_one_id_are_refused(toy_city, two, members, tmp_path):
    with pytest.raises(ScenarioError, match="Two scenarios have the id"):
        batch(toy_city, [two[0], two[0]], members, tmp_path / "out")

"""The command line on the real city, as a planner and as a script use it, rightly and wrongly."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cli
from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.mcmc.saved_state import SamplerError
from innovation.calibration.pages import MADE_FROM, made_from
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.commands import output
from innovation.engine.progress import Progress
from innovation.scenarios.scenario_files import LIBRARY, load_scenarios
from innovation.scenarios.simulation.bands import published_result
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.run import simulate
from tests.calibration.fits import fake_fit

HERE = Path(__file__).parent
TOY = HERE / "models" / "toy_city" / "toy.mdl"
FAULTY = """\
schema: 2
id: faulty
title: {en: Faulty, zh: 有误}
question: {en: What is wrong?, zh: 何处有误？}
source: judgement
policies:
  - {lever: no_such_lever_at_all, from: 2012, to: 0.03}
  - {lever: no_such_lever_at_all, from: early, to: 0.03}
policies: []
tagged: !!python/object/apply:os.system ["touch hacked"]
"""


def refused(capsys, *arguments: str) -> str:
    """What a command that must fail says on stderr, having exited 2 and printed nothing else."""
    status = cli.main(arguments)
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    assert "Traceback" not in said.err
    return said.err


def test_simulate_prints_every_target_of_every_scenario(capsys, city):
    status = cli.main(["simulate", "baseline", "plan_as_written"])

    printed = capsys.readouterr().out
    assert status == 0
    lines = [line.split()[0] for line in printed.splitlines() if line.strip()]
    assert all(lines.count(name) == 2 for name in city.targets)
    assert {"baseline", "plan_as_written"} <= set(lines)


def test_simulate_writes_tidy_figures_in_the_plans_units(capsys, city, tmp_path):
    cli.main(["simulate", "baseline", "--out", str(tmp_path / "new" / "out")])

    with (tmp_path / "new" / "out" / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["scenario", "member", "year", "indicator", "value", "unit"]
    assert {row["indicator"] for row in rows} == set(city.indicators)
    assert {row["member"] for row in rows} == {"0"}
    assert all(row["unit"] == city.indicators[row["indicator"]].unit for row in rows)
    years = {name: [int(row["year"]) for row in rows if row["indicator"] == name] for name in city.indicators}
    assert years == {name: list(range(of.first_year, 2026)) for name, of in city.indicators.items()}
    assert sorted(path.name for path in (tmp_path / "new" / "out").iterdir()) == ["costs.csv", "indicators.csv"]


def test_simulate_says_what_each_scenario_costs_and_whom_in_text_json_and_file(capsys, city, tmp_path):
    asked = ["simulate", "plan_as_written", "baseline", "--out", str(tmp_path)]

    assert cli.main(asked) == 0
    text = capsys.readouterr().out
    assert cli.main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)["costs"]

    assert all(payer.en in text for payer in city.prices.payers.values())
    assert text.count("From 2011 to 2015 it costs nothing beyond 2010 practice.") == 1
    with (tmp_path / "costs.csv").open(encoding="utf-8") as file:
        rows = {(row["scenario"], row["payer"], row["what"]): float(row["q50"]) for row in csv.DictReader(file)}
    for payer in (*city.prices.payers, "social"):
        kept = rows["plan_as_written", payer, "sum 2011-2015"]
        assert said["plan_as_written"]["payers"][payer]["sum 2011-2015"]["q50"] == kept
    assert f"{rows['plan_as_written', 'city', 'sum 2011-2015']:.1f}" in text
    assert said["plan_as_written"]["unpriced"] == [] and not said["plan_as_written"]["payers_may_be_summed"]


def test_simulate_as_json_agrees_with_the_file(capsys, tmp_path):
    cli.main(["simulate", "baseline", "--json", "--out", str(tmp_path)])

    printed = json.loads(capsys.readouterr().out)
    with (tmp_path / "indicators.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert printed["figures"]["baseline"][row["indicator"]][row["year"]] == float(row["value"])
    assert all(row["value"] == printed["figures"]["baseline"][row["id"]]["2015"] for row in printed["targets"])


def test_labels_come_in_chinese_on_request(capsys, city):
    cli.main(["simulate", "baseline", "--lang", "zh"])

    printed = capsys.readouterr().out
    assert city.indicators["contribution_rate"].zh in printed
    assert city.indicators["contribution_rate"].en not in printed


@pytest.fixture(scope="module")
def draws(city, tmp_path_factory):
    """A file of 40 draws of the priors, as a fit would leave it."""
    path = tmp_path_factory.mktemp("draws") / "mine.parquet"
    fitted = Posterior(city, read_record(city).counted)
    kept_draws.save(path, fake_fit(fitted), fitted, quick=False)
    return str(path)


def test_members_give_each_target_its_band_and_chance(capsys, city, draws):
    status = cli.main(["simulate", "baseline", "plan_as_written", "--members", "40", "--posterior", draws])

    printed = capsys.readouterr().out
    assert status == 0
    rows = {line.split()[0]: line for line in printed.splitlines() if line.strip()}
    assert set(city.targets) < set(rows)
    assert rows["rd_intensity"].endswith("figures")
    assert rows["industry_nev"].endswith("judgement")
    assert "40 members from 40 different draws" in printed
    assert kept_draws.load(city, Path(draws)).hash[:12] in printed
    assert printed.count("All 34 met at once") == 2
    assert (
        len(
            re.findall(
                r"Expected to be met: \d+\.\d of 34 \(results .* of 21 · counts .* of 9 · inputs .* of 4;", printed
            )
        )
        == 2
    )
    assert "cannot be judged" in rows["new_energy_consumption_share"]


def test_a_nominal_run_counts_by_kind_and_says_where_the_plans_figures_do_not_go_together(capsys, city):
    cli.main(["simulate", "baseline", "--json"])
    said = json.loads(capsys.readouterr().out)
    cli.main(["simulate", "baseline"])
    printed = capsys.readouterr().out

    counts, met = said["counts"]["baseline"], {row["id"]: row["met"] for row in said["targets"]}
    for kind, count in counts["kinds"].items():
        assert count["met"] == sum(bool(met[name]) for name in city.targets if city.targets[name].kind == kind)
    assert {name for name, value in met.items() if value is None} == set(said["unjudged"])
    assert f"Targets met: {counts['met']:.0f} of {counts['of']} (results " in printed
    for told in (
        *(text["en"] for text in said["tensions"]["baseline"].values()),
        *map(_why, said["unjudged"].values()),
    ):
        assert told in printed


def _why(reason: dict[str, str]) -> str:
    return reason["en"]


def test_members_say_the_same_in_python_in_json_and_in_files(capsys, city, draws, tmp_path):
    names = ["baseline", "weak_national_growth"]
    cli.main(["simulate", *names, "--members", "30", "--posterior", draws, "--json", "--out", str(tmp_path)])

    printed = json.loads(capsys.readouterr().out)
    found = kept_draws.load(city, Path(draws))
    dataset = simulate(city, load_scenarios(city, names), found.members(30), found.attrs(30))
    assert printed["posterior_hash"] == found.hash
    assert (printed["members"], printed["draws"], printed["seed"], printed["note"]) == (30, 30, 1, None)
    instrument = instrument_of(city, found)
    assert instrument is not None
    published = published_result(dataset, instrument)
    bands = {"published": printed, "city": printed["other_bands"]["city"]}
    assert printed["band"] == "published"
    for of, other in zip(chances(city, published), chances(city, dataset), strict=True):
        alone = bands["city"]["chances"][of.scenario]["targets"]
        assert {name: one["chance"] for name, one in alone.items()} == {
            n: one.chance for n, one in other.targets.items()
        }
        told = printed["chances"][of.scenario]
        assert {name: told["all"][name] for name in ("chance", "error")} == {"chance": of.all, "error": of.all_error}
        assert told["weakest"] == of.weakest
        assert {name: one["chance"] for name, one in told["targets"].items()} == {
            name: one.chance for name, one in of.targets.items()
        }
    figures = published.gdp.sel(scenario="weak_national_growth", year=2015).values
    band = printed["bands"]["weak_national_growth"]["gdp"]["2015"]
    assert list(band.values()) == np.percentile(figures[1:], [5, 25, 50, 75, 95]).tolist()
    assert printed["figures"]["weak_national_growth"]["gdp"]["2015"] == figures[0]

    def rows(name: str) -> list[dict[str, str]]:
        with (tmp_path / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    assert {row["member"] for row in rows("indicators.csv")} == {"0"}
    for row in rows("bands.csv"):
        values = bands[row["band"]]["bands"][row["scenario"]][row["indicator"]][row["year"]]
        assert values == {name: float(row[name]) for name in values}
    told = [row for row in rows("chances.csv") if row["target"] != "all"]
    assert len(told) == 2 * 2 * len(city.targets)
    told_of = [row for row in told if row["target"] in city.judgeable]
    assert all(
        float(row["chance"]) == bands[row["band"]]["chances"][row["scenario"]]["targets"][row["target"]]["chance"]
        for row in told_of
    )
    assert {row["chance"] for row in told if row not in told_of} == {""}
    assert set(printed["unjudged"]) == set(city.targets) - set(city.judgeable)


def test_an_assumption_that_the_scenario_sets_is_set_and_one_left_alone_is_drawn(capsys, city, draws, tmp_path):
    mine = tmp_path / "mine.yaml"
    text = (LIBRARY / "baseline.yaml").read_text(encoding="utf-8").replace("id: baseline", "id: mine")
    text = text.replace("assumptions: []", "assumptions: [{input: population_growth, from: 2011, to: 0.02}]")
    mine.write_text(text, encoding="utf-8")

    asked = ["--members", "40", "--posterior", draws, "--band", "city", "--json"]
    cli.main(["simulate", "baseline", str(mine), *asked])

    bands = json.loads(capsys.readouterr().out)["bands"]

    def growth(scenario: str, percent: str) -> float:
        band = bands[scenario]["population"]
        return band["2020"][percent] / band["2019"][percent] - 1

    assert growth("mine", "p05") == pytest.approx(growth("mine", "p95"), abs=1e-9)
    assert growth("baseline", "p95") - growth("baseline", "p05") > 1e-3
    spread = {name: band["gdp"]["2020"]["p95"] / band["gdp"]["2020"]["p05"] for name, band in bands.items()}
    assert spread["mine"] > 1.1


@pytest.mark.parametrize(("language", "words"), [("en", "90 members, 40 different draws"), ("zh", "90个成员")])
def test_more_members_than_draws_repeat_and_say_so(capsys, draws, language, words):
    command = ["simulate", "baseline", "--posterior", draws, "--lang", language]
    cli.main([*command, "--members", "90"])
    printed = capsys.readouterr().out
    cli.main([*command, "--members", "90", "--json"])
    many = json.loads(capsys.readouterr().out)
    cli.main([*command, "--members", "40", "--json"])
    once = json.loads(capsys.readouterr().out)

    assert words in printed
    assert words in many["note"]
    assert (many["draws"], once["draws"], once["note"]) == (40, 40, None)
    errors = [run["chances"]["baseline"]["targets"]["gdp"]["draws"] for run in (many, once)]
    assert errors == [40, 40]


def test_one_member_is_enough(capsys, draws):
    assert cli.main(["simulate", "baseline", "--members", "1", "--posterior", draws, "--lang", "zh"]) == 0

    assert "1 个成员" in capsys.readouterr().out


@pytest.mark.parametrize("number", ["0", "-3", "1.5", "many", "", "1e3", "99999999999"])
def test_a_number_of_members_that_is_none_is_refused(capsys, number):
    with pytest.raises(SystemExit) as end:
        cli.main(["simulate", "baseline", "--members", number])

    said = capsys.readouterr().err
    assert end.value.code == 2
    assert f'"{number}" is not a whole number from 1' in said or "expected one argument" in said


def test_a_posterior_that_cannot_be_used_gets_a_sentence(capsys, city, tmp_path):
    (tmp_path / "mine.parquet").write_bytes(b"draws")
    fitted = Posterior(city, read_record(city).counted)
    kept_draws.save(tmp_path / "quick.parquet", fake_fit(fitted), fitted, quick=True)
    command = ("simulate", "baseline", "--members", "10", "--out", str(tmp_path / "out"), "--posterior")

    assert "no file of draws" in refused(capsys, *command, str(tmp_path / "mine.parquet"))
    assert "no such file" in refused(capsys, *command, str(tmp_path / "none.parquet"))
    assert "quick fit" in refused(capsys, *command, str(tmp_path / "quick.parquet"))
    assert "--members N" in refused(capsys, "simulate", "baseline", "--posterior", "mine.parquet")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def stub(monkeypatch, tmp_path):
    """A fit that takes no time: it notes what it was asked, keeps a state as a real one, and may be cut off."""
    asked = []

    def fit(fitted, *, quick, seed, state, on_progress):
        asked.append((quick, seed, state))
        gone_on = (state / "half").exists()
        state.mkdir(parents=True, exist_ok=True)
        (state / "half").write_text("kept")
        on_progress(Progress("sampling", 50, 100, seconds_left=400.0))
        if cut.get("off") and not gone_on:
            raise KeyboardInterrupt
        if "error" in cut:
            raise cut["error"]
        return fake_fit(fitted, seed=seed, refusal=cut.get("refusal"))

    cut = {}
    monkeypatch.setattr("innovation.calibration.posterior.fit.fit", fit)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    return asked, cut


def test_calibrate_keeps_draws_that_simulate_takes(capsys, city, stub, tmp_path):
    out = str(tmp_path / "new" / "mine.parquet")

    status = cli.main(["calibrate", "--seed", "7", "--out", out])

    said = capsys.readouterr()
    assert status == 0
    assert "40 draws" in said.out
    assert "sampling: 50 %, 7 min left" in said.err
    assert kept_draws.load(city, Path(out)).record.seed == 7
    assert cli.main(["simulate", "baseline", "--members", "5", "--posterior", out]) == 0
    ((quick, seed, state),) = stub[0]
    assert (quick, seed, state.exists()) == (False, 7, False)
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mine.parquet"]


@pytest.mark.slow
def test_a_calibration_cut_off_goes_on_where_it_was(capsys, stub, tmp_path):
    asked, cut = stub
    cut["off"] = True
    command = ["calibrate", "--json", "--out", str(tmp_path / "mine.parquet")]

    first = cli.main(command)
    said = capsys.readouterr()
    second = cli.main(command)

    assert (first, second) == (130, 0)
    assert "goes on from here" in said.err
    assert asked[0] == asked[1]
    assert not asked[0][2].exists()
    assert json.loads(capsys.readouterr().out)["fit_for_use"] is True


def test_draws_that_are_not_good_enough_are_refused_with_what_to_do(capsys, stub, tmp_path):
    stub[1]["refusal"] = "The draws are not good enough to save.\nSample with about 3 times the steps."

    said = refused(capsys, "calibrate", "--out", str(tmp_path / "mine.parquet"))

    assert "3 times the steps" in said
    assert not (tmp_path / "mine.parquet").exists()


def test_a_quick_calibration_is_marked_and_refused_by_simulate(capsys, stub, tmp_path):
    stub[1]["refusal"] = "The draws are not good enough to save."
    out = str(tmp_path / "quick.parquet")

    assert cli.main(["calibrate", "--quick", "--out", out]) == 0

    assert "unfit for use" in capsys.readouterr().out
    assert "quick fit" in refused(capsys, "simulate", "baseline", "--members", "5", "--posterior", out)


def test_a_quick_calibration_leaves_the_citys_draws_alone(stub, monkeypatch, tmp_path):
    monkeypatch.setattr(output, "LISTS", tmp_path / "out")
    monkeypatch.setattr(kept_draws, "DEFAULT", tmp_path / "posterior.parquet")

    cli.main(["calibrate", "--quick"])

    assert (tmp_path / "out" / "posterior-quick.parquet").exists()
    assert not (tmp_path / "posterior.parquet").exists()


def test_draws_of_another_set_of_priors_have_a_place_of_their_own_and_are_asked_for_by_its_name(
    capsys, stub, monkeypatch, tmp_path
):
    monkeypatch.setattr(output, "LISTS", tmp_path / "out")
    monkeypatch.setattr(kept_draws, "DEFAULT", tmp_path / "posterior.parquet")
    place = tmp_path / "out" / "posterior-known_by_2010.parquet"

    absent = refused(capsys, "simulate", "baseline", "--members", "5", "--priors", "known_by_2010")
    assert "Run `cli.py calibrate --priors known_by_2010` to fit it again" in absent
    assert cli.main(["calibrate", "--priors", "known_by_2010"]) == 0

    assert "with the priors known_by_2010" in capsys.readouterr().out
    assert place.exists() and not (tmp_path / "posterior.parquet").exists()
    few = ("simulate", "baseline", "--members", "5")
    assert cli.main([*few, "--priors", "known_by_2010"]) == 0
    capsys.readouterr()
    assert "Ask for these with --priors known_by_2010" in refused(capsys, *few, "--posterior", str(place))
    assert "no such set of priors" in refused(capsys, *few, "--priors", "known_in_2010")
    out = ("--out", str(tmp_path / "posterior.parquet"))
    (tmp_path / "posterior.parquet").write_bytes(place.read_bytes())
    assert "those of the priors plan_targets" in refused(capsys, "calibrate", "--priors", "plan_targets", *out)


@pytest.mark.parametrize("name", ["", "known_in_2010"])
@pytest.mark.parametrize(
    "command",
    [
        ("simulate", "baseline", "--members", "5"),
        ("batch", "baseline", "--out", "none"),
        ("sweep", "none.yaml"),
        ("calibrate", "--check"),
        ("rebind",),
        ("check",),
    ],
)
def test_a_set_of_priors_that_is_none_is_refused_by_every_command(capsys, command, name):
    assert "There is no such set of priors" in refused(capsys, *command, "--priors", name)


def test_a_calibration_that_has_nowhere_to_write_says_so_before_it_begins(capsys, stub, tmp_path):
    (tmp_path / "file").write_text("mine")

    refused(capsys, "calibrate", "--out", str(tmp_path / "file" / "mine.parquet"))
    assert "folder" in refused(capsys, "calibrate", "--out", str(tmp_path))

    assert stub[0] == []


def test_what_was_kept_of_another_fit_is_named(capsys, stub, tmp_path):
    stub[1]["error"] = SamplerError("the state of another run")

    said = refused(capsys, "calibrate", "--out", str(tmp_path / "mine.parquet"))

    assert "another run" in said
    assert "Delete that folder" in said


@pytest.mark.parametrize(
    "arguments", [["--seed", "-1"], ["--seed", "x"], ["--threads", "0"], ["--seed", "99999999999"]]
)
def test_a_wrong_option_of_calibrate_is_named(capsys, stub, arguments):
    with pytest.raises(SystemExit):
        cli.main(["calibrate", *arguments])

    assert "not a whole number" in capsys.readouterr().err
    assert stub[0] == []


def test_a_faulty_scenario_gets_one_message_and_nothing_is_written(capsys, tmp_path):
    (tmp_path / "faulty.yaml").write_text(FAULTY, encoding="utf-8")

    said = refused(capsys, "simulate", "baseline", str(tmp_path / "faulty.yaml"), "--out", str(tmp_path / "out"))

    for words in ("no_such_lever_at_all", "line 8", "a second time", "python/object/apply", "tagged"):
        assert words in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "binary", "large"])
def test_what_is_no_scenario_gets_a_sentence(capsys, tmp_path, kind):
    path = tmp_path / "mine.yaml"
    if kind == "folder":
        path.mkdir()
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(100_000_000)
    elif kind != "missing":
        path.write_bytes(b"" if kind == "empty" else bytes(range(256)))

    said = refused(capsys, "simulate", str(path), "--out", str(tmp_path / "out"))

    assert "mine.yaml" in said
    assert len(said) < 1000
    assert not (tmp_path / "out").exists()


def test_a_scenario_that_is_not_there_is_answered_with_the_nearest(capsys):
    assert "Did you mean: plan_as_written" in refused(capsys, "simulate", "plan_as_writen")


def test_a_place_that_cannot_be_written_gets_a_sentence(capsys, tmp_path):
    (tmp_path / "file").write_text("mine")

    said = refused(capsys, "simulate", "baseline", "--out", str(tmp_path / "file"))

    assert "cannot be written" in said
    assert (tmp_path / "file").read_text() == "mine"


def test_run_prints_time_and_a_column_for_each_variable_and_element(capsys):
    status = cli.main(["run", str(TOY), "--set", "science share=0", "--set", "trend growth[electronics]=0"])

    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert status == 0
    assert [float(row["time"]) for row in rows] == [float(year) for year in range(2005, 2027)]
    assert {"industry output[electronics]", "industry output[materials]", "total output"} <= set(rows[0])
    assert float(rows[5]["science money"]) == 0
    assert float(rows[0]["trend growth[electronics]"]) == 0


def test_run_writes_the_file_it_is_told_and_json_says_the_same(capsys, tmp_path):
    cli.main(["run", str(TOY), "--out", str(tmp_path / "toy.csv")])
    cli.main(["run", str(TOY), "--json"])

    printed = json.loads(capsys.readouterr().out)["columns"]
    with (tmp_path / "toy.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {name: [float(row[name]) for row in rows] for name in rows[0]} == printed


def test_run_prints_the_outputs_asked_for_from_the_start_it_is_given(capsys):
    tank = str(Path(__file__).parent / "models" / "tank.mdl")
    status = cli.main(["run", tank, "--set", "water[upper]=3", "--output", "water", "--backend", "numpy"])

    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert status == 0
    assert list(rows[0]) == ["time", "water[upper]", "water[lower]"]
    assert float(rows[0]["water[upper]"]) == 3


@pytest.mark.parametrize("backend", ["vectors", "numpy"])
def test_run_shows_the_kernel_with_the_models_own_names(capsys, backend):
    tank = str(Path(__file__).parent / "models" / "tank.mdl")
    status = cli.main(["run", tank, "--show-kernel", "--output", "total water", "--backend", backend])

    text = capsys.readouterr().out
    assert status == 0
    assert "total water" in text
    assert "alarm curve" not in text  # what the outputs do not need is not there
    if backend == "vectors":
        assert "; outflow[upper]: outflow[tank] = water[tank] / residence[tank]\n" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "science shar=0.1"], ["science shar", "science share"]),
        (["--set", "science share=much"], ['"much" is not a number']),
        (["--set", "0.1"], ["no name"]),
        (["--set", "science share=nan"], ["science share"]),
        (["--set", "science share=1", "--set", "science share=2"], ["set twice"]),
        (["--set", "total output=1"], ["total output"]),
    ],
)
def test_a_wrong_setting_of_a_run_is_named(capsys, arguments, words):
    said = refused(capsys, "run", str(TOY), *arguments)

    assert all(word in said for word in words), said


def test_a_model_file_is_never_overwritten_by_its_own_run(capsys, tmp_path):
    mine = tmp_path / "mine.mdl"
    mine.write_bytes(TOY.read_bytes())

    said = refused(capsys, "run", str(mine), "--out", str(mine))

    assert "is the model file itself" in said
    assert mine.read_bytes() == TOY.read_bytes()


@pytest.mark.parametrize("content", [None, b"", b"\0\1\2", b"a = b + c\n~ x ~ y"])
def test_a_model_file_that_cannot_be_read_gets_a_sentence(capsys, tmp_path, content):
    path = tmp_path / "mine.mdl"
    if content is not None:
        path.write_bytes(content)

    assert "mine.mdl" in refused(capsys, "run", str(path))


@pytest.mark.parametrize("what", ["levers", "indicators", "scenarios", "targets"])
def test_lists_name_the_same_things_in_words_and_in_json(capsys, what):
    cli.main(["list", what, "--json"])
    records = json.loads(capsys.readouterr().out)
    cli.main(["list", what, "--lang", "zh"])
    printed = capsys.readouterr().out.splitlines()

    assert [line.split()[0] for line in printed[2:]] == [record["id"] for record in records]


@pytest.mark.slow
def test_check_finds_every_law_holding(capsys):
    status = cli.main(["check", "--json"])

    broken = [one for one in json.loads(capsys.readouterr().out) if not one["holds"]]
    assert broken == []
    assert status == 0


@pytest.mark.slow
def test_the_generated_pages_are_what_would_be_made(capsys):
    assert cli.main(["docs", "--check"]) == 0


def test_no_generated_page_nor_what_it_is_made_from_has_changed_since(city):
    kept = json.loads((HERE.parent / "docs" / MADE_FROM).read_text(encoding="utf-8"))

    found = made_from(city, HERE.parent / "docs")

    stale = [name for name in found.keys() | kept.keys() if found.get(name) != kept.get(name)]
    assert stale == [], "run: cli.py docs"


def test_version_and_help_come_without_loading_the_house():
    script = (
        "import sys, cli\n"
        "try: cli.main(['--help'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'xarray', 'pydantic', 'pysd', 'simlin', 'engine', 'model'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )

    done = subprocess.run([sys.executable, "-c", script], cwd=HERE.parent, capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr
    assert "simulate" in done.stdout


def test_a_closed_pipe_ends_quietly():
    command = f'"{sys.executable}" cli.py run "{TOY}" | head -c 1'

    done = subprocess.run(command, shell=True, cwd=HERE.parent, capture_output=True, text=True, timeout=120)

    assert done.stderr == ""

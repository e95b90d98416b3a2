"""The command line leaves members that fail out, says so in a line, keeps their list, and exits 3 where too many do."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cli
from innovation.calibration import costs, drawn_members, lever_answers
from innovation.calibration.discrepancy.instrument import DiscrepancyInstrument
from innovation.calibration.discrepancy.sizes import Sizes
from innovation.calibration.posterior import kept_draws
from innovation.commands import output
from innovation.commands.analysis import batch, findings, sweep
from innovation.commands.city import simulate
from innovation.scenarios.scenario_files import scenario_text
from innovation.scenarios.simulation.failures import DesignFailures, checked
from tests.fragile import LIMIT, fragile_wuhan, limits, scenario_of
from tests.standin import draws_of

HALF = 0.03  # the limit of members that fail under `more`
DESIGN = """\
schema: 1
method: latin_hypercube
size: 200
factors:
- {lever: fiscal_science_share, range: [0.01, HIGH], from: 2012}
outputs: [gdp]
years: [2015]
"""


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_wuhan(tmp_path_factory.mktemp("fragile"), nominal=0.05)


@pytest.fixture
def failing(monkeypatch, fragile, tmp_path):
    """Gives the commands a city and draws of which so many fail under `more`; returns the files of two scenarios."""

    def made(count: int) -> list[str]:
        drawn = limits(400, *((number, HALF) for number in range(7, 7 + count)))[LIMIT]

        def load(city, *ignored, **settings):
            found = draws_of(city)
            return replace(found, draws={**found.draws, LIMIT: drawn})

        monkeypatch.setattr(kept_draws, "load", load)
        monkeypatch.setattr(output, "LISTS", tmp_path / "lists")
        for command in (simulate, batch, sweep):
            monkeypatch.setattr(command, "city_of", lambda given: fragile)
        files = []
        for name, share in (("as_now", None), ("more", 0.04)):
            files.append(tmp_path / f"{name}.yaml")
            files[-1].write_text(
                scenario_text(scenario_of(fragile, name, share, "fiscal_science_share")), encoding="utf-8"
            )
        return [str(file) for file in files]

    return made


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_simulate_leaves_a_member_out_and_says_where_the_list_is(capsys, failing, tmp_path, language):
    files = failing(1)

    status = cli.main(["simulate", *files, "--members", "100", "--out", str(tmp_path / "out"), "--lang", language])

    said = capsys.readouterr()
    assert status == 0
    (line,) = [one for one in said.out.splitlines() if "decided science share" in one]
    assert "100" in line and "99" in line and "2012" in line and str(tmp_path / "out" / "failed.csv") in line
    assert len(line) < 250 + len(str(tmp_path))
    (row,) = rows_of(tmp_path / "out" / "failed.csv")
    assert (row["scenario"], row["member"], row["variable"]) == ("more", "7", "decided science share")
    assert float(row[LIMIT]) == HALF
    assert {row["draws"] for row in rows_of(tmp_path / "out" / "chances.csv")} - {""} == {"99"}


def test_simulate_keeps_the_list_somewhere_where_no_folder_is_named(capsys, failing, tmp_path):
    assert cli.main(["simulate", *failing(1), "--members", "100"]) == 0

    (file,) = (tmp_path / "lists").iterdir()
    assert str(file) in capsys.readouterr().out
    assert [row["member"] for row in rows_of(file)] == ["7"]


def test_simulate_exits_3_where_too_many_fail_and_shows_the_others_alone(capsys, failing, tmp_path):
    status = cli.main(["simulate", *failing(2), "--members", "100", "--out", str(tmp_path / "out")])

    said = capsys.readouterr()
    assert status == 3
    told = [line for line in said.err.splitlines() if not line.startswith("Wrote")]
    assert len(told) == 1
    assert told[0].startswith("Not shown: more. 2 of 100 members gave no result, and at most 1 % may be left out.")
    assert "Traceback" not in said.err
    assert "as_now ·" in said.out and "more ·" not in said.out
    assert {row["scenario"] for row in rows_of(tmp_path / "out" / "chances.csv")} == {"as_now"}
    assert {row["draws"] for row in rows_of(tmp_path / "out" / "chances.csv")} - {""} == {"100"}


def test_simulate_says_who_failed_as_json(capsys, failing):
    status = cli.main(["simulate", *failing(2), "--members", "100", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert status == 3
    assert found["failures"]["not_shown"] == ["more"]
    assert found["failures"]["failed"] == {"as_now": 0, "more": 2}
    assert list(found["chances"]) == list(found["scenarios"]) == ["as_now"]


def test_simulate_says_as_json_who_failed_where_nothing_can_be_shown(capsys, failing):
    scenarios = failing(2)

    status = cli.main(["simulate", *[one for one in scenarios if "as_now" not in one], "--members", "100", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert status == 3
    assert found["scenarios"] == {}
    assert found["failures"]["not_shown"] == ["more"] and found["failures"]["failed"] == {"more": 2}


def test_a_nominal_run_that_fails_alone_exits_3_with_its_reason(capsys, failing, tmp_path, fragile):
    failing(0)
    file = tmp_path / "far.yaml"
    file.write_text(scenario_text(scenario_of(fragile, "far", 0.06, "fiscal_science_share")), encoding="utf-8")

    status = cli.main(["simulate", str(file)])

    said = capsys.readouterr()
    assert (status, said.out) == (3, "")
    assert said.err.startswith(
        "Not shown: far. The nominal run gave no result. “decided science share” is not a finite"
    )
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the nominal run gave no result under the scenario"), ("zh", "名义运行在该情景或其部分政策下算不出结果")],
)
def test_what_costs_come_of_is_said_not_to_be_shown_where_the_nominal_run_fails(
    capsys, failing, tmp_path, fragile, language, said
):
    failing(0)
    file = tmp_path / "far.yaml"
    file.write_text(scenario_text(scenario_of(fragile, "far", 0.06, "fiscal_science_share")), encoding="utf-8")
    command = ["simulate", str(file), "--members", "100", "--lang", language]

    assert cli.main(command) == 0
    assert said in capsys.readouterr().out
    assert cli.main([*command, "--json"]) == 0
    far = json.loads(capsys.readouterr().out)["costs"]["far"]
    assert far["payers"] and "levers" not in far
    assert "the nominal run gave no result" in far["note"]


@pytest.mark.parametrize("command", [["simulate"], ["batch", "--out", "OUT"]])
def test_draws_too_many_of_which_fail_to_measure_what_is_published_exit_3(
    capsys, failing, monkeypatch, tmp_path, command
):
    file = failing(0)[0]
    monkeypatch.setattr(drawn_members, "instrument_of", lambda *_: checked({"baseline": np.arange(400) < 5}))

    status = cli.main([*[one.replace("OUT", str(tmp_path / "out")) for one in command], file, "--members", "100"])

    said = capsys.readouterr()
    assert (status, said.out) == (3, "")
    assert said.err.startswith("Not shown: baseline. 5 of 400 members gave no result") and said.err.count("\n") == 1


def test_draws_left_out_of_what_is_published_are_told(capsys, failing, monkeypatch):
    file = failing(0)[0]
    how = DiscrepancyInstrument(None, None, None, Sizes({}, {}, DesignFailures(400, 1)), {}, 400, 1)
    how.published = lambda name, figures, *_: figures
    monkeypatch.setattr(DiscrepancyInstrument, "hash", "0" * 64)
    monkeypatch.setattr(drawn_members, "instrument_of", lambda *_: how)

    assert cli.main(["simulate", file, "--members", "100"]) == 0

    assert "was measured over the baseline. Left out: 1 of 400 members" in capsys.readouterr().out


def test_findings_exit_3_where_too_many_draws_fail_under_a_scenario_of_the_library(
    capsys, failing, monkeypatch, tmp_path, fragile
):
    failing(5)
    both = {
        name: scenario_of(fragile, name, share, "fiscal_science_share") for name, share in (("a", None), ("b", 0.04))
    }
    monkeypatch.setattr(findings, "city_of", lambda _: fragile)
    monkeypatch.setattr("innovation.analysis.findings.designs", dict)
    monkeypatch.setattr(lever_answers, "make", lambda *_, **__: tmp_path / "lever_answers.csv")
    monkeypatch.setattr(costs, "library", lambda: both)
    monkeypatch.setattr(costs, "load_scenario", lambda _, name: both[name])
    monkeypatch.setattr(costs, "MEMBERS", 400)

    assert cli.main(["findings", "--quiet"]) == 3

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Not shown: b. 5 of 400 members gave no result") and "Traceback" not in said.err


def test_batch_exits_3_where_too_many_fail_and_keeps_their_list(capsys, failing, tmp_path):
    command = ["batch", *failing(2), "--members", "100", "--out", str(tmp_path / "out")]

    assert cli.main(command) == 3

    said = capsys.readouterr()
    assert "Not shown: more. 2 of 100 members gave no result" in said.err
    assert "as_now: " in said.out and "more: " not in said.out
    assert len(rows_of(tmp_path / "out" / "failed.csv")) == 2
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert cli.main([*command, "--quiet"]) == 3  # a finished folder is read, and says the same
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before
    assert "Not shown: more." in capsys.readouterr().err


def test_batch_leaves_a_member_out_of_all_and_says_so(capsys, failing, tmp_path):
    assert cli.main(["batch", *failing(1), "--members", "100", "--out", str(tmp_path / "out")]) == 0

    said = capsys.readouterr()
    assert "Left out of every scenario: 1 of 100 members, with no result under more; 99 are used." in said.out


def test_a_sweep_that_loses_too_many_exits_3_and_so_does_what_would_analyse_it(capsys, failing, tmp_path):
    failing(0)
    (tmp_path / "design.yaml").write_text(DESIGN.replace("HIGH", "0.06"), encoding="utf-8")

    assert cli.main(["sweep", str(tmp_path / "design.yaml"), "--out", str(tmp_path / "out")]) == 3

    said = capsys.readouterr()
    assert "40 of 200 members gave no result, and at most 1 %" in said.err
    assert cli.main(["analyse", str(tmp_path / "out")]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert "No findings: 40 of 200 members gave no result" in said.err
    assert str(tmp_path / "out" / "failed.parquet") in said.err


def test_a_sweep_that_loses_few_says_so_and_exits_0(capsys, failing, tmp_path):
    failing(0)
    (tmp_path / "design.yaml").write_text(DESIGN.replace("HIGH", "0.0503"), encoding="utf-8")

    assert cli.main(["sweep", str(tmp_path / "design.yaml"), "--out", str(tmp_path / "out")]) == 0

    assert "Left out: 2 of 200 members, with no result; 198 are used. Member " in capsys.readouterr().out


def test_a_model_file_whose_run_is_not_finite_exits_3(capsys, tmp_path):
    file = tmp_path / "root.mdl"
    file.write_text("{UTF-8}\nroot = SQRT(2 - Time) ~~|\nINITIAL TIME = 0 ~~|\nFINAL TIME = 5 ~~|\nTIME STEP = 1 ~~|\n"
                    "SAVEPER = 1 ~~|\n", encoding="utf-8")  # fmt: skip

    assert cli.main(["run", str(file)]) == 3

    assert "root is nan at time 3" in capsys.readouterr().err

"""The command line on the real city, as a planner and as a script use it, rightly and wrongly."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

import cli

HERE = Path(__file__).parent
TOY = HERE / "models" / "toy_city" / "toy.mdl"
FAULTY = """\
schema: 1
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
    assert [path.name for path in (tmp_path / "new" / "out").iterdir()] == ["indicators.csv"]


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


def test_check_finds_every_law_holding(capsys):
    status = cli.main(["check"])

    printed = capsys.readouterr()
    assert (status, printed.err) == (0, ""), printed.out


def test_the_generated_pages_are_current(capsys):
    assert cli.main(["docs", "--check"]) == 0


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

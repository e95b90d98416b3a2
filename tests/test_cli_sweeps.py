"""The commands of many runs as a person and a script use them, rightly and wrongly."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import cli
from innovation.analysis.findings import findings, shipping
from innovation.calibration import costs, lever_answers

HERE = Path(__file__).parent
TOY = str(HERE / "models" / "toy_city" / "toy.mdl")
DESIGN = """\
schema: 1
method: sobol
size: 64
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 1}
"""


@pytest.fixture
def design(tmp_path):
    path = tmp_path / "design.yaml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


def said_of(capsys, *arguments: str) -> tuple[int, str, str]:
    status = cli.main(list(arguments))
    said = capsys.readouterr()
    return status, said.out, said.err


def test_a_dry_run_tells_time_and_disk_and_writes_nothing(capsys, design):
    status, out, _ = said_of(capsys, "sweep", str(design), "--model", TOY, "--dry-run")

    assert status == 0
    assert out.startswith("256 members of 2 factors, 4 outputs in 21 years")
    assert list(design.parent.iterdir()) == [design]


def test_a_sweep_is_told_to_a_script_and_analysed(capsys, design, tmp_path):
    folder = tmp_path / "out"
    arguments = ("sweep", str(design), "--model", TOY, "--out", str(folder), "--json", "--progress", "json")

    status, out, err = said_of(capsys, *arguments)

    assert status == 0
    assert json.loads(out) == {"members": 256, "failed_members": 0, "failed_parts": {}, "folder": str(folder)}
    assert json.loads(err.splitlines()[-1])["done"] == 256
    status, out, _ = said_of(capsys, "analyse", str(folder), "--year", "2015", "--quiet", "--json")
    files = json.loads(out)["files"]
    assert {"sobol.csv", "summary.md", "heat-map-2015.svg", "ranks-2015.svg", "tornado-output-2015.svg"} <= set(files)
    assert all((folder / "analysis" / name).is_file() for name in files)


def test_quiet_says_nothing(capsys, design, tmp_path):
    arguments = ("sweep", str(design), "--model", TOY, "--out", str(tmp_path / "out"), "--quiet")

    assert said_of(capsys, *arguments) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep", "{design}", "--model", TOY], "Write --out DIR"),
        (["sweep", "nowhere.yaml", "--out", "{out}"], "does not exist"),
        (["sweep", "{design}", "--out", "{out}"], 'lever "science_share" does not exist'),
        (["analyse", "{out}"], "this is no folder of results"),
        (["diff", "baseline", TOY], "is a scenario and"),
        (["batch", "baselin", "--prior", "--out", "{out}"], "baseline"),
    ],
)
def test_what_can_be_put_right_is_said_and_nothing_is_written(capsys, design, tmp_path, arguments, said):
    places = {"design": str(design), "out": str(tmp_path / "out")}

    status, out, err = said_of(capsys, *(argument.format(**places) for argument in arguments))

    assert (status, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


BATCH = ["batch", "baseline", "plan_as_written", "--prior", "--quiet", "--members"]


@pytest.mark.slow
def test_a_killed_batch_goes_on_to_the_same_bytes(tmp_path):
    command = [sys.executable, str(HERE.parent / "cli.py"), *BATCH, "20001"]
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"

    process = subprocess.Popen([*command, "--out", str(out)])
    deadline = time.monotonic() + 120
    while not list(out.rglob("part-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 0 < len(list(out.rglob("part-*.parquet"))) < 6
    subprocess.run([*command, "--out", str(out)], check=True, timeout=300)
    subprocess.run([*command, "--out", str(undisturbed)], check=True, timeout=300)

    names = {"indicators.parquet", "summary.csv", "failed.csv", "report.html", "manifest.json", ".lock"}
    names |= {"costs.csv", "views.csv"}
    assert {path.name for path in out.iterdir()} == names
    assert all((out / name).read_bytes() == (undisturbed / name).read_bytes() for name in names)


def test_the_command_of_a_batch_is_told_as_it_was_given(capsys, tmp_path):
    text = "schema: 2\nid: {0}\ntitle: {{en: {0}, zh: 情景}}\nquestion: {{en: What?, zh: 如何？}}\nsource: judgement\n"
    for name in ("one", "two"):
        (tmp_path / f"{name} of mine.yaml").write_text(text.format(name), encoding="utf-8")
    joined = "+".join(str(tmp_path / f"{name} of mine.yaml") for name in ("one", "two"))
    given = ["batch", joined, "--members", "3", "--prior", "--seed", "2", "--model", TOY]

    assert said_of(capsys, *given, "--out", str(tmp_path / "out"), "--quiet")[0] == 0

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert shlex.split(manifest["command"]) == given
    before = (tmp_path / "out" / "summary.csv").read_bytes()
    again = [*shlex.split(manifest["command"]), "--out", str(tmp_path / "again"), "--quiet"]
    assert said_of(capsys, *again)[0] == 0
    assert (tmp_path / "again" / "summary.csv").read_bytes() == before


def test_a_dry_run_tells_the_memory_of_the_plan(capsys, design):
    text = design.read_text(encoding="utf-8").replace("sobol", "latin_hypercube")
    design.write_text(text.replace("size: 64", "size: 4000000"), encoding="utf-8")

    told = json.loads(said_of(capsys, "sweep", str(design), "--model", TOY, "--dry-run", "--json")[1])

    # Two factors of four bytes a member, and what every sweep has.
    assert 3.2e7 + 3e8 < told["memory"] < 6e8


@pytest.mark.slow
def test_ctrl_c_in_a_batch_ends_cleanly_and_says_how_to_go_on(tmp_path):
    command = [sys.executable, str(HERE.parent / "cli.py"), *BATCH[:-2], "--members", "60000"]

    process = subprocess.Popen([*command, "--out", str(tmp_path / "out")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").rglob("part-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]

    assert process.returncode == 130
    assert re.search(r"Stopped after [1-9][\d,]* of 120,002 runs\. The same command goes on from there", said)
    assert "Traceback" not in said


def test_a_variant_of_the_model_is_simulated_with_the_registries_beside_it(capsys):
    status, out, _ = said_of(capsys, "simulate", "baseline", "--model", TOY)

    assert status == 0
    assert "platform_openings" in out


def test_two_models_are_compared_for_a_script(capsys, tmp_path):
    text = Path(TOY).read_text(encoding="utf-8").replace("forgetting = 0.15", "forgetting = 0.2")
    (tmp_path / "variant.mdl").write_text(text, encoding="utf-8")

    status, out, _ = said_of(capsys, "diff", TOY, str(tmp_path / "variant.mdl"), "--json")

    assert status == 0
    assert json.loads(out)["changes"] == ["changed: forgetting = 0.15\n      to: forgetting = 0.2"]


@pytest.fixture
def small_library(tmp_path, monkeypatch):
    """One small design in place of the library's, and a place of its own for what is shipped."""
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "small.yaml").write_text(
        "schema: 1\nmethod: latin_hypercube\nsize: 200\nyears: [2015]\n"
        "factors:\n  - {lever: fiscal_science_share, range: [0.01, 0.05]}\n",
        encoding="utf-8",
    )
    for module, name in ((shipping, "LIBRARY"), (shipping, "SHIPPED"), (findings, "SHIPPED")):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
    monkeypatch.setattr(lever_answers, "make", lambda *_, **__: tmp_path / "lever_answers.csv")
    monkeypatch.setattr(lever_answers, "stale", lambda *_: None)
    monkeypatch.setattr(costs, "make", lambda *_, **__: tmp_path / "costs.csv")
    monkeypatch.setattr(costs, "stale", lambda *_: None)
    return tmp_path


def test_findings_are_made_and_known_to_belong(capsys, small_library):
    status, _, err = said_of(capsys, "findings", "--check")
    assert (status, (small_library / "shipped").exists()) == (2, False)
    assert "It is missing" in err

    status, out, _ = said_of(capsys, "findings", "--progress", "quiet", "--json")

    path, answers = small_library / "shipped" / "small.json", small_library / "lever_answers.csv"
    written = [str(path), str(answers), str(small_library / "costs.csv")]
    assert (status, json.loads(out)["written"]) == (0, written)
    assert said_of(capsys, "findings", "--check") == (0, "Current: small\n", "")
    assert findings.shipped("small").findings[0].weights[0].factor == "fiscal_science_share"


def test_findings_of_a_changed_design_are_told(capsys, small_library):
    said_of(capsys, "findings", "--quiet")
    design = small_library / "library" / "small.yaml"
    design.write_text(design.read_text(encoding="utf-8").replace("0.05]", "0.04]"), encoding="utf-8")

    status, out, err = said_of(capsys, "findings", "--check")

    assert (status, out) == (2, "")
    assert "It belongs to another design" in err

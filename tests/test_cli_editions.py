"""What commands say of a scenario file of the first edition of the model: once a file, and nothing else moves."""

from __future__ import annotations

import json

import pytest

import cli

FIRST = """\
schema: 1
id: mine
title: {en: Mine, zh: 我的}
question: {en: What?, zh: 如何？}
source: judgement
policies:
  - {lever: own_brand_rise, from: 2012, to: 0.01}
"""
DESIGN = "schema: 1\nmethod: morris\nsize: 4\nscenario: first.yaml\nfactors: [{lever: tax_relief, range: [0, 1]}]\n"
SAID = {"en": ("mine: written for edition 1", "own_brand_rise: The rise now slows"),
        "zh": ("mine：为模型第1版编写", "own_brand_rise：增加值率的提高现在")}  # fmt: skip


@pytest.fixture
def first(tmp_path):
    (tmp_path / "first.yaml").write_text(FIRST, encoding="utf-8")
    return str(tmp_path / "first.yaml")


@pytest.fixture
def second(tmp_path):
    (tmp_path / "second.yaml").write_text(FIRST.replace("schema: 1", "schema: 2"), encoding="utf-8")
    return str(tmp_path / "second.yaml")


def answered(capsys, *arguments: str) -> tuple[str, str]:
    status = cli.main(arguments)
    said = capsys.readouterr()
    assert status == 0, said.err
    return said.out, said.err


@pytest.mark.parametrize("language", SAID)
def test_simulate_says_it_once_and_answers_as_for_a_file_of_today(capsys, first, second, language):
    out, err = answered(capsys, "simulate", first, "baseline", "--lang", language)
    today, silence = answered(capsys, "simulate", second, "baseline", "--lang", language)

    assert all(err.count(said) == 1 for said in SAID[language])
    assert err.count("mine") == 1
    assert (out, silence) == (today, "")


def test_simulate_prints_sound_json_beside_it(capsys, first):
    out, err = answered(capsys, "simulate", first, "--json")

    assert "mine" in json.loads(out)["scenarios"]
    assert SAID["en"][0] in err


@pytest.mark.parametrize("language", SAID)
def test_batch_says_it_on_stderr_and_in_its_page(capsys, first, tmp_path, language):
    command = ["batch", first, "--prior", "--members", "2", "--out", str(tmp_path / "out"), "--lang", language]

    _, err = answered(capsys, *command, "--quiet")

    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(said in err and said in page for said in SAID[language])


def test_sweep_says_it_of_the_scenario_that_its_design_names(capsys, first, tmp_path):
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")

    _, err = answered(capsys, "sweep", str(tmp_path / "design.yaml"), "--dry-run")

    assert all(said in err for said in SAID["en"])


def test_diff_says_it_below_what_moved_and_to_a_script(capsys, first, second):
    out, _ = answered(capsys, "diff", first, second)
    told = json.loads(answered(capsys, "diff", first, second, "--json")[0])

    assert all(out.count(said) == 1 for said in SAID["en"])
    assert (told["changes"], told["moved"]) == ([], [])
    assert told["notes"][0].startswith(SAID["en"][0])

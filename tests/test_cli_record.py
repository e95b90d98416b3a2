"""The command line with a record of one's own: asked for by name, told in what comes out, never the city's unasked."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

import cli
from innovation.calibration.discrepancy.loading import instrument_of
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.own_record import read_own_record
from innovation.calibration.record.observations import OBSERVATIONS
from innovation.commands import output
from tests.calibration.fits import fake_fit
from tests.test_cli import refused

DESIGN = """
schema: 1
method: monte_carlo
size: 120
factors: [{constant: all, range: posterior}]
outputs: [gdp]
years: [2015]
"""


def moved(path: Path, **values: str) -> Path:
    """A copy of the city's record with other values of some figures, by id."""
    with OBSERVATIONS.open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        place = head.index("value")
        writer.writerows([*row[:place], values.get(row[0], row[place]), *row[place + 1 :]] for row in rows)
    return path


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return moved(tmp_path_factory.mktemp("record") / "mine.csv", gdp_2008="3900", national_labs_increment="9")


@pytest.fixture(scope="module")
def draws(city, record, tmp_path_factory):
    path = tmp_path_factory.mktemp("draws") / "drawn.parquet"
    own = read_own_record(city, record)
    fitted = Posterior(city, own.counted)
    kept_draws.save(path, fake_fit(fitted, 120), fitted, quick=False, record=own)
    return path


@pytest.fixture
def lists(monkeypatch, tmp_path):
    monkeypatch.setattr(output, "LISTS", tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def stub(monkeypatch, tmp_path):
    """A fit that takes no time."""
    monkeypatch.setattr(
        "innovation.calibration.posterior.fit.fit", lambda fitted, *, seed, **_: fake_fit(fitted, seed=seed)
    )
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)


def test_calibrate_fits_a_record_into_its_own_file_which_check_and_simulate_take(capsys, record, lists, stub, tmp_path):
    before = kept_draws.DEFAULT.read_bytes()
    asked = ["--record", str(record)]

    assert cli.main(["calibrate", *asked]) == 0
    said = capsys.readouterr().out
    assert cli.main(["calibrate", "--check", *asked]) == 0
    assert [path.name for path in lists.iterdir()] == ["posterior-record-mine.parquet"]
    assert "of the record mine.csv" in said
    assert kept_draws.DEFAULT.read_bytes() == before
    assert cli.main(["simulate", "baseline", "--members", "5", *asked]) == 0
    assert "belong to the record mine.csv (" in capsys.readouterr().out

    later = moved(tmp_path / "mine.csv", gdp_2008="3901", national_labs_increment="9")
    check = refused(capsys, "calibrate", "--check", "--record", str(later))
    assert "changed: gdp_2008 (value 3900, now 3901)" in check and "calibrate --record mine.csv" in check


def test_the_example_of_the_page_is_a_record(city, tmp_path):
    page = (Path(output.DOCS) / "using-results.md").read_text(encoding="utf-8")
    (tmp_path / "mine.csv").write_text(re.findall(r"^```csv\n(.*?)^```", page, re.M | re.S)[0], encoding="utf-8")

    found = read_own_record(city, tmp_path / "mine.csv")

    assert [figure.id for figure in found.counted] == ["gdp_2008", "labs"]


def test_the_citys_place_is_refused_and_so_is_a_bad_record_before_anything_is_fitted(capsys, record, lists, tmp_path):
    place = str(kept_draws.DEFAULT)

    assert "holds the city's own draws" in refused(capsys, "calibrate", "--record", str(record), "--out", place)
    assert "holds no draws" in refused(capsys, "calibrate", "--record", str(record), "--out", str(record))
    assert "does not exist" in refused(capsys, "calibrate", "--record", str(tmp_path / "none.csv"))
    assert "no such file of draws" in refused(capsys, "calibrate", "--check", "--record", str(record))
    assert not lists.exists()


def test_named_draws_tell_their_record_in_text_json_and_both_languages(capsys, city, draws):
    command = ["simulate", "baseline", "--members", "5", "--posterior", str(draws)]
    hashed = kept_draws.load(city, draws, of_any=True).record.record_hash

    cli.main(command)
    text = capsys.readouterr().out
    cli.main([*command, "--lang", "zh"])
    chinese = capsys.readouterr().out
    cli.main([*command, "--json"])
    said = json.loads(capsys.readouterr().out)

    assert f"belong to the record mine.csv ({hashed[:12]}), not to the city's own" in text
    assert f"属于记录 mine.csv（{hashed[:12]}）" in chinese
    assert (said["record"], said["record_hash"]) == ("mine.csv", hashed)


def test_a_batch_and_a_sweep_tell_the_record_in_their_manifests(capsys, draws, record, tmp_path):
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")
    asked = ["--posterior", str(draws), "--out"]

    assert cli.main(["batch", "baseline", "--members", "5", "--record", str(record), *asked, str(tmp_path / "b")]) == 0
    assert cli.main(["sweep", str(tmp_path / "design.yaml"), *asked, str(tmp_path / "s")]) == 0
    assert capsys.readouterr().out.count("belong to the record mine.csv (") == 2
    assert cli.main(["analyse", str(tmp_path / "s"), "--quiet"]) == 0

    manifests = [json.loads((tmp_path / name / "manifest.json").read_text(encoding="utf-8")) for name in "bs"]
    assert [manifest["record"] for manifest in manifests] == ["mine.csv", "mine.csv"]
    assert f"--record {record}" in manifests[0]["command"]
    assert "record mine.csv" in (tmp_path / "b" / "report.html").read_text(encoding="utf-8")
    assert "of the record mine.csv and not of the city's own" in capsys.readouterr().out


def test_commands_that_are_of_the_citys_own_refuse_draws_of_a_record(capsys, draws, record):
    for command in (["nominal", "--check"], ["calibrate", "--check"]):
        option = "--out" if command[0] == "calibrate" else "--posterior"
        assert "the city's own record are asked for" in refused(capsys, *command, option, str(draws))
    assert "--members N" in refused(capsys, "simulate", "baseline", "--record", str(record))
    with pytest.raises(SystemExit):
        cli.main(["calibrate", "--record", ""])
    assert "No file is named" in capsys.readouterr().err
    batch = ("batch", "baseline", "--prior", "--record", str(record), "--out", "nowhere")
    assert "Leave out --record, or --prior" in refused(capsys, *batch)


def test_published_figures_of_a_record_go_on_from_it_and_not_from_the_citys(city, draws, record):
    found = kept_draws.load(city, draws, of_any=True)

    instrument = instrument_of(city, found)

    assert instrument is not None
    assert instrument.record.levels("gdp")[2008] == 3900
    assert {row.city_growth for row in instrument.assumed.classes.values() if row} == {None}
    assert instrument.assumed.counts["national_labs"].events == 9
    assert all(size.added.min() >= 0 and sum(map(abs, size.shift)) < 5 for size in instrument.sizes.quantities.values())

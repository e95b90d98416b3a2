"""A variant of the model file on the command line: wherever it means something, and never taken for the city's own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import cli
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.fingerprint import bound_hash
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.commands.output import DOCS
from innovation.model.loading import FOLDER, load_variant
from innovation.scenarios.scenario_files import LIBRARY
from tests.calibration.fits import fake_fit

OTHER = "market elasticity = 0.45\n"


@pytest.fixture(scope="module")
def variant(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("mine") / "mine.mdl"
    text = (FOLDER / "innovation.mdl").read_text(encoding="utf-8")
    changed, times = re.subn(r"(?m)^market elasticity = [\d.]+\n", OTHER, text)
    assert times == 1
    path.write_text(changed, encoding="utf-8")
    return str(path)


def refused(capsys, *arguments: str) -> str:
    status = cli.main(arguments)
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    return said.err


def test_every_command_that_reads_the_city_takes_a_model_file(capsys):
    for name in ("simulate", "batch", "sweep", "diff", "calibrate", "rebind", "check", "docs", "mixes", "list"):
        with pytest.raises(SystemExit):
            cli.main([name, "--help"])
        assert "--model FILE" in capsys.readouterr().out, name


@pytest.mark.slow
def test_draws_of_the_city_are_refused_for_a_variant_and_the_reverse(capsys, city, variant, tmp_path):
    model = tmp_path / "more.mdl"  # a value of what is drawn binds nothing, so the variant has an equation more
    more = "twice output = 2 * output\n\t~ CNY100M/year ~ Twice. [judgement] |\n"
    model.write_text(Path(variant).read_text(encoding="utf-8").replace(OTHER, more + OTHER, 1), encoding="utf-8")
    variant = str(model)
    mine = load_variant(variant)
    for name, of in (("city", city), ("variant", mine)):
        fitted = Posterior(of, read_record(of).counted)
        kept_draws.save(tmp_path / name, fake_fit(fitted), fitted, quick=False)
    asked = ("simulate", "baseline", "--members", "5", "--posterior")

    assert "another model" in refused(capsys, *asked, str(tmp_path / "city"), "--model", variant)
    assert "another model" in refused(capsys, *asked, str(tmp_path / "variant"))
    batch = ("batch", "baseline", "--members", "5", "--out", str(tmp_path / "out"), "--quiet")
    said = refused(capsys, *batch, "--model", variant)
    assert "another model" in said
    assert "--out DRAWS" in said
    assert not (tmp_path / "out").exists()
    assert cli.main([*asked, str(tmp_path / "variant"), "--model", variant]) == 0


def test_the_draws_of_a_variant_never_take_the_place_of_the_citys(capsys, variant, monkeypatch, tmp_path):
    monkeypatch.setattr("innovation.calibration.posterior.fit.fit", None)
    own = kept_draws.DEFAULT.read_bytes() if kept_draws.DEFAULT.exists() else None

    assert "--out FILE" in refused(capsys, "calibrate", "--model", variant)
    assert "city's own draws" in refused(capsys, "calibrate", "--model", variant, "--out", str(kept_draws.DEFAULT))

    assert (kept_draws.DEFAULT.read_bytes() if kept_draws.DEFAULT.exists() else None) == own


def test_a_variant_is_fitted_as_itself(capsys, city, variant, monkeypatch, tmp_path):
    monkeypatch.setattr(
        "innovation.calibration.posterior.fit.fit", lambda fitted, **how: fake_fit(fitted, seed=how["seed"])
    )
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    out = tmp_path / "mine.parquet"

    assert cli.main(["calibrate", "--model", variant, "--out", str(out)]) == 0

    assert kept_draws.load(load_variant(variant), out).record.model_hash == bound_hash(load_variant(variant))


def test_a_batch_of_a_variant_says_so_and_is_not_gone_on_with_as_the_citys(capsys, city, variant, tmp_path):
    command = ("batch", "baseline", "--prior", "--members", "5", "--quiet", "--out", str(tmp_path / "out"))

    assert cli.main([*command, "--model", variant]) == 0

    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["model_hash"] == load_variant(variant).model.hash != city.model.hash
    assert manifest["command"].endswith(f"--model {variant}")  # as it was given, so that it can be given again
    assert "another model" in refused(capsys, *command)


@pytest.mark.slow
def test_laws_are_tried_on_a_variant_without_the_pages(capsys, variant):
    cli.main(["check", "--model", variant])

    printed = capsys.readouterr().out
    assert "units agree in every equation" in printed
    assert "generated docs" not in printed


def test_pages_of_a_variant_never_take_the_place_of_the_citys(capsys, variant):
    assert "--out DIR" in refused(capsys, "docs", "--model", variant)
    assert "Name another folder" in refused(capsys, "docs", "--model", variant, "--out", str(DOCS))


@pytest.mark.slow
def test_pages_of_a_variant_go_elsewhere(capsys, variant, tmp_path):
    assert cli.main(["docs", "--model", variant, "--out", str(tmp_path)]) == 0

    assert "market elasticity = 0.45" in (tmp_path / "equations.md").read_text(encoding="utf-8")
    assert cli.main(["docs", "--model", variant, "--out", str(tmp_path), "--check"]) == 0


def test_mixes_are_held_against_a_variant_and_stay_as_they_are(capsys, variant):
    before = {path: path.read_bytes() for path in LIBRARY.iterdir() if path.is_file()}

    assert "add --check" in refused(capsys, "mixes", "--model", variant)
    shown = []
    for more in (["--model", variant], []):
        assert cli.main(["mixes", *more, "--check"]) == 0
        shown.append(capsys.readouterr().out)

    assert shown[0] != shown[1]
    assert {path: path.read_bytes() for path in LIBRARY.iterdir() if path.is_file()} == before


def test_scenarios_are_compared_under_a_variant(capsys, variant):
    command = ["diff", "baseline", "plan_as_written", "--json"]

    found = []
    for more in ([], ["--model", variant]):
        assert cli.main([*command, *more]) == 0
        found.append(json.loads(capsys.readouterr().out))

    assert found[0]["changes"] == found[1]["changes"]
    assert found[0]["moved"] != found[1]["moved"]
    models = ("diff", variant, str(FOLDER / "innovation.mdl"), "--model", variant)
    assert "Name two scenarios" in refused(capsys, *models)

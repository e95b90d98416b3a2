"""The nominal run at the posterior's centre: which values are written, what stays as it was, and what is named."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import cli
from innovation.calibration import centre
from innovation.calibration.posterior import kept_draws
from innovation.calibration.posterior.fingerprint import bound_hash
from innovation.model.files.faults import DocumentError
from innovation.model.loading import FOLDER, load_city
from tests.conftest import TOY_CITY
from tests.standin import draws_of


@pytest.fixture
def toy(tmp_path):
    shutil.copytree(TOY_CITY, tmp_path / "city")
    return load_city(tmp_path / "city")


@pytest.fixture
def real(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "city", ignore=shutil.ignore_patterns("*.py", "__pycache__", "diagrams"))
    return load_city(tmp_path / "city")


def informed(draws, *names):
    """Draws of which the record informs these constants."""
    return replace(draws, record=replace(draws.record, names=names))


def text_of(city):
    return city.model.path.read_text(encoding="utf-8")


def test_what_the_record_informs_goes_to_the_median_and_what_it_does_not_to_the_priors(toy):
    draws = informed(draws_of(toy), "forgetting")
    draws = replace(draws, draws={**draws.draws, "forgetting": np.array([0.1, 0.21234, 0.3] * 3)})

    found = centre.middles(toy, draws)

    assert found["forgetting"] == 0.212
    assert found["platform cost"] == pytest.approx(4, rel=1e-3)
    assert set(found) == set(draws.draws)


def test_a_constant_of_two_values_is_a_switch_and_stays(toy):
    draws = draws_of(toy)
    switched = {**draws.draws, "forgetting": np.where(np.arange(400) % 3, 0.1, 0.2)}

    assert "forgetting" not in centre.middles(toy, replace(draws, draws=switched))


def test_only_the_numbers_of_drawn_constants_change_in_the_file(toy):
    before, bound = text_of(toy).splitlines(), bound_hash(toy)
    wanted = {"forgetting": 0.123, "trend growth[electronics]": 0.0612, "trend growth[materials]": 0.08}

    centre.write_nominal(toy, wanted)

    now = load_city(toy.folder)
    changed = [(a, b) for a, b in zip(before, text_of(now).splitlines(), strict=True) if a != b]
    assert [new for _, new in changed] == ["trend growth[industry] = 0.0612, 0.08", "forgetting = 0.123"]
    assert centre.moved(now, wanted) == {}
    assert bound_hash(now) == bound
    assert list(toy.folder.glob(".*")) == []


def test_each_way_of_writing_a_constant_of_the_city_is_found(real):
    wanted = centre.centre(real, draws_of(real))
    wanted = {name: float(f"{value * 1.01:.3g}") or 0.001 for name, value in wanted.items()}

    centre.write_nominal(real, wanted)

    model = replace(real, model=centre.load_model(real.model.path))
    assert centre.moved(model, wanted) == {}
    assert bound_hash(model) == bound_hash(real)


def test_a_constant_that_is_no_number_in_the_file_leaves_the_file_as_it_was(toy):
    before = text_of(toy)

    with pytest.raises(DocumentError, match="Not written there as a number: total output"):
        centre.write_nominal(toy, {"forgetting": 0.2, "total output": 1.0})

    assert text_of(toy) == before


def test_headline_figures_that_are_off_are_named_with_their_medians(real, monkeypatch):
    draws = draws_of(real)
    few = replace(draws, draws={name: values[:40] for name, values in draws.draws.items()})
    monkeypatch.setattr(centre, "NEAR", 0.0)

    off = centre.off_centre(real, few)

    assert {one.year for one in off} >= {2010, 2015, 2025}
    assert max(one.year for one in off if one.year != 2025) == 2015
    one = next(one for one in off if (one.indicator, one.year) == ("gdp", 2015))
    assert str(one).startswith(f"gdp 2015: {one.nominal:.4g}, median {one.median:.4g} (")


def test_the_command_writes_once_and_its_check_says_what_is_elsewhere(real, monkeypatch, capsys):
    draws = draws_of(real)
    few = replace(draws, draws={name: values[:20] for name, values in draws.draws.items()})
    monkeypatch.setattr("innovation.commands.city.nominal.city_of", lambda _: load_city(real.folder))
    monkeypatch.setattr(kept_draws, "load", lambda *_: few)
    monkeypatch.setattr(centre, "off_centre", lambda *_: [centre.Off("gdp", 2015, 103.0, 100.0)])
    before = text_of(real)

    assert cli.main(["nominal", "--check"]) == 2
    assert text_of(real) == before
    assert "not the posterior's centre" in capsys.readouterr().err
    assert not centre.law(real, few).holds
    assert cli.main(["nominal", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["moved"] and told["constants"] > 150
    assert cli.main(["nominal", "--check"]) == 0
    assert "gdp 2015: 103, median 100 (+3.0%)" in capsys.readouterr().out
    held = centre.law(load_city(real.folder), few)
    assert held.holds and "gdp 2015" in held.found


def test_headline_figures_of_the_centre_lie_nearer_to_their_medians_than_those_of_middles(real):
    draws = draws_of(real)
    draws = informed(draws, *list(draws.draws)[:80])
    medians = np.nanmedian(centre._headline(real, draws.draws), axis=1)

    def distance(values):
        run = {name: np.array([value]) for name, value in values.items()}
        return np.median(np.abs(centre._headline(real, run)[:, 0] / medians - 1))

    assert distance(centre.centre(real, draws)) < 0.7 * distance(centre.middles(real, draws))

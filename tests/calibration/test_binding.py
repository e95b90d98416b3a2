"""Draws bound anew to a changed model: where nothing of the record moves by a bit, and refused where one bit does."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

import cli
from innovation.calibration.evidence.basis import basis_of
from innovation.calibration.posterior import binding
from innovation.calibration.posterior.binding import rebind
from innovation.calibration.posterior.draws import PosteriorError, read_file
from innovation.calibration.posterior.fingerprint import bound_hash
from innovation.calibration.posterior.kept_draws import keep, load, save
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import Record
from innovation.model.loading import load_city
from tests.calibration.fits import fake_fit
from tests.calibration.test_evidence import RECORD
from tests.conftest import TOY_CITY

DRAWS = 12
AFTER_2010 = "IF THEN ELSE(Time >= plan start, 1.5, 1)"


@pytest.fixture(autouse=True)
def record(monkeypatch):
    """The toy city's record in place of the project's."""
    of = Record(RECORD, (), (), ())
    for place in (
        "innovation.calibration.posterior.binding.read_record",
        "innovation.calibration.posterior.kept_draws.read_record",
    ):
        monkeypatch.setattr(place, lambda _: of)


@pytest.fixture(scope="module")
def fitted(toy_city, tmp_path_factory):
    posterior = Posterior(toy_city, [figure for figure in RECORD if figure.is_counted])
    path = tmp_path_factory.mktemp("fitted") / "posterior.parquet"
    save(path, fake_fit(posterior, DRAWS), posterior, quick=False, record=Record(RECORD, (), (), ()))
    return path


@pytest.fixture
def file(fitted, tmp_path):
    return shutil.copy(fitted, tmp_path / "posterior.parquet")


def changed(folder, *, equations=(), model="", parameters=()):
    """The toy city with equations replaced, elements added, and parameters replaced or added."""
    shutil.copytree(TOY_CITY, folder)
    path = folder / "toy.mdl"
    text = path.read_text(encoding="utf-8")
    for before, after in equations:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    head, mark, rest = text.partition("knowledge pull =")
    path.write_text(f"{head}{model}{mark}{rest}", encoding="utf-8")
    path = folder / "parameters.yaml"
    text = path.read_text(encoding="utf-8")
    for name, line in dict(parameters).items():
        text, found = re.subn(rf"(?m)^{name}:.*$", f"{name}: {line}", text)
        text += "" if found else f"{name}: {line}\n"
    path.write_text(text, encoding="utf-8")
    return load_city(folder)


def refusal(city, file) -> str:
    before = file.read_bytes()
    with pytest.raises(PosteriorError) as error:
        rebind(city, file)
    assert file.read_bytes() == before, "a refused file is left as it was"
    return str(error.value)


def test_an_unrelated_auxiliary_needs_no_fit(file, tmp_path):
    twice = "twice output = 2 * total output\n\t~ CNY100M/year ~ Twice. [judgement] |\n"
    city = changed(tmp_path / "other", model=twice)
    kept = read_file(file)
    with pytest.raises(PosteriorError, match="rebind"):
        load(city, file)

    bound = rebind(city, file)

    found = load(city, file)
    assert (bound.added, bound.before) == ((), kept.record.model_hash)
    assert found.record.fitted_hash == kept.record.fitted_hash != found.record.model_hash == bound_hash(city)
    for name, values in kept.draws.items():
        np.testing.assert_array_equal(found.draws[name], values)
    np.testing.assert_array_equal(found.z, kept.z)
    np.testing.assert_array_equal(found.figures, kept.figures)


def test_an_equation_that_acts_from_2011_on_needs_no_fit_and_moves_the_years_after(toy_city, file, tmp_path):
    pull = ("knowledge pull = knowledge elasticity", f"knowledge pull = {AFTER_2010} * knowledge elasticity")
    city = changed(tmp_path / "other", equations=[pull])

    found = rebind(city, file).draws

    was, now = (
        one.model.arrays(found.draws, outputs=["total output"], times=[2011.0, 2020.0]).values[0]
        for one in (toy_city, city)
    )
    np.testing.assert_allclose(was[:, 0], now[:, 0], rtol=1e-12)
    assert np.all(np.abs(now[:, 1] / was[:, 1] - 1) > 1e-6)


def test_nominal_values_of_drawn_constants_bind_nothing(file, tmp_path):
    city = changed(tmp_path / "other", equations=[("forgetting = 0.15", "forgetting = 0.12")])

    assert load(city, file).distinct == DRAWS
    assert not rebind(city, file).is_new


def test_the_first_figure_that_differs_in_a_bit_is_named(toy_city, file, tmp_path):
    city = changed(tmp_path / "other", equations=[("LN( knowledge /", "(1 + 1e-13) * LN( knowledge /")])

    said = refusal(city, file)

    draw, figure, year, after, before = re.search(
        r"Draw (\d+) of 12 gives (\w+ \d+) \((\d+)\) as (\S+); when it was fitted it gave (\S+)\.", said
    ).groups()
    assert figure == f"output {year}"
    assert 0 < abs(float(after) / float(before) - 1) < 1e-12
    one = {name: values[int(draw) - 1] for name, values in read_file(file).draws.items()}
    told = toy_city.model.arrays(one, outputs=["output of the year"], times=[int(year) + 1.0]).values.item()
    assert told == pytest.approx(float(before), rel=1e-12)
    assert "cli.py calibrate" in said


def test_a_new_uncertain_constant_that_the_record_cannot_see_is_drawn_from_its_prior(file, tmp_path):
    pull = (
        "knowledge pull = knowledge elasticity",
        f"knowledge pull = late pull ^ ({AFTER_2010} - 1) * knowledge elasticity",
    )
    late = "late pull = 1\n\t~ Dmnl ~ Pull after 2010. [judgement] |\n"
    parameter = '{role: uncertain, low: 0.2, high: 5, prior: "LN(1,.3)", source: judgement}'
    city = changed(tmp_path / "other", equations=[pull], model=late, parameters={"late pull": parameter})
    with pytest.raises(PosteriorError, match=r"late pull became uncertain.*\n.*rebind"):
        load(city, replaced(file, tmp_path / "posterior of it.parquet", model_hash=bound_hash(city)))

    bound = rebind(city, file)

    found = load(city, file)
    assert bound.added == found.record.added == ("late pull",)
    values = found.draws["late pull"]
    assert len(set(values)) == DRAWS and np.all((values > 0.2) & (values < 5))
    again = rebind(city, file)
    np.testing.assert_array_equal(again.draws.draws["late pull"], values)
    posterior = Posterior(city, [figure for figure in RECORD if figure.is_counted])
    basis_of(posterior, found, RECORD)  # which draws the uninformed constants again, and compares


def test_a_changed_prior_that_the_record_cannot_see_is_drawn_from_at_the_same_place(file, tmp_path):
    """Every draw keeps its quantile; all else stays, and the evidence can draw it again."""
    pull = (
        "knowledge pull = knowledge elasticity",
        f"knowledge pull = late pull ^ ({AFTER_2010} - 1) * knowledge elasticity",
    )
    late = "late pull = 1\n\t~ Dmnl ~ Pull after 2010. [judgement] |\n"
    parameter = '{{role: uncertain, low: 0.02, high: 50, prior: "LN({},.3)", source: judgement}}'
    first = changed(tmp_path / "first", equations=[pull], model=late, parameters={"late pull": parameter.format(1)})
    rebind(first, file)
    before = read_file(file)
    other = changed(tmp_path / "other", equations=[pull], model=late, parameters={"late pull": parameter.format(2)})
    with pytest.raises(PosteriorError, match=r"prior of late pull has changed(.|\n)*rebind"):
        load(other, file)

    bound = rebind(other, file)

    found = load(other, file)
    assert bound.moved == ("late pull",) and bound.added == ()
    np.testing.assert_allclose(found.draws["late pull"], 2 * before.draws["late pull"], rtol=1e-9)
    for name, values in before.draws.items():
        if name != "late pull":
            np.testing.assert_array_equal(found.draws[name], values)
    posterior = Posterior(other, [figure for figure in RECORD if figure.is_counted])
    basis_of(posterior, found, RECORD)


def test_a_new_uncertain_constant_that_the_record_sees_needs_a_fit(file, tmp_path):
    pull = ("knowledge pull = knowledge elasticity", "knowledge pull = early pull * knowledge elasticity")
    early = "early pull = 1\n\t~ Dmnl ~ Pull. [judgement] |\n"
    parameter = '{role: uncertain, low: 0.2, high: 5, prior: "LN(1,.3)", source: judgement}'
    city = changed(tmp_path / "other", equations=[pull], model=early, parameters={"early pull": parameter})

    assert "Draw 1 of 12 gives output" in refusal(city, file)


def test_a_changed_or_lost_prior_and_another_record_need_a_fit(toy_city, file, tmp_path, monkeypatch):
    wider = '{role: uncertain, low: 0.05, high: 0.4, prior: "TN(.15,.06)", source: Hall2007}'
    gone = "{role: fixed, low: 0.05, high: 0.4, source: Hall2007}"

    for name, parameter in (("wider", wider), ("gone", gone)):
        city = changed(tmp_path / name, parameters={"forgetting": parameter})
        assert "forgetting" in refusal(city, file)
        with pytest.raises(PosteriorError, match="forgetting"):
            load(city, file)

    moved = tuple(replaced_value(figure) for figure in RECORD)
    monkeypatch.setattr(binding, "read_record", lambda _: Record(moved, (), (), ()))
    assert "other data" in refusal(toy_city, file)


def test_a_figure_that_is_read_elsewhere_is_seen_and_bound_where_it_says_the_same(toy_city, file, tmp_path):
    same = "same output = output of the year\n\t~ CNY100M/year ~ The same. [judgement: definition] |\n"
    moved = changed(tmp_path / "other", model=same)
    name, indicator = next((n, one) for n, one in moved.indicators.items() if n == "output")
    elsewhere = indicator.model_copy(update={"variable": "same output"})
    moved = replace(moved, indicators={**moved.indicators, name: elsewhere})
    with pytest.raises(PosteriorError, match=r"read from another variable.*\n.*rebind"):
        load(moved, replaced(file, tmp_path / "posterior of it.parquet", model_hash=bound_hash(moved)))

    rebind(moved, file)

    load(moved, file)


def test_a_fitted_model_that_says_otherwise_than_it_did_is_told(toy_city, file):
    kept = read_file(file)
    keep(file, replace(kept, figures=kept.figures * 1.001))

    said = refusal(toy_city, file)

    assert "when it was fitted" in said and "has changed" in said


def test_the_command_binds_a_variant_to_a_file_of_its_own_and_never_over_the_citys(toy_city, file, tmp_path, capsys):
    before = file.read_bytes()
    out = tmp_path / "mine.parquet"
    variant = str(TOY_CITY / "toy.mdl")
    mp = pytest.MonkeyPatch()
    mp.setattr("innovation.commands.city.rebind.city_of", lambda _: toy_city)

    with mp.context():
        assert cli.main(["rebind", "--posterior", str(file), "--out", str(out), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert cli.main(["rebind", "--model", variant, "--posterior", str(file)]) == 2
        nowhere = str(file / "mine.parquet")
        assert cli.main(["rebind", "--posterior", str(file), "--out", nowhere]) == 2
    mp.undo()

    assert file.read_bytes() == before == out.read_bytes()
    assert (told["draws"], told["added_now"], told["model_hash"]) == (DRAWS, [], bound_hash(toy_city))
    said = capsys.readouterr().err
    assert "--out FILE" in said and f"{nowhere} cannot be written" in said


def replaced(file, path, **fields):
    """A copy of a file of draws with fields of its record replaced."""
    kept = read_file(file)
    keep(path, replace(kept, record=replace(kept.record, **fields)))
    return path


def replaced_value(figure):
    return figure.model_copy(update={"value": figure.value * 1.01}) if figure.id == "output 2008" else figure

"""Draws kept in a file: the same when read again, refused where they belong elsewhere or are no longer whole."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from innovation.calibration.posterior import fingerprint
from innovation.calibration.posterior.binding import rebind
from innovation.calibration.posterior.draws import KEY, PosteriorError
from innovation.calibration.posterior.fingerprint import bound_hash, data_hash
from innovation.calibration.posterior.kept_draws import load, save
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.observations import read_record
from innovation.model.loading import FOLDER, load_city
from innovation.model.prior_draws import with_priors
from innovation.scenarios.scenario_files import load_scenarios
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.run import simulate
from tests.calibration.fits import fake_fit


@pytest.fixture(scope="module")
def posterior(city):
    return Posterior(city, read_record(city).counted)


@pytest.fixture(scope="module")
def fit(posterior):
    return fake_fit(posterior)


@pytest.fixture(scope="module")
def file(posterior, fit, tmp_path_factory):
    path = tmp_path_factory.mktemp("draws") / "posterior.parquet"
    save(path, fit, posterior, quick=False)
    return path


def refusal(city, path) -> str:
    with pytest.raises(PosteriorError) as error:
        load(city, path)
    said = str(error.value)
    assert path.name in said
    assert len(said) < 400
    return said


def test_draws_come_back_as_they_were_to_the_last_bit(city, posterior, fit, file):
    found = load(city, file)

    assert found.distinct == 40
    assert {tuple(row) for row in found.z} == {tuple(row) for row in fit.draws.pooled}
    assert found.record.names == posterior.names
    np.testing.assert_array_equal(found.log_density, posterior(found.z))
    for name, values in posterior.constants(found.z, [1, 1]).items():
        np.testing.assert_array_equal(found.draws[name], values, name)
    sizes = posterior.errors(found.z).sizes
    np.testing.assert_array_equal(found.errors["error size[economy,accounts]"], sizes["economy", "accounts"])
    assert set(found.errors) == set(posterior.measurement.names)


def test_every_uncertain_constant_has_a_column_drifts_and_assumptions_included(city, posterior, file):
    columns = pd.read_parquet(file).columns

    assert set(posterior.constants(posterior.nominal()[None], 1)) <= set(columns)
    assert {"productivity drift", "national growth", "inflation", "initial industry output[IT]"} <= set(columns)


def test_the_same_fit_makes_the_same_bytes(posterior, fit, file, tmp_path):
    again = save(tmp_path / "again.parquet", fit, posterior, quick=False)

    assert (tmp_path / "again.parquet").read_bytes() == file.read_bytes()
    assert again.hash == load(posterior.city, file).hash


def test_another_seed_draws_other_uninformed_constants(posterior, fit, tmp_path):
    other = dataclasses.replace(fit, draws=dataclasses.replace(fit.draws, seed=2))
    ours = save(tmp_path / "1.parquet", fit, posterior, quick=False).draws["productivity drift"]
    theirs = save(tmp_path / "2.parquet", other, posterior, quick=False).draws["productivity drift"]

    assert not set(ours) & set(theirs)


def test_members_are_the_first_draws_and_repeat_in_order(city, file):
    found = load(city, file)
    name = "capital elasticity"

    few, many = found.members(3)[name], found.members(100)[name]

    assert few.tolist() == found.draws[name][:3].tolist()
    assert many.tolist() == [*found.draws[name], *found.draws[name], *found.draws[name][:20]]
    assert found.note(40) is None
    assert "40 different draws" in found.note(100)
    assert found.note(100, "zh") != found.note(100)
    assert found.attrs(100)["draws"] == 40
    with pytest.raises(ValueError, match="1 or more"):
        found.members(0)


def test_a_result_names_its_posterior_and_counts_different_draws(city, file):
    found = load(city, file)
    asked = load_scenarios(city, ["baseline", "plan_as_written"])

    once = simulate(city, asked, found.members(40), found.attrs(40))
    thrice = simulate(city, asked, found.members(120), found.attrs(120))

    assert (once.posterior_hash, once.draws, once.seed) == (found.hash, 40, 1)
    assert chances(city, once)[1].targets == chances(city, thrice)[1].targets
    for name in ("gdp", "hightech_output"):  # the same draws in every scenario: nothing parts them before 2011
        before = once[name].sel(year=slice(None, 2010)).values
        np.testing.assert_array_equal(before[0], before[1])


def test_draws_that_are_not_good_enough_are_not_kept(posterior, tmp_path):
    bad = fake_fit(posterior, refusal="R-hat of 3 coordinates is 1.01 or more.\nSample with about 3 times the steps.")

    with pytest.raises(PosteriorError, match="about 3 times the steps"):
        save(tmp_path / "bad.parquet", bad, posterior, quick=False)

    assert list(tmp_path.iterdir()) == []


def test_a_quick_fit_is_kept_and_refused_unless_it_is_asked_for(city, posterior, tmp_path):
    path = tmp_path / "quick.parquet"
    save(path, fake_fit(posterior, refusal="R-hat"), posterior, quick=True)

    said = refusal(city, path)

    assert "quick fit" in said
    assert "cli.py calibrate" in said
    assert load(city, path, unfit_ok=True).record.quick


def changed(folder, line, other):
    """The city with one line of its model file replaced."""
    shutil.copytree(FOLDER, folder)
    path = folder / "innovation.mdl"
    text, moved = re.subn(f"(?m)^{re.escape(line)}.*$", other, path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    assert moved == 1
    return load_city(folder)


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("yearly approvals[labs] = ", "yearly approvals[labs] = 1.25"),
        ("frontier progress = ", "frontier progress = 1 * frontier growth"),
        ("market difference to 2010[industry] = ", "market difference to 2010[industry] = 0, 0, 0, 0, 0, 0, 0"),
    ],
)
def test_draws_of_another_model_are_refused(file, tmp_path, line, other):
    moved = changed(tmp_path / "model", line, other)

    said = refusal(moved, file)

    assert "another model" in said
    assert bound_hash(moved)[:12] in said
    assert "cli.py rebind" in said
    assert "cli.py calibrate" in said


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("capital elasticity = ", "capital elasticity = 0.4"),
        ("initial applications[patent kind] = ", "initial applications[patent kind] = 1700, 2700"),
        ("market difference[industry] = ", "market difference[industry] = 0, 0, 0, 0, 0, 0, 0"),
    ],
)
def test_the_value_of_a_drawn_constant_is_no_part_of_what_draws_are_bound_to(city, file, tmp_path, line, other):
    moved = changed(tmp_path / "model", line, other)

    assert moved.model.hash != city.model.hash
    assert load(moved, file).hash == load(city, file).hash


def test_draws_of_another_set_of_priors_are_refused_both_ways(city, file, tmp_path):
    other = with_priors(city, "known_by_2010")
    posterior = Posterior(other, read_record(other).counted)
    theirs = tmp_path / "theirs.parquet"
    save(theirs, fake_fit(posterior), posterior, quick=False)

    assert "believe the priors default, and here the priors known_by_2010" in refusal(other, file)
    assert "believe the priors known_by_2010, and here the priors default" in refusal(city, theirs)
    assert load(other, theirs).record.prior_set == "known_by_2010"
    with pytest.raises(PosteriorError, match="--priors known_by_2010"):
        rebind(city, theirs)


def test_draws_of_other_data_are_refused(city, file, monkeypatch):
    record = read_record(city)
    moved = tuple(
        figure.model_copy(update={"value": figure.value * 1.01}) if figure.id == "gdp_2008" else figure
        for figure in record.observations
    )
    monkeypatch.setattr(
        "innovation.calibration.posterior.kept_draws.read_record",
        lambda _: dataclasses.replace(record, observations=moved),
    )

    said = refusal(city, file)

    assert "other data: changed: gdp_2008 (value 3960.08, now 3999.6808)" in said
    assert "cli.py calibrate" in said


def test_the_hash_of_the_data_sees_what_the_fit_reads_and_nothing_else(city, monkeypatch):
    counted = read_record(city).counted
    hashed = data_hash(city, counted)

    retold = [figure.model_copy(update={"note": "told otherwise", "source": "Other"}) for figure in reversed(counted)]
    assert data_hash(city, retold) == hashed
    assert data_hash(city, counted[1:]) != hashed
    name = "capital elasticity"
    parameter = city.parameters[name].model_copy(update={"low": 0.31})
    believed = dataclasses.replace(city, parameters={**city.parameters, name: parameter})
    assert data_hash(believed, counted) != hashed
    monkeypatch.setattr(fingerprint.industries, "CONCENTRATION", 61.0)
    assert data_hash(city, counted) != hashed


@pytest.mark.parametrize("kind", ["missing", "folder", "empty", "text", "half", "foreign", "large"])
def test_what_is_no_file_of_draws_gets_a_sentence(city, file, tmp_path, kind):
    path = tmp_path / "mine.parquet"
    content = file.read_bytes()
    if kind == "folder":
        path.mkdir()
    elif kind == "foreign":
        pq.write_table(pa.table({"a": [1.0]}), path)
    elif kind == "large":
        with path.open("wb") as empty:
            empty.truncate(200_000_000)
    elif kind != "missing":
        path.write_bytes({"empty": b"", "text": b"draws", "half": content[: len(content) // 2]}[kind])

    refusal(city, path)


def test_a_flipped_byte_is_found_or_changes_nothing(city, file, tmp_path):
    content, random = file.read_bytes(), np.random.default_rng(3)
    whole = load(city, file)
    path = tmp_path / "flipped.parquet"
    found = 0
    for place in [*random.integers(0, len(content), 60), *random.integers(len(content) - 60_000, len(content), 60)]:
        flipped = bytearray(content)
        flipped[place] ^= 1 << random.integers(8)
        path.write_bytes(flipped)
        try:
            read = load(city, path)
        except PosteriorError:
            found += 1
        else:
            assert read.record == whole.record
            np.testing.assert_array_equal(read.z, whole.z)

    assert found > 60


def test_a_record_that_promises_other_columns_is_damaged(city, file, tmp_path):
    table = pq.read_table(file)
    said = json.loads(table.schema.metadata[KEY])
    said["record"]["constants"] = said["record"]["constants"][1:]
    pq.write_table(table.replace_schema_metadata({KEY: json.dumps(said)}), tmp_path / "mine.parquet")

    assert "damaged" in refusal(city, tmp_path / "mine.parquet")

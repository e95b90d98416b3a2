"""A record of one's own: read by the city's rules, carried by its draws, and never mixed with the city's."""

from __future__ import annotations

import csv
import dataclasses
import errno
import os
import shutil

import numpy as np
import pytest

from innovation.calibration.mcmc import saved_state
from innovation.calibration.posterior import fit as fitting
from innovation.calibration.posterior import kept_draws, refit
from innovation.calibration.posterior.binding import rebind
from innovation.calibration.posterior.draws import PosteriorError
from innovation.calibration.posterior.kept_draws import load, save
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.own_record import changes, read_own_record, record_of
from innovation.calibration.posterior.refit import calibrate, state_folder
from innovation.calibration.record.observations import OBSERVATIONS, Observation, ObservationError, Record
from tests.calibration.fits import fake_fit
from tests.calibration.test_likelihood import TOY_RECORD
from tests.calibration.test_observations import COLUMNS, EVENTS, LEVEL

CITYS = Record(TOY_RECORD, (), (), ())
PLATFORMS = "platforms 2010"


@pytest.fixture(autouse=True)
def citys(monkeypatch, tmp_path):
    """The toy city's record, its place of draws, and a cache of its own, in place of the project's."""
    for place in (
        "innovation.calibration.posterior.binding",
        "innovation.calibration.posterior.kept_draws",
        "innovation.calibration.posterior.refit",
        "innovation.calibration.posterior.own_record",
    ):
        monkeypatch.setattr(f"{place}.read_record", lambda _: CITYS)
    for place in (
        "innovation.calibration.posterior.binding",
        "innovation.calibration.posterior.kept_draws",
        "innovation.calibration.posterior.refit",
    ):
        monkeypatch.setattr(f"{place}.DEFAULT", tmp_path / "citys.parquet")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: tmp_path / "cache" / name)
    small = dataclasses.replace(fitting.QUICK, walkers=8, warm_up=40, steps=40, keep=20)
    monkeypatch.setattr(fitting, "QUICK", small)


def written(path, figures=TOY_RECORD, **moved):
    """A record file of these figures; `moved` are changed fields of the one on platforms in 2010."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(Observation.model_fields)
        for figure in figures:
            other = moved if figure.id == PLATFORMS else {}
            rows.writerow(["" if value is None else value for value in {**figure.model_dump(), **other}.values()])
    return path


@pytest.fixture
def mine(toy_city, tmp_path):
    return read_own_record(toy_city, written(tmp_path / "mine.csv", value=21.0, note="counted anew"))


def kept(toy_city, path, record):
    """Draws of a record, as a fit would leave them."""
    fitted = Posterior(toy_city, record.counted)
    save(path, fake_fit(fitted, 12), fitted, quick=False, record=record)
    return path


@pytest.fixture
def file(toy_city, tmp_path, mine):
    return kept(toy_city, tmp_path / "draws.parquet", mine)


def refusal(call, *given, kind=PosteriorError, **options) -> str:
    with pytest.raises(kind) as error:
        call(*given, **options)
    return str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["mine.csv", "does not exist", "Check the name"]),
        ("folder", ["mine.csv", "this is a folder", "Name a file of text"]),
        ("", ["mine.csv, line 1", "The columns are missing", f"Expected: {COLUMNS}"]),
        (COLUMNS, ["mine.csv", "No figure of this record counts", "counts yes"]),
        (LEVEL.replace(",yes,Plan2012,一,", ",no,Plan2012,一,seen"), ["No figure of this record counts"]),
        (LEVEL.replace(",2010,", ",,"), ["mine.csv, line 2, last", "found nothing"]),
        (LEVEL.replace(",20,", ",0,"), ["mine.csv, line 2", 'needs a figure above 0']),
        (LEVEL.replace(",20,", ",-20,"), ["mine.csv, line 2", 'needs a figure above 0']),
        (EVENTS.replace(",6,", ",-6,"), ["mine.csv, line 2", "needs a whole number of events, 0 or above"]),
        (f"{LEVEL}\n{LEVEL.replace('works', 'too').replace(',20,', ',21,')}", ["line 3", "first in line 2 (works)"]),
        (
            f"{LEVEL}\n{LEVEL.replace('works', 'too').replace(',20,exact,,', ',22,rounded,0.5,')}",
            ["mine.csv, line 3", "rounded 22 stands here and 20 in line 2 (works)", "they disagree", "Keep one"],
        ),
        (LEVEL.replace(",2010,", ",2011,"), ["mine.csv, line 2", "The year 2011", "2005 to 2010"]),
        (LEVEL.replace(",platforms,", ",platfroms,"), ["mine.csv, line 2", "Did you mean: platforms"]),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_refused_with_line_and_remedy(toy_city, tmp_path, content, words):
    path = tmp_path / "mine.csv"
    if content == "folder":
        path.mkdir()
    elif content is not None:
        path.write_text(content if content in ("", COLUMNS) else f"{COLUMNS}\n{content}\n", encoding="utf-8")

    said = refusal(read_own_record, toy_city, path, kind=ObservationError)

    assert all(word in said for word in words), said


def test_no_events_are_a_figure_and_a_source_is_the_researchers_affair(toy_city, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(f"{COLUMNS}\n{EVENTS.replace(',6,', ',0,').replace('Plan2012', 'My own survey')}\n", "utf-8")

    found = read_own_record(toy_city, path)

    assert (found.name, [figure.value for figure in found.counted]) == ("mine.csv", [0.0])
    assert (found.conflicts, found.left_aside, found.reasons) == ((), (), ())


def test_the_citys_own_record_is_no_record_of_ones_own(toy_city):
    assert "Leave --record out" in refusal(read_own_record, toy_city, OBSERVATIONS, kind=ObservationError)


def test_draws_of_a_record_are_refused_where_the_citys_own_are_expected(toy_city, file, mine):
    for call in (load, rebind):
        said = refusal(call, toy_city, file)

        assert "belong to the record mine.csv (" in said and "the city's own record are asked for" in said
        assert "--posterior FILE, or --record mine.csv" in said


def test_draws_of_a_record_are_taken_and_tell_it_where_they_are_asked_for(toy_city, file, mine):
    asked, named = load(toy_city, file, record=mine), load(toy_city, file, of_any=True)

    for found in (asked, named):
        assert found.attrs(5)["record"] == "mine.csv"
        assert found.attrs(5)["record_hash"] == found.record.record_hash
        assert record_of(toy_city, found) == mine
    assert rebind(toy_city, file, of_any=True).draws.hash == named.hash


def test_the_citys_draws_are_never_those_of_a_record(toy_city, tmp_path, mine):
    ours = kept(toy_city, tmp_path / "ours.parquet", CITYS)

    assert "belong to the city's own record" in refusal(load, toy_city, ours, record=mine)
    found = load(toy_city, ours, of_any=True)
    assert "record" not in found.attrs(5)
    assert record_of(toy_city, found) is CITYS


def test_draws_of_another_record_of_ones_own_are_refused_and_a_file_may_be_renamed(toy_city, tmp_path, file, mine):
    other = read_own_record(toy_city, written(tmp_path / "other.csv"))
    renamed = dataclasses.replace(mine, name="renamed.csv")

    assert "those of the record other.csv are asked for" in refusal(load, toy_city, file, record=other)
    assert load(toy_city, file, record=renamed).record.record_name == "mine.csv"


def test_a_record_changed_after_the_fit_is_refused_with_what_changed(toy_city, tmp_path, file):
    added = TOY_RECORD[1].model_copy(update={"id": "new one", "last": 2007, "value": 590.0})
    figures = [figure for figure in TOY_RECORD if figure.id != "output 2006"]
    changed = written(tmp_path / "mine.csv", [*figures, added], value=22.0, rounding=1.0)

    said = refusal(load, toy_city, file, record=read_own_record(toy_city, changed))

    assert "belong to other data" in said
    assert f"changed: {PLATFORMS} (value 21, now 22, rounding 0.5, now 1)" in said
    assert "added: new one" in said
    assert "gone, or not counted any more: output 2006" in said
    assert "cli.py calibrate --record mine.csv" in said


def test_a_figure_that_no_longer_counts_is_named_and_one_that_never_did_may_change(toy_city, tmp_path):
    seen = TOY_RECORD[4].model_copy(update={"id": "seen", "last": 2009, "counts": "no", "note": "of other scope"})
    mine = read_own_record(toy_city, written(tmp_path / "mine.csv", [*TOY_RECORD, seen]))
    file = kept(toy_city, tmp_path / "draws.parquet", mine)
    moved = seen.model_copy(update={"value": 400.0})

    now = read_own_record(toy_city, written(tmp_path / "mine.csv", [*TOY_RECORD, moved]))
    assert record_of(toy_city, load(toy_city, file, record=now)).levels("electronics_output")[2009] == 400.0
    less = read_own_record(toy_city, written(tmp_path / "mine.csv", counts="no", note="of other scope"))
    assert f"gone, or not counted any more: {PLATFORMS}" in refusal(load, toy_city, file, record=less)


def test_of_the_citys_own_record_too_it_is_said_what_changed(toy_city, tmp_path, monkeypatch, mine):
    file = kept(toy_city, tmp_path / "ours.parquet", CITYS)
    monkeypatch.setattr(
        "innovation.calibration.posterior.kept_draws.read_record", lambda _: dataclasses.replace(mine, name="")
    )

    assert f"changed: {PLATFORMS} (value 20, now 21)" in refusal(load, toy_city, file)


def test_draws_that_do_not_carry_their_record_still_say_which_figures_came_and_went(toy_city, tmp_path):
    found = load(toy_city, kept(toy_city, tmp_path / "ours.parquet", CITYS)).record
    old = dataclasses.replace(found, observations=())

    assert str(changes(old, TOY_RECORD[1:])) == f"gone, or not counted any more: {TOY_RECORD[0].id}"
    assert str(changes(old, TOY_RECORD)) == ""


@pytest.mark.parametrize("figures", [TOY_RECORD[-1:], TOY_RECORD[4:5]])
def test_a_record_of_one_figure_is_enough(toy_city, tmp_path, figures):
    record = read_own_record(toy_city, written(tmp_path / "one.csv", figures))

    found = fitted(toy_city, tmp_path / "one.parquet", record)

    assert np.isfinite(found.z).all()
    assert load(toy_city, tmp_path / "one.parquet", record=record, unfit_ok=True).record.record_name == "one.csv"


def test_a_prior_changed_after_the_fit_is_named(toy_city, file, mine):
    parameter = toy_city.parameters["forgetting"]
    other = parameter.model_copy(update={"high": parameter.high * 1.01})
    moved = dataclasses.replace(toy_city, parameters={**toy_city.parameters, "forgetting": other})

    said = refusal(load, moved, file, record=mine)

    assert "the prior of forgetting has changed" in said
    assert "cli.py calibrate --record mine.csv" in said


def test_no_draws_take_the_place_of_another_records(toy_city, tmp_path, file, mine):
    ours = kept(toy_city, tmp_path / "ours.parquet", CITYS)
    before = ours.read_bytes(), file.read_bytes()

    assert "holds draws of the city's own record" in refusal(calibrate, toy_city, ours, record=mine)
    assert "holds draws of the record mine.csv" in refusal(calibrate, toy_city, file)
    assert "holds draws of the city's own record" in refusal(rebind, toy_city, file, ours, record=mine)
    for call, given in ((calibrate, (kept_draws.DEFAULT,)), (rebind, (file, kept_draws.DEFAULT))):
        assert "the place of the city's own draws" in refusal(call, toy_city, *given, record=mine)
    assert (ours.read_bytes(), file.read_bytes()) == before
    assert not kept_draws.DEFAULT.exists()


def fitted(toy_city, path, record, **options):
    return calibrate(toy_city, path, quick=True, record=record, **options)


def state_of(toy_city, record):
    return state_folder(Posterior(toy_city, record.counted), True, 1, record.name)


def cut_while_drawing(now):
    if now.step == "drawing":
        raise KeyboardInterrupt


def test_a_fit_cut_off_goes_on_and_never_with_the_state_of_another_record(toy_city, tmp_path, mine):
    with pytest.raises(KeyboardInterrupt):
        fitted(toy_city, tmp_path / "a.parquet", mine, on_progress=cut_while_drawing)
    told = []
    state, other = state_of(toy_city, mine), state_of(toy_city, CITYS)
    shutil.copytree(state, other)

    said = refusal(fitted, toy_city, tmp_path / "ours.parquet", None)
    again = fitted(toy_city, tmp_path / "a.parquet", mine, on_progress=lambda now: told.append(now.step))

    assert state != other
    assert "the state of another run" in said and "Delete that folder" in said
    assert set(told) == {"drawing"}
    assert again.hash == fitted(toy_city, tmp_path / "b.parquet", mine).hash
    assert not state.exists()


def test_one_thread_makes_the_draws_that_two_make(toy_city, tmp_path, mine):
    one = fitted(toy_city, tmp_path / "one.parquet", mine, threads=1)
    two = fitted(toy_city, tmp_path / "two.parquet", mine, threads=2)

    np.testing.assert_array_equal(one.z, two.z)
    assert one.record.record_name == "mine.csv" and one.record.quick


def full(*_, **__):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="only where a system keeps room for a file")
def test_a_disk_too_small_for_the_draws_of_the_sampler_is_told_before_they_are_drawn(
    toy_city, tmp_path, mine, monkeypatch
):
    monkeypatch.setattr(os, "posix_fallocate", full)

    said = refusal(fitted, toy_city, tmp_path / "a.parquet", mine)

    assert str(state_of(toy_city, mine)) in said and "the disk is full" in said and "goes on from what is kept" in said
    assert (state_of(toy_city, mine) / "optima.npz").exists()


def test_a_disk_that_fills_while_a_fit_draws_keeps_what_is_there(toy_city, tmp_path, mine, monkeypatch):
    write = saved_state.write_arrays

    def fills(path, arrays):
        full() if path.name == "draws.npz" else write(path, arrays)

    with monkeypatch.context() as patched:
        patched.setattr(saved_state, "write_arrays", fills)
        said = refusal(fitted, toy_city, tmp_path / "a.parquet", mine)
    told = []
    again = fitted(toy_city, tmp_path / "a.parquet", mine, on_progress=lambda now: told.append(now.step))

    assert "the disk is full" in said and "run the same again" in said
    assert set(told) == {"drawing"}
    assert again.hash == fitted(toy_city, tmp_path / "b.parquet", mine).hash


def test_a_file_that_cannot_be_written_is_told_before_the_fit_or_leaves_its_state(
    toy_city, tmp_path, mine, monkeypatch
):
    (tmp_path / "file").write_text("no folder")
    before = refusal(fitted, toy_city, tmp_path / "file" / "a.parquet", mine)
    with monkeypatch.context() as patched:
        patched.setattr(refit, "save", full)
        after = refusal(fitted, toy_city, tmp_path / "a.parquet", mine)

    assert "cannot be written" in before and "--out FILE" in before
    assert "the disk is full" in after and "What was fitted is kept" in after
    assert (state_of(toy_city, mine) / "draws.npz").exists()
    told = []
    fitted(toy_city, tmp_path / "a.parquet", mine, on_progress=lambda now: told.append(now.step))
    assert told == []


def test_a_figure_that_no_draw_of_the_priors_allows_is_named_before_the_fit(toy_city, tmp_path):
    opened = TOY_RECORD[-1].model_copy(update={"id": "too early", "of": "openings of the plan"})
    record = read_own_record(toy_city, written(tmp_path / "mine.csv", [*TOY_RECORD, opened]))

    said = refusal(fitted, toy_city, tmp_path / "a.parquet", record)

    assert "mine.csv" in said and "The figure too early has no chance" in said
    assert "new" not in said


def test_a_record_that_teaches_nothing_is_refused_before_the_fit(toy_city, tmp_path):
    moved = TOY_RECORD[-1].model_copy(update={"id": "start", "of": "initial platforms", "operator": "level"})
    start = moved.model_copy(update={"first": None, "value": 14.0, "error": "log", "size": "accounts"})
    record = read_own_record(toy_city, written(tmp_path / "mine.csv", [start]))

    assert "can teach nothing" in refusal(fitted, toy_city, tmp_path / "a.parquet", record)

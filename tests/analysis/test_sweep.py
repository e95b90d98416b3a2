"""A sweep's folder: same bytes whatever happened on the way, nothing lost, nothing mixed, failures on record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from innovation.analysis.analysis_folder import analyse
from innovation.analysis.design import points
from innovation.analysis.indices.rankings import rank
from innovation.analysis.sweeps import sweep_folder as sweeping
from innovation.analysis.sweeps.exploring import explored
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import SAME, estimate, manifest_of, memory, sweep
from innovation.engine.errors import RunError
from innovation.engine.progress import Progress
from innovation.model.files.faults import DocumentError
from innovation.model.loading import load_city
from innovation.scenarios.execution import run_store
from innovation.scenarios.execution.executor import ClusterError
from innovation.scenarios.execution.run_store import FolderError, held
from innovation.scenarios.simulation.failures import TooManyFailed

ROOT = Path(__file__).parents[2]
TOY = ROOT / "tests" / "models" / "toy_city"
FACTORS = """\
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 1}
"""
SMALL = f"method: monte_carlo\nsize: 100\nseed: 4\n{FACTORS}"


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def small_parts(monkeypatch):
    """Parts of 16 members, so that a small sweep has many."""
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 16)


def test_results_are_the_engines_for_each_member(toy_city, study_of, tmp_path, small_parts):
    study = study_of(toy_city, SMALL)

    outcome = sweep(study, tmp_path / "out", double=True)

    results = read_results(tmp_path / "out")
    values, given = study.block(0, 16)
    run = toy_city.model.run(given, ["output of the year"], [2016.0])
    assert (outcome.members, outcome.failed_members, outcome.failed_parts) == (100, 0, {})
    assert np.array_equal(results.parameters(np.arange(16)), values)
    place = results.available(2015).index("output")
    # Another set of outputs is other code, which may round otherwise.
    assert np.allclose(
        results.figures(2015, np.arange(16))[:, place], run["output_of_the_year"].values[:, 0], rtol=1e-12
    )


def test_a_row_is_a_member_and_year_with_units(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path / "out")

    table = pq.read_table(tmp_path / "out" / "results")
    assert table.column_names == ["member", "year", *toy_city.targets]
    assert len(table) == 100 * 21
    assert np.array_equal(table["member"].to_numpy(), np.repeat(np.arange(100), 21))
    assert str(table.schema.field("output").type) == "float"
    assert table.schema.field("output").metadata[b"unit"] == toy_city.indicators["output"].unit.encode()
    early = table.filter(np.equal(table["year"].to_numpy(), 2005))
    assert early["science_share"].null_count == 100  # it has no figure before 2006


def test_a_folder_has_no_day_and_no_machine_in_it(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path / "one")
    time.sleep(1.1)
    sweep(study_of(toy_city, SMALL), tmp_path / "another")

    assert content_of(tmp_path / "one") == content_of(tmp_path / "another")
    assert os.uname().nodename.encode() not in (tmp_path / "one" / "manifest.json").read_bytes()


def test_an_interrupted_sweep_ends_with_the_same_bytes(toy_city, study_of, tmp_path, small_parts):
    study, done = study_of(toy_city, SMALL), []

    def interrupt(now: Progress) -> None:
        done.append(now)
        if len(done) == 1 + 3:
            raise KeyboardInterrupt

    sweep(study, tmp_path / "undisturbed")
    with pytest.raises(KeyboardInterrupt):
        sweep(study, tmp_path / "out", on_progress=interrupt)
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["complete"] is False
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "results").iterdir()}
    assert 0 < len(kept) < 7
    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")
    assert all(path.stat().st_mtime_ns == then for path, then in kept.items())


@pytest.mark.parametrize("kind", ["results", "parameters"])
def test_a_part_cut_short_from_outside_is_told_and_made_again(toy_city, study_of, tmp_path, small_parts, kind):
    study = study_of(toy_city, SMALL)
    sweep(study, tmp_path / "out")
    before = content_of(tmp_path / "out")
    part = tmp_path / "out" / kind / "part-00002.parquet"
    part.write_bytes(part.read_bytes()[:-50])

    with pytest.raises(FolderError, match=r"part-00002\.parquet.*\n.*(cannot be read|is another)"):
        analyse(read_results(tmp_path / "out"))
    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_a_changed_byte_in_a_part_is_told(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path / "out")
    part = tmp_path / "out" / "results" / "part-00002.parquet"
    content = bytearray(part.read_bytes())
    place = pq.read_metadata(part).row_group(0).column(2).data_page_offset + 60
    content[place] ^= 1
    part.write_bytes(content)

    with pytest.raises(FolderError, match="its SHA-256 is another"):
        read_results(tmp_path / "out").figures(2015, np.arange(100))


def test_a_part_that_cannot_be_read_is_not_put_down_to_too_few_members(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path)
    (tmp_path / "results" / "part-00001.parquet").write_bytes(b"PAR1")

    with pytest.raises(FolderError, match=r"cannot be read|is another") as wrong:
        analyse(read_results(tmp_path))

    assert "more members" not in str(wrong.value)


def test_swapped_parts_are_told_and_made_again(toy_city, study_of, tmp_path, small_parts):
    study = study_of(toy_city, SMALL)
    sweep(study, tmp_path / "out")
    before = content_of(tmp_path / "out")
    swapped(tmp_path / "out" / "results", "part-00001.parquet", "part-00002.parquet")

    with pytest.raises(FolderError, match="its SHA-256 is another"):
        analyse(read_results(tmp_path / "out"))
    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_parts_swapped_before_the_end_are_made_again(toy_city, study_of, tmp_path, small_parts):
    study, done = study_of(toy_city, SMALL), []

    def interrupt(now: Progress) -> None:
        done.append(now)
        if len(done) == 1 + 4:
            raise KeyboardInterrupt

    sweep(study, tmp_path / "undisturbed")
    with pytest.raises(KeyboardInterrupt):
        sweep(study, tmp_path / "out", on_progress=interrupt)
    for kind in ("results", "parameters"):
        swapped(tmp_path / "out" / kind, "part-00000.parquet", "part-00001.parquet")

    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


def test_a_part_of_another_sweep_is_not_taken_for_ones_own(toy_city, study_of, tmp_path, small_parts):
    study = study_of(toy_city, SMALL)
    sweep(study, tmp_path / "out")
    sweep(study_of(toy_city, SMALL.replace("seed: 4", "seed: 5")), tmp_path / "other")
    before = content_of(tmp_path / "out")
    for kind in ("results", "parameters"):
        name = f"{kind}/part-00003.parquet"
        (tmp_path / "out" / name).write_bytes((tmp_path / "other" / name).read_bytes())

    with pytest.raises(FolderError, match="is another"):
        analyse(read_results(tmp_path / "out"))
    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_members_that_do_not_belong_to_a_part_are_told_even_with_its_hash(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path / "out")
    swapped(tmp_path / "out" / "results", "part-00001.parquet", "part-00002.parquet")
    results = read_results(tmp_path / "out")
    one, two = (f"results/part-0000{number}.parquet" for number in (1, 2))
    digests = results.manifest["parts"]
    digests[one], digests[two] = digests[two], digests[one]

    with pytest.raises(FolderError, match="holds members 32 to 47; expected 16 to 31"):
        results.figures(2015, np.arange(100))


def swapped(folder: Path, one: str, two: str) -> None:
    first, second = (folder / one).read_bytes(), (folder / two).read_bytes()
    (folder / one).write_bytes(second)
    (folder / two).write_bytes(first)


def test_what_the_engine_refuses_is_told_whole_before_anything_is_written(toy_city, study_of, tmp_path, monkeypatch):
    study = study_of(toy_city, SMALL)

    def refusing(*_: object, **__: object) -> None:
        raise RunError("2 faults in the parameters of a run:\n  the first\n  the second")

    monkeypatch.setattr(type(toy_city.model), "arrays", refusing)

    for act in (lambda: sweep(study, tmp_path / "out"), lambda: explored(study), lambda: estimate(study)):
        with pytest.raises(DocumentError, match="2 faults in the parameters of a run: the first the second"):
            act()
    assert not (tmp_path / "out").exists()


def test_the_reason_of_a_part_that_could_not_be_computed_is_kept_whole(toy_city, study_of, tmp_path, monkeypatch):
    def failing(*_: object) -> None:
        raise ValueError("first line\n  and what it says")

    monkeypatch.setattr(sweeping, "figures_part", failing)

    outcome = sweep(study_of(toy_city, SMALL), tmp_path / "out")

    assert outcome.failed_parts == {0: "ValueError: first line and what it says"}


def test_a_morris_plan_is_made_a_block_at_a_time(toy_city, study_of):
    study = study_of(toy_city, f"method: morris\nsize: 16000000\nyears: [2015]\n{FACTORS}")
    plan = study.plan

    late = plan.block(47_990_000, 48_000_000)

    assert plan.members == 48_000_000
    assert memory(study) < 1e9
    assert len(late) == 10_000
    moved = np.diff(plan.block(30_000, 30_000 + 3 * 1000).reshape(-1, 3, 2), axis=1)
    assert np.array_equal((moved != 0).sum(axis=(1, 2)), np.full(1000, 2))
    assert np.allclose(np.abs(moved[moved != 0]), 2 / 3)
    assert np.array_equal(plan.part(20_000, 30_000)[7_000:8_000], plan.block(27_000, 28_000))


def test_a_plan_larger_than_memory_is_refused_before_it_is_made(toy_city, study_of, tmp_path, monkeypatch):
    study = study_of(toy_city, SMALL.replace("monte_carlo", "latin_hypercube").replace("size: 100", "size: 50000000"))
    monkeypatch.setattr(sweeping, "_memory_of_machine", lambda: 5e8)

    for act in (lambda: estimate(study), lambda: sweep(study, tmp_path / "out")):
        with pytest.raises(DocumentError, match=r"needs about 7\d\d\.\d MB of memory.*500\.0 MB"):
            act()


def test_a_part_that_is_gone_is_not_taken_for_one_that_failed(toy_city, study_of, tmp_path, small_parts):
    sweep(study_of(toy_city, SMALL), tmp_path / "out")
    (tmp_path / "out" / "results" / "part-00002.parquet").unlink()

    with pytest.raises(FolderError, match="The file is not there"):
        read_results(tmp_path / "out").figures(2015, np.arange(100))


def test_a_full_disk_leaves_whole_parts_and_goes_on_afterwards(toy_city, study_of, tmp_path, small_parts, monkeypatch):
    study, replaced, count = study_of(toy_city, SMALL), Path.replace, []

    def full(path: Path, target: Path) -> Path:
        count.append(target)
        if len(count) == 6:
            raise OSError(28, "No space left on device")
        return replaced(path, target)

    sweep(study, tmp_path / "undisturbed")
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(FolderError, match="the disk is full"):
        sweep(study, tmp_path / "out")
    monkeypatch.undo()
    for place in (points, sweeping):
        monkeypatch.setattr(place, "BLOCK", 16)
    assert not list((tmp_path / "out").rglob("*.part"))
    sweep(study, tmp_path / "out")

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("old", "new", "said"), [("seed: 4", "seed: 5", "another design"), ("0.05]", "0.06]", "another design")]
)
def test_a_folder_of_another_design_or_seed_is_refused(toy_city, study_of, tmp_path, old, new, said):
    sweep(study_of(toy_city, SMALL), tmp_path / "out")
    before = content_of(tmp_path / "out")

    with pytest.raises(FolderError, match=said):
        sweep(study_of(toy_city, SMALL.replace(old, new)), tmp_path / "out")

    assert content_of(tmp_path / "out") == before


def test_a_folder_of_another_model_is_refused(toy_city, study_of, tmp_path):
    variant = tmp_path / "variant.mdl"
    variant.write_text((TOY / "toy.mdl").read_text(encoding="utf-8").replace("forgetting = 0.15", "forgetting = 0.16"))
    sweep(study_of(toy_city, SMALL), tmp_path / "out")

    with pytest.raises(FolderError, match="another model"):
        sweep(study_of(load_city(TOY, variant), SMALL), tmp_path / "out")


def test_a_folder_of_other_files_is_refused(toy_city, study_of, tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / ".download.part").write_text("mine too")
    before = content_of(tmp_path)

    with pytest.raises(FolderError, match="files that are not of this command"):
        sweep(study_of(toy_city, SMALL), tmp_path)

    assert content_of(tmp_path) == before


def test_the_second_of_two_processes_is_told(toy_city, study_of, tmp_path):
    study = study_of(toy_city, SMALL)

    mine = held(tmp_path / "out", manifest_of(study, False), SAME, ())

    with mine, pytest.raises(FolderError, match="Another process"):
        sweep(study, tmp_path / "out")


def test_a_disk_that_is_too_small_is_told_before_anything_runs(toy_city, study_of, tmp_path, monkeypatch):
    usage = run_store.shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(run_store.shutil, "disk_usage", lambda _: usage)

    with pytest.raises(FolderError, match=r"need about .* and the disk has 10.0 kB"):
        sweep(study_of(toy_city, SMALL), tmp_path / "out")

    assert not (tmp_path / "out").exists()


FALLING = (  # a Latin hypercube has one in a hundred of them below zero, exactly
    "method: latin_hypercube\nsize: 400\noutputs: [ishigami, root]\n"
    "factors:\n  - {constant: first, range: [-0.03, 2.97]}\n  - {constant: second, range: [-1, 1]}\n"
)


def test_members_that_fail_are_on_record_and_told_of(ishigami, study_of, tmp_path, small_parts):
    outcome = sweep(study_of(ishigami, FALLING), tmp_path / "out")

    failed = pq.read_table(tmp_path / "out" / "failed.parquet").to_pandas()
    results = pq.read_table(tmp_path / "out" / "results").to_pandas().set_index("member")
    assert outcome.failed_members == len(failed) == 4
    assert (failed["first"] < 0).all()
    assert set(failed["variable"]) == {"root"}
    assert outcome.first is not None and outcome.first.member == failed["member"][0]
    assert results.loc[failed["member"]].drop(columns="year").isna().all(axis=None)
    assert set(results.index) == set(range(400))
    found = read_results(tmp_path / "out")
    said = analyse(found).words
    assert "Left out: 4 of 400 members, with no result; 396 are used." in said
    assert f"Member {failed['member'][0]}: “root” is not a finite number in" in said
    assert rank(found, 2011).counted.used == 396


def test_of_a_sweep_that_lost_too_many_nothing_is_found(ishigami, study_of, tmp_path, small_parts):
    wide = FALLING.replace("-0.03, 2.97", "-1, 3")
    outcome = sweep(study_of(ishigami, wide), tmp_path / "out")

    assert outcome.failed_members == 100
    with pytest.raises(TooManyFailed, match=r"No findings: 100 of 400 members gave no result, and at most 1 %"):
        analyse(read_results(tmp_path / "out"))
    assert not (tmp_path / "out" / "analysis").exists()


def test_chunks_and_parts_change_no_reason(ishigami, study_of, tmp_path, monkeypatch):
    sweep(study_of(ishigami, FALLING), tmp_path / "whole")
    whole = pq.read_table(tmp_path / "whole" / "failed.parquet")
    held = explored(study_of(ishigami, FALLING))

    assert [one.member for one in held.reasons] == whole["member"].to_pylist()
    assert [one.variable for one in held.reasons] == whole["variable"].to_pylist()
    assert held.failures == read_results(tmp_path / "whole").failures


def test_an_estimate_writes_nothing(toy_city, study_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    found = estimate(study_of(toy_city, SMALL.replace("size: 100", "size: 1000000")))

    assert (found.members, found.parts) == (1_000_000, 100)
    assert found.seconds > 0
    # A million rows of 21 years and four float32 figures, and two float64 factors.
    assert found.size == pytest.approx(1e6 * (21 * 4 * 4 + 16), rel=0.2)
    assert not list(tmp_path.iterdir())


def test_an_unfinished_folder_is_not_analysed(toy_city, study_of, tmp_path, small_parts):
    def interrupt(now: Progress) -> None:
        if now.done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(study_of(toy_city, SMALL), tmp_path / "out", on_progress=interrupt)

    with pytest.raises(FolderError, match="has not ended"):
        read_results(tmp_path / "out")


@pytest.mark.slow
def test_a_killed_command_goes_on_to_the_same_bytes(tmp_path):
    design = tmp_path / "design.yaml"
    design.write_text(f"schema: 1\n{SMALL}".replace("size: 100", "size: 60000"), encoding="utf-8")
    command = [sys.executable, str(ROOT / "cli.py"), "sweep", str(design), "--model", str(TOY / "toy.mdl"), "--quiet"]
    subprocess.run([*command, "--out", str(tmp_path / "undisturbed")], check=True, timeout=300)

    process = subprocess.Popen([*command, "--out", str(tmp_path / "out")])
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob("results/part-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert len(list((tmp_path / "out").glob("results/part-*.parquet"))) < 6
    subprocess.run([*command, "--out", str(tmp_path / "out")], check=True, timeout=300)

    assert content_of(tmp_path / "out") == content_of(tmp_path / "undisturbed")


def test_ctrl_c_ends_cleanly_and_says_how_to_go_on(tmp_path):
    design = tmp_path / "design.yaml"
    design.write_text(f"schema: 1\n{SMALL}".replace("size: 100", "size: 400000"), encoding="utf-8")
    command = [sys.executable, str(ROOT / "cli.py"), "sweep", str(design), "--model", str(TOY / "toy.mdl")]

    process = subprocess.Popen([*command, "--out", str(tmp_path / "out")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob("results/part-*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]

    assert process.returncode == 130
    assert "The same command goes on from there" in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_cluster_that_does_not_answer_is_told(toy_city, study_of, tmp_path):
    pytest.importorskip("distributed")

    with pytest.raises(ClusterError, match="No Dask scheduler answers"):
        sweep(study_of(toy_city, SMALL), tmp_path / "out", cluster="tcp://127.0.0.1:9")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_told(toy_city, study_of, tmp_path):
    (tmp_path / "file").write_text("mine")

    with pytest.raises(FolderError, match="Nothing can be written here"):
        sweep(study_of(toy_city, SMALL), tmp_path / "file" / "out")
    with pytest.raises(FolderError, match="This is a file"):
        sweep(study_of(toy_city, SMALL), tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_an_output_that_does_not_vary_is_analysed_beside_others(toy_city, study_of, tmp_path):
    text = (
        "method: sobol\nsize: 64\noutputs: [science_share, platforms, 'industry output[materials]']\nyears: [2015]\n"
        "factors:\n  - {constant: platform cost, range: [2, 6]}\n  - {constant: forgetting, range: [0.1, 0.2]}\n"
    )
    sweep(study_of(toy_city, text), tmp_path / "out")

    found = analyse(read_results(tmp_path / "out"))

    assert "science_share: the same in all members" in found.words
    assert "platforms: platform cost (" in found.words
    assert "tornado-industry_output_materials_-2015.svg" in found.files

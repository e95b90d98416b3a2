"""Two fits of one record: what their files say, chance by chance, and what the page makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.calibration.evidence.basis import Basis
from innovation.calibration.evidence.evidence import Evidence
from innovation.calibration.evidence.marks import part_marks
from innovation.calibration.evidence.sections.trust import trust_section
from innovation.calibration.posterior.kept_draws import save
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.trust import kept, seeds
from innovation.scenarios.scenario_files import parse_scenario
from innovation.scenarios.simulation.chances import chances
from innovation.scenarios.simulation.run import simulate
from tests.calibration.fits import fake_fit

from .test_likelihood import TOY_RECORD

BASELINE = (
    "schema: 2\nid: baseline\ntitle: {en: As it is, zh: 现状}\nquestion: {en: What?, zh: 如何？}\nsource: judgement\n"
)
COST = {kept.SECONDS: 120.0, kept.PROCESSOR: 200.0, kept.MEMORY: 1.5}


@pytest.fixture(scope="module")
def posterior(toy_city):
    return Posterior(toy_city, TOY_RECORD)


@pytest.fixture(scope="module")
def both(posterior, tmp_path_factory):
    folder = tmp_path_factory.mktemp("draws")
    return [save(folder / f"{seed}.parquet", fake_fit(posterior, 200, seed), posterior, quick=False) for seed in (1, 2)]


def rows_of(city, both):
    return list(seeds.compared(city, [parse_scenario(city, BASELINE, "baseline.yaml")], *both, COST))


def test_a_row_has_the_chance_of_each_fit_as_its_draws_alone_give_it(toy_city, both):
    found = {row["of"]: row for row in rows_of(toy_city, both) if row["kind"] == kept.CHANCE}

    scenario = parse_scenario(toy_city, BASELINE, "baseline.yaml")
    for draws, which in zip(both, ("first", "second"), strict=True):
        (expected,) = chances(toy_city, simulate(toy_city, [scenario], draws.members(200)))
        assert set(found) == set(expected.targets)
        for name, one in expected.targets.items():
            assert float(found[name][which]) == pytest.approx(one.chance, abs=1e-6)
            assert float(found[name][f"{which} error"]) == pytest.approx(one.error, rel=1e-5)


def test_the_page_tells_what_the_second_fit_took_and_counts_what_differs(toy_city, posterior, both, tmp_path):
    basis = Basis(posterior, both[0].z, posterior.uninformed.draw(200, 1), TOY_RECORD, draws=both[0])
    marks = part_marks("seeds", basis.marks, basis.fitted)
    rows = rows_of(toy_city, both)
    first = next(row for row in rows if row["kind"] == kept.CHANCE)
    apart = {**first, "first": "0.4", "first error": "0.03", "second": "0.5", "second error": "0.04"}
    alike = {**apart, "second": "0.49"}

    def said(rows, marks=marks, damage=""):
        sealed = [kept.sealed({**marks, **row}) for row in rows]
        sealed[0]["second"] += damage
        kept.write_rows(tmp_path / kept.SEEDS, sealed)
        return " ".join(trust_section(Evidence(basis, {}), tmp_path))

    fits = [row for row in rows if row["kind"] == kept.FIT]
    assert "took 2 minutes (3 of processors), 1.5 GB at most" in said([*fits, apart])
    assert "R-hat 1.0010, smallest effective sizes 500 (bulk) and 450 (tails)" in said([*fits, apart])
    assert "Of 1 chances of published figures 0 differ by more than 2 Monte Carlo errors" in said([*fits, apart])
    assert "Of 1 chances of published figures 1 differ" in said([*fits, {**apart, "second": "0.51"}])
    assert "at most they differ by 1.8 errors" in said([*fits, alike])
    assert "No second fit is kept of these draws" in said([*fits, apart], {**marks, "draws": "123"})
    assert "was changed by hand" in said([*fits, apart], damage="1")


def test_the_command_that_fails_is_told(toy_city, tmp_path, monkeypatch):
    script = tmp_path / "cli.py"
    script.write_text("raise SystemExit(1)\n")
    monkeypatch.setattr(seeds, "COMMAND", script)

    with pytest.raises(RuntimeError, match="second fit failed"):
        seeds.fit_again(toy_city, tmp_path / "second.parquet", 2)


def test_the_cost_is_that_of_the_command(toy_city, posterior, both, tmp_path, monkeypatch):
    script = tmp_path / "cli.py"
    script.write_text("import time\nbegin = time.process_time()\nwhile time.process_time() - begin < 0.3: pass\n")
    monkeypatch.setattr(seeds, "COMMAND", script)
    monkeypatch.setattr(seeds, "load", lambda city, path: both[1])

    found, cost = seeds.fit_again(toy_city, tmp_path / "second.parquet", 2)

    assert found is both[1]
    assert 0.3 <= cost[kept.PROCESSOR] < 5
    assert cost[kept.SECONDS] >= 0.3 and np.isfinite(cost[kept.MEMORY])

"""The kept numbers of lever answers: they survive the file, know what they belong to, and are those of the city."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from innovation.calibration import lever_answers
from innovation.calibration.posterior import kept_draws
from innovation.scenarios.levers.lever_answers import ends_of
from innovation.scenarios.levers.lever_answers import lever_answers as answered
from innovation.scenarios.simulation.cases import Members

FEW = 3


def test_numbers_are_kept_with_what_they_belong_to_and_come_back(city, monkeypatch, tmp_path):
    monkeypatch.setattr(lever_answers, "MEMBERS", FEW)
    draws = kept_draws.load(city)
    told = []

    assert "missing" in str(lever_answers.stale(city, draws.hash, tmp_path))
    path = lever_answers.make(city, draws, tmp_path, on_progress=told.append)

    assert lever_answers.stale(city, draws.hash, tmp_path) is None
    assert "another posterior" in str(lever_answers.stale(city, "0" * 64, tmp_path))
    assert told[-1].done == told[-1].total == FEW * (2 + len(ends_of(city)))  # 2010 practice, and added money at 20
    members = Members.of(draws.draws, "draws").spread(FEW)
    first = answered(city, members, lever_answers.figures_of(city), lever_answers.beside_of(city))[0]
    kept = path.read_text(encoding="utf-8").splitlines()
    assert f"# members: {FEW}" in kept
    assert f"{first.lever},{first.end},{first.figure},{first.year},{first.low:.6g},{first.middle:.6g}" in "\n".join(
        kept
    )
    assert "| 100 % |" in lever_answers.lever_answers_page(city, tmp_path)


def test_numbers_of_other_ranges_are_stale(city, monkeypatch, tmp_path):
    monkeypatch.setattr(lever_answers, "MEMBERS", 1)
    draws = kept_draws.load(city)
    lever_answers.make(city, draws, tmp_path)
    lever = city.levers["tax_relief"].model_copy(update={"high": 1.2})
    other = replace(city, levers={**city.levers, "tax_relief": lever})

    assert "another set of ranges and figures" in str(lever_answers.stale(other, draws.hash, tmp_path))


def test_the_numbers_that_are_shipped_are_those_of_the_city(city):
    draws = hashlib.sha256(kept_draws.DEFAULT.read_bytes()).hexdigest()

    assert lever_answers.stale(city, draws) is None

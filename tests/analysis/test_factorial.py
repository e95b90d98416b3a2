"""The analysis of variance of a full factorial against sums of squares that are known, and by the users' own path."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest

from innovation.analysis.analysis_folder import analyse
from innovation.analysis.indices.factorial import variance_shares
from innovation.analysis.indices.rankings import rank
from innovation.analysis.sweeps.exploring import explored
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.model.files.faults import DocumentError


def test_shares_are_those_of_the_contrasts_of_a_two_level_design():
    a, b, c = np.array(list(itertools.product([-1.0, 1.0], repeat=3))).T

    found = variance_shares((3 * a + 2 * b * c + 1)[:, None], (2, 2, 2))

    # Orthogonal contrasts: 9 and 4 of 13 parts.
    assert found.first[:, 0] == pytest.approx([9 / 13, 0, 0], abs=1e-15)
    assert found.total[:, 0] == pytest.approx([9 / 13, 4 / 13, 4 / 13])
    assert found.second[1, 2, 0] == pytest.approx(4 / 13)
    assert found.second[0, 1, 0] == pytest.approx(0, abs=1e-15)


def test_shares_of_unequal_levels_are_those_of_sums_of_squares():
    figures = np.random.default_rng(1).random((3 * 4, 2))

    found = variance_shares(figures, (3, 4))

    y = figures.reshape(3, 4, 2)
    rows = 4 * ((y.mean(axis=1) - y.mean(axis=(0, 1))) ** 2).sum(axis=0)
    whole = ((y - y.mean(axis=(0, 1))) ** 2).sum(axis=(0, 1))
    assert found.first[0] == pytest.approx(rows / whole)
    assert found.first.sum(axis=0) + found.second[0, 1] == pytest.approx(1)


def test_a_grid_is_answered_by_its_variance_and_not_by_an_estimate(ishigami, study_of, three, tmp_path):
    sweep(study_of(ishigami, f"method: grid\nsize: 25\nyears: [2011]\n{three}"), tmp_path / "out", double=True)

    words = analyse(read_results(tmp_path / "out")).words

    with (tmp_path / "out" / "analysis" / "anova.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["factor"]: row for row in csv.DictReader(file)}
    # Closed form on 25 equidistant values: cos and sin have means of their own there.
    x = np.linspace(-np.pi, np.pi, 25)
    sine, square, fourth = np.sin(x), 7 * np.sin(x) ** 2, 0.1 * x**4
    third = sine.var() * fourth.var()
    whole = sine.var() * (1 + fourth.mean()) ** 2 + square.var() + third
    assert float(rows["first"]["first"]) == pytest.approx(sine.var() * (1 + fourth.mean()) ** 2 / whole, rel=1e-6)
    assert float(rows["second"]["total"]) == pytest.approx(square.var() / whole, rel=1e-6)
    assert float(rows["third"]["total"]) == pytest.approx(third / whole, rel=1e-6)
    assert float(rows["third"]["first"]) == pytest.approx(0, abs=1e-12)
    assert "15,625 of 15,625 combinations used. Exact analysis of variance" in words
    assert "third (" in words
    assert not (tmp_path / "out" / "analysis" / "cramer_von_mises.csv").exists()


def test_a_grid_with_a_hole_is_refused(ishigami, study_of):
    text = "method: grid\nsize: 5\noutputs: [root]\nyears: [2011]\nfactors:\n  - {constant: first, range: [-1, 3]}\n"

    with pytest.raises(DocumentError, match="4 of 5 combinations have figures"):
        rank(explored(study_of(ishigami, text)), 2011)

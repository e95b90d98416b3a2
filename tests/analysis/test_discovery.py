"""PRIM finds a box that is known, says it in a sentence, and finds none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.analysis.discovery.prim import find_box, sentence


def sample(members: int = 4000, factors: int = 5) -> np.ndarray:
    return np.random.default_rng(8).random((members, factors))


def test_a_known_box_is_found_with_its_two_factors_alone():
    x = sample()
    hits = (x[:, 1] < 0.4) & (x[:, 3] > 0.7)

    box = find_box(x, hits, ["a", "b", "c", "d", "e"])

    assert {(limit.factor, limit.above) for limit in box.limits} == {("b", False), ("d", True)}
    ends = {limit.factor: limit.value for limit in box.limits}
    # A step peels 5 % of what is left: the ends are as coarse as that.
    assert ends["b"] == pytest.approx(0.4, abs=0.03)
    assert ends["d"] == pytest.approx(0.7, abs=0.03)
    assert min(box.coverage, box.density) > 0.9


def test_coverage_and_density_are_counted_as_defined():
    x = sample()
    hits = ((x[:, 0] > 0.5) & (x[:, 1] > 0.5)) | (x[:, 2] > 0.97)

    box = find_box(x, hits, list("abcde"))

    inside = np.ones(len(x), bool)
    for limit in box.limits:
        column = x[:, "abcde".index(limit.factor)]
        inside &= column >= limit.value if limit.above else column <= limit.value
    assert box.coverage == pytest.approx(hits[inside].sum() / hits.sum())
    assert box.density == pytest.approx(hits[inside].mean())
    assert box.mass == pytest.approx(inside.mean())


def test_the_rule_is_a_sentence():
    x = sample()

    said = sentence(find_box(x, x[:, 2] > 0.6, list("abcde")), "output misses its target")

    assert said.startswith("Output misses its target mostly when c > 0.6")
    assert "coverage" in said
    assert "density" in said


def test_pure_chance_has_no_box():
    x = sample()
    hits = np.random.default_rng(9).random(len(x)) < 0.3

    box = find_box(x, hits, list("abcde"))

    # A search over ten sides finds a little even in noise: nothing that a reader would take for a rule.
    assert box.density < 0.45 or not box.limits


def test_an_outcome_of_all_or_none_is_refused():
    with pytest.raises(ValueError, match="or none"):
        find_box(sample(), np.ones(4000, bool), list("abcde"))


def test_a_switch_that_decides_is_a_side_of_the_box_and_one_that_does_not_is_none():
    x = sample()
    x[:, 0], x[:, 4] = x[:, 0] > 0.5, x[:, 4] > 0.7
    hits = (x[:, 0] == 1) & (x[:, 1] < 0.4)

    box = find_box(x, hits, list("abcde"))

    assert {(limit.factor, limit.above) for limit in box.limits} == {("a", True), ("b", False)}
    assert next(limit.value for limit in box.limits if limit.factor == "a") == 0.5
    assert min(box.coverage, box.density) > 0.9

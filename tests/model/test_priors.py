"""Priors as people write them."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from innovation.model.priors import Prior, read_prior


@pytest.mark.parametrize(
    ("text", "prior"),
    [
        ("LN(2,.3)", Prior("LN(2,.3)", "LN", 2, 0.3)),
        ("N(−.008, .012)", Prior("N(−.008, .012)", "N", -0.008, 0.012)),
        ("TN(.45,.07)", Prior("TN(.45,.07)", "TN", 0.45, 0.07, 0, 1)),
        ("TN(.25,.45; −.7,1.2)", Prior("TN(.25,.45; −.7,1.2)", "TN", 0.25, 0.45, -0.7, 1.2)),
        ("LN(1,.6; .12,8.2)", Prior("LN(1,.6; .12,8.2)", "LN", 1, 0.6, 0.12, 8.2)),
        ("Be(.27,.06)", Prior("Be(.27,.06)", "Be", 0.27, 0.06)),
        ("1+LN(3,.5)", Prior("1+LN(3,.5)", "LN", 3, 0.5, -math.inf, math.inf, 1)),
        ("Sw(.2)", Prior("Sw(.2)", "Sw", 0.2, 0.4)),
        ("Sw(1)", Prior("Sw(1)", "Sw", 1, 0)),
    ],
)
def test_a_prior_is_read_as_it_is_written(text, prior):
    found = read_prior(text, low=0, high=1)

    assert found == replace(prior, spread=pytest.approx(prior.spread))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("LN(2)", "two numbers"),
        ("LN(2,.3,4)", "two numbers"),
        ("LN(-2,.3)", "above 0"),
        ("N(0,0)", "above 0"),
        ("N(nan,1)", "finite"),
        ("Be(.5,.6)", "between 0 and 1"),
        ("TN(0,1; 2,1)", "lower first"),
        ("N(0,1; 0,1)", "only TN and LN"),
        ("LN(1,1; 2,1)", "the lower first"),
        ("Sw(-.1)", "between 0 and 1"),
        ("Sw(1.1)", "between 0 and 1"),
        ("Sw(nan)", "between 0 and 1"),
        ("Sw(.6,.5)", "one number"),
        ("Sw()", "one number"),
        ("1+Sw(.5)", "neither moved nor cut"),
        ("Sw(.5; 0,1)", "neither moved nor cut"),
        ("lognormal(2,.3)", "Write one of"),
        ("__import__('os')", "Write one of"),
    ],
)
def test_what_is_no_prior_is_refused_with_what_was_expected(text, word):
    with pytest.raises(ValueError, match=word):
        read_prior(text, low=0, high=1)

"""Formulas in the registries: their value by hand, and refusal of everything else."""

from __future__ import annotations

import math

import pytest

from innovation.model.formulas import FormulaTerm, read_formula

FIGURES = {
    FormulaTerm("gdp"): 12000.0,
    FormulaTerm("gdp", year=2010): 5000.0,
    FormulaTerm("rd", is_target=True): 3.0,
    FormulaTerm("none"): math.nan,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("rd.target / 100 * gdp", 360.0), ("gdp - gdp[2010] * 2", 2000.0), ("-(gdp + 1) / 1.5", -8000.6666666666667),
        ("100 * ((gdp / gdp[2010]) ** (1 / 5) - 1)", 100 * (2.4**0.2 - 1)), ("gdp / (gdp - gdp)", math.nan),
        ("(gdp[2010] - gdp) ** .5", math.nan), ("gdp ** gdp", math.nan), ("none * 2", math.nan),
    ],
)  # fmt: skip
def test_a_formula_has_the_value_that_its_signs_say(text, value):
    assert read_formula(text).value(FIGURES.__getitem__) == pytest.approx(value, nan_ok=True)


def test_a_formula_names_its_figures_in_order():
    assert list(read_formula("a.target * b[2010] + -c").terms()) == [
        FormulaTerm("a", is_target=True),
        FormulaTerm("b", 2010),
        FormulaTerm("c"),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "gdp +", "gdp(2010)", "gdp['x']", "gdp.year", "__import__('os')", "gdp if gdp else 1", "gdp and 1", "gdp // 2",
     "True", "'gdp'", "gdp[2010:2015]", "[gdp]", "gdp < 1", "a.b.target", "gdp[2010.5]", "1 + " * 200 + "1",
     "gdp\x00"],
)  # fmt: skip
def test_everything_else_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match=r"(is not a formula\. Write numbers and indicators|at most 400 signs)"):
        read_formula(text)

"""The laws of the house that speak of the model file: how it is written, and that what it moves is conserved."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest

from innovation.calibration.posterior.kept_draws import load
from innovation.engine.ir.primitives import NEARLY_ZERO
from innovation.engine.ir.structure import (
    TIME_CONTROLS,
    Number,
    Numbers,
    Stock,
    Variable,
    normalised_name,
    references,
    rule_expressions,
    walk,
)
from innovation.model.city import City

VOCABULARY = {
    "INTEG",
    "MAX",
    "MIN",
    "IF THEN ELSE",
    "EXP",
    "LN",
    "SUM",
    "ZIDZ",
    "INITIAL",
    "WITH LOOKUP",
    "DELAY FIXED",
}
FREE_NUMBERS = {0.0, 1.0, NEARLY_ZERO.value}  # the last is inside ZIDZ
MOST_INPUTS = 7


def own(city: City) -> list[Variable]:
    return [v for v in city.model.variables.values() if normalised_name(v.name) not in TIME_CONTROLS]


@cache
def _calls(equation: str) -> frozenset[str]:
    return frozenset(name.strip() for name in re.findall(r"([A-Z][A-Z ]+?)\s*\(", equation))


def test_names_are_letters_digits_and_spaces(city: City) -> None:
    wrong = [v.name for v in own(city) if not re.fullmatch(r"[A-Za-z][A-Za-z0-9 ]*", v.name)]

    assert wrong == []


def test_equations_use_the_listed_functions_only(city: City) -> None:
    wrong = {v.name: _calls(v.equation) - VOCABULARY for v in own(city) if _calls(v.equation) - VOCABULARY}

    assert wrong == {}


def test_no_bare_number_but_0_and_1_stands_in_an_equation(city: City) -> None:
    wrong = {}
    for variable in own(city):
        if variable.kind == "constant":
            continue
        for piece in variable.pieces:
            parts = [part for whole in rule_expressions(piece.rule) for part in walk(whole)]
            found = {p.value for p in parts if isinstance(p, Number)} - FREE_NUMBERS
            if found or any(isinstance(p, Numbers) for p in parts):
                wrong[variable.name] = found

    assert wrong == {}


def test_each_stock_is_a_signed_sum_of_named_flows(city: City) -> None:
    term = r"[A-Za-z][A-Za-z0-9 ]*(\[[^\]]*\])?"
    signed = re.compile(rf"[^=]*= INTEG\s*\(\s*-?\s*{term}(\s*[+-]\s*{term})*\s*,[^,]*\)\s*")
    stocks = [v for v in own(city) if any(isinstance(piece.rule, Stock) for piece in v.pieces)]

    wrong = [v.name for v in stocks if not signed.fullmatch(v.equation)]

    assert len(stocks) > 60
    assert wrong == []


def test_no_equation_has_more_than_seven_inputs(city: City) -> None:
    wrong = {}
    for variable in own(city):
        for piece in variable.pieces:
            named = {found.name for whole in rule_expressions(piece.rule) for found in references(whole)}
            if len(named) > MOST_INPUTS:
                wrong[variable.name] = sorted(named)

    assert wrong == {}


def test_every_element_is_read_by_another_or_by_an_indicator(city: City) -> None:
    read = {normalised_name(name) for v in city.model.variables.values() for name in v.inputs}
    read |= {normalised_name(city.locate(indicator.variable)[0]) for indicator in city.indicators.values()}
    read.add(normalised_name(city.prices.account))  # costs by price are read from it

    unread = [v.name for v in own(city) if normalised_name(v.name) not in read]

    assert unread == []


def test_the_scoreboard_drives_nothing(city: City) -> None:
    board = {normalised_name(v.name) for v in own(city) if v.group.startswith("L ")}

    driven = {
        v.name for v in own(city) if not v.group.startswith("L ") and {normalised_name(i) for i in v.inputs} & board
    }

    assert len(board) > 50
    assert driven == set()


def test_modules_a_to_l_and_the_loops_stand_in_order(city: City) -> None:
    order = list(dict.fromkeys(v.group.split()[0] for v in own(city)))

    assert order == ["0", *"ABCDEFGHIJKL", "M"]


def test_research_by_source_is_research_by_performer(city: City) -> None:
    run = city.model.run(outputs=["total RD", "public performed RD", "business performed RD"])

    performed = run.public_performed_RD + run.business_performed_RD

    np.testing.assert_allclose(performed, run.total_RD, rtol=1e-12)  # a sum in another order


def test_science_money_is_spent_on_its_uses(city: City) -> None:
    run = city.model.run(outputs=["science money", "disbursement", "added disbursement"])

    spent = run.science_money.sum("fund")

    np.testing.assert_allclose(spent, run.disbursement + run.added_disbursement, rtol=1e-12)  # a sum in another order


def test_shares_that_the_file_calls_whole_sum_to_one(city: City) -> None:
    splits = ("mix weight", "weight of practice", "added weight", "programme weight", "platform weight")
    splits += ("procurement split", "attraction split")
    for name in splits:
        assert np.sum(city.model.constants[name]) == pytest.approx(1, abs=1e-12), name
    assert np.all(np.sum(np.asarray(city.model.constants["programme to industry"]), axis=1) <= 1 + 1e-12)


def test_high_tech_and_other_industry_add_up_to_industry(city: City) -> None:
    run = city.model.run(outputs=["other industry output", "industrial value added", "high tech value added"])

    other = run.other_industry_output * float(city.model.constants["other value added rate"])

    np.testing.assert_allclose(other + run.high_tech_value_added, run.industrial_value_added, rtol=1e-12)
    assert (run.other_industry_output > 0).all()


def test_pysimlin_finds_nothing_wrong_with_units_or_equations(city: City) -> None:
    simlin = pytest.importorskip("simlin", reason="pysimlin has no wheel for this machine")

    issues = simlin.load(str(city.model.path)).check()

    assert [issue.message for issue in issues] == []


def test_the_posterior_that_is_shipped_belongs_to_this_model_and_record(city: City) -> None:
    draws = load(city)
    worst = draws.record.worst
    assert not draws.record.quick
    assert draws.distinct == 4000
    assert worst["rhat"] < 1.01 and min(worst["bulk"], worst["tail"]) > 400

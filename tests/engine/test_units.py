"""Units: what agrees passes, each kind of disagreement is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from innovation.engine.model import load_model
from innovation.engine.semantics.units import read_unit, show_unit, unit_faults

FRAME = """{{UTF-8}}
water = INTEG(inflow - outflow, 10) ~ litre ~ What is in the tub. |
outflow = water / time to empty ~ litre/hour ~ What leaves. |
time to empty = 4 ~ hour ~ Mean stay. |
inflow = 3 ~ litre/hour ~ What enters. |
{more}
INITIAL TIME = 0 ~ hour ~ Start. |
FINAL TIME = 4 ~ hour ~ End. |
TIME STEP = 1 ~ hour ~ Step. |
SAVEPER = 1 ~ hour ~ Step. |
"""


def faults(folder: Path, more: str) -> list[str]:
    path = folder / "tub.mdl"
    path.write_text(FRAME.format(more=more), encoding="utf-8")
    return [fault.message for fault in unit_faults(load_model(path).structure)]


def test_a_model_with_units_that_agree_has_no_faults(tmp_path: Path) -> None:
    more = "stay = MAX(0, ZIDZ(water, inflow)) ~ hour ~ Stay. |\nratio = (stay / time to empty) ^ 2 ~ Dmnl ~ Ratio. |"

    found = faults(tmp_path, more)

    assert found == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("x = water + inflow ~ litre ~ Joined. |", '"+" joins litre and litre/hour'),
        ("x = water + 1 ~ litre ~ A bare number. |", '"+" joins litre and Dmnl'),
        ("x = water ^ 2 ~ litre ~ A power. |", "^ is taken of a quantity in litre"),
        ("x = EXP(water) ~ Dmnl ~ An exponential. |", "exp is taken of a quantity in litre"),
        ("x = water / inflow ~ litre ~ A quotient. |", "the file says litre; its equation gives hour"),
        ("x = INTEG(water, 0) ~ litre ~ A stock. |", "the file says litre; its net flow gives hour*litre"),
        ("x = DELAY FIXED(water, inflow, 0) ~ litre ~ A delay. |", "the file says hour; its delay gives litre/hour"),
        ("x = water ~ ~ No unit. |", "it has no unit"),
        ("x = water ~ litre^ ~ Half a unit. |", 'the unit "litre^" cannot be read'),
    ],
)
def test_each_disagreement_is_named(tmp_path: Path, more: str, words: str) -> None:
    found = faults(tmp_path, more)

    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CNY100M/(person*year)", "cny100m/person/year"),
        ("1/year/year", "1/year^2"),
        ("Dmnl", "Dmnl"),
        ("person^2*year/person", "person*year"),
    ],
)
def test_a_unit_is_read_as_powers_of_base_units(text: str, shown: str) -> None:
    unit = read_unit(text)

    assert show_unit(unit) == shown


TAPS = """tap: hot, cold, rain ~ ~ |
flow[hot] = 1 ~ {0} ~ |
flow[cold] = 2 ~ {1} ~ |
flow[rain] = 3 ~ {2} ~ What each brings. |"""


@pytest.mark.parametrize(
    ("units", "line", "found"),
    [
        (("litre/hour", "litre", "litre/hour"), 8, 'found "litre"'),
        (("litre/hour", "litre/hour", ""), 9, "found none"),
        (("litre/hour", "litre^", "litre/hour"), 8, 'found "litre^"'),
    ],
)
def test_an_equation_of_an_element_with_another_unit_is_named(tmp_path: Path, units, line: int, found: str) -> None:
    path = tmp_path / "tub.mdl"
    path.write_text(FRAME.format(more=TAPS.format(*units)), encoding="utf-8")
    element = {8: "cold", 9: "rain"}[line]

    for _ in range(2):  # read, and taken from the cache
        (fault,) = unit_faults(load_model(path).structure)

        assert (fault.variable, fault.line) == (f"flow[{element}]", line)
        assert fault.message == f'expected the unit "litre/hour", as on line 7; {found}'


@pytest.mark.parametrize("units", [("", "", "litre/hour"), ("litre/hour", "litre/hour", "litre / hour")])
def test_one_unit_for_all_equations_is_stated_by_each_or_by_the_last(tmp_path: Path, units) -> None:
    assert faults(tmp_path, TAPS.format(*units)) == []

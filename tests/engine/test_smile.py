"""The ranks of XMILE's operators, in which Vensim differs."""

from __future__ import annotations

from html import escape

import pytest


@pytest.mark.parametrize(
    ("equation", "right"),
    [
        ("NOT 3 > 1", 0),  # (NOT 3) > 1
        ("NOT 0 + 1", 2),
        ("NOT 2 * 5 + NOT 0", 1),
        ("NOT 0 = 1 AND 1", 1),
        ("NOT NOT 4", 1),
        ("NOT 2^0", 0),
        ("NOT -1 + 5", 5),
        ("not(1 = 2) or 0", 1),
        ("1 OR 0 AND 0", 1),
        ("2 + 7 mod 4 * 2", 8),  # 2 + (7 mod 4)*2
        ("2 * 7 MOD 4", 2),
        ("17 MOD 10 MOD 4", 3),
        ("8 / 3 mod 2", 8 / 3 - 2),
        ("-7 MOD 4", 1),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^-1 + 2^3^2", 512.5),
        ("10 - 2 - 3", 5),
        ("12 / 2 / 3", 2),
        ("3 - -2", 5),
        ("IF NOT 1 > 0 THEN 3 ELSE IF NOT 0 THEN 4 ELSE 5", 4),
        ("modern + notes + android + ore", 10),  # names that begin as operators do
        ("9 mod modern", 0),
        ("NOT notes", 0),
    ],
)
def test_operators_bind_in_the_order_of_the_standard(read, equation, right):
    names = {"modern": 1, "notes": 2, "android": 3, "ore": 4}
    constants = "".join(f'<aux name="{name}"><eqn>{value}</eqn></aux>' for name, value in names.items())

    model = read(f'{constants}<aux name="v"><eqn>{escape(equation)}</eqn></aux>')

    assert model.run(outputs=["v"])["v"].values[0][0] == pytest.approx(right, abs=1e-12)


def test_subscripts_of_two_dimensions_are_all_read(read):
    sides = '<dimensions><dim name="kind"/><dim name="place"/></dimensions>'
    model = read(
        f'<aux name="m">{sides}<eqn>10*kind + place</eqn></aux><aux name="one"><eqn>m[blue, 3]</eqn></aux>'
        '<aux name="t"><dimensions><dim name="place"/><dim name="kind"/></dimensions><eqn>m</eqn></aux>'
        '<aux name="rows"><dimensions><dim name="place"/></dimensions><eqn>SUM(m[kind, place])</eqn></aux>'
    )

    data = model.run()

    assert data["one"].values[0][0] == 23
    assert data["t"].values[0][0].tolist() == [[11, 21], [12, 22], [13, 23]]
    assert data["rows"].values[0][0].tolist() == [32, 34, 36]

"""XMILE files."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.errors import ModelFileError, RunError, UnsupportedError
from innovation.engine.model import load_model

STOCK = """
<stock name="level"><doc>What is stored.</doc><eqn>{start}</eqn><inflow>fill</inflow><outflow>drain</outflow>
<units>litre</units>{mark}</stock>
<flow name="fill"><eqn>1</eqn></flow>
<flow name="drain"><eqn>drain_rate</eqn></flow>
<aux name="drain rate"><eqn>3</eqn></aux>
"""


def test_a_stock_adds_its_inflows_and_takes_its_outflows(read):
    model = read(STOCK.format(start=20, mark=""))

    data = model.run()

    assert np.array_equal(data["level"].values[0], 20 - 2 * data["time"].values)
    assert (model.variables["level"].unit, model.variables["level"].sentence) == ("litre", "What is stored.")
    assert model.variables["drain"].kind == "flow"


def test_a_non_negative_stock_runs_until_its_outflow_would_have_to_be_cut(read):
    mark = "<non_negative/>"

    fine = read(STOCK.format(start=20, mark=mark)).run()

    assert fine["level"].values[0][-1] == 12
    with pytest.raises(RunError, match="level would fall below 0 after time 1"):
        read(STOCK.format(start=2, mark=mark)).run()


def test_graphical_functions_arrays_and_conditions_are_read(read):
    model = read(
        """
        <aux name="effect"><eqn>TIME</eqn><gf><xpts>0,2,4</xpts><ypts>0,4,0</ypts></gf></aux>
        <gf name="curve"><xscale min="0" max="2"/><ypts>1,2,5</ypts></gf>
        <aux name="looked up"><eqn>LOOKUP(curve, 1.5)</eqn></aux>
        <aux name="size"><dimensions><dim name="kind"/></dimensions><element subscript="red"><eqn>2</eqn></element>
        <element subscript="blue"><eqn>5</eqn></element></aux>
        <aux name="whole"><eqn>SUM(size[kind])</eqn></aux>
        <aux name="largest"><eqn>MAX(size[kind])</eqn></aux>
        <aux name="chosen"><eqn>IF TIME &gt;= 2 AND NOT (TIME = 3) THEN 1 ELSE 0</eqn></aux>
        """
    )

    data = model.run()

    assert data["effect"].values[0][[0, 3, 4, 8]].tolist() == [0, 3, 4, 0]
    assert [float(data[name].values[0][0]) for name in ("looked_up", "whole", "largest")] == [3.5, 7, 5]
    assert data["chosen"].values[0].tolist() == [0, 0, 0, 0, 1, 1, 0, 1, 1]
    assert data["size"].sel(kind="blue").values[0][0] == 5


def test_every_fault_is_named_with_its_line(read):
    with pytest.raises(ModelFileError) as caught:
        read(
            '<aux name="a"><eqn>2 * bb</eqn></aux>\n<aux name="b"><eqn>SMTH7(1, 2)</eqn></aux>\n'
            '<aux name="c"><eqn>1 +</eqn></aux>\n<aux name="d"><eqn>SMTH1(1)</eqn></aux>'
        )

    lines = [str(fault) for fault in caught.value.faults]
    assert lines[0].startswith('line 6, "a": "bb" is not defined. Did you mean:')
    assert lines[1].startswith('line 7, "b": unknown function "SMTH7".')
    assert lines[2].startswith('line 8, "c": the equation cannot be read from "+" on')
    assert lines[3].startswith('line 9, "d": SMTH1 takes 2 or 3 arguments, not 1.')


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Euler", "euler"), ("", "euler"), ("RK4", "rk4"), (" rk4", "rk4"), ("RK2", "rk4"), ("rk45, rk4", "rk4"),
        ("gear, euler", "euler"),
    ],
)  # fmt: skip
def test_the_integration_method_is_read(read, written, read_as):
    model = read(STOCK.format(start=20, mark=""), method=written)

    assert model.structure.method == read_as


@pytest.mark.parametrize("method", ["rk45", "Gear", "RK4 Auto"])
def test_another_integration_method_is_refused_by_name(read, method):
    with pytest.raises(
        UnsupportedError, match=f"line 3: integration by {method} is not supported. Choose Euler or RK4"
    ):
        read(STOCK.format(start=20, mark=""), method=method)


def test_an_event_on_the_grid_is_not_in_force_at_the_middle_of_the_step_before(read):
    step = '<aux name="a"><eqn>STEP(1, 2)</eqn></aux>'

    euler, rk4 = read(step), read(step, method="RK4")

    assert euler.hash != rk4.hash
    for model in (euler, rk4):
        assert model.run()["a"].values[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_ifs_nest_and_stand_inside_other_expressions(read):
    model = read(
        """
        <aux name="a"><eqn>if time &lt; 1 then 1 else if time &lt; 2 then 2 {not 3} else 4</eqn></aux>
        <aux name="b"><eqn>10 + IF time &lt; 1 THEN IF time &lt; 0.5 THEN 1 ELSE 2 ELSE MAX(3, IF 1 THEN 0 ELSE 9)
        </eqn></aux>
        """
    )

    data = model.run()

    assert data["a"].values[0][:5].tolist() == [1, 1, 2, 2, 4]
    assert data["b"].values[0][:3].tolist() == [11, 12, 13]


def test_a_name_that_begins_with_not_is_a_name(read):
    model = read('<aux name="notes"><eqn>3</eqn></aux><aux name="a"><eqn>NOT notes + (NOT 0)</eqn></aux>')

    assert model.run()["a"].values[0][0] == 1  # (NOT 3) + (NOT 0)


def test_every_element_may_have_an_equation_a_curve_or_a_start_of_its_own(read):
    model = read(
        """
        <stock name="level"><dimensions><dim name="kind"/></dimensions><element subscript="red"><eqn>1</eqn></element>
        <element subscript="blue"><eqn>5</eqn></element><inflow>fill</inflow></stock>
        <flow name="fill"><dimensions><dim name="kind"/></dimensions><eqn>2*curve</eqn></flow>
        <aux name="curve"><dimensions><dim name="kind"/></dimensions>
        <element subscript="red"><eqn>TIME</eqn><gf><xscale min="0" max="4"/><ypts>0,4</ypts></gf></element>
        <element subscript="blue"><eqn>1</eqn></element></aux>
        """
    )

    level = model.run(outputs=["level"])["level"].values[0]

    assert level[:3].tolist() == [[1, 5], [1, 6], [1.5, 7]]


def test_macros_groups_and_dimensions_by_size_are_read(read):
    model = read(
        '<aux name="a"><eqn>Grown_by(2, 3)</eqn></aux><aux name="b"><dimensions><dim name="place"/></dimensions>'
        '<eqn>1</eqn></aux><aux name="c"><eqn>SUM(b)</eqn></aux>'
        '<group name="All of it"><entity name="a"/></group>',
        before='<macro name="grown by"><parm>start</parm><parm>rate</parm><eqn>level*2</eqn><variables>'
        '<stock name="level"><eqn>start</eqn><inflow>in</inflow></stock><flow name="in"><eqn>rate</eqn></flow>'
        "</variables></macro>",
    )

    data = model.run()

    assert data["a"].values[0][:3].tolist() == [4, 7, 10]
    assert data["c"].values[0][0] == 3
    assert (model.variables["a"].group, model.subscripts["place"]) == ("All of it", ("1", "2", "3"))


def test_a_file_of_the_older_standard_is_read(tmp_path):
    path = tmp_path / "old.stmx"
    path.write_text(
        '<xmile version="1.0" xmlns="http://www.systemdynamics.org/XMILE"><sim_specs><start>0</start><stop>2</stop>'
        '<dt>1</dt></sim_specs><model><stock name="level"><eqn>1</eqn><inflow>fill</inflow><display x="1"/></stock>'
        '<flow name="fill"><eqn>level</eqn></flow><display/><interface/></model></xmile>'
    )

    assert load_model(path).run(outputs=["level"])["level"].values[0].tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ("", "line 5: the model has no variable"),
        ('<module name="m"/>', 'line 6, "m": <module> is not supported'),
        ('<stock name="s"><eqn>0</eqn><conveyor/></stock>', 'line 6, "s": <conveyor> is not supported'),
        ('<aux name="a"/>', 'line 6, "a": it has no equation'),
        ('<aux name="a"><eqn>1</eqn><eqn>2</eqn></aux>', 'line 6, "a": it has more than one equation'),
        ('<gf name="g"><xscale min="0" max="1"/><ypts>1,x</ypts></gf>', 'line 6, "g": the points of its graphical'),
        ('<gf name="g" type="round"><xpts>1,2</xpts><ypts>1,2</ypts></gf>', '"round" is no kind of graphical function'),
    ],
)
def test_what_a_file_lacks_or_has_beyond_what_is_read_is_named(read, variables, said):
    with pytest.raises(ModelFileError, match=said):
        read(variables)

"""Data variables: what a file's settings name, read from beside it."""

from __future__ import annotations

import pytest

from innovation.engine.errors import ModelFileError, UnsupportedError
from innovation.engine.model import load_model

SETTINGS = "\n\\\\\\---/// Sketch\nV300\n///---\\\\\\\n:L<%^E!@\n1:base.vdf\n13:points.vdf\n15:0,0,0,{code},0,0\n"
EQUATIONS = """
dim: one, two ~~|
straight :INTERPOLATE: ~~|
plain ~~|
before[dim] :HOLD BACKWARD: ~~|
after :LOOK FORWARD: ~~|
bare :RAW: ~~|
total = SUM(before[dim!]) + straight ~~|
"""
POINTS = """Time\tStraight\tplain\tbefore[one]\tBEFORE[Two]\tafter\tbare\tnot asked for
1\t10\t0\t1\t100\t5\t7\t
2\t20\t0\t2\t\t6\t\t
3\t\t8\t3\t300\t7\t9\t1
"""


@pytest.fixture
def with_points(write):
    """Write a model that names points.vdf, and the data set beside it."""

    def write_both(points=POINTS, ending="tab", code=0, equations=EQUATIONS):
        path = write(equations, end=4, dt=0.5)
        path.write_text(path.read_text() + SETTINGS.format(code=code))
        (path.parent / f"points.{ending}").write_text(points)
        return path

    return write_both


def test_a_data_variable_takes_its_values_from_the_data_set_by_its_keyword(with_points):
    data = load_model(with_points()).run()

    values = {name: data[name].values[0].T.tolist() for name in data.data_vars}
    assert values["straight"] == [10, 10, 10, 15, 20, 20, 20, 20, 20]
    assert values["plain"] == [0, 0, 0, 0, 0, 4, 8, 8, 8]
    assert values["before"] == [[1, 1, 1, 1, 2, 2, 3, 3, 3], [100, 100, 100, 100, 100, 100, 300, 300, 300]]
    assert values["after"] == [5, 5, 5, 6, 6, 7, 7, 7, 7]
    assert [value if value > 0 else None for value in values["bare"]] == [
        None,
        None,
        7,
        None,
        None,
        None,
        9,
        None,
        None,
    ]
    assert values["total"][3] == 1 + 100 + 15


def test_another_data_set_is_another_model(with_points):
    first = load_model(with_points())

    second = load_model(with_points(POINTS.replace("\t10\t", "\t11\t")))

    assert first.hash != second.hash
    assert second.run(outputs=["straight"])["straight"].values[0][0] == 11


def test_a_comma_separated_data_set_does_as_well(with_points):
    model = load_model(with_points("Time,plain\n0,1\n4,5\n", "csv", equations="plain ~~|"))

    assert model.run()["plain"].values[0].tolist() == [1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5]


def test_a_series_that_no_data_set_holds_is_named(with_points):
    with pytest.raises(
        UnsupportedError, match=r'"before": it has no equation, and no data set has a column "before\[two\]"'
    ):
        load_model(with_points(POINTS.replace("BEFORE[Two]", "x")))


def test_a_data_set_out_of_order_is_refused_with_its_line(with_points):
    with pytest.raises(ModelFileError, match=r"points\.tab: 1 fault\n  line 3: the first column must hold times"):
        load_model(with_points("Time\tplain\n2\t1\n1\t2\n"))


def test_data_variables_are_refused_under_rk4(with_points):
    with pytest.raises(UnsupportedError, match="a data variable under RK4 is not supported"):
        load_model(with_points(code=5, equations="plain ~~|"))

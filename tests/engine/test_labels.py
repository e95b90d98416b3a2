"""Parameters that carry labels: their labels decide, not the order they happen to stand in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from innovation.engine.errors import RunError

MODEL = (
    "row: a,b,c ~~|\nside: p,q ~~|\nv[row] = 1,2,3 ~~|\nm[row,side] = 1,2;3,4;5,6; ~~|\nk = 1 ~~|\nj = 1 ~~|\n"
    "curve((0,0),(1,1),(2,4)) ~~|\nw[row] = v[row]*10 ~~|\nt[side,row] = m[row,side] ~~|\ny = k + 100*j ~~|\n"
    "u = curve(1.5) ~~|\nl[row] = INTEG(0, v[row]) ~~|"
)


@pytest.fixture
def model(load):
    return load(MODEL, end=1, dt=1)


def at_start(model, name, given):
    """The values of an output at the start: shape (members, subscripts)."""
    return model.run(given, outputs=[name])[name].isel(time=0).values.tolist()


@pytest.mark.parametrize(
    "value",
    [
        xr.DataArray([7, 6, 5], dims=["row"], coords={"row": ["c", "b", "a"]}),
        xr.DataArray([6, 7, 5], dims=["ROW"], coords={"ROW": ["B", "C", "A"]}),
        pd.Series({"b": 6, "c": 7, "a": 5}),
        pd.Series([5, 6, 7]),
        xr.DataArray([5, 6, 7]),
        xr.DataArray([5, 6, 7], dims=["row"]),
        pd.DataFrame({"c": [7], "a": [5], "b": [6]}),
        xr.DataArray([[7], [5], [6]], dims=["row", "member"], coords={"row": ["c", "a", "b"]}),
    ],
)
def test_a_labelled_array_means_its_labels(model, value):
    assert at_start(model, "w", {"v": value}) == [[50, 60, 70]]


def test_the_start_of_an_array_of_stocks_follows_its_labels(model):
    assert at_start(model, "l", {"l": pd.Series({"c": 7, "a": 5, "b": 6})}) == [[5, 6, 7]]


@pytest.mark.parametrize(
    "value",
    [
        xr.DataArray([[1, 3, 5], [2, 4, 6]], dims=["side", "row"]),
        xr.DataArray([[6, 2, 4], [5, 1, 3]], dims=["side", "row"], coords={"side": ["q", "p"], "row": ["c", "a", "b"]}),
        pd.DataFrame({"q": [2, 4, 6], "p": [1, 3, 5]}, index=["a", "b", "c"]),
        pd.DataFrame({"q": [6, 4, 2], "p": [5, 3, 1]}, index=["c", "b", "a"]).stack(),
    ],
)
def test_dimensions_may_come_in_any_order(model, value):
    assert at_start(model, "t", {"m": value}) == [[[1, 3, 5], [2, 4, 6]]]


def test_the_members_of_a_labelled_array_keep_theirs(model):
    value = xr.DataArray(
        [[[1, 2, 3]] * 2, [[4, 5, 6]] * 2], dims=["draw", "side", "row"], coords={"row": ["b", "a", "c"]}
    )

    assert at_start(model, "t", {"m": value}) == [[[2, 1, 3]] * 2, [[5, 4, 6]] * 2]


@pytest.mark.parametrize("value", [pd.Series({2.0: 9, 0.0: 3, 1.0: 5}), pd.Series([3, 5, 9])])
def test_the_values_of_a_lookup_follow_their_x(model, value):
    assert at_start(model, "u", {"curve": value}) == [7]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"v": pd.Series({"a": 1, "b": 2, "x": 3})},
            "'v' is labelled a, b, x along row; expected each of a, b, c once",
        ),
        ({"v": pd.Series({"a": 1, "b": 2})}, "'v' is labelled a, b along row; expected each of a, b, c once"),
        ({"v": pd.Series([1, 2, 3, 4], index=list("abca"))}, "expected each of a, b, c once"),
        ({"v": xr.DataArray([1, 2, 3], dims=["side"])}, "'v' has the dimensions (side); expected row"),
        ({"m": xr.DataArray(np.ones((3, 3)), dims=["row", "other"])}, "expected row, side"),
        ({"v[a]": xr.DataArray([1, 2, 3], dims=["row"])}, "has the dimensions (row); expected none but the members"),
        ({"curve": pd.Series({0.0: 1, 1.0: 2, 3.0: 3})}, "'curve' is labelled 0.0, 1.0, 3.0 along x"),
        (
            {"k": pd.Series([1, 2], index=[1, 0]), "j": pd.Series([1, 2])},
            "the members of 'j' are labelled otherwise than those of 'k'",
        ),
        (
            {"v": pd.DataFrame({"a": [1, 2], "b": [1, 2], "c": [1, 2]}), "k": pd.Series([1, 2], index=["x", "y"])},
            "the members of 'k' are labelled otherwise than those of 'v'",
        ),
    ],
)
def test_labels_that_do_not_fit_are_refused(model, given, said):
    with pytest.raises(RunError) as caught:
        model.run(given)

    assert said in str(caught.value)


def test_columns_of_one_table_of_draws_go_together(model):
    table = pd.DataFrame({"k": [1, 2, 3], "j": [4, 5, 6]}).sample(frac=1, random_state=1)

    assert at_start(model, "y", {"k": table["k"], "j": table["j"]}) == [k + 100 * (k + 3) for k in table["k"]]

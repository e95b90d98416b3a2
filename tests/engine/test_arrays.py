"""Subscripts: ranges, mappings, exceptions, sums."""

from __future__ import annotations

import numpy as np
import pytest

from innovation.engine.errors import ModelFileError

DIMS = "dim: x,y,z ~~|\nsub: y,z ~~|\n"


def test_an_array_of_numbers_is_read_row_by_row(load):
    model = load(DIMS + "two: p,q ~~|\nm[two,dim] = 1,2,3;4,5,6; ~~|\nrow[two] = SUM(m[two,dim!]) ~~|")

    data = model.run(outputs=["m", "row"])

    assert model.constants["m"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert data["row"].sel(two="q").values[0][0] == 15
    assert data["m"].sel(two="p", dim="z").values[0][0] == 3


def test_all_reductions_run_over_the_marked_range(load):
    model = load(
        DIMS + "a[dim] = 2,5,3 ~~|\ns = SUM(a[sub!]) ~~|\np = PROD(a[dim!]) ~~|\n"
        "l = VMIN(a[dim!]) ~~|\nh = VMAX(a[dim!]) ~~|"
    )

    data = model.run()

    assert [float(data[name].values[0][0]) for name in "splh"] == [8, 30, 2, 5]


def test_a_sum_inside_a_row_keeps_the_row(load):
    model = load(DIMS + "a[dim] = 1,2,5 ~~|\nshare[dim] = a[dim]/SUM(a[dim!]) ~~|")

    share = model.run(outputs=["share"])["share"]

    assert share.values[0][0].tolist() == [0.125, 0.25, 0.625]


def test_a_mapped_range_stands_in_for_the_range_on_the_left(load):
    model = load("new: n1,n2 -> old ~~|\nold: o1,o2 ~~|\na[new] = 3,4 ~~|\nb[old] = a[new]*10 ~~|")

    assert model.run(outputs=["b"])["b"].values[0][0].tolist() == [30, 40]


def test_a_mapping_may_say_which_element_goes_where(load):
    model = load(
        "big: b1,b2,b3 ~~|\nsmall: s1,s2 -> (big: early, b3) ~~|\nearly: b1,b2 ~~|\n"
        "a[small] = 3,4 ~~|\nb[big] = a[small] ~~|"
    )

    assert model.run(outputs=["b"])["b"].values[0][0].tolist() == [3, 3, 4]


def test_exceptions_leave_elements_to_another_equation(load):
    model = load(DIMS + "a[dim] :EXCEPT: [y] = 1 ~~|\na[y] = 2 ~~|")

    assert model.run(outputs=["a"])["a"].values[0][0].tolist() == [1, 2, 1]


def test_a_chain_over_elements_is_no_circle(load):
    model = load(
        "age: a1,a2,a3 ~~|\nlater: a2,a3 ~~|\nearlier: a1,a2 -> later ~~|\nn[a1] = 1 ~~|\nn[later] = n[earlier]*2 ~~|"
    )

    assert model.run(outputs=["n"])["n"].values[0][0].tolist() == [1, 2, 4]


def test_each_element_has_its_own_delay(load):
    model = load(DIMS + "d[dim] = 1,2,4 ~~|\nout[dim] = SMOOTHI(1, d[dim], 0) ~~|", end=1, dt=1)

    assert model.run(outputs=["out"])["out"].values[0][1].tolist() == [1, 0.5, 0.25]


def test_names_are_equal_whatever_their_case_spaces_underscores_and_quotes(load):
    model = load('Tax Rate = 2 ~~|\n"odd (name)" = tax_RATE*3 ~~|\nresult = "Odd  (Name)" + "Tax Rate" ~~|')

    data = model.run(outputs=["RESULT"])

    assert data["result"].values[0][0] == 8
    assert model.variables["tax_rate"].name == "Tax Rate"


def test_an_element_name_stands_for_its_place(load):
    model = load(DIMS + "place[dim] = IF THEN ELSE(dim = y, 10, dim) ~~|")

    assert model.run(outputs=["place"])["place"].values[0][0].tolist() == [1, 10, 3]


def test_a_subrange_takes_its_elements_from_the_whole_range(load):
    model = load(DIMS + "a[dim] = 1,2,3 ~~|\nb[sub] = a[sub]*2 ~~|")

    data = model.run(outputs=["b"])

    assert data["b"].dims == ("member", "time", "sub")
    assert np.array_equal(data["b"].values[0][0], [4, 6])


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("-> two", '"from": it has 3 elements, and "two", which it maps to, has 2; as many are needed.'),
        ("-> four", "which it maps to, has 4; as many are needed."),
        ("-> (four: w,x)", "which it maps to, is given 2 in brackets; as many are needed."),
        ("-> (four: w,x,y,z)", "which it maps to, is given 4 in brackets; as many are needed."),
        ("-> (four: w,x,q)", 'it maps to "q", which is not in "four".'),
        ("-> (four: w,x,two)", 'it maps to "two", which is not in "four".'),
        ("-> (four: w,pair,x)", 'it maps two elements to "x" of "four".'),
        ("-> three, two", '"two", which it maps to, has 2; as many are needed.'),
    ],
)
def test_a_mapping_that_would_lose_an_element_is_refused(load, mapping, said):
    with pytest.raises(ModelFileError) as caught:
        load(
            f"from: f1,f2,f3 {mapping} ~~|\ntwo: t1,t2 ~~|\nthree: s1,s2,s3 ~~|\nfour: w,x,y,z ~~|\npair: x,y ~~|\n"
            "a[from] = 1,2,3 ~~|\nb[two] = a[from] ~~|\nc[four] = a[from] ~~|"
        )

    assert said in str(caught.value)
    assert "is not on the left" not in str(caught.value)


def test_a_mapping_onto_groups_of_elements_reaches_them_all(load):
    model = load(
        "from: f1,f2,f3 -> (four: w,pair,z) ~~|\nfour: w,x,y,z ~~|\npair: x,y ~~|\na[from] = 1,2,3 ~~|\n"
        "c[four] = a[from] ~~|"
    )

    assert model.run(outputs=["c"])["c"].values[0][0].tolist() == [1, 2, 2, 3]


def test_a_variable_is_a_lookup_for_all_of_its_elements_or_for_none(load):
    with pytest.raises(ModelFileError, match='line 4, "v": it is a lookup for some elements and has an equation for'):
        load(DIMS + "v[x]((0,0),(1,1)) ~~|\nv[sub] = 3 ~~|")

"""Faulty model files: one message with every fault, its line, its word and the nearest valid names."""

from __future__ import annotations

import pytest

from innovation.engine import errors
from innovation.engine.errors import EngineError, ModelFileError, UnsupportedError
from innovation.engine.model import load_model

CONTROLS = "INITIAL TIME = 0 ~~|\nFINAL TIME = 4 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"


def faults(load, equations, **grid):
    """The faults of these equations as text lines."""
    with pytest.raises(ModelFileError) as caught:
        load(equations, **grid)
    return [str(fault) for fault in caught.value.faults]


def test_every_misspelt_name_is_named_with_its_own_line_and_the_nearest_names(load):
    found = faults(load, "alpha = 1 ~~|\nbeta = alhpa +\n  2*gama ~~|\ngamma = SQRT(nothing like it) ~~|")

    assert found == [
        'line 2, "beta": "alhpa" is not defined. Did you mean: alpha?',
        'line 3, "beta": "gama" is not defined. Did you mean: gamma?',
        'line 4, "gamma": "nothing like it" is not defined.',
    ]


def test_a_missing_bar_is_named_and_what_follows_is_still_read(load):
    found = faults(load, "alpha = 1 ~ Dmnl ~ First\nbeta = alpha ~ Dmnl ~ Second |\ngamma = beta + betta ~~|")

    assert found == [
        'line 1, "alpha": it is not closed: a | is missing before the definition on line 2.',
        'line 3, "gamma": "betta" is not defined. Did you mean: beta?',
    ]


def test_half_a_file_is_named_as_such(write):
    path = write("alpha = 1 ~~|\nbeta = INTEG(alpha, 2) ~ unit ~ said |")
    path.write_text(path.read_text()[:40])

    with pytest.raises(ModelFileError) as caught:
        load_model(path)

    message = str(caught.value)
    assert 'line 2, "beta": the file ends, or its drawing begins, inside this element.' in message
    assert "FINAL TIME is not defined. Every model needs it; the file may be cut short." in message


def test_unknown_functions_and_wrong_numbers_of_arguments_are_named(load):
    found = faults(
        load,
        "a = SMOTH(1, 2) ~~|\nb = DELAY3(a) ~~|\nc = MAX(1, 2, 3) ~~|\nd = PULSE TRAIN(1, 2) ~~|\n"
        "e = FOO(SMOTH(1)) ~~|",
    )

    assert found == [
        'line 1, "a": unknown function "SMOTH". Did you mean: SMOOTH, SMOOTHI, SMOOTH3?',
        'line 2, "b": DELAY3 takes 2 arguments, not 1.',
        'line 3, "c": MAX takes 2 arguments, not 3.',
        'line 4, "d": PULSE TRAIN takes 4 arguments, not 2.',
        'line 5, "e": unknown function "SMOTH". Did you mean: SMOOTH, SMOOTHI, SMOOTH3?',
        'line 5, "e": unknown function "FOO".',
    ]


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"dt": 0}, 'line 9, "TIME STEP": 0 is no step of time; expected a number above 0.'),
        ({"start": 5, "end": 4}, 'line 8, "FINAL TIME": 4 lies before INITIAL TIME, 5.'),
        ({"end": 1e12}, 'line 8, "FINAL TIME": a run would have 2e+12 steps; at most 1e+07 are computed.'),
    ],
)
def test_time_controls_that_cannot_be_are_named(load, grid, said):
    assert faults(load, "a = 1 ~~|", **grid) == [said]


def test_a_name_defined_twice_is_named(load):
    assert faults(load, "alpha = 1 ~~|\nALPHA = 2 ~~|") == [
        'line 2, "alpha": it is defined a second time (first on line 1).'
    ]


def test_a_circle_without_a_stock_is_named_in_order(load):
    (found,) = faults(load, "a = b ~~|\nb = c + 1 ~~|\nc = a*2 ~~|")

    assert "circular without a stock: a -> b -> c -> a" in found


def test_a_circle_of_initial_values_is_named(load):
    (found,) = faults(load, "a = INTEG(1, b) ~~|\nb = INTEG(1, a) ~~|")

    assert "initial values need each other in a circle: a -> b -> a" in found


def test_wrong_subscripts_are_named(load):
    found = faults(
        load,
        "dim: x,y,z ~~|\na[dm] = 1 ~~|\nb[dim] = c[dim,x] ~~|\nc[dim] = 1,2 ~~|\nd = c[q] ~~|\ne = c[dim] ~~|\n"
        "f = c ~~|\ng = SUM(c[dim]) ~~|",
    )

    assert found == [
        'line 2, "a": subscript "dm" is neither a range nor an element. Did you mean: dim?',
        'line 3, "b": "c" is used with [dim, x]; expected [dim].',
        'line 4, "c": 2 numbers stand here; its subscripts need 3.',
        'line 5, "d": subscript "q" is neither a range nor an element.',
        'line 6, "e": range "dim" of "c" is not on the left, nor mapped to one there, nor summed (!).',
        'line 7, "f": "c" is used with no subscripts; expected [dim].',
        'line 8, "g": SUM needs a subscript to run over, marked with ! as in SUM(x[range!]).',
    ]


def test_broken_equations_are_shown_from_where_they_break(load):
    found = faults(load, "a = 1 + ~~|\nb = (2*3 ~~|\nc = 2 3 ~~|\nd = a*b ~~|")

    assert found == [
        'line 1, "a": the equation cannot be read from "+" on. Check names, brackets and operators there.',
        'line 2, "b": 1 brackets are opened and 0 closed.',
        'line 3, "c": the equation cannot be read: "2 3". Check its operators and brackets.',
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"\x00\x01" * 9, "this is not a text file"),
        (b"just words", "the file ends"),
        (b"x" * 20_000_001, "the file cannot be read: it is larger than 20,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_model_is_refused_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "model.mdl"
    path.write_bytes(content)

    with pytest.raises(ModelFileError, match=said):
        load_model(path)


def test_a_missing_file_and_an_unknown_kind_are_refused(tmp_path):
    (tmp_path / "model.txt").write_text("a = 1 ~~|")

    with pytest.raises(ModelFileError, match=r"there is no such file\. Did you mean: model\.txt"):
        load_model(tmp_path / "model.mdl")
    with pytest.raises(ModelFileError, match=r"a model file ends in one of \.mdl"):
        load_model(tmp_path / "model.txt")


def test_deep_brackets_are_read_to_200_and_refused_beyond(load):
    fine = load(f"a = {'(' * 190}1+Time{')' * 190} ~~|")

    assert fine.run(outputs=["a"])["a"].values[0][-1] == 11
    assert "brackets are nested deeper than 200" in faults(load, f"a = {'(' * 250}1{')' * 250} ~~|")[0]


def test_a_sum_of_thousands_of_terms_is_read(load):
    model = load(f"one = 1 ~~|\na = {'+'.join(['one'] * 2000)} ~~|", end=1, dt=1)

    assert model.run(outputs=["a"])["a"].values[0][0] == 2000


def test_nothing_in_a_model_file_is_run_as_python(load, tmp_path):
    mark = tmp_path / "mark"
    evil = f'[(__import__("pathlib").Path("{mark}").touch(),0)],(0,1),(1,2)'

    found = faults(load, f"a = WITH LOOKUP(1, ({evil})) ~~|\nb({evil}) ~~|")

    assert len(found) == 2
    assert not mark.exists()


@pytest.mark.parametrize(
    ("equations", "word"),
    [
        ("a = RANDOM UNIFORM(0, 1, 2) ~~|", "RANDOM UNIFORM"),
        ("a := GET DIRECT DATA('f', 's', '1', 'B') ~~|", "GET DIRECT DATA"),
        ("a := 2*b ~~|\nb = 2 ~~|", "DATA EQUATION"),
        ("a ~~|", 'it has no equation, and no data set has a column "a"'),
        ("dim: x,y ~~|\na[dim] = 1,2 ~~|\nb[dim] = VECTOR RANK(a[dim], 1) ~~|", "VECTOR RANK"),
        ("a = SMOOTH N(Time, 2, 0, 1.5) ~~|", "the order of a SMOOTH N must be a whole number .*, not 1.5"),
        ("a = SMOOTH N(Time, 2, 0, b) ~~|\nb = a ~~|", "the order of a SMOOTH N must be a whole number"),
        ("a = DELAY N(Time, 2+Time, 0, 3) ~~|", "the delay time of a DELAY N of order 3 or more changes"),
        ("a = DELAY N(Time, 1, 0, 3) ~~|", "an order of 3 needs a time of at least 3 TIME STEPs"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_line(load, equations, word):
    with pytest.raises(UnsupportedError, match=word) as caught:
        load(equations)

    assert all(fault.line and fault.element for fault in caught.value.faults)


SETTINGS = "\n\\\\\\---/// Sketch\nV300\n///---\\\\\\\n:L<%^E!@\n1:base.vdf\n15:0,0,0,{code},0,0\n19:100,0\n"


@pytest.mark.parametrize(("code", "method"), [(0, "euler"), (5, "rk4")])
def test_the_integration_method_is_read_from_the_settings(write, code, method):
    path = write("level = INTEG(1, 0) ~~|")
    path.write_text(path.read_text() + SETTINGS.format(code=code))

    assert load_model(path).structure.method == method


@pytest.mark.parametrize(("code", "name"), [(1, "RK4 Auto"), (2, "Diff"), (3, "RK2"), (9, "setting 9")])
def test_another_integration_method_is_refused_by_name(write, code, name):
    path = write("level = INTEG(1, 0) ~~|")
    path.write_text(path.read_text() + SETTINGS.format(code=code))
    line = path.read_text().splitlines().index(f"15:0,0,0,{code},0,0") + 1

    with pytest.raises(UnsupportedError) as caught:
        load_model(path)

    assert [str(fault) for fault in caught.value.faults] == [
        f"line {line}: integration by {name} is not supported. Choose Euler or RK4 Fixed in the model's settings."
    ]


def test_a_lookup_is_no_value_and_takes_one_argument(load):
    found = faults(load, "l((0,1),(1,2)) ~~|\na = l ~~|\nb = l(1,2) ~~|\nm((0,1),(0,2)) ~~|\nc = a(2) ~~|")

    assert [line.partition(": ")[2][:24] for line in found] == [
        '"l" is a lookup; give it',
        'lookup "l" takes 1 argum',
        "the x of a lookup must r",
        '"a" is neither a functio',
    ]


def test_an_xmile_file_with_broken_xml_or_entities_is_refused(tmp_path):
    path = tmp_path / "model.xmile"
    path.write_text("<xmile xmlns='http://docs.oasis-open.org/xmile/ns/XMILE/v1.0'>\n<model>")
    entities = tmp_path / "entities.xmile"
    entities.write_text('<!DOCTYPE x [<!ENTITY a "b">]><xmile>&a;</xmile>')

    with pytest.raises(ModelFileError, match="the XML is broken here"):
        load_model(path)
    with pytest.raises(ModelFileError, match="declares entities"):
        load_model(entities)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_gives_an_error_of_ours_or_a_model(tank_file, tmp_path, seed):
    import random

    chance = random.Random(seed)
    text = tank_file.read_text()
    damage = chance.choice(["cut", "shuffle", "drop", "swap"])
    if damage == "cut":
        text = text[: chance.randrange(len(text))]
    elif damage == "shuffle":
        parts = text.split("|")
        chance.shuffle(parts)
        text = "|".join(parts)
    else:
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(text))
            text = text[:place] + ("" if damage == "drop" else chance.choice('()[]~|,"+*=:{}\\!x')) + text[place + 1 :]
    path = tmp_path / "damaged.mdl"
    path.write_text(text)

    try:
        load_model(path).run()
    except EngineError as error:
        assert str(error)


def test_any_one_missing_bar_costs_one_fault(tank_file, tmp_path):
    text = tank_file.read_text()
    path = tmp_path / "tank.mdl"
    bars = [place for place, mark in enumerate(text) if mark == "|"]

    for place in bars[:-1]:
        path.write_text(text[:place] + text[place + 1 :])
        with pytest.raises(ModelFileError) as caught:
            load_model(path)

        (fault,) = caught.value.faults
        assert "it is not closed: a | is missing" in fault.message


HALF = "d: a, b, c ~~|\nt[a]((0,0),(1,1)) ~~|\nt[b]((0,0),(1,2)) ~~|\n"


@pytest.mark.parametrize(
    ("use", "said"),
    [
        ("y[d] = t[d](Time)", "t[c] is used, but no equation defines it"),
        ("y = SUM(t[d!](Time))", "t[c] is used, but no equation defines it"),
        ("y = LOOKUP EXTRAPOLATE(t[c], Time)", "t[c] is used, but no equation defines it"),
        ("y = INTEG(1, t[c](0))", "t[c] is used, but no equation defines it"),
        ("y = INITIAL(t[c](Time))", "t[c] is used, but no equation defines it"),
        ("t[c] = 5 ~~|\ny[d] = t[d](Time)", "it is a lookup for some elements and has an equation for others"),
    ],
)
def test_an_element_that_a_lookup_lacks_is_told_when_the_file_is_read(tmp_path, use, said):
    (tmp_path / "m.mdl").write_text(f"{HALF}{use} ~~|\n{CONTROLS}")

    with pytest.raises(ModelFileError) as caught:
        load_model(tmp_path / "m.mdl")

    assert said in str(caught.value)


def test_elements_that_no_lookup_is_asked_for_may_be_missing(tmp_path):
    (tmp_path / "m.mdl").write_text(f"{HALF}y = t[b](0.5) ~~|\n{CONTROLS}")

    assert float(load_model(tmp_path / "m.mdl").run()["y"].values.flat[0]) == 1.0


def test_a_data_set_with_an_endless_field_is_refused_with_its_line(tmp_path):
    (tmp_path / "data.tab").write_text("Time\tx\n0\t" + "1" * 140_000 + "\n")
    (tmp_path / "m.mdl").write_text(f"x ~~|\n{CONTROLS}\\\\\\---/// Sketch\n13:data.vdf\n")

    with pytest.raises(ModelFileError, match="line 2: this is no table that can be read"):
        load_model(tmp_path / "m.mdl")


def test_reading_that_takes_too_long_stops_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(errors, "LONGEST_READING", -1.0)
    (tmp_path / "m.mdl").write_text(f"x = 3 ~~|\n{CONTROLS}")

    with pytest.raises(ModelFileError, match="reading stopped after"):
        load_model(tmp_path / "m.mdl")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32", "utf-7"])
def test_entities_are_refused_in_whatever_encoding_they_stand(tmp_path, encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><xmile>&a;</xmile>'
    (tmp_path / "m.xmile").write_bytes(text.encode(encoding))

    with pytest.raises(ModelFileError, match="declares entities"):
        load_model(tmp_path / "m.xmile")


def test_a_message_is_bounded_whatever_it_quotes(tmp_path):
    (tmp_path / "m.mdl").write_text(f"x = {'b' * 90_000} ~~|\n{'a' * 90_000} = c ~~|\n{CONTROLS}")

    with pytest.raises(ModelFileError) as caught:
        load_model(tmp_path / "m.mdl")

    assert len(str(caught.value)) < 2000


@pytest.mark.parametrize(
    "content", ["<" * 9000, "<!DOCTYPE x [", "<?xml version='1.0'?>", "<!-- a -->", "\x0c" * 90, "<?a" * 99]
)
def test_xml_of_which_nothing_can_be_read_is_refused_by_the_engine(tmp_path, content):
    (tmp_path / "m.xmile").write_text(content)

    with pytest.raises(ModelFileError, match=r"XML|the file is empty|declares entities"):
        load_model(tmp_path / "m.xmile")

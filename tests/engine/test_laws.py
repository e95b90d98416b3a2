"""Laws that hold for any expression, order and grouping of members."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from innovation.engine.model import load_model

COMMON = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = ("a", "b", "c")

# Pairs of the same expression: as Vensim writes it, and as a function of NumPy arrays.
leaves = some.one_of(
    some.sampled_from(NAMES).map(lambda name: (name, lambda v, name=name: v[name])),
    some.floats(0.1, 9).map(lambda x: round(x, 3)).map(lambda x: (repr(x), lambda v, x=x: np.float64(x))),
)


def grown(parts):
    def joined(symbol, function, name=""):
        return some.tuples(parts, parts).map(
            lambda two: (f"{name}({two[0][0]}{symbol}{two[1][0]})", lambda v: function(two[0][1](v), two[1][1](v)))
        )

    def applied(name, function):
        return parts.map(lambda one: (f"{name}({one[0]})", lambda v: function(one[1](v))))

    def chosen(three):
        (c, fc), (a, fa), (b, fb) = three
        return f"IF THEN ELSE({c}>{a},{a},{b})", lambda v: np.where(fc(v) > fa(v), fa(v), fb(v))

    return some.one_of(
        joined("+", np.add), joined("-", np.subtract), joined("*", np.multiply), joined("/", np.divide),
        joined(",", np.minimum, "MIN"), joined(",", np.maximum, "MAX"),
        applied("EXP", np.exp), applied("SIN", np.sin), applied("ABS", np.abs), applied("INTEGER", np.trunc),
        parts.map(lambda one: (f"LN(1+ABS({one[0]}))", lambda v: np.log(1 + np.abs(one[1](v))))),
        parts.map(lambda one: (f"(1+ABS({one[0]}))^0.3", lambda v: np.power(1 + np.abs(one[1](v)), 0.3))),
        some.tuples(parts, parts, parts).map(chosen),
    )  # fmt: skip


expressions = some.recursive(leaves, grown, max_leaves=12)


@COMMON
@given(expression=expressions, seed=some.integers(0, 2**32 - 1))
def test_any_expression_has_the_value_numpy_gives_it(write, expression, seed):
    text, function = expression
    rng = np.random.default_rng(seed)
    values = {name: rng.uniform(0.1, 5, 20) for name in NAMES}
    equations = "".join(f"{name} = 1 ~~|\n" for name in NAMES) + f"result = {text} ~~|"
    model = load_model(write(equations, end=1, dt=1), "numpy")

    result = model.run(values, ["result"], on_failure="mask")["result"].values[:, 0]

    with np.errstate(all="ignore"):
        expected = np.broadcast_to(function(values), result.shape)
    assert np.array_equal(result, expected, equal_nan=True)


@COMMON
@given(expression=expressions, seed=some.integers(0, 2**32 - 1))
def test_one_member_alone_has_the_bits_it_has_in_a_batch(write, expression, seed):
    text, _ = expression
    rng = np.random.default_rng(seed)
    values = {name: rng.uniform(0.1, 5, 5) for name in NAMES}
    equations = "".join(f"{name} = 1 ~~|\n" for name in NAMES)
    model = load_model(write(f"{equations}flow = {text} ~~|\nlevel = INTEG(flow*0.1, 1) ~~|", end=3, dt=1))

    batch = model.run(values, ["flow", "level"], on_failure="mask")

    for member in range(5):
        alone = model.run(
            {name: float(column[member]) for name, column in values.items()}, ["flow", "level"], on_failure="mask"
        )
        for name in ("flow", "level", "failed"):
            assert np.array_equal(alone[name].values[0], batch[name].values[member], equal_nan=True)


@COMMON
@given(order=some.permutations(range(50)), cut=some.integers(1, 49))
def test_order_and_grouping_of_members_change_no_bit(tank_file, order, cut):
    model = load_model(tank_file)
    rng = np.random.default_rng(0)
    taps, soaks = rng.uniform(0, 3, 50), rng.uniform(1, 9, 50)
    whole = model.run({"base tap": taps, "soak time": soaks}, ["spilt", "alarm"])
    order = np.array(order)

    parts = [
        model.run({"base tap": taps[part], "soak time": soaks[part]}, ["spilt", "alarm"])
        for part in (order[:cut], order[cut:])
    ]

    for name in ("spilt", "alarm"):
        joined = np.concatenate([part[name].values for part in parts])
        assert np.array_equal(joined, whole[name].values[order])


@COMMON
@given(
    xs=some.lists(some.floats(-10, 10).map(lambda x: round(x, 2)), min_size=2, max_size=12, unique=True),
    data=some.data(),
)
def test_any_lookup_is_linear_interpolation(write, xs, data):
    xs = sorted(xs)
    ys = [round(data.draw(some.floats(-100, 100)), 3) for _ in xs]
    points = ",".join(f"({x},{y})" for x, y in zip(xs, ys, strict=True))
    model = load_model(write(f"curve({points}) ~~|\nx = 1 ~~|\ny = curve(x) ~~|", end=1, dt=1))
    at = np.linspace(-12, 12, 97)

    values = model.run({"x": at}, ["y"])["y"].values[:, 0]

    assert np.allclose(values, np.interp(at, xs, ys), rtol=1e-12, atol=1e-11)


@COMMON
@given(shuffled=some.randoms(use_true_random=False))
def test_the_hash_is_blind_to_order_case_comments_and_white_space(tank_file, tmp_path_factory, shuffled):
    text = tank_file.read_text().partition("\\\\\\---///")[0]
    head, *elements = text.split("|")
    head, first = head.split("\n", 1)
    parts = [part for part in [first, *elements] if "****" not in part and part.strip()]
    # the two pieces of one variable stay together: only the last says its unit
    shuffled.shuffle(parts)
    other = "|".join(parts) + "|"
    other = other.replace("soak time", "Soak_TIME").replace("Water in both tanks.", "{}").replace(" + ", "  +\t")
    path = tmp_path_factory.mktemp("hash") / "other.mdl"
    path.write_text(head + "\n" + other)

    assert load_model(path).hash == load_model(tank_file).hash


def test_the_hash_sees_values_units_and_equations(tank_file, tmp_path):
    text = tank_file.read_text()
    hashes = {load_model(tank_file).hash}

    for number, (old, new) in enumerate(
        [("base tap = 1", "base tap = 2"), ("~	hour [0.5", "~	day [0.5"), ("SUM(", "2*SUM(")]
    ):
        path = tmp_path / f"other{number}.mdl"
        path.write_text(text.replace(old, new))
        hashes.add(load_model(path).hash)

    assert len(hashes) == 4

"""The city by every engine there is: our back-ends, pysimlin and PySD, on random members, lever ends and corners.

A column is one variable's element over time, for one member; differences are relative to its largest value.
"""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from innovation.engine.ir.structure import normalised_name
from innovation.engine.model import load_model
from innovation.engine.testing.pysd_oracle import reference_run
from innovation.model.prior_draws import draw_priors
from tests.engine.test_agreement import disagreements

EACH, WHOLE = 60, 1000  # random members that pysimlin runs each time (some ten a second), and on request
DIFFERENCES_OF_EQUALS = ("following_", "extra_starts", "funded_extra_starts", "running_money")
BEYOND_PRACTICE = (*DIFFERENCES_OF_EQUALS, "extra_platform", "extra_operating")
COSTS = "K "  # begins the group of costs
COST_SUMS = ("nominal_cost_flow", "cost_sum", "cost_figure")  # what the scoreboard sums of them
POLES = "contribution_rate"  # a quotient whose denominator, growth, passes nothing in some members
DELAY = re.compile(r"DELAY FIXED\(\s*(.+?)\s*,\s*([^,]+?)\s*,\s*([^,]+?)\s*\)\s*$")


def shares(city):
    """The levers that are weights of one whole, by its name."""
    groups = {}
    for lever in city.levers.values():
        if lever.share_of:
            groups.setdefault(lever.share_of, []).append(lever)
    return groups


def random_members(city, count):
    """Draws of the priors, and of the levers over all of their ranges."""
    rng = np.random.default_rng(2010)
    members = draw_priors(city, count, seed=2010)
    members |= {lever.constant: rng.uniform(lever.low, lever.high, count) for lever in city.levers.values()}
    for group in shares(city).values():
        weights = rng.dirichlet(np.ones(len(group)), count)
        members |= {lever.constant: weights[:, place] for place, lever in enumerate(group)}
    return members


def lever_ends(city):
    """Two members a lever: it lies at its low and high end, all else at 2010 practice; weights still sum to 1."""
    levers = list(city.levers.items())
    members = {lever.constant: np.full(2 * len(levers), city.practice(key)) for key, lever in levers}
    for place, (key, lever) in enumerate(levers):
        for member, end in ((2 * place, lever.low), (2 * place + 1, lever.high)):
            others = [other for other in shares(city).get(lever.share_of, []) if other is not lever]
            for other in others:
                members[other.constant][member] *= (1 - end) / (1 - city.practice(key))
            members[lever.constant][member] = end
    return members


def lever_corners(city, count):
    """Every lever at one of its ends; of the weights of one whole a single one is 1."""
    rng = np.random.default_rng(64)
    members = {lever.constant: rng.choice([lever.low, lever.high], count) for lever in city.levers.values()}
    for group in shares(city).values():
        chosen = rng.integers(0, len(group), count)
        members |= {lever.constant: (chosen == place).astype(float) for place, lever in enumerate(group)}
    return members


MEMBERS = {
    "random": random_members,
    "ends": lambda city, count: lever_ends(city),
    "corners": lambda city, count: lever_corners(city, 64),
}


def picked(members, member):
    """The parameters of one member."""
    return {name: float(values[member]) for name, values in members.items()}


def columns_of(data, members=slice(None)):
    """The values of a run, shape (members, times), by 'name' or 'name[element]' in small letters."""
    found = {}
    for variable in data.data_vars.values():
        if variable.dims[:2] != ("member", "time"):
            continue
        key = normalised_name(variable.attrs["label"])
        values = variable.values[members].reshape(*variable.shape[:2], -1)
        elements = itertools.product(*(map(normalised_name, data[dim].values.tolist()) for dim in variable.dims[2:]))
        for place, names in enumerate(elements):
            found[f"{key}[{','.join(names)}]" if names else key] = values[:, :, place]
    return found


def apart(ours, theirs, least=0.0):
    """The largest difference between two columns, relative to the largest value of theirs or at least to this one."""
    scale = max(np.max(np.abs(theirs)), least)
    return np.max(np.abs(ours - theirs)) / (scale if scale > 0 else 1)


@pytest.fixture(scope="module")
def numpy_model(city):
    return load_model(city.model.path, backend="numpy")


@pytest.mark.parametrize(
    "kind", ["corners", *(pytest.param(k, marks=pytest.mark.slow) for k in MEMBERS if k != "corners")]
)
def test_both_back_ends_give_the_same_city(city, numpy_model, kind):
    pytest.importorskip("llvmlite", reason="llvmlite has no wheel for this machine")
    members = MEMBERS[kind](city, WHOLE)

    fast = columns_of(load_model(city.model.path, backend="vectors").run(members))
    slow = columns_of(numpy_model.run(members))

    costs = {normalised_name(one.name) for one in city.model.variables.values() if one.group.startswith(COSTS)}
    eps = np.finfo(float).eps

    assert len(slow) > 1300
    for name, values in slow.items():
        # the rate of a held value, starts beyond approvals, and what starts leave to run platforms are differences of
        # equals: what rounding leaves there is small only against the values of all members; of a rate, the last digits
        # of the two values, which are about one, over a step
        equals = name.startswith(DIFFERENCES_OF_EQUALS)
        scale = np.max(np.abs(values)) if equals else np.max(np.abs(values), axis=1)[:, None]
        digits = 2 * eps / city.model.dt if name.startswith("following_") else 0.0
        if name.partition("[")[0] in costs or name.startswith(COST_SUMS):
            # what lies beyond practice is, at practice, the last digits of two equal amounts as large as it can be
            digits = 16 * eps * np.max(np.abs(values))
        if name.startswith(POLES):
            # near its pole a quotient of 100 magnifies the last digits of its denominator by (value / 100) squared
            digits = 1e-11 * values**2 / 100
        assert (np.abs(fast[name] - values) <= 1e-11 * scale + digits).all(), name


def plain_zidz(text):
    """A model text with ZIDZ written out as Vensim defines it: pysimlin's takes nothing for zero but zero."""
    head, found, rest = text.partition("ZIDZ(")
    if not found:
        return text
    depth, commas, end = 1, [], 0
    for end, letter in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 1:
            commas.append(end)
        if depth == 0:
            break
    above, below = (plain_zidz(part) for part in (rest[: commas[0]], rest[commas[0] + 1 : end]))
    written = f"IF THEN ELSE(ABS({below}) < 0.000001, 0, ({above}) / ({below}))"
    return head + written + plain_zidz(rest[end + 1 :])


@pytest.fixture(scope="module")
def other(city, tmp_path_factory):
    """The city in pysimlin."""
    simlin = pytest.importorskip("simlin", reason="pysimlin has no wheel for this machine")
    copy = tmp_path_factory.mktemp("pysimlin") / "city.mdl"
    copy.write_text(plain_zidz(city.model.path.read_text(encoding="utf-8")), encoding="utf-8")
    return simlin.load(str(copy))


def simlin_run(other, parameters):
    """All of pysimlin's columns for one member."""
    with other.simulate(overrides=parameters) as simulation:
        simulation.run_to_end()
        return {name: simulation.get_series(name) for name in simulation.get_var_names()}


def delayed(model):
    """The variables that are a DELAY FIXED: its input, without subscripts, and its length."""
    found = {name: DELAY.search(variable.equation) for name, variable in model.variables.items()}
    return {
        normalised_name(name): (normalised_name(match[1].partition("[")[0]), normalised_name(match[2]))
        for name, match in found.items()
        if match
    }


def readers_of(model, sources):
    """The variables that read any of these, however indirectly, and these."""
    inputs = {normalised_name(v.name): {normalised_name(name) for name in v.inputs} for v in model.variables.values()}
    found = set(sources)
    while more := {name for name, read in inputs.items() if read & found} - found:
        found |= more
    return found


def check_against_pysimlin(model, other, members):
    """Every column of every member that pysimlin can compute, 1e-9; of a year's delay its input a year before."""
    delays = delayed(model)
    excepted = {*readers_of(model, delays), "time_step", "saveper"}
    ours = columns_of(model.run(members))
    compared = [name for name in ours if name.partition("[")[0] not in excepted]
    assert len(compared) > 0.9 * len(ours)
    before = {}  # by delayed column its input; results are saved once a year
    for name in ours:
        bare, bracket, element = name.partition("[")
        source, length = delays.get(bare, ("", ""))
        if length == "one_year" and source not in excepted:
            before[name] = f"{source}{bracket}{element}"
    assert len(before) > 30
    # what rounding leaves of a difference of equals is small only against the values of all members
    costs = {normalised_name(one.name) for one in model.variables.values() if one.group.startswith(COSTS)}
    equals = [n for n in ours if n.startswith((*BEYOND_PRACTICE, *COST_SUMS)) or n.partition("[")[0] in costs]
    least = {name: np.max(np.abs(ours[name])) for name in equals}
    for member in range(len(next(iter(members.values())))):
        theirs = simlin_run(other, picked(members, member))
        wrong = {name: apart(ours[name][member], theirs[name], least.get(name, 0.0)) for name in compared}
        for late, name in before.items():
            wrong[late] = apart(ours[late][member][1:], theirs[name][:-1], least.get(late, 0.0))
        assert {name: by for name, by in wrong.items() if not by <= 1e-9} == {}, member


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        pytest.param("random", EACH, marks=pytest.mark.slow),
        pytest.param("random", WHOLE, marks=pytest.mark.whole),
        pytest.param("ends", 0, marks=pytest.mark.whole),
        pytest.param("corners", 0, marks=pytest.mark.whole),
    ],
)
def test_the_city_is_the_same_in_pysimlin(numpy_model, other, city, kind, count):
    check_against_pysimlin(numpy_model, other, MEMBERS[kind](city, count))


def whole_arrays(model, parameters):
    """Parameters with the elements of an array gathered, as PySD takes them."""
    gathered = {name: value for name, value in parameters.items() if "[" not in name}
    for name, value in parameters.items():
        bare, bracket, inside = name.partition("[")
        if bracket:
            variable = model.variables[bare]
            array = gathered.setdefault(bare, np.array(model.constants[bare]))
            elements = [normalised_name(part) for part in inside.rstrip("]").split(",")]
            place = [
                [normalised_name(element) for element in model.subscripts[dim]].index(part)
                for dim, part in zip(variable.dims, elements, strict=True)
            ]
            array[tuple(place)] = value
    return gathered


def beyond_rounding(city, ours, found):
    """Disagreements but for columns of what lies beyond practice which are, at practice, last digits alone."""
    costs = {normalised_name(one.name) for one in city.model.variables.values() if one.group.startswith(COSTS)}
    digits = 16 * np.finfo(float).eps * np.max(np.abs(ours["output"].values))
    return {
        name: by
        for name, by in found.items()
        if np.max(np.abs(ours[name].values)) > digits
        or not (name in costs or str(name).startswith((*BEYOND_PRACTICE, *COST_SUMS)))
    }


@pytest.mark.parametrize(
    "member",
    [pytest.param(member, marks=pytest.mark.slow if member == 0 else pytest.mark.whole)
     for member in (None, 0, 1, 2, 3)],
    ids=str,
)  # fmt: skip
def test_the_city_is_the_same_in_pysd(city, numpy_model, member):
    parameters = {} if member is None else whole_arrays(numpy_model, picked(random_members(city, 4), member))
    ours = numpy_model.run(parameters)

    theirs = reference_run(city.model.path, parameters, times=ours["time"].values.tolist())

    assert beyond_rounding(city, ours, disagreements(ours, theirs)) == {}

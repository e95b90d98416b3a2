"""The law of corners: where it looks, and that it finds and names what breaks at the end of a lever."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from innovation.calibration.posterior import kept_draws
from innovation.engine.progress import Progress
from innovation.engine.time_paths import Change, TimePath
from innovation.model.loading import load_city
from innovation.scenarios.checks.corners import corners_of, law
from innovation.scenarios.checks.expectations import Corners, read_checks
from innovation.scenarios.shares import shares_of
from innovation.scenarios.simulation.cases import Members
from tests.conftest import TOY_CITY

CHECKS = """
draws: {members: 30, seed: 1}
corners: {random: 5, seed: 3, draws: 4}
bounds:
  nothing_is_negative: {variables: [every stock, every flow], except: [output gr*], at_least: 0, corners: true}
  openings_stay: {variables: [platform op*], at_most: 0}
equalities: {}
balances: {}
monotone: {}
extremes: {}
cuts: {quiet: []}
"""


@pytest.fixture
def checks(toy_city, tmp_path):
    (tmp_path / "checks.yaml").write_text(CHECKS, encoding="utf-8")
    return read_checks(toy_city, tmp_path / "checks.yaml")


def broken_toy(folder, old, new):
    """The toy city with one equation replaced."""
    shutil.copytree(TOY_CITY, folder)
    path = folder / "toy.mdl"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load_city(folder)


def test_every_lever_and_assumption_stands_at_both_ends_alone_and_shares_keep_their_sum(city):
    found = corners_of(city, Corners(random=8, seed=1, draws=1))

    names = [*city.levers, *city.inputs]
    alone, corners = found[:-8], found[-8:]
    assert len(alone) == 2 * len(names)
    for name in names:
        ends = {corner.to[name] for corner in alone if corner.label.split()[0] == name}
        assert ends == {city.control(name).low, city.control(name).high}
    assert all(set(corner.to) == set(names) for corner in corners)
    assert len({tuple(corner.to.values()) for corner in corners}) == 8
    for corner in found:
        for group in ("mix", "programme"):
            shares = shares_of(city, group)
            if set(shares) & set(corner.to):
                assert sum(corner.to[name] for name in shares) == pytest.approx(1)
        for name, value in corner.to.items():
            control = city.control(name)
            assert control.low <= value <= control.high
    single = [name for name in names if not getattr(city.control(name), "share_of", None)]
    assert all(
        corner.to[name] in (city.control(name).low, city.control(name).high) for corner in corners for name in single
    )


def test_a_new_lever_leaves_the_corners_of_the_others_as_they_were(city):
    corners = Corners(random=3, seed=1, draws=1)
    fewer = replace(city, levers={name: one for name, one in city.levers.items() if name != "tax_relief"})

    whole, less = corners_of(city, corners)[-3:], corners_of(fewer, corners)[-3:]

    for one, other in zip(whole, less, strict=True):
        assert {**other.to, "tax_relief": one.to["tax_relief"]} == one.to


def test_a_sound_city_holds_and_says_how_much_was_tried(toy_city, checks):
    told: list[Progress] = []

    found = list(law(toy_city, checks, on_progress=told.append))

    runs = 4 * (2 * len([*toy_city.levers, *toy_city.inputs]) + 5)
    assert [outcome.holds for outcome in found] == [True, True]
    assert f"{runs} runs" in found[0].found and "draws of the priors" in found[0].found
    assert told[0] == Progress("runs", 0, runs) and told[-1] == Progress("runs", runs, runs)


def test_every_draw_is_tried_where_it_is_asked_and_spread_ones_where_not(toy_city, checks):
    members = Members.of({"forgetting": np.linspace(0.1, 0.3, 30)}, "draws")

    assert len(members.spread(30)) == len(members.spread(99)) == 30
    few = members.spread(4).values["forgetting"]
    assert (few[0], few[-1], len(few)) == (0.1, 0.3, 4)
    whole = next(law(toy_city, checks, members, every=True)).found
    assert f"{30 * (2 * len([*toy_city.levers, *toy_city.inputs]) + 5):,} runs, 30 draws" in whole


def test_a_stock_that_one_end_of_a_lever_drains_is_named_with_its_lever_member_and_value(checks, tmp_path):
    drained = "platforms = INTEG( platform openings - IF THEN ELSE(science share < 0.001, 30, 0),"
    city = broken_toy(tmp_path / "toy", "platforms = INTEG( platform openings,", drained)

    finite, negative = law(city, checks)

    assert finite.holds
    assert not negative.holds
    assert "science_share 0 (4)" in negative.found
    assert re.search(
        r"worst platforms -\d+(\.\d)? in (science_share 0|corner \d), member (1|11|20|30)$", negative.found
    )


def test_runs_that_are_not_finite_are_counted_by_lever_and_break_no_bound(checks, tmp_path):
    lost = "* LN( IF THEN ELSE(science share < 0.001, -1, 1) * knowledge / initial knowledge )"
    city = broken_toy(tmp_path / "toy", "* LN( knowledge / initial knowledge )", lost)
    told: list[Progress] = []

    finite, negative = law(city, checks, on_progress=told.append)

    assert not finite.holds and negative.holds
    assert "science_share 0 (4)" in finite.found
    failed = told[-1].failed
    assert finite.found.startswith(f"{failed} of ") and failed % 4 == 0


def test_a_flow_below_nothing_is_found_between_two_years(checks, tmp_path):
    dip = "IF THEN ELSE(Time > 2015.2, IF THEN ELSE(Time < 2015.3, IF THEN ELSE(science share > 0.09, 2, 0), 0), 0)"
    equation = "research completed = science money * research share / total share"
    city = broken_toy(tmp_path / "toy", equation, f"{equation} * (1 - {dip})")

    finite, negative = law(city, checks)

    assert finite.holds
    assert not negative.holds
    assert "science_share 0.1 (4)" in negative.found
    assert "worst research completed -" in negative.found


def test_a_bound_without_the_mark_is_not_asked_in_corners(toy_city, checks):
    names = [outcome.law for outcome in law(toy_city, checks)]

    assert not any("openings" in name for name in names)


@pytest.fixture(scope="module")
def hard():
    """Constants that once made demand, guarantee capital or other industry's output negative, at levers' ends."""
    vehicles = {"vehicle demand in 2011": 25000.0, "vehicle demand growth": 0.7, "market growth": 0.05}
    guarantees = {"default share": 0.08, "loss in default": 0.9, "private finance growth after 2010": 0.0}
    more_vehicles = {"vehicle demand in 2011": 28000.0, "vehicle demand growth": 0.9}
    return vehicles, guarantees, more_vehicles


@pytest.mark.parametrize(
    ("place", "levers", "variable"),
    [
        (0, {"vehicle demonstration": 0.5}, "demand"),
        (0, {"vehicle demonstration": 0.5, "market switch": 0.0}, "demand"),
        (1, {"guarantee multiplier": 10.0, "guidance to venture share": 1.0}, "guarantee capital"),
        (2, {"vehicle demonstration": 6.0}, "other industry output"),
    ],
)
def test_what_once_fell_below_nothing_stays_at_it(city, hard, place, levers, variable):
    given = {name: TimePath((Change(2011.0, value),)) for name, value in levers.items()}

    run = city.model.run({**hard[place], **given}, outputs=[variable], times=np.arange(2011, 2026.1, 0.25).tolist())

    lowest = float(next(iter(run.data_vars.values())).min())
    assert lowest >= 0


def test_fewer_demonstration_fleets_than_in_2010_sell_fewer_vehicles_and_more_sell_more(city):
    times = [2016.0]

    def sold(value):
        given = {"vehicle demonstration": TimePath((Change(2011.0, value),))}
        run = city.model.run(given, outputs=["demand", "vehicle demand"], times=times)
        return float(run.demand.sel(industry="energy").item()), float(run.vehicle_demand.item())

    (less, fewer), (now, same), (more, many) = map(sold, (0.5, 1.0, 3.0))

    assert less < now < more
    assert fewer < same < many
    assert (many - same) == pytest.approx(4 * (same - fewer))
    assert (more - now) == pytest.approx(4 * (now - less), rel=0.02)


def test_no_lever_breaks_the_city_in_a_few_draws_of_the_posterior(city):
    checks = read_checks(city, city.folder / "checks.yaml")
    members = Members.of(kept_draws.load(city).draws, "draws of the posterior").spread(3)

    assert [outcome for outcome in law(city, checks, members, every=True) if not outcome.holds] == []


@pytest.mark.parametrize(
    "draws", [pytest.param(1000, marks=pytest.mark.slow), pytest.param(4000, marks=pytest.mark.whole)]
)
def test_no_lever_breaks_the_city_in_any_draw_of_the_posterior(city, draws):
    checks = read_checks(city, city.folder / "checks.yaml")
    members = Members.of(kept_draws.load(city).draws, "draws of the posterior").spread(draws)

    assert [outcome for outcome in law(city, checks, members, every=True) if not outcome.holds] == []

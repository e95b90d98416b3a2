"""Draws that fail after the record: whatever calibration computes of a posterior leaves them out, or is refused."""

from __future__ import annotations

import importlib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from innovation.calibration import centre, costs, lever_answers
from innovation.calibration.discrepancy import loading
from innovation.calibration.discrepancy.instrument import DiscrepancyInstrument
from innovation.calibration.discrepancy.makeup import makeups
from innovation.calibration.discrepancy.sizes import Sizes
from innovation.calibration.evidence import __main__ as command
from innovation.calibration.evidence import parts
from innovation.calibration.evidence.assessment import bands, prior_sets, sensitivity, sources
from innovation.calibration.evidence.assessment.futures import TOGETHER, futures
from innovation.calibration.evidence.sections.data import left_out
from innovation.calibration.kept_results import read
from innovation.calibration.priors import predictive
from innovation.model.calendar import PLAN_ENDS
from innovation.scenarios.simulation.failures import DesignFailures, TooManyFailed
from innovation.scenarios.simulation.run import parameters, sound_figures
from tests.fragile import LIMIT, fragile_toy, fragile_wuhan, limits, scenario_of

DRAWS = 200
HALF, NONE = 0.03, 0.01  # limits that `more` passes, and that practice passes too
ELASTICITY = "knowledge elasticity"
FEW, MANY = ((7, NONE), (9, HALF)), ((7, NONE), (8, NONE), (9, NONE))


@pytest.fixture(scope="module")
def fragile(tmp_path_factory):
    return fragile_toy(tmp_path_factory.mktemp("fragile"))


@pytest.fixture(scope="module")
def scenarios(fragile):
    return [scenario_of(fragile, "as_now"), scenario_of(fragile, "more", 0.04)]


def drawn(*broken: tuple[int, float]) -> dict[str, np.ndarray]:
    return {**limits(DRAWS, *broken), ELASTICITY: np.linspace(0.01, 0.1, DRAWS)}


def without(values: dict[str, np.ndarray], *numbers: int) -> dict[str, np.ndarray]:
    return {name: np.delete(of, [number - 1 for number in numbers]) for name, of in values.items()}


def draws_of(values: dict[str, np.ndarray]) -> SimpleNamespace:
    record = SimpleNamespace(names=(ELASTICITY,))
    return SimpleNamespace(draws=values, distinct=DRAWS, hash="0" * 64, record=record)


def instrument_of(city) -> DiscrepancyInstrument:
    """One that strays by nothing and knows of which members it is asked."""
    assumed = SimpleNamespace(counts={}, readings={})
    asked: list[np.ndarray] = []

    def published(name, own, numbers, line=None, parts=()):
        asked.append(numbers)
        return own

    return SimpleNamespace(city=city, assumed=assumed, published=published, asked=asked)


def test_figures_are_those_of_the_members_that_fail_in_no_run(fragile, scenarios):
    given = {one.id: [parameters(fragile, one, drawn(*FEW), nominal=False)] for one in scenarios}

    found, failures = sound_figures(fragile, given)

    alone = {one.id: [parameters(fragile, one, without(drawn(), 7, 9), nominal=False)] for one in scenarios}
    for name, (series,) in sound_figures(fragile, alone)[0].items():
        assert np.array_equal(found[name][0]["output"], series["output"])
    assert failures.lost.tolist() == [7, 9]
    assert failures.kept.sum() == DRAWS - 2
    assert [one.member for one in failures.reasons["more"]] == [7, 9]


def test_of_several_runs_of_a_scenario_one_that_fails_is_enough(fragile, scenarios):
    as_now = scenarios[0]
    given = [parameters(fragile, as_now, values, nominal=False) for values in (drawn(), drawn((9, NONE)))]

    _, failures = sound_figures(fragile, {"as_now": given})

    assert failures.lost.tolist() == [9]
    assert failures.reasons["as_now"][0].variable == "total output"


def test_the_years_to_come_are_of_the_draws_that_fail_under_no_scenario(fragile, scenarios):
    found = futures(fragile, scenarios, drawn(*FEW))

    alone = futures(fragile, scenarios, without(drawn(), 7, 9))
    for name, one in found.items():
        assert one.failed == 2
        assert np.array_equal(one.values["output"], alone[name].values["output"])
        assert all(np.array_equal(hits, alone[name].hits[target]) for target, hits in one.hits.items())


def test_a_failed_draw_has_no_weight(fragile, scenarios):
    weights = np.arange(1.0, DRAWS + 1) / np.arange(1.0, DRAWS + 1).sum()

    one, whole = (futures(fragile, scenarios, values)["more"] for values in (drawn(*FEW), drawn()))

    left = np.delete(weights, [6, 8])
    assert one.of_kept(weights) == pytest.approx(left / left.sum())
    assert whole.of_kept(weights) is not None and np.array_equal(whole.of_kept(weights), weights)


def basis_of(city, values) -> SimpleNamespace:
    return SimpleNamespace(city=city, constants=values, z=np.zeros((len(values[LIMIT]), 1)), draws=draws_of(values))


def rows_of_sensitivity(monkeypatch, city, scenarios, values):
    for name, stub in (("groups", lambda _: {}), ("judged", lambda *_: []), ("posterior_shape", lambda _: None)):
        monkeypatch.setattr(sensitivity, name, stub)
    return sensitivity.sensitivity_rows(basis_of(city, values), scenarios, lambda _: None)


def rows_of_prior_sets(monkeypatch, city, scenarios, values):
    even = np.full(len(values[LIMIT]), 1 / len(values[LIMIT]))
    monkeypatch.setattr(prior_sets, "believed", lambda *_: (values, even))
    return prior_sets.prior_set_rows(basis_of(city, values), scenarios, lambda _: None)


def rows_of_spread(monkeypatch, city, scenarios, values):
    count = len(values[LIMIT])
    z = np.linspace(-1, 1, count)[:, None]
    every = ("LEARNED", "UNLEARNED", "UNINFORMED", "DRIFTS", "ASSUMPTIONS")
    monkeypatch.setattr(sources, "HEADLINE", ("output",))
    monkeypatch.setattr(
        sources, "blocks", lambda _: {getattr(sources, name): ("e",) if name == "LEARNED" else () for name in every}
    )
    whole = SimpleNamespace(names=("e",), to_constants=lambda held: {**values, ELASTICITY: 0.05 + 0.04 * held[:, 0]})
    basis = basis_of(city, {**values, ELASTICITY: 0.05 + 0.04 * z[:, 0]})
    basis.posterior, basis.whole, basis.z = SimpleNamespace(whole=whole), z, z
    return sources.spread_rows(basis, scenarios[1], lambda _: None)


def rows_of_makeup(monkeypatch, city, scenarios, values):
    monkeypatch.setattr(bands, "instrument_of", lambda *_: instrument_of(city))
    return bands.makeup_rows(basis_of(city, values), scenarios, lambda _: None)


def rows_of_discrepancy(monkeypatch, city, scenarios, values):
    monkeypatch.setattr(loading, "measured", lambda city, record, assumed, own, line: Sizes({}, {}))
    monkeypatch.setattr(bands, "read_record", lambda _: None)
    monkeypatch.setattr(bands, "read_assumed", lambda _: None)
    monkeypatch.setattr(bands, "size_rows", lambda _: [{"kind": "quantity"}])
    return bands.discrepancy_rows(basis_of(city, values), lambda _: None)


ROWS = [rows_of_sensitivity, rows_of_prior_sets, rows_of_spread, rows_of_makeup, rows_of_discrepancy]


@pytest.mark.parametrize("rows", ROWS)
def test_a_part_of_the_evidence_says_how_many_draws_it_leaves_out(monkeypatch, fragile, scenarios, rows):
    found = list(rows(monkeypatch, fragile, scenarios, drawn(*FEW)))

    assert {row["failed"] for row in found} == ({1} if rows is rows_of_discrepancy else {2})


@pytest.mark.parametrize("rows", ROWS)
def test_a_part_of_the_evidence_is_refused_where_too_many_draws_fail(monkeypatch, fragile, scenarios, rows):
    with pytest.raises(TooManyFailed, match="of 200 members gave no result, and at most 1 % may be left out"):
        list(rows(monkeypatch, fragile, scenarios, drawn(*MANY)))


@pytest.mark.parametrize("rows", [rows_of_sensitivity, rows_of_prior_sets])
def test_a_failed_draw_does_not_count_as_one_that_misses_a_target(monkeypatch, fragile, scenarios, rows):
    def chances(values):
        found = rows(monkeypatch, fragile, scenarios, values)
        return [row["chance"] for row in found if TOGETHER in (row.get("target"), row.get("of"))]

    assert chances(drawn(*FEW)) == pytest.approx(chances(without(drawn(), 7, 9)))


def test_a_band_is_made_of_the_members_that_fail_in_none_of_its_runs(fragile, scenarios):
    how, values = instrument_of(fragile), drawn(*FEW)

    one, alone = (
        next(makeups(fragile, scenarios[1], of, how, {"output": PLAN_ENDS})) for of in (values, without(drawn(), 7, 9))
    )

    assert one.left_out == DesignFailures(DRAWS, 2)
    assert replace(one, left_out=alone.left_out) == alone
    assert set(how.asked[0].tolist()) == set(range(1, DRAWS + 1)) - {7, 9}


def test_sizes_are_measured_over_the_draws_that_do_not_fail_and_say_so(monkeypatch, fragile):
    seen = {}

    def measured(city, record, assumed, own, line):
        seen.update(output=own["output"], line=line)
        return Sizes({}, {})

    monkeypatch.setattr(loading, "measured", measured)

    sizes = loading.measure(fragile, draws_of(drawn((7, NONE))), None, None)

    assert sizes.left_out == DesignFailures(DRAWS, 1)
    assert len(seen["output"]) == len(seen["line"]) == DRAWS - 1
    assert np.isfinite(seen["output"]).all()


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Left out: 1 of 200 members"), ("zh", "200个成员中有1个算不出结果")]
)
def test_an_instrument_measured_without_some_draws_has_a_note(language, said):
    one = DiscrepancyInstrument(None, None, None, Sizes({}, {}, DesignFailures(DRAWS, 1)), {}, DRAWS, 1)

    assert said in one.note(language)
    assert replace(one, sizes=Sizes({}, {})).note(language) == ""


@pytest.fixture
def headline(monkeypatch):
    monkeypatch.setattr(centre, "read_moves", lambda _: SimpleNamespace(headline=("output",)))


def test_the_centre_is_of_the_draws_that_do_not_fail_and_says_so(headline, fragile):
    found = centre.centre(fragile, draws_of(drawn((200, NONE))))

    assert np.isfinite(list(found.values())).all()
    assert "Left out: 1 of 200 members, with no result under baseline; 199 are used." in centre.left_out(
        fragile, draws_of(drawn((200, NONE)))
    )
    assert centre.left_out(fragile, draws_of(drawn())) == ""
    assert len(centre.off_centre(fragile, draws_of(drawn((200, NONE))))) > 0


def test_there_is_no_centre_of_draws_of_which_too_many_fail(headline, fragile):
    many = draws_of(drawn(*MANY))

    for ask in (centre.centre, centre.off_centre, centre.left_out):
        with pytest.raises(TooManyFailed, match=r"Not shown: baseline\. 3 of 200"):
            ask(fragile, many)
    law = centre.law(fragile, many)
    assert not law.holds and "3 of 200 members gave no result" in law.found


def test_a_kept_part_tells_in_its_head_how_many_draws_it_leaves_out(monkeypatch, tmp_path):
    def heads(failed: int) -> dict[str, str]:
        monkeypatch.setitem(parts.PARTS, "spread", lambda basis, _: [{"a": 1, "failed": 0}, {"a": 2, "failed": failed}])
        monkeypatch.setattr(parts, "marks_of", lambda *_: {"model": "m"})
        parts.compute("spread", SimpleNamespace(z=np.zeros((DRAWS, 1))), lambda _: None, tmp_path)
        return read("spread", tmp_path)

    some, none = heads(2), heads(0)

    assert some.head["failed"] == "2" and [list(row) for row in some.rows] == [["a"], ["a"]]
    assert "failed" not in none.head
    assert next(left_out(some)) == "Left out: 2 of 200 members, with no result; 198 are used."
    assert list(left_out(none)) == []


def test_the_command_of_the_evidence_ends_with_3_and_a_sentence(monkeypatch, capsys, fragile, scenarios):
    def refused(_):
        futures(fragile, scenarios, drawn(*MANY))

    monkeypatch.setattr(command, "_done", refused)

    assert command.main(["spread"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("Not shown: as_now") and said.count("\n") == 1


@pytest.mark.parametrize("failed", [0, 1, 2])
def test_prior_draws_that_fail_are_in_no_band_and_too_many_of_them_leave_none(monkeypatch, toy_city, failed):
    flags = np.arange(100) < failed
    drawn = predictive.PriorDraws(1, {}, flags, {})
    checks = SimpleNamespace(draws=SimpleNamespace(members=100, seed=1))
    monkeypatch.setattr(predictive, "read_checks", lambda *_: checks)
    monkeypatch.setattr(predictive, "draw_and_run", lambda *_: drawn)
    monkeypatch.setattr(predictive, "mark", lambda _: "")
    for name, line in (("_contained", "CONTAINED"), ("_absurd", "ABSURD"), ("_quantiles", "QUANTILES")):
        monkeypatch.setattr(predictive, name, lambda *_, line=line: [line])

    page = predictive.predictive_page(toy_city)

    assert ("QUANTILES" in page) == (failed < 2) and "ABSURD" in page
    assert ("Left out: 1 of 100 members" in page) == (failed == 1)
    assert ("No findings: 2 of 100 members gave no result" in page) == (failed == 2)


@pytest.fixture(scope="module")
def wuhan(tmp_path_factory):
    return fragile_wuhan(tmp_path_factory.mktemp("wuhan"))


@pytest.fixture
def short(monkeypatch, wuhan):
    """Two scenarios in place of the library, and few members."""
    both = {name: scenario_of(wuhan, name, share, "fiscal_science_share") for name, share in (("a", None), ("b", 0.04))}
    monkeypatch.setattr(costs, "library", lambda: both)
    monkeypatch.setattr(costs, "load_scenario", lambda _, name: both[name])
    monkeypatch.setattr(costs, "solved", lambda *_: [])
    for module in (costs, lever_answers):
        monkeypatch.setattr(module, "MEMBERS", 10)


def test_kept_costs_count_the_draws_that_fail_in_one_scenario_for_all(short, wuhan, tmp_path):
    draws = draws_of(limits(10, (3, HALF)))

    costs.make(wuhan, draws, tmp_path)

    kept = read("costs", tmp_path)
    assert {row["middle"] for row in kept.rows if row["measure"] == "failed"} == {"1"}
    page = costs.costs_page(wuhan, tmp_path)
    assert page.count("Left out: 1 of 10 members, with no result; 9 are used.") == 1
    assert page.count("10个成员中有1个算不出结果，不予计入，实际采用9个。") == 1


def test_costs_of_draws_of_which_too_many_fail_are_not_kept(short, wuhan, tmp_path):
    with pytest.raises(TooManyFailed, match=r"Not shown: b\. 2 of 10 members gave no result, and at most one"):
        costs.make(wuhan, draws_of(limits(10, (3, HALF), (4, HALF))), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_lever_answers_of_draws_of_which_too_many_fail_are_not_kept(short, wuhan, tmp_path, monkeypatch):
    table = importlib.import_module("innovation.scenarios.levers.lever_answers")  # its function has its name
    monkeypatch.setattr(table, "ends_of", lambda _: [("fiscal_science_share", "high", 0.04)])

    with pytest.raises(TooManyFailed, match=r"Not shown: fiscal_science_share high\. 2 of 10 members gave no result"):
        lever_answers.make(wuhan, draws_of(limits(10, (3, HALF), (4, HALF))), tmp_path)

    assert list(tmp_path.iterdir()) == []
    lever_answers.make(wuhan, draws_of(limits(10, (3, HALF))), tmp_path)
    assert {row["failed"] for row in read("lever_answers", tmp_path).rows} == {"1"}

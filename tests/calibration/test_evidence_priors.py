"""What other sets of priors change: draws weighed anew say what draws of the other prior would."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from innovation.calibration.evidence.assessment.prior_sets import believed, prior_set_rows, sets_of, weighted_quantiles
from innovation.calibration.evidence.basis import basis_of
from innovation.calibration.posterior.kept_draws import save
from innovation.calibration.posterior.likelihood import Posterior
from innovation.model.loading import load_city
from innovation.scenarios.scenario_files import load_scenarios
from tests.calibration.fits import fake_fit
from tests.calibration.test_evidence import RECORD

DRAWS = 600
OF_OUTPUT = [figure for figure in RECORD if figure.is_counted and figure.terms == ("output",)]  # silent of platforms


@pytest.fixture(scope="module")
def city(toy_city):
    """The toy city with a prior of another set for what the record informs, and for what it does not."""
    others = {
        "forgetting": {"known_by_2010": "TN(.17,.05)"},
        "platform cost": {"known_by_2010": "LN(6,.2)"},
    }
    changed = {name: toy_city.parameters[name].model_copy(update=other) for name, other in others.items()}
    return dataclasses.replace(toy_city, parameters={**toy_city.parameters, **changed})


@pytest.fixture(scope="module")
def basis(city, tmp_path_factory):
    posterior = Posterior(city, OF_OUTPUT)
    path = tmp_path_factory.mktemp("fitted") / "posterior.parquet"
    kept = save(path, fake_fit(posterior, DRAWS), posterior, quick=False)
    return basis_of(posterior, kept, OF_OUTPUT)


def test_a_city_has_the_sets_in_which_a_constant_has_another_prior(city, toy_city):
    assert sets_of(city) == ("default", "known_by_2010")
    assert sets_of(toy_city) == ("default",)


def test_draws_are_not_weighed_anew_to_priors_so_far_off_that_a_handful_would_be_left():
    assert sets_of(load_city()) == ("default", "known_by_2010", "plan_targets")


def test_what_the_record_informs_is_weighed_and_what_it_does_not_is_drawn_anew(basis):
    assert "forgetting" in basis.posterior.space.names and "platform cost" in basis.posterior.uninformed.names

    before, even = believed(basis, "default")
    after, weights = believed(basis, "known_by_2010")

    assert even == pytest.approx(np.full(DRAWS, 1 / DRAWS))
    assert weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(after["forgetting"], before["forgetting"], rtol=1e-5)
    ratio = np.exp(-0.5 * (((before["forgetting"] - 0.17) / 0.05) ** 2 - ((before["forgetting"] - 0.15) / 0.05) ** 2))
    assert weights == pytest.approx(ratio / ratio.sum(), rel=1e-6)
    moved = {name for name in before if not np.allclose(before[name], after[name], rtol=1e-5)}
    assert moved == {"platform cost"}
    assert np.median(after["platform cost"]) == pytest.approx(6, rel=0.05)


def test_quantiles_weigh_each_draw():
    values = np.array([3.0, 1.0, 9.0, 2.0])

    assert weighted_quantiles(values, np.array([0.8, 0.05, 0.1, 0.05]), (0.01, 0.5, 0.95)) == [1.0, 3.0, 9.0]


def test_rows_have_every_set_scenario_and_target_once(basis, city):
    scenarios = load_scenarios(city, ["baseline"])

    rows = list(prior_set_rows(basis, scenarios, lambda _: None))

    chances = [(row["priors"], row["of"]) for row in rows if row["kind"] == "chance"]
    assert sorted(chances) == sorted((name, of) for name in sets_of(city) for of in (*city.targets, "all"))
    assert all(0 <= row["chance"] <= 1 for row in rows if row["kind"] == "chance")
    assert all(row["size"] == pytest.approx(DRAWS) for row in rows if row["priors"] == "default")

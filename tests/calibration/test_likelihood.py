"""The posterior of many members at once: against one written out number by number, and on records of known truth."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.record.measurement import FLOOR
from innovation.calibration.record.observations import ESTIMATED, Observation, read_record
from innovation.model.loading import load_city

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"


def toy_figure(of: str, last: int, value: float, unit: str, **other) -> Observation:
    given = {
        "id": f"{of} {last}", "operator": "level", "first": None, "reading": "exact", "rounding": None, "error": "log",
        "size": "accounts", "group": "toy", "counts": "yes", "source": "Plan2012", "section_or_address": "", "note": "",
    }  # fmt: skip
    return Observation(**{**given, "of": of, "last": last, "value": value, "unit": unit, **other})


TOY_RECORD = (
    *(toy_figure("output", year, 500 * 1.08 ** (year - 2005), "1e8 CNY/year") for year in (2005, 2006, 2008, 2010)),
    toy_figure("electronics_output", 2010, 430.0, "1e8 CNY/year", group="parts", size="surveys"),
    toy_figure("platforms", 2010, 20.0, "institution", reading="rounded", rounding=0.5, group="labs"),
    toy_figure("platforms", 2008, 15.0, "institution", reading="at_least", group="labs"),
    toy_figure(
        "platforms", 2009, 7.0, "institution", operator="increment", first=2005, error="count", size="events", id="new"
    ),
)


@pytest.fixture(scope="module")
def toy_posterior(toy_city):
    return Posterior(toy_city, TOY_RECORD)


@pytest.fixture(scope="module")
def posterior(city):
    return Posterior(city, read_record(city).counted)


def by_hand(posterior: Posterior, z: np.ndarray) -> float:
    """The log posterior density of one z, written out with plain numbers and SciPy's distributions."""
    constants = posterior.space.to_constants(z[None, : posterior.space.d])
    figures = posterior.figures(z[None])[:, 0]
    assert set(constants) <= set(posterior.space.to_constants(np.zeros((1, posterior.space.d))))
    total = sum(stats.norm.logpdf(number) for number in z)
    numbers = dict(zip(posterior.names, z, strict=True))
    done: dict[str, list[tuple[int, float]]] = {}
    for figure, said in zip(posterior.observations, figures, strict=True):
        if figure.error == "count":
            total += stats.poisson.logpmf(figure.value, said)
            continue
        if figure.size == "sum":
            total += stats.norm.logpdf(said / figure.value, 1, 0.005)
            continue
        size = 0.27
        if figure.size in ESTIMATED:
            drawn = stats.halfnorm.ppf(
                stats.norm.cdf(numbers[f"error size[{figure.group},{figure.size}]"]), scale=ESTIMATED[figure.size]
            )
            size = math.hypot(drawn, FLOOR)
        keeps = 0.95 * stats.norm.cdf(numbers.get(f"persistence of errors[{figure.group}]", -math.inf))
        if figure.error == "growth":
            years = figure.last - figure.first
            size *= math.sqrt(2 * (1 - keeps**years))

        def scale(value, figure=figure):
            if figure.error == "logit":
                return math.log(value / (100 - value))
            return (
                math.log1p(value / 100) * (figure.last - figure.first) if figure.error == "growth" else math.log(value)
            )

        if figure.reading == "exact":
            gap = scale(figure.value) - scale(said)
            earlier = done.setdefault(f"{figure.operator} {figure.of}", [])
            kept = keeps ** (figure.last - earlier[-1][0]) if earlier else 0.0
            mean = kept * earlier[-1][1] if earlier else 0.0
            total += stats.norm.logpdf(gap, mean, size * math.sqrt(1 - kept**2))
            earlier.append((figure.last, gap))
        elif figure.reading == "at_least":
            total += stats.norm.logsf(scale(figure.value), scale(said), size)
        elif figure.reading == "at_most":
            total += stats.norm.logcdf(scale(figure.value), scale(said), size)
        else:
            low, high = ((scale(edge) - scale(said)) / size for edge in figure.interval)
            chance = stats.norm.sf(low) - stats.norm.sf(high) if low > 0 else stats.norm.cdf(high) - stats.norm.cdf(low)
            total += math.log(chance)
    return total


def test_every_member_has_the_density_written_out_for_it_alone(posterior):
    z = np.concatenate([posterior.nominal()[None], 0.25 * posterior.draw_prior(12, 1)])

    found = posterior(z)

    assert found == pytest.approx([by_hand(posterior, row) for row in z], rel=1e-9)


def test_the_toy_has_the_density_written_out_for_it(toy_posterior):
    z = toy_posterior.draw_prior(20, 2)

    assert toy_posterior(z) == pytest.approx([by_hand(toy_posterior, row) for row in z], rel=1e-9)


def test_members_do_not_depend_on_each_other(posterior):
    z = posterior.draw_prior(7, 3)

    assert posterior(z)[4:5] == pytest.approx(posterior(z[4:5]), rel=1e-12)
    assert posterior(z[:0]).shape == (0,)


def test_what_nothing_before_2011_can_inform_is_left_to_its_prior(city, posterior):
    uninformed = set(posterior.uninformed.names)

    drifts = {name for name in posterior.whole.names if "drift" in name}
    dated = {name for name in posterior.whole.names if "never learned" in (_note(city, name) or "")}
    assert drifts | dated | {"inflation", "national growth", "market growth", "employment growth"} <= uninformed
    assert uninformed.isdisjoint(posterior.names)
    assert {*uninformed, *posterior.space.names} == set(posterior.whole.names)


def _note(city, name: str) -> str | None:
    return city.parameter(name).note if name in city.parameters else None


def test_uninformed_constants_move_no_term_of_the_likelihood(city, posterior):
    z = np.repeat(0.3 * posterior.draw_prior(1, 4), 50, axis=0)
    drawn = posterior.constants(z, seed=5)
    drawn["inflation"][:] = city.nominal("inflation")  # it begins in mid-2010, where published price levels end

    run = city.model.arrays(
        {**drawn, "FINAL TIME": 2011.0}, outputs=posterior.reader.outputs, times=posterior.reader.times
    )
    found = posterior.measurement.log_density(posterior.reader.read(run), posterior.errors(z))

    assert np.ptp(drawn["productivity drift"]) > 0
    assert np.ptp(drawn["contract price"]) < 1e-12
    assert np.ptp(found) < 0.02


def test_a_forecast_of_figures_left_out_uses_what_the_others_taught(city, posterior):
    record = read_record(city)
    z = np.repeat(posterior.nominal()[None], 40, axis=0)
    of_finance = [figure for figure in record.observations if figure.group == "finance"]

    measurement, figures, errors = posterior.predict(of_finance, z, seed=6)

    assert figures.shape == (len(of_finance), 40)
    assert np.ptp(errors.sizes["finance", "finance"]) == 0
    assert np.isfinite(measurement.terms(figures, errors)).all()


def test_a_member_whose_run_fails_has_no_density(tmp_path):
    folder = tmp_path / "toy"
    shutil.copytree(TOY_CITY, folder)
    text = (folder / "toy.mdl").read_text(encoding="utf-8")
    spoiled = text.replace("knowledge * forgetting", "knowledge * forgetting * SQRT( platform cost - 3 ) ")
    assert spoiled != text
    (folder / "toy.mdl").write_text(spoiled, encoding="utf-8")
    posterior = Posterior(load_city(folder), TOY_RECORD)
    z = posterior.draw_prior(200, 6)

    found = posterior(z)

    failing = posterior.space.to_constants(z[:, : posterior.space.d])["platform cost"] < 3
    assert failing.any()
    assert (np.isneginf(found) == failing).all()


def test_a_coordinate_that_is_no_number_has_no_density(toy_posterior):
    z = toy_posterior.draw_prior(3, 7)
    z[1, 0] = np.nan

    found = toy_posterior(z)

    assert np.isneginf(found[1])
    assert np.isfinite(found[[0, 2]]).all()


def test_a_wrong_shape_is_refused_with_the_right_one(toy_posterior):
    with pytest.raises(ValueError, match=rf"expected \(members, {toy_posterior.d}\)"):
        toy_posterior(np.zeros(toy_posterior.d))


def test_a_record_of_another_layout_is_refused(toy_posterior):
    with pytest.raises(ValueError, match="not laid out"):
        toy_posterior.given(TOY_RECORD[:3])


def test_the_fit_of_a_simulated_record_finds_the_constants_it_came_from(toy_posterior):
    truth = np.zeros(toy_posterior.d)
    truth[: toy_posterior.space.d] = np.random.default_rng(8).uniform(-1, 1, toy_posterior.space.d)
    truth[toy_posterior.space.d :] = -2.5  # errors of a per cent or less
    record = toy_posterior.simulated(truth, np.random.default_rng(9))
    fit = toy_posterior.given(record)

    found = optimize.minimize(lambda z: -fit(z[None])[0], np.zeros(fit.d), method="Powell", tol=1e-8).x

    spread = np.sqrt(np.diag(np.linalg.inv(_curvature(fit, found))))[: fit.space.d]
    assert (np.abs(found - truth)[: fit.space.d] < 3 * spread).all()
    assert spread[fit.names.index("platform cost")] < 0.5


def _curvature(fit: Posterior, z: np.ndarray, step: float = 0.02) -> np.ndarray:
    """Second derivatives of the negative log density by central differences."""
    moves = step * np.eye(fit.d)

    def at(signs) -> np.ndarray:
        one, other = signs
        points = z + one * moves[:, None] + other * moves[None]
        return -fit(points.reshape(-1, fit.d)).reshape(fit.d, fit.d)

    return (at((1, 1)) - at((1, -1)) - at((-1, 1)) + at((-1, -1))) / (4 * step**2)


def test_ranks_of_the_truth_among_posterior_draws_are_uniform(toy_posterior):
    # Self-normalised importance sampling from the prior: the same runs serve every simulated record.
    records, members = 300, 20_000
    z = toy_posterior.draw_prior(members, 10)
    figures, errors = toy_posterior.figures(z), toy_posterior.errors(z)
    truths = toy_posterior.draw_prior(records, 11)
    random = np.random.default_rng(12)

    ranks = []
    for truth in truths:
        fit = toy_posterior.given(toy_posterior.simulated(truth, random))
        weights = np.exp(fit.measurement.log_density(figures, errors))
        ranks.append(((z < truth) * weights[:, None]).sum(axis=0) / weights.sum())

    far = {
        name: p
        for name, column in zip(toy_posterior.names, np.array(ranks).T, strict=True)
        if (p := stats.kstest(column, "uniform").pvalue) < 0.01 / toy_posterior.d
    }
    assert far == {}

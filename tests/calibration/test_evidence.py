"""The evidence on a toy city whose answers are known: refits, learning, profiles, changed priors, the page."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from innovation.calibration.discrepancy.makeup import PARTS as BAND_PARTS
from innovation.calibration.evidence import __main__ as command
from innovation.calibration.evidence.assessment.learning import learned, learning, ties, worth
from innovation.calibration.evidence.assessment.optima import optima_rows
from innovation.calibration.evidence.assessment.profiles import interval, profile, profile_rows
from innovation.calibration.evidence.assessment.sensitivity import changed_prior, moved
from innovation.calibration.evidence.basis import Basis
from innovation.calibration.evidence.evidence import gather
from innovation.calibration.evidence.marks import OF_OTHERS
from innovation.calibration.evidence.page import FIGURES, written
from innovation.calibration.evidence.parts import PARTS, marks_of
from innovation.calibration.evidence.validation.fits import fit_rows, fits
from innovation.calibration.evidence.validation.groups import group_rows, under
from innovation.calibration.evidence.validation.holdout import earlier, holdout_rows, naive
from innovation.calibration.evidence.validation.refits import Part, refit, uninformed
from innovation.calibration.kept_results import keep, read
from innovation.calibration.posterior.likelihood import Posterior
from innovation.calibration.posterior.normal_approximation import approximate
from innovation.calibration.priors.space import Space
from innovation.calibration.record.observations import Observation
from innovation.engine.progress import Progress
from innovation.model.files.faults import DocumentError, fault


def toy_figure(of: str, last: int, value: float, unit: str, **other) -> Observation:
    given = {
        "id": f"{of} {last}", "operator": "level", "first": None, "reading": "exact", "rounding": None, "error": "log",
        "size": "accounts", "group": "toy", "counts": "yes", "source": "Plan2012", "section_or_address": "", "note": "",
    }  # fmt: skip
    return Observation(**{**given, "of": of, "last": last, "value": value, "unit": unit, **other})


RECORD = (
    *(toy_figure("output", year, 500 * 1.08 ** (year - 2005), "1e8 CNY/year") for year in (2005, 2006, 2008, 2010)),
    toy_figure("electronics_output", 2010, 430.0, "1e8 CNY/year", group="parts", size="surveys"),
    toy_figure("platforms", 2010, 20.0, "institution", reading="rounded", rounding=0.5, group="labs"),
    toy_figure("platforms", 2008, 15.0, "institution", reading="at_least", group="labs"),
    toy_figure(
        "platforms",
        2009,
        5.0,
        "institution",
        operator="increment",
        first=2005,
        group="labs",
        error="count",
        size="events",
        id="opened",
    ),
    toy_figure("electronics_output", 2005, 310.0, "1e8 CNY/year", group="parts", counts="no", note="only shown"),
)


def silently(now: Progress) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def basis(toy_city) -> Basis:
    cost = toy_city.parameters["platform cost"].model_copy(update={"centred": "LN(3,.9; .2,40)"})
    city = replace(toy_city, parameters={**toy_city.parameters, "platform cost": cost})
    posterior = Posterior(city, [figure for figure in RECORD if figure.is_counted])
    uninformed = posterior.uninformed.draw(1000, 2)
    start = Basis(posterior, posterior.draw_prior(1000, 1), uninformed, RECORD)
    found = refit(start, np.ones(len(posterior.observations), bool), 1, walkers=64, warm_up=150, steps=150)
    return replace(start, z=found.z[:1000])


def test_a_part_has_the_density_of_the_posterior_of_fewer_figures(toy_city, basis):
    kept = np.array([figure.group != "parts" for figure in basis.counted])
    fewer = Posterior(toy_city, [figure for figure in basis.counted if figure.group != "parts"])
    z = basis.posterior.draw_prior(5, 3)

    own = z[:, [basis.posterior.names.index(name) for name in fewer.names]]
    rest = np.array([name not in fewer.names for name in basis.posterior.names])
    expected = fewer(own) - 0.5 * (z[:, rest] ** 2 + np.log(2 * np.pi)).sum(axis=1)
    assert Part(basis.posterior, kept)(z) == pytest.approx(expected, abs=0.05)  # what moves nothing stays nominal there


def test_errors_of_groups_left_out_are_uninformed(basis):
    kept = np.array([figure.group != "parts" for figure in basis.counted])

    lost = np.array(basis.posterior.names)[uninformed(basis.posterior, kept)]

    assert lost.tolist() == ["error size[parts,surveys]"]


def test_a_refit_without_any_figure_gives_the_prior(basis):
    found = refit(basis, np.zeros(len(basis.counted), bool), 4, walkers=100, warm_up=60, steps=100)

    assert found.z.mean(axis=0) == pytest.approx(np.zeros(basis.posterior.d), abs=0.15)
    assert found.z.std(axis=0) == pytest.approx(np.ones(basis.posterior.d), abs=0.1)


def test_the_normal_approximation_is_near_the_draws(basis):
    every = np.ones(len(basis.counted), bool)

    mean, covariance = approximate(basis.posterior, every, np.median(basis.z, axis=0))

    own = basis.z[:, : basis.learnable]
    assert np.abs(mean - own.mean(axis=0)).max() < 0.6
    assert np.sqrt(np.diag(covariance)) == pytest.approx(own.std(axis=0), rel=0.5)
    nothing, wide = approximate(basis.posterior, ~every, np.median(basis.z, axis=0))
    assert nothing == pytest.approx(0 * nothing)
    assert wide == pytest.approx(np.eye(basis.learnable))


def test_what_is_learned_is_told_from_what_is_not(basis):
    places = np.array([1.0, 0.5, 2.0])
    z = basis.z.copy()
    random = np.random.default_rng(5)
    z[:, 0] = 0.5 * random.standard_normal(len(z)) + 1.8
    z[:, 1] = random.standard_normal(len(z))
    z[:, 2] = -z[:, 1] + 0.1 * places[0] * random.standard_normal(len(z))

    changed = replace(basis, z=z)
    found = {one.name: one for one in learning(changed)}

    names = basis.posterior.space.names
    assert found[names[0]].contraction == pytest.approx(0.75, abs=0.04)
    assert found[names[0]].moved == pytest.approx(1.8, abs=0.1)
    assert not found[names[1]].is_learned
    assert all(found[name].is_uninformed and found[name].contraction == 0 for name in basis.posterior.uninformed.names)
    assert (ties(changed)[0].one, ties(changed)[0].other) == (names[1], names[2])
    assert ties(changed)[0].r < -0.9
    assert worth(list(found.values())) == pytest.approx(sum(one.contraction for one in found.values()))


def test_a_view_that_no_figure_knows_has_its_prior_weight_and_stands_last(city):
    space, prior = Space(city), np.random.default_rng(7)
    known, view = "market growth", space.names[int(np.flatnonzero(space.switches)[0])]

    found = learned(space, (known, "an error size"), prior.standard_normal((60, 2)))

    assert found[0].name == known and not found[0].is_uninformed
    assert [one.name for one in found[1:]] == [name for name in space.names if name != known]
    weight = city.parameter(view).parsed_prior().centre
    own = next(one for one in found if one.name == view)
    assert own.after.tolist() == own.before.tolist() == [0.0, weight, 1.0]
    assert own.is_uninformed and own.contraction == 0


def test_draws_of_other_constants_teach_nothing(city):
    space = Space(city)

    found = learned(space, ("no constant of the city",), np.ones((5, 1)))

    assert [one.name for one in found] == list(space.names)
    assert all(one.is_uninformed for one in found)


def test_every_figure_has_its_bands_and_its_place(basis):
    found = fits(basis, 1)

    assert [fit.figure.id for fit in found] == [figure.id for figure in RECORD]
    assert all((np.diff(fit.said) >= 0).all() and (np.diff(fit.measured) >= 0).all() for fit in found)
    assert all(fit.measured[-1] - fit.measured[0] >= fit.said[-1] - fit.said[0] for fit in found)
    assert all(0 < fit.place < 1 or fit.is_bound for fit in found)


def test_a_profile_of_a_constant_that_a_figure_bounds_closes_around_its_draws(basis):
    learned = learning(basis)[0]
    place = basis.posterior.space.names.index(learned.name)

    grid, heights = profile(basis, place)

    low, high = interval(grid, heights)
    assert low < np.median(basis.z[:, place]) < high
    assert np.isfinite([low, high]).any()


def test_the_interval_of_a_parabola_is_that_of_a_normal():
    grid = np.arange(-3, 3.1, 0.5)

    assert interval(grid, -0.5 * (grid / 0.8) ** 2) == pytest.approx((-1.96 * 0.8, 1.96 * 0.8), abs=0.03)
    assert interval(grid, -0.5 * (grid / 9) ** 2) == (-np.inf, np.inf)


def test_moved_draws_have_the_normal_of_the_changed_prior():
    random = np.random.default_rng(6)
    slope = np.array([[2.0, 1.0, 0.0]])
    precision, data = np.eye(3) + slope.T @ slope, slope.T @ np.array([1.5])
    z = random.multivariate_normal(np.linalg.solve(precision, data), np.linalg.inv(precision), 20_000)

    found = moved(z, np.linalg.inv(precision), np.array([True, False, False]), 2.0)

    after = precision + np.diag([1 / 4 - 1, 0, 0])
    assert found.mean(axis=0) == pytest.approx(np.linalg.solve(after, data), abs=0.03)
    assert np.cov(found.T) == pytest.approx(np.linalg.inv(after), abs=0.04)


def test_a_wider_prior_stretches_what_no_figure_depends_on_and_weighs_nothing(toy_city):
    posterior = Posterior(toy_city, [figure for figure in RECORD if figure.group == "parts"][:1])
    uninformed = posterior.uninformed.names
    basis = Basis(posterior, posterior.draw_prior(200, 1), posterior.uninformed.draw(200, 2), RECORD)
    assert uninformed

    changed = changed_prior(basis, uninformed, 2.0)

    assert changed.size == pytest.approx(200)
    before = basis.posterior.uninformed.positions(_own(basis.constants, uninformed))
    after = basis.posterior.uninformed.positions(_own(changed.constants, uninformed))
    inside = np.abs(after) < 6
    assert after[inside] == pytest.approx(2 * before[inside], abs=1e-3)


def test_a_narrower_prior_of_an_informed_constant_keeps_most_of_the_draws(basis):
    name = learning(basis)[0].name

    changed = changed_prior(basis, (name,), 0.7)

    assert 200 < changed.size <= len(basis.z)
    assert changed.weights.sum() == pytest.approx(1)


def test_a_naive_forecast_needs_three_exact_figures_before(basis):
    last = next(figure for figure in basis.counted if figure.id == "output 2010")

    assert list(earlier(basis, last)) == [2005, 2006, 2008]
    assert set(naive(basis, last)) == {"trend", "walk"}
    assert naive(basis, next(f for f in basis.counted if f.of == "electronics_output")) == {}


def test_a_kept_result_is_read_back_and_belongs_to_one_model_record_and_posterior(tmp_path):
    marks = {"model": "a", "record": "b", "draws": "c"}

    keep("groups", [{"name": "x, y", "score": 0.123456789, "none": float("nan")}], {**marks, "seed": 1}, tmp_path)
    found = read("groups", tmp_path)

    assert found.rows == ({"name": "x, y", "score": "0.123457", "none": ""},)
    assert found.belongs_to(marks)
    assert not any(found.belongs_to({**marks, name: "z"}) for name in marks)
    assert found.head["command"] == "python -m innovation.calibration.evidence groups"
    assert read("holdout", tmp_path) is None


@pytest.fixture(scope="module")
def folder(basis, tmp_path_factory):
    """Results of every heavy part; those that need the real city's scenarios are written by hand."""
    folder = tmp_path_factory.mktemp("results")
    made = {
        "fits": fit_rows(basis, 1),
        "holdout": holdout_rows(basis, 1, silently),
        "groups": group_rows(basis, 1, silently),
        "profiles": profile_rows(basis, silently, dozen=2, between=1.0),
        "optima": optima_rows(basis, 1, silently, starts=3, iterations=5),
        "sensitivity": [
            {"scenario": name, "kind": kind, "prior": prior, "spread": spread, "target": "platforms",
             "chance": chance, "size": 500.0}
            for name in ("plan_as_written", "baseline")
            for kind, prior, spread, chance in (("as it is", "as it is", 1.0, 0.4), ("single", "forgetting", 2.0, 0.7))
        ],
        "spread": [
            {"scenario": "plan_as_written", "indicator": "platforms", "block": block, "constants": 3, "share": 0.3,
             "low": 1.0, "median": 2.0, "high": 3.0}
            for block in ("constants learned from data", "constants that no figure depends on")
        ],
        "makeup": [
            {"scenario": name, "indicator": "platforms", "year": 2015, **dict.fromkeys(BAND_PARTS, 1 / 6),
             "city_low": 1.0, "city_high": 2.0, "published_low": 0.5, "published_high": 3.0,
             "city_chance": 0.25, "published_chance": 0.35}
            for name in ("plan_as_written", "baseline")
        ],
        "prior_sets": [
            {"priors": priors, "scenario": name, "size": 321.0, "kind": "chance", "of": "platforms",
             "low": "", "middle": "", "high": "", "chance": chance}
            for name in ("plan_as_written", "baseline")
            for priors, chance in (("default", 0.4), ("known_by_2010", 0.55))
        ],
    }  # fmt: skip
    for part, rows in made.items():
        keep(part, list(rows), {**marks_of(part, basis), "seed": 1, "seconds": 2}, folder)
    for part in ("places", "discrepancy"):  # they ask nothing of this city
        keep(part, read(part).rows, {**marks_of(part, basis), "seed": 1, "seconds": 2}, folder)
    return folder


def test_the_page_says_what_all_results_say_and_has_its_mark(basis, folder):
    page = written(gather(basis, folder), "Evidence 1.")

    assert set(PARTS) == {path.stem for path in folder.iterdir()}
    assert "Evidence 1." in page.splitlines()
    assert "Stale" not in page and "Not computed" not in page and "not computed" not in page
    assert "goes from 40 % to 70 % when the prior of forgetting has 2.00 times its spread" in page
    assert "1 series has" in page
    assert "Effective draws: default 321, known_by_2010 321." in " ".join(page.split())
    assert any(row.startswith("| chance: ") and row.endswith("| 40 % | 55 % |") for row in page.splitlines())
    assert any(row.endswith("| 17 % | 1.00 … 2.00 | 0.500 … 3.00 | 25 % | 35 % |") for row in page.splitlines())
    assert "| gdp | GDP nominal |" in page
    assert all(f"\n{number}. " in page for number in range(1, 12))


def test_the_plain_sentences_count_as_the_sections_below_do(basis, folder):
    page = " ".join(written(gather(basis, folder), "Evidence 1.").split())

    figures = re.search(
        r"of (\d+) figures on record (\d+) count in the fit, and of the (\d+) of these that are no bounds (\d+) lie in "
        r"its 50 % band and (\d+) in its 90 % band",
        page,
    ).groups()
    below = re.search(
        r"Of (\d+) figures on record (\d+) count in the fit. Of the (\d+) of these that are no bounds (\d+) lie in the "
        r"middle half of what the fitted city says, errors of measurement included, and (\d+) in the middle nine "
        r"tenths",
        page,
    ).groups()
    constants = re.search(r"rest on (\d+) uncertain constants and assumptions: .* variance of (\d+) ", page).groups()
    learned = re.search(r"Of (\d+) uncertain constants and assumptions (\d+) contract by", page).groups()
    assert figures == below
    assert constants == learned


def test_the_page_refuses_results_of_another_model(basis, folder, tmp_path):
    for part in PARTS:
        text = (folder / f"{part}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{part}.csv").write_text(
            text.replace(f"model: {basis.marks['model']}", "model: other"), encoding="utf-8"
        )

    page = written(gather(basis, tmp_path), "Evidence 1.")

    assert "Evidence 1." not in page
    assert f"**Stale: {', '.join(part for part in PARTS if part not in OF_OTHERS)}. Run" in page
    assert "goes from 40 %" not in page
    assert "What one place can prove" in page


def test_groups_left_out_are_scored_once_a_figure_and_set_of_priors(basis, folder):
    rows = read("groups", folder).rows

    figures = [figure.id for figure in basis.counted]
    assert [(row["priors"], row["figure"]) for row in rows] == [
        *(("default", name) for name in figures), *(("centred", name) for name in figures)
    ]  # fmt: skip
    assert all(0 <= float(row["place"]) <= 1 for row in rows)
    assert [row["figure"] for row in rows if row["crps"] == ""] == ["platforms 2008", "platforms 2008"]
    wide, narrow = (
        [row for row in rows if (row["priors"], row["group"]) == (name, "labs")] for name in ("centred", "default")
    )
    assert float(wide[0]["prior_log"]) != float(narrow[0]["prior_log"])


def test_groups_are_left_out_under_other_priors_with_the_same_draws_told_in_their_coordinates(basis):
    other = under(basis, "centred")

    assert under(basis, "default") is basis
    assert other.city.prior_set == "centred"
    assert other.z.shape == (len(basis.z), other.posterior.d)
    np.testing.assert_allclose(other.constants["platform cost"], basis.constants["platform cost"], rtol=1e-4)
    middle = other.z[:, other.posterior.names.index("platform cost")]
    assert np.median(middle) == pytest.approx(np.median(np.log(basis.constants["platform cost"] / 3) / 0.9), abs=0.02)


def test_the_page_tells_the_bands_under_each_set_of_priors(basis, folder):
    page = " ".join(written(gather(basis, folder), "Evidence 1.").split())

    assert "### Groups left out, priors default" in page
    assert "### Groups left out, priors centred" in page
    assert "No figure counts twice" in page
    assert "in view)" in page


def test_figures_are_the_same_bytes_again_and_readable(basis, folder):
    found = gather(basis, folder)

    for name, draw in FIGURES.items():
        svg = draw(found)
        assert svg == draw(found), name
        assert "<dc:date>" not in svg
        assert min(float(size) for size in re.findall(r"font(?:-size)?: ?(?:[a-z ]*)([\d.]+)px", svg)) >= 6, name
        ElementTree.fromstring(svg)


def _own(constants, names):
    return {name: constants[name] for name in names}


@pytest.mark.parametrize("asked", [["places"], ["--check"]])
def test_a_part_that_cannot_be_computed_or_read_is_told_in_words(asked, monkeypatch, capsys):
    def refuse(*_):
        raise DocumentError([fault("model.refused", "places.csv", 3, "value", said="The value is missing.")])

    monkeypatch.setattr(command, "load_basis", lambda *_: None)
    monkeypatch.setattr(command, "compute", refuse)
    monkeypatch.setattr(command, "_is_current", refuse)

    status = command.main(asked)

    said = capsys.readouterr().err
    assert status == 2
    assert "places.csv, line 3, value\n  The value is missing." in said
    assert "Traceback" not in said

"""The trial of the rule on other places: records and naive forecasts, nothing learned from itself, the kept result."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from innovation.calibration.evidence.sections.places import places_section
from innovation.calibration.evidence.sections.words import wrapped
from innovation.calibration.evidence.validation.places import places_marks
from innovation.calibration.evidence.validation.scores import log_linear_trend, random_walk
from innovation.calibration.kept_results import keep, number, read
from innovation.calibration.reference_class.classes import ReferenceCases, nations, reference_cases
from innovation.calibration.reference_class.forecasts import RULES, fold_of, forecasts
from innovation.calibration.reference_class.places import CHINA, WORLD, Places, read_places
from innovation.calibration.reference_class.records import Cases, Kind, cases_of
from innovation.calibration.reference_class.rule import FREEDOM, roughness, standard_course, widening
from innovation.calibration.reference_class.scoring import is_inside, student_place
from innovation.calibration.reference_class.trial import rows_of, trial_rows
from innovation.engine.progress import Progress

YEARS = np.arange(1990, 2011)
FEW = ("gdp_real", "patents_resident")


def cases(readings: list[float], kind: Kind | None = None) -> Cases:
    grid = np.array([readings])
    years = YEARS[: len(readings)]
    return cases_of("output", kind or Kind(), np.exp(grid), grid, ("Here",), years, np.full_like(grid, np.nan))


def silently(now: Progress) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def world() -> Places:
    return read_places(WORLD)


@pytest.fixture(scope="module")
def few(world) -> ReferenceCases:
    """Two indicators of nations."""
    found = nations(world)
    return ReferenceCases("nations", found.pick(np.isin(found.indicator, FEW)))


@pytest.fixture(scope="module")
def kept():
    found = read("places")
    assert found is not None
    return found


def rows(kept, by: str, name: str, rule: str = "rule") -> list:
    return [row for row in kept.rows if (row["by"], row["set"], row["rule"]) == (by, name, rule)]


def test_a_record_and_what_followed_is_a_case():
    found = cases([0.0, 0.1, 0.3, 0.3, 0.5, 0.6, 0.9, 1.3])  # origins 1994 (a year late) to 1996

    assert list(zip(found.origin.tolist(), found.horizon.tolist(), strict=True)) == [
        (1994, 1), (1994, 2), (1994, 3), (1995, 1), (1995, 2), (1996, 1),
    ]  # fmt: skip
    assert found.growth == pytest.approx([0.125] * 3 + [0.12] * 2 + [0.16])
    assert found.added == pytest.approx([0.1, 0.4, 0.8, 0.3, 0.7, 0.4])
    assert found.figures.tolist() == [5, 5, 5, 6, 6, 6]


@pytest.mark.parametrize("gap", [None, 3])
def test_naive_forecasts_of_cases_are_those_of_single_series(gap):
    series = np.random.default_rng(1).normal(size=11).cumsum()
    if gap is not None:
        series[gap] = np.nan

    found = cases(series.tolist())
    found = found.pick(found.origin == 1995)

    used = np.flatnonzero(np.isfinite(series[:6]))
    years, values = YEARS[used].astype(float), series[used]
    for at, h in enumerate(found.horizon):
        trend, walk = (naive(years, values, 1995.0 + h) for naive in (log_linear_trend, random_walk))
        assert found.trend_middle[at] == pytest.approx(trend.middle - values[-1])
        assert found.trend_spread[at] == pytest.approx(trend.spread)
        assert found.growth[at] * h == pytest.approx(walk.middle - values[-1])
        assert found.walk_spread[at] == pytest.approx(walk.spread)
        assert found.figures[at] - 2 == trend.freedom
        assert found.roughness[at] == pytest.approx(roughness(values, years))
        assert found.whole[at] == (gap is None)


@pytest.mark.parametrize(
    ("readings", "kind"),
    [
        ([np.nan, np.nan, 0.2, 0.3, 0.4, 0.5, 0.6], Kind()),  # it begins too late
        ([0.0, np.nan, np.nan, np.nan, 0.4, 0.5, 0.6], Kind()),  # too few figures
        ([0.0, 0.1, 0.2, 0.3, 0.4, np.nan, 0.6], Kind()),  # nothing at the origin
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], Kind(least=2.0)),  # below the least level
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, np.nan], Kind()),  # nothing followed
    ],
)
def test_what_is_no_record_is_no_case(readings, kind):
    found = cases(readings, kind)

    assert 1995 not in found.origin


def test_two_figures_far_apart_are_a_record_only_where_that_is_said():
    sparse = [0.0, *[np.nan] * 4, 0.5, *[np.nan] * 4, 1.5]

    assert len(cases(sparse)) == 0
    assert cases(sparse, Kind(sparse=True)).added.tolist() == [1.0]


def test_a_case_is_not_forecast_from_its_own_fold_nor_from_outcomes_of_its_years(few):
    found = forecasts(few)
    middle, scale, _ = found.of("rule")
    at = int(np.flatnonzero(found.apart & (found.cases.horizon == 5))[0])
    place, origin = str(found.cases.place[at]), int(found.cases.origin[at])
    everything = few.cases

    same_fold = np.array([fold_of(str(name)) == fold_of(place) for name in everything.place])
    overlapping = np.abs(everything.origin - origin) < 5
    hidden = same_fold | overlapping
    changed = replace(everything, added=np.where(hidden, everything.added + 3.0, everything.added))
    again, wider, _ = forecasts(replace(few, cases=changed)).of("rule")
    seen = replace(everything, added=np.where(hidden, everything.added, everything.added + 3.0))
    other, _, _ = forecasts(replace(few, cases=seen)).of("rule")

    assert (again[at], wider[at]) == (middle[at], scale[at])
    assert other[at] > middle[at] + 1.0


def test_the_rule_covers_what_it_says_where_places_stray_as_it_says():
    random = np.random.default_rng(2)
    members, h = 3000, np.tile(np.arange(1, 6), 3000)
    normals, tilt = random.standard_normal((members, 5)), random.standard_normal(members)
    course = standard_course(normals, tilt, random.chisquare(FREEDOM, members)).ravel()
    growth = np.repeat(random.normal(0.06, 1e-6, members), 5)
    none = np.full(len(h), np.nan)
    made = Cases(
        indicator=np.full(len(h), "output"), place=np.repeat([f"place {n}" for n in range(members)], 5),
        origin=np.repeat(random.choice([1990, 1995, 2000, 2005], members), 5), horizon=h,
        figures=np.full(len(h), 6), whole=np.full(len(h), True), growth=growth,
        added=h * 0.05 + 5 * 0.04 * widening(h) * course, trend_middle=0.06 * h, trend_spread=0.01 * h,
        walk_spread=0.01 * h, roughness=np.full(len(h), 0.05), gdp_before=none, gdp_after=none,
    )  # fmt: skip

    found = forecasts(ReferenceCases("toy", made))

    middle, scale, freedom = found.of("line")
    places = student_place(found.cases.added, freedom, middle, scale)
    assert len(places) == len(h)
    for ahead in range(1, 6):
        here = places[found.cases.horizon == ahead]
        assert is_inside(here, 0.5).mean() == pytest.approx(0.5, abs=0.04)  # four standard errors
        assert is_inside(here, 0.9).mean() == pytest.approx(0.9, abs=0.025)
        assert stats.kstest(here, "uniform").pvalue > 1e-4


def test_a_trial_on_few_places_says_of_every_rule_how_it_did(few):
    found = list(rows_of(few, forecasts(few)))

    horizons = [row for row in found if row["by"] == "horizon" and row["rule"] == "rule"]
    assert [row["of"] for row in horizons] == [1, 2, 3, 4, 5]
    assert all(0.85 < row["inside_90"] < 0.97 and row["over_trend"] < 1 for row in horizons)
    tenths = [row["share"] for row in found if row["by"] == "tenth" and row["rule"] == "trend"]
    assert sum(tenths) == pytest.approx(1.0)
    assert tenths[0] > 0.2  # a trend's bands are far too narrow
    naive = next(row for row in found if row["by"] == "horizon" and row["rule"] == "trend" and row["of"] == 5)
    assert naive["over_trend"] == 1.0
    assert naive["inside_90"] < 0.7


@pytest.mark.parametrize(("name", "half", "crps"), [("nations", (0.45, 0.55), 0.72), ("provinces", (0.45, 0.60), 0.50)])
def test_the_kept_result_is_nominal_at_every_horizon(kept, name, half, crps):
    found = rows(kept, "horizon", name)

    assert [row["of"] for row in found] == ["1", "2", "3", "4", "5"]
    assert all(half[0] <= number(row, "inside_50") <= half[1] for row in found)
    assert all(0.86 <= number(row, "inside_90") <= 0.94 for row in found)
    assert all(number(row, "over_walk") < 1 for row in found)
    assert number(found[-1], "over_trend") <= crps


def test_where_no_class_exists_the_roughness_of_a_record_is_nearly_enough(kept):
    own, used = (rows(kept, "horizon", "nations", rule) for rule in ("own", "rough"))

    assert all(0.44 <= number(row, "inside_50") <= 0.52 and 0.86 <= number(row, "inside_90") <= 0.89 for row in own)
    assert all(0.48 <= number(row, "inside_50") <= 0.57 and 0.88 <= number(row, "inside_90") <= 0.92 for row in used)


def test_factors_of_the_city_s_spreads_are_shown_at_both_sizes(kept):
    city = {row["of"]: row for row in rows(kept, "as the city", "provinces")}

    assert number(city["1"], "inside_50") == pytest.approx(0.64, abs=0.01)
    assert number(city["1"], "inside_90") == pytest.approx(0.96, abs=0.01)
    assert number(city["0.8"], "inside_50") == pytest.approx(0.55, abs=0.01)
    assert number(city["0.8"], "inside_90") == pytest.approx(0.92, abs=0.01)


def test_the_kept_result_belongs_to_the_figures_and_to_no_model(kept):
    assert kept.belongs_to(places_marks())
    assert {"model", "record", "draws", "seed"}.isdisjoint(kept.head)


def test_the_section_says_what_is_kept_and_keeps_what_is_covered_badly(kept):
    found = SimpleNamespace(result=lambda part: kept if part == "places" else None)

    said = "\n".join(wrapped(places_section(found)))

    for row in rows(kept, "horizon", "nations"):
        assert f"| nations | {row['of']} | {row['cases']} | {100 * number(row, 'inside_50'):.0f} / " in said
    assert "| long Chinese series of patents | patents, long series | 300 |" in said
    assert "64 / 96 at the spreads of the class and" in said
    assert "What one place can prove" in said
    assert all(rule in said for rule in RULES.values())
    assert "nan" not in said
    absent = SimpleNamespace(result=lambda part: None)
    assert "run `python -m innovation.calibration.evidence places`" in "\n".join(places_section(absent))


@pytest.mark.slow
def test_the_whole_trial_gives_the_kept_result(kept, tmp_path):
    keep("places", list(trial_rows(silently)), {}, tmp_path)
    again = read("places", tmp_path)

    assert again is not None
    assert [tuple(row.values())[:5] for row in again.rows] == [tuple(row.values())[:5] for row in kept.rows]
    for name in ("inside_50", "inside_90", "over_trend", "over_walk", "share"):
        values, others = (np.array([number(row, name) for row in one.rows]) for one in (again, kept))
        assert values == pytest.approx(others, rel=1e-4, abs=2e-4, nan_ok=True)  # six digits; the fit's own 1e-5


def test_every_class_has_places_of_every_fold():
    for one in reference_cases(read_places(WORLD), read_places(CHINA)):
        if not one.few:
            assert {fold_of(str(name)) for name in np.unique(one.cases.place)} == {0, 1, 2}

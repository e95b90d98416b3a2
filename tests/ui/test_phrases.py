"""Sentences put together from parts: right for none, nearly none, half, nearly all and all, for one and for many."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from innovation.model.prior_draws import draw_priors
from innovation.scenarios.composing import with_changes
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import PolicyChange, Words
from innovation.scenarios.simulation.chances import Chance, Chances, hundredths, standard_error
from innovation.scenarios.simulation.outlooks import all_text
from innovation.ui.outcomes import Ensemble, outcome
from innovation.ui.render.report import _chances, _short
from innovation.ui.render.target_table import target_lines
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from innovation.ui.text.explained import changed_lines, period, when
from innovation.ui.text.phrases import asked, hardest, median, met_count, since_when
from innovation.ui.widgets.plots import said
from innovation.ui.widgets.targets import chip

CHANCES = (0.0, 0.001, 0.5, 0.999, 1.0)
DISTANCES = (0.0, 3.0)
FIRST = (None, 2013)
DRAWS = (1, 1000)
# What no sentence may say, in either language.
NEVER = {
    "en": re.compile(
        r"\b0 %|\b100 %|± 0(?![.\d])|\b1 (targets|settings|runs|more are)|futures|\bmet miss|met in missed"
    ),
    "zh": re.compile(r"(?<![\d.])0%|100%|±0(?![.\d])|次次|没有一次|达到达不到|未达到达|[A-Za-z]{3,} [A-Za-z]{3,}|未来"),
}


@pytest.fixture(scope="module")
def real(city):
    """The plan as written, with a few members."""
    return outcome(city, load_scenario(city, "plan_as_written"), Ensemble(draw_priors(city, 8, seed=5), 8, "0" * 64))


def made(real, chance, distance, first, draws):
    """The same outcome with one chance for every target."""
    error = standard_error(chance, draws)
    found = {name: Chance("x", name, chance, error, draws, distance, first) for name in real.city.judgeable}
    return replace(real, chances=found, draws=draws)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chance", CHANCES)
def test_no_sentence_of_a_target_is_wrong_whatever_its_chance(city, real, language, chance):
    words = catalogue(language)
    here = SimpleNamespace(city=city, words=words)

    for distance, first, draws in itertools.product(DISTANCES, FIRST, DRAWS):
        one = made(real, chance, distance, first, draws)
        other = made(real, 1.0 - chance, distance, first, draws)
        lines = [said(here, "rd_intensity", one, other)]
        lines += chip(here, "rd_intensity", one)[2]
        lines += [cell for line in target_lines(city, ["rd_intensity", "gdp"], one, other, words)[1] for cell in line]
        for chosen in ([], ["gdp"], ["gdp", "rd_intensity"], list(city.judgeable)):
            lines += [hardest(city, chosen, one, words)]
            lines += [*_short(city, one, other, chosen, words), *_chances(city, one, chosen, words)]
        assert [line for line in lines if NEVER[language].search(_without_figures(line))] == []
        told = lines[0]
        if chance in (0.0, 1.0) and draws > 1:
            assert {"en": ("none of", "all of"), "zh": ("均未达到", "均达到")}[language][int(chance)] in told
        elif 0 < chance < 1:
            shown = {"<1": "不到1", ">99": "超过99"}.get(hundredths(chance), hundredths(chance))
            assert (hundredths(chance) if language == "en" else shown) in told


def _without_figures(line):
    """A line without the figures of indicators, which may well be 0 or 100."""
    return re.sub(r"(short by|over by|差|超出) \S+( |（)[^)）]*[)）]", "", line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_half_of_the_runs_miss_a_target_is_not_told_as_if_none_met_it(city, real, language):
    words = catalogue(language)
    missed = since_when("gdp", made(real, 0.4, 1.0, None, 1000), 2025, words)
    nominal = since_when(
        "gdp", made(replace(real, figures={n: f[:1] for n, f in real.figures.items()}), 0, 1, None, 1), 2025, words
    )

    assert {"en": "fewer than half", "zh": "不足半数"}[language] in missed
    assert nominal != missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_distance_in_a_sentence_is_said_to_be_the_medians(city, real, language):
    words = catalogue(language)

    assert {"en": "median ", "zh": "中位值"}[language] in median(city, "gdp", real, words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_report_and_command_line_name_the_same_weakest_target(city, real, language):
    words = catalogue(language)
    name, ties = real.weakest([])
    of = Chances("x", dict(real.chances), 0.0, 0.1, name, ties)
    label = words.name(city.indicators[name])

    assert label in all_text(city, of, language)
    assert label in hardest(city, [], real, words)
    assert hardest(city, [], real, words) in _short(city, real, real, [], words)
    some = ["gdp", "hightech_output"]
    assert words.name(city.indicators[real.weakest(some)[0]]) in hardest(city, some, real, words)
    assert hardest(city, some, real, words) in _short(city, real, real, some, words)


def test_a_mean_of_targets_has_a_decimal_and_a_count_of_the_nominal_run_has_none(real):
    nominal = replace(real, figures={name: figures[:1] for name, figures in real.figures.items()})

    assert re.fullmatch(r"\d+\.\d of \d+", met_count(real, catalogue("en")))
    assert re.fullmatch(r"\d+ of \d+", met_count(nominal, catalogue("en")))


def test_moments_and_periods_are_told_as_people_say_them():
    zh, en = catalogue("zh"), catalogue("en")

    assert [when(moment, zh) for moment in (2011, 2013.5, 2012.25)] == ["2011年", "2013年年中", "2012年4月"]
    assert [when(moment, en) for moment in (2011, 2013.5, 2012.25)] == ["2011", "mid-2013", "April 2012"]
    assert period(2011, 0, zh) == "2011年一次到位"
    assert period(2011, 0, en) == "at once in 2011"
    assert period(2011, 1, en) == "from 2011, complete by 2012"


def test_a_scenario_asks_its_own_question_and_one_made_here_names_its_start(city):
    words, start = catalogue("zh"), load_scenario(city, "baseline")
    edited = load_scenario(city, "plan_as_written").model_copy(update={"question": start.question})
    opened = edited.model_copy(update={"question": Words(en="Who pays?", zh="谁来付？")})

    assert asked(start, start, words) == start.question.zh
    assert asked(opened, start, words) == "谁来付？"
    assert asked(edited, start, words) == f"起点：{start.title.zh}"


def test_what_is_put_back_to_practice_is_no_change(city):
    """A split names all its shares, also those that stay."""
    stays, moves = city.practice("mix_talent"), city.practice("mix_grants")
    changes = [
        PolicyChange(lever="mix_talent", start=2011, to=stays, ramp=2),
        PolicyChange(lever="mix_grants", start=2011, to=moves + 0.05, ramp=2),
        PolicyChange(lever="mix_special", start=2011, to=city.practice("mix_special") - 0.05, ramp=2),
    ]
    scenario = with_changes(city, load_scenario(city, "baseline"), changes)

    names = [line[0] for line in changed_lines(city, scenario, catalogue("en"))]

    assert sorted(names) == sorted(city.levers[name].en for name in ("mix_grants", "mix_special"))


def test_a_change_says_whether_it_goes_up_or_down(city):
    lines = changed_lines(city, load_scenario(city, "plan_as_written"), catalogue("zh"))
    lowered = changed_lines(city, load_scenario(city, "rebalancing"), catalogue("zh"))

    assert "2011年起逐年提高，2013年年中达到3.6" in [line[-1] for line in lines]
    assert any("降" in line[-1] for line in lowered)

"""The policy lab answers every control, says every slip in a sentence, and loses nothing."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from markupsafe import escape
from streamlit.testing.v1 import AppTest

from innovation.calibration.posterior.draws import PosteriorError
from innovation.engine.errors import RunError
from innovation.model.files.faults import fault
from innovation.model.files.phrases import phrase
from innovation.model.loading import CityError
from innovation.scenarios.scenario_files import load_scenario, scenario_text, yaml_text
from innovation.scenarios.schema import Words
from innovation.scenarios.simulation.targets import all_unjudged
from innovation.ui import draft, frame, links
from innovation.ui.outcomes import outcome
from innovation.ui.pages import lab
from innovation.ui.state import cache
from innovation.ui.text import phrases
from innovation.ui.text.catalogue import LANGUAGES, catalogue

from .visitor import few_draws

GROUPS = ("money", "enterprise", "talent", "platforms", "market", "imports", "finance", "programmes", "world", "views")
APP = Path(__file__).parents[2] / "page.py"


def _lab():
    from innovation.ui.pages import lab

    lab.show()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    """A posterior of few draws, so that every test has bands and chances at once."""
    with few_draws(monkeypatch, members=60):
        yield


def opened(language: str = "en", **parameters: str) -> AppTest:
    page = AppTest.from_function(_lab, default_timeout=60)
    page.query_params["lang"] = language
    for name, value in parameters.items():
        page.query_params[name] = value
    for group in GROUPS:
        page.session_state[f"group {group}"] = True  # unfolded: a folded group builds no levers
    return page.run()


def button(page: AppTest, label: str):
    return next(found for found in page.button if found.label == label)


def face(widgets, name: str):
    """The widget that shows this value now: another takes its place where it would have to show another."""
    return next(found for found in widgets if found.key and found.key.split("__")[0] == name)


def edited(page: AppTest):
    return page.session_state["scenario"]


def words_on(page: AppTest) -> str:
    return "\n".join(str(found.value) for found in [*page.markdown, *page.caption, *page.error, *page.header]).replace(
        "\\", ""
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_opens_in_both_languages_without_a_fault(language):
    page = opened(language)

    assert not page.exception
    assert not page.error
    assert [found.value for found in page.title] == [catalogue(language)("lab.title")]
    assert edited(page).id == "baseline"


def test_an_unknown_language_in_the_link_gives_way_to_the_browsers():
    page = opened("xx")

    assert not page.exception
    assert [found.value for found in page.title] == [catalogue("zh")("lab.title")]


def test_a_dragged_lever_is_in_the_scenario_with_the_usual_dates_and_in_the_typed_entry():
    page = opened()

    page.slider(key="slider fiscal_science_share").set_value(3.5).run()

    assert [(c.lever, c.to, c.start, c.ramp) for c in edited(page).policies] == [
        ("fiscal_science_share", 0.035, 2011, 4)
    ]
    assert edited(page).id == "my_scenario"
    assert face(page.text_input, "entry fiscal_science_share").value == "3.5"


def test_a_typed_number_moves_the_lever_as_dragging_does():
    page = opened()

    page.text_input(key="entry fiscal_science_share").set_value("３．５％").run()

    assert face(page.slider, "slider fiscal_science_share").value == 3.5
    assert not page.error


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("typed", "key"), [("much", "lever.not_a_number"), ("99", "lever.outside"), ("9" * 30, "lever.outside")]
)
def test_a_wrong_number_gets_one_sentence_and_loses_nothing(city, language, typed, key):
    lever = city.levers["fiscal_science_share"]
    now, low, high = (
        f"{draft.shown(lever, number):.6g}" for number in (city.practice("fiscal_science_share"), lever.low, lever.high)
    )
    page = opened(language)
    page.slider(key="slider tax_relief").set_value(80.0).run()
    before = edited(page)

    page.text_input(key="entry fiscal_science_share").set_value(typed).run()

    expected = catalogue(language)(key, text=typed[:20], now=now, low=low, high=high)
    assert [found.value for found in page.error] == [expected]
    assert edited(page) == before
    assert face(page.text_input, "entry fiscal_science_share").value == now


def test_the_sentence_about_a_slip_goes_with_the_next_change():
    page = opened()
    page.text_input(key="entry fiscal_science_share").set_value("much").run()

    page.slider(key="slider tax_relief").set_value(80.0).run()

    assert not page.error


def test_one_share_moved_moves_the_others_and_the_total_stays_whole(city):
    page = opened()

    page.slider(key="slider mix_talent").set_value(40.0).run()

    shares = {change.lever: change.to for change in edited(page).policies}
    assert shares["mix_talent"] == 0.4
    assert sum(shares.values()) == pytest.approx(1, abs=1e-9)
    practice = {name: city.practice(name) for name in shares}
    assert shares["mix_grants"] == pytest.approx(practice["mix_grants"] * 0.6 / (1 - practice["mix_talent"]), abs=1e-4)
    assert catalogue("en")("mix.total", total="100") in words_on(page)


def test_the_money_lever_stands_first_tells_what_practice_brings_and_shows_its_split_once_an_amount_is_set(city):
    page = opened()
    first = next(iter(name for name, lever in city.levers.items() if lever.group == "money"))
    split = [name for name, lever in city.levers.items() if lever.share_of == "money"]

    assert first == "science_money"
    assert re.search(r"2010 practice brings science on average \d+\.\d in 2011 and \d+\.\d in 2015", words_on(page))
    assert not [found for found in page.slider if found.key and found.key.endswith(tuple(split))]

    page.slider(key="slider science_money").set_value(20.0).run()

    assert not page.exception
    assert [(c.lever, c.to) for c in edited(page).policies] == [("science_money", 20)]
    assert catalogue("en")("money.split") in words_on(page)
    assert len([found for found in page.slider if found.key and found.key.split("__")[0][7:] in split]) == len(split)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_scenario_costs_says_what_may_be_summed_and_consumption_where_investment_is_moved(language):
    words = catalogue(language)
    page = opened(language)
    assert words("cost.rule") in words_on(page)

    page.slider(key="slider investment_path").set_value(1.2).run()

    said = words("cost.consumption", year=2015, gdp="|", consumption="|", unit="|").partition("|")[0]
    assert said in words_on(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_target_is_in_the_table_with_what_the_plan_itself_makes_hard(city, language):
    words = catalogue(language)

    page = opened(language)

    table = "".join(found.proto.body for found in page.get("html"))
    assert [name for name in city.targets if escape(words.name(city.indicators[name])) not in table] == []
    assert table.count(escape(words("target.tension", text=""))) > 3
    why = all_unjudged(city, language)
    assert len(why) == 2
    assert [text for text in why if escape(text) not in table] == []
    assert table.count(f'<td class="verdict">{words("target.unjudged")}</td>') >= len(why)


def test_a_start_is_shown_with_its_question_and_what_is_made_of_it_with_its_origin(city):
    plan = load_scenario(city, "plan_as_written")
    page = opened()
    page.selectbox(key="origin").set_value("plan_as_written").run()
    assert plan.question.en in words_on(page)

    page.slider(key="slider import_restraint").set_value(20.0).run()

    assert plan.question.en not in words_on(page)
    assert catalogue("en")("scenario.from", start=plan.title.en) in words_on(page)


def test_choosing_a_start_puts_its_values_on_the_controls(city):
    page = opened()

    page.selectbox(key="origin").set_value("plan_as_written").run()

    assert not page.exception
    assert edited(page).id == "plan_as_written"
    plan = load_scenario(city, "plan_as_written").changes_of("fiscal_science_share")[-1].to
    assert face(page.slider, "slider fiscal_science_share").value == pytest.approx(100 * plan)


def test_a_change_to_a_start_keeps_the_rest_of_it(city):
    page = opened()
    page.selectbox(key="origin").set_value("plan_as_written").run()

    page.slider(key="slider import_restraint").set_value(20.0).run()

    plan = load_scenario(city, "plan_as_written")
    assert set(edited(page).changes) > set(plan.changes)


def test_clicking_2010_practice_resets_one_lever_only():
    page = opened()
    page.selectbox(key="origin").set_value("plan_as_written").run()

    page.button(key="practice fiscal_science_share").click().run()

    names = {change.name for change in edited(page).changes}
    assert "fiscal_science_share" not in names
    assert "post_subsidy" in names


def test_policies_and_assumptions_are_reset_apart_and_steps_are_undone_and_redone():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()
    page.slider(key="slider inflation").set_value(5.0).run()

    page.button(key="reset policies").click().run()
    assert {change.name for change in edited(page).changes} == {"inflation"}

    page.button(key="undo").click().run()
    assert {change.name for change in edited(page).changes} == {"fiscal_science_share", "inflation"}

    page.button(key="redo").click().run()
    page.button(key="reset assumptions").click().run()
    assert edited(page).changes == ()


def test_a_lever_is_given_other_dates_where_it_is_moved():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()

    page.slider(key="start fiscal_science_share").set_value(2013.0).run()

    assert [(change.start, change.ramp) for change in edited(page).policies] == [(2013, 4)]


def test_the_language_is_switched_without_losing_the_scenario_and_kept_in_the_link():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()
    before = edited(page)

    page.session_state["language switch"] = "zh"
    page.session_state["language"] = "zh"
    page.run()

    assert page.title[0].value == catalogue("zh")("lab.title")
    assert page.query_params["lang"] in ("zh", ["zh"])
    assert edited(page).changes == before.changes


def test_everything_that_is_not_at_practice_is_counted():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()
    page.slider(key="slider inflation").set_value(5.0).run()

    html = "".join(found.proto.body for found in page.get("html"))

    assert catalogue("en").counted("cards.settings", 2) in html


@pytest.mark.slow
def test_the_app_starts_without_pysd_and_pysimlin(tmp_path):
    script = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        f"page = AppTest.from_file({str(APP)!r}, default_timeout=120).run()\n"
        "assert not page.exception, page.exception\n"
        "sys.exit(any(name.split('.')[0] in ('pysd', 'simlin') for name in sys.modules))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=APP.parent, env=environment, capture_output=True)  # fills the engine's cache

    warm = subprocess.run(command, cwd=APP.parent, env=environment, capture_output=True, text=True)

    assert warm.returncode == 0, warm.stderr


def test_files_that_are_not_fit_are_named_on_the_page(monkeypatch):
    def unfit():
        wrong = phrase("model.low_below_high", low=5.0, high=1.0)
        raise CityError([fault("model.refused", "model/levers.yaml", 7, "levers", said=wrong)])

    cache.city.clear()
    monkeypatch.setattr(cache, "load_city", unfit)

    page = opened()

    assert not page.exception
    assert [found.value for found in page.error] == [catalogue("en")("lab.city_error")]
    assert "model/levers.yaml · line 7" in page.code[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scenario_without_result_is_said_in_a_sentence_and_its_settings_stay(monkeypatch, language):
    def failing(city, scenario, ensemble):
        if scenario.changes:
            raise RunError(["output is not finite at 2013"])
        return outcome(city, scenario, ensemble)

    page = opened(language)
    monkeypatch.setattr(cache, "outcome_of", failing)

    page.slider(key="slider guarantee_multiplier").set_value(9.35).run()

    assert not page.exception
    assert [found.value for found in page.error] == [catalogue(language)("failed.none")]
    assert catalogue(language)("failed.settings") in [found.value for found in page.info]
    assert not page.get("arrow_vega_lite_chart")
    assert face(page.slider, "slider guarantee_multiplier").value == 9.35


def test_the_link_recreates_levers_charts_and_targets_in_a_new_session():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()
    page.selectbox(key="chart 0").set_value("patent_grants").run()
    (parameter,) = page.query_params["s"] if isinstance(page.query_params["s"], list) else [page.query_params["s"]]

    again = opened(s=parameter)

    assert not again.exception
    assert edited(again) == edited(page)
    assert again.session_state["charts"][0] == "patent_grants"
    assert face(again.slider, "slider fiscal_science_share").value == 3.5


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_broken_link_is_said_in_a_sentence_and_the_page_works(language):
    page = opened(language, s="nonsense")

    assert not page.exception
    assert [found.value for found in page.error] == [catalogue(language)("link.broken")]
    assert edited(page).id == "baseline"


def test_a_title_from_a_link_is_shown_and_never_obeyed(city):
    hostile = "![x](http://example.org/x.png) <script>alert(1)</script> :red[a]"
    title = Words(en=hostile, zh=hostile)
    scenario = load_scenario(city, "plan_as_written").model_copy(update={"id": "mine", "title": title})
    work = links.Work(scenario, "baseline", ("gdp",), ("gdp",))

    page = opened(s=links.packed(city, work))

    assert not page.exception
    shown = [found.value for found in page.header if "example" in found.value]
    assert shown == [phrases.literal(hostile)]
    assert "](" not in shown[0]


def test_a_typed_text_is_shown_in_the_sentence_and_never_obeyed():
    page = opened()

    page.text_input(key="entry fiscal_science_share").set_value("![x](//a.b/x.png)").run()

    assert "](" not in page.error[0].value
    assert "png" in page.error[0].value


def test_what_an_old_link_names_is_shown_and_never_obeyed_and_told_in_a_few_lines(city):
    scenario = scenario_text(load_scenario(city, "plan_as_written"))
    lines = [f"- {{lever: '![x](//a.b/{n}.png)', from: 2011, to: 1, ramp: 1}}" for n in range(50)]
    content = {
        "link": 1,
        "model": "0" * 12,
        "start": "baseline",
        "charts": ["gdp"],
        "chosen": ["gdp"],
        "scenario": scenario.replace("policies:\n", "policies:\n" + "\n".join(lines) + "\n"),
    }
    parameter = base64.urlsafe_b64encode(zlib.compress(yaml_text(content).encode())).decode().rstrip("=")

    page = opened(s=parameter)

    assert not page.error
    (note,) = (found.value for found in page.info)
    assert "png" in note
    assert "](" not in note
    assert note.count("\n") == frame.MOST_NOTES


@pytest.mark.parametrize("address", ["http://a.b/c", "www.a.b", "x@a.b", "HTTPS://a.b"])
def test_an_address_in_a_title_becomes_no_link(address):
    shown = phrases.literal(address).replace("\\", "")

    assert "://" not in shown
    assert "www." not in shown
    assert not re.search(r"\w@", shown)
    assert shown.replace("\u2060", "") == address


def test_a_very_long_title_is_cut_on_a_page(city):
    scenario = load_scenario(city, "plan_as_written").model_copy(update={"title": Words(en="x" * 500, zh="长" * 500)})

    assert phrases.called(scenario, catalogue("zh")) == "长" * (phrases.LONGEST_TITLE - 1) + "…"


def test_without_a_posterior_the_page_says_so_and_shows_the_nominal_run(monkeypatch):
    def missing(*ignored):
        raise PosteriorError([fault("calibration.draws_absent", "calibration/posterior.parquet", remedy="")])

    monkeypatch.setattr(cache.calibrated, "load", missing)

    page = opened()

    assert not page.exception
    assert [found.value for found in page.warning] == [catalogue("en")("chance.none")]
    assert any("no such file of draws" in found.value for found in page.code)
    assert "in 7 of 10" not in words_on(page)


def test_the_last_change_is_replayed_and_the_present_comes_back(monkeypatch):
    monkeypatch.setattr(lab, "REPLAY_SECONDS", 0.0)
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()

    asked = []
    computed = cache.compared

    def spied(files, scenarios, told=None):
        asked.append(scenarios[lab.SHOWN])
        return computed(files, scenarios, told)

    monkeypatch.setattr(cache, "compared", spied)
    page.button(key="replay last").click().run()

    assert not page.exception
    drawn = [scenario.id for scenario in asked]
    assert drawn.index("baseline") < len(drawn) - 1 - drawn[::-1].index(edited(page).id)
    assert [one.changes for one in asked if one.id != "baseline"][-1] == edited(page).changes != ()
    assert catalogue("en")("scenario.before") not in words_on(page)


def test_what_helps_a_target_most_is_told_on_demand(city):
    page = opened()

    page.toggle(key="help asked").set_value(True).run()

    html = "".join(found.proto.body for found in page.get("html"))
    assert not page.exception
    changes = re.findall(r'<td class="number">([^<]+)</td><td class="number">([^<]+) points</td>', html)
    assert changes
    assert [one for one in changes if float(one[0].replace(",", "")) == 0 and float(one[1]) == 0] == []


def test_a_scenario_is_kept_for_comparison_once():
    page = opened()
    page.slider(key="slider fiscal_science_share").set_value(3.5).run()

    page.button(key="keep").click().run()
    page.button(key="keep").click().run()

    assert [one.id for one in page.session_state["kept"]] == ["kept_1"]


def test_two_scenarios_of_one_title_are_kept_under_two_titles(city):
    title = Words(en="The bureau's", zh="局里的")
    first, second = (
        load_scenario(city, name).model_copy(update={"id": "theirs", "title": title})
        for name in ("plan_as_written", "rebalancing")
    )
    page = opened(s=links.packed(city, links.Work(first, "baseline", ("gdp",), ("gdp",))))
    page.button(key="keep").click().run()

    page.session_state["scenario"] = second
    page.run()
    page.button(key="keep").click().run()

    assert [one.title.zh for one in page.session_state["kept"]] == ["局里的", "局里的（第2个）"]


def test_the_targets_of_the_three_kinds_are_those_that_today_counts(city):
    page = opened(s=links.packed(city, links.Work(load_scenario(city, "baseline"), "baseline", ("gdp",), ("gdp",))))
    shown = {}
    for kind in ("likely", "open", "unlikely"):
        page.segmented_control(key="targets shown").set_value(kind).run()
        html = "".join(found.proto.body for found in page.get("html"))
        shown[kind] = html.count(f'<tr class="{kind}')

    found = cache.compared(cache.fingerprint(), {"own": load_scenario(city, "baseline")}).outcomes["own"]
    assert shown == {
        kind: sum(phrases.standing(one.chance) == kind for one in found.chances.values())
        for kind in ("likely", "open", "unlikely")
    }


def test_work_that_no_link_can_hold_is_said_to_be_so(city):
    letters = "".join(chr(0x4E00 + (place * 7919) % 20000) for place in range(20000))
    long = load_scenario(city, "plan_as_written").model_copy(
        update={"id": "mine", "title": Words.model_construct(en=letters, zh=letters)}
    )
    page = opened()
    page.session_state["scenario"] = long

    page.run()

    assert not page.exception
    assert catalogue("en")("share.too_long") in [found.value for found in page.warning]


def test_only_one_module_keeps_what_visitors_share():
    keepers = [path.name for path in Path(cache.__file__).parent.glob("*.py") if "st.cache_" in path.read_text("utf-8")]

    assert keepers == ["cache.py"]

"""What matters: shipped findings in words, a trial of one's own that tells how far it is and can be stopped."""

from __future__ import annotations

import threading
import time

import pytest
from streamlit.testing.v1 import AppTest

from innovation.analysis.design.factors import Distributions
from innovation.analysis.findings import findings
from innovation.scenarios.scenario_files import load_scenario
from innovation.scenarios.schema import Words
from innovation.ui import links
from innovation.ui.state import cache, trial
from innovation.ui.state.trial import Trial
from innovation.ui.text.catalogue import LANGUAGES, catalogue
from tests.standin import draws_of

from .visitor import few_draws

PATIENCE = 60


def _matters():
    from innovation.ui.pages import matters

    matters.show()


@pytest.fixture(autouse=True)
def drawn(monkeypatch):
    with few_draws(monkeypatch, beside=(cache.findings,)):
        yield


def opened(language: str, **parameters: str) -> AppTest:
    page = AppTest.from_function(_matters, default_timeout=PATIENCE)
    for name, value in {"lang": language, **parameters}.items():
        page.query_params[name] = value
    return page.run()


def html(page: AppTest) -> str:
    return "".join(found.proto.body for found in page.get("html"))


def ended(begun: Trial) -> Trial:
    deadline = time.monotonic() + PATIENCE
    while begun.runs and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not begun.runs
    return begun


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sweep", ["discovery", "screening"])
def test_a_shipped_sweep_tells_what_a_target_hangs_on_most(city, language, sweep):
    words = catalogue(language)
    page = opened(language)

    page.segmented_control(key="sweep shown").set_value(sweep).run()

    heaviest = max(
        (weight for one in findings.shipped(sweep).findings if (one.output, one.year) == ("contribution_rate", 2015)
         for weight in one.weights if weight.sure),
        key=lambda weight: weight.value,
    )  # fmt: skip
    assert not page.exception
    assert not page.error
    assert f"**{words.constant(heaviest.factor)}**" in next(m.value for m in page.markdown if "**" in m.value[:90])
    assert words.constant(heaviest.factor) in html(page)


def test_findings_of_other_draws_are_shown_with_a_warning():
    page = opened("en")

    assert [error.value for error in page.error] == [catalogue("en")("matters.stale")]
    assert "posterior" in page.code[0].value
    assert 'class="bars"' in html(page)


def test_missing_findings_leave_the_rest_of_the_page(monkeypatch):
    monkeypatch.setattr(findings, "SHIPPED", findings.SHIPPED / "nowhere")

    page = opened("en")

    assert not page.exception
    assert [error.value for error in page.error] == [catalogue("en")("matters.missing")]
    assert page.button(key="run trial")


def test_where_a_target_is_missed_is_said_as_a_sentence():
    one = next(one for one in findings.shipped("discovery").findings if one.box is not None and one.box.limits)
    page = opened("en")

    page.selectbox(key="mattered").set_value(one.output).run()
    page.segmented_control(key="sweep shown").set_value("discovery").run()

    said = " ".join(found.value for found in page.markdown)
    assert f"{100 * one.box.density:.0f} % of runs there miss" in said
    assert f"they make up {100 * one.box.coverage:.0f} % of all misses" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_that_nearly_all_runs_miss_a_target_is_not_taken_for_a_quotation(language):
    nearly = [
        (sweep, one.output)
        for sweep in ("posterior", "discovery")
        for one in findings.shipped(sweep).findings
        if one.missed is not None and 0.995 <= one.missed < 1
    ]
    page = opened(language)

    for sweep, output in nearly:
        next(box for box in page.selectbox if box.key.startswith("mattered")).set_value(output).run()
        next(box for box in page.segmented_control if box.key.startswith("sweep shown")).set_value(sweep).run()
        assert not [found.value for found in (*page.markdown, *page.caption) if found.value.lstrip().startswith(">")]

    assert nearly


@pytest.mark.parametrize("varied", trial.VARIED)
def test_a_trial_of_each_kind_ends_with_findings_of_every_target(city, varied):
    draws = draws_of(city)
    begun = Trial(load_scenario(city, "plan_as_written"), varied, trial.design_of(city, varied, "quick"))

    begun.start(city, Distributions(None, draws.draws, draws.hash))

    found = ended(begun).findings
    assert begun.done == begun.total > 0
    assert {one.output for one in found.findings} == set(city.targets)
    expected = {
        "policies": {name for name, lever in city.levers.items() if lever.share_of is None},
        "world": set(city.inputs),
        "draws": set(draws.draws),
    }
    expected["both"] = expected["policies"] | expected["world"]
    assert set(found.factors) == expected[varied]


@pytest.fixture
def held(monkeypatch):
    """Sweeps that begin only when this event is set."""
    begins = threading.Event()
    explored = trial.explored

    def waits(study, told, stopped):
        assert begins.wait(PATIENCE)
        return explored(study, told, stopped)

    monkeypatch.setattr(trial, "explored", waits)
    yield begins
    begins.set()
    trial.TRIALS.take(lambda place: None, waiting=1).wait()  # the line is empty for the next test


def begun_on(city, scenario: str, size: str = "quick") -> Trial:
    found = Trial(load_scenario(city, scenario), "world", trial.design_of(city, "world", size))
    found.start(city, Distributions())
    return found


def test_a_stopped_trial_has_no_findings_and_says_how_far_it_came(city, held):
    begun = begun_on(city, "baseline", "fine")

    begun.stop()
    held.set()

    assert not begun.runs
    assert begun.findings is None
    assert begun.fault is None
    assert begun.done < begun.total


def test_equal_trials_are_one_that_goes_on_for_whoever_stays(city, held):
    leaves, stays = begun_on(city, "rebalancing"), begun_on(city, "rebalancing")

    leaves.stop()
    held.set()

    assert ended(stays).findings is not None
    assert leaves.findings is None
    assert begun_on(city, "rebalancing").findings is stays.findings


def test_another_trial_waits_its_turn_and_leaves_the_line_with_its_visitor(city, held):
    first, second, third = (begun_on(city, name) for name in ("baseline", "plan_as_written", "rebalancing"))
    waits = [one.ahead for one in (second, third)]

    second.stop()

    assert waits == [1, 2]
    assert third.ahead == 1
    del first  # its visitor closed the page
    held.set()
    assert ended(third).findings is not None
    assert second.findings is None


def test_a_trial_that_nobody_follows_is_begun_anew_for_the_next(city, held):
    left = begun_on(city, "plan_as_written")
    left.stop()
    held.set()

    begun = begun_on(city, "plan_as_written")

    assert ended(begun).findings is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_how_many_trials_come_first(city, held, language):
    other = begun_on(city, "plan_as_written")
    page = opened(language)

    page.button(key="run trial").click().run()

    said = [found.proto.text for found in page.get("progress")]
    assert said == [catalogue(language)("matters.in_line", count=1)]
    page.button(key="stop trial").click().run()
    other.stop()


def test_a_visitor_runs_a_trial_around_the_scenario_and_sees_what_it_found(city):
    page = opened("en")
    page.segmented_control(key="size").set_value("quick").run()

    page.button(key="run trial").click().run()
    ended(page.session_state["trial"])
    page.run()

    assert not page.exception
    assert html(page).count('class="bars"') == 2
    assert "method: morris" in page.code[-1].value
    assert page.session_state["trial"].findings.factors.keys() >= {"fiscal_science_share"}


def test_results_of_a_scenario_changed_since_say_so(city):
    page = opened("en")
    page.segmented_control(key="size").set_value("quick").run()
    page.button(key="run trial").click().run()
    begun = ended(page.session_state["trial"])

    begun.scenario = load_scenario(city, "plan_as_written")
    page.run()

    assert catalogue("en")("matters.older") in [found.value for found in page.info]


def test_a_trial_that_fails_says_so_and_the_page_stays(city, monkeypatch):
    def few(*ignored):
        return "schema: 1\nmethod: morris\nsize: 4\nfactors:\n- {lever: nobody, range: [0, 1]}\n"

    monkeypatch.setattr(trial, "design_of", few)
    page = opened("en")

    page.button(key="run trial").click().run()

    assert not page.exception
    assert catalogue("en")("matters.run_failed") in [error.value for error in page.error]
    assert any("nobody" in found.value for found in page.code)


def test_a_title_from_a_link_is_shown_and_never_obeyed(city):
    title = Words(en="![x](//a.b/x.png)", zh="![x](//a.b/x.png)")
    scenario = load_scenario(city, "plan_as_written").model_copy(update={"id": "mine", "title": title})

    page = opened("en", s=links.packed(city, links.Work(scenario, "baseline", ("gdp",), ("gdp",))))

    shown = [found.value for found in page.caption if "png" in found.value]
    assert len(shown) == 1
    assert "](" not in shown[0]

"""The policy lab in a real browser: it opens, answers, switches language, and asks nobody else for anything."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from .served import browser, choose_plan, chromium, served, settle

pytestmark = pytest.mark.browser
SLIDER = "[data-testid='stSidebar'] input[type='range']"
TARGETS = "table.figures"
CHART = "[data-testid='stVegaLiteChart']"
VALUES = "found => found.map(slider => slider.value)"


@pytest.fixture(scope="module")
def address():
    pytest.importorskip("playwright", reason="playwright is not installed: pip install playwright")
    if chromium() is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def opened(address):
    with browser() as found:
        yield found


@pytest.fixture
def watched(opened):
    """A page of a fresh profile that writes down its console errors and the hosts it asks."""
    context = opened.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.faults, page.hosts = [], set()
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
    page.on("websocket", lambda socket: page.hosts.add(urlsplit(socket.url).hostname))
    yield page
    context.close()


@pytest.mark.parametrize(("language", "tag", "title"), [("zh", "zh-CN", "政策实验室"), ("en", "en", "Policy lab")])
def test_the_page_opens_in_both_languages_without_a_console_error_or_a_request_elsewhere(
    watched, address, language, tag, title
):
    watched.goto(f"{address}/?lang={language}")
    settle(watched)

    assert watched.locator("h1").inner_text() == title
    assert watched.evaluate("document.documentElement.lang") == tag
    assert watched.locator(CHART).count() == 4
    assert watched.faults == []
    assert watched.hosts - {None, ""} == {"127.0.0.1"}


def test_page_and_charts_are_written_in_the_carried_font(watched, address):
    watched.goto(f"{address}/?lang=zh")
    settle(watched)

    assert watched.evaluate("document.fonts.check('16px \"Noto Sans SC\"', '政策')")
    loaded = "[...document.fonts].filter(f => f.family.includes('Noto Sans SC')).map(f => f.status)"
    assert watched.evaluate(loaded) == ["loaded"]
    families = watched.eval_on_selector_all(
        f"{CHART} svg text", "found => found.map(text => getComputedStyle(text).fontFamily)"
    )
    assert families
    assert [family for family in families if "Noto Sans SC" not in family] == []


def test_a_moved_lever_changes_a_chart_and_the_table(watched, address):
    watched.goto(f"{address}/?lang=en")
    settle(watched)
    row = watched.locator(f"{TARGETS} tr", has_text="Municipal science R&D spending")
    line = f"{CHART} svg path[stroke='#1F83C8'], {CHART} svg .mark-line path"
    drawn, said = watched.locator(line).first.get_attribute("d"), row.inner_text()

    watched.locator(SLIDER).first.press("End")

    watched.wait_for_function(
        "([line, before]) => document.querySelector(line).getAttribute('d') !== before", arg=[line, drawn]
    )
    settle(watched)
    assert row.inner_text() != said
    assert "met" in row.inner_text()


def test_the_language_switch_works_and_the_link_keeps_it(watched, address):
    watched.goto(f"{address}/?lang=en")
    settle(watched)

    watched.get_by_text("中文", exact=True).click()
    watched.wait_for_selector("h1:has-text('政策实验室')")

    assert "lang=zh" in watched.url
    watched.reload()
    settle(watched)
    assert watched.locator("h1").inner_text() == "政策实验室"
    assert watched.evaluate("document.documentElement.lang") == "zh-CN"


def test_after_a_switch_of_language_everything_still_answers(watched, address):
    watched.goto(f"{address}/?lang=en")
    settle(watched)
    choose_plan(watched)
    watched.get_by_role("radio", name="Missed", exact=True).click()
    settle(watched)
    before = watched.locator(SLIDER).evaluate_all(VALUES)

    watched.get_by_text("中文", exact=True).click()
    watched.wait_for_selector("h1:has-text('政策实验室')")
    settle(watched)
    assert watched.locator(SLIDER).evaluate_all(VALUES) == before
    watched.locator(SLIDER).first.press("ArrowLeft")
    watched.wait_for_selector("h2:has-text('我的情景')")
    settle(watched)

    assert watched.locator(CHART).count() == 4
    assert watched.locator(f"{TARGETS} tr.missed").count() > 0
    assert watched.locator("[data-testid='stException'], [data-testid='stAlert']").count() == 0
    after = watched.locator(SLIDER).evaluate_all(VALUES)
    assert [place for place, value in enumerate(before) if after[place] != value] == [0]


def test_the_dates_of_a_lever_are_shown_and_kept_whenever_they_are_opened(watched, address):
    watched.goto(f"{address}/?lang=en")
    settle(watched)
    choose_plan(watched)
    watched.locator(SLIDER).first.press("ArrowLeft")  # a run of the page between the dates' own and their opening
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)

    watched.get_by_role("button", name="from 2011 over 2.5 years").click()
    body = watched.locator("[data-testid='stPopoverBody'] input[type='range']")
    body.first.wait_for()
    shown = body.evaluate_all(VALUES)
    body.first.press("ArrowRight")

    assert shown == ["2011", "2.5"]
    watched.get_by_role("button", name="from 2012 over 2.5 years").wait_for()


def test_the_browsers_language_decides_where_the_link_says_nothing(opened, address):
    for locale, title in (("zh-CN", "政策实验室"), ("en-GB", "Policy lab")):
        context = opened.new_context(locale=locale)
        page = context.new_page()
        page.goto(address)
        settle(page)
        assert page.locator("h1").inner_text() == title
        context.close()

"""Every page in a real browser, in both languages and both themes: no fault, no stranger asked, nobody shut out."""

from __future__ import annotations

import pytest

from innovation.ui.text.catalogue import LANGUAGES, catalogue

from .served import PATIENCE, settle

pytestmark = pytest.mark.browser
PHONE = 768  # pixels: below it the sidebar is folded
SIDEBAR = "[data-testid='stSidebar']"
# How far a strip's ends lie from its track's, and the thumb's middle from the ends of strip and first range.
STRIPS = """() => [...document.querySelectorAll("[data-testid='stSidebar'] .ranges")].map(strip => {
  const row = strip.closest("[data-testid='stElementContainer']").previousElementSibling;
  const thumb = row.querySelector("input[type='range']").parentElement.parentElement;
  const [whole, track, mark, first] =
    [strip, thumb.parentElement, thumb, strip.querySelector("i")].map(one => one.getBoundingClientRect());
  const middle = mark.left + mark.width / 2;
  return {left: whole.left - track.left, right: whole.right - track.right,
    start: middle - whole.left, end: middle - whole.right, first: middle - first.right};
})"""
TITLES = {
    "": "today.title",
    "lab": "lab.title",
    "compare": "compare.title",
    "matters": "matters.title",
    "evidence": "evidence.title",
    "model": "model.title",
    "guide": "guide.title",
}
TAGS = {"zh": "zh-CN", "en": "en"}
GRAVE = ("serious", "critical")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", TITLES)
def test_a_page_opens_without_a_console_error_or_a_request_elsewhere(watched, address, language, path):
    watched.goto(f"{address}/{path}?lang={language}")
    settle(watched)

    words = catalogue(language)
    assert watched.locator("h1").inner_text() == words(TITLES[path])
    assert watched.evaluate("document.documentElement.lang") == TAGS[language]
    assert watched.title() == f"{words(TITLES[path])} · {words('app.title')}"
    assert watched.locator("[data-testid='stException']").count() == 0
    told = 1 if path == "matters" else 0  # that the findings shipped are not those of these stand-in draws
    assert watched.locator("[data-testid='stAlert']").count() == told
    assert watched.faults == []
    assert watched.hosts - {None, ""} == {"127.0.0.1"}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_grave_fault_on_any_page(opened, address, language, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed").Axe()
    context = opened.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    found = {}
    for path in TITLES:
        page.goto(f"{address}/{path}?lang={language}")
        settle(page)
        for fault in axe.run(page).response["violations"]:
            if fault["impact"] in GRAVE:
                found[f"{path or 'today'}: {fault['id']}"] = [node["html"][:160] for node in fault["nodes"][:3]]
    context.close()

    assert found == {}


def test_a_change_of_page_keeps_the_work_and_the_language(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    watched.locator("[data-testid='stSidebar'] input[type='range']").first.press("End")
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)

    watched.get_by_role("link", name="Compare").click()
    watched.wait_for_selector("h1:has-text('Compare')")
    settle(watched)

    assert "lang=en" in watched.url
    assert "s=" in watched.url
    watched.reload()
    settle(watched)
    watched.get_by_role("link", name="Policy lab").click()
    watched.wait_for_selector("h2:has-text('My scenario')")


@pytest.mark.parametrize("width", [820, 1280, 1920])
def test_nothing_sticks_out_at_the_side(opened, address, width):
    context = opened.new_context(viewport={"width": width, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    wide = {}
    for path in TITLES:
        page.goto(f"{address}/{path}?lang=zh")
        settle(page)
        wide[path] = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    context.close()

    assert {path: extra for path, extra in wide.items() if extra > 0} == {}


def test_a_trial_tells_how_far_it_is_and_can_be_stopped_and_run_again(watched, address):
    watched.goto(f"{address}/matters?lang=en")
    settle(watched)
    watched.get_by_text("Policies and the world outside", exact=True).click()
    watched.get_by_text("Fine", exact=True).click()
    settle(watched)

    watched.get_by_role("button", name="Run", exact=True).click()
    watched.locator("[data-testid='stProgress']").wait_for()
    watched.get_by_role("button", name="Stop", exact=True).click()
    watched.get_by_text("Stopped after").wait_for()
    watched.get_by_text("Rough", exact=True).click()
    settle(watched)
    watched.get_by_role("button", name="Run", exact=True).click()
    watched.get_by_text('Scenario "Baseline (2010 policies continue)", varied').wait_for()

    assert watched.locator("table.bars").count() == 2
    assert watched.faults == []


def test_every_address_that_may_be_abroad_opens_its_page(watched, address):
    for path, title in {"today": "today.title", "today/?lang=en": "today.title", "lab/": "lab.title"}.items():
        watched.goto(f"{address}/{path}")
        settle(watched)

        assert watched.locator("[role='dialog']").count() == 0
        assert watched.locator("h1").inner_text() in {catalogue(language)(title) for language in LANGUAGES}


@pytest.mark.parametrize("width", [390, 1280])
def test_the_strip_of_ranges_lies_under_the_track_of_its_slider(watched, address, width):
    watched.set_viewport_size({"width": width, "height": 900})
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    if width < PHONE:
        watched.get_by_test_id("stExpandSidebarButton").click()
        watched.wait_for_timeout(800)
    entry = watched.locator(f"{SIDEBAR} [data-testid='stTextInput'] input").nth(1)  # of the science share
    # 2 % of spending is where the first range ends; .5 and 6 are the ends of the track.
    for value, gap in (("2", "first"), ("0.5", "start"), ("6", "end")):
        entry.fill(value)
        entry.press("Enter")
        watched.wait_for_function(
            "value => document.querySelectorAll(\"input[type='range']\")[1].value == value", arg=value
        )
        settle(watched)

        places = watched.evaluate(STRIPS)
        assert len(places) >= 2
        assert [place for place in places if abs(place["left"]) > 1.5 or abs(place["right"]) > 1.5] == []
        assert abs(places[1][gap]) <= 2

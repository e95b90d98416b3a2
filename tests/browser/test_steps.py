"""Steps in a real browser, whose widgets keep what they last showed: each is taken once, undone and redone."""

from __future__ import annotations

import random
from urllib.parse import parse_qs, urlsplit

import pytest

from innovation.ui import links

from .served import PATIENCE, settle

pytestmark = pytest.mark.browser
SLIDER = "[data-testid='stSidebar'] input[type='range']"
ENTRY = "[data-testid='stSidebar'] [data-testid='stTextInput'] input"
BOX = "[data-testid='stPopoverBody']"
WRONG = "[data-testid='stException'], [data-testid='stAlertContentError']"
SHARE = ".st-key-dates-fiscal_science_share button"
ACTIONS = 40
# Every answer of the server comes so late that one can click before it.
SLOW = """(() => {
  const Quick = window.WebSocket;
  window.WebSocket = class extends Quick {
    addEventListener(kind, hear, ...rest) {
      super.addEventListener(kind, kind === "message" ? event => setTimeout(() => hear(event), 700) : hear, ...rest);
    }
  };
})()"""


@pytest.fixture
def lab(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    return watched


def click(page, place: str) -> None:
    page.locator(place).first.click()
    settle(page)


def dates(page, key: str, times: int = 1, of: str = SHARE, slider: int = 0) -> None:
    page.locator(of).first.click()
    page.locator(f"{BOX} input[type='range']").first.wait_for()
    for _ in range(times):
        page.locator(f"{BOX} input[type='range']").nth(slider).press(key)
        settle(page)
    page.keyboard.press("Escape")
    page.locator(BOX).wait_for(state="detached")


def work(page, city) -> links.Work:
    return links.unpacked(city, parse_qs(urlsplit(page.url).query)["s"][0])[0]


def test_dates_that_were_dragged_are_undone_and_redone(lab):
    click(lab, ".st-key-plan-fiscal_science_share button")
    dates(lab, "ArrowRight")
    assert lab.locator(SHARE).inner_text().startswith("from 2012, complete by 2016")

    click(lab, ".st-key-undo button")
    undone = lab.locator(SHARE).inner_text()
    click(lab, ".st-key-redo button")

    assert lab.locator(WRONG).count() == 0
    assert undone.startswith("from 2011, complete by 2015")
    assert lab.locator(SHARE).inner_text().startswith("from 2012, complete by 2016")


def test_changes_of_a_mixs_dates_are_undone_one_by_one_and_redone(lab, city):
    lab.locator(SLIDER).nth(2).press("ArrowRight")
    settle(lab)
    known = [work(lab, city).scenario]
    for slider in (0, 1, 0):
        dates(lab, "ArrowRight", of=".st-key-dates-mix button", slider=slider)
        known.append(work(lab, city).scenario)

    back, forth = [], []
    for found, button in ((back, "undo"), (forth, "redo")):
        for _ in range(3):
            click(lab, f".st-key-{button} button")
            found.append(work(lab, city).scenario)

    assert [one for number, one in enumerate(known) if one in known[:number]] == []
    assert back == known[2::-1]
    assert forth == known[1:]


def test_all_targets_are_chosen_after_one_was_removed(lab, city):
    lab.locator(".st-key-choose-targets button").first.click()
    lab.locator("[data-testid='stMultiSelect'] button").first.click()
    settle(lab)
    assert lab.locator(".chip").count() == 3

    lab.locator(f"{BOX} .st-key-all-targets button").click()
    lab.keyboard.press("Escape")  # the box is gone before the answer comes
    settle(lab)
    lab.locator(SLIDER).first.press("ArrowRight")
    settle(lab)

    assert lab.locator(".chip").count() == len(city.judgeable)


def test_a_click_before_a_slow_answer_takes_no_other_step(opened, address, city):
    context = opened.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(SLOW)
    page = context.new_page()
    page.goto(f"{address}/lab?lang=en")
    settle(page)
    for _ in range(2):
        page.locator(SLIDER).first.press("ArrowRight")
        page.wait_for_timeout(2500)
        settle(page)
    moved = work(page, city).scenario

    page.locator(".st-key-undo button").click()
    page.wait_for_timeout(400)  # the server has answered, and the browser does not know
    page.locator(".st-key-keep button").first.click()
    page.wait_for_timeout(2500)
    settle(page)

    assert page.locator(".st-key-redo button").is_enabled()
    page.locator(".st-key-redo button").click()
    page.wait_for_timeout(2500)
    settle(page)
    assert work(page, city).scenario == moved
    context.close()


def test_the_keyboard_stays_where_it_was_when_a_widget_takes_anothers_place(lab):
    entry = lab.locator(ENTRY).first
    for typed in ("2.50", "much"):
        entry.fill(typed)
        entry.press("Enter")
        settle(lab)

        assert entry.input_value() == "2.5"
        assert entry.evaluate("entry => entry === document.activeElement")


def test_a_random_walk_in_a_browser_is_undone_and_redone_step_by_step(watched, address, city):
    walk = random.Random()
    seed = walk.randrange(10**6)
    walk.seed(seed)
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    click(watched, ".st-key-plan-fiscal_science_share button")
    past, ahead = [], []

    def moves(act) -> None:
        before = work(watched, city).scenario
        act()
        settle(watched)
        if work(watched, city).scenario != before:
            past.append(before)
            ahead.clear()

    def slides() -> None:
        slider = walk.choice(watched.locator(SLIDER).all())
        slider.press(walk.choice(("ArrowLeft", "ArrowRight", "Home", "End")))

    def types() -> None:
        entry = walk.choice(watched.locator(ENTRY).all())
        entry.fill(walk.choice(("1", "２．５", "33 %", "much", "-1", "")))
        entry.press(walk.choice(("Enter", "Tab")))

    def redates() -> None:
        boxes = watched.locator("[class*='st-key-dates-'] button")
        if boxes.count():
            boxes.nth(walk.randrange(boxes.count())).click()
            watched.locator(f"{BOX} input[type='range']").first.wait_for()
            watched.locator(f"{BOX} input[type='range']").nth(walk.randrange(2)).press(
                walk.choice(("ArrowLeft", "ArrowRight", "End"))
            )
            settle(watched)
            watched.keyboard.press("Escape")

    def splits() -> None:
        watched.locator(".st-key-presets-mix button").first.click()
        watched.locator(f"{BOX} button").first.wait_for()
        walk.choice(watched.locator(f"{BOX} button").all()).click()
        settle(watched)
        watched.keyboard.press("Escape")

    def resets() -> None:
        button = watched.locator(".st-key-reset-policies button")
        if button.is_enabled():
            button.click()

    def goes(button: str, taken: list, put_on: list) -> None:
        here = watched.locator(f".st-key-{button} button")
        assert here.is_enabled() == bool(taken), (seed, button)
        if taken:
            put_on.append(work(watched, city).scenario)
            here.click()
            settle(watched)
            assert work(watched, city).scenario == taken.pop(), (seed, button)

    def speaks() -> None:
        watched.get_by_text(walk.choice(("中文", "English")), exact=True).click()

    def turns() -> None:
        watched.locator("[data-testid='stTopNavLink']").nth(walk.choice((2, 6))).click()
        watched.wait_for_url(lambda url: not urlsplit(url).path.endswith("lab"))
        settle(watched)
        watched.locator("[data-testid='stTopNavLink']").nth(1).click()
        watched.wait_for_url(lambda url: urlsplit(url).path.endswith("lab"))

    def refreshes() -> None:
        watched.reload()
        past.clear()
        ahead.clear()

    refreshes()
    settle(watched)
    rarely, often = (splits, resets, speaks, turns, refreshes), (slides, types, redates)
    for _ in range(ACTIONS):
        act = walk.choice((*rarely, *often * 2, *["undo"] * 4 * bool(past), *["redo"] * 4 * bool(ahead)))
        if act == "undo":
            goes("undo", past, ahead)
        elif act == "redo":
            goes("redo", ahead, past)
        else:
            moves(act)
        assert watched.locator("[data-testid='stException']").count() == 0, (seed, act)
        assert watched.locator(".st-key-undo button").is_enabled() == bool(past), (seed, act)
        assert watched.locator(".st-key-redo button").is_enabled() == bool(ahead), (seed, act)
    while past:
        goes("undo", past, ahead)
    while ahead:
        goes("redo", ahead, past)

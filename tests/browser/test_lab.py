"""The policy lab in a real browser: it opens, answers, switches language, and asks nobody else for anything."""

from __future__ import annotations

import openpyxl
import pytest

from innovation.ui.text.catalogue import LANGUAGES

from .served import PATIENCE, choose_plan, settle

pytestmark = pytest.mark.browser
SLIDER = "[data-testid='stSidebar'] input[type='range']"
TARGETS = "table.figures"
SUBMIT = "stBaseButton-secondaryFormSubmit"
CHART = "[data-testid='stVegaLiteChart']"
VALUES = "found => found.map(slider => slider.value)"


def test_page_and_charts_are_written_in_the_carried_font(watched, address):
    watched.goto(f"{address}/lab?lang=zh")
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
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    row = watched.locator(f"{TARGETS} tr:not(.note)", has_text="Municipal science R&D spending").first
    line = f"{CHART} svg path[stroke='#1F83C8'], {CHART} svg .mark-line path"
    drawn, said = watched.locator(line).first.get_attribute("d"), row.inner_text()

    watched.locator(SLIDER).first.press("End")

    watched.wait_for_function(
        "([line, before]) => document.querySelector(line).getAttribute('d') !== before", arg=[line, drawn]
    )
    settle(watched)
    assert row.inner_text() != said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_targets_is_as_wide_as_the_page(watched, address, language):
    """No column of it is cut at 1280 pixels, as `watched` is wide."""
    watched.goto(f"{address}/lab?lang={language}")
    settle(watched)
    choose_plan(watched)

    widths = "table => [table.parentElement.scrollWidth, table.parentElement.clientWidth]"
    needed, given = watched.locator(f"{TARGETS}:has(.verdict)").first.evaluate(widths)

    assert needed <= given


def test_the_language_switch_works_and_the_link_keeps_it(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)

    watched.get_by_text("中文", exact=True).click()
    watched.wait_for_selector("h1:has-text('政策实验室')")

    assert "lang=zh" in watched.url
    watched.reload()
    settle(watched)
    assert watched.locator("h1").inner_text() == "政策实验室"
    assert watched.evaluate("document.documentElement.lang") == "zh-CN"


def test_after_a_switch_of_language_everything_still_answers(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    choose_plan(watched)
    watched.get_by_role("radio", name="Unlikely to be met", exact=True).click()
    settle(watched)
    before = watched.locator(SLIDER).evaluate_all(VALUES)

    watched.get_by_text("中文", exact=True).click()
    watched.wait_for_selector("h1:has-text('政策实验室')")
    settle(watched)
    assert watched.locator(SLIDER).evaluate_all(VALUES) == before
    watched.locator(SLIDER).nth(1).press("ArrowLeft")  # the science share: the first one shows more sliders
    watched.wait_for_selector("h2:has-text('我的情景')")
    settle(watched)

    assert watched.locator(CHART).count() == 2
    assert watched.locator(f"{TARGETS} tr.unlikely").count() > 0
    assert watched.locator("[data-testid='stException'], [data-testid='stAlertContentError']").count() == 0
    after = watched.locator(SLIDER).evaluate_all(VALUES)
    assert [place for place, value in enumerate(before) if after[place] != value] == [1]


def test_the_link_opened_afresh_shows_the_same_and_undo_returns(watched, opened, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    cards = watched.locator(".cards").first.inner_text()
    first = watched.url
    watched.locator(SLIDER).first.press("End")
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)
    moved = watched.locator(".cards").first.inner_text()
    assert moved != cards
    assert watched.url != first

    context = opened.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    other = context.new_page()
    other.goto(watched.url)
    settle(other)
    assert other.locator(".cards").first.inner_text() == moved
    assert other.locator(SLIDER).evaluate_all(VALUES) == watched.locator(SLIDER).evaluate_all(VALUES)
    context.close()

    watched.get_by_role("button", name="Undo").click()
    watched.wait_for_selector("h2:has-text('Baseline (2010 policies continue)')")
    settle(watched)
    assert watched.locator(".cards").first.inner_text() == cards


def test_a_scenario_is_saved_opened_again_and_compared(watched, address, tmp_path):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    watched.locator(SLIDER).first.press("End")
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)
    file = tmp_path / "mine.yaml"
    _saved(watched, "Scenario file (YAML)", file)
    watched.keyboard.press("Escape")
    moved = watched.locator(SLIDER).evaluate_all(VALUES)
    watched.get_by_role("button", name="Add to comparison").click()
    settle(watched)
    watched.get_by_role("button", name="Undo").click()
    watched.wait_for_selector("h2:has-text('Baseline (2010 policies continue)')")
    settle(watched)

    watched.get_by_role("button", name="Files and report").click()
    watched.locator("[data-testid='stFileUploader'] input").set_input_files(file)
    watched.get_by_test_id(SUBMIT).click()
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)
    assert watched.locator(SLIDER).evaluate_all(VALUES) == moved

    watched.keyboard.press("Escape")
    watched.get_by_role("link", name="Compare").click()
    watched.wait_for_selector("h1:has-text('Compare')")
    settle(watched)
    assert "My scenario (being edited)" in watched.locator("[data-testid='stMultiSelect']").inner_text()
    assert watched.get_by_role("button", name="Remove: My scenario (kept 1)").count() == 1
    assert watched.faults == []


def test_a_file_that_cannot_be_used_is_refused_in_a_sentence_and_the_work_stays(watched, address, tmp_path):
    watched.goto(f"{address}/lab?lang=zh")
    settle(watched)
    watched.locator(SLIDER).first.press("End")
    watched.wait_for_selector("h2:has-text('我的情景')")
    settle(watched)
    file = tmp_path / "hostile.yaml"
    file.write_text("!!python/object/apply:os.system ['touch hacked']", encoding="utf-8")

    watched.get_by_role("button", name="文件与报告").click()
    watched.locator("[data-testid='stFileUploader'] input").set_input_files(file)
    watched.get_by_test_id(SUBMIT).click()

    watched.get_by_text("这个文件不能用").wait_for()
    assert watched.locator("h2", has_text="我的情景").count() == 1


def test_the_chosen_targets_stand_in_their_box_and_another_is_added(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)

    watched.get_by_role("button", name="Choose targets").click()
    box = watched.locator("[data-testid='stMultiSelect']")
    box.wait_for()
    before = box.locator("span[title]").all_inner_texts()
    assert len(before) == 4
    box.locator("input").click()
    watched.get_by_role("option", name="patents").first.click()
    settle(watched)

    assert watched.locator(".chip").count() == 5


def test_a_lever_moved_by_a_key_keeps_the_focus_and_its_group_tells_of_the_change(watched, address):
    watched.goto(f"{address}/lab?lang=zh")
    settle(watched)
    lever = watched.locator(SLIDER).first
    lever.focus()
    before = float(lever.input_value())

    for _ in range(2):
        watched.keyboard.press("ArrowRight")
        settle(watched)

    assert lever.evaluate("slider => slider === document.activeElement")
    assert float(lever.input_value()) > before
    heading = watched.locator("[data-testid='stSidebar'] summary p").first
    assert "已改1项" in heading.evaluate("label => getComputedStyle(label, '::after').content")


def test_the_browsers_button_back_returns_to_the_page_before(watched, address):
    watched.goto(f"{address}/?lang=zh")
    settle(watched)
    watched.get_by_role("link", name="政策实验室").click()
    watched.wait_for_selector("h1:has-text('政策实验室')")
    settle(watched)
    for _ in range(2):
        watched.locator(SLIDER).first.press("ArrowRight")
        settle(watched)
    moved = watched.locator(SLIDER).evaluate_all(VALUES)

    watched.go_back()
    watched.wait_for_selector("h1:has-text('现状')")
    settle(watched)

    watched.get_by_role("link", name="政策实验室").click()
    watched.wait_for_selector("h1:has-text('政策实验室')")
    settle(watched)
    assert watched.locator(SLIDER).evaluate_all(VALUES) == moved


def test_a_file_that_is_too_large_is_refused_and_the_page_says_what_to_do(watched, address, tmp_path):
    watched.goto(f"{address}/lab?lang=zh")
    settle(watched)
    file = tmp_path / "large.yaml"
    file.write_bytes(b"a: b\n" * 10_000_000)

    watched.get_by_role("button", name="文件与报告").click()
    watched.locator("[data-testid='stFileUploader'] input").set_input_files(file)
    watched.get_by_test_id(SUBMIT).click()

    watched.get_by_text("没有可以打开的文件").wait_for()


def test_report_and_workbook_are_downloaded_and_open(watched, opened, address, tmp_path):
    watched.goto(f"{address}/lab?lang=zh")
    settle(watched)
    choose_plan(watched)
    report, book = tmp_path / "report.html", tmp_path / "figures.xlsx"
    _saved(watched, "会议报告", report, open_first="文件与报告")
    _saved(watched, "数据表（Excel）", book, open_first="")

    context = opened.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report.as_uri())
    assert page.locator("h1").inner_text() == "按规划文本执行"
    assert page.locator("figure svg").count() == 2
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    context.close()
    assert len(openpyxl.load_workbook(book).sheetnames) == 6


def _saved(page, label, file, open_first="Files and report"):
    if open_first:
        page.get_by_role("button", name=open_first).click()
    with page.expect_download(timeout=60_000) as download:
        page.get_by_role("button", name=label).click()
    download.value.save_as(file)


def test_the_keyboard_alone_moves_a_lever_and_opens_a_group(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    watched.locator("[data-testid='stSidebar'] summary", has_text="Talent").first.focus()
    watched.keyboard.press("Enter")
    watched.get_by_text("Keeping graduates").first.wait_for()
    settle(watched)
    watched.locator(SLIDER).first.focus()
    watched.keyboard.press("ArrowRight")
    watched.wait_for_selector("h2:has-text('My scenario')")


def test_the_dates_of_a_lever_are_shown_and_kept_whenever_they_are_opened(watched, address):
    watched.goto(f"{address}/lab?lang=en")
    settle(watched)
    choose_plan(watched)
    watched.locator(SLIDER).nth(1).press("ArrowLeft")  # a run of the page between the dates' own and their opening
    watched.wait_for_selector("h2:has-text('My scenario')")
    settle(watched)

    watched.get_by_role("button", name="from 2011, complete by mid-2013").click()
    body = watched.locator("[data-testid='stPopoverBody'] input[type='range']")
    body.first.wait_for()
    shown = body.evaluate_all(VALUES)
    body.first.press("ArrowRight")

    assert shown == ["2011", "2.5"]
    watched.get_by_role("button", name="from 2012, complete by mid-2014").wait_for()


def test_the_browsers_language_decides_where_the_link_says_nothing(opened, address):
    for locale, title in (("zh-CN", "政策实验室"), ("en-GB", "Policy lab")):
        context = opened.new_context(locale=locale)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{address}/lab")
        settle(page)
        assert page.locator("h1").inner_text() == title
        context.close()

"""What the model makes of the plan's items: every item has a row, every name resolves, every reason is bilingual."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from innovation.model.city import City
from innovation.model.coverage import coverage_page, read_coverage
from innovation.model.loading import CityError, load_city

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"
NUMBERED = {"三（三）": 6, "四（一）": 10, "四（二）": 6, "四（三）": 6, "四（四）": 5, "五（一）": 3, "五（二）": 6}

GOOD = """
groups:
  targets: {en: Targets, zh: 目标}
items:
  capability:
    group: targets
    section: 三（三）1
    en: Capability
    zh: 能力
    stocks: [knowledge]
    levers: [science_share]
    indicators: [output]
"""


def toy_with(folder: Path, text: str) -> City:
    shutil.copytree(TOY_CITY, folder / "toy")
    (folder / "toy" / "coverage.yaml").write_text(text, encoding="utf-8")
    return load_city(folder / "toy")


def test_each_numbered_item_of_the_plan_has_one_entry_with_its_section(city):
    items = read_coverage(city).items

    sections = Counter(item.section for item in items.values())
    expected = [f"{section}{number}" for section, count in NUMBERED.items() for number in range(1, count + 1)]
    expected += ["四（五）", *(f"六（{number}）" for number in "一二三四五六")]
    assert len(items) == 49
    assert sections == Counter(expected)


def test_every_target_of_the_plan_but_its_expected_product_belongs_to_an_item(city):
    named = {name for item in read_coverage(city).items.values() for name in item.indicators}

    assert set(city.targets) - named == set()


def test_every_lever_of_the_plan_belongs_to_an_item(city):
    named = {name for item in read_coverage(city).items.values() for name in item.levers}

    assert {name for name, lever in city.levers.items() if lever.section} - named == set()


def test_the_page_has_a_row_for_each_item_in_the_plans_order(city):
    page = coverage_page(city)

    rows = re.findall(r"^\| ([三四五六]（.）\d*) \|", page, re.MULTILINE)
    assert rows == [item.section for item in read_coverage(city).items.values()]
    assert "nothing" in next(line for line in page.splitlines() if line.startswith("| 四（五） |"))


def test_names_that_the_city_lacks_are_told_at_once_with_the_nearest(tmp_path):
    text = GOOD.replace("knowledge", "knowlege").replace("science_share", "science_shar").replace("output]", "outpt]")

    with pytest.raises(CityError) as caught:
        read_coverage(toy_with(tmp_path, text))

    message = str(caught.value)
    assert message.startswith("3 faults")
    assert all(f"Did you mean: {name}" in message for name in ("knowledge", "science_share", "output"))
    assert "coverage.yaml, line 10, items, capability, stocks" in message


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    stocks: [knowledge]\n    levers: [science_share]\n    indicators: [output]\n", "", "says why"),
        ("    levers:", "    described_en: Papers.\n    levers:", "in both languages"),
        ("stocks: [knowledge]", "stocks: [research completed]", 'is a flow'),
        ("group: targets", "group: target", "Did you mean: targets"),
        ("    zh: 能力\n", "", "Missing: zh"),
        ("    levers:", "    lever: x\n    levers:", "Did you mean: levers"),
    ],
)  # fmt: skip
def test_an_item_that_is_wrong_is_told_with_its_line(tmp_path, old, new, said):
    assert GOOD.count(old) == 1

    with pytest.raises(CityError, match=re.escape(said)) as caught:
        read_coverage(toy_with(tmp_path, GOOD.replace(old, new)))

    assert all(fault.line for fault in caught.value.faults)

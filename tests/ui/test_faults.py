"""What is wrong with a file or a link is said in the reader's language."""

from __future__ import annotations

import re

import pytest

from model import DocumentError
from scenarios import load_scenario, parse_scenario, scenario_text
from ui.catalogue import catalogue
from ui.faults import told
from ui.sharing import unpacked

CHANGES = [
    ("schema: 1", "schema: 2", "格式版本"),
    ("lever: post_subsidy", "lever: post_subsity", "是不是"),
    ("lever: post_subsidy", "lever: zzz", "没有“zzz”"),
    ("id: plan", "id: PLAN ", "写法不对：“PLAN"),
    ("id: plan_as_written", "id:", "应为文字，现为空"),
    ("from: 2011", "from: 2009", "历史"),
    ("from: 2011", "from: 2060", "晚于"),
    ("to: 0.036", "to: 36", "超出范围"),
    ("to: 0.036", "to: .nan", "应为有限的数，现为nan"),
    ("to: 0.036", "to: '0.036'", "应为数字，现为“0.036”"),
    ("to: 0.036", "to: &a 0.036", "锚点"),
    ("id: plan", "id: !!python/name:os.system plan", "标签"),
    ("source:", "sources:", "不是这里的字段"),
    ("policies:", "policies: [", "YAML"),
]


@pytest.mark.parametrize(("old", "new", "said"), CHANGES)
def test_a_fault_is_told_in_chinese(city, old, new, said):
    text = scenario_text(load_scenario(city, "plan_as_written"))
    assert old in text

    with pytest.raises(DocumentError) as error:
        parse_scenario(city, text.replace(old, new, 1), "file")

    line = told(error.value, catalogue("zh"))
    assert said in line
    assert not re.search(
        r"[a-z]{4,} [a-z]{2,} [a-z]{2,} [a-z]{2,}", line.splitlines()[0].split("：", 1)[1].split("YAML：")[0]
    )


def test_a_link_is_called_a_link_in_chinese(city):
    with pytest.raises(DocumentError) as error:
        unpacked(city, "nonsense")

    assert told(error.value, catalogue("zh")).startswith("链接：")


def test_in_english_the_house_speaks_for_itself(city):
    with pytest.raises(DocumentError) as error:
        parse_scenario(city, "schema: 1", "file")

    assert told(error.value, catalogue("en")).startswith("file")
    assert "Missing: id" in told(error.value, catalogue("en"))


def test_of_many_faults_the_first_few_are_told_and_the_rest_counted(city):
    text = scenario_text(load_scenario(city, "plan_as_written")).replace("lever: ", "lever: x")

    with pytest.raises(DocumentError) as error:
        parse_scenario(city, text, "file")

    assert told(error.value, catalogue("zh")).splitlines()[-1].startswith("另有")

"""What is wrong with a file or a link is said in the reader's language."""

from __future__ import annotations

import base64
import os
import re
import shutil
import zlib
from pathlib import Path
from typing import Annotated, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import Field

from innovation.calibration.posterior import kept_draws
from innovation.engine.errors import EngineError
from innovation.model.files.faults import DocumentError, fault, original, others
from innovation.model.files.validation import Entry, read_entries, read_entry
from innovation.model.files.yaml_documents import parse_document, read_document
from innovation.model.loading import FOLDER, load_city
from innovation.scenarios.scenario_files import load_scenario, parse_scenario, scenario_text
from innovation.ui.links import Work, packed, unpacked
from innovation.ui.text.catalogue import catalogue
from innovation.ui.text.faults import detail, told

# Each full-width mark that a Chinese keyboard may write into a scenario's text.
WIDE = [
    ("schema: 2", "schema：2"),
    ("policies:", "x: {a: 1，b: 2}\npolicies:"),
    ("policies:", "x: ［1］\npolicies:"),
    ("policies:", "x: [1］\npolicies:"),
    ("policies:", "x: ｛a: 1}\npolicies:"),
    ("policies:", "x: {a: 1｝\npolicies:"),
    ("policies:", "x: “a: 1”\npolicies:"),
    ("- lever: post_subsidy", "－ lever: post_subsidy"),
]
# What is changed in a scenario's text, and what is then said.
CHANGES = [
    *((*pair, "改用半角") for pair in WIDE),
    ("schema: 2", "schema: 3", "格式版本不符（3），本程序只读版本1、2"),
    ("lever: post_subsidy", "lever: post_subsity", "是不是"),
    ("lever: post_subsidy", "lever: zzz", "没有“zzz”"),
    ("id: plan", "id: PLAN ", "写法不对：“PLAN"),
    ("id: plan_as_written", "id:", "应为文字，现为空"),
    ("from: 2011", "from: 2009", "历史"),
    ("from: 2011", "from: 2060", "晚于"),
    ("to: 0.036", "to: 36", "超出范围0.005至0.06（按模型的单位：比值或倍数，无单位，如10%写作0.1）"),
    ("to: 0.036", "to: .nan", "应为有限的数，现为nan"),
    ("to: 0.036", "to: '0.036'", "应为数字，现为“0.036”"),
    ("to: 0.036", "to: &a 0.036", "锚点"),
    ("to: 0.036", "to: *a", "别名"),
    ("ramp: 2.5", "ramp: -1", "不能小于0，现为-1"),
    ("ramp: 2.5", "ramp: [1]", "应为数字，现为列表"),
    ("id: plan", "id: !!python/name:os.system plan", "标签"),
    ("source:", "sources:", "不是这里的字段。是不是：source？"),
    ("source:", "qqqqqqqqqq:", "“qqqqqqqqqq”不是这里的字段。"),
    ("schema: 2", "", "缺少：schema"),
    ("policies:", "policies: [", "不是有效的YAML"),
    ("policies:", "policies: 3\nx:", "应为列表"),
    ("schema: 2", "schema: 2\n? [a]\n: 2", "不能用作名称"),
    ("schema: 2", "schema: 2\nschema: 2", "出现了两次"),
    ("schema: 2", "schema: 2\nx: " + "[" * 30 + "]" * 30, "嵌套超过"),
    ("schema: 2", "schema: 2\n---\nx: 1", "第二个文档"),
    ("schema: 2", "schema: 2\x07", "U+0007"),
    ("- lever: post_subsidy", "- 7\n- lever: post_subsidy", "应为“名称: 值”，现为7"),
]
MADE = {
    "model.file_empty": lambda city, folder: parse_scenario(city, "", "file"),
    "model.file_absent": lambda city, folder: raised(read_document(folder / "none.yaml").faults),
    "model.file_unreadable": lambda city, folder: raised(read_document(Path("/" + "x" * 5000)).faults),
    "model.too_large": lambda city, folder: parse_scenario(city, "x" * 2_000_000, "file"),
    "model.encoding": lambda city, folder: parse_scenario(city, b"\xff\xfe", "file"),
    "model.stopped": lambda city, folder: raised(
        read_document(written(folder / "x.yaml", b"a: 1\n" * 900)).faults[-1:]
    ),
    "model.others": lambda city, folder: raised([others(fault("model.file_empty", "file", 3), 800)]),
    "model.entries": lambda city, folder: parse_scenario(city, "- 1\n" * 20_001, "file"),
    "model.characters": lambda city, folder: parse_scenario(
        city, text(city).replace("id: ", "id: " + "a" * 64), "file"
    ),
    "model.directive": lambda city, folder: parse_scenario(city, "%YAML 1.2\n---\n" + text(city), "file"),
    "ui.same_id": lambda city, folder: unpacked(city, packed(city, Work(plan(city), "x", (), (), 2 * (plan(city),)))),
    "model.items": lambda city, folder: parse_scenario(city, text(city) + CHANGE * 1001, "file"),
    "scenarios.same": lambda city, folder: parse_scenario(
        city, text(city) + 2 * CHANGE.replace("post_subsidy", "patent_criteria").replace("3.0", "0.0"), "file"
    ),
    "scenarios.view": lambda city, folder: parse_scenario(
        city,
        text(city).replace("policies:", "assumptions: [{input: market_reach, from: 2011, to: 0.5}]\npolicies:"),
        "file",
    ),
    "scenarios.view_date": lambda city, folder: parse_scenario(
        city,
        text(city).replace("policies:", "assumptions: [{input: market_reach, from: 2012, to: 1}]\npolicies:"),
        "file",
    ),
    "scenarios.overlap": lambda city, folder: parse_scenario(city, text(city) + CHANGE.replace("2011", "2012"), "file"),
    "scenarios.shares": lambda city, folder: parse_scenario(
        city, text(city) + CHANGE.replace("post_subsidy", "mix_talent"), "x"
    ),
    "model.blank": lambda city, folder: parse_scenario(city, text(city).replace("source: ", 'source: "" # '), "file"),
    "ui.link_long": lambda city, folder: unpacked(city, "a" * 200_000),
    "ui.link_signs": lambda city, folder: unpacked(city, "a b"),
    "ui.link_broken": lambda city, folder: unpacked(city, "nonsense"),
    "ui.link_bomb": lambda city, folder: unpacked(city, link(b"x" * 5_000_000)),
    "calibration.draws_absent": lambda city, folder: kept_draws.load(city, folder / "none"),
    "calibration.other_model": lambda city, folder: kept_draws.load(with_another_equation(folder / "city")),
    "calibration.no_draws": lambda city, folder: kept_draws.load(city, written(folder / "draws", b"PAR1")),
    "calibration.draws_damaged": lambda city, folder: kept_draws.load(city, written(folder / "draws", spoilt())),
    "calibration.other_table": lambda city, folder: kept_draws.load(city, other_table(folder / "draws")),
    "analysis.not_there": lambda city, folder: raised([fault("analysis.not_there", "x.json")]),
}
CHANGE = "- {from: 2011.0, to: 0.5, ramp: 3.0, lever: post_subsidy}\n"
ENGLISH = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,} [A-Za-z]{2,}")


def text(city):
    """The plan as a file whose last lines are its policies."""
    found = scenario_text(load_scenario(city, "plan_as_written")).replace("assumptions: []\n", "")
    assert found.endswith("ramp: 2\n")
    return found


def plan(city):
    return load_scenario(city, "plan_as_written")


def raised(faults):
    raise DocumentError(faults)


def link(content):
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


def with_another_equation(folder):
    """The city with one fixed constant changed."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "diagrams"))
    file = folder / "innovation.mdl"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("overtime limit = 1.03\n", "overtime limit = 1.02\n"), encoding="utf-8")
    found = (folder / "parameters.yaml").read_text(encoding="utf-8")
    fixed = found.replace("low: 1.03, high: 1.03", "low: 1.02, high: 1.02")
    (folder / "parameters.yaml").write_text(fixed, encoding="utf-8")
    return load_city(folder)


def written(path, content):
    path.write_bytes(content)
    return path


def outside_quotes(line):
    """A line without what it marks as quoted."""
    return re.sub(r"“[^”]*”", "", line.split("：", 1)[1])


def spoilt():
    """The project's draws with one byte of a value changed."""
    content = bytearray(kept_draws.DEFAULT.read_bytes())
    content[len(content) // 2] ^= 255
    return bytes(content)


def other_table(path):
    pq.write_table(pa.table({"x": [1.0]}), path)
    return path


class Probe(Entry):
    """An entry with a field for each kind of wrong value that files of the house can have."""

    whole: int
    above: Annotated[float, Field(gt=0)]
    most: Annotated[float, Field(le=1)]
    below: Annotated[float, Field(lt=1)]
    flag: bool
    choice: Literal["rise", "fall"]
    near: Literal["rise", "fall"]
    blank: Annotated[str, Field(min_length=1)]


def probed():
    """Faults of every field of an entry, and of a text where a mapping of names belongs."""
    written = 'whole: 1.5\nabove: 0\nmost: 2\nbelow: 1\nflag: 3\nchoice: 8\nnear: ris\nblank: ""\n'
    document = parse_document(written, "file")
    _, faults = read_entry(Probe, document, (), document.data)
    return [*faults, *read_entries(Probe, parse_document("[1]", "file"))[1]]


@pytest.mark.parametrize(("old", "new", "said"), CHANGES)
def test_a_fault_is_told_in_chinese(city, old, new, said):
    text = scenario_text(load_scenario(city, "plan_as_written"))
    assert old in text

    with pytest.raises(DocumentError) as error:
        parse_scenario(city, text.replace(old, new, 1), "file")

    lines = told(error.value, catalogue("zh")).splitlines()
    assert any(said in line for line in lines), lines
    assert [line for line in lines if ENGLISH.search(outside_quotes(line)) or "无法使用" in line] == []


@pytest.mark.parametrize(
    ("place", "said"),
    [(".", "这是文件夹"), ("circle", "绕成了圈"), ("x" * 300, "名称过长"), ("a\0b", "不能用这个名称"),
     ("file/x", "路径中"), ("large", "超过1,000,000字节"), ("pipe", "不是普通文件")],
)  # fmt: skip
def test_why_a_file_cannot_be_read_is_told_in_chinese(tmp_path, place, said):
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "file").write_text("a")
    (tmp_path / "large").write_bytes(b"a" * 1_000_001)
    os.mkfifo(tmp_path / "pipe")

    line = told(DocumentError(read_document(tmp_path / place).faults), catalogue("zh"))

    assert said in line
    assert not ENGLISH.search(line.rsplit("：", 2)[1])


@pytest.mark.parametrize("kind", MADE)
def test_a_fault_of_each_kind_is_told_in_its_words(city, tmp_path, kind):
    with pytest.raises(DocumentError) as error:
        MADE[kind](city, tmp_path)

    line = told(error.value, catalogue("zh")).splitlines()[0]
    assert error.value.faults[0].code == kind
    assert not ENGLISH.search(outside_quotes(line)), line


def test_a_split_that_is_not_whole_is_told_by_its_name_and_shares(city):
    with pytest.raises(DocumentError) as error:
        MADE["scenarios.shares"](city, None)

    line = told(error.value, catalogue("zh"))

    assert "“科技经费怎样分”（mix）" in line and "其他各项也须在相同日期调整" in line
    assert "合计为1.2，应为1：mix_grants 0.3、" in line and "、mix_talent 0.3。" in line


def test_values_of_every_kind_are_told_in_chinese():
    faults = probed()
    lines = [told(DocumentError([fault]), catalogue("zh")) for fault in faults]

    assert len(lines) == 9
    assert [line for line in lines if ENGLISH.search(outside_quotes(line)) or "无法使用" in line] == []


def test_what_another_program_says_is_quoted_in_a_chinese_sentence():
    said = original(EngineError("the flows of this stock have no unit at all."))
    error = DocumentError([fault("model.refused", "model.yaml", 3, "x", said=said)])

    line = told(error, catalogue("zh"))

    assert "（英文原文）“the flows of this stock have no unit at all.”" in line
    assert not ENGLISH.search(outside_quotes(line))
    assert detail(EngineError("it diverged."), catalogue("zh")).splitlines() == [
        "程序给出的说明（英文原文）：",
        "it diverged.",
    ]


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

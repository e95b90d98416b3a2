"""The characters of older files: Chinese ones are read as Chinese, Western ones as Western."""

from __future__ import annotations

import pytest

from innovation.engine.frontend.encoding import text_of
from innovation.engine.model import load_model

CONTROLS = "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n"


@pytest.mark.parametrize("encoding", ["gb18030", "gbk", "gb2312", "utf-8", "utf-8-sig"])
def test_a_chinese_file_is_read_in_the_encodings_of_its_time(tmp_path, encoding):
    path = tmp_path / "model.mdl"
    path.write_bytes(
        f"财政科技投入 = 3 ~ 亿元 ~ 每年的投入。|\r\n专利 = 财政科技投入*2 ~~|\r\n{CONTROLS}".encode(encoding)
    )

    model = load_model(path)

    assert model.run()["专利"].values[0].tolist() == [6, 6]
    assert model.variables["财政科技投入"].unit == "亿元"


@pytest.mark.parametrize(
    "text",
    ["Größe = 5 ~ m² ~ für später", "Zürich = 1", "été = à·côté", "ÉTÉ ÀÉ = 3", "Übergrößenträger äöüß", "año – niño"],
)
def test_a_western_file_is_no_chinese_one(text):
    assert text_of(text.encode("cp1252")) == text.encode("cp1252").decode("latin-1")


@pytest.mark.parametrize("text", ["朱镕基 = 5", "研发（万元）：增长", "a = 1 ~ 元 ~ 喆", "科技。“引号”、顿号"])
def test_a_few_rare_characters_and_chinese_marks_do_not_mislead(text):
    assert text_of(text.encode("gb18030")) == text


def test_a_data_set_is_read_in_the_encoding_of_its_model(tmp_path):
    path = tmp_path / "model.mdl"
    settings = "\n\\\\\\---/// Sketch\n///---\\\\\\\n:L<%^E!@\n13:数据.vdf\n"
    path.write_bytes(f"专利申请 ~~|\ny = 专利申请*2 ~~|\n{CONTROLS}{settings}".encode("gb18030"))
    (tmp_path / "数据.tab").write_bytes("Time\t专利申请\n0\t3\n1\t5\n".encode("gb18030"))

    assert load_model(path).run()["y"].values[0].tolist() == [6, 10]

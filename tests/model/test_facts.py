"""Facts that no single year holds are read strictly; what is wrong with them comes at once."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from model import City, CityError, load_city
from model.facts import read_facts

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"
GOOD = """
facts:
  output_sum: {indicator: output, operator: sum, first: 2006, last: 2010, value: 9,
    unit: u, source: Plan2012, section_or_address: 一}
reasons:
  output: {en: It is a toy., zh: 玩具。}
conflicts: {}
unused: {}
"""


def toy_with(folder: Path, text: str) -> City:
    shutil.copytree(TOY_CITY, folder / "toy")
    (folder / "toy" / "facts.yaml").write_text(text, encoding="utf-8")
    return load_city(folder / "toy")


def test_a_right_file_gives_its_facts_and_reasons(tmp_path):
    facts = read_facts(toy_with(tmp_path, GOOD))

    assert facts.facts["output_sum"].first == 2006
    assert facts.reasons["output"].en == "It is a toy."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("indicator: output", "indicator: outpt", "Did you mean: output"),
        ("indicator: output", "variable: knowlege", "Did you mean: knowledge"),
        ("first: 2006, ", "", '"first" belongs to growth and sums'),
        ("first: 2006", "first: 2011", "must be before last"),
        ("last: 2010", "last: 2040", "The year 2040 has no figure"),
        ("source: Plan2012", "source: Plan2013", "Did you mean: Plan2012"),
        ("operator: sum", "operator: total", "must be one of"),
        ("value: 9", "value: 9, counts: false", "says why"),
        ("  output: {en", "  outputs: {en", "Did you mean: output"),
    ],
)
def test_a_fact_that_is_wrong_is_told_with_its_line_and_remedy(tmp_path, old, new, said):
    assert GOOD.count(old) == 1

    with pytest.raises(CityError, match=re.escape(said)) as caught:
        read_facts(toy_with(tmp_path, GOOD.replace(old, new)))

    assert all(fault.line for fault in caught.value.faults)

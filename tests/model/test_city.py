"""The registries and the model file as one city, and everything on which they can disagree."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from innovation.model.calendar import HORIZON, PLAN_BEGINS, PLAN_ENDS, PLAN_YEARS, RECORD_BEGINS, RECORD_ENDS
from innovation.model.loading import CityError, load_city

TOY_CITY = Path(__file__).parents[1] / "models" / "toy_city"
PLAN = Path(__file__).parents[2].parent / "shared" / "plan"

Spoil = Callable[[str, str, str], None]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY_CITY, tmp_path / "toy"))


@pytest.fixture
def spoil(copy: Path) -> Spoil:
    def change(file: str, old: str, new: str) -> None:
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def tension(more: str = "output", en: str = "{more} {than}") -> str:
    """A tension before the section of the last target of the toy city."""
    return f'tension: {{more: "{more}", than: output, unit: percent, en: "{en}", zh: "{{more}} {{than}}"}}, section: 五'


def faults_of(folder: Path) -> str:
    with pytest.raises(CityError) as caught:
        load_city(folder)
    return str(caught.value)


def test_the_toy_city_knows_its_constants_and_figures(toy_city):
    assert toy_city.years == range(2005, 2026)
    assert toy_city.practice("science_share") == 0.02
    assert toy_city.practice("electronics_demand") == 0.06
    assert toy_city.nominal("initial output[ materials ]") == 200
    assert toy_city.parameter("trend growth[materials]").role == "uncertain"
    assert toy_city.parameter("initial output[materials]").role == "initial"


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("parameters.yaml", "forgetting:", "forgeting:", ["line 8", "forgetting", '"forgetting" (line']),
        ("parameters.yaml", '"trend growth[materials]"', '"trend growth[metals]"', ["growth[materials]", "entry"]),
        ("parameters.yaml", "low: 0.05, high: 0.4", "low: 0.2, high: 0.4", ["line 8", "0.15 of forgetting lies"]),
        ("parameters.yaml", "low: 0.05, high: 0.4", "low: 0.5, high: 0.4", ["low 0.5 is above high 0.4"]),
        ("parameters.yaml", "source: Hall2007", "source: Hal2007", ['source "Hal2007" does not exist', "Hall2007"]),
        ("parameters.yaml", "role: fixed", "role: fixd", ["must be one of", "Did you mean: fixed"]),
        ("parameters.yaml", "TN(.15,.05)", "TN(.15)", ["line 8", "two numbers"]),
        ("parameters.yaml", ', prior: "TN(.15,.05)"', "", ["needs a prior"]),
        ("parameters.yaml", "high: 0.4", 'high: "0.4"', ["line 8, forgetting, high", 'the text "0.4"']),
        ("parameters.yaml", "role: lever, low: 0, high: 0.1", "role: fixed, low: 0, high: 0.1", ['not "lever"']),
        ("indicators.yaml", "variable: platforms", "variable: platform", ["indicators.yaml", "Did you mean"]),
        ("indicators.yaml", "industry output[electronics]", "industry output", ["does not name one number"]),
        ("indicators.yaml", "[electronics]", "[electronic]", ["not an element of industry", "electronics"]),
        ("indicators.yaml", "  zh: 平台\n", "", ["Missing: zh"]),
        ("indicators.yaml", "zh: 平台", "zh: ''", ["must not be empty"]),
        ("indicators.yaml", "first_year: 2006", "first_year: 1999", ["1999 has no figure"]),
        ("indicators.yaml", "first_year: 2011", "first_year: 2005", ["sums from 2011"]),
        ("targets.yaml", "platforms: {", "platformz: {", ['no indicator "platformz"', "platforms"]),
        ("targets.yaml", "high: 60, ", "", ["range"]),
        ("targets.yaml", "kind: input, ", "", ["line 2, science_share", "Missing: kind"]),
        ("targets.yaml", "kind: input", "kind: inputs", ["science_share, kind", "'result', 'count' or 'input'"]),
        ("targets.yaml", "section: 五", "no_base_en: none, section: 五", ["no_base_en and no_base_zh go together"]),
        ("targets.yaml", "section: 五", tension(more="platform + 1"), ["tension, more", 'no indicator "platform"']),
        ("targets.yaml", "section: 五", tension(more="platforms.goal"), ["is not a formula", "gdp.target"]),
        ("targets.yaml", "section: 五", tension(more="electronics_output.target"), ['no target "electronics_output"']),
        ("targets.yaml", "section: 五", tension(more="platforms[1999]"), ["1999 has no figure"]),
        ("targets.yaml", "section: 五", tension(en="{more} above"), ["needs places for {more} and {than}"]),
        ("targets.yaml", "section: 五", tension(en="{more} {than} {outputs}"), ['no target "outputs"', "output"]),
        ("targets.yaml", "section: 五", tension(en="{more {than}"), ["cannot be filled in"]),
        ("targets.yaml", "sum 2011-2015", "sum 2011-2014", ["does not end"]),
        ("levers.yaml", "constant: science share", "constant: science shore", ["Did you mean", "science share"]),
        ("levers.yaml", "constant: science share", "constant: forgetting", ['has role "uncertain"', 'under "levers"']),
        ("levers.yaml", "constant: trend growth[electronics]", "constant: forgetting", ['not "assumption"']),
        ("levers.yaml", "plan: 0.035", "plan: 0.35", ["0.35 lies outside 0 … 0.1"]),
        ("levers.yaml", "high: 0.1\n", "high: 0.2\n", ["wider than the bounds"]),
        ("levers.yaml", "group: world", "group: word", ["Did you mean: world"]),
        ("levers.yaml", "levers:", "lever:", ['"lever" is not a field here', "levers"]),
        ("levers.yaml", "constant: platform share", "constant: research share", ["changes the constant", "already"]),
        ("toy.mdl", "platform share = 0.4", "platform share = 0.3", ["sum to 0.9 in 2010 practice"]),
        ("sources.bib", "Solow1957", "Hall2007", ["Hall2007 stands here a second time"]),
    ],
)  # fmt: skip
def test_one_fault_in_one_file_is_told_with_its_place_and_remedy(copy, spoil, file, old, new, words):
    spoil(file, old, new)

    told = faults_of(copy)

    assert all(word in told for word in words), told


def test_faults_of_several_files_come_at_once(copy, spoil):
    spoil("parameters.yaml", "role: fixed", "role: fixd")
    spoil("indicators.yaml", "decimals: 0", "decimals: many")
    spoil("targets.yaml", "value: 1100", "value: true")
    (copy / "loops.yaml").unlink()

    told = faults_of(copy)

    assert told.startswith("4 faults")
    assert all(file in told for file in ("parameters.yaml", "indicators.yaml", "targets.yaml", "loops.yaml"))


def test_a_folder_without_a_model_file_is_named(tmp_path):
    assert "No file ends in .mdl" in faults_of(tmp_path)
    assert "There is no such folder" in faults_of(tmp_path / "nowhere")


def rows_of_the_plan(name: str) -> dict[str, dict[str, str]]:
    if not (PLAN / name).exists():
        pytest.skip(f"the plan's {name} is not beside this repository")
    with (PLAN / name).open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def test_the_citys_targets_are_the_plans(city):
    plan = rows_of_the_plan("plan_targets.csv")

    ours = {
        name: (target.sense, target.aggregate, target.year, target.value, target.high, target.section)
        for name, target in city.targets.items()
    }

    assert ours == {
        name: (
            row["sense"], row["aggregate"], int(row["year"]), float(row["value"]),
            float(row["value_high"]) if row["value_high"] else None, row["section"],
        )
        for name, row in plan.items()
    }  # fmt: skip
    assert {name: city.indicators[name].unit for name in plan} == {name: row["unit"] for name, row in plan.items()}
    assert {name: city.indicators[name].zh for name in plan} == {name: row["name_zh"] for name, row in plan.items()}


def test_the_model_file_keeps_to_the_calendar_of_the_plan(city):
    dates = {name: city.nominal(name) for name in ("policy start", "plan end", "last published mid year")}

    assert (city.years[0], city.years[-1]) == (RECORD_BEGINS, HORIZON)
    assert dates == {
        "policy start": PLAN_BEGINS,
        "plan end": PLAN_ENDS + 1,
        "last published mid year": RECORD_ENDS + 0.5,
    }
    assert list(PLAN_YEARS) == list(range(PLAN_BEGINS, PLAN_ENDS + 1))
    assert max(target.year for target in city.targets.values()) == PLAN_ENDS

"""Each remedy that a design's fault prints is done here as it is printed, and then works."""

from __future__ import annotations

from pathlib import Path

import pytest

import cli
from innovation.analysis.analysis_folder import analyse
from innovation.analysis.design.checking import make_study, scenario_of
from innovation.analysis.design.design import DesignError, parse_design
from innovation.analysis.indices.rankings import rank
from innovation.analysis.sweeps.exploring import explored
from innovation.analysis.sweeps.results import read_results
from innovation.model.city import City
from innovation.model.files.faults import DocumentError
from innovation.model.files.yaml_documents import parse_document, read_document

TOY = Path(__file__).parents[1] / "models" / "toy_city" / "toy.mdl"
TEXT = """\
schema: 1
method: latin_hypercube
size: 100
factors:
  - {constant: knowledge elasticity, range: [0.01, 0.1]}
  - {lever: science_share, range: [0.01, 0.05], from: 2012, ramp: 2}
outputs: [output]
years: [2015]
"""


def read(city: City, text: str) -> None:
    """What `sweep` does with a design before it runs."""
    design, document = parse_design(text, "design.yaml")
    make_study(city, design, scenario_of(city, design, Path("design.yaml")), None, document)


@pytest.mark.parametrize(
    ("old", "new", "said", "remedy"),
    [
        ("from: 2012", "from: 2012-01-01", "write 2012, or 2012.5 for the middle of it.", "from: 2012.5"),
        ("from: 2012", 'from: "2012"', "Write 2012 without quotation marks.", "from: 2012"),
        ("ramp: 2", "ramp: two years", "Write a number alone, such as 2012.5 or 0.03.", "ramp: 2.0"),
        ("size: 100", "size: 1e4", "Write 10000.", "size: 10000"),
        ("size: 100", "size: 12.5", "Write it in digits alone, such as 2012.", "size: 2012"),
        ("size: 100", 'size: "100"', "Write 100 without quotation marks.", "size: 100"),
        ("[0.01, 0.1]", "[nan, 0.1]", "or posterior; found the list [nan, 0.1]", "[0.01, 0.1]"),
        ("[0.01, 0.1]", "[.nan, 0.1]", "two finite numbers", "[0.01, 0.1]"),
        ("[0.01, 0.1]", "[0.01, .inf]", "two finite numbers", "[0.01, 0.1]"),
        ("[0.01, 0.1]", "[0.01, 0.05, 0.1]", "found the list [0.01, 0.05, 0.1]. Separate values are not supported",
         "[0.01, 0.1]"),
        (", range: [0.01, 0.1]", "", "has one of constant, lever and input, and a range", ", range: [0.01, 0.1]"),
        ("constant: knowledge elasticity, ", "", "A factor names one of: constant, lever, input",
         "constant: knowledge elasticity, "),
        ("[2015]", "[2015-01-01]", "such as [2010, 2015, 2020]; found the list [2015-01-01]", "[2010, 2015, 2020]"),
        ("constant: knowledge elasticity", "constant: science share", "varied a second", "constant: platform cost"),
        ("constant: knowledge elasticity", "constant: TIME STEP", "one number for all members",
         "constant: knowledge elasticity"),
        ("latin_hypercube", "sobol", "Next: 128.", "sobol\nsize: 128"),
        ("size: 100", "size: 100\nlevels: 6", "levels belongs to method morris", "size: 100"),
        ("latin_hypercube", "morris\nlevels: 5", "Next: 6.", "morris\nlevels: 6"),
        ("size: 100", "size: 100\nsecond_order: true", "second_order belongs to method sobol", "size: 100"),
        ("[0.01, 0.1]", "[0.1, 0.01]", "found [0.1, 0.01]. They are inverted.", "[0.01, 0.1]"),
    ],
)  # fmt: skip
def test_what_a_fault_says_to_write_works(toy_city, old, new, said, remedy):
    assert old in TEXT
    with pytest.raises(DesignError) as caught:
        read(toy_city, TEXT.replace(old, new, 1))

    text = TEXT.replace(old, remedy, 1)
    if "size: 128" in remedy:
        text = text.replace("size: 100\n", "")
    read(toy_city, text.replace("[0.01, 0.1]", "[3, 5]") if "platform cost" in remedy else text)
    assert said in str(caught.value)


def test_a_grid_of_every_constant_is_refused_in_a_number_one_can_read(city):
    names = [name for name in city.parameters if city.parameters[name].role == "uncertain" and "[" not in name]
    names = [name for name in names if not city.model.variables[name].dims]
    text = "schema: 1\nmethod: grid\nsize: 100\nfactors:\n"
    for name in names:
        nominal = city.nominal(name)
        low, high = sorted((nominal, nominal * 1.0001 or 1e-4))
        text += f"  - {{constant: {name}, range: [{low!r}, {high!r}]}}\n"

    with pytest.raises(DesignError, match=r"has about 10\^\d+ members(.|\n)*smaller size or fewer factors"):
        read(city, text)


def test_a_scenario_is_found_beside_the_design(capsys, toy_city, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "elsewhere").mkdir()
    scenario = (
        "schema: 2\nid: mine\ntitle: {en: Mine, zh: 我的}\nquestion: {en: What?, zh: 如何？}\nsource: judgement\n"
    )
    changed = [f"  - {{lever: {name}, from: 2012, to: {to}}}\n" for name, to in
               (("platform_share", 0.4), ("research_share", 0.6))]  # fmt: skip
    change = "policies:\n" + "".join(changed)
    (tmp_path / "mine" / "scenario.yaml").write_text(scenario + change, encoding="utf-8")
    design = tmp_path / "mine" / "design.yaml"
    design.write_text(TEXT.replace("method", "scenario: scenario.yaml\nmethod", 1), encoding="utf-8")
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert cli.main(["sweep", str(design), "--model", str(TOY), "--out", str(tmp_path / "out"), "--quiet"]) == 0

    assert "id: mine" in read_results(tmp_path / "out").manifest["scenario"]
    (tmp_path / "mine" / "scenario.yaml").unlink()
    assert cli.main(["sweep", str(design), "--model", str(TOY), "--dry-run"]) == 2
    assert "scenario.yaml\n  There is no such file." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("method: sobol\nsize: 2\n", "method: sobol\nsize: 64\n"),
        ("method: morris\nsize: 5\n", "method: morris\nsize: 100\n"),
        ("method: monte_carlo\nsize: 50\n", "method: monte_carlo\nsize: 100\n"),
        ("method: latin_hypercube\nsize: 50\n", "method: latin_hypercube\nsize: 100\n"),
    ],
)
def test_too_few_members_are_mended_by_the_size_that_is_named(ishigami, study_of, three, before, after):
    with pytest.raises(DocumentError, match="larger size") as caught:
        rank(explored(study_of(ishigami, f"{before}years: [2011]\n{three}")), 2011)

    rank(explored(study_of(ishigami, f"{after}years: [2011]\n{three}")), 2011)
    assert after.split()[-1] in str(caught.value) or "morris" in after


def test_one_factor_by_morris_is_mended_by_a_grid(ishigami, study_of):
    text = "size: 100\nyears: [2011]\nfactors:\n  - {constant: first, range: [-1, 1]}\n"
    with pytest.raises(DocumentError, match="of one factor or two: method grid"):
        rank(explored(study_of(ishigami, f"method: morris\n{text}")), 2011)

    found = rank(explored(study_of(ishigami, f"method: grid\n{text}")), 2011)

    assert found.value[0, 0] == pytest.approx(1)


def test_a_grid_with_a_hole_is_mended_by_a_latin_hypercube(ishigami, study_of):
    text = "size: 400\nyears: [2011]\noutputs: [root]\nfactors:\n  - {constant: first, range: [-1, 3]}\n"
    with pytest.raises(DocumentError, match="with method latin_hypercube"):
        rank(explored(study_of(ishigami, f"method: grid\n{text}")), 2011)

    assert rank(explored(study_of(ishigami, f"method: latin_hypercube\n{text}")), 2011).counted.used == 300


def test_a_damaged_part_is_mended_by_deleting_it_and_the_same_command(toy_city, tmp_path, capsys):
    design = tmp_path / "design.yaml"
    design.write_text(TEXT, encoding="utf-8")
    command = ["sweep", str(design), "--model", str(TOY), "--out", str(tmp_path / "out"), "--quiet"]
    cli.main(command)
    part = tmp_path / "out" / "results" / "part-00000.parquet"
    whole = part.read_bytes()
    part.write_bytes(whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])

    with pytest.raises(DocumentError, match="Delete it and give the command that made the folder again"):
        analyse(read_results(tmp_path / "out"))
    part.unlink()
    with pytest.raises(DocumentError, match=r"The file is not there.\s+Give the command that made the folder again"):
        analyse(read_results(tmp_path / "out"))

    assert cli.main(command) == 0
    assert part.read_bytes() == whole


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["batch", "baseline", "--seed", "3", "--members", "5"], "Add --prior, or leave --seed out."),
        (["sweep", "{design}", "--posterior", "mine.parquet"], "Leave --posterior out, or write range: posterior."),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(capsys, tmp_path, arguments, said):
    design = tmp_path / "design.yaml"
    design.write_text(TEXT, encoding="utf-8")
    given = [one.format(design=design) for one in arguments]

    status = cli.main([*given, "--model", str(TOY), "--out", str(tmp_path / "out")])

    assert status == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("wrong", "line", "mark", "plain"),
    [
        ("source：own", 2, "：", ":"),
        ("items:\n  - {lever: some_lever， from: 2011}", 3, "，", ","),
        ("items:\n  - ｛lever: some_lever｝", 3, "｛", "{"),
        ("range: ［1, 2］", 2, "［", "["),
    ],
)
def test_full_width_marks_are_named_with_what_to_write(wrong, line, mark, plain):
    document = parse_document(f"title: 我的，情景：一\n{wrong}\nlast: 1\n", "x.yaml")

    said = [fault for fault in document.faults if f"full-width {mark} " in fault.message]
    assert [fault.line for fault in said] == [line]
    assert said[0].remedy == f"Write {plain} instead."
    mended = wrong
    for wide, narrow in {"：": ":", "，": ",", "｛": "{", "｝": "}", "［": "[", "］": "]"}.items():
        mended = mended.replace(wide, narrow + (" " if wide == "：" else ""))
    assert parse_document(f"title: 我的，情景：一\n{mended}\nlast: 1\n", "x.yaml").faults == ()


def test_full_width_marks_in_words_are_words(tmp_path):
    (tmp_path / "x.yaml").write_text("title: {en: Mine, zh: 我的：一，二}\nnote: “引”，如此：好\n", encoding="utf-8")

    assert read_document(tmp_path / "x.yaml").faults == ()

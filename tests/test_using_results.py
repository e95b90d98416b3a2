"""docs/using-results.md and its notebook do what they say: every Python example runs, every named file is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import yaml

import cli
from innovation.analysis.design.checking import make_study
from innovation.analysis.design.design import design_schema, parse_design, read_design
from innovation.analysis.design.factors import Distributions
from innovation.calibration.priors.space import Space
from innovation.scenarios.scenario_files import library, load_scenario
from innovation.scenarios.schema import scenario_schema

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "using-results.md"
NOTEBOOK = ROOT / "docs" / "notebooks" / "from-scenario-to-figure.ipynb"
DESIGNS = sorted((ROOT / "analysis" / "library").glob("*.yaml"))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_the_examples_of_the_page_run(tmp_path, monkeypatch, capsys):
    pytest.importorskip("duckdb")
    monkeypatch.chdir(tmp_path)
    design = (ROOT / "analysis" / "library" / "discovery.yaml").read_text(encoding="utf-8")
    Path("design.yaml").write_text(design.replace("size: 20000", "size: 200"), encoding="utf-8")
    batch = ["batch", "baseline", "plan_as_written", "--members", "40", "--prior", "--seed", "1", "--out", "out/batch"]
    assert cli.main([*batch, "--quiet"]) == 0
    assert cli.main(["sweep", "design.yaml", "--out", "out/sweep", "--quiet"]) == 0
    assert cli.main(["analyse", "out/sweep", "--quiet"]) == 0

    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(compile(block, PAGE.name, "exec"), names)

    said = capsys.readouterr().out
    assert "plan_as_written" in said
    assert set(names["both"]["member"]) <= set(range(200))
    for folder in ("batch", "sweep"):
        written = {path.name for path in Path("out", folder).iterdir()} - {".lock"}
        named = {name for name in written if re.search(rf"[`/]?{re.escape(name)}", PAGE.read_text(encoding="utf-8"))}
        assert named == written
    assert (Path("out/sweep/analysis") / "summary.md").is_file()


@pytest.mark.slow
def test_the_notebook_runs_from_a_scenario_to_a_figure(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    names: dict[str, object] = {}

    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            text = "".join(cell["source"]).replace('Path("out/notebook")', f"Path({str(tmp_path)!r})")
            exec(compile(text, cell["id"], "exec"), names)

    assert (tmp_path / "rd_intensity.svg").is_file()
    assert "What matters most in 2015" in capsys.readouterr().out
    assert all(not cell.get("outputs") for cell in notebook["cells"])


def test_the_design_on_the_page_can_be_used(city):
    design, document = parse_design(blocks("yaml")[0])
    distributions = Distributions(Space(city))

    study = make_study(city, design, load_scenario(city, design.scenario), distributions, document)

    assert study.plan.members == 1024 * 10
    jsonschema.validate(yaml.safe_load(blocks("yaml")[0]), design_schema())


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_a_design_of_the_library_can_be_used(city, path):
    design, document = read_design(path)
    space = Space(city)
    draws = {name: np.zeros(3) for name in space.names}

    study = make_study(city, design, load_scenario(city, design.scenario), Distributions(space, draws, "0"), document)

    assert len(study.names) >= space.d


def test_the_schemas_kept_beside_the_page_are_current():
    for name, schema in (("design", design_schema()), ("scenario", scenario_schema())):
        kept = json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
        assert kept == json.loads(json.dumps(schema)), f"run: cli.py schema {name} > docs/schemas/{name}.json"


def test_the_schema_of_scenarios_takes_the_library():
    for path in library().values():
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), scenario_schema())

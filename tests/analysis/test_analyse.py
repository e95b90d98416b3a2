"""The page of words and the tables: every verdict is told, one year's analysis does not undo another's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from innovation.analysis.analysis_folder import analyse
from innovation.analysis.sweeps.results import read_results
from innovation.analysis.sweeps.sweep_folder import sweep
from innovation.model.files.faults import DocumentError


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def swept(study_of, city, folder: Path, text: str):
    sweep(study_of(city, text), folder, double=True)
    return read_results(folder)


def test_one_years_analysis_leaves_anothers(ishigami, study_of, three, tmp_path):
    text = f"method: sobol\nsize: 64\noutputs: [ishigami, late]\nyears: [2010, 2011]\n{three}"
    results, folder = swept(study_of, ishigami, tmp_path, text), tmp_path / "analysis"
    analyse(results, [2010])
    early = rows_of(folder / "sobol.csv")

    found = analyse(read_results(tmp_path), [2011])

    rows = rows_of(folder / "sobol.csv")
    assert [row for row in rows if row["year"] == "2010"] == early
    assert {row["output"] for row in rows if row["year"] == "2011"} == {"ishigami", "late"}
    assert "What matters most in 2010" in found.words
    assert "What matters most in 2011" in found.words
    assert (folder / "heat-map-2010.svg").is_file()
    both = {path.name: path.read_bytes() for path in folder.iterdir()}
    analyse(read_results(tmp_path), [2010])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == both


def test_what_another_sweep_left_in_the_folder_does_not_mix_in(ishigami, study_of, three, tmp_path):
    text = "method: monte_carlo\nsize: 200\nseed: {}\nyears: [2010, 2011]\n{}"
    analyse(swept(study_of, ishigami, tmp_path / "one", text.format(1, three)), [2010])
    results = swept(study_of, ishigami, tmp_path / "two", text.format(2, three))
    (tmp_path / "one" / "analysis").rename(tmp_path / "two" / "analysis")

    analyse(results, [2011])

    assert {row["year"] for row in rows_of(tmp_path / "two" / "analysis" / "cramer_von_mises.csv")} == {"2011"}
    assert not (tmp_path / "two" / "analysis" / "heat-map-2010.svg").exists()


def test_a_table_that_somebody_changed_is_refused_and_no_file_of_theirs_is_deleted(ishigami, study_of, three, tmp_path):
    text = f"method: monte_carlo\nsize: 200\nyears: [2010, 2011]\n{three}"
    analyse(swept(study_of, ishigami, tmp_path, text))
    folder = tmp_path / "analysis"
    table = folder / "cramer_von_mises.csv"
    written = table.read_text()
    table.write_text(f"{written}my note\n")

    with pytest.raises(DocumentError, match=r"mises\.csv is not as .* wrote it(.|\n)*Delete it, and analyse all years"):
        analyse(read_results(tmp_path), [2011])

    table.write_text(written)
    (folder / "notes.txt").write_text("mine")
    account = json.loads((folder / "analysis.json").read_text())
    account |= {"sweep": "another", "files": [*account["files"], "notes.txt"]}
    (folder / "analysis.json").write_text(json.dumps(account))
    analyse(read_results(tmp_path), [2011])
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("low", "high", "said", "missed"),
    [
        ("-3", "-1", "misses its target of 2011 in all 300 members: no range", "300"),
        ("1", "3", "meets its target of 2011 in all 300 members.", "0"),
        ("-1", "1", "misses its target of 2011 mostly when first < ", "150"),
    ],
)
def test_a_target_that_all_miss_or_meet_has_its_sentence(ishigami, study_of, tmp_path, low, high, said, missed):
    factors = (
        f"factors:\n  - {{constant: first, range: [{low}, {high}]}}\n  - {{constant: second, range: [-0.01, 0.01]}}\n"
    )

    found = analyse(
        swept(study_of, ishigami, tmp_path, f"method: latin_hypercube\nsize: 300\nyears: [2011]\n{factors}")
    )

    assert said in found.words
    (row,) = rows_of(tmp_path / "analysis" / "misses.csv")
    assert int(row["missed"]) == pytest.approx(int(missed), abs=2)
    assert (row["used"], row["of"]) == ("300", "300")
    assert float(row["error"]) > 0


@pytest.mark.parametrize(
    ("method", "size"), [("sobol", 64), ("morris", 40), ("grid", 9), ("monte_carlo", 200), ("latin_hypercube", 200)]
)
def test_an_output_that_nothing_moves_is_told_so_in_words_and_in_each_row(ishigami, study_of, tmp_path, method, size):
    text = f"method: {method}\nsize: {size}\noutputs: [bend, ishigami]\nyears: [2011]\nfactors:\n"
    text += "  - {constant: first, range: [-3, 3]}\n  - {constant: second, range: [-3, 3]}\n"

    found = analyse(swept(study_of, ishigami, tmp_path, text))

    assert "- bend: the same in all members" in found.words
    (table,) = (tmp_path / "analysis" / name for name in found.files if name in
                ("sobol.csv", "morris.csv", "anova.csv", "cramer_von_mises.csv"))  # fmt: skip
    for row in rows_of(table):
        figures = [
            value for name, value in row.items() if name not in ("output", "year", "factor", "used", "of", "note")
        ]
        assert (row["note"] == "the same in all members") is (row["output"] == "bend")
        assert not any(figures) if row["output"] == "bend" else all(figures[:1])
        assert "nan" not in figures


def test_how_many_of_all_count_stands_in_words_tables_and_json(ishigami, study_of, three, tmp_path):
    text = f"method: monte_carlo\nsize: 11000\nyears: [2011]\n{three}"

    found = analyse(swept(study_of, ishigami, tmp_path, text))

    assert "10,000 of 11,000 members used; a sample spread over all, the other 1,000 left aside." in found.words
    assert {(row["used"], row["of"]) for row in rows_of(tmp_path / "analysis" / "cramer_von_mises.csv")} == {
        ("10000", "11000")
    }
    account = json.loads((tmp_path / "analysis" / "analysis.json").read_text())
    assert (account["used"], account["of"]) == (found.used, found.units) == (10_000, 11_000)


def test_a_year_without_figures_is_told_with_the_first_that_has_some(ishigami, study_of, three, tmp_path):
    results = swept(
        study_of, ishigami, tmp_path, f"method: monte_carlo\nsize: 200\noutputs: [late]\nyears: [2010, 2011]\n{three}"
    )

    with pytest.raises(DocumentError, match="Outputs begin in 2011"):
        analyse(results, [2010])
    with pytest.raises(DocumentError, match=r"no figures of 2012(.|\n)*The sweep kept 2010, 2011"):
        analyse(results, [2012])

    assert np.isfinite(results.figures(2011, np.arange(200))).all()

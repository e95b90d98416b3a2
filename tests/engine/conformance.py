"""The field's conformance models against their canonical outputs; they lie beside the checkout, or nowhere.

``python -m tests.engine.conformance`` writes the table in docs/engine.md, which the tests hold the engine to.
"""

from __future__ import annotations

import csv
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from engine import EngineError, Model, UnsupportedError, load_model, normalised_name

SUITE = Path(__file__).parents[3] / "shared" / "test-models"
DOCUMENT = Path(__file__).parents[2] / "docs" / "engine.md"
TOLERANCE = 1e-4  # the suite's own: max|ours - canonical| / max|canonical| in every column
BEGIN, END = "<!-- conformance: generated -->", "<!-- end of conformance -->"


@dataclass(frozen=True)
class Outcome:
    """What became of a model file: 'passed', 'refused' by name, 'unreadable', 'failed', or 'no output' to compare."""

    status: str
    detail: str = ""


def model_files() -> list[Path]:
    """All model files of the suite."""
    return sorted(path for kind in ("mdl", "xmile", "stmx", "itmx") for path in SUITE.rglob(f"*.{kind}"))


def canonical_output(path: Path) -> Path | None:
    """The output that a model file should give."""
    if path.stem == "model_to_generate_data":  # the folder's output is another model's
        return None
    names = ("output.csv", "output.tab", f"{path.stem}.tab")
    return next((path.parent / name for name in names if (path.parent / name).exists()), None)


def read_table(path: Path) -> dict[str, np.ndarray]:
    """The columns of a canonical output; blank fields are NaN."""
    text = path.read_text(encoding="utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    rows = [row for row in csv.reader(text.splitlines(), delimiter="\t" if path.suffix == ".tab" else ",") if any(row)]
    head = [name.strip() for name in rows[0]]
    table = np.full((len(rows) - 1, len(head)), np.nan)
    for number, row in enumerate(rows[1:]):
        for column, field in enumerate(row[: len(head)]):
            try:
                table[number, column] = float(field)
            except ValueError:
                continue
    return {name: table[:, column] for column, name in enumerate(head) if name}


def check(path: Path) -> Outcome:
    """Run one model file and compare each column of its canonical output."""
    output = canonical_output(path)
    if output is None:
        return Outcome("no output")
    try:
        model = load_model(path)
        return compare(model, read_table(output))
    except UnsupportedError as error:
        reasons = dict.fromkeys(
            re.split(r" is not supported| changes| must be|\.", fault.message)[0] for fault in error.faults
        )
        return Outcome("refused", ", ".join(reasons))
    except EngineError as error:
        fault = getattr(error, "faults", [str(error)])[0]
        return Outcome("unreadable" if hasattr(error, "faults") else "failed", str(fault))


def compare(model: Model, columns: dict[str, np.ndarray]) -> Outcome:
    """The model's own run against the columns of its canonical output."""
    data = model.run()
    time = columns.pop(next(name for name in columns if name.lower() in ("time", "months")))
    ours = data["time"].values
    places = [int(np.argmin(np.abs(ours - moment))) for moment in time]
    off = np.abs(ours[places] - time) > 1e-4 * np.maximum(1, np.abs(time))
    if off.any():
        return Outcome("failed", f"no value at time {time[off][0]:g}")
    names = {normalised_name(str(name)): data[name] for name in data.data_vars}
    for head, canonical in columns.items():
        bare, _, inside = head.partition("[") if not head.startswith('"') else (head, "", "")
        values = names.get(normalised_name(bare))
        if values is None:
            continue
        got = values.isel(member=0)
        for dim, text in zip(values.dims[2:], inside.rstrip("]").split(","), strict=False):
            labels = [normalised_name(str(label)) for label in got[dim].values]
            got = got.isel({dim: labels.index(normalised_name(text))}, drop=True)
        known = ~np.isnan(canonical)
        if got.ndim > 1 or not known.any():
            continue
        error = np.max(np.abs(got.values[places] - canonical)[known])
        if not error < TOLERANCE * (np.max(np.abs(canonical[known])) or 1.0):
            return Outcome("failed", f"{head} is off by {error:.3g}")
    return Outcome("passed")


def expected() -> dict[str, Outcome]:
    """The outcomes that docs/engine.md lists, by file; a file it does not list passes."""
    table = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*) \|$", table, re.MULTILINE)
    return {name: Outcome(status.strip(), detail.strip()) for name, status, detail in rows}


def table(outcomes: dict[str, Outcome]) -> str:
    """The generated part of docs/engine.md."""
    counts = {
        status: sum(one.status == status for one in outcomes.values()) for status in ("passed", "refused", "unreadable")
    }
    without = sum(one.status == "no output" for one in outcomes.values())
    lines = [
        f"Of {len(outcomes)} model files {without} have no canonical output; of the other {len(outcomes) - without}, "
        f"{counts['passed']} pass, {counts['refused']} are refused by name, and {counts['unreadable']} are unreadable: "
        "their equations are no XMILE or call macros that the file does not hold.",
        "",
        "| File | Outcome | What stands in the way |",
        "|---|---|---|",
    ]
    for name, one in outcomes.items():
        if one.status not in ("passed", "no output"):
            detail = one.detail.replace("|", "/").replace("\n", " ")
            lines.append(f"| `{name}` | {one.status} | {detail} |")
    return "\n".join(lines)


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder, mock.patch("platformdirs.user_cache_path", lambda *_: Path(folder)):
        outcomes = {path.relative_to(SUITE).as_posix(): check(path) for path in model_files()}
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(outcomes)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

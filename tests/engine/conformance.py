"""The field's conformance models (``field_models`` fetches them) against their canonical outputs.

``python -m tests.engine.conformance`` writes the table in docs/engine.md, which the tests hold the engine to. It runs
PySD and pysimlin as well, on the files that the engine does not pass.
"""

from __future__ import annotations

import csv
import itertools
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np

from innovation.engine.errors import EngineError, UnsupportedError
from innovation.engine.ir.structure import normalised_name
from innovation.engine.model import load_model
from tests.engine import oracles
from tests.engine.field_models import SUITE

DOCUMENT = Path(__file__).parents[2] / "docs" / "engine.md"
TOLERANCE = 1e-4  # the suite's own: max|ours - canonical| / max|canonical| in every column
BEGIN, END = "<!-- conformance: generated -->", "<!-- end of conformance -->"
OUTSIDE = ("ALLOCATE", "GET ", "VECTOR")  # functions that stand outside what the engine says it computes
EULER = "tests/zeroled_decimals/test_zeroled_decimals.xmile"  # asks for RK4; its output is its .mdl twin's, by Euler
_CONTROLS = {"initial_time", "final_time", "time_step", "saveper"}

Series = dict[str, np.ndarray]  # by ``column_key``; the times stand under 'time'


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


def read_table(path: Path) -> Series:
    """The columns of a canonical output; blank fields are NaN."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    rows = [row for row in csv.reader(text.splitlines(), delimiter="\t" if path.suffix == ".tab" else ",") if any(row)]
    head = [name.strip() for name in rows[0]]
    table = np.full((len(rows) - 1, len(head)), np.nan)
    for number, row in enumerate(rows[1:]):
        for column, field in enumerate(row[: len(head)]):
            try:
                table[number, column] = float(field)
            except ValueError:
                continue
    columns = {column_key(name): table[:, column] for column, name in enumerate(head) if name}
    return {("time" if key == "months" else key): column for key, column in columns.items()}


def column_key(head: str) -> str:
    """The key of a column 'Name' or 'Name[element, …]', however it is spelt."""
    bare, _, inside = head.partition("[") if not head.startswith('"') else (head, "", "")
    elements = [normalised_name(part) for part in inside.rstrip("]").split(",")] if inside else []
    return normalised_name(bare) + (f"[{','.join(elements)}]" if elements else "")


def own_series(path: Path) -> Series:
    """The engine's own run, a series an element."""
    with tempfile.TemporaryDirectory() as folder:
        if path == SUITE / EULER:
            text = path.read_text(encoding="utf-8").replace('method="RK4"', 'method="Euler"')
            path = Path(folder) / path.name
            path.write_text(text, encoding="utf-8")
        data = load_model(path).run()
    series = {"time": data["time"].values}
    for name, array in data.data_vars.items():
        values = array.isel(member=0).values
        labels = [[normalised_name(str(label)) for label in array[dim].values] for dim in array.dims[2:]]
        for place in itertools.product(*(range(len(axis)) for axis in labels)):
            inside = ",".join(axis[number] for axis, number in zip(labels, place, strict=True))
            series[normalised_name(str(name)) + (f"[{inside}]" if inside else "")] = values[(slice(None), *place)]
    return series


def check(path: Path, run: Callable[[Path], Series] = own_series) -> Outcome:
    """Run one model file and compare each column of its canonical output."""
    output = canonical_output(path)
    if output is None:
        return Outcome("no output")
    try:
        return compare(run(path), read_table(output), whole=path.suffix == ".mdl")
    except UnsupportedError as error:
        reasons = dict.fromkeys(
            re.split(r" is not supported| changes| must be|\.", fault.message)[0] for fault in error.faults
        )
        return Outcome("refused", ", ".join(reasons))
    except EngineError as error:
        fault = getattr(error, "faults", [str(error)])[0]
        return Outcome("unreadable" if hasattr(error, "faults") else "failed", str(fault))


def compare(series: Series, columns: Series, whole: bool) -> Outcome:
    """A run against its canonical output; ``whole`` asks for every column of it, else some must be there."""
    ours, times = series["time"], columns["time"]
    places = [int(np.argmin(np.abs(ours - moment))) for moment in times]
    off = np.abs(ours[places] - times) > 1e-4 * np.maximum(1, np.abs(times))
    if off.any():
        return Outcome("failed", f"no value at time {times[off][0]:g}")
    compared = set()
    for key, canonical in columns.items():
        if key not in series:
            if whole:
                return Outcome("failed", f"it has no {key}")
            continue
        known = ~np.isnan(canonical)
        if not known.any():
            continue
        compared.add(key)
        error = np.max(np.abs(series[key][places] - canonical)[known])
        if not error < TOLERANCE * (np.max(np.abs(canonical[known])) or 1.0):
            return Outcome("failed", f"{key} is off by {error:.3g}")
    return Outcome("passed") if compared - _CONTROLS - {"time"} else Outcome("failed", "none of its columns is there")


@dataclass(frozen=True)
class Row:
    """A file that the engine does not pass, and whether others do; ``counts`` where it belongs to those it should."""

    outcome: Outcome
    counts: bool
    pysd: bool
    pysimlin: bool


def row(path: Path, outcome: Outcome) -> Row:
    """Run the other engines on a file."""
    others = [passes(path, run) for run in (oracles.pysd_run, oracles.pysimlin_run)]
    outside = any(word in outcome.detail for word in OUTSIDE) and outcome.status == "refused"
    broken = outcome.status == "unreadable" and not any(others)
    return Row(outcome, not outside and not broken, *others)


def passes(path: Path, run: Callable[[Path], oracles.Columns]) -> bool:
    """Whether another engine gives the canonical output; whatever it raises, it does not."""
    try:
        return check(path, lambda path: {column_key(name): values for name, values in run(path).items()}) == PASSED
    except Exception:
        return False


PASSED = Outcome("passed")


def expected() -> dict[str, Row]:
    """The rows of docs/engine.md by file; a file it does not list passes."""
    table = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*) \| (\w+) \| (\w+) \| (\w+) \|$", table, re.MULTILINE)
    return {
        name: Row(Outcome(status.strip(), detail.strip()), *(answer == "yes" for answer in answers))
        for name, status, detail, *answers in rows
    }


def table(outcomes: dict[str, Outcome], rows: dict[str, Row]) -> str:
    """The generated part of docs/engine.md."""
    compared = sum(one.status != "no output" for one in outcomes.values())
    passed = sum(one == PASSED for one in outcomes.values())
    broken = sum(one.outcome.status == "unreadable" and not one.counts for one in rows.values())
    outside = sum(not one.counts for one in rows.values()) - broken
    base = passed + sum(one.counts for one in rows.values())
    rivals = [name for name, one in rows.items() if one.counts and (one.pysd or one.pysimlin)]
    lines = [
        f"Of {len(outcomes)} model files {len(outcomes) - compared} have no canonical output. Of the other {compared}, "
        f"{broken} are broken (their equations are `???`, or call macros that the file does not hold; neither PySD nor "
        f"pysimlin runs them), and {outside} use functions that stand outside what the engine computes. "
        f"Of the {base} that remain it passes {passed}, which is {100 * passed / base:.1f} %. "
        + (
            f"Of those it does not, PySD or pysimlin pass {len(rivals)}."
            if rivals
            else "PySD and pysimlin pass none of those it does not."
        ),
        "",
        f"`{EULER}` asks for RK4, but its output was made by Euler, as its .mdl twin asks: it is compared by Euler.",
        "",
        "| File | Outcome | What stands in the way | Counts | PySD | pysimlin |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in rows.items():
        detail = one.outcome.detail.replace("|", "/").replace("\n", " ")
        answers = " | ".join("yes" if answer else "no" for answer in (one.counts, one.pysd, one.pysimlin))
        lines.append(f"| `{name}` | {one.outcome.status} | {detail} | {answers} |")
    return "\n".join(lines)


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as folder, mock.patch("platformdirs.user_cache_path", lambda *_: Path(folder)):
        outcomes = {path.relative_to(SUITE).as_posix(): check(path) for path in model_files()}
    rows = {name: row(SUITE / name, one) for name, one in outcomes.items() if one.status not in ("passed", "no output")}
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(outcomes, rows)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()

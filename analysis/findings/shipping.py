"""The findings that are shipped, so that a page has them at once: one for each design of library/, in shipped/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from innovation.analysis.design.factors import Study
from innovation.engine.files import write_whole
from innovation.model.files import Fault, Term, chained, fault, shown

from .findings import SHIPPED, Findings, shipped, shipped_names

LIBRARY = Path(__file__).parents[1] / "library"
DIGITS = 4  # of a figure: its interval is wider


def designs() -> dict[str, Path]:
    """The designs of which findings are shipped, by name."""
    return {path.stem: path for path in sorted(LIBRARY.glob("*.yaml"))}


def ship(name: str, found: Findings) -> Path:
    """Write the findings of a design, rounded, a line an output and year; returns the file."""
    plain = found.plain()
    lines = ",\n".join(_json(_rounded(one)) for one in plain.pop("findings"))
    path = SHIPPED / f"{name}.json"
    write_whole(path, f'{_json(plain)[:-1]}, "findings": [\n{lines}\n]}}\n')
    return path


def stale(name: str, study: Study) -> Fault | None:
    """What is wrong with shipped findings that are not those of the study: of another model, design or prior."""
    path = SHIPPED / f"{name}.json"
    parted = shipped(name).parted(study) if name in shipped_names() else []
    if name in shipped_names() and not parted:
        return None
    if not parted:
        return fault("analysis.not_there", shown(path))
    other = chained("analysis.and_another", [Term("analysis.mark", name) for name in parted])
    return fault("analysis.other_findings", shown(path), other=other)


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _rounded(content: Any) -> Any:
    if isinstance(content, float):
        return float(f"{content:.{DIGITS}g}")
    if isinstance(content, dict):
        return {name: _rounded(value) for name, value in content.items()}
    return [_rounded(value) for value in content] if isinstance(content, list) else content

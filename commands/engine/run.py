"""`cli.py run`: any model file, from its initial values."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from innovation.commands.endings import Mistake
from innovation.commands.options import Command
from innovation.commands.output import replaceable, same, write

if TYPE_CHECKING:
    import xarray as xr


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("run", run, "run any model file (.mdl, .xmile)")
    made.add_argument("file", help="model file")
    made.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a constant, or a stock's start; repeatable",
    )
    made.add_argument("--output", action="append", default=[], metavar="NAME", help="a variable wanted; repeatable")
    made.add_argument("--backend", choices=("vectors", "numpy"), help="machine code, or NumPy (default: what works)")
    made.add_argument(
        "--show-kernel",
        action="store_true",
        help="print the generated code below the model's equations, and run nothing",
    )
    made.add_argument("--out", metavar="CSV", help="write a file instead of printing")


def run(given: argparse.Namespace) -> None:
    """Run any model file, from its initial values; a time column and one for each variable or element of an array."""
    from innovation.engine import load_model
    from innovation.engine.files import csv_text

    model = load_model(given.file, given.backend)
    if given.show_kernel:
        sys.stdout.write(model.source(_settings(given.set), given.output or None).rstrip() + "\n")
        return
    out = Path(given.out) if given.out else None
    if out:
        if same(out, Path(given.file)):
            raise Mistake(f"--out {given.out} is the model file itself. Name another file.")
        replaceable(out, lambda text: text.startswith(("time,", "time\n", '{"model_hash": ')))
    columns = _columns(model.run(_settings(given.set), given.output or None))
    if given.json:
        text = json.dumps({"model_hash": model.hash, "columns": columns}, ensure_ascii=False) + "\n"
    else:
        text = csv_text(columns, zip(*columns.values(), strict=True))
    if out:
        write(out, text)
    else:
        sys.stdout.write(text)


def _settings(pairs: Iterable[str]) -> dict[str, float]:
    """NAME=VALUE pairs as parameters of a run; the engine judges the names."""
    settings: dict[str, float] = {}
    wrong = []
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            wrong.append(f'--set {pair}: "{value}" is not a number. Write --set "NAME=VALUE".')
            continue
        if not equals or not name.strip():
            wrong.append(f'--set {pair}: no name stands before "=". Write --set "NAME=VALUE".')
        elif name.strip() in settings:
            wrong.append(f"--set {pair}: {name.strip()} is set twice. Keep one.")
        settings[name.strip()] = number
    if wrong:
        raise Mistake("\n".join(wrong))
    return settings


def _columns(result: xr.Dataset) -> dict[str, list[float]]:
    """A run of one member as columns: time, then each variable, or each element of an array as Name[a,b]."""
    columns = {"time": result.time.values.tolist()}
    for variable in result.data_vars.values():
        figures = variable.isel(member=0) if "member" in variable.dims else variable
        dims = [dim for dim in figures.dims if dim != "time"]
        label = figures.attrs.get("label", str(variable.name))
        for elements in product(*(figures[dim].values.tolist() for dim in dims)):
            column = figures.sel(dict(zip(dims, elements, strict=True)))
            values = column.values.tolist()
            named = f"{label}[{','.join(map(str, elements))}]" if dims else label
            columns[named] = values if "time" in column.dims else [values] * len(columns["time"])
    return columns

"""The command line's parser: every command, in the order in which they are told."""

from __future__ import annotations

import argparse
import tomllib
from typing import Any

from . import site
from .analysis import analyse, batch, diff, findings, sweep
from .city import calibrate, check, docs, mixes, nominal, rebind, remake, simulate
from .city import list as list_
from .engine import run, schema, sketch
from .output import HERE

ORDER = (
    simulate, calibrate, rebind, nominal, remake, run, list_, mixes, batch,
    sweep, analyse, findings, diff, schema, check, docs, site, sketch,
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; what it gives has the command's function under `answer`."""
    made = argparse.ArgumentParser(
        prog="cli.py",
        description="Simulate Wuhan's innovation economy, or any system-dynamics model file.",
        epilog="Examples: simulate baseline plan_as_written --out out · run model.mdl --set 'rate=0.05' · list levers",
    )
    made.add_argument("--version", action="version", version=_version())
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, answer: Any, help: str, language: bool = False) -> argparse.ArgumentParser:
        of_one = commands.add_parser(name, help=help, description=answer.__doc__)
        of_one.set_defaults(answer=answer)
        of_one.add_argument("--json", action="store_true", help="print JSON for a script")
        if language:
            of_one.add_argument("--lang", choices=("en", "zh"), default="en", help="language of labels (default: en)")
        return of_one

    for one in ORDER:
        one.add(command)
    return made


def _version() -> str:
    with (HERE / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    return f"{project['name']} {project['version']}"

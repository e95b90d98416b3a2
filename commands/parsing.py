"""The command line: every command, in the order in which they are told, and how one is answered."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from typing import Any

from innovation.version import RELEASE

from . import site
from .analysis import analyse, batch, diff, findings, sweep
from .city import calibrate, check, docs, mixes, nominal, page, rebind, remake, simulate
from .city import list as list_
from .endings import ended
from .engine import run, schema, sketch

ORDER = (
    page, simulate, calibrate, rebind, nominal, remake, run, list_, mixes, batch,
    sweep, analyse, findings, diff, schema, check, docs, site, sketch,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = parser().parse_args(arguments)
    return ended(lambda: given.answer(given))


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; what it gives has the command's function under `answer`."""
    made = argparse.ArgumentParser(
        description="Simulate Wuhan's innovation economy, or any system-dynamics model file.",
        epilog="Examples: simulate baseline plan_as_written --out out · run model.mdl --set 'rate=0.05' · list levers",
    )
    made.add_argument("--version", action="version", version=RELEASE)
    commands = made.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, answer: Any, help: str, *, language: bool = False, json: bool = True
    ) -> argparse.ArgumentParser:
        of_one = commands.add_parser(name, help=help, description=answer.__doc__)
        of_one.set_defaults(answer=answer)
        if json:
            of_one.add_argument("--json", action="store_true", help="print JSON for a script")
        if language:
            of_one.add_argument("--lang", choices=("en", "zh"), default="en", help="language of labels (default: en)")
        return of_one

    for one in ORDER:
        one.add(command)
    return made

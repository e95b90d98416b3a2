"""`cli.py analyse`: what a sweep's results mean."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from innovation.commands.options import Command, add_progress
from innovation.commands.output import print_json


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("analyse", analyse, "what matters in a sweep: indices, boxes, figures, a page of words")
    made.add_argument("folder", metavar="DIR", help="folder that `sweep` wrote")
    made.add_argument("--year", action="append", type=int, default=[], help="of this year; repeatable (default: all)")
    add_progress(made)


def analyse(given: argparse.Namespace) -> None:
    """Say what a sweep's results mean: CSV, figures and a page of words in DIR/analysis."""
    from innovation.analysis import ANALYSIS
    from innovation.analysis import analyse as analysed
    from innovation.analysis.sweeps import read_results
    from innovation.engine import Progress

    def tell_step(now: Progress) -> None:
        if given.progress == "bar" and sys.stderr.isatty():
            print(f"\r{now.step:<40}", end="", file=sys.stderr, flush=True)

    found = analysed(read_results(Path(given.folder)), given.year or None, tell_step)
    if given.progress == "bar" and sys.stderr.isatty():
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    if given.json:
        counted = {"used": found.used, "of": found.units}
        print_json({"folder": str(Path(given.folder) / ANALYSIS), "files": list(found.files), **counted})
    else:
        print(found.words)
        print(f"Wrote {len(found.files)} files into {Path(given.folder) / ANALYSIS}.")

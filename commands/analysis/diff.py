"""`cli.py diff`: two models, scenarios or folders of results side by side."""

from __future__ import annotations

import argparse

from innovation.commands.options import Command, add_model
from innovation.commands.output import print_json
from innovation.commands.subject import city_of


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("diff", diff, "two models, scenarios or folders of results side by side")
    made.add_argument("old", help="model file, scenario (id or file) or folder")
    made.add_argument("new", help="another of the same kind")
    made.add_argument("--year", action="append", type=int, default=[], help="of this year; repeatable")
    made.add_argument("--least", type=float, default=0.1, metavar="PERCENT", help="smallest move listed (default: 0.1)")
    add_model(made)


def diff(given: argparse.Namespace) -> None:
    """Compare two model files, two scenarios or two folders of results: what changed, and what moved by how much."""
    from innovation.analysis import difference, difference_json, difference_text

    found = difference(given.old, given.new, given.year or None, city_of(given) if given.model else None)
    if given.json:
        print_json(difference_json(found, given.least))
    else:
        print(difference_text(found, given.least))

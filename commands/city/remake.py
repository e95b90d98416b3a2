"""`cli.py remake`: all that is made from the model and the record, made again where it is stale."""

from __future__ import annotations

import argparse
import sys

from innovation.commands.options import Command
from innovation.commands.output import only_in_a_checkout, print_json


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("remake", remake, "make again all that is made from the model and the record, where it is stale")
    made.add_argument("--list", action="store_true", help="make nothing; say how each step stands, and why")


def remake(given: argparse.Namespace) -> None:
    """Make again all that is made from the model and the record, in order, as far as it is stale; cut off, it goes on.

    The posterior (bound anew where that is enough, else fitted), nominal values, equal-cost mixes, golden figures,
    findings, evidence, pages, and pictures where Chromium is there.
    """
    from innovation.commands import remaking

    only_in_a_checkout()
    every = remaking.steps()
    if given.list:
        found = remaking.states(every)
        if given.json:
            print_json([{"step": one.step.name, "state": one.state, "why": one.why} for one in found])
        else:
            for one in found:
                print(one, flush=True)
        return
    made = remaking.remake(every, lambda said: print(said, file=sys.stderr, flush=True))
    if given.json:
        print_json({"made": made})
    else:
        print(f"Made: {', '.join(made)}." if made else "All is fresh.")

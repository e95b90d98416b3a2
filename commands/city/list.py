"""`cli.py list`: what can be named."""

from __future__ import annotations

import argparse

from innovation.commands.options import Command, add_model
from innovation.commands.output import print_json
from innovation.commands.subject import city_of


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("list", list_, "list what can be named", language=True)
    made.add_argument("what", choices=("levers", "indicators", "scenarios", "targets"))
    add_model(made)


def list_(given: argparse.Namespace) -> None:
    """List what can be named: levers (with assumptions), indicators, scenarios or targets."""
    from innovation.scenarios import LISTINGS
    from innovation.scenarios.simulation import aligned

    records = LISTINGS[given.what](city_of(given))
    if given.json:
        print_json(records)
        return
    dropped = {"zh": "en", "en": "zh"}[given.lang]
    heads = [head for head in records[0] if not head.endswith(f"_{dropped}")] if records else []
    rows = [[_cell(record[head]) for head in heads] for record in records]
    numbers = {n for n, head in enumerate(heads) if any(isinstance(record[head], int | float) for record in records)}
    print(aligned([[head.removesuffix(f"_{given.lang}") for head in heads], *rows], numbers))


def _cell(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)

"""`cli.py schema`: the form of a kind of file, for an editor."""

from __future__ import annotations

import argparse

from innovation.commands.options import Command
from innovation.commands.output import print_json


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("schema", schema, "print the JSON Schema of design or scenario files")
    made.add_argument("what", choices=("design", "scenario"))


def schema(given: argparse.Namespace) -> None:
    """Print the JSON Schema of a kind of file, for an editor that checks while one types."""
    from innovation.analysis.design import design_schema
    from innovation.scenarios import scenario_schema

    print_json({"design": design_schema, "scenario": scenario_schema}[given.what]())

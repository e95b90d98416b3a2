"""`cli.py mixes`: the mixes that cost the city as much as the plan."""

from __future__ import annotations

import argparse
import sys

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model
from innovation.commands.output import only_in_a_checkout, print_json, stands, write
from innovation.commands.subject import city_of


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("mixes", mixes, "solve the mixes that cost the city as much as the plan")
    made.add_argument("--check", action="store_true", help="write nothing; say which no longer cost the same")
    made.add_argument(
        "--by",
        choices=("city", "social"),
        default="city",
        help="cost that is equal: to the city, or social (prints only)",
    )
    add_model(made)


def mixes(given: argparse.Namespace) -> None:
    """Solve the science share of each equal-cost mix so that it costs the city what the plan costs, and write it.

    With --by social the share at which it uses up as much, whoever pays; the library keeps those of city money. Under a
    variant of the model only --check: the mixes of the library are solved for the city's own.
    """
    from innovation.scenarios.costs import mixes as mixes_of
    from innovation.scenarios.costs import solved, solved_files
    from innovation.scenarios.simulation import aligned

    if given.model and not given.check:
        raise Mistake("The mixes of the library are solved for the city's own model. With --model FILE, add --check.")
    if given.by == "social" and given.check:
        raise Mistake("The mixes of the library are equal in city money. Leave out --check, or --by social.")
    city = city_of(given)
    if not given.check and given.by == "city":
        only_in_a_checkout()
        for path, text in solved_files(city).items():
            if not stands(path, text):
                write(path, text)
    found = solved(city, "social") if given.by == "social" else mixes_of(city)
    if given.json:
        print_json([{**vars(mix), "difference": mix.difference, "is_equal": mix.is_equal} for mix in found])
    else:
        rows = [
            [mix.id, f"{mix.share:g}", f"{mix.city:.2f}", f"{mix.social:.2f}", f"{mix.difference:+.2f} %"]
            for mix in found
        ]
        plan = ["plan_as_written", "", f"{found[0].plan_city:.2f}", f"{found[0].plan_social:.2f}", ""]
        head = ["mix", "science share", "cost to the city", "social cost", f"{given.by} against the plan"]
        print(aligned([head, *rows, plan], {1, 2, 3, 4}))
        print("Beyond 2010 practice, worth in 2010 at prices of that year, 1e8 CNY.")
    unequal = [mix.id for mix in found if not mix.is_equal]
    if unequal and given.by == "social":
        print(f"Not reached within the share's range, shown at its end: {', '.join(unequal)}.", file=sys.stderr)
    elif unequal:
        remedy = "Solved shares are of the city's own model." if given.model else "Run `cli.py mixes`."
        raise Mistake(f"Not the plan's cost: {', '.join(unequal)}. {remedy}")

"""`cli.py docs`: the generated pages and diagrams."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model
from innovation.commands.output import DOCS, only_in_a_checkout, print_json, same, stands, write
from innovation.commands.subject import city_of


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("docs", docs, "write the generated pages and diagrams below docs/ from the files")
    made.add_argument("--out", metavar="DIR", help="another folder than docs/; needed with --model")
    add_model(made)
    made.add_argument("--check", action="store_true", help="write nothing; say which pages are stale")


def docs(given: argparse.Namespace) -> None:
    """Write the generated pages, or say which are stale; of a variant those that the model and its registries make."""
    from innovation.calibration import MADE_FROM, made_from, pages
    from innovation.scenarios.documents import pages as pages_of_files
    from innovation.scenarios.documents import stale_pages, strangers

    if not given.out:
        only_in_a_checkout()
    if given.model and not given.out:
        raise Mistake("docs/ has the pages of the city's own model. Say where those of a variant go: --out DIR.")
    city, folder = city_of(given), Path(given.out) if given.out else DOCS
    if given.model and same(folder, DOCS):
        raise Mistake(f"--out {given.out} has the pages of the city's own model. Name another folder.")
    made = pages_of_files(city) if given.model else pages(city)
    stale = stale_pages(city, folder, made)
    places = {name: f"{given.out or 'docs'}/{name}" for name in made}
    if given.check:
        if stale:
            named = ", ".join(places[name] for name in stale)
            raise Mistake(f"No longer what the files say: {named}. Run the same without --check.")
    else:
        for name in strangers(folder, made):
            raise Mistake(f"{places[name]} is not a page that this command wrote. Name another folder.")
        for name in stale:
            write(folder / name, made[name].write(city))
        if not given.model:
            kept = json.dumps(made_from(city, folder), indent=1) + "\n"
            if not stands(folder / MADE_FROM, kept):
                write(folder / MADE_FROM, kept)
    if given.json:
        print_json({"pages": list(made), "written": stale})
    elif not stale:
        print(f"Current: {', '.join(places.values())}")

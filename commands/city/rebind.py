"""`cli.py rebind`: draws bound to a changed model that says the same of the record."""

from __future__ import annotations

import argparse
from pathlib import Path

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model, add_priors, add_record
from innovation.commands.output import only_in_a_checkout, print_json
from innovation.commands.subject import city_of, draws_file, record_asked, spare_the_citys
from innovation.commands.telling import briefly


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("rebind", rebind, "bind draws to a changed model that says the same of the record; no fit")
    made.add_argument("--posterior", metavar="FILE", help="draws to bind (default: those of the city)")
    made.add_argument("--out", metavar="FILE", help="where the bound draws go (default: in place of the others)")
    add_model(made)
    add_priors(made)
    add_record(made)


def rebind(given: argparse.Namespace) -> None:
    """Bind draws to the model as it stands, without a fit, where each gives the record's figures as fitted, to the bit.

    Else say which draw, figure and year comes out otherwise, and change nothing.
    """
    from innovation.calibration.posterior import DEFAULT, told
    from innovation.calibration.posterior import rebind as bind
    from innovation.engine.files import reason

    path = draws_file(given)
    if given.model and not given.out:
        raise Mistake("Draws bound to a variant do not take the place of others. Say where: --out FILE.")
    out = Path(given.out) if given.out else path
    if out == DEFAULT:
        only_in_a_checkout()
    spare_the_citys(given, out)
    try:
        city = city_of(given)
        found = bind(city, path, out, record=record_asked(given, city), of_any=bool(given.posterior))
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {reason(error)}. Name another place: --out FILE.") from None
    if given.json:
        kept = found.draws
        told_of = {"file": str(out), "hash": kept.hash, "draws": kept.distinct, **briefly(kept.record)}
        print_json({**told_of, "before": found.before, "added_now": list(found.added)})
        return
    print(told(found, out))

"""`cli.py check`: the laws of the house, tried on the city's files."""

from __future__ import annotations

import argparse
from itertools import chain
from typing import TYPE_CHECKING

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model, add_priors, add_record
from innovation.commands.output import DOCS, IS_CHECKOUT, print_json
from innovation.commands.subject import city_of, draws_of

if TYPE_CHECKING:
    from innovation.calibration.posterior import PosteriorDraws
    from innovation.model import City
    from innovation.scenarios.checks import LawResult


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("check", check, "try the laws of the house on the city's files")
    made.add_argument("--every-draw", action="store_true", help="the law of levers' ends over every draw: some minutes")
    made.add_argument("--posterior", metavar="FILE", help="draws it is tried over (default: those of the city)")
    add_model(made)
    add_priors(made)
    add_record(made)


def check(given: argparse.Namespace) -> None:
    """Try the laws of the house on the city's files; of a variant, or in an installed package, all but those of pages.

    What no lever may do and what the city answers to policies is tried over some draws of the posterior, with
    --every-draw over all; of a variant without --posterior, over draws of the priors.
    """
    from innovation.calibration import law as centre_law
    from innovation.calibration import pages
    from innovation.scenarios import check as check_city
    from innovation.scenarios.execution import Meter
    from innovation.scenarios.simulation import Members

    city = city_of(given)
    has_pages = IS_CHECKOUT and not given.model
    draws, refused = _draws_to_check(given, city)
    whose = f" of the record {draws.record.record_name}" if draws and draws.own_record else ""
    members = Members.of(draws.draws, f"draws of the posterior{whose}") if draws else None
    outcomes = []
    meter = Meter("bar" if given.every_draw and not given.json else "quiet", "runs of the law of corners")
    tried = check_city(
        city, DOCS if has_pages else None, made=pages(city) if has_pages else {},
        members=members, every=given.every_draw, on_progress=meter,
    )  # fmt: skip
    others = given.model or given.priors or (draws and draws.own_record)
    centred = [] if draws is None or others else [centre_law(city, draws)]
    for outcome in chain(refused, tried, centred):
        outcomes.append(outcome)
        if not given.json:
            print(f"{'holds ' if outcome.holds else 'BROKEN'}  {outcome.law}: {outcome.found}", flush=True)
    if given.json:
        print_json([vars(outcome) for outcome in outcomes])
    broken = sum(not outcome.holds for outcome in outcomes)
    if broken:
        raise Mistake(f"{broken} of {len(outcomes)} laws are broken.")


def _draws_to_check(given: argparse.Namespace, city: City) -> tuple[PosteriorDraws | None, list[LawResult]]:
    """Draws in which laws must hold, and a broken law where the city's own draws are not bound to its model."""
    from innovation.model.files import DocumentError
    from innovation.scenarios.checks import LawResult

    if given.model and not (given.posterior or given.record):
        return None, []
    try:
        return draws_of(given, city), []
    except DocumentError as error:
        if given.posterior or given.record:
            raise
        return None, [LawResult("the draws of the posterior are bound to the model", False, str(error))]

"""`cli.py batch`: scenarios run with the same members each, into a folder."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from innovation.commands.endings import UNFINISHED
from innovation.commands.options import Command, add_band, add_running
from innovation.commands.output import print_json
from innovation.commands.subject import city_of, draws_of
from innovation.commands.telling import of_record, progress, tell, tell_editions

if TYPE_CHECKING:
    from innovation.model import City
    from innovation.scenarios.batches import MemberSource
    from innovation.scenarios.simulation import Instrument

PRIOR_MEMBERS = 1000
TOLD_APART = 256  # members by which a folder knows priors again
MOST_MEMBERS = 1_000_000_000  # of a batch; what the disk holds is asked before anything runs


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("batch", batch, "run scenarios with the same members each into a folder", language=True)
    made.add_argument("scenario", nargs="+", help="id in the library, a YAML file, or several joined: a+b")
    made.add_argument("--out", required=True, metavar="DIR", help="folder for figures, summary, page and manifest")
    made.add_argument("--members", type=_count, metavar="N", help="how many (default: all draws that there are)")
    where = made.add_mutually_exclusive_group()
    where.add_argument("--posterior", metavar="FILE", help="draws that `calibrate` wrote (default: those of the city)")
    where.add_argument("--prior", action="store_true", help="draw members from the priors instead")
    made.add_argument("--seed", type=_seed, metavar="S", help="of draws from the priors (default: 0)")
    add_band(made)
    add_running(made)


def batch(given: argparse.Namespace) -> int:
    """Run scenarios with the same members each, and write figures, a summary, a page and a manifest into a folder.

    Members are draws from the posterior, or with --prior from the priors.
    """
    from innovation.scenarios import load_scenarios
    from innovation.scenarios.batches import batch as batched
    from innovation.scenarios.simulation import LIST, all_text, plain_failures, told

    city = city_of(given)
    asked = load_scenarios(city, given.scenario)
    tell_editions(city, asked, given.lang)
    members, origin, note, instrument, judged = _members(city, given)
    with progress(given, "runs") as meter:
        done = batched(
            city, asked, members, Path(given.out), origin=origin, judged=judged, instrument=instrument,
            band=given.band, command=_command(given), language=given.lang, threads=given.jobs, cluster=given.cluster,
            on_progress=meter,
        )  # fmt: skip
    failures = done.failures
    lines = told(failures, given.lang, place=str(Path(given.out) / LIST))
    lost = tell(failures, lines, given.json or given.progress == "quiet")
    if given.json:
        every = {name: seen.chances[name] for name, seen in done.outlooks.items()}
        chances = {name: {"chance": all_of.all, "error": all_of.all_error} for name, all_of in every.items()}
        about = {"folder": given.out, "chance_of_all": chances, "note": note, "failures": plain_failures(failures)}
        about |= {name: origin[name] for name in ("record", "record_hash") if name in origin}
        print_json({**about, "failed_members": {name: len(found) for name, found in failures.failed.items()}})
    elif given.progress != "quiet":
        for scenario in (one for one in asked if one.id in failures.shown):
            seen = done.outlooks.get(scenario.id)
            one = seen.chances[scenario.id] if seen else None
            print(f"{scenario.id}: {all_text(city, one, 'en') if one else 'Too few members.'}")
        paid = " costs.csv," if done.costs else ""
        wrote = f"Wrote {given.out}: report.html, summary.csv,{paid} indicators.parquet."
        print("\n".join(filter(None, [lost, note, of_record(origin), wrote])))
    if done.faults:
        print("\n".join(done.faults), file=sys.stderr)
    return UNFINISHED if done.faults or failures.aside else 0


def _members(
    city: City, given: argparse.Namespace
) -> tuple[MemberSource, dict[str, Any], str | None, Instrument | None, Collection[str]]:
    """Members a block at a time, where they come from, a sentence where draws repeat, and how figures are published.

    Of draws from the priors nothing is known of that. Last the targets that rest on judgement.
    """
    from innovation.calibration import judged_targets
    from innovation.calibration.posterior import record_of
    from innovation.calibration.record import read_record
    from innovation.model.files import DocumentError, fault
    from innovation.scenarios.batches import MemberSource
    from innovation.scenarios.execution import digest

    if given.seed is not None and not given.prior:
        raise DocumentError([fault("commands.seed_without_prior", "--seed")])
    if given.prior and given.record:
        raise DocumentError([fault("commands.record_with_prior", "--record")])
    if given.prior:
        from innovation.calibration.priors import Space

        space, seed = Space(city), given.seed or 0
        count = given.members or PRIOR_MEMBERS

        def block(first: int, last: int) -> dict[str, Any]:
            return space.to_constants(space.draw(last - first, [seed, first]))

        mark = digest([seed, _listed(block(0, min(count, TOLD_APART)))])
        judged = () if given.model else judged_targets(city, read_record(city))
        return MemberSource(count, block, mark), {"draws": count, "seed": seed}, None, None, judged
    from innovation.calibration.discrepancy import instrument_of

    draws = draws_of(given, city)
    count = given.members or draws.distinct
    instrument = instrument_of(city, draws)
    judged = () if given.model else judged_targets(city, record_of(city, draws))
    members = MemberSource(count, draws.block, draws.hash)
    return members, draws.attrs(count), draws.note(count, given.lang), instrument, judged


def _listed(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.tolist() for name, values in members.items()}


def _command(given: argparse.Namespace) -> str:
    """The command as the manifest tells it: what decides the figures, as it was typed: to be given again."""
    said = ["batch", *given.scenario]
    said += ["--members", str(given.members)] if given.members else []
    said += ["--prior", "--seed", str(given.seed or 0)] if given.prior else []
    said += ["--posterior", given.posterior] if given.posterior else []
    said += ["--priors", given.priors] if given.priors is not None else []
    said += ["--record", given.record] if given.record else []
    said += ["--model", given.model] if given.model else []
    return shlex.join(said)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MEMBERS):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of members from 1 to {MOST_MEMBERS:,}.')
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 0 on.')
    return int(text)

"""`cli.py batch`: scenarios run with the same members each, into a folder."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from innovation.commands.endings import UNFINISHED
from innovation.commands.options import Command, add_band, add_running
from innovation.commands.output import print_json
from innovation.commands.subject import city_of, draws_of
from innovation.commands.telling import of_record, progress, tell, tell_editions

if TYPE_CHECKING:
    from innovation.calibration import DrawnMembers
    from innovation.model import City

PRIOR_MEMBERS = 1000
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
    members = _members(city, given)
    with progress(given, "runs") as meter:
        done = batched(
            city, asked, members.source, Path(given.out), origin=members.origin, judged=members.judged,
            instrument=members.instrument, band=given.band, command=_command(given), language=given.lang,
            threads=given.jobs, cluster=given.cluster, on_progress=meter,
        )  # fmt: skip
    failures, note = done.failures, members.note(given.lang)
    lines = told(failures, given.lang, place=str(Path(given.out) / LIST))
    lost = tell(failures, lines, given.json or given.progress == "quiet")
    if given.json:
        every = {name: seen.chances[name] for name, seen in done.outlooks.items()}
        chances = {name: {"chance": all_of.all, "error": all_of.all_error} for name, all_of in every.items()}
        about = {
            "folder": given.out,
            "chance_of_all": chances,
            "note": note,
            "failures": plain_failures(failures),
        }
        about |= {name: members.origin[name] for name in ("record", "record_hash") if name in members.origin}
        print_json({**about, "failed_members": {name: len(found) for name, found in failures.failed.items()}})
    elif given.progress != "quiet":
        for scenario in (one for one in asked if one.id in failures.shown):
            seen = done.outlooks.get(scenario.id)
            one = seen.chances[scenario.id] if seen else None
            print(f"{scenario.id}: {all_text(city, one, 'en') if one else 'Too few members.'}")
        paid = " costs.csv," if done.costs else ""
        wrote = f"Wrote {given.out}: report.html, summary.csv,{paid} indicators.parquet."
        print("\n".join(filter(None, [lost, note, of_record(members.origin), wrote])))
    if done.faults:
        print("\n".join(done.faults), file=sys.stderr)
    return UNFINISHED if done.faults or failures.aside else 0


def _members(city: City, given: argparse.Namespace) -> DrawnMembers:
    """The members that are asked for: draws from the posterior, or with --prior from the priors."""
    from innovation.calibration import posterior_members, prior_members
    from innovation.model.files import DocumentError, fault

    if given.seed is not None and not given.prior:
        raise DocumentError([fault("commands.seed_without_prior", "--seed")])
    if given.prior and given.record:
        raise DocumentError([fault("commands.record_with_prior", "--record")])
    if given.prior:
        return prior_members(city, given.members or PRIOR_MEMBERS, given.seed or 0)
    return posterior_members(city, draws_of(given, city), given.members)


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

"""`cli.py sweep`: a design's members run into a folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from innovation.commands.endings import UNFINISHED
from innovation.commands.options import Command, add_running
from innovation.commands.output import print_json
from innovation.commands.subject import city_of, distributions
from innovation.commands.telling import of_record, progress, tell_editions


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("sweep", sweep, "run a design of many members: Morris, Sobol', Latin hypercube, grid, Monte Carlo")
    made.add_argument(
        "design", metavar="DESIGN.yaml", help="what varies, how, and what is kept (docs/using-results.md)"
    )
    made.add_argument("--out", metavar="DIR", help="folder for the results; an interrupted sweep goes on there")
    made.add_argument("--double", action="store_true", help="float64 figures instead of float32")
    made.add_argument("--dry-run", action="store_true", help="estimate time and disk, and write nothing")
    made.add_argument("--posterior", metavar="FILE", help="draws that `calibrate` wrote (default: those of the city)")
    add_running(made)


def sweep(given: argparse.Namespace) -> int:
    """Run a design's members into a folder; the same command goes on where an interrupted one stopped."""
    from innovation.analysis.design import make_study, read_design, scenario_of
    from innovation.analysis.sweeps import FAILED, estimate
    from innovation.analysis.sweeps import sweep as swept
    from innovation.model.files import DocumentError, fault
    from innovation.scenarios.execution import size_in_words, time_in_words
    from innovation.scenarios.simulation import DesignFailures, told_of_design

    city = city_of(given)
    design, document = read_design(Path(given.design))
    scenario = scenario_of(city, design, Path(given.design))
    tell_editions(city, [scenario])
    study = make_study(city, design, scenario, distributions(city, design, given), document)
    if given.dry_run:
        found = estimate(study, given.double, given.jobs)
        told = {
            "members": found.members, "parts": found.parts, "factors": len(study.names), "outputs": len(study.outputs),
            "years": len(study.years), "bytes": round(found.size), "memory": round(found.memory),
            "seconds": round(found.seconds, 1),
        }  # fmt: skip
        if given.json:
            print_json(told)
        else:
            print(
                f"{found.members:,} members of {_counted(len(study.names), 'factor')}, "
                f"{_counted(len(study.outputs), 'output')} in {_counted(len(study.years), 'year')}: "
                f"about {time_in_words(found.seconds)} on this machine, {size_in_words(found.memory)} of memory and "
                f"{size_in_words(found.size)} of disk in {_counted(found.parts, 'part')}. Nothing was written."
            )
        return 0
    if not given.out:
        raise DocumentError([fault("commands.no_out", "--out")])
    with progress(given, "members") as meter:
        outcome = swept(
            study, Path(given.out), double=given.double, threads=given.jobs, cluster=given.cluster,
            on_progress=meter,
        )  # fmt: skip
    failures = DesignFailures(outcome.members, outcome.failed_members, outcome.first)
    line = told_of_design(failures, place=str(Path(given.out) / FAILED))
    if given.json:
        about = {"members": outcome.members, "failed_members": outcome.failed_members}
        print_json({**about, "failed_parts": outcome.failed_parts, "folder": given.out, **study.distributions.record})
    elif given.progress != "quiet":
        said_of_it = f"{given.out}: {outcome.members:,} members. Model {city.model.hash[:12]}."
        print(" ".join(filter(None, [said_of_it, of_record(study.distributions.record)])))
    if line:
        aside = failures.too_many or given.json or given.progress == "quiet"
        print(line, file=sys.stderr if aside else sys.stdout)
    if outcome.failed_parts:
        by_reason: dict[str, list[int]] = {}
        for number, reason in outcome.failed_parts.items():
            by_reason.setdefault(reason, []).append(number)
        said = [
            f"part{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers))}: {reason}"
            for reason, numbers in by_reason.items()
        ]
        said.append(
            "All other parts are there; parameters/ has what was asked of these. The same command tries them again."
        )
        print("\n".join(said), file=sys.stderr)
    return UNFINISHED if outcome.failed_parts or failures.too_many else 0


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"

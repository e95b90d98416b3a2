"""`cli.py findings`: the findings that are shipped with the project."""

from __future__ import annotations

import argparse

from innovation.commands.options import Command, add_progress
from innovation.commands.output import only_in_a_checkout, print_json
from innovation.commands.subject import city_of, distributions
from innovation.commands.telling import progress


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("findings", findings, "make the findings of analysis/library that are shipped for the page")
    made.add_argument("--check", action="store_true", help="write nothing; say which belong to other files")
    made.set_defaults(model=None, posterior=None, priors=None, record=None)
    add_progress(made)


def findings(given: argparse.Namespace) -> None:
    """Make the findings that are shipped with the project, of each design in analysis/library; some minutes.

    They belong to one model, design and prior or posterior: make them again where one of these has changed. So are the
    numbers of docs/lever-answers.md and docs/costs.md.
    """
    from innovation.analysis.design import make_study, read_design, scenario_of
    from innovation.analysis.findings import designs, explore, ship, stale
    from innovation.calibration import costs, lever_answers
    from innovation.calibration.posterior import kept_draws
    from innovation.model.files import DocumentError

    if not given.check:
        only_in_a_checkout()
    city, written, faults = city_of(given), [], []
    for name, path in designs().items():
        design, document = read_design(path)
        study = make_study(city, design, scenario_of(city, design, path), distributions(city, design, given), document)
        if given.check:
            fault = stale(name, study)
            faults += [fault] if fault else []
            continue
        with progress(given, f"members of {name}", "begins anew") as meter:
            done = explore(study, on_progress=meter)
        written.append(str(ship(name, done)))
    draws = kept_draws.load(city)
    if given.check:
        faults += filter(None, [lever_answers.stale(city, draws.hash), costs.stale(city, draws.hash)])
    else:
        with progress(given, "runs of lever answers", "begins anew") as meter:
            written.append(str(lever_answers.make(city, draws, on_progress=meter)))
        with progress(given, "runs of costs", "begins anew") as meter:
            written.append(str(costs.make(city, draws, on_progress=meter)))
    if faults:
        raise DocumentError(faults)
    if given.json:
        print_json({"designs": list(designs()), "written": written})
    elif given.progress != "quiet":
        print("\n".join(f"Wrote {path}" for path in written) or f"Current: {', '.join(designs())}")

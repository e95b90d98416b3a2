"""The command line's second half: commands of many runs, which write folders. Each asks the house and prints."""

from __future__ import annotations

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli_endings import UNFINISHED, Mistake

if TYPE_CHECKING:
    from innovation.analysis.design import Design, Distributions
    from innovation.calibration.posterior import PosteriorDraws
    from innovation.calibration.record import Record
    from innovation.model import City
    from innovation.model.files import Language
    from innovation.scenarios import Scenario
    from innovation.scenarios.batches import MemberSource
    from innovation.scenarios.execution import Meter
    from innovation.scenarios.simulation import Failures, Instrument, MemberValues

LISTS = Path(__file__).parent / "out"  # where goes what no place is named for: lists of members that failed, draws
PRIOR_MEMBERS = 1000
TOLD_APART = 256  # members by which a folder knows priors again
MOST_MEMBERS = 1_000_000_000  # of a batch; what the disk holds is asked before anything runs
Command = Callable[..., argparse.ArgumentParser]


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
    with _progress(given, "runs") as meter:
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
        print("\n".join(filter(None, [lost, note, _of_record(origin), wrote])))
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
        raise DocumentError([fault("analysis.seed_without_prior", "--seed")])
    if given.prior and given.record:
        raise DocumentError([fault("analysis.record_with_prior", "--record")])
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


def _of_record(said: Mapping[str, Any]) -> str:
    """A sentence where draws are not of the city's record, by what they say of their origin; else ''."""
    if "record" not in said:
        return ""
    return f"The draws belong to the record {said['record']} ({said['record_hash'][:12]}), not to the city's own."


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
    study = make_study(city, design, scenario, _distributions(city, design, given), document)
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
        raise DocumentError([fault("analysis.no_out", "--out")])
    with _progress(given, "members") as meter:
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
        print(" ".join(filter(None, [said_of_it, _of_record(study.distributions.record)])))
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


def analyse(given: argparse.Namespace) -> None:
    """Say what a sweep's results mean: CSV, figures and a page of words in DIR/analysis."""
    from innovation.analysis import ANALYSIS
    from innovation.analysis import analyse as analysed
    from innovation.analysis.sweeps import read_results
    from innovation.engine import Progress

    def tell_step(now: Progress) -> None:
        if given.progress == "bar" and sys.stderr.isatty():
            print(f"\r{now.step:<40}", end="", file=sys.stderr, flush=True)

    found = analysed(read_results(Path(given.folder)), given.year or None, tell_step)
    if given.progress == "bar" and sys.stderr.isatty():
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    if given.json:
        counted = {"used": found.used, "of": found.units}
        print_json({"folder": str(Path(given.folder) / ANALYSIS), "files": list(found.files), **counted})
    else:
        print(found.words)
        print(f"Wrote {len(found.files)} files into {Path(given.folder) / ANALYSIS}.")


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

    city, written, faults = city_of(given), [], []
    for name, path in designs().items():
        design, document = read_design(path)
        study = make_study(city, design, scenario_of(city, design, path), _distributions(city, design, given), document)
        if given.check:
            fault = stale(name, study)
            faults += [fault] if fault else []
            continue
        with _progress(given, f"members of {name}", "begins anew") as meter:
            done = explore(study, on_progress=meter)
        written.append(str(ship(name, done)))
    draws = kept_draws.load(city)
    if given.check:
        faults += filter(None, [lever_answers.stale(city, draws.hash), costs.stale(city, draws.hash)])
    else:
        with _progress(given, "runs of lever answers", "begins anew") as meter:
            written.append(str(lever_answers.make(city, draws, on_progress=meter)))
        with _progress(given, "runs of costs", "begins anew") as meter:
            written.append(str(costs.make(city, draws, on_progress=meter)))
    if faults:
        raise DocumentError(faults)
    if given.json:
        print_json({"designs": list(designs()), "written": written})
    elif given.progress != "quiet":
        print("\n".join(f"Wrote {path}" for path in written) or f"Current: {', '.join(designs())}")


def diff(given: argparse.Namespace) -> None:
    """Compare two model files, two scenarios or two folders of results: what changed, and what moved by how much."""
    from innovation.analysis import difference, difference_json, difference_text

    found = difference(given.old, given.new, given.year or None, city_of(given) if given.model else None)
    if given.json:
        print_json(difference_json(found, given.least))
    else:
        print(difference_text(found, given.least))


def schema(given: argparse.Namespace) -> None:
    """Print the JSON Schema of a kind of file, for an editor that checks while one types."""
    from innovation.analysis.design import design_schema
    from innovation.scenarios import scenario_schema

    print_json({"design": design_schema, "scenario": scenario_schema}[given.what]())


def city_of(given: argparse.Namespace) -> City:
    """The city, or with --model a variant; with --priors it believes another set of priors."""
    from innovation.model import load_city, load_variant, with_priors

    city = load_variant(given.model) if given.model else load_city()
    name = getattr(given, "priors", None)
    return city if name is None else with_priors(city, name)


def draws_file(given: argparse.Namespace, quick: bool = False) -> Path:
    """The file of draws that is meant: the one named, else that of the priors and the record asked for."""
    from innovation.calibration.posterior import DEFAULT
    from innovation.model import DEFAULT_PRIORS

    if given.posterior:
        return Path(given.posterior)
    others = [given.priors] if given.priors not in (None, DEFAULT_PRIORS) else []
    others += ["quick"] if quick else []
    others += [f"record-{Path(given.record).stem}"] if given.record else []
    return LISTS / f"{'-'.join(['posterior', *others])}.parquet" if others else DEFAULT


def record_asked(given: argparse.Namespace, city: City) -> Record | None:
    """The record of one's own that is asked for with --record; None: the city's."""
    from innovation.calibration.posterior import read_own_record

    return read_own_record(city, Path(given.record)) if given.record else None


def draws_of(given: argparse.Namespace, city: City) -> PosteriorDraws:
    """The draws that are meant; a file that is named may be of any record, which its draws then tell."""
    from innovation.calibration.posterior import kept_draws

    path, record = draws_file(given), record_asked(given, city)
    return kept_draws.load(city, path, record=record, of_any=bool(given.posterior))


def _distributions(city: City, design: Design, given: argparse.Namespace) -> Distributions:
    """What calibration knows of the constants, as far as the design asks for it."""
    from innovation.analysis.design import Distributions

    asked = {factor.range for factor in design.factors if isinstance(factor.range, str)}
    for option, of in (("--posterior", given.posterior), ("--record", given.record)):
        if of and "posterior" not in asked:
            from innovation.model.files import DocumentError, fault

            raise DocumentError([fault("analysis.draws_unused", option, option=option)])
    prior = None
    if "prior" in asked:
        from innovation.calibration.priors import Space

        prior = Space(city)
    if "posterior" not in asked:
        return Distributions(prior)
    draws = draws_of(given, city)
    return Distributions(prior, draws.draws, draws.hash, draws.own_record)


def tell_editions(city: City, asked: Sequence[Scenario], language: Language = "en") -> None:
    """Say on stderr what scenarios of an earlier edition mean otherwise now, and what rising amounts come to."""
    from innovation.scenarios import notice, ramps

    for said in filter(None, [notice(city, asked, language), *ramps(city, asked, language)]):
        print(said, file=sys.stderr)


def tell_failures(given: argparse.Namespace, failures: Failures, members: MemberValues | None) -> str | None:
    """Write the list of who failed and say on stderr what is not shown; returns what to say beside the figures."""
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import FAILURE_COLUMNS, listed, told

    drawn, place = members or {}, ""
    if (drawn and (failures or given.out)) or (failures and given.out):
        text = csv_text((*FAILURE_COLUMNS, *drawn), listed(failures, drawn))
        place = _kept_list(Path(given.out) if given.out else None, text)
    return tell(failures, told(failures, given.lang, place=place), given.json)


def tell(failures: Failures, lines: list[str], json: bool) -> str | None:
    """Say on stderr what is not shown, and with --json all; returns the rest, which stands beside the figures."""
    apart = len(lines) if json or not failures.shown else int(bool(failures.aside))
    print("".join(f"{line}\n" for line in lines[:apart]), end="", file=sys.stderr)
    return " ".join(lines if json else lines[apart:]) or None


def _kept_list(folder: Path | None, text: str) -> str:
    """Write a list of members that failed, and tell where it stands or why it does not."""
    from innovation.engine.files import write_whole
    from innovation.scenarios.simulation import FAILURE_COLUMNS, LIST

    mark = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = folder / LIST if folder else LISTS / f"failed-{mark}.csv"
    replaceable(path, lambda before: before.startswith(",".join(FAILURE_COLUMNS)))
    try:
        write_whole(path, text)
    except OSError as error:
        return f"{path} ({error.strerror})"
    return str(path)


def replaceable(path: Path, is_own: Callable[[str], bool]) -> None:
    """Raises Mistake where a file stands that this command did not write, as its beginning tells."""
    from innovation.engine.files import UnreadableFile, beginning

    try:
        if is_own(beginning(path)):
            return
    except UnreadableFile as error:
        if error.absent and not path.is_symlink():
            return
        raise Mistake(f"{path} cannot be written: {error}. Name another place.") from None
    raise Mistake(f"{path} is not a table that this command wrote, and would be lost. Name another place.")


class _progress:
    """A meter that leaves the line clean, and tells how to go on where a person interrupts."""

    def __init__(self, given: argparse.Namespace, noun: str, again: str = "goes on from there") -> None:
        from innovation.scenarios.execution import Meter

        self._again = again
        self._meter: Meter = Meter(given.progress, noun)

    def __enter__(self) -> Meter:
        return self._meter

    def __exit__(self, kind: Any, *_: object) -> None:
        self._meter.close()
        if kind is KeyboardInterrupt:
            print(f"Stopped after {self._meter.account()}. The same command {self._again}.", file=sys.stderr)


def print_json(content: Any) -> None:
    """Plain data for a script."""
    print(json.dumps(content, ensure_ascii=False, indent=1))


def add_commands(command: Command) -> None:
    """Tell the parser of the commands here; `command` makes one."""
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
    made = command("sweep", sweep, "run a design of many members: Morris, Sobol', Latin hypercube, grid, Monte Carlo")
    made.add_argument(
        "design", metavar="DESIGN.yaml", help="what varies, how, and what is kept (docs/using-results.md)"
    )
    made.add_argument("--out", metavar="DIR", help="folder for the results; an interrupted sweep goes on there")
    made.add_argument("--double", action="store_true", help="float64 figures instead of float32")
    made.add_argument("--dry-run", action="store_true", help="estimate time and disk, and write nothing")
    made.add_argument("--posterior", metavar="FILE", help="draws that `calibrate` wrote (default: those of the city)")
    add_running(made)
    made = command("analyse", analyse, "what matters in a sweep: indices, boxes, figures, a page of words")
    made.add_argument("folder", metavar="DIR", help="folder that `sweep` wrote")
    made.add_argument("--year", action="append", type=int, default=[], help="of this year; repeatable (default: all)")
    add_progress(made)
    made = command("findings", findings, "make the findings of analysis/library that are shipped for the page")
    made.add_argument("--check", action="store_true", help="write nothing; say which belong to other files")
    made.set_defaults(model=None, posterior=None, priors=None, record=None)
    add_progress(made)
    made = command("diff", diff, "two models, scenarios or folders of results side by side")
    made.add_argument("old", help="model file, scenario (id or file) or folder")
    made.add_argument("new", help="another of the same kind")
    made.add_argument("--year", action="append", type=int, default=[], help="of this year; repeatable")
    made.add_argument("--least", type=float, default=0.1, metavar="PERCENT", help="smallest move listed (default: 0.1)")
    add_model(made)
    made = command("schema", schema, "print the JSON Schema of design or scenario files")
    made.add_argument("what", choices=("design", "scenario"))


def add_running(made: argparse.ArgumentParser) -> None:
    """Options of how runs are computed and told of."""
    add_model(made)
    add_priors(made)
    add_record(made)
    where = made.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=_jobs, metavar="J", help="threads of this machine (default: all processors)")
    where.add_argument("--cluster", metavar="ADDRESS", help="a Dask scheduler's address, or local for processes here")
    add_progress(made)


def add_model(made: argparse.ArgumentParser) -> None:
    """Another model file than the city's."""
    made.add_argument("--model", metavar="FILE", help="a variant of the model file (default: the city's)")


def add_priors(made: argparse.ArgumentParser) -> None:
    """Another set of priors than the city's."""
    sets = "known_by_2010, plan_targets, blind, centred"
    made.add_argument("--priors", metavar="SET", help=f"a set of priors: {sets} (default: default)")


def add_record(made: argparse.ArgumentParser) -> None:
    """Another record than the city's."""
    made.add_argument(
        "--record",
        type=_file,
        metavar="FILE",
        help="a record of your own, like calibration/data/observations.csv (default: the city's)",
    )


def add_band(made: argparse.ArgumentParser) -> None:
    """Which of the two bands is shown."""
    made.add_argument(
        "--band",
        choices=("published", "city"),
        default="published",
        help="bands and chances of the figures that will be published, or of the city alone (default: published)",
    )


def add_progress(made: argparse.ArgumentParser) -> None:
    """How a long command tells how far it is."""
    made.add_argument("--progress", choices=("bar", "json", "quiet"), default="bar", help="on stderr (default: bar)")
    made.add_argument("--quiet", action="store_const", dest="progress", const="quiet", help="say nothing but faults")


def _file(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("No file is named.")
    return text


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MOST_MEMBERS):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of members from 1 to {MOST_MEMBERS:,}.')
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from 0 on.')
    return int(text)


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 4096):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of threads from 1 to 4096.')
    return int(text)

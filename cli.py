"""The command line: each command asks the house and prints the answer; cli_endings.py has the exit statuses.

Commands of many runs, which write folders, stand in cli_sweeps.py.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import tomllib
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import chain, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli_endings import UNFINISHED, Mistake, ended
from cli_sweeps import (
    add_band,
    add_commands,
    add_model,
    add_priors,
    add_record,
    city_of,
    draws_file,
    draws_of,
    record_asked,
    replaceable,
    tell_editions,
    tell_failures,
)

if TYPE_CHECKING:
    import xarray as xr

    from innovation.calibration.posterior import DrawsRecord, PosteriorDraws
    from innovation.model import City
    from innovation.scenarios import Scenario
    from innovation.scenarios.checks import LawResult
    from innovation.scenarios.simulation import Failures, Instrument

HERE = Path(__file__).parent
DOCS = HERE / "docs"
WIDE = 200
MOST = 20_000  # members, or threads
LARGEST_SEED = 2**32 - 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer one command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given = _parser().parse_args(arguments)
    return ended(lambda: given.answer(given))


def run(given: argparse.Namespace) -> None:
    """Run any model file, from its initial values; a time column and one for each variable or element of an array."""
    from innovation.engine import load_model
    from innovation.engine.files import csv_text

    model = load_model(given.file, given.backend)
    if given.show_kernel:
        sys.stdout.write(model.source(_settings(given.set), given.output or None).rstrip() + "\n")
        return
    out = Path(given.out) if given.out else None
    if out:
        if _same(out, Path(given.file)):
            raise Mistake(f"--out {given.out} is the model file itself. Name another file.")
        replaceable(out, lambda text: text.startswith(("time,", "time\n", '{"model_hash": ')))
    columns = _columns(model.run(_settings(given.set), given.output or None))
    if given.json:
        text = json.dumps({"model_hash": model.hash, "columns": columns}, ensure_ascii=False) + "\n"
    else:
        text = csv_text(columns, zip(*columns.values(), strict=True))
    if out:
        _write(out, text)
    else:
        sys.stdout.write(text)


def simulate(given: argparse.Namespace) -> int:
    """Simulate scenarios, write their figures where asked, and print the plan's targets.

    With --members their chances too: the nominal run and so many draws from the posterior.
    """
    from innovation import scenarios as house
    from innovation.scenarios.costs import COST_COLUMNS, COSTS, has_costs
    from innovation.scenarios.simulation import BAND_COLUMNS, CHANCE_COLUMNS, TIDY_COLUMNS, VIEW_COLUMNS, plain_failures

    if given.posterior and not given.members:
        raise Mistake("--posterior says where members come from. Say how many: --members N.")
    if given.priors is not None and not given.members:
        raise Mistake("--priors says what members believe. Say how many: --members N.")
    if given.record and not given.members:
        raise Mistake("--record says what members were fitted to. Say how many: --members N.")
    city = city_of(given)
    asked = house.load_scenarios(city, given.scenario)
    tell_editions(city, asked, given.lang)
    if given.out:
        tables = {"indicators.csv": TIDY_COLUMNS, "bands.csv": BAND_COLUMNS}
        tables |= {"chances.csv": CHANCE_COLUMNS, "views.csv": VIEW_COLUMNS}
        written = [*tables] if given.members else ["indicators.csv"]
        if has_costs(city):
            tables[COSTS] = COST_COLUMNS
            written.append(COSTS)
        for name in written:
            replaceable(Path(given.out) / name, partial(_has_head, tables[name]))
    members, origin, note, instrument, judged = _drawn(given, city) if given.members else (None, {}, None, None, ())
    found = house.attempt(city, asked, members, origin)
    lost = tell_failures(given, found.failures, members)
    shown = [scenario for scenario in asked if scenario.id in found.failures.shown]
    if found.dataset is not None:
        said = [*filter(None, [lost, note])]
        if given.members:
            _forecast(given, city, shown, found.dataset, instrument, judged, found.failures, said)
        else:
            _nominal(given, city, shown, found.dataset, found.failures, said)
    elif given.json:
        _print_json({"scenarios": {}, "failures": plain_failures(found.failures)})
    return UNFINISHED if found.failures.aside else 0


def _drawn(
    given: argparse.Namespace, city: City
) -> tuple[dict[str, Any], dict[str, Any], str | None, Instrument | None, Collection[str]]:
    """Members from the posterior, where they come from, a sentence where draws repeat, how figures are published.

    Last the targets that rest on judgement.
    """
    from innovation.calibration import judged_targets
    from innovation.calibration.discrepancy import instrument_of
    from innovation.calibration.posterior import record_of

    draws, count = draws_of(given, city), given.members
    judged, instrument = judged_targets(city, record_of(city, draws)), instrument_of(city, draws)
    return draws.members(count), draws.attrs(count), draws.note(count, given.lang), instrument, judged


def _costs(given: argparse.Namespace, city: City, asked: Sequence[Scenario], dataset: xr.Dataset) -> dict[str, Any]:
    """What scenarios cost and whom, as JSON or by scenario as text; {} of a city without prices.

    Payers are of the members, where there are some; levers, effects and answers of the nominal run.
    """
    from innovation.engine.files import csv_text
    from innovation.scenarios.costs import (
        COST_COLUMNS,
        COSTS,
        cost_json,
        cost_rows,
        cost_text,
        costs,
        figures_of,
        has_costs,
        study,
    )
    from innovation.scenarios.simulation import Members

    if not has_costs(city):
        return {}
    figures = {one.id: figures_of(city, dataset, one.id) for one in asked}
    own = slice(1, None) if given.members else slice(None)
    found = {name: costs(city, {figure: values[own] for figure, values in of.items()}) for name, of in figures.items()}
    studies = study(city, asked, Members.nominal(city))
    if given.out:
        rows = chain.from_iterable(cost_rows(name, one) for name, one in found.items())
        _write(Path(given.out) / COSTS, csv_text(COST_COLUMNS, rows))
    if given.json:
        return {"costs": {name: cost_json(city, one, studies[name]) for name, one in found.items()}}
    return {name: cost_text(city, one, studies[name], given.lang) for name, one in found.items()}


def _nominal(
    given: argparse.Namespace,
    city: City,
    asked: Sequence[Scenario],
    dataset: xr.Dataset,
    failures: Failures,
    said: list[str],
) -> None:
    """Figures and targets of the nominal run."""
    from innovation import scenarios as house
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import (
        TIDY_COLUMNS,
        as_json,
        nominal_figure,
        plain_failures,
        target_text,
        tension_lines,
        tidy_rows,
    )

    if given.out:
        _write(Path(given.out) / "indicators.csv", csv_text(TIDY_COLUMNS, tidy_rows(dataset)))
    costs = _costs(given, city, asked, dataset)
    if given.json:
        _print_json({**as_json(city, asked, dataset), **costs, "failures": plain_failures(failures)})
        return
    rows = house.target_table(city, dataset)
    told = [
        [
            target_text(city, one, rows, given.lang, _width()),
            *tension_lines(city, nominal_figure(dataset, one.id), given.lang),
            *([f"\n{costs[one.id]}"] if one.id in costs else []),
        ]
        for one in asked
    ]
    print("\n\n".join(map("\n".join, told)))
    print("\n".join([f"\nModel {city.model.hash[:12]}, nominal run.", *said]))


def _forecast(
    given: argparse.Namespace,
    city: City,
    asked: Sequence[Scenario],
    dataset: xr.Dataset,
    instrument: Instrument | None,
    judged: Collection[str],
    failures: Failures,
    said: list[str],
) -> None:
    """Bands and chances of scenarios from draws of the posterior; files and JSON have both bands."""
    from innovation.engine.files import csv_text
    from innovation.scenarios.simulation import (
        CITY,
        TIDY_COLUMNS,
        VIEW_COLUMNS,
        outlooks,
        plain_failures,
        published_result,
        tidy_rows,
        view_rows,
    )

    results = [published_result(dataset, instrument), dataset] if instrument else [dataset]
    both = {one.band: one for one in (outlooks.outlook(city, result, judged) for result in results)}
    seen = both.get(given.band, both[CITY])
    if given.out:
        nominal = dataset.isel(member=slice(0, 1))
        _write(Path(given.out) / "indicators.csv", csv_text(TIDY_COLUMNS, tidy_rows(nominal)))
        _write(
            Path(given.out) / "bands.csv",
            csv_text(outlooks.BAND_COLUMNS, chain.from_iterable(map(outlooks.band_rows, both.values()))),
        )
        _write(
            Path(given.out) / "chances.csv",
            csv_text(outlooks.CHANCE_COLUMNS, chain.from_iterable(map(outlooks.chance_rows, both.values()))),
        )
        _write(Path(given.out) / "views.csv", csv_text(VIEW_COLUMNS, view_rows(city, seen.chances.values())))
    costs = _costs(given, city, asked, dataset)
    if given.json:
        note = " ".join(said) or None
        found = {**outlooks.outlook_json(seen, asked), **costs}
        found["other_bands"] = {name: outlooks.bands_json(one) for name, one in both.items() if one is not seen}
        _print_json({**found, "note": note, "failures": plain_failures(failures)})
        return
    told = {one.id: outlooks.outlook_text(seen, one, given.lang, _width()) for one in asked}
    print("\n\n".join(part for name, text in told.items() for part in (text, costs.get(name)) if part))
    print("\n".join(["", *said, outlooks.method_text(seen, given.lang)]))


def calibrate(given: argparse.Namespace) -> None:
    """Fit the city to the published record and keep draws from the posterior; cut off and asked again, it goes on.

    With --record FILE to a record of your own, whose draws never mix with the city's (docs/using-results.md). With
    --check nothing is fitted: it says whether the draws belong to the model, the record and the priors.
    """
    from innovation.calibration import Telling
    from innovation.calibration.posterior import calibrate as fit
    from innovation.model import DEFAULT_PRIORS

    city, out = city_of(given), _place_of_draws(given)
    own = record_asked(given, city)
    if given.check:
        from innovation.calibration.posterior import kept_draws

        kept_draws.load(city, out, unfit_ok=given.quick, record=own)
        print(f"Current: {out}")
        return
    tell = Telling()
    try:
        kept = fit(city, out, quick=given.quick, seed=given.seed, threads=given.threads, on_progress=tell, record=own)
    except KeyboardInterrupt:
        tell.end()
        print("Stopped. The same command goes on from here.", file=sys.stderr)
        raise
    tell.end()
    record = kept.record
    if given.json:
        _print_json({"file": str(out), "hash": kept.hash, "draws": kept.distinct, **_briefly(record)})
        return
    believed = "" if record.prior_set == DEFAULT_PRIORS else f", with the priors {record.prior_set}"
    believed += f", of the record {own.name}" if own else ""
    print(
        f"{kept.distinct} draws of {len(record.constants)} constants in {out}{believed}\n"
        f"R-hat at most {record.worst['rhat']:.4f}; effective size at least {record.worst['bulk']:.0f} in the middle, "
        f"{record.worst['tail']:.0f} in the tails; {record.evaluations} runs, seed {record.seed}\n"
        f"Posterior {kept.hash[:12]} of model {record.model_hash[:12]}"
    )
    if record.quick:
        print("A quick fit shows that all works; it is marked unfit for use; simulate, batch and the page refuse it.")


def _briefly(record: DrawsRecord) -> dict[str, Any]:
    """What a file of draws belongs to, without the long tables of what was believed and read."""
    long = ("priors", "reads", "fitted_reads", "observations")
    return {name: value for name, value in vars(record).items() if name not in long}


def rebind(given: argparse.Namespace) -> None:
    """Bind draws to the model as it stands, without a fit, where each gives the record's figures as fitted, to the bit.

    Else say which draw, figure and year comes out otherwise, and change nothing.
    """
    from innovation.calibration.posterior import rebind as bind
    from innovation.calibration.posterior import told
    from innovation.engine.files import reason

    path = draws_file(given)
    if given.model and not given.out:
        raise Mistake("Draws bound to a variant do not take the place of others. Say where: --out FILE.")
    out = Path(given.out) if given.out else path
    _spare_the_citys(given, out)
    try:
        city = city_of(given)
        found = bind(city, path, out, record=record_asked(given, city), of_any=bool(given.posterior))
    except OSError as error:
        raise Mistake(f"{out} cannot be written: {reason(error)}. Name another place: --out FILE.") from None
    if given.json:
        kept = found.draws
        told_of = {"file": str(out), "hash": kept.hash, "draws": kept.distinct, **_briefly(kept.record)}
        _print_json({**told_of, "before": found.before, "added_now": list(found.added)})
        return
    print(told(found, out))


def nominal(given: argparse.Namespace) -> None:
    """Set each drawn constant of the model file to the middle of its draws, and name headline figures still off.

    With --check write nothing, and say which constants are not there.
    """
    from innovation.calibration import centre
    from innovation.calibration.posterior import kept_draws
    from innovation.engine.files import reason

    city = city_of(given)
    draws = kept_draws.load(city, draws_file(given))
    wanted = centre.centre(city, draws)
    moved = centre.moved(city, wanted)
    if moved and not given.check:
        try:
            centre.write_nominal(city, wanted)
        except OSError as error:
            raise Mistake(f"{city.model.path} cannot be written: {reason(error)}.") from None
        city = city_of(given)
    far = centre.off_centre(city, draws)
    if given.json:
        named = {name: {"before": now, "centre": value} for name, (now, value) in moved.items()}
        _print_json({"constants": len(wanted), "moved": named, "off": [vars(one) for one in far]})
    else:
        lines = [f"{name}: {now:g} -> {value:g}" for name, (now, value) in moved.items()]
        lines += [f"{len(moved)} of {len(wanted)} drawn constants {'are elsewhere' if given.check else 'moved'}."]
        lines += [f"Headline figures further than {centre.NEAR:.0%} from the median of the draws: {len(far)}"]
        print("\n".join([*lines, *map(str, far)]))
    if moved and given.check:
        raise Mistake("The nominal run is not the posterior's centre. Run the same without --check.")


def remake(given: argparse.Namespace) -> None:
    """Make again all that is made from the model and the record, in order, as far as it is stale; cut off, it goes on.

    The posterior (bound anew where that is enough, else fitted), nominal values, equal-cost mixes, golden figures,
    findings, evidence, pages, and pictures where Chromium is there.
    """
    import cli_remake

    every = cli_remake.steps()
    if given.list:
        found = cli_remake.states(every)
        if given.json:
            _print_json([{"step": one.step.name, "state": one.state, "why": one.why} for one in found])
        else:
            for one in found:
                print(one, flush=True)
        return
    made = cli_remake.remake(every, lambda said: print(said, file=sys.stderr, flush=True))
    if given.json:
        _print_json({"made": made})
    else:
        print(f"Made: {', '.join(made)}." if made else "All is fresh.")


def _place_of_draws(given: argparse.Namespace) -> Path:
    """Where a fit's draws go: never a variant's, or those of other priors or records, in place of the city's."""
    if not given.out:
        if given.model and not given.quick:
            raise Mistake("The draws of a variant do not take the place of the city's. Say where: --out FILE.")
        return draws_file(given, given.quick)
    out = Path(given.out)
    _spare_the_citys(given, out)
    return out


def _spare_the_citys(given: argparse.Namespace, out: Path) -> None:
    """Raises Mistake where draws of a variant, other priors or another record would take the place of the city's."""
    from innovation.calibration.posterior import kept_draws
    from innovation.model import DEFAULT_PRIORS

    others = {"of a variant": given.model, f"of the record {given.record}": given.record}
    others[f"of the priors {given.priors}"] = given.priors not in (None, DEFAULT_PRIORS)
    whose = next((name for name, asked in others.items() if asked), "")
    if whose and _same(out, kept_draws.DEFAULT):
        raise Mistake(f"--out {given.out} holds the city's own draws. Name another file for those {whose}.")


def check(given: argparse.Namespace) -> None:
    """Try the laws of the house on the city's files; of a variant all but those of the generated pages.

    What no lever may do and what the city answers to policies is tried over some draws of the posterior, with
    --every-draw over all; of a variant without --posterior, over draws of the priors.
    """
    from innovation.calibration import law as centre_law
    from innovation.calibration import pages
    from innovation.scenarios import check as check_city
    from innovation.scenarios.execution import Meter
    from innovation.scenarios.simulation import Members

    city = city_of(given)
    draws, refused = _draws_to_check(given, city)
    whose = f" of the record {draws.record.record_name}" if draws and draws.own_record else ""
    members = Members.of(draws.draws, f"draws of the posterior{whose}") if draws else None
    outcomes = []
    meter = Meter("bar" if given.every_draw and not given.json else "quiet", "runs of the law of corners")
    tried = check_city(
        city, None if given.model else DOCS, made={} if given.model else pages(city),
        members=members, every=given.every_draw, on_progress=meter,
    )  # fmt: skip
    others = given.model or given.priors or (draws and draws.own_record)
    centred = [] if draws is None or others else [centre_law(city, draws)]
    for outcome in chain(refused, tried, centred):
        outcomes.append(outcome)
        if not given.json:
            print(f"{'holds ' if outcome.holds else 'BROKEN'}  {outcome.law}: {outcome.found}", flush=True)
    if given.json:
        _print_json([vars(outcome) for outcome in outcomes])
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


def docs(given: argparse.Namespace) -> None:
    """Write the generated pages, or say which are stale; of a variant those that the model and its registries make."""
    from innovation.calibration import MADE_FROM, made_from, pages
    from innovation.scenarios.documents import pages as pages_of_files
    from innovation.scenarios.documents import stale_pages, strangers

    if given.model and not given.out:
        raise Mistake("docs/ has the pages of the city's own model. Say where those of a variant go: --out DIR.")
    city, folder = city_of(given), Path(given.out) if given.out else DOCS
    if given.model and _same(folder, DOCS):
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
            _write(folder / name, made[name].write(city))
        if not given.model:
            kept = json.dumps(made_from(city, folder), indent=1) + "\n"
            if not _stands(folder / MADE_FROM, kept):
                _write(folder / MADE_FROM, kept)
    if given.json:
        _print_json({"pages": list(made), "written": stale})
    elif not stale:
        print(f"Current: {', '.join(places.values())}")


def sketch(given: argparse.Namespace) -> None:
    """Draw a model for Vensim, a view a module, below the equations of its .mdl file; what was drawn there goes.

    No equation, comment or setting changes, nor does any figure, the model's hash or what draws are bound to.
    """
    from innovation.engine import file_error, load_model
    from innovation.model import FOLDER
    from innovation.model.vensim import broken_rules, undrawn, view_titles, with_sketch

    path = Path(given.model) if given.model else FOLDER / "innovation.mdl"
    if path.suffix.lower() != ".mdl":
        raise Mistake(f"{path} is no .mdl file; only these are opened by Vensim with a sketch in them.")
    structure = load_model(path).structure
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Mistake(f"{path} is not written in UTF-8. Save it so, with {{UTF-8}} as its first line.") from None
    if given.check:
        wrong = [*(fault for _, fault in broken_rules(text)), *undrawn(text)]
        if wrong:
            raise file_error(path, wrong)
        drawn = text
    else:
        drawn = with_sketch(text, structure)
        _write(path, drawn.replace("\n", "\r\n") if b"\r\n" in content else drawn)
    if given.json:
        _print_json({"file": str(path), "views": view_titles(drawn)})
    elif given.check:
        print(f"Every rule is kept, and what is drawn is what the equations say: {path}")


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
        for path, text in solved_files(city).items():
            if not _stands(path, text):
                _write(path, text)
    found = solved(city, "social") if given.by == "social" else mixes_of(city)
    if given.json:
        _print_json([{**vars(mix), "difference": mix.difference, "is_equal": mix.is_equal} for mix in found])
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


def list_(given: argparse.Namespace) -> None:
    """List what can be named: levers (with assumptions), indicators, scenarios or targets."""
    from innovation.scenarios import LISTINGS
    from innovation.scenarios.simulation import aligned

    records = LISTINGS[given.what](city_of(given))
    if given.json:
        _print_json(records)
        return
    dropped = {"zh": "en", "en": "zh"}[given.lang]
    heads = [head for head in records[0] if not head.endswith(f"_{dropped}")] if records else []
    rows = [[_cell(record[head]) for head in heads] for record in records]
    numbers = {n for n, head in enumerate(heads) if any(isinstance(record[head], int | float) for record in records)}
    print(aligned([[head.removesuffix(f"_{given.lang}") for head in heads], *rows], numbers))


def _cell(value: object) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE


def _settings(pairs: Iterable[str]) -> dict[str, float]:
    """NAME=VALUE pairs as parameters of a run; the engine judges the names."""
    settings: dict[str, float] = {}
    wrong = []
    for pair in pairs:
        name, equals, value = pair.rpartition("=")
        try:
            number = float(value)
        except ValueError:
            wrong.append(f'--set {pair}: "{value}" is not a number. Write --set "NAME=VALUE".')
            continue
        if not equals or not name.strip():
            wrong.append(f'--set {pair}: no name stands before "=". Write --set "NAME=VALUE".')
        elif name.strip() in settings:
            wrong.append(f"--set {pair}: {name.strip()} is set twice. Keep one.")
        settings[name.strip()] = number
    if wrong:
        raise Mistake("\n".join(wrong))
    return settings


def _columns(result: xr.Dataset) -> dict[str, list[float]]:
    """A run of one member as columns: time, then each variable, or each element of an array as Name[a,b]."""
    columns = {"time": result.time.values.tolist()}
    for variable in result.data_vars.values():
        figures = variable.isel(member=0) if "member" in variable.dims else variable
        dims = [dim for dim in figures.dims if dim != "time"]
        label = figures.attrs.get("label", str(variable.name))
        for elements in product(*(figures[dim].values.tolist() for dim in dims)):
            column = figures.sel(dict(zip(dims, elements, strict=True)))
            values = column.values.tolist()
            named = f"{label}[{','.join(map(str, elements))}]" if dims else label
            columns[named] = values if "time" in column.dims else [values] * len(columns["time"])
    return columns


def _write(path: Path, text: str) -> None:
    from innovation.engine.files import reason, write_whole

    try:
        write_whole(path, text)
    except (OSError, ValueError) as error:
        raise Mistake(f"{path} cannot be written: {reason(error)}. Name another place.") from None
    print(f"Wrote {path}", file=sys.stderr)


def _stands(path: Path, text: str) -> bool:
    """Whether a file holds this text and nothing else, however its lines end."""
    from innovation.engine.files import UnreadableFile, read_plain_file

    content = text.encode()
    try:
        return read_plain_file(path, 2 * len(content)).replace(b"\r\n", b"\n") == content
    except UnreadableFile:
        return False


def _has_head(columns: Sequence[str], text: str) -> bool:
    return text.partition("\n")[0] == ",".join(columns)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _print_json(content: Any) -> None:
    print(json.dumps(content, ensure_ascii=False, indent=1))


def _count(text: str) -> int:
    return _whole(text, 1, MOST)


def _seed(text: str) -> int:
    return _whole(text, 0, LARGEST_SEED)


def _whole(text: str, least: int, most: int) -> int:
    """A whole number from an option, as argparse wants it refused."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from {least} to {most}.')
    return number


def _version() -> str:
    with (HERE / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    return f"{project['name']} {project['version']}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cli.py",
        description="Simulate Wuhan's innovation economy, or any system-dynamics model file.",
        epilog="Examples: simulate baseline plan_as_written --out out · run model.mdl --set 'rate=0.05' · list levers",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, answer: Any, help: str, language: bool = False) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=answer.__doc__)
        made.set_defaults(answer=answer)
        made.add_argument("--json", action="store_true", help="print JSON for a script")
        if language:
            made.add_argument("--lang", choices=("en", "zh"), default="en", help="language of labels (default: en)")
        return made

    made = command("simulate", simulate, "simulate scenarios and hold them against the plan's targets", language=True)
    made.add_argument("scenario", nargs="+", help="id in the library, a YAML file, or several joined: a+b")
    made.add_argument(
        "--out",
        metavar="DIR",
        help="write DIR/indicators.csv; with members bands.csv, chances.csv, views.csv and failed.csv too",
    )
    made.add_argument("--members", type=_count, metavar="N", help="so many draws from the posterior: bands and chances")
    made.add_argument("--posterior", metavar="FILE", help="draws that `calibrate` wrote (default: those of the city)")
    add_band(made)
    add_model(made)
    add_priors(made)
    add_record(made)
    made = command("calibrate", calibrate, "fit the city to the published record: half an hour on two cores")
    made.add_argument("--quick", action="store_true", help="a minute or two, to see that all works; not fit for use")
    made.add_argument("--check", action="store_true", help="fit nothing; say whether the draws are of this model")
    made.add_argument("--seed", type=_seed, default=1, metavar="N", help="of all that is drawn (default: 1)")
    made.add_argument("--out", metavar="FILE", help="where the draws go (default: where simulate looks)")
    made.add_argument("--threads", type=_count, metavar="N", help="of the engine (default: one a processor)")
    made.set_defaults(posterior=None)
    add_model(made)
    add_priors(made)
    add_record(made)
    made = command("rebind", rebind, "bind draws to a changed model that says the same of the record; no fit")
    made.add_argument("--posterior", metavar="FILE", help="draws to bind (default: those of the city)")
    made.add_argument("--out", metavar="FILE", help="where the bound draws go (default: in place of the others)")
    add_model(made)
    add_priors(made)
    add_record(made)
    made = command("nominal", nominal, "set the model file's drawn constants to the posterior's centre")
    made.add_argument("--posterior", metavar="FILE", help="draws whose centre is meant (default: those of the city)")
    made.add_argument("--check", action="store_true", help="write nothing; say which constants are elsewhere")
    made.set_defaults(model=None, priors=None, record=None)
    made = command("remake", remake, "make again all that is made from the model and the record, where it is stale")
    made.add_argument("--list", action="store_true", help="make nothing; say how each step stands, and why")
    made = command("run", run, "run any model file (.mdl, .xmile)")
    made.add_argument("file", help="model file")
    made.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change a constant, or a stock's start; repeatable",
    )
    made.add_argument("--output", action="append", default=[], metavar="NAME", help="a variable wanted; repeatable")
    made.add_argument("--backend", choices=("vectors", "numpy"), help="machine code, or NumPy (default: what works)")
    made.add_argument(
        "--show-kernel",
        action="store_true",
        help="print the generated code below the model's equations, and run nothing",
    )
    made.add_argument("--out", metavar="CSV", help="write a file instead of printing")
    made = command("list", list_, "list what can be named", language=True)
    made.add_argument("what", choices=("levers", "indicators", "scenarios", "targets"))
    add_model(made)
    made = command("mixes", mixes, "solve the mixes that cost the city as much as the plan")
    made.add_argument("--check", action="store_true", help="write nothing; say which no longer cost the same")
    made.add_argument(
        "--by",
        choices=("city", "social"),
        default="city",
        help="cost that is equal: to the city, or social (prints only)",
    )
    add_model(made)
    add_commands(command)
    made = command("check", check, "try the laws of the house on the city's files")
    made.add_argument("--every-draw", action="store_true", help="the law of levers' ends over every draw: some minutes")
    made.add_argument("--posterior", metavar="FILE", help="draws it is tried over (default: those of the city)")
    add_model(made)
    add_priors(made)
    add_record(made)
    made = command("docs", docs, "write the generated pages and diagrams below docs/ from the files")
    made.add_argument("--out", metavar="DIR", help="another folder than docs/; needed with --model")
    add_model(made)
    made.add_argument("--check", action="store_true", help="write nothing; say which pages are stale")
    made = command("sketch", sketch, "draw the model file for Vensim, below its equations: a minute or two")
    add_model(made)
    made.add_argument("--check", action="store_true", help="write nothing; say what breaks a rule of Vensim's")
    return parser


if __name__ == "__main__":
    sys.exit(main())

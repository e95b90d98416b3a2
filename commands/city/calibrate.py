"""`cli.py calibrate`: fit the city to the record and keep draws from the posterior."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from innovation.commands.endings import Mistake
from innovation.commands.options import Command, add_model, add_priors, add_record, count, whole
from innovation.commands.output import only_in_a_checkout, print_json
from innovation.commands.subject import city_of, draws_file, record_asked, spare_the_citys
from innovation.commands.telling import briefly

LARGEST_SEED = 2**32 - 1


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("calibrate", calibrate, "fit the city to the published record: half an hour on two cores")
    made.add_argument("--quick", action="store_true", help="a minute or two, to see that all works; not fit for use")
    made.add_argument("--check", action="store_true", help="fit nothing; say whether the draws are of this model")
    made.add_argument("--seed", type=_seed, default=1, metavar="N", help="of all that is drawn (default: 1)")
    made.add_argument("--out", metavar="FILE", help="where the draws go (default: where simulate looks)")
    made.add_argument("--threads", type=count, metavar="N", help="of the engine (default: one a processor)")
    made.set_defaults(posterior=None)
    add_model(made)
    add_priors(made)
    add_record(made)


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
        print_json({"file": str(out), "hash": kept.hash, "draws": kept.distinct, **briefly(record)})
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


def _place_of_draws(given: argparse.Namespace) -> Path:
    """Where a fit's draws go: never a variant's, or those of other priors or records, in place of the city's."""
    from innovation.calibration.posterior import DEFAULT

    if not given.out:
        if given.model and not given.quick:
            raise Mistake("The draws of a variant do not take the place of the city's. Say where: --out FILE.")
        out = draws_file(given, given.quick)
        if out == DEFAULT and not given.check:
            only_in_a_checkout()
        return out
    out = Path(given.out)
    spare_the_citys(given, out)
    return out


def _seed(text: str) -> int:
    return whole(text, 0, LARGEST_SEED)

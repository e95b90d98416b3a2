"""What a command is about: the city, the record and the draws that its options name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from . import output
from .endings import Mistake

if TYPE_CHECKING:
    from innovation.analysis.design import Design, Distributions
    from innovation.calibration.posterior import PosteriorDraws
    from innovation.calibration.record import Record
    from innovation.model import City


def city_of(given: argparse.Namespace) -> City:
    """The city, or with --model a variant; with --priors it believes another set of priors."""
    from innovation.model import load_city, load_variant, with_priors

    city = load_variant(given.model) if given.model else load_city()
    name = getattr(given, "priors", None)
    return city if name is None else with_priors(city, name)


def record_asked(given: argparse.Namespace, city: City) -> Record | None:
    """The record of one's own that is asked for with --record; None: the city's."""
    from innovation.calibration.posterior import read_own_record

    return read_own_record(city, Path(given.record)) if given.record else None


def draws_file(given: argparse.Namespace, quick: bool = False) -> Path:
    """The file of draws that is meant: the one named, else that of the priors and the record asked for."""
    from innovation.calibration.posterior import DEFAULT
    from innovation.model import DEFAULT_PRIORS

    if given.posterior:
        return Path(given.posterior)
    others = [given.priors] if given.priors not in (None, DEFAULT_PRIORS) else []
    others += ["quick"] if quick else []
    others += [f"record-{Path(given.record).stem}"] if given.record else []
    return output.LISTS / f"{'-'.join(['posterior', *others])}.parquet" if others else DEFAULT


def draws_of(given: argparse.Namespace, city: City) -> PosteriorDraws:
    """The draws that are meant; a file that is named may be of any record, which its draws then tell."""
    from innovation.calibration.posterior import kept_draws

    path, record = draws_file(given), record_asked(given, city)
    return kept_draws.load(city, path, record=record, of_any=bool(given.posterior))


def spare_the_citys(given: argparse.Namespace, out: Path) -> None:
    """Raises Mistake where draws of a variant, other priors or another record would take the place of the city's."""
    from innovation.calibration.posterior import kept_draws
    from innovation.model import DEFAULT_PRIORS

    others = {"of a variant": given.model, f"of the record {given.record}": given.record}
    others[f"of the priors {given.priors}"] = given.priors not in (None, DEFAULT_PRIORS)
    whose = next((name for name, asked in others.items() if asked), "")
    if whose and output.same(out, kept_draws.DEFAULT):
        raise Mistake(f"--out {given.out} holds the city's own draws. Name another file for those {whose}.")


def distributions(city: City, design: Design, given: argparse.Namespace) -> Distributions:
    """What calibration knows of the constants, as far as the design asks for it."""
    from innovation.analysis.design import Distributions

    asked = {factor.range for factor in design.factors if isinstance(factor.range, str)}
    for option, of in (("--posterior", given.posterior), ("--record", given.record)):
        if of and "posterior" not in asked:
            from innovation.model.files import DocumentError, fault

            raise DocumentError([fault("commands.draws_unused", option, option=option)])
    prior = None
    if "prior" in asked:
        from innovation.calibration.priors import Space

        prior = Space(city)
    if "posterior" not in asked:
        return Distributions(prior)
    draws = draws_of(given, city)
    return Distributions(prior, draws.draws, draws.hash, draws.own_record)

"""`cli.py nominal`: the model file's drawn constants set to the posterior's centre."""

from __future__ import annotations

import argparse

from innovation.commands.endings import Mistake
from innovation.commands.options import Command
from innovation.commands.output import only_in_a_checkout, print_json
from innovation.commands.subject import city_of, draws_file


def add(command: Command) -> None:
    """Add the command and its options."""
    made = command("nominal", nominal, "set the model file's drawn constants to the posterior's centre")
    made.add_argument("--posterior", metavar="FILE", help="draws whose centre is meant (default: those of the city)")
    made.add_argument("--check", action="store_true", help="write nothing; say which constants are elsewhere")
    made.set_defaults(model=None, priors=None, record=None)


def nominal(given: argparse.Namespace) -> None:
    """Set each drawn constant of the model file to the middle of its draws, and name headline figures still off.

    With --check write nothing, and say which constants are not there.
    """
    from innovation.calibration import centre
    from innovation.calibration.posterior import kept_draws
    from innovation.engine.files import reason

    if not given.check:
        only_in_a_checkout()
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
    far, left_out = centre.off_centre(city, draws), centre.left_out(city, draws)
    if given.json:
        named = {name: {"before": now, "centre": value} for name, (now, value) in moved.items()}
        found = {"constants": len(wanted), "moved": named, "off": [vars(one) for one in far]}
        print_json({**found, "left_out": left_out} if left_out else found)
    else:
        lines = [f"{name}: {now:g} -> {value:g}" for name, (now, value) in moved.items()]
        lines += [f"{len(moved)} of {len(wanted)} drawn constants {'are elsewhere' if given.check else 'moved'}."]
        lines += [f"Headline figures further than {centre.NEAR:.0%} from the median of the draws: {len(far)}"]
        print("\n".join([*lines, *map(str, far), *filter(None, [left_out])]))
    if moved and given.check:
        raise Mistake("The nominal run is not the posterior's centre. Run the same without --check.")

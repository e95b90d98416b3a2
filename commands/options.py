"""Options that several commands take, and the kinds of their values."""

from __future__ import annotations

import argparse
from collections.abc import Callable

MOST = 20_000  # members, or threads

# Makes the parser of a command from its name, its function, its help and whether it has --lang.
Command = Callable[..., argparse.ArgumentParser]


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


def count(text: str) -> int:
    """So many members or threads."""
    return whole(text, 1, MOST)


def whole(text: str, least: int, most: int) -> int:
    """A whole number from an option, as argparse wants it refused."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else -1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f'"{text}" is not a whole number from {least} to {most}.')
    return number


def _file(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("No file is named.")
    return text


def _jobs(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 4096):
        raise argparse.ArgumentTypeError(f'"{text}" is not a number of threads from 1 to 4096.')
    return int(text)

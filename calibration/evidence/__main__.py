"""`python -m innovation.calibration.evidence [PART …]`: compute heavy parts of the evidence, and keep their results."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from innovation.calibration.kept_results import COMMAND, read
from innovation.calibration.posterior.kept_draws import DEFAULT
from innovation.engine import Progress
from innovation.model import load_city
from innovation.model.files import DocumentError
from innovation.scenarios.simulation import TooManyFailed

from .basis import Basis
from .loading import load_basis
from .parts import PARTS, compute, marks_of

BETWEEN = 5.0  # seconds between lines that tell how far it is


class Teller:
    """Prints what is being done, not too often."""

    def __init__(self) -> None:
        self._begin, self._last = time.monotonic(), -BETWEEN

    def __call__(self, progress: Progress) -> None:
        """Print a line where the last one is long ago."""
        now = time.monotonic()
        if now - self._last >= BETWEEN:
            self._last = now
            print(f"  {now - self._begin:4.0f} s  {in_words(progress)}", file=sys.stderr, flush=True)


def in_words(progress: Progress) -> str:
    """What begins, of how many; or how much of it is done, where it says how long the rest takes."""
    if progress.seconds_left is not None:
        return f"{progress.step} {progress.done} of {progress.total}, {progress.seconds_left:.0f} s left"
    return f"{progress.step} ({progress.done + 1} of {progress.total})" if progress.total else progress.step


def main(arguments: list[str] | None = None) -> int:
    """Compute the parts named, or all that no longer belong to the model, the record and the draws."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=main.__doc__)
    parser.add_argument("part", nargs="*", help=f"one of {', '.join(PARTS)} (default: those that are stale)")
    parser.add_argument("--posterior", type=Path, default=DEFAULT, metavar="FILE", help="draws to use")
    parser.add_argument("--check", action="store_true", help="compute nothing; say which parts are stale")
    parser.add_argument("--threads", type=int, default=None, metavar="N", help="of the engine (default: all cores)")
    given = parser.parse_args(arguments)
    unknown = [part for part in given.part if part not in PARTS]
    if unknown:
        parser.error(f"There is no part {unknown[0]}. The parts are {', '.join(PARTS)}.")
    try:
        return _done(given)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 2
    except TooManyFailed as error:
        print(error, file=sys.stderr)
        return 3


def _done(given: argparse.Namespace) -> int:
    """Say or compute what was asked for.

    Raises DocumentError where a file that it needs cannot be used, TooManyFailed where too many draws fail.
    """
    basis = load_basis(load_city(), given.posterior, given.threads)
    if given.check:
        stale = [part for part in given.part or PARTS if not _is_current(part, basis)]
        print(f"Stale: {', '.join(stale)}." if stale else "All parts are current.", file=sys.stderr)
        return 1 if stale else 0
    tell = Teller()
    for part in given.part or PARTS:
        if not given.part and _is_current(part, basis):
            print(f"{part}: current", file=sys.stderr)
            continue
        print(f"{part}:", file=sys.stderr, flush=True)
        print(f"Wrote {compute(part, basis, tell)}", file=sys.stderr, flush=True)
    print("Now run `cli.py docs`, which writes docs/calibration.md from them.", file=sys.stderr)
    return 0


def _is_current(part: str, basis: Basis) -> bool:
    kept = read(part)
    return kept is not None and kept.belongs_to(marks_of(part, basis))


if __name__ == "__main__":
    sys.exit(main())
